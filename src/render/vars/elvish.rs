//! elvish: `eval (choreo-env dev --shell elvish | slurp)`.

use super::syntax::Syntax;
use crate::render::quote;

/// Tried with elvish 0.18: a program that fails throws in that pipeline, and `eval` is not reached. So the shell stops
/// and keeps the old variables; code that catches the exception has to remove them.
pub(super) const ELVISH: Syntax = Syntax {
    set: ["set-env ", " ", ";\n"],
    quote: quote::elvish,
    unset: ["unset-env ", ";\n"],
    fail: "fail 'choreo-env exported nothing, and says why above';\n",
    keep: ["var __choreo_env_undo = ", ";\n"],
};
