//! A program of the user's on a file: the editor, or what shows a manual page.
//!
//! Owns the wait for it. Never uses a shell: the words are the program and its arguments, and the file comes last. Gives
//! whether the program was content.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use super::ExecError;

/// Runs a program on a file, in this terminal, and waits for its end. `false`: it ended with an error.
///
/// # Errors
/// The program could not be run.
pub fn open(words: &[impl AsRef<OsStr>], file: &Path) -> Result<bool, ExecError> {
    let (program, arguments) =
        words.split_first().map_or((OsStr::new(""), &[][..]), |(first, rest)| (first.as_ref(), rest));
    let status = Command::new(program).args(arguments).arg(file).status();
    status.map(|status| status.success()).map_err(|source| ExecError { program: program.into(), source })
}
