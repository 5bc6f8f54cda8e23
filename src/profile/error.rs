//! Why there is no profile to work with.

use std::path::PathBuf;

use crate::config::{Mistake, Origin, ProfileName, did_you_mean};

/// No profile, or not a complete one.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The name cannot be a profile's.
    #[error("`{}` ({by}) {wrong}", crate::notice::plain(.name))]
    BadName {
        /// What was given.
        name: String,
        /// What gave it.
        by: Chosen,
        /// What is wrong with it.
        wrong: String,
    },
    /// No layer has a profile of that name.
    #[error("no profile is called `{name}` ({by})")]
    Unknown {
        /// What was asked for.
        name: ProfileName,
        /// What asked for it.
        by: Chosen,
        /// The names there are.
        known: Vec<String>,
    },
    /// There are several profiles, and nothing says which.
    #[error("which profile? there are {}", list(known))]
    NotChosen {
        /// The names there are.
        known: Vec<String>,
    },
    /// There is no profile at all.
    #[error("no profile is configured")]
    NoProfiles {
        /// The user's file.
        file: Option<PathBuf>,
    },
    /// `extends` names a profile that does not exist.
    #[error("profile `{child}`: `extends` names `{parent}`, which does not exist ({origin})")]
    NoParent {
        /// The profile that extends.
        child: ProfileName,
        /// What it extends.
        parent: String,
        /// Where it says so.
        origin: Origin,
        /// The names there are.
        known: Vec<String>,
    },
    /// `extends` leads back to where it began.
    #[error("profile `{name}`: `extends` goes in a circle: {} ({origin})", circle.join(" → "))]
    Circle {
        /// The profile.
        name: ProfileName,
        /// The way round.
        circle: Vec<String>,
        /// Where the circle closes.
        origin: Origin,
    },
    /// A key that every profile needs is set nowhere.
    #[error("profile `{name}`: `{key}` is not set")]
    Missing {
        /// The profile.
        name: ProfileName,
        /// The key.
        key: &'static str,
    },
    /// A variable of the profile's connection is not there.
    #[error("profile `{name}`: `{key}` is not set: there is no environment variable `{variable}` ({origin})")]
    NoVariable {
        /// The profile.
        name: ProfileName,
        /// The key.
        key: &'static str,
        /// The variable.
        variable: String,
        /// Where the profile names its connection.
        origin: Origin,
    },
    /// Keys that do not fit together.
    #[error("profile `{name}`: {mistake}")]
    Mismatch {
        /// The profile.
        name: ProfileName,
        /// What does not fit, and where.
        mistake: Mistake,
    },
}

/// What chose the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// The argument.
    Argument,
    /// `--profile`.
    Flag,
    /// `CHOREO_ENV_PROFILE`.
    Environment,
    /// `default_profile`.
    Default,
    /// It is the only one.
    Only,
}

impl std::fmt::Display for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Argument => "from the command line",
            Self::Flag => "from --profile",
            Self::Environment => "from CHOREO_ENV_PROFILE",
            Self::Default => "from `default_profile`",
            Self::Only => "the only one",
        })
    }
}

impl ProfileError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { name, known, .. } => unknown(name.as_str(), known),
            Self::NoParent { parent, known, .. } => unknown(parent, known),
            Self::NotChosen { known } => {
                let example = known.first().map_or("NAME", String::as_str);
                Some(format!("name one (`choreo-env {example}`), or set `default_profile`"))
            }
            Self::NoProfiles { file } => {
                let file = file.as_ref().map_or_else(|| "your configuration".into(), |file| file.display().to_string());
                Some(format!(
                    "write `[profiles.dev]` with `consumer_key` and `consumer_secret` into {file}, or try `choreo-env demo`"
                ))
            }
            Self::Missing { key, .. } => {
                Some(format!("add `{key} = \"…\"` to the profile, or set CHOREO_ENV_{}", key.to_uppercase()))
            }
            Self::NoVariable { key, variable, .. } => {
                Some(format!("set `{variable}` in the environment, or add `{key} = \"…\"` to the profile"))
            }
            Self::Mismatch { mistake, .. } => mistake.hint.clone(),
            Self::BadName { .. } | Self::Circle { .. } => None,
        }
    }
}

fn unknown(name: &str, known: &[String]) -> Option<String> {
    let near = did_you_mean(name, known.iter().map(String::as_str));
    near.or_else(|| (!known.is_empty()).then(|| format!("there are {}", list(known))))
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
