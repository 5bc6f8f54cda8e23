//! `PowerShell`: `choreo-env dev --shell powershell | Out-String | Invoke-Expression`. Each statement is one line, so
//! that the output can also be evaluated line by line.

use super::syntax::Syntax;
use crate::render::quote;

/// `Ignore`, because a name that is not set would stop a script whose `$ErrorActionPreference` is `Stop`.
pub(super) const POWERSHELL: Syntax = Syntax {
    set: ["$Env:", " = ", ";\n"],
    quote: quote::powershell,
    unset: ["Remove-Item -LiteralPath Env:", " -ErrorAction Ignore;\n"],
    fail: "throw 'choreo-env exported nothing, and says why above';\n",
    keep: ["$Global:__choreo_env_undo = ", ";\n"],
};
