//! Requests as people run them: modelled once, quoted where they are written.
//!
//! Owns the model of a ready-to-run request, and builds it from a profile. Never sends one. Gives text for a target,
//! each in its own file.

mod curl;
mod requests;

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

pub use curl::curl;
pub use requests::{Credential, RequestError, api_call, sends_raw, stray, token_request};

/// A request, ready to be written as a command. Has no `Debug`: an address or a proxy may hold a password.
#[derive(Default)]
pub struct HttpCall {
    /// The method, where it is not the natural one: `POST` with a form, else `GET`.
    pub method: Option<String>,
    /// The address: absolute, and percent-encoded as URLs are.
    pub url: String,
    /// The headers, in order.
    pub headers: Vec<(String, Text)>,
    /// User and password of a Basic header (RFC 7617), which the command itself encodes; without a password, the
    /// command asks for it.
    pub user: Option<(Text, Option<Text>)>,
    /// The fields of a form, names and values as they are, which the command itself encodes.
    pub form: Vec<(String, Text)>,
    /// TLS certificates are not checked.
    pub insecure: bool,
    /// Certificates (PEM) to trust.
    pub ca_file: Option<PathBuf>,
    /// The proxy's address.
    pub proxy: Option<String>,
}

/// A value of a request, of one part or of several: `Bearer ` and a variable.
#[derive(Debug, Default)]
pub struct Text(Vec<Part>);

/// A part of a value.
#[derive(Debug)]
pub enum Part {
    /// Text that stands for itself.
    Plain(String),
    /// The same, secret.
    Secret(SecretString),
    /// The value that an environment variable has when the command runs.
    Variable(String),
    /// What a program prints when the command runs: the program and its arguments.
    Output(Vec<String>),
    /// Something that the reader fills in: `consumer-key`, written `<consumer-key>`.
    Placeholder(String),
}

impl Text {
    /// A value of several parts.
    #[must_use]
    pub fn new(parts: impl IntoIterator<Item = Part>) -> Self {
        Self(parts.into_iter().collect())
    }

    /// A value that stands for itself.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self(vec![Part::Plain(text.into())])
    }

    /// The parts in order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// What is known of it now.
    fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Plain(text) | Part::Placeholder(text) => Some(text.as_str()),
            Part::Secret(text) => Some(text.expose_secret()),
            Part::Variable(_) | Part::Output(_) => None,
        })
    }

    /// The variables that it refers to.
    fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| if let Part::Variable(name) = part { Some(name.as_str()) } else { None })
    }

    /// Whether it is known to be nothing but blanks.
    fn is_blank(&self) -> bool {
        let known = |part: &Part| matches!(part, Part::Plain(_) | Part::Secret(_));
        self.0.iter().all(known) && self.literals().all(|text| text.trim().is_empty())
    }
}

impl From<Part> for Text {
    fn from(part: Part) -> Self {
        Self(vec![part])
    }
}
