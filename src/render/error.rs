//! What can go wrong with a text: only that a value cannot be said in it.

use crate::exit::Exit;

/// Why something was not rendered. Values are never named, because they may be secret.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A name that is no name for a variable.
    #[error("`{}` is no name for a variable", .name.escape_debug())]
    Name {
        /// The name.
        name: String,
    },
    /// A value with a control character, which no format here carries unharmed.
    #[error("the value of {what} holds a control character")]
    ControlCharacter {
        /// Whose value it is, as messages name it.
        what: String,
    },
    /// A value that the format has no way to say, or none that all its readers understand alike.
    #[error("the value of variable `{name}` holds {problem}, which {format} cannot express safely")]
    NotExpressible {
        /// The variable.
        name: String,
        /// The name of the format.
        format: &'static str,
        /// What the value holds.
        problem: &'static str,
    },
    /// A variable whose value could not be brought back.
    #[error("the variable `{name}` would be replaced, and holds {problem}: it could not be brought back")]
    NotRestorable {
        /// The variable.
        name: String,
        /// What its value is made of.
        problem: &'static str,
    },
    /// A consumer key with a colon, where key and secret are sent as they are: the colon ends the key (RFC 7617 §2).
    #[error("the consumer key holds a colon, which ends the key in a Basic header")]
    ColonInUser,
    /// A header's name with a character that no header's name has (RFC 9110 §5.1).
    #[error("`{}` is no name for a header", .name.escape_debug())]
    HeaderName {
        /// The name.
        name: String,
    },
    /// A path that is not Unicode.
    #[error("the path `{}` is not Unicode, and cannot be part of a command", .path.escape_debug())]
    Path {
        /// The path, as far as it can be shown.
        path: String,
    },
}

impl RenderError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Name { .. } => Some("letters, digits and `_`, not beginning with a digit".into()),
            Self::ControlCharacter { .. } => Some("look for a line break or a tab at the end of the value".into()),
            Self::NotExpressible { .. } => {
                Some("`choreo-env exec` hands values over as they are, and so do the other formats".into())
            }
            Self::NotRestorable { name, .. } => {
                Some(format!("unset `{name}` before, or give it another name in `vars`"))
            }
            Self::ColonInUser => Some("`basic_encoding = \"form\"` encodes it, if the server reads that".into()),
            Self::HeaderName { .. } => Some("letters, digits and any of !#$%&'*+-.^_`|~".into()),
            Self::Path { .. } => Some("rename the file, or link to it under another name".into()),
        }
    }

    /// The exit status.
    #[must_use]
    pub fn exit(&self) -> Exit {
        Exit::Config
    }
}
