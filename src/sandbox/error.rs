//! What can keep a sandbox from starting, or end it.

use std::io;

use crate::exit::Exit;

/// Why there is no sandbox.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The port cannot be had.
    #[error("sandbox: cannot listen on `127.0.0.1:{port}`")]
    Listen {
        /// The port that was asked for; 0 is any.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The consumer key or secret that was given cannot be used.
    #[error("sandbox: `{name}` is empty or has control characters in it")]
    Credential {
        /// The option's name.
        name: &'static str,
    },
    /// The lifetime that was given is too short or too long.
    #[error("sandbox: `lifetime` is not between a second and a year")]
    Lifetime,
    /// The system gave no random bytes.
    #[error("sandbox: the system has no random bytes")]
    Random,
    /// The key that signs the tokens could not be made.
    #[error("sandbox: cannot make a signing key")]
    SigningKey(#[source] jsonwebtoken::errors::Error),
    /// The server could not be started or ended early.
    #[error("sandbox: the server does not run")]
    Serve(#[source] io::Error),
}

impl SandboxError {
    /// What to do next, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Listen { port: 1.., .. } => Some("without a port, the sandbox takes a free one".into()),
            Self::Credential { name } => Some(format!("without `{name}`, the sandbox makes one")),
            Self::Lifetime => Some("Choreo's own lifetime is `15m`, the default".into()),
            Self::Listen { .. } | Self::Random | Self::SigningKey(_) | Self::Serve(_) => None,
        }
    }

    /// How the run ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Listen { .. } => Exit::Network,
            Self::Credential { .. } | Self::Lifetime => Exit::Usage,
            Self::Random | Self::SigningKey(_) | Self::Serve(_) => Exit::Unexpected,
        }
    }
}
