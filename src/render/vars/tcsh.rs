//! tcsh: ``eval "`choreo-env dev --shell tcsh`"`` with the double quotes, which joins the lines by blanks, or `source`
//! of a file.

use super::syntax::Syntax;
use crate::render::quote;

/// `unsetenv` does not mind a name that is not set.
pub(super) const TCSH: Syntax = Syntax {
    set: ["setenv ", " ", ";\n"],
    quote: quote::tcsh,
    unset: ["unsetenv ", ";\n"],
    fail: "false;\n",
    keep: ["set __choreo_env_undo = ", ";\n"],
};
