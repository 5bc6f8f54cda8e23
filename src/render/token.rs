//! The token on its own: bare, as a header line, as JSON.

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::draft::Draft;
use super::vars::json::Object;
use crate::config::ProfileName;
use crate::token::{AccessToken, Moment};

/// The token and a line break.
#[must_use]
pub fn bare(token: &AccessToken) -> Zeroizing<String> {
    line(&[token.value().expose_secret()])
}

/// The header that sends it (RFC 6750 §2.1).
#[must_use]
pub fn header(token: &AccessToken) -> Zeroizing<String> {
    line(&["Authorization: Bearer ", token.value().expose_secret()])
}

/// The token, when it expires (Unix seconds, and seconds from now), and its scopes; what is not known is null.
#[must_use]
pub fn json(profile: &ProfileName, token: &AccessToken) -> Zeroizing<String> {
    let mut object = Object::new();
    object.text("profile", profile.as_str());
    object.text("access_token", token.value().expose_secret());
    object.text("token_type", "Bearer");
    object.number("expires_at", token.expires_at());
    let left = token.left(Moment::now()).unwrap_or_default().as_secs();
    object.number("expires_in", token.expires_at().map(|_| left));
    match token.scope() {
        Some(scope) => object.text("scope", scope),
        None => object.null("scope"),
    }
    object.line()
}

fn line(texts: &[&str]) -> Zeroizing<String> {
    let mut draft = Draft::new();
    draft.push_all(texts);
    draft.push_char('\n');
    draft.finish()
}
