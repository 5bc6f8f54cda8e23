//! Everything that can end a run, gathered from the rooms: message, hint, exit status.

use std::io;

use crate::config::ConfigError;
use crate::environ;
use crate::exec::ExecError;
use crate::exit::Exit;
use crate::import::ImportError;
use crate::profile::ProfileError;
use crate::render::RenderError;
use crate::render::call::RequestError;
#[cfg(feature = "sandbox")]
use crate::sandbox::SandboxError;
use crate::secret::SecretError;
use crate::token::TokenError;

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line is wrong in a way that its grammar does not know.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no profile to work with.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A secret is not available.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// There is no token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The token cannot be said in that form.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The request cannot be written down.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The program was not run.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// The sandbox cannot be started.
    #[cfg(feature = "sandbox")]
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A person was asked, and said no.
    #[error("{message}")]
    Refused {
        /// To what.
        message: String,
    },
    /// Nobody can be asked about a protected profile.
    #[error("profile `{profile}` is protected, and there is no terminal to ask on")]
    Protected {
        /// The profile's name.
        profile: String,
    },
    /// Nobody has asked for a protected profile, so nobody is asked about it.
    #[error("profile `{profile}` is protected, and is not entered by itself")]
    Unasked {
        /// The profile's name.
        profile: String,
    },
    /// A shell has entered something else than what a profile means now.
    #[error(
        "profile `{profile}` is not what this shell has entered: its name, server, key or `api_url` is another one now"
    )]
    NotEntered {
        /// The profile's name.
        profile: String,
    },
    /// There is no token to look at, and none may be asked for.
    #[error("profile `{profile}`: no token is cached")]
    NotCached {
        /// The profile's name.
        profile: String,
    },
    /// A text holds nothing that could become a profile.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A secret is not stored.
    #[error(transparent)]
    NotKept(SecretError),
    /// What was to be read could not be.
    #[error("cannot read {what}")]
    Input {
        /// What was read.
        what: String,
        /// Why it could not be.
        source: io::Error,
    },
    /// The output could not be written.
    #[error("cannot write {what}")]
    Output {
        /// What was written.
        what: String,
        /// Why it could not be.
        source: io::Error,
    },
}

impl Error {
    /// A wrong command line.
    pub fn usage(message: impl Into<String>, hint: impl Into<Option<String>>) -> Self {
        Self::Usage { message: message.into(), hint: hint.into() }
    }

    /// What is to be told, each with what can be done: several only where a file has several mistakes.
    #[must_use]
    pub fn reports(&self) -> Vec<(String, Option<String>)> {
        match self {
            Self::Config(ConfigError::Mistakes(mistakes)) => {
                mistakes.iter().map(|one| (one.to_string(), one.hint.clone())).collect()
            }
            _ => vec![(with_causes(self), self.hint())],
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } => hint.clone(),
            Self::Config(error) => error.hint(),
            Self::Profile(error) => error.hint(),
            Self::Secret(error) => error.hint(),
            Self::Token(error) => error.hint(),
            Self::Render(error) => error.hint(),
            Self::Request(error) => error.hint(),
            #[cfg(feature = "sandbox")]
            Self::Sandbox(error) => error.hint(),
            Self::Protected { profile } => {
                Some(format!("allow it with `--yes`, or with {}={profile} in the environment", environ::ALLOW))
            }
            Self::Unasked { profile } | Self::NotEntered { profile } => {
                Some(format!("enter it by hand: `choreo-env use {profile}`"))
            }
            Self::NotCached { .. } => Some("without `--offline`, a token is asked for".into()),
            Self::Import(error) => error.hint(),
            // Which of them suits is the user's choice; plain text is none of them.
            Self::NotKept(_) => Some(
                "keep it elsewhere: `--secret-file PATH`, `--secret-env NAME`, `--secret-command 'PROGRAM ARG'` or \
                 `--secret-prompt`"
                    .into(),
            ),
            Self::Exec(_) | Self::Refused { .. } | Self::Input { .. } | Self::Output { .. } => None,
        }
    }

    /// The exit status.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } | Self::Request(RequestError::Asked(_)) => Exit::Usage,
            Self::Config(error) => error.exit(),
            Self::Profile(error) => error.exit(),
            Self::Request(_) | Self::Import(_) | Self::Input { .. } => Exit::Config,
            // Nothing is wrong with the configuration: somebody's word is missing, as for a file that is not trusted.
            Self::Refused { .. } | Self::Protected { .. } | Self::Unasked { .. } | Self::NotEntered { .. } => {
                Exit::Untrusted
            }
            Self::Secret(error) | Self::NotKept(error) => error.exit(),
            Self::Token(error) => error.exit(),
            Self::Render(error) => error.exit(),
            Self::Exec(error) => error.exit(),
            #[cfg(feature = "sandbox")]
            Self::Sandbox(error) => error.exit(),
            Self::NotCached { .. } => Exit::NoToken,
            Self::Output { .. } => Exit::Unexpected,
        }
    }
}

/// A message and what lies behind it, in one line; some messages have their cause in them already.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string);
    causes.fold(error.to_string(), |text, cause| if text.contains(&cause) { text } else { format!("{text}: {cause}") })
}
