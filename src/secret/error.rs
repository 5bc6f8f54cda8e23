//! Why a secret is not available, and what can be done about it.
//!
//! Owns the messages of this room. Never holds any part of a secret: names, paths and origins only.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::bound::Elsewhere;
use super::keyring::Fault;
use super::{Flaw, What};
use crate::config::Origin;
use crate::environ::KEY_PREFIX;
use crate::exit::Exit;
use crate::notice::pasted;

/// A secret that could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Nothing says where the secret is.
    #[error(transparent)]
    Absent(Box<Absent>),
    /// The reference leads nowhere.
    #[error(transparent)]
    Unavailable(Box<Unavailable>),
    /// It would be sent to another place than the one that it was stored for.
    #[error(transparent)]
    Elsewhere(Box<Elsewhere>),
}

/// A secret that is neither configured nor stored.
#[derive(Debug, thiserror::Error)]
#[error("{what} is not configured{}", aside(fault.as_ref()))]
pub struct Absent {
    pub(super) what: What,
    /// What the keyring said, where it was asked.
    pub(super) fault: Option<Fault>,
}

fn aside(fault: Option<&Fault>) -> String {
    fault.map(|fault| format!(", and {fault}")).unwrap_or_default()
}

/// A reference that leads nowhere, with where it stands and what went wrong.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {problem}{}", Beside(origin.as_ref()))]
pub struct Unavailable {
    pub(super) what: What,
    /// Where the reference stands, where there is one.
    pub(super) origin: Option<Origin>,
    #[source]
    pub(super) problem: Problem,
}

/// An origin behind a message.
pub(super) struct Beside<'a>(pub(super) Option<&'a Origin>);

impl fmt::Display for Beside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |origin| write!(f, " ({origin})"))
    }
}

impl SecretError {
    pub(super) fn unavailable(what: What, origin: Option<Origin>, problem: Problem) -> Self {
        Self::Unavailable(Box::new(Unavailable { what, origin, problem }))
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Absent(absent) => Some(absent.hint()),
            Self::Unavailable(unavailable) => match &unavailable.problem {
                Problem::Keyring(Fault::Empty | Fault::Foreign) => {
                    Some(format!("store it: `{}`", unavailable.what.command("set")))
                }
                Problem::NobodyIsAsked => Some(format!("run `choreo-env use {}`", unavailable.what.profile)),
                problem => problem.hint(),
            },
            Self::Elsewhere(elsewhere) => Some(format!(
                "did you move it? then `{} --rebind` keeps the secret and sends it there; if you did not, find out who did",
                elsewhere.entry.command("set")
            )),
        }
    }

    /// The exit status.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Elsewhere(_) => Exit::Untrusted,
            Self::Absent(_) | Self::Unavailable(_) => Exit::Secret,
        }
    }
}

impl Absent {
    fn hint(&self) -> String {
        let key = self.what.key;
        let store = match self.fault {
            Some(Fault::Empty) => format!("store it with `{}`, ", self.what.command("set")),
            _ => String::new(),
        };
        format!(
            "{store}set the environment variable {KEY_PREFIX}{}, or write `{key} = {{ command = [\"program\", \"argument\"] }}` \
             into the configuration; `env`, `file` and `prompt` are possible, too",
            key.to_uppercase(),
        )
    }
}

/// What was wrong with a source.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("the environment variable `{name}` is not set")]
    VariableUnset { name: String },
    #[error("the environment variable `{name}` is empty")]
    VariableEmpty { name: String },
    #[error("the environment variable `{name}` is not Unicode text")]
    VariableNotText { name: String },
    #[error("the file `{}` cannot be read: {source}", path.display())]
    FileUnreadable { path: PathBuf, source: io::Error },
    #[error("the file `{}` can be read by others (mode {mode:04o})", path.display())]
    FileOpen { path: PathBuf, mode: u32 },
    #[error("the file `{}` belongs to another user", path.display())]
    FileForeign { path: PathBuf },
    #[error("the file `{}` {flaw}", path.display())]
    FileFlawed { path: PathBuf, flaw: Flaw },
    #[error("the file `{}` cannot be written: {source}", path.display())]
    FileNotWritten { path: PathBuf, source: io::Error },
    #[error("the secret {flaw}")]
    NotOneLine { flaw: Flaw },
    #[error("the program `{program}` was not found")]
    ProgramNotFound { program: String },
    #[error("the program `{program}` cannot be run: {source}")]
    ProgramNotRun { program: String, source: io::Error },
    #[error("the program `{program}` failed with status {status}")]
    ProgramFailed { program: String, status: i32 },
    #[error("the program `{program}` was ended by {signal}")]
    ProgramKilled { program: String, signal: String },
    #[error("the program `{program}` took longer than {} s, and was ended", limit.as_secs())]
    ProgramTooSlow { program: String, limit: Duration },
    #[error("what the program `{program}` printed {flaw}")]
    ProgramFlawed { program: String, flaw: Flaw },
    #[error(transparent)]
    Keyring(Fault),
    #[error("`api_url` is not set, so nothing says where it may be sent")]
    NoDestination,
    #[error("standard input cannot be read: {source}")]
    InputUnreadable { source: io::Error },
    #[error("what came in on standard input {flaw}")]
    InputFlawed { flaw: Flaw },
    #[error("there is no terminal to ask on")]
    NoTerminal,
    #[error("it has to be typed in, and nobody is asked at a prompt")]
    NobodyIsAsked,
    #[error("the terminal cannot be used: {source}")]
    Terminal { source: io::Error },
    #[error("nothing was entered")]
    NothingEntered,
}

impl Problem {
    /// What to do next.
    pub(super) fn hint(&self) -> Option<String> {
        Some(match self {
            Self::VariableUnset { name } | Self::VariableEmpty { name } => {
                format!("set `{name}` in the environment that choreo-env runs in, and export it")
            }
            Self::VariableNotText { name } => format!("`{name}` has to hold UTF-8 text"),
            Self::FileUnreadable { source, path } if source.kind() == io::ErrorKind::NotFound && path.is_relative() => {
                "a relative path is taken from the working directory".into()
            }
            Self::FileUnreadable { .. } => "it has to be a plain file that you can read, with mode 0600".into(),
            Self::FileOpen { path, .. } => format!("run `chmod 600 {}`", pasted(path)),
            Self::FileForeign { path } => {
                let path = pasted(path);
                format!("run `sudo chown \"$(id -un)\" {path} && chmod 600 {path}`")
            }
            Self::FileFlawed { .. } => "the file has to hold the secret alone, on one line".into(),
            Self::FileNotWritten { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
                "a file is never overwritten: name another one".into()
            }
            Self::FileNotWritten { .. } => "its folder has to exist, and to be yours".into(),
            Self::NotOneLine { .. } => "a file holds a secret of one line".into(),
            Self::ProgramNotFound { program } if program.contains('/') => {
                "a relative path is taken from the working directory".into()
            }
            Self::ProgramNotFound { .. } => {
                "it has to be in a folder of PATH (relative entries are not searched), or named with its full path; \
                 a shell's alias or function is no program"
                    .into()
            }
            Self::ProgramNotRun { program, source } if source.kind() == io::ErrorKind::PermissionDenied => {
                format!("run `chmod +x {}`", pasted(Path::new(program)))
            }
            Self::ProgramNotRun { .. } => "run it by hand to see why; a script needs a `#!` line".into(),
            Self::ProgramFailed { program, .. } | Self::ProgramKilled { program, .. } => {
                format!("run `{program}` by hand with the configured arguments to see why")
            }
            Self::ProgramTooSlow { .. } => {
                "does it wait for input? it runs with no standard input; a password manager may have to be unlocked first"
                    .into()
            }
            Self::ProgramFlawed { .. } => "it has to print the secret alone, on one line".into(),
            Self::NoTerminal => {
                "without a terminal use `{ env = … }`, `{ file = … }` or `{ command = … }` in place of `{ prompt = true }`"
                    .into()
            }
            Self::Keyring(fault) => return fault.hint(),
            Self::NoDestination => "add `api_url = \"https://…\"` to the profile".into(),
            Self::InputFlawed { .. } => "it has to be the secret alone, on one line".into(),
            Self::InputUnreadable { .. } | Self::Terminal { .. } | Self::NothingEntered | Self::NobodyIsAsked => {
                return None;
            }
        })
    }
}
