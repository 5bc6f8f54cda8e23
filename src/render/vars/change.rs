//! What the plugin is told: the change of an environment, and the way back.
//!
//! Owns the difference to an export that anybody evaluates: the plugin quotes its `eval`, keeps the way back in the
//! shell, and asks for it to be told apart. Never decides what comes back. Gives the whole text or an error.

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::{Assignments, Dialect, Variable, check, code, dialect, failure, names, nu, posix};
use crate::render::draft::Draft;
use crate::render::{RenderError, Undo};
use crate::shell::Shell;

/// The change of an environment, and what the plugin keeps for the way back, where there is something to keep.
///
/// # Errors
/// A name that is none, or a value that the shell's code cannot say.
pub fn change(shell: Shell, assignments: &Assignments, undo: &Undo) -> Result<Zeroizing<String>, RenderError> {
    assignments.set.iter().try_for_each(check)?;
    undo.restore.iter().try_for_each(|variable| restorable(shell, variable))?;
    let (set, unset, remove) = (&assignments.set, assignments.stale(), names(&undo.remove));
    if shell == Shell::Nu {
        return Ok(nu::change(set, &unset, (&undo.restore, &remove)));
    }
    // The readable form: the plugin's `eval` is quoted.
    let mut out = Draft::new();
    out.push(&code(shell, set, &unset, true)?);
    if !undo.is_empty() {
        keep(shell, &mut out, &code(shell, &undo.restore, &remove, true)?);
    }
    Ok(out.finish())
}

/// Code that removes variables.
///
/// # Errors
/// None that a list of names could cause.
pub fn removal(shell: Shell, unset: &[String]) -> Result<Zeroizing<String>, RenderError> {
    let assignments = Assignments { unset: unset.to_vec(), ..Assignments::default() };
    change(shell, &assignments, &Undo::default())
}

/// What the plugin evaluates where there is no change: removes what an inherited export left, and fails.
#[must_use]
pub fn changed_nothing(shell: Shell, names: &[String]) -> String {
    match shell {
        Shell::Nu => nu::change(&[], &super::names(names), (&[], &[])).to_string(),
        _ => failure(shell, names),
    }
}

/// Lets the plugin keep the way back.
fn keep(shell: Shell, out: &mut Draft, code: &str) {
    match dialect(shell) {
        Dialect::Dollar | Dialect::Printf => posix::keep(out, code),
        Dialect::Statements(syntax) => syntax.keep(out, code),
        Dialect::Nu | Dialect::Cmd => {} // nu has a record, and cmd no functions that could be a plugin
    }
}

/// Whether an old value can come back: it may be anything, and tcsh has no quotes for a line break.
fn restorable(shell: Shell, variable: &Variable) -> Result<(), RenderError> {
    if shell == Shell::Tcsh && variable.value.expose_secret().contains(|c: char| c.is_ascii_control()) {
        let problem = "a control character";
        return Err(RenderError::NotRestorable { name: variable.name.clone(), problem });
    }
    Ok(())
}
