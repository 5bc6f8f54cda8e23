//! The way back: the environment as it was before an export.
//!
//! Owns the decision which variables come back with their old value and which go. Never restores what an earlier export
//! left: in a shell that inherited one, the state before is unknown, and a token must not come back from there.

use super::RenderError;
use super::assign::leftovers;
use super::vars::{Assignments, Variable};
use crate::environ::{
    self, EXPORTED, EXPORTED_API_KEY, EXPORTED_API_URL, EXPORTED_EXPIRES_AT, EXPORTED_TOKEN, Environ, IN_USE,
    IS_PROTECTED, RENEW_AT,
};

/// The names that the way back always has.
const ALWAYS: [&str; 7] =
    [EXPORTED_TOKEN, EXPORTED_EXPIRES_AT, environ::PROFILE, EXPORTED, RENEW_AT, IS_PROTECTED, IN_USE];

/// What undoes an export.
#[derive(Debug, Default)]
pub struct Undo {
    /// The variables that come back.
    pub restore: Vec<Variable>,
    /// The names that go.
    pub remove: Vec<String>,
}

impl Undo {
    /// The way back from an export to this environment.
    ///
    /// # Errors
    /// An old value that is not Unicode text, which no shell's code could bring back.
    pub fn of(assignments: &Assignments, environ: &Environ) -> Result<Self, RenderError> {
        let ours = inherited(environ);
        let mut undo = Self::default();
        // What a renewal may set although this export does not; the rest may be somebody else's by then.
        let also = ALWAYS.into_iter().filter(|name| assignments.names().all(|one| one != *name));
        for name in assignments.names().chain(also) {
            match environ.raw(name).filter(|_| ours.iter().all(|one| one != name)) {
                Some(old) => {
                    let problem = "no Unicode text";
                    let old = old.to_str().ok_or_else(|| RenderError::NotRestorable { name: name.into(), problem })?;
                    undo.restore.push(Variable { name: name.into(), value: old.into(), sensitive: true });
                }
                None => undo.remove.push(name.into()),
            }
        }
        Ok(undo)
    }

    /// What a renewal adds to the way back: names that the export before did not set.
    ///
    /// # Errors
    /// As [`Undo::of`].
    pub fn more(assignments: &Assignments, environ: &Environ) -> Result<Self, RenderError> {
        let known = leftovers(environ);
        let is_new = |name: &String| match name.as_str() {
            EXPORTED_API_URL | EXPORTED_API_KEY => environ.raw(name).is_none(),
            _ => !known.contains(name),
        };
        let Self { restore, remove } = Self::of(assignments, environ)?;
        Ok(Self { restore, remove: remove.into_iter().filter(is_new).collect() })
    }

    /// Whether there is nothing to undo.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.restore.is_empty() && self.remove.is_empty()
    }
}

/// All names that an export has set in this environment, where there was one.
#[must_use]
pub fn inherited(environ: &Environ) -> Vec<String> {
    if is_exported(environ) { leftovers(environ) } else { Vec::new() }
}

/// Whether this environment holds an export of ours. A profile's name alone may be the user's own choice.
fn is_exported(environ: &Environ) -> bool {
    let traces = [EXPORTED_TOKEN, EXPORTED_EXPIRES_AT, RENEW_AT, EXPORTED];
    environ.get(environ::PROFILE).is_some() && traces.iter().any(|name| environ.get(name).is_some())
}
