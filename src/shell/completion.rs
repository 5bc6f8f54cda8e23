//! The code that makes a shell complete the program's words.
//!
//! Owns nothing but the way to the files in `completions/`, which are what packages install: each can be evaluated, and
//! each can lie in the folder where the shell looks for such code. Gives the text for a shell, where there is one.

use super::Shell;

/// The code for a shell.
#[must_use]
pub fn completion(shell: Shell) -> Option<&'static str> {
    Some(match shell {
        Shell::Bash => include_str!("../../completions/choreo-env.bash"),
        Shell::Zsh => include_str!("../../completions/_choreo-env"),
        Shell::Fish => include_str!("../../completions/choreo-env.fish"),
        Shell::PowerShell => include_str!("../../completions/choreo-env.ps1"),
        Shell::Elvish => include_str!("../../completions/choreo-env.elv"),
        Shell::Nu => include_str!("../../completions/choreo-env.nu"),
        _ => return None,
    })
}
