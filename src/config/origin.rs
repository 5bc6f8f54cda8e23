//! Where a value came from: it travels with the value, into every error and into `show`.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// The source of a value. The order of the variants is the order of the layers, lowest first: a higher one wins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Layer 1: the program's own default.
    BuiltIn,
    /// Layer 2: the system's file.
    System(Place),
    /// Layer 3: the user's file.
    User(Place),
    /// Layer 4: a `Cargo.toml` of the checkout.
    Cargo(Place),
    /// Layer 5: the checkout's own file.
    Project(Place),
    /// Layer 6: an environment variable, by name.
    Environment(String),
    /// Layer 7: the command line, by the flag as it was typed, without a secret.
    Flag(String),
}

impl Origin {
    /// Whether a checkout says so: somebody else's word, which may be trusted and is never the user's own.
    #[must_use]
    pub fn is_checkout(&self) -> bool {
        matches!(self, Self::Cargo(_) | Self::Project(_))
    }

    /// Whether a file of this machine says so: the user's or the system's.
    #[must_use]
    pub fn is_own_file(&self) -> bool {
        matches!(self, Self::System(_) | Self::User(_))
    }

    /// The position in a file, if a file says so.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::System(place) | Self::User(place) | Self::Cargo(place) | Self::Project(place) => Some(place),
            Self::BuiltIn | Self::Environment(_) | Self::Flag(_) => None,
        }
    }

    /// This origin with the column, for mistakes.
    #[must_use]
    pub fn exactly(&self) -> String {
        self.place().map_or_else(|| self.to_string(), Place::to_string)
    }

    /// This origin in text that has shown another one in full: in the same file, its name and the line are enough.
    #[must_use]
    pub fn beside(&self, shown: &Self) -> String {
        let near = self.place().filter(|ours| shown.place().is_some_and(|theirs| theirs.path == ours.path));
        match near.and_then(|place| Some((place.path.file_name()?, place.line))) {
            Some((name, line)) => format!("{}:{line}", Path::new(name).display()),
            None => self.to_string(),
        }
    }
}

/// A position in a configuration file. Lines and columns count from 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the user would name it.
    pub path: Arc<Path>,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built-in default"),
            Self::System(place) | Self::User(place) | Self::Cargo(place) | Self::Project(place) => {
                write!(f, "{}:{}", place.path.display(), place.line)
            }
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// Joins a value and its origin.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// Changes the value, and keeps its origin.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced { value: change(self.value), origin: self.origin }
    }
}
