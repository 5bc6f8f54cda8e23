//! The answer of a token endpoint (RFC 6749 §5).
//!
//! Owns the reading of answers: tolerant in form, strict in what a token is. Never trusts a length, a type or a text
//! of the server, and never shows the token. Gives a token, or what came in its place.

#[cfg(test)]
mod tests;
mod time;

use serde_json::{Map, Value};
use url::Url;
use zeroize::{Zeroize, Zeroizing};

use super::text::Cleaner;
use crate::token::access::{AccessToken, Moment};

pub(super) use time::{clock, retry_after};
use time::{end, end_of_jwt, lifetime};

/// What a server answered, without the client library's types.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    /// The `Date` header.
    pub(super) date: Option<String>,
    /// The `Retry-After` header.
    pub(super) retry_after: Option<String>,
    /// The `Cache-Control` header.
    pub(super) cache_control: Option<String>,
    /// The `Location` header.
    pub(super) location: Option<String>,
    pub(super) body: Zeroizing<Vec<u8>>,
    /// When the request left.
    pub(super) sent: Moment,
    /// When the answer was there.
    pub(super) received: Moment,
}

/// An answer without a usable token. All texts are cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rejection {
    /// An OAuth error (RFC 6749 §5.2), whatever the status.
    OAuth {
        /// The error code.
        code: String,
        /// What the server says about it.
        description: Option<String>,
    },
    /// Another error status.
    Status {
        /// What the server says, where it says something short.
        text: Option<String>,
    },
    /// A redirect, which is not followed: it would carry the secret to another place.
    Redirect {
        /// The origin that it points to.
        to: Option<String>,
    },
    /// A web page.
    WebPage,
    /// Nothing.
    Empty,
    /// Bytes that are no text.
    NotText,
    /// JSON that ends too early.
    Truncated,
    /// Not JSON, or not a JSON object.
    NotJson,
    /// JSON without `access_token`.
    NoToken,
    /// A token of another type than Bearer.
    TokenType(String),
    /// A token with a character that no token may have (RFC 6749 A.12), or an empty one.
    NotVschar,
}

/// Reads an answer.
pub(super) fn read(answer: &Answer, url: &Url, cleaner: &Cleaner) -> Result<AccessToken, Rejection> {
    let success = (200..300).contains(&answer.status);
    if (300..400).contains(&answer.status) {
        let to = answer.location.as_deref().and_then(|location| url.join(location).ok());
        let to = to.filter(|to| to.origin().is_tuple());
        return Err(Rejection::Redirect { to: to.map(|to| cleaner.clean(&to.origin().ascii_serialization())) });
    }
    let mut fields = match object(answer) {
        Ok(fields) => fields,
        Err(form) if success => return Err(form),
        Err(_) => return Err(Rejection::Status { text: plain_text(answer, cleaner) }),
    };
    let token = if success { token(&mut fields, answer, cleaner) } else { Err(Rejection::NoToken) };
    let result = match token {
        // Some servers report errors with status 200; and an error that comes with a token is no error.
        Err(Rejection::NoToken) => Err(error(&fields, success, cleaner)),
        other => other,
    };
    fields.values_mut().for_each(wipe);
    result
}

/// The JSON object of an answer, whatever its content type.
pub(super) fn object(answer: &Answer) -> Result<Map<String, Value>, Rejection> {
    let text = std::str::from_utf8(&answer.body).map_err(|_| Rejection::NotText)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(Rejection::Empty);
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Err(_) if is_page(answer, text) => Err(Rejection::WebPage),
        Err(error) if error.is_eof() => Err(Rejection::Truncated),
        Ok(_) | Err(_) => Err(Rejection::NotJson),
    }
}

/// What a server says without JSON; web pages are not for a terminal.
fn plain_text(answer: &Answer, cleaner: &Cleaner) -> Option<String> {
    let plain = answer.content_type.as_deref().is_some_and(|name| name.to_ascii_lowercase().starts_with("text/plain"));
    let text = std::str::from_utf8(&answer.body).ok().filter(|_| plain)?;
    Some(cleaner.clean(text)).filter(|text| !text.is_empty())
}

fn is_page(answer: &Answer, text: &str) -> bool {
    let html = |content_type: &str| content_type.to_ascii_lowercase().contains("html");
    text.starts_with('<') || answer.content_type.as_deref().is_some_and(html)
}

fn token(fields: &mut Map<String, Value>, answer: &Answer, cleaner: &Cleaner) -> Result<AccessToken, Rejection> {
    let Some(Value::String(value)) = fields.get_mut("access_token").map(Value::take) else {
        return Err(Rejection::NoToken);
    };
    let value = Zeroizing::new(value);
    if let Some(other) = fields.get("token_type").and_then(other_type) {
        return Err(Rejection::TokenType(cleaner.clean(other)));
    }
    let end = lifetime(fields).map_or_else(|| end_of_jwt(&value, answer), |lifetime| Some(end(lifetime, answer)));
    let scope = fields.get("scope").and_then(Value::as_str).map(|scope| cleaner.clean_whole(scope));
    let token = AccessToken::new(value.to_string(), scope, answer.received).map_err(|_| Rejection::NotVschar)?;
    Ok(match end {
        Some((expires_at, lifetime)) => token.expiring(expires_at, lifetime),
        None => token,
    })
}

/// A token type that is not Bearer. A server that names none means that one; the case does not matter (RFC 6749 §5.1).
fn other_type(value: &Value) -> Option<&str> {
    let name = match value {
        Value::Null => return None,
        Value::String(name) => name.trim(),
        _ => "of an unknown form",
    };
    (!name.is_empty() && !name.eq_ignore_ascii_case("bearer")).then_some(name)
}

fn error(fields: &Map<String, Value>, success: bool, cleaner: &Cleaner) -> Rejection {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    // Beside OAuth's name for it, the one that WSO2's gateway and many others use.
    let description = text("error_description").or(text("description")).or(text("message"));
    let description = description.map(|text| cleaner.clean(text));
    match text("error") {
        Some(code) => Rejection::OAuth { code: cleaner.clean(code), description },
        None if success => Rejection::NoToken,
        None => Rejection::Status { text: description },
    }
}

/// Wipes what else came with the token, such as a refresh token.
fn wipe(value: &mut Value) {
    if let Value::String(text) = value {
        text.zeroize();
    }
}
