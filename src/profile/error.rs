//! Why there is no profile to work with.

use std::path::PathBuf;

use crate::config::{Loaded, Mistake, Origin, ProfileName, did_you_mean};
use crate::exit::Exit;

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
        /// Whether the environment has a consumer secret, and no key for it.
        lacks_only_the_key: bool,
    },
    /// Something is missing, and there is a file of a checkout that does not count and may have it.
    #[error("{missing}, and {ignored}")]
    Untrusted {
        /// What is missing.
        missing: String,
        /// The file, and why it does not count.
        ignored: String,
        /// What can be done about that.
        hint: Option<String>,
    },
    /// A checkout changes what belongs to something of the user's own.
    #[error(transparent)]
    Redirected(Box<Redirect>),
    /// `extends` names a profile that does not exist.
    #[error("profile `{child}`: `extends` names `{parent}`, which does not exist ({})", origin.exactly())]
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
    #[error("profile `{name}`: `extends` goes in a circle: {} ({})", circle.join(" → "), origin.exactly())]
    Circle {
        /// The profile.
        name: ProfileName,
        /// The way round.
        circle: Vec<String>,
        /// Where the circle closes.
        origin: Origin,
    },
    /// A key that every profile needs is set nowhere.
    #[error("profile `{name}`: `{key}` is not set{}", place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default())]
    Missing {
        /// The profile.
        name: ProfileName,
        /// The key.
        key: &'static str,
        /// Where the profile stands, if a file has it.
        place: Option<Origin>,
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

/// A checkout changes what belongs to something of the user's own.
#[derive(Debug, thiserror::Error)]
#[error("profile `{name}`: `{key}` is set by the checkout ({origin}), and `{kept}` is your own ({kept_origin})")]
pub struct Redirect {
    /// The profile.
    pub name: ProfileName,
    /// The key that the checkout sets.
    pub key: &'static str,
    /// Where it does.
    pub origin: Origin,
    /// The key that is the user's own.
    pub kept: &'static str,
    /// Where it stands.
    pub kept_origin: Origin,
}

impl Redirect {
    fn hint(&self) -> String {
        let Self { key, kept, .. } = self;
        if key == kept {
            return format!("a checkout must not change that: set `{key}` in your own file");
        }
        format!(
            "a checkout must not decide where your own secret goes: set `{key}` in your own file, or let the checkout \
             name its own `{kept}`"
        )
    }
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
    /// Nobody looks into a file that does not count, so what is missing may well be there. The last such file is the
    /// nearest.
    pub(super) fn or_untrusted(self, loaded: &Loaded) -> Self {
        let may_be_there = matches!(
            self,
            Self::Unknown { .. } | Self::NoProfiles { .. } | Self::NoParent { .. } | Self::Missing { .. }
        );
        let Some(file) = loaded.ignored().last().filter(|_| may_be_there) else { return self };
        let near = match &self {
            Self::Unknown { name, known, .. } => did_you_mean(name.as_str(), known.iter().map(String::as_str)),
            _ => None,
        };
        Self::Untrusted { missing: self.to_string(), ignored: file.to_string(), hint: near.or_else(|| file.hint()) }
    }

    /// The exit status.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Untrusted { .. } | Self::Redirected(_) => Exit::Untrusted,
            _ => Exit::Config,
        }
    }

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
            Self::NoProfiles { file, lacks_only_the_key } => {
                let file = file.as_ref().map_or_else(|| "your configuration".into(), |file| file.display().to_string());
                let half = "CHOREO_ENV_CONSUMER_SECRET is set: set CHOREO_ENV_CONSUMER_KEY, too, or ";
                let begin = if *lacks_only_the_key { half } else { "" };
                Some(format!(
                    "{begin}`choreo-env import --profile dev` takes the portal's cURL command, and `choreo-env add dev` the values; \
                     both write {file}; `choreo-env demo` needs neither"
                ))
            }
            Self::Missing { key, .. } => {
                Some(format!("add `{key} = \"…\"` to the profile, or set CHOREO_ENV_{}", key.to_uppercase()))
            }
            Self::Untrusted { hint, .. } => hint.clone(),
            Self::Redirected(redirect) => Some(redirect.hint()),
            Self::NoVariable { key, variable, .. } => {
                Some(format!("set `{variable}` in the environment, or add `{key} = \"…\"` to the profile"))
            }
            Self::Mismatch { mistake, .. } => mistake.hint.clone(),
            Self::Circle { .. } => Some("take one of these `extends` out".into()),
            Self::BadName { .. } => None,
        }
    }
}

fn unknown(name: &str, known: &[String]) -> Option<String> {
    let near = did_you_mean(name, known.iter().map(String::as_str));
    near.or_else(|| (!known.is_empty()).then(|| format!("the profiles are {}", list(known))))
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
