//! The token request as a value (RFC 6749 §4.4.2).
//!
//! Owns which fields are asked with, and in which order. Never holds a secret, so that it can be shown, compared and
//! quoted. Gives what the transport sends, once a secret joins it, and what `curl` prints.

use url::Url;

use super::client_auth::Terms;
use crate::profile::{BasicEncoding, ClientAuth, Profile};

/// A token request without its credentials: a POST with a form as its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRequest {
    url: Url,
    fields: Vec<(String, String)>,
    auth: ClientAuth,
    encoding: BasicEncoding,
    consumer_key: String,
    terms: Terms,
}

impl TokenRequest {
    /// The request for a profile's token.
    #[must_use]
    pub fn new(profile: &Profile) -> Self {
        Self {
            url: profile.token_url.value.clone(),
            fields: fields(profile),
            auth: profile.client_auth.value,
            encoding: profile.basic_encoding.value,
            consumer_key: profile.consumer_key.value.clone(),
            terms: Terms::of(profile),
        }
    }

    /// A request about a token, at another address: the token itself joins it when it is
    /// sent. The hint is for servers that look for a token in several places (RFC 7009 §2.1, RFC 7662 §2.1).
    pub(super) fn about_a_token(profile: &Profile, url: &Url) -> Self {
        let fields = vec![("token_type_hint".into(), "access_token".into())];
        Self { url: url.clone(), fields, ..Self::new(profile) }
    }

    /// Where it goes.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The form fields, not encoded and without credentials; `grant_type` first.
    #[must_use]
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// How the client proves who it is.
    #[must_use]
    pub fn auth(&self) -> ClientAuth {
        self.auth
    }

    /// How key and secret are written, where they go into the Basic header.
    #[must_use]
    pub fn encoding(&self) -> BasicEncoding {
        self.encoding
    }

    /// The consumer key.
    #[must_use]
    pub fn consumer_key(&self) -> &str {
        &self.consumer_key
    }

    /// What an assertion says, where the method has one.
    pub(super) fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The same request with key and secret written in the other way.
    pub(super) fn in_other_encoding(&self) -> Self {
        Self { encoding: self.encoding.other(), ..self.clone() }
    }
}

fn fields(profile: &Profile) -> Vec<(String, String)> {
    let scope = Some(profile.scopes.join(" ")).filter(|scope| !scope.is_empty()); // §3.3: separated by spaces
    let named = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut fields = vec![named("grant_type", "client_credentials")];
    fields.extend(scope.map(|scope| named("scope", &scope)));
    fields.extend(profile.audience.as_deref().map(|audience| named("audience", audience)));
    fields.extend(profile.resource.iter().map(|resource| named("resource", resource))); // RFC 8707 §2: repeated
    fields.extend(profile.params.iter().map(|(name, value)| named(name, value)));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::tests::profile;

    #[test]
    fn a_plain_profile_asks_with_the_grant_type_alone() {
        let request = TokenRequest::new(&profile("http://127.0.0.1:1/token"));
        assert_eq!(request.fields(), [("grant_type".to_owned(), "client_credentials".to_owned())]);
        assert_eq!((request.url().as_str(), request.consumer_key()), ("http://127.0.0.1:1/token", "key"));
    }

    #[test]
    fn the_fields_stand_in_a_fixed_order() {
        let mut profile = profile("http://127.0.0.1:1/token");
        profile.params = [("orgHandle", "acme"), ("b", "")].map(|(n, v)| (n.to_owned(), v.to_owned())).into();
        profile.resource = vec!["https://a".into(), "https://b".into()];
        profile.audience = Some("api".into());
        profile.scopes = vec!["write".into(), "read".into()];
        let request = TokenRequest::new(&profile);
        let fields: Vec<_> = request.fields().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            fields,
            [
                ("grant_type", "client_credentials"),
                ("scope", "write read"),
                ("audience", "api"),
                ("resource", "https://a"),
                ("resource", "https://b"),
                ("b", ""),
                ("orgHandle", "acme"),
            ]
        );
    }
}
