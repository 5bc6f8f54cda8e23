//! Why there is no token.
//!
//! Owns the room's one error, and what goes with it: hint and exit status. Never holds a secret.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::access::spoken;
use super::discovery::DiscoveryError;
use super::fetch::FetchError;
use crate::config::ProfileName;
use crate::exit::Exit;
use crate::notice::pasted;
use crate::secret::SecretError;

/// A token that could not be had.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The consumer secret is not available.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The request failed.
    #[error(transparent)]
    Fetch(#[from] Box<FetchError>),
    /// The issuer does not say where its endpoints are.
    #[error(transparent)]
    Discovery(#[from] Box<DiscoveryError>),
    /// Nobody says where tokens are revoked.
    #[error("profile `{profile}`: {why}, so the token cannot be revoked")]
    NoRevocation {
        /// The profile.
        profile: ProfileName,
        /// What says nothing.
        why: &'static str,
        /// What to do next.
        hint: String,
    },
    /// The server did not revoke the token.
    #[error("profile `{profile}`: the token is not revoked: `{endpoint}`: {what}")]
    NotRevoked {
        /// The profile.
        profile: ProfileName,
        /// The revocation endpoint.
        endpoint: String,
        /// What happened.
        what: String,
        /// What to do next.
        hint: Option<String>,
        /// The exit status.
        exit: Exit,
    },
    /// Another caller asked in the same way while this one waited, and failed. The message is that caller's.
    #[error("{message}")]
    Shared {
        /// What happened.
        message: String,
        /// What to do next.
        hint: Option<String>,
        /// The exit status.
        exit: Exit,
    },
    /// Another caller holds the lock, and does not let go.
    #[error(
        "profile `{profile}`: another process is asking for this token, and has not finished within {}: its lock is `{}`",
        spoken(*waited), path.display()
    )]
    LockTimeout {
        /// The profile.
        profile: ProfileName,
        /// The lock file.
        path: PathBuf,
        /// How long we waited.
        waited: Duration,
    },
    /// A cache entry cannot be removed.
    #[error("the token cache `{}` cannot be changed", path.display())]
    Cache {
        /// The cache's folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl TokenError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Secret(error) => error.hint(),
            Self::Fetch(error) => error.hint(),
            Self::Discovery(error) => error.hint(),
            Self::NoRevocation { hint, .. } => Some(hint.clone()),
            Self::NotRevoked { hint, .. } | Self::Shared { hint, .. } => hint.clone(),
            Self::LockTimeout { path, .. } => Some(format!(
                "is another choreo-env waiting for a secret to be typed? `fuser {}` shows which process it is",
                pasted(path)
            )),
            Self::Cache { .. } => None,
        }
    }

    /// The exit status.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Secret(error) => error.exit(),
            Self::Fetch(error) => error.exit(),
            Self::Discovery(error) => error.exit(),
            Self::NoRevocation { .. } => Exit::Config,
            Self::Shared { exit, .. } | Self::NotRevoked { exit, .. } => *exit,
            Self::LockTimeout { .. } | Self::Cache { .. } => Exit::Cache,
        }
    }
}
