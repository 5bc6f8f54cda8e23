//! What no target could carry unharmed, refused before one writes.
//!
//! Owns the rules of HTTP, of variables' names and of terminals that hold for every target. Never names a value, which
//! may be secret. Gives the first thing that is wrong.

use super::{Body, Field, Request, Target, Text};
use crate::render::RenderError;
use crate::render::vars::is_name;

/// Refuses what would change the meaning of the request or of what is written.
pub(super) fn check(request: &Request, target: Target) -> Result<(), RenderError> {
    fits(request, target)?;
    plain(&request.url, "the address")?;
    method(request.method())?;
    plain(request.proxy.as_deref().unwrap_or_default(), "the proxy")?;
    plain(&request.ca_file.as_deref().unwrap_or("".as_ref()).to_string_lossy(), "`ca_file`")?;
    // A configuration may name any variable of the environment; written bare, such a name would be code.
    if let Some(name) = request.texts().flat_map(Text::variables).find(|name| !is_name(name)) {
        return Err(RenderError::Name { name: name.to_owned() });
    }
    credentials(request)?;
    for (name, value) in &request.headers {
        if !is_token(name) {
            return Err(RenderError::HeaderName { name: name.clone() });
        }
        value.literals().try_for_each(|text| plain(text, &format!("header `{name}`")))?;
    }
    request.protocols.iter().flat_map(Text::literals).try_for_each(|text| plain(text, "the subprotocol"))?;
    request.extra.iter().try_for_each(|word| lines(word, "what follows `--`"))?;
    body(&request.body)
}

/// Whether the target is for such requests at all.
fn fits(request: &Request, target: Target) -> Result<(), RenderError> {
    let refuse = |problem| Err(RenderError::Inexpressible { target: target.name(), problem });
    match (request.is_websocket(), target.is_websocket()) {
        (true, false) => return refuse("a WebSocket"),
        (false, true) => return refuse("anything but a WebSocket (`ws://` or `wss://`)"),
        _ => {}
    }
    if request.is_websocket() && (request.method() != "GET" || request.user.is_some()) {
        return refuse("a method, a body or a user: a WebSocket has none");
    }
    if !request.extra.is_empty() && !target.is_curl() {
        return refuse("what follows `--`, which is for curl");
    }
    Ok(())
}

/// RFC 9110 §9.1: a method is a token; in capitals, because not every target would leave it in small letters.
fn method(name: &str) -> Result<(), RenderError> {
    if is_token(name) && !name.contains(|c: char| c.is_ascii_lowercase()) {
        return Ok(());
    }
    Err(RenderError::Method { name: name.to_owned() })
}

fn credentials(request: &Request) -> Result<(), RenderError> {
    let Some((user, password)) = &request.user else { return Ok(()) };
    let mut known = user.literals().chain(password.iter().flat_map(Text::literals));
    known.try_for_each(|text| plain(text, "the credentials"))?;
    if user.literals().any(|text| text.contains(':')) {
        return Err(RenderError::ColonInUser);
    }
    Ok(())
}

fn body(body: &Body) -> Result<(), RenderError> {
    match body {
        Body::Empty => Ok(()),
        Body::Form(fields) => fields.iter().try_for_each(|(name, value)| {
            value.literals().try_for_each(|text| plain(text, &format!("form field `{}`", name.escape_debug())))
        }),
        Body::Text(text) => lines(text, "the body"),
        Body::File(path) => plain(path, "the body's path"),
        Body::Multipart(fields) => fields.iter().try_for_each(|(name, field)| {
            let what = format!("form field `{}`", name.escape_debug());
            plain(name, &what)?;
            match field {
                Field::Text(text) => lines(text, &what),
                Field::File(path) => plain(path, &what),
            }
        }),
    }
}

fn plain(text: &str, what: &str) -> Result<(), RenderError> {
    without(text, what, |c| c.is_ascii_control())
}

/// Line feeds and tabs can be part of a body. A carriage return cannot: a terminal takes it for the end of the command.
fn lines(text: &str, what: &str) -> Result<(), RenderError> {
    without(text, what, |c| c.is_ascii_control() && !matches!(c, '\n' | '\t'))
}

fn without(text: &str, what: &str, wrong: impl Fn(char) -> bool) -> Result<(), RenderError> {
    if text.contains(wrong) {
        return Err(RenderError::ControlCharacter { what: what.to_owned() });
    }
    Ok(())
}

/// A token (RFC 9110 §5.6.2).
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}
