//! Runs a program: one with the token in its environment, or one of the user's on a file.
//!
//! Owns the child's environment and how its end becomes ours. Never puts a secret into the arguments. On Unix the
//! program takes this process's place, so that signals, job control and the exit status need no passing on.

mod opener;

use std::ffi::OsString;
use std::io;
use std::process::Command;

use secrecy::{ExposeSecret, SecretString};

use crate::exit::Exit;

pub use opener::open;

/// What the program's environment gets and loses.
#[derive(Debug, Default)]
pub struct Changes {
    /// Variables that are set.
    pub set: Vec<(String, SecretString)>,
    /// Variables that are removed.
    pub unset: Vec<String>,
}

/// The program was not run.
#[derive(Debug, thiserror::Error)]
#[error("cannot run `{}`", program.to_string_lossy())]
pub struct ExecError {
    /// The program.
    pub program: OsString,
    /// Why.
    pub source: io::Error,
}

impl ExecError {
    /// 127 where the program was not found, else 126, as shells have it (POSIX, 2.8.2).
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.source.kind() == io::ErrorKind::NotFound { Exit::NotFound } else { Exit::CannotRun }
    }
}

/// Runs a program. Where the system can, this process becomes the program, and the call returns only if that failed;
/// elsewhere the program's exit status is returned.
///
/// # Errors
/// The program could not be run.
pub fn run(program: OsString, arguments: &[OsString], changes: &Changes) -> Result<u8, ExecError> {
    let mut command = Command::new(&program);
    command.args(arguments);
    for name in &changes.unset {
        command.env_remove(name);
    }
    for (name, value) in &changes.set {
        command.env(name, value.expose_secret());
    }
    become_it(command).map_err(|source| ExecError { program, source })
}

#[cfg(unix)]
fn become_it(mut command: Command) -> io::Result<u8> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> io::Result<u8> {
    let status = command.status()?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(Exit::Unexpected as u8))
}
