//! What is wrong with the configuration: every mistake at once, each with its place, never with the text of a file,
//! which may hold a secret.

use std::fmt;
use std::path::PathBuf;

use super::{Origin, Place, ProfileName};

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that `CHOREO_ENV_CONFIG` names, or one that exists, cannot be read.
    #[error("cannot read the configuration `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The user's file was not changed.
    #[error("cannot write the configuration `{}`", path.display())]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The system has no place for the user's configuration.
    #[error("there is no folder for the configuration: neither `HOME` nor `CHOREO_ENV_CONFIG` is set")]
    NoPlace,
    /// A new profile has the name of another one.
    #[error("there is a profile `{name}` already ({})", places.join(", "))]
    Exists {
        /// The name.
        name: ProfileName,
        /// The files that describe it.
        places: Vec<String>,
    },
    /// Other profiles start from one that is to be removed.
    #[error("profile `{name}` cannot be removed: {} from it", extended(by))]
    Extended {
        /// The name.
        name: ProfileName,
        /// Those that extend it.
        by: Vec<String>,
    },
    /// A profile that is to be removed is not in the user's own file.
    #[error("profile `{name}` is not in your own configuration, but in {}", places.join(", "))]
    Elsewhere {
        /// The name.
        name: ProfileName,
        /// The files that describe it.
        places: Vec<String>,
    },
    /// A value that is to be written is not fit for its key.
    #[error("`{key}` {wrong}")]
    Setting {
        /// The key.
        key: &'static str,
        /// What is wrong with the value.
        wrong: String,
    },
    /// There are mistakes in files, in variables or on the command line.
    #[error("{}", list(.0))]
    Mistakes(Vec<Mistake>),
}

impl ConfigError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Exists { name, .. } => Some(format!(
                "choose another name, or change it with `choreo-env edit`, or `choreo-env remove {name}` first"
            )),
            Self::Extended { by, .. } => Some(format!("change {} first: `choreo-env edit`", by.join(", "))),
            _ => None,
        }
    }
}

fn extended(by: &[String]) -> String {
    let names: Vec<String> = by.iter().map(|name| format!("`{name}`")).collect();
    format!(
        "{} {}",
        names.join(", "),
        if by.len() == 1 { "extends it, and takes values" } else { "extend it, and take values" }
    )
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

fn list(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n")
}
