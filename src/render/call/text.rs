//! A value of a request: what is known of it, what is filled in when the request is run.
//!
//! Owns how such values are put together and asked about. Never says how a target writes them. Gives [`Text`].

use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

/// A value of a request, of one part or of several: `Bearer ` and a variable.
#[derive(Clone, Debug, Default)]
pub struct Text(Vec<Part>);

/// A part of a value.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text that stands for itself.
    Plain(String),
    /// The same, secret.
    Secret(SecretString),
    /// The value that an environment variable has when the request is run.
    Variable(String),
    /// What a program prints when the request is run.
    Output {
        /// The program and its arguments.
        command: Vec<String>,
        /// The variable that stands for it where a target can run no program.
        variable: String,
    },
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

    /// The same with text behind it.
    #[must_use]
    pub(super) fn and(mut self, text: &str) -> Self {
        self.0.push(Part::Plain(text.to_owned()));
        self
    }

    /// The same with another value behind it.
    #[must_use]
    pub(super) fn then(mut self, other: &Self) -> Self {
        self.0.extend_from_slice(&other.0);
        self
    }

    /// The same with each part replaced.
    pub(super) fn map(&self, change: impl FnMut(&Part) -> Part) -> Self {
        Self(self.0.iter().map(change).collect())
    }

    /// What is known of it now.
    pub(super) fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(Part::literal)
    }

    /// All of it, where nothing is filled in when the request is run; a placeholder is written `<name>`.
    pub(super) fn known(&self) -> Option<Zeroizing<String>> {
        if self.is_late() {
            return None;
        }
        let mut whole = Zeroizing::new(String::with_capacity(self.0.iter().map(Part::room).sum()));
        for part in &self.0 {
            match part {
                Part::Placeholder(name) => ["<", name, ">"].iter().for_each(|text| whole.push_str(text)),
                part => whole.push_str(part.literal().unwrap_or_default()),
            }
        }
        Some(whole)
    }

    /// Whether something is filled in when the request is run.
    pub(super) fn is_late(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Variable(_) | Part::Output { .. }))
    }

    /// Whether the reader has something to fill in.
    pub(super) fn has_placeholder(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Placeholder(_)))
    }

    /// The variables that it refers to.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Variable(name) | Part::Output { variable: name, .. } => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether it is known to be nothing but blanks.
    pub(super) fn is_blank(&self) -> bool {
        let known = |part: &Part| matches!(part, Part::Plain(_) | Part::Secret(_));
        self.0.iter().all(known) && self.literals().all(|text| text.trim().is_empty())
    }

    /// Encoded as a form is (application/x-www-form-urlencoded); what is filled in later, and what the reader fills in,
    /// stays as it is.
    #[must_use]
    pub(super) fn form_encoded(&self) -> Self {
        self.map(|part| match part {
            Part::Plain(text) => Part::Plain(byte_serialize(text.as_bytes()).collect()),
            Part::Secret(text) => {
                let encoded: String = byte_serialize(text.expose_secret().as_bytes()).collect();
                Part::Secret(encoded.into())
            }
            other => other.clone(),
        })
    }
}

impl Part {
    /// What is known of it; a placeholder's name without its brackets.
    pub(super) fn literal(&self) -> Option<&str> {
        match self {
            Self::Plain(text) | Self::Placeholder(text) => Some(text),
            Self::Secret(text) => Some(text.expose_secret()),
            Self::Variable(_) | Self::Output { .. } => None,
        }
    }

    fn room(&self) -> usize {
        self.literal().map_or(0, str::len) + 2
    }
}

impl From<Part> for Text {
    fn from(part: Part) -> Self {
        Self(vec![part])
    }
}
