//! Why nothing can be made of a text. Never holds any part of it but names that are known here.

use crate::words::Unclosed;

/// A text that gives no profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It is nothing that is known here.
    #[error("this is no cURL command, no `CHOREO_<CONNECTION>_*` variables and no component.yaml")]
    NothingKnown,
    /// The command is not complete.
    #[error("the command cannot be read: {0}")]
    Unclosed(#[from] Unclosed),
    /// It asks for something else.
    #[error("the command is no token request: {why}")]
    NotATokenRequest {
        /// What shows that.
        why: &'static str,
    },
    /// It asks for a token in another way.
    #[error("the command asks for a token by {grant}, and choreo-env does so by `client_credentials` only")]
    OtherGrant {
        /// The name of the way, where it is a known one.
        grant: &'static str,
    },
    /// It names no token endpoint.
    #[error("the command has no address that could be used")]
    NoAddress,
    /// There is no consumer key in it.
    #[error("no consumer key was found")]
    NoKey,
    /// There is no consumer secret in it.
    #[error("no consumer secret was found")]
    NoSecret,
    /// There are no variables of a connection.
    #[error("there are no `CHOREO_<CONNECTION>_*` variables in the environment")]
    NoVariables,
    /// The file is no YAML.
    #[error("component.yaml cannot be read: line {line} is no YAML")]
    Yaml {
        /// The line, from 1.
        line: usize,
    },
    /// The component has no connections.
    #[error("component.yaml names no connections")]
    NoConnections,
}

impl ImportError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NothingKnown => {
                "paste the command of the portal's cURL button, or Postman's, from `curl` to its end".into()
            }
            Self::Unclosed(_) => "was all of it copied?".into(),
            Self::NotATokenRequest { .. } => {
                "the one that is wanted has `grant_type=client_credentials` in it; `choreo-env add` works without one"
                    .into()
            }
            Self::OtherGrant { .. } => {
                "an application's keys for client credentials are in the Developer Portal".into()
            }
            Self::NoAddress => "put the token endpoint in place of what stands for it".into(),
            Self::NoKey => {
                "put the application's own key in place of what stands for it, or see `choreo-env add`".into()
            }
            Self::NoSecret => {
                "say where it is: `--secret-env NAME`, `--secret-command 'PROGRAM ARG'` or `--secret-prompt`".into()
            }
            Self::NoVariables => "name a file of them: `choreo-env import .env`".into(),
            Self::Yaml { .. } => return None,
            Self::NoConnections => "they stand in `connectionReferences`, below `dependencies`".into(),
        })
    }
}
