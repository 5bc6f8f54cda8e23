//! What a text of each key must look like.
//!
//! Owns one check for each form. Never repeats the text, which may be a secret that was put into the wrong place. Gives a
//! phrase that follows the key's name.

use crate::config::value::{self, BasicEncoding, ClientAuth, SigningAlgorithm, Template};

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

pub(super) fn filled(text: &str) -> Result<(), String> {
    if text.is_empty() { Err("must not be empty".into()) } else { Ok(()) }
}

pub(super) fn endpoint(text: &str) -> Result<(), String> {
    value::endpoint(text).map(drop)
}

pub(super) fn issuer(text: &str) -> Result<(), String> {
    value::Issuer::parse(text).map(drop)
}

pub(super) fn endpoint_origin(text: &str) -> Result<(), String> {
    value::origin(text).map(drop)
}

pub(super) fn api_url(text: &str) -> Result<(), String> {
    value::api(text).map(drop)
}

pub(super) fn proxy(text: &str) -> Result<(), String> {
    value::proxy(text).map(drop)
}

pub(super) fn profile_name(text: &str) -> Result<(), String> {
    value::ProfileName::parse(text).map(drop)
}

pub(super) fn template(text: &str) -> Result<(), String> {
    Template::parse(text).map(drop)
}

pub(super) fn client_auth(text: &str) -> Result<(), String> {
    one_of(text, &ClientAuth::ALL.map(|(name, _)| name))
}

pub(super) fn basic_encoding(text: &str) -> Result<(), String> {
    one_of(text, &BasicEncoding::ALL.map(|(name, _)| name))
}

pub(super) fn signing_algorithm(text: &str) -> Result<(), String> {
    one_of(text, &SigningAlgorithm::ALL.map(|(name, _)| name))
}

fn one_of(text: &str, names: &[&str]) -> Result<(), String> {
    if names.contains(&text) {
        return Ok(());
    }
    let known: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    Err(match known.split_last() {
        Some((last, others)) if others.len() > 1 => format!("must be {} or {last}", others.join(", ")),
        _ => format!("must be {}", known.join(" or ")),
    })
}

/// RFC 6749 §3.3: `scope-token`.
pub(super) fn scope(text: &str) -> Result<(), String> {
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
pub(super) fn resource(text: &str) -> Result<(), String> {
    match url::Url::parse(text) {
        Ok(url) if url.fragment().is_none() => Ok(()),
        _ => Err("must be absolute URIs without a fragment (RFC 8707 section 2)".into()),
    }
}

pub(super) fn param_name(name: &str) -> Result<(), String> {
    const OWN: [&str; 8] = [
        "grant_type",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "scope",
        "audience",
        "resource",
    ];
    if OWN.contains(&name) {
        return Err("is sent by the tool itself, from keys of its own".into());
    }
    filled(name)
}

/// RFC 9110 §5.6.2: `token`.
pub(super) fn header_name(name: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(allowed) {
        return Err("is no header name".into());
    }
    if ["authorization", "choreo-api-key"].contains(&name.to_ascii_lowercase().as_str()) {
        return Err("is sent by the tool itself".into());
    }
    Ok(())
}

pub(super) fn variable_name(name: &str) -> Result<(), String> {
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
