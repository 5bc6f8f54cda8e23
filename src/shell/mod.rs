//! Which shell the output is for.
//!
//! Owns the shells' names and the search for the one that started the program. Never decides what a shell is told;
//! that is rendering. Gives a [`Shell`], and always gives one: an unknown POSIX shell where nothing else is known.

mod ancestry;
pub mod plugin;

use std::fmt;

use crate::environ::{self, Environ};

/// A shell that the program writes code for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// GNU bash.
    Bash,
    /// zsh.
    Zsh,
    /// The Debian Almquist shell.
    Dash,
    /// The `MirBSD` Korn shell.
    Mksh,
    /// The Korn shell of AT&T, 93 and later.
    Ksh93,
    /// The `ash` of busybox.
    Busybox,
    /// yash.
    Yash,
    /// The policy-compliant ordinary shell.
    Posh,
    /// A POSIX shell of which nothing more is known.
    Sh,
    /// fish.
    Fish,
    /// `PowerShell`, both Windows PowerShell and the portable one.
    PowerShell,
    /// nushell.
    Nu,
    /// elvish.
    Elvish,
    /// xonsh.
    Xonsh,
    /// tcsh, and the csh that is tcsh under another name.
    Tcsh,
    /// The command interpreter of Windows.
    Cmd,
}

impl Shell {
    /// Every shell with its name.
    pub const ALL: [(&'static str, Self); 16] = [
        ("bash", Self::Bash),
        ("zsh", Self::Zsh),
        ("dash", Self::Dash),
        ("mksh", Self::Mksh),
        ("ksh", Self::Ksh93),
        ("busybox", Self::Busybox),
        ("yash", Self::Yash),
        ("posh", Self::Posh),
        ("sh", Self::Sh),
        ("fish", Self::Fish),
        ("powershell", Self::PowerShell),
        ("nu", Self::Nu),
        ("elvish", Self::Elvish),
        ("xonsh", Self::Xonsh),
        ("tcsh", Self::Tcsh),
        ("cmd", Self::Cmd),
    ];

    /// The other names that shells go by.
    const ALIASES: [(&'static str, Self); 7] = [
        ("rbash", Self::Bash),
        ("lksh", Self::Mksh),
        ("ksh93", Self::Ksh93),
        ("ash", Self::Busybox),
        ("pwsh", Self::PowerShell),
        ("nushell", Self::Nu),
        ("csh", Self::Tcsh),
    ];

    /// The shell of a name, an alias, a path or a login name: `zsh`, `pwsh.exe`, `/usr/bin/bash-5.2`, `-ksh`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let file = text.rsplit(['/', '\\']).next().unwrap_or(text);
        let name = file.trim_start_matches('-').to_ascii_lowercase();
        let name = name.strip_suffix(".exe").unwrap_or(&name);
        Self::known(name).or_else(|| Self::known(without_version(name)))
    }

    /// The shell of exactly this name.
    fn known(name: &str) -> Option<Self> {
        let mut names = Self::ALL.iter().chain(&Self::ALIASES);
        names.find(|(known, _)| *known == name).map(|(_, shell)| *shell)
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, shell)| *shell == self).map_or("sh", |(name, _)| name)
    }

    /// Whether it reads the language of POSIX.
    #[must_use]
    pub fn is_posix(self) -> bool {
        match self {
            Self::Bash
            | Self::Zsh
            | Self::Dash
            | Self::Mksh
            | Self::Ksh93
            | Self::Busybox
            | Self::Yash
            | Self::Posh
            | Self::Sh => true,
            Self::Fish | Self::PowerShell | Self::Nu | Self::Elvish | Self::Xonsh | Self::Tcsh | Self::Cmd => false,
        }
    }

    /// Where a user asks for `sh` in general, the POSIX shell at hand is the better answer: its own form survives more.
    #[must_use]
    pub fn or_at_hand(self, at_hand: impl FnOnce() -> Self) -> Self {
        if self != Self::Sh {
            return self;
        }
        Some(at_hand()).filter(|shell| shell.is_posix()).unwrap_or(self)
    }
}

/// Distributions install `bash-5.2`, `zsh5` and `bash-static` beside the plain name.
fn without_version(name: &str) -> &str {
    let name = name.strip_suffix("-static").unwrap_or(name);
    name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-')
}

/// The shell that the output is for, where no flag says: `CHOREO_ENV_SHELL`, else the nearest shell among the
/// processes that led to this one, else [`Shell::Sh`].
#[must_use]
pub fn detect(environ: &Environ) -> Shell {
    find(environ).0
}

/// The same, with how it was found.
#[must_use]
pub fn find(environ: &Environ) -> (Shell, Found) {
    let named = || environ.text(environ::SHELL).and_then(Shell::parse).map(|shell| (shell, Found::Variable));
    let above = || ancestry::nearest_shell().map(|(shell, number)| (shell, Found::Process(number)));
    named().or_else(above).unwrap_or((Shell::Sh, Found::Nowhere))
}

/// How the shell was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// `CHOREO_ENV_SHELL` names it.
    Variable,
    /// It is the process of this number, above this one.
    Process(u32),
    /// Nothing says.
    Nowhere,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable => write!(f, "from {}", environ::SHELL),
            Self::Process(number) => write!(f, "process {number} above this one"),
            Self::Nowhere => f.write_str("the default, where no shell is found above this process"),
        }
    }
}

/// The value of `CHOREO_ENV_SHELL` that names no shell; [`detect`] passes over it, and the user should hear so.
#[must_use]
pub fn unknown_choice(environ: &Environ) -> Option<&str> {
    environ.text(environ::SHELL).filter(|name| Shell::parse(name).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_is_found_by_its_own_name_and_by_its_path() {
        for (name, shell) in Shell::ALL {
            assert_eq!(Shell::parse(name), Some(shell));
            assert_eq!(Shell::parse(&format!("/usr/local/bin/{name}")), Some(shell));
            assert_eq!(shell.name(), name);
        }
    }

    #[test]
    fn aliases_login_names_versions_and_endings_are_understood() {
        let cases = [
            ("-zsh", Shell::Zsh),
            ("pwsh", Shell::PowerShell),
            (r"C:\Windows\System32\WindowsPowerShell\v1.0\PowerShell.EXE", Shell::PowerShell),
            ("CMD.exe", Shell::Cmd),
            ("bash-5.2", Shell::Bash),
            ("zsh5-static", Shell::Zsh),
            ("ksh93", Shell::Ksh93),
            ("ksh2020", Shell::Ksh93),
            ("lksh", Shell::Mksh),
            ("ash", Shell::Busybox),
            ("csh", Shell::Tcsh),
            ("nushell", Shell::Nu),
            ("rbash", Shell::Bash),
        ];
        for (text, shell) in cases {
            assert_eq!(Shell::parse(text), Some(shell), "{text}");
        }
    }

    #[test]
    fn other_programs_are_no_shells() {
        for text in ["", "-", "/", "python3.11", "make", "sshd", "fishy", "bash.sh", "5.2"] {
            assert_eq!(Shell::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_variable_wins_and_an_unknown_name_in_it_is_reported() {
        let environ: Environ = [(environ::SHELL, "fish")].into_iter().collect();
        assert_eq!(find(&environ), (Shell::Fish, Found::Variable));
        assert_eq!(unknown_choice(&environ), None);
        let environ: Environ = [(environ::SHELL, "fisch")].into_iter().collect();
        assert_eq!(unknown_choice(&environ), Some("fisch"));
    }

    #[test]
    fn sh_in_general_becomes_the_posix_shell_at_hand() {
        assert_eq!(Shell::Sh.or_at_hand(|| Shell::Zsh), Shell::Zsh);
        assert_eq!(Shell::Sh.or_at_hand(|| Shell::Fish), Shell::Sh);
        assert_eq!(Shell::Dash.or_at_hand(|| Shell::Zsh), Shell::Dash);
    }
}
