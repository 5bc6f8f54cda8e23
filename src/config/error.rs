//! What is wrong with the configuration: every mistake at once, each with its place, never with the text of a file,
//! which may hold a secret.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::{Origin, Place};
use crate::environ;

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that `CHOREO_ENV_CONFIG` names, or one that exists, cannot be read.
    #[error("cannot read the configuration `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There are mistakes in files, in variables or on the command line.
    #[error("{}", list(.0))]
    Mistakes(Vec<Mistake>),
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where it is.
    pub at: At,
    /// What it is.
    pub message: String,
    /// What can be done about it.
    pub hint: Option<String>,
}

/// Where a mistake is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// In the grammar of a file: the place comes first, as compilers print it.
    Syntax(Place),
    /// In a value: the place comes last, as the value's origin.
    Value(Origin),
}

impl Mistake {
    /// A mistake in a value.
    pub fn new(origin: Origin, message: impl Into<String>) -> Self {
        Self { at: At::Value(origin), message: message.into(), hint: None }
    }

    /// Adds what can be done about it.
    #[must_use]
    pub fn hint(self, hint: impl Into<Option<String>>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            At::Syntax(place) => write!(f, "{place}: {}", self.message),
            At::Value(Origin::System(place) | Origin::User(place)) => write!(f, "{} ({place})", self.message),
            At::Value(origin) => write!(f, "{} ({origin})", self.message),
        }
    }
}

impl ConfigError {
    /// What to do next, where it is not told with each mistake.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some(format!("{} names it", environ::CONFIG))
            }
            Self::Unreadable { .. } => {
                Some("it has to be a text file in UTF-8 that you can read, 1 MiB at most".into())
            }
            Self::Mistakes(_) => None,
        }
    }
}

fn list(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n")
}
