//! websocat.
//!
//! Owns its flags. Never writes anything but a WebSocket. Gives a command that talks over standard input and output.

use super::line::Line;
use super::{Page, Request, Text, shells};
use crate::render::RenderError;

/// Writes a request as a command of websocat.
#[allow(clippy::unnecessary_wraps, reason = "every target is written by a function of this shape")]
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    let mut line = Line::new("websocat", page.style);
    line.word(request.url.as_str());
    if request.insecure {
        line.group(if page.style.short { "-k" } else { "--insecure" });
    }
    if let Some(protocols) = offered(&request.protocols) {
        line.guarded("--protocol", "", &protocols);
    }
    for (name, value) in &request.headers {
        line.guarded("--header", "-H", &Text::plain(name).and(": ").then(value));
    }
    let page_request = Request { insecure: false, ..request.clone() };
    page.leave_out_connection(&page_request, "websocat has `SSL_CERT_FILE` for certificates, and no proxy but SOCKS");
    shells::write(page.out, &line);
    Ok(())
}

/// The subprotocols as one header has them (RFC 6455 §4.1).
fn offered(protocols: &[Text]) -> Option<Text> {
    let (first, rest) = protocols.split_first()?;
    Some(rest.iter().fold(first.clone(), |all, next| all.and(", ").then(next)))
}
