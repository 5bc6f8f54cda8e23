//! nushell, which cannot evaluate code: a record for `choreo-env dev --shell nu | from json | load-env`.
//!
//! Tried with nu 0.108 and 0.115. A `null` takes the variable away from the programs that nu starts. Where the program
//! fails, nu up to the version that made `pipefail` its default loads the record all the same and goes on: so the
//! record of a failure holds only nulls, and what follows finds no token. Later versions stop at the failed program,
//! before `load-env`, and keep the old variables; `choreo-env … | complete | get stdout | from json | load-env` removes
//! them there. No record does both: `load-env` checks all names before it sets the first.

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::Variable;
use super::json::Object;

pub(super) fn export(set: &[Variable], unset: &[&str]) -> Zeroizing<String> {
    let mut record = Object::new();
    for name in unset {
        record.null(name);
    }
    for variable in set {
        record.text(&variable.name, variable.value.expose_secret());
    }
    record.line()
}

/// The record of a change: what is set, what goes, and the same of the way back. `hide-env` takes a variable away
/// altogether, which a `null` does not.
pub(super) fn change(set: &[Variable], unset: &[&str], undo: (&[Variable], &[&str])) -> Zeroizing<String> {
    let mut back = Object::new();
    fill(&mut back, undo.0, undo.1);
    let mut record = Object::new();
    fill(&mut record, set, unset);
    record.object("undo", back);
    record.line()
}

fn fill(record: &mut Object, set: &[Variable], unset: &[&str]) {
    let mut values = Object::new();
    for variable in set {
        values.text(&variable.name, variable.value.expose_secret());
    }
    record.object("set", values);
    record.array("hide", unset);
}

pub(super) fn failure(names: &[&str]) -> String {
    let mut record = Object::new();
    for name in names {
        record.null(name);
    }
    record.line().to_string()
}
