//! What a caller that failed leaves behind for those who waited on it.
//!
//! Owns the note in the lock file. Never holds a secret: it is the text of an error. Without it, 200 waiters would
//! repeat a refused request one after the other, for minutes, and lock the account out.

use serde::{Deserialize, Serialize};

use crate::exit::Exit;
use crate::token::access::Moment;

/// The length that a note may have, in bytes.
pub(super) const MOST: u64 = 64 * 1024;

/// A failure, as it is passed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::token) struct Note {
    at_ms: i64,
    /// The digest of the means that were used: see [`super::key::means`].
    means: String,
    /// The error's message.
    pub(in crate::token) message: String,
    /// The error's hint.
    pub(in crate::token) hint: Option<String>,
    exit: u8,
}

impl Note {
    /// A note on a failure of just now.
    pub(in crate::token) fn new(means: String, message: String, hint: Option<String>, exit: Exit) -> Self {
        Self { at_ms: Moment::now().millis(), means, message, hint, exit: exit as u8 }
    }

    /// The note that a lock file holds, if it holds one.
    pub(super) fn read(content: &[u8]) -> Option<Self> {
        serde_json::from_slice(content).ok()
    }

    /// The note as a lock file holds it.
    pub(super) fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Whether it answers a caller, who began to wait before it was written and would use the same means. A note from
    /// the future was written before the clock was set back, and says nothing.
    pub(super) fn answers(&self, began: Moment, now: Moment, means: &str) -> bool {
        began.millis() < self.at_ms && self.at_ms <= now.millis() && self.means == means
    }

    /// The exit status of the failure.
    pub(in crate::token) fn exit(&self) -> Exit {
        [Exit::Config, Exit::Untrusted, Exit::Secret, Exit::Refused, Exit::Network, Exit::Cache]
            .into_iter()
            .find(|exit| *exit as u8 == self.exit)
            .unwrap_or(Exit::Unexpected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_for_those_who_waited_and_for_nobody_else() {
        let note = Note { at_ms: 100, means: "m".into(), message: String::new(), hint: None, exit: 6 };
        let at = Moment::from_millis;
        assert!(note.answers(at(99), at(101), "m"));
        assert!(!note.answers(at(100), at(101), "m"), "came later");
        assert!(!note.answers(at(99), at(101), "other"), "uses other means");
        assert!(!note.answers(at(50), at(99), "m"), "the clock was set back");
    }

    #[test]
    fn it_comes_back_as_it_was() {
        let note = Note::new("m".into(), "refused".into(), Some("ask".into()), Exit::Refused);
        assert_eq!(Note::read(&note.write()), Some(note.clone()));
        assert_eq!(note.exit(), Exit::Refused);
        assert_eq!(Note::read(b""), None);
        assert_eq!(Note::read(b"{"), None);
    }
}
