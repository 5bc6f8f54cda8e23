//! fish: `eval (choreo-env dev)`, which joins the lines by blanks, or `choreo-env dev | source`.

use super::syntax::Syntax;
use crate::render::quote;

/// `-eg` takes the global variables away, which are also those that fish was started with; a name that is not set only
/// gives a status.
pub(super) const FISH: Syntax = Syntax {
    set: ["set -gx ", " ", ";\n"],
    quote: quote::fish,
    unset: ["set -eg ", ";\n"],
    fail: "false;\n",
    keep: ["set -g __choreo_env_undo ", ";\n"],
};
