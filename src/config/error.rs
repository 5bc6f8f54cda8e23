//! What is wrong with the configuration: every mistake at once, each with its place, never with the text of a file,
//! which may hold a secret.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::checkout::Ignored;
use super::{Origin, Place, ProfileName};
use crate::environ;
use crate::exit::Exit;
use crate::notice::pasted;

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that `CHOREO_ENV_CONFIG` names, or one that exists, cannot be read.
    #[error("cannot read the configuration `{}`{}", path.display(), if *named { " (from CHOREO_ENV_CONFIG)" } else { "" })]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Whether `CHOREO_ENV_CONFIG` names it.
        named: bool,
        /// Why.
        source: std::io::Error,
    },
    /// The list of trusted files cannot be read or changed.
    #[error("the list of trusted files cannot be used: `{}`", path.display())]
    Ledger {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of a checkout cannot be trusted, whatever anybody says.
    #[error("{0}")]
    Untrustable(Ignored),
    /// There is no file of a checkout where one was to be trusted.
    #[error("there is nothing to trust {place}")]
    NothingToTrust {
        /// Where: `here`, or at a path.
        place: String,
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
    /// What to do next, where it is not told with each mistake.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Untrustable(file) => file.hint(),
            Self::Ledger { path, .. } if path.is_file() => {
                Some(format!("if it is damaged, run `rm {}`, and trust your files again", pasted(path)))
            }
            Self::NothingToTrust { .. } => Some(
                "it would be a `.choreo-env.toml`, or a `Cargo.toml` with `[package.metadata.choreo-env]` or \
                 `[workspace.metadata.choreo-env]`"
                    .into(),
            ),
            Self::Unreadable { path, named: true, source } if source.kind() == ErrorKind::NotFound => {
                Some(named_and_gone(path))
            }
            Self::Unreadable { .. } => {
                Some("it has to be a text file in UTF-8 that you can read, 1 MiB at most".into())
            }
            Self::Exists { name, .. } => Some(format!(
                "choose another name, or change it with `choreo-env edit`, or `choreo-env remove {name}` first"
            )),
            Self::Extended { by, .. } => Some(format!("change {} first: `choreo-env edit`", by.join(", "))),
            _ => None,
        }
    }

    /// The exit status.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Untrustable(_) => Exit::Untrusted,
            _ => Exit::Config,
        }
    }
}

/// What to do where `CHOREO_ENV_CONFIG` has outlived the file that it names.
fn named_and_gone(path: &Path) -> String {
    let unset = format!("`unset {}`", environ::CONFIG);
    if path.to_string_lossy().contains(environ::SANDBOX_FOLDER) {
        return format!("the sandbox that made it has ended; run {unset}, or start `choreo-env sandbox` again");
    }
    format!("run {unset} to have your own configuration again")
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
            At::Value(origin) => write!(f, "{} ({})", self.message, origin.exactly()),
        }
    }
}

fn list(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n")
}
