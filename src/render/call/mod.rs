//! Requests as people run them: modelled once, quoted where they are written.
//!
//! Owns the model of a ready-to-run request, builds it from a profile and from what was asked, and writes it for a
//! [`Target`]. Never sends one. Gives [`Rendered`] text, and says what of the request a target had to leave out; what
//! would become another request is refused.

mod asked;
mod ballerina;
mod basic;
mod check;
mod code;
mod csharp;
mod curl;
mod go;
mod http_file;
mod httpie;
mod hurl;
mod java;
mod javascript;
mod line;
mod powershell;
mod python;
mod requests;
mod rust;
mod settle;
mod shells;
mod target;
mod text;
mod websocat;
mod wget;
mod windows;
mod wscat;

use std::path::PathBuf;

use zeroize::Zeroizing;

pub use asked::{Asked, AskedError, file_or_text, name_and_value};
pub use requests::{Credential, RequestError, api_call, sends_raw, stray, token_request};
pub use target::Target;
pub use text::{Part, Text};

use super::RenderError;
use super::draft::Draft;
use crate::notice::Notice;

/// A request, ready to be written. Has no `Debug`: an address or a proxy may hold a password.
#[derive(Clone, Default)]
pub struct Request {
    /// The method, where it is not the natural one: `POST` with a body, else `GET`.
    pub method: Option<String>,
    /// The address: absolute, and percent-encoded as URLs are. `ws` or `wss`: a WebSocket is meant.
    pub url: String,
    /// The headers, in order; the body's `Content-Type` is among them, but that of a form.
    pub headers: Vec<(String, Text)>,
    /// User and password of a Basic header (RFC 7617), which the target itself encodes where it can; without a
    /// password, the target asks for it.
    pub user: Option<(Text, Option<Text>)>,
    /// The subprotocols that a WebSocket offers (RFC 6455 §11.3.4).
    pub protocols: Vec<Text>,
    /// What is sent.
    pub body: Body,
    /// TLS certificates are not checked.
    pub insecure: bool,
    /// Certificates (PEM) to trust.
    pub ca_file: Option<PathBuf>,
    /// The proxy's address.
    pub proxy: Option<String>,
    /// Further arguments for curl, as they are.
    pub extra: Vec<String>,
}

/// The body of a request.
#[derive(Clone, Default)]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// The fields of a form (application/x-www-form-urlencoded), names and values as they are before encoding.
    Form(Vec<(String, Text)>),
    /// Text as it is.
    Text(String),
    /// What a file holds when the request is run; a path that is not absolute is relative to where that happens.
    File(String),
    /// The fields of a form with files (multipart/form-data).
    Multipart(Vec<(String, Field)>),
}

/// A field of a form with files.
#[derive(Clone, Debug)]
pub enum Field {
    /// Text.
    Text(String),
    /// What a file holds, under its name.
    File(String),
}

/// How a command line is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Short flags, where there are any.
    pub short: bool,
    /// All on one line.
    pub one_line: bool,
}

/// A request as text, which ends in a line break.
#[derive(Debug)]
pub struct Rendered {
    /// The text; it may hold secrets.
    pub text: Zeroizing<String>,
    /// What of the request is not in it, or may go wrong when it is run.
    pub warnings: Vec<Notice>,
}

/// Writes a request for a target.
///
/// # Errors
/// What the target cannot say, or what no target could carry unharmed.
pub fn render(request: &Request, target: Target, style: Style) -> Result<Rendered, RenderError> {
    check::check(request, target)?;
    let mut warnings = Vec::new();
    let request = settle::settle(request, target, &mut warnings);
    let mut out = Draft::new();
    let write = match target {
        Target::Curl | Target::CurlPowershell | Target::CurlPowershell5 | Target::CurlCmd => curl::write,
        Target::Httpie | Target::Xh => httpie::write,
        Target::Wget => wget::write,
        Target::Powershell => powershell::write,
        Target::HttpFile => http_file::write,
        Target::Hurl => hurl::write,
        Target::Websocat => websocat::write,
        Target::Wscat => wscat::write,
        Target::Ballerina => ballerina::write,
        Target::Javascript => javascript::write,
        Target::Python | Target::PythonHttpx => python::write,
        Target::Go => go::write,
        Target::Java => java::write,
        Target::Rust => rust::write,
        Target::Csharp => csharp::write,
    };
    write(&mut Page { out: &mut out, target, style, warnings: &mut warnings }, &request)?;
    Ok(Rendered { text: out.finish(), warnings })
}

/// What a target writes on.
struct Page<'a> {
    out: &'a mut Draft,
    target: Target,
    style: Style,
    warnings: &'a mut Vec<Notice>,
}

impl Page<'_> {
    /// The request cannot be said.
    fn refuse(&self, problem: &'static str) -> RenderError {
        RenderError::Inexpressible { target: self.target.name(), problem }
    }

    /// Something is not as the request has it, without making another request of it.
    fn warn(&mut self, message: &str, hint: &str) {
        let message = format!("target `{}`: {message}", self.target.name());
        self.warnings.push(Notice::warning_with_hint(message, hint));
    }

    /// The ways of the connection that a program gets from its surroundings.
    fn leave_out_connection(&mut self, request: &Request, hint: &str) {
        let left = [
            ("`insecure`", request.insecure),
            ("`ca_file`", request.ca_file.is_some()),
            ("`proxy`", request.proxy.is_some()),
        ];
        let left: Vec<_> = left.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
        if !left.is_empty() {
            self.warn(&format!("{} is left out", left.join(" and ")), hint);
        }
    }
}

impl Request {
    /// The method that is sent.
    #[must_use]
    pub fn method(&self) -> &str {
        let natural = if matches!(self.body, Body::Empty) { "GET" } else { "POST" };
        self.method.as_deref().unwrap_or(natural)
    }

    /// Whether it opens a WebSocket.
    #[must_use]
    pub fn is_websocket(&self) -> bool {
        self.url.starts_with("ws://") || self.url.starts_with("wss://")
    }

    /// The file with certificates, as text.
    fn ca_file(&self) -> Result<Option<&str>, RenderError> {
        let text = |path: &PathBuf| RenderError::Path { path: path.display().to_string() };
        self.ca_file.as_ref().map(|path| path.to_str().ok_or_else(|| text(path))).transpose()
    }

    /// Every value that may hold a credential.
    fn texts(&self) -> impl Iterator<Item = &Text> {
        let form = if let Body::Form(fields) = &self.body { fields.as_slice() } else { &[] };
        let user = self.user.iter().flat_map(|(user, password)| password.iter().chain([user]));
        self.headers.iter().chain(form).map(|(_, text)| text).chain(user).chain(&self.protocols)
    }
}
