//! What a check has to say.

use serde::Serialize;

use crate::exit::Exit;
use crate::term::Tone;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// As it should be.
    Ok,
    /// Something to know; or nothing could be said, and why.
    Note,
    /// This keeps a token from being had, or from being safe.
    Problem,
}

impl Verdict {
    pub(super) const ALL: [Self; 3] = [Self::Ok, Self::Note, Self::Problem];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Problem => "problem",
        }
    }

    pub(super) fn tone(self) -> Tone {
        match self {
            Self::Ok => Tone::Good,
            Self::Note => Tone::Warning,
            Self::Problem => Tone::Bad,
        }
    }
}

/// One finding of a check.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    #[serde(rename = "finding")]
    pub(super) verdict: Verdict,
    pub(super) message: String,
    pub(super) advice: Option<String>,
    /// The exit status of a command that meets this problem.
    #[serde(skip)]
    exit: Exit,
}

impl Finding {
    /// All is well.
    pub(super) fn ok(message: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, message: message.into(), advice: None, exit: Exit::Fine }
    }

    /// Something to know.
    pub(super) fn note(message: impl Into<String>) -> Self {
        Self { verdict: Verdict::Note, ..Self::ok(message) }
    }

    /// Something that could not be looked at.
    pub(super) fn not_checked(why: &str) -> Vec<Self> {
        vec![Self::note(format!("not checked: {why}"))]
    }

    /// Something is wrong; a command that meets it ends with that status.
    pub(super) fn problem(message: impl Into<String>, exit: Exit) -> Self {
        Self { verdict: Verdict::Problem, exit, ..Self::ok(message) }
    }

    /// Adds what can be done.
    pub(super) fn advice(self, advice: impl Into<Option<String>>) -> Self {
        Self { advice: advice.into(), ..self }
    }

    /// The exit status, if this is a problem.
    pub(super) fn problem_exit(&self) -> Option<Exit> {
        (self.verdict == Verdict::Problem).then_some(self.exit)
    }
}
