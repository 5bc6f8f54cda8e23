//! The keys of a profile: their names, their kinds, and what they mean. The one list that files, environment
//! variables, `--set`, `show` and the documentation stand on.

use super::connection;
use super::value::{self, BasicEncoding, ClientAuth, Template};

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
        about: "how key and secret are sent: client_secret_basic or client_secret_post",
    },
    Key {
        name: "basic_encoding",
        alias: None,
        kind: Kind::Text(basic_encoding),
        about: "how they are written in a Basic header: form (RFC 6749 section 2.3.1) or raw",
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

/// Control characters cannot be quoted alike in all shells, and no key has a use for them.
///
/// # Errors
/// A phrase that says so.
pub fn printable(text: &str) -> Result<(), String> {
    if text.chars().any(char::is_control) {
        return Err("must not contain control characters".into());
    }
    Ok(())
}

fn filled(text: &str) -> Result<(), String> {
    if text.is_empty() { Err("must not be empty".into()) } else { Ok(()) }
}

fn endpoint(text: &str) -> Result<(), String> {
    value::endpoint(text).map(drop)
}

fn issuer(text: &str) -> Result<(), String> {
    value::Issuer::parse(text).map(drop)
}

fn endpoint_origin(text: &str) -> Result<(), String> {
    value::origin(text).map(drop)
}

fn api_url(text: &str) -> Result<(), String> {
    value::api(text).map(drop)
}

fn proxy(text: &str) -> Result<(), String> {
    value::proxy(text).map(drop)
}

fn profile_name(text: &str) -> Result<(), String> {
    value::ProfileName::parse(text).map(drop)
}

fn template(text: &str) -> Result<(), String> {
    Template::parse(text).map(drop)
}

fn client_auth(text: &str) -> Result<(), String> {
    one_of(text, &ClientAuth::ALL.map(|(name, _)| name))
}

fn basic_encoding(text: &str) -> Result<(), String> {
    one_of(text, &BasicEncoding::ALL.map(|(name, _)| name))
}

fn one_of(text: &str, names: &[&str]) -> Result<(), String> {
    if names.contains(&text) {
        return Ok(());
    }
    let known: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    Err(format!("must be {}", known.join(" or ")))
}

/// RFC 6749 §3.3: `scope-token`.
fn scope(text: &str) -> Result<(), String> {
    let allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    if text.is_empty() {
        return Err("has an empty scope".into());
    }
    if text.bytes().all(allowed) {
        return Ok(());
    }
    Err("has a scope with a character that RFC 6749 section 3.3 does not allow".into())
}

/// RFC 8707 §2: an absolute URI without a fragment.
fn resource(text: &str) -> Result<(), String> {
    match url::Url::parse(text) {
        Ok(url) if url.fragment().is_none() => Ok(()),
        _ => Err("must be absolute URIs without a fragment (RFC 8707 section 2)".into()),
    }
}

fn param_name(name: &str) -> Result<(), String> {
    const OWN: [&str; 6] = ["grant_type", "client_id", "client_secret", "scope", "audience", "resource"];
    if OWN.contains(&name) {
        return Err("is sent by the tool itself, from keys of its own".into());
    }
    filled(name)
}

/// RFC 9110 §5.6.2: `token`.
fn header_name(name: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(allowed) {
        return Err("is no header name".into());
    }
    if ["authorization", "choreo-api-key"].contains(&name.to_ascii_lowercase().as_str()) {
        return Err("is sent by the tool itself".into());
    }
    Ok(())
}

fn variable_name(name: &str) -> Result<(), String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(word) {
        return Err("is no variable name: letters, digits and `_`, not beginning with a digit".into());
    }
    if crate::environ::EXPORTED_NAMES.contains(&name) {
        return Err("is exported by the tool itself".into());
    }
    // It would beat the files at the next call, whichever profile that is for.
    if name.starts_with(crate::environ::KEY_PREFIX) {
        return Err("steers the tool itself: a name must not begin with CHOREO_ENV_".into());
    }
    Ok(())
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
