//! What a room has to say while it works: facts for people, never data, never a secret.
//!
//! Rooms do not write to the terminal. They hand notices to the [`Report`] that they are given, and `term` decides
//! what is shown (`--quiet`, `--verbose`).

use std::path::Path;

/// One remark of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Something the user should know: the work goes on. Shown unless `--quiet`.
    Warning {
        /// What happened: lower case, no final period, names in backticks.
        message: String,
        /// What can be done about it, where something can.
        hint: Option<String>,
    },
    /// A step or a decision, for `--verbose`.
    Detail(String),
    /// The program waits for somebody (another process, a person): shown on a terminal only.
    Waiting(String),
}

impl Notice {
    /// A warning without a hint.
    pub fn warning(message: impl Into<String>) -> Self {
        Self::Warning { message: message.into(), hint: None }
    }

    /// A warning with what can be done about it.
    pub fn warning_with_hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Warning { message: message.into(), hint: Some(hint.into()) }
    }

    /// A step or a decision, for `--verbose`.
    pub fn detail(message: impl Into<String>) -> Self {
        Self::Detail(message.into())
    }
}

/// Where a room's notices go.
pub type Report<'a> = &'a mut dyn FnMut(Notice);

/// Text without control characters and without what turns the direction of writing: what came from a server or from
/// a file must not steer the terminal.
#[must_use]
pub fn plain(text: &str) -> String {
    let steers = |c: char| {
        c.is_control() || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(|c| !steers(*c)).collect()
}

/// A path as a POSIX shell takes it, for commands in hints.
#[must_use]
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let text = if text.starts_with('-') { format!("./{text}") } else { text }; // or it would be taken for an option
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:,".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_a_hint_can_be_pasted_into_a_shell() {
        for (path, expected) in [
            ("/home/me/.secret", "/home/me/.secret"),
            ("/my secret", "'/my secret'"),
            ("it's", r"'it'\''s'"),
            ("-rf", "./-rf"),
            ("$(id)", "'$(id)'"),
        ] {
            assert_eq!(quoted(Path::new(path)), expected);
        }
    }
}
