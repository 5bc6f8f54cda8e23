//! Shells that read the language of POSIX.
//!
//! `eval $(choreo-env dev)` need not be quoted, so the code may hold no character that somebody's `IFS` has or that a
//! pattern has: every statement ends in `;`, because the line break between two may become a blank, and there is no
//! comment, because it would swallow the rest. An `IFS` of letters, digits or `_ = $ \ ' ;` (with `Printf` also of
//! `" ( )` and without the blank) takes the code itself apart; nothing can be written for that.

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::Variable;
use crate::render::draft::Draft;
use crate::render::quote;

/// How values are quoted.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// `$'\ooo'`: bash, zsh, mksh, ksh93, busybox.
    Dollar,
    /// `"$(printf '\ooo')"`: dash, yash, posh, and shells that are not known.
    Printf,
    /// `'…'`, for people.
    Readable,
}

pub(super) fn export(set: &[Variable], unset: &[&str], form: Form) -> Zeroizing<String> {
    let mut out = Draft::new();
    remove(&mut out, unset);
    for variable in set {
        out.push_all(&["export ", &variable.name, "="]);
        let value = variable.value.expose_secret();
        match form {
            Form::Dollar => quote::posix_octal(&mut out, value),
            Form::Printf => quote::posix_printf(&mut out, value),
            Form::Readable => quote::posix(&mut out, value),
        }
        out.push(";\n");
    }
    out.finish()
}

/// Has the plugin keep a piece of code. The plugin quotes its `eval`, so quotes protect.
pub(super) fn keep(out: &mut Draft, code: &str) {
    out.push("__choreo_env_undo=");
    quote::posix_quoted(out, code);
    out.push(";\n");
}

/// `eval $(false)` succeeds and `set -e` does not notice: hence the `false` inside.
pub(super) fn failure(names: &[&str]) -> String {
    let mut out = Draft::new();
    remove(&mut out, names);
    out.push("false;\n");
    out.finish().to_string()
}

/// No shell here minds a name that is not set, not under `set -eu` either.
fn remove(out: &mut Draft, names: &[&str]) {
    if !names.is_empty() {
        out.push_all(&["unset ", &names.join(" "), ";\n"]);
    }
}
