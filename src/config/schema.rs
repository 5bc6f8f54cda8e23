//! The keys of a profile: their names, their kinds, and what they mean. The one list that files, environment
//! variables, `--set`, `show` and the documentation stand on.

mod check;

use super::connection;

pub use check::printable;
use check::{
    api_url, basic_encoding, client_auth, endpoint, endpoint_origin, filled, header_name, issuer, param_name,
    profile_name, proxy, resource, scope, signing_algorithm, template, variable_name,
};

/// A key of a profile.
#[derive(Debug)]
pub struct Key {
    /// Its name in files; `CHOREO_ENV_` and the name in capitals is its environment variable.
    pub name: &'static str,
    /// The name that OAuth has for it, accepted as well.
    pub alias: Option<&'static str>,
    /// What its value looks like.
    pub kind: Kind,
    /// What it means, for people.
    pub about: &'static str,
}

/// What a value looks like, and how one piece of text of it is checked.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One text.
    Text(Check),
    /// A path; a relative one starts at the folder of the file that it stands in, and `~/` at the home folder.
    Path,
    /// Several texts; one text with blanks is taken as several words.
    Words(Check),
    /// A yes or a no.
    Flag,
    /// A time: seconds, or text like `90s` and `5m`.
    Span,
    /// A table of texts; the first check is for names.
    Table(Check, Check),
    /// A reference to a secret.
    Secret,
}

/// Checks a text, and says what is wrong with it in a phrase that follows the key's name. Never repeats the text.
pub type Check = fn(&str) -> Result<(), String>;

/// Every key, in the order in which `show` prints them.
pub const KEYS: &[Key] = &[
    Key {
        name: "extends",
        alias: None,
        kind: Kind::Text(profile_name),
        about: "a profile whose values this one starts from",
    },
    Key {
        name: "connection",
        alias: None,
        kind: Kind::Text(connection::check),
        about: "a Choreo connection, such as PETSTORE: addresses, keys and secret come from CHOREO_PETSTORE_*",
    },
    Key {
        name: "token_url",
        alias: None,
        kind: Kind::Text(endpoint),
        about: "the token endpoint: https, or http to this machine",
    },
    Key {
        name: "issuer",
        alias: None,
        kind: Kind::Text(issuer),
        about: "the authorization server, in place of token_url: what it says about itself names the endpoints (RFC 8414)",
    },
    Key {
        name: "endpoint_origins",
        alias: None,
        kind: Kind::Words(endpoint_origin),
        about: "further origins, such as https://login.example, at which endpoints may be that key and secret go to",
    },
    Key {
        name: "revoke_url",
        alias: None,
        kind: Kind::Text(endpoint),
        about: "the revocation endpoint (RFC 7009), where no issuer names it",
    },
    Key {
        name: "introspect_url",
        alias: None,
        kind: Kind::Text(endpoint),
        about: "the introspection endpoint (RFC 7662), where no issuer names it",
    },
    Key {
        name: "jwks_url",
        alias: None,
        kind: Kind::Text(endpoint),
        about: "the keys that tokens are signed with (RFC 7517), where no issuer names them",
    },
    Key {
        name: "consumer_key",
        alias: Some("client_id"),
        kind: Kind::Text(filled),
        about: "the application's consumer key, which OAuth calls client_id",
    },
    Key {
        name: "consumer_secret",
        alias: Some("client_secret"),
        kind: Kind::Secret,
        about: "where the consumer secret is, which OAuth calls client_secret",
    },
    Key {
        name: "consumer_secret_next",
        alias: None,
        kind: Kind::Secret,
        about: "where a second one is, tried once where the server refuses the first: for a rotation that overlaps",
    },
    Key {
        name: "client_auth",
        alias: None,
        kind: Kind::Text(client_auth),
        about: "how the application proves who it is: client_secret_basic, client_secret_post, client_secret_jwt, \
                private_key_jwt, tls_client_auth, self_signed_tls_client_auth or none",
    },
    Key {
        name: "basic_encoding",
        alias: None,
        kind: Kind::Text(basic_encoding),
        about: "how key and secret are written in a Basic header: form (RFC 6749 section 2.3.1) or raw",
    },
    Key {
        name: "private_key",
        alias: None,
        kind: Kind::Secret,
        about: "where the private key (PEM or JWK) is, for private_key_jwt, or for the client certificate",
    },
    Key {
        name: "private_key_passphrase",
        alias: None,
        kind: Kind::Secret,
        about: "where the passphrase of an encrypted private key, or of a PKCS#12 file, is",
    },
    Key {
        name: "key_id",
        alias: None,
        kind: Kind::Text(filled),
        about: "the name that the server has for the private key (kid)",
    },
    Key {
        name: "signing_algorithm",
        alias: None,
        kind: Kind::Text(signing_algorithm),
        about: "how assertions are signed: RS256, PS256, ES256, EdDSA, or for client_secret_jwt HS256, HS384, HS512; \
                default: as the key is",
    },
    Key {
        name: "assertion_audience",
        alias: None,
        kind: Kind::Text(filled),
        about: "whom assertions are for, such as the issuer; default: the token endpoint",
    },
    Key {
        name: "client_certificate",
        alias: None,
        kind: Kind::Path,
        about: "the client's certificate: a PEM or PKCS#12 file, with the private key or without; private_key_jwt names \
                its thumbprint",
    },
    Key { name: "scopes", alias: None, kind: Kind::Words(scope), about: "the scopes to ask for" },
    Key {
        name: "device_scope",
        alias: None,
        kind: Kind::Flag,
        about: "ask for a scope of this machine's own, too, which WSO2's servers give a token of its own for",
    },
    Key { name: "audience", alias: None, kind: Kind::Text(filled), about: "the audience to ask for" },
    Key {
        name: "resource",
        alias: None,
        kind: Kind::Words(resource),
        about: "the resources that the token is for (RFC 8707)",
    },
    Key {
        name: "params",
        alias: None,
        kind: Kind::Table(param_name, printable),
        about: "further form fields of the token request, such as orgHandle",
    },
    Key { name: "api_url", alias: None, kind: Kind::Text(api_url), about: "the address of the API" },
    Key {
        name: "api_key",
        alias: None,
        kind: Kind::Secret,
        about: "where the API key is, which is sent as the header Choreo-API-Key",
    },
    Key {
        name: "headers",
        alias: None,
        kind: Kind::Table(header_name, printable),
        about: "further headers of API calls",
    },
    Key {
        name: "vars",
        alias: None,
        kind: Kind::Table(variable_name, template),
        about: "further variables to export: text with {token}, {expires_at}, {api_url}, {api_key}, {profile}",
    },
    Key { name: "ca_file", alias: None, kind: Kind::Path, about: "certificates (PEM) to trust beside the system's" },
    Key { name: "insecure", alias: None, kind: Kind::Flag, about: "do not check TLS certificates; warns each time" },
    Key {
        name: "proxy",
        alias: None,
        kind: Kind::Text(proxy),
        about: "the proxy for the token request, in place of the environment's",
    },
    Key { name: "timeout", alias: None, kind: Kind::Span, about: "the time for a token request, retries included" },
    Key {
        name: "min_ttl",
        alias: None,
        kind: Kind::Span,
        about: "the life that a cached token must have left; default: a tenth of its lifetime, 10 to 60 s",
    },
    Key {
        name: "protected",
        alias: None,
        kind: Kind::Flag,
        about: "ask on the terminal before a token is shown or exported; elsewhere `--yes` or CHOREO_ENV_ALLOW is needed",
    },
];

/// The keys that send no secret anywhere, run nothing, and lower no guard. `choreo-env trust` shows all others, and a
/// checkout must not turn them against a secret of the user's own: a new key is not harmless unless it is named here.
pub const HARMLESS: &[&str] = &[
    "consumer_key",
    "client_auth",
    "basic_encoding",
    "key_id",
    "signing_algorithm",
    "scopes",
    "device_scope",
    "audience",
    "resource",
    "params",
    "timeout",
    "min_ttl",
];

/// Layer 1: the built-in defaults.
pub const DEFAULTS: &[(&str, &str)] = &[
    ("token_url", "https://sts.choreo.dev/oauth2/token"),
    ("client_auth", "client_secret_basic"),
    ("basic_encoding", "form"),
    ("timeout", "10s"),
];

/// The key of that name or alias.
#[must_use]
pub fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name || key.alias == Some(name))
}

/// The names by which keys are known.
pub fn names() -> impl Iterator<Item = &'static str> {
    KEYS.iter().flat_map(|key| std::iter::once(key.name).chain(key.alias))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::span;

    #[test]
    fn every_key_has_one_name_and_a_meaning() {
        let all: Vec<_> = names().collect();
        assert_eq!(all.len(), all.iter().collect::<HashSet<_>>().len(), "a name is used twice");
        assert!(KEYS.iter().all(|key| !key.about.is_empty() && !key.about.ends_with('.')));
    }

    #[test]
    fn built_in_defaults_pass_their_own_checks() {
        for (name, value) in DEFAULTS {
            match key(name).expect("known").kind {
                Kind::Text(check) => check(value).expect(name),
                Kind::Span => drop(span::parse(value).expect(name)),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}
