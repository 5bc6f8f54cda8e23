//! Variables, said in the language of a shell or in the format of a file.
//!
//! Owns what is written around the values: statements, their order, their ends. Never chooses what is exported. Gives
//! the whole text or an error: nothing partial exists.

mod azure;
mod change;
mod cmd;
mod dotenv;
mod elvish;
mod exec_credential;
mod fish;
mod github;
pub(super) mod json;
mod nu;
mod posix;
mod powershell;
mod syntax;
mod tcsh;
mod xonsh;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

pub use change::{change, changed_nothing, removal};
pub use exec_credential::exec_credential;

use super::RenderError;
use crate::shell::Shell;
use syntax::Syntax;

/// A variable to be exported.
#[derive(Debug)]
pub struct Variable {
    /// Its name: letters, digits and `_`, not beginning with a digit.
    pub name: String,
    /// Its value, without control characters.
    pub value: SecretString,
    /// Whether logs must not show the value.
    pub sensitive: bool,
}

/// All that one export changes.
#[derive(Debug, Default)]
pub struct Assignments {
    /// The variables to set, in the order in which they are written.
    pub set: Vec<Variable>,
    /// How many of them, at the end, are for a shell's prompt alone: files and data go without them.
    pub for_prompts: usize,
    /// The names that an earlier export set, and this one does not.
    pub unset: Vec<String>,
}

/// What `--format` can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Variables, for [`export`].
    Variables(Layout),
    /// The credential of a Kubernetes client, for [`exec_credential()`].
    ExecCredential,
}

impl Format {
    /// The names of the formats that are no shell's.
    pub const DATA: [&str; 5] = ["json", "dotenv", "github", "azure", "exec-credential"];

    /// The format of a name: `json`, `dotenv`, `github`, `azure`, `exec-credential`, or a shell's, where `sh` is the
    /// form that every POSIX shell reads.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let layout = match name {
            "json" => Layout::Json,
            "dotenv" => Layout::Dotenv,
            "github" => Layout::Github,
            "azure" => Layout::Azure,
            "exec-credential" => return Some(Self::ExecCredential),
            _ => Layout::Shell(Shell::parse(name)?),
        };
        Some(Self::Variables(layout))
    }
}

/// How variables are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Code that a shell evaluates.
    Shell(Shell),
    /// One JSON object on one line.
    Json,
    /// A file of `NAME=value` lines.
    Dotenv,
    /// GitHub Actions: masks for the log, and lines for the file that `GITHUB_ENV` names.
    Github,
    /// Azure Pipelines: logging commands.
    Azure,
}

/// What [`export`] gives.
#[derive(Debug)]
pub struct Rendered {
    /// For stdout.
    pub stdout: Zeroizing<String>,
    /// To be appended to the file that `GITHUB_ENV` names, once stdout is written; with [`Layout::Github`] only.
    pub github_env: Option<Zeroizing<String>>,
}

/// Writes variables down. On a terminal, where nobody evaluates the text, POSIX shells get it in a form for people.
///
/// Names to be unset are left out where a format cannot say so: all but the shells.
///
/// # Errors
/// A name that is none, or a value that the layout cannot say; both come from the configuration.
pub fn export(layout: Layout, assignments: &Assignments, terminal: bool) -> Result<Rendered, RenderError> {
    assignments.set.iter().try_for_each(check)?;
    let data = &assignments.set[..assignments.set.len().saturating_sub(assignments.for_prompts)];
    let stdout = match layout {
        Layout::Shell(shell) => code(shell, &assignments.set, &assignments.stale(), terminal)?,
        Layout::Json => json::export(data),
        Layout::Dotenv => dotenv::export(data)?,
        Layout::Github => github::masks(data),
        Layout::Azure => azure::export(data),
    };
    let github_env = (layout == Layout::Github).then(|| github::file(data));
    Ok(Rendered { stdout, github_env })
}

impl Assignments {
    /// The names to unset, as far as they are names, and not among those that are set.
    fn stale(&self) -> Vec<&str> {
        let mut unset = names(&self.unset);
        unset.retain(|name| self.set.iter().all(|variable| variable.name != *name));
        unset
    }
}

fn code(shell: Shell, set: &[Variable], unset: &[&str], terminal: bool) -> Result<Zeroizing<String>, RenderError> {
    let form = |other| if terminal { posix::Form::Readable } else { other };
    Ok(match dialect(shell) {
        Dialect::Dollar => posix::export(set, unset, form(posix::Form::Dollar)),
        Dialect::Printf => posix::export(set, unset, form(posix::Form::Printf)),
        Dialect::Statements(syntax) => syntax.export(set, unset),
        Dialect::Nu => nu::export(set, unset),
        Dialect::Cmd => cmd::export(set, unset)?,
    })
}

/// Code that removes variables and then fails, so that nothing goes on with the token of another environment.
///
/// nu, elvish and xonsh pass over the output of a program that failed and stop by themselves: see their files.
#[must_use]
pub fn failure(shell: Shell, names: &[String]) -> String {
    let names = self::names(names);
    match dialect(shell) {
        Dialect::Dollar | Dialect::Printf => posix::failure(&names),
        Dialect::Statements(syntax) => syntax.failure(&names),
        Dialect::Nu => nu::failure(&names),
        Dialect::Cmd => cmd::failure(&names),
    }
}

/// What a shell's code is written with.
enum Dialect {
    /// POSIX, with `$'\ooo'`.
    Dollar,
    /// POSIX, with `"$(printf '\ooo')"`.
    Printf,
    /// Statements that differ in their words only.
    Statements(&'static Syntax),
    /// A record.
    Nu,
    /// The lines of a batch file.
    Cmd,
}

fn dialect(shell: Shell) -> Dialect {
    match shell {
        Shell::Bash | Shell::Zsh | Shell::Mksh | Shell::Ksh93 | Shell::Busybox => Dialect::Dollar,
        Shell::Dash | Shell::Yash | Shell::Posh | Shell::Sh => Dialect::Printf,
        Shell::Fish => Dialect::Statements(&fish::FISH),
        Shell::PowerShell => Dialect::Statements(&powershell::POWERSHELL),
        Shell::Elvish => Dialect::Statements(&elvish::ELVISH),
        Shell::Xonsh => Dialect::Statements(&xonsh::XONSH),
        Shell::Tcsh => Dialect::Statements(&tcsh::TCSH),
        Shell::Nu => Dialect::Nu,
        Shell::Cmd => Dialect::Cmd,
    }
}

fn check(variable: &Variable) -> Result<(), RenderError> {
    let name = &variable.name;
    if !is_name(name) {
        return Err(RenderError::Name { name: name.clone() });
    }
    if variable.value.expose_secret().contains(|c: char| c.is_ascii_control()) {
        return Err(RenderError::ControlCharacter { what: format!("variable `{name}`") });
    }
    Ok(())
}

/// The names that are names. The list comes from the environment, and it is written into code: what is no name was not
/// exported by this program.
fn names(candidates: &[String]) -> Vec<&str> {
    candidates.iter().map(String::as_str).filter(|name| is_name(name)).collect()
}

/// Whether it is a name that every shell has for a variable.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
