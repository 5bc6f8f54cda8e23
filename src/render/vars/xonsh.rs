//! xonsh: `execx($(choreo-env dev --shell xonsh))`.

use super::syntax::Syntax;
use crate::render::quote;

/// Tried with xonsh 0.25: `$(…)` raises where the program fails, and `execx` is not reached. So the shell stops and
/// keeps the old variables; older versions run the code.
pub(super) const XONSH: Syntax = Syntax {
    set: ["$", " = ", ";\n"],
    quote: quote::xonsh,
    unset: ["${...}.pop('", "', None);\n"],
    fail: "raise RuntimeError('choreo-env exported nothing, and says why above');\n",
    keep: ["__choreo_env_undo = ", ";\n"],
};
