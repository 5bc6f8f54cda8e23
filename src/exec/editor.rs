//! The user's editor, on a file.
//!
//! Owns the wait for it. Never uses a shell: the words of `VISUAL` or `EDITOR` are the program and its arguments. Gives
//! whether the editor was content.

use std::path::Path;
use std::process::Command;

use super::ExecError;

/// Runs the editor on a file, in this terminal, and waits for its end. `false`: it ended with an error.
///
/// # Errors
/// The editor could not be run.
pub fn edit(words: &[String], file: &Path) -> Result<bool, ExecError> {
    let (program, arguments) = words.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let status = Command::new(program).args(arguments).arg(file).status();
    status.map(|status| status.success()).map_err(|source| ExecError { program: program.into(), source })
}
