//! Checks of what surrounds the program: the shell, and what the rooms had to warn of.

use super::case::Case;
use super::finding::Finding;
use crate::environ;
use crate::shell::{self, Shell};

/// What the rooms warned of, such as misspelt variables.
pub(super) fn warnings(case: &Case) -> Vec<Finding> {
    if case.warnings.is_empty() {
        return vec![Finding::ok("none")];
    }
    let note = |(message, hint): &(String, Option<String>)| Finding::note(message).advice(hint.clone());
    case.warnings.iter().map(note).collect()
}

/// Which shell the output is for.
pub(super) fn shell(case: &Case) -> Vec<Finding> {
    let shell = shell::detect(case.environ);
    let variable = environ::SHELL;
    if let Some(name) = shell::unknown_choice(case.environ) {
        let known = Shell::ALL.map(|(name, _)| name);
        let near = crate::config::did_you_mean(name, known);
        let message =
            format!("{variable} is `{name}`, which is no shell that is known here; `{}` is used", shell.name());
        return vec![Finding::note(message).advice(near.unwrap_or_else(|| format!("known are {}", known.join(", "))))];
    }
    let by = if case.environ.get(variable).is_some() { variable } else { "the processes that led to this one" };
    vec![Finding::ok(format!("`{}`, by {by}", shell.name()))]
}
