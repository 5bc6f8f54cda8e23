//! wscat.
//!
//! Owns its flags. Never writes anything but a WebSocket. Gives a command that talks over the terminal.

use super::line::Line;
use super::{Page, Request, Text, shells};
use crate::render::RenderError;

/// Writes a request as a command of wscat.
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    let mut line = Line::new("wscat", page.style);
    line.flag("--connect", "-c");
    line.word(request.url.as_str());
    if request.insecure {
        line.group(if page.style.short { "-n" } else { "--no-check" });
    }
    if let Some(path) = request.ca_file()? {
        line.guarded("--ca", "", &path.into());
    }
    if let Some(proxy) = &request.proxy {
        line.guarded("--proxy", "", &proxy.as_str().into());
    }
    for protocol in &request.protocols {
        line.guarded("--subprotocol", "-s", protocol);
    }
    for (name, value) in &request.headers {
        line.guarded("--header", "-H", &Text::plain(name).and(": ").then(value));
    }
    shells::write(page.out, &line);
    Ok(())
}
