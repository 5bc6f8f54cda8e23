//! The document of an authorization server (RFC 8414 §2).
//!
//! Owns which of its parts are read, and what they must be. Never takes one that is about another issuer, and never
//! repeats a text of the server that was not cleaned. What it does not understand of the optional parts is not there.

use serde_json::{Map, Value};
use url::Url;

use super::super::fetch::Cleaner;
use crate::config::parse_endpoint;
use crate::profile::ClientAuth;

/// What is used of a document; addresses are those that a secret may go to (https, or this machine), though perhaps at
/// a place that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) issuer: String,
    pub(super) token_endpoint: Url,
    pub(super) revocation_endpoint: Option<Url>,
    pub(super) introspection_endpoint: Option<Url>,
    /// The ones for clients that prove themselves by a certificate (RFC 8705 §5).
    pub(super) aliases: Aliases,
    pub(super) jwks_uri: Option<Url>,
    /// `token_endpoint_auth_methods_supported`.
    pub(super) methods: Option<Vec<String>>,
}

/// The endpoints that a certificate is shown at, where they are others: `mtls_endpoint_aliases`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Aliases {
    token: Option<Url>,
    revocation: Option<Url>,
    introspection: Option<Url>,
}

/// What is wrong with a document. All texts are cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It names no issuer.
    NoIssuer,
    /// It is about another one.
    OtherIssuer(String),
    /// It names no token endpoint.
    NoTokenEndpoint,
    /// Its token endpoint is no address that a secret may go to, and why.
    TokenEndpoint(String),
}

impl Metadata {
    /// Reads a document that has to be about that issuer (RFC 8414 §3.3: identical, so as it was written).
    pub(super) fn read(fields: &Map<String, Value>, issuer: &str) -> Result<Self, Flaw> {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        match text("issuer") {
            None => return Err(Flaw::NoIssuer),
            Some(other) if other != issuer => return Err(Flaw::OtherIssuer(Cleaner::default().clean(other))),
            Some(_) => {}
        }
        let token_endpoint = parse_endpoint(text("token_endpoint").ok_or(Flaw::NoTokenEndpoint)?);
        let url = |name: &str| text(name).and_then(|text| parse_endpoint(text).ok());
        let alias = |name: &str| {
            let text = fields.get("mtls_endpoint_aliases").and_then(|aliases| aliases.get(name)?.as_str());
            text.and_then(|text| parse_endpoint(text).ok())
        };
        Ok(Self {
            issuer: issuer.to_owned(),
            token_endpoint: token_endpoint.map_err(Flaw::TokenEndpoint)?,
            revocation_endpoint: url("revocation_endpoint"),
            introspection_endpoint: url("introspection_endpoint"),
            aliases: Aliases {
                token: alias("token_endpoint"),
                revocation: alias("revocation_endpoint"),
                introspection: alias("introspection_endpoint"),
            },
            jwks_uri: url("jwks_uri"),
            methods: fields.get("token_endpoint_auth_methods_supported").and_then(names),
        })
    }

    /// The same as a document, for the cache.
    pub(super) fn written(&self) -> Value {
        let aliases = &self.aliases;
        serde_json::json!({
            "issuer": self.issuer,
            "token_endpoint": self.token_endpoint.as_str(),
            "revocation_endpoint": self.revocation_endpoint.as_ref().map(Url::as_str),
            "introspection_endpoint": self.introspection_endpoint.as_ref().map(Url::as_str),
            "mtls_endpoint_aliases": {
                "token_endpoint": aliases.token.as_ref().map(Url::as_str),
                "revocation_endpoint": aliases.revocation.as_ref().map(Url::as_str),
                "introspection_endpoint": aliases.introspection.as_ref().map(Url::as_str),
            },
            "jwks_uri": self.jwks_uri.as_ref().map(Url::as_str),
            "token_endpoint_auth_methods_supported": self.methods,
        })
    }

    /// The same with the endpoints for a way of client authentication: with a certificate they may be other ones (RFC
    /// 8705 §5).
    pub(super) fn endpoints_for(self, auth: ClientAuth) -> Self {
        if !auth.is_tls() {
            return self;
        }
        let Aliases { token, revocation, introspection } = self.aliases;
        Self {
            token_endpoint: token.unwrap_or(self.token_endpoint),
            revocation_endpoint: revocation.or(self.revocation_endpoint),
            introspection_endpoint: introspection.or(self.introspection_endpoint),
            aliases: Aliases::default(),
            ..self
        }
    }
}

/// The names of a list, as far as they can be one of the registered ones.
fn names(list: &Value) -> Option<Vec<String>> {
    let word = |text: &&str| text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_graphic());
    let names = list.as_array()?.iter().filter_map(Value::as_str).filter(word).map(str::to_owned);
    Some(names.take(32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const ISSUER: &str = "https://idp.example/t/acme";

    fn read(document: &Value) -> Result<Metadata, Flaw> {
        Metadata::read(document.as_object().expect("an object"), ISSUER)
    }

    fn full() -> Value {
        json!({
            "issuer": ISSUER,
            "token_endpoint": "https://idp.example/token",
            "mtls_endpoint_aliases": {
                "token_endpoint": "https://mtls.idp.example/token",
                "revocation_endpoint": "https://mtls.idp.example/revoke",
            },
            "revocation_endpoint": "https://idp.example/revoke",
            "introspection_endpoint": "https://idp.example/introspect",
            "jwks_uri": "https://keys.example/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
        })
    }

    #[test]
    fn a_document_is_read_and_comes_back_from_the_cache_as_it_was() {
        let metadata = read(&full()).expect("a document");
        assert_eq!(metadata.token_endpoint.as_str(), "https://idp.example/token");
        assert_eq!(metadata.jwks_uri.as_ref().map(Url::as_str), Some("https://keys.example/jwks"));
        assert_eq!(metadata.methods.as_ref().map(Vec::len), Some(2));
        assert_eq!(read(&metadata.written()), Ok(metadata));
    }

    #[test]
    fn a_certificate_is_shown_at_the_endpoints_that_are_named_for_it() {
        let of = |auth| {
            let Metadata { token_endpoint, revocation_endpoint, introspection_endpoint, .. } =
                read(&full()).expect("a document").endpoints_for(auth);
            [Some(token_endpoint), revocation_endpoint, introspection_endpoint].map(|url| url.map(String::from))
        };
        let own = ["https://idp.example/token", "https://idp.example/revoke", "https://idp.example/introspect"];
        assert_eq!(of(ClientAuth::PrivateKeyJwt), own.map(|url| Some(url.to_owned())));
        let shown =
            ["https://mtls.idp.example/token", "https://mtls.idp.example/revoke", "https://idp.example/introspect"];
        for auth in [ClientAuth::Tls, ClientAuth::SelfSignedTls] {
            assert_eq!(of(auth), shown.map(|url| Some(url.to_owned())));
        }
    }

    #[test]
    fn a_document_is_about_the_issuer_that_was_asked_to_the_last_character() {
        for other in ["https://idp.example/t/acme/", "https://idp.example/t/ACME", "https://evil.example", ""] {
            let mut document = full();
            document["issuer"] = json!(other);
            assert_eq!(read(&document), Err(Flaw::OtherIssuer(other.into())), "{other}");
        }
        let mut document = full();
        document["issuer"] = json!("https://evil\u{1b}[2J.example");
        assert_eq!(read(&document), Err(Flaw::OtherIssuer("https://evil[2J.example".into())));
        for none in [json!(null), json!(5), json!([ISSUER])] {
            document["issuer"] = none;
            assert_eq!(read(&document), Err(Flaw::NoIssuer));
        }
    }

    #[test]
    fn a_token_endpoint_has_to_be_an_address_that_a_secret_may_go_to() {
        let mut document = full();
        for bad in ["http://idp.example/token", "ftp://idp.example", "//idp.example", "https://u:p@idp.example/t", ""] {
            document["token_endpoint"] = json!(bad);
            assert!(matches!(read(&document), Err(Flaw::TokenEndpoint(_))), "{bad}");
        }
        document["token_endpoint"] = json!({});
        assert_eq!(read(&document), Err(Flaw::NoTokenEndpoint));
    }

    #[test]
    fn optional_parts_of_the_wrong_kind_are_not_there() {
        let mut document = full();
        for name in ["revocation_endpoint", "introspection_endpoint", "jwks_uri", "mtls_endpoint_aliases"] {
            document[name] = json!(["http://far.example"]);
        }
        document["token_endpoint_auth_methods_supported"] = json!(["client_secret_post", 5, "a b", "x".repeat(99)]);
        let metadata = read(&document).expect("a document");
        assert_eq!(
            (&metadata.revocation_endpoint, &metadata.jwks_uri, &metadata.aliases),
            (&None, &None, &Aliases::default())
        );
        assert_eq!(metadata.methods, Some(vec!["client_secret_post".to_owned()]));
    }

    proptest! {
        #[test]
        fn no_document_breaks_it(text in r#"\{("(issuer|token_endpoint|jwks_uri|mtls_endpoint_aliases)":("https://idp.example/t/acme"|"[ -~]{0,20}"|null|\[\]|\{\}|1),){0,4}"x":0\}"#) {
            if let Ok(Value::Object(fields)) = serde_json::from_str(&text) {
                _ = Metadata::read(&fields, ISSUER);
            }
        }
    }
}
