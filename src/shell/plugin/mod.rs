//! The shell plugin: what `init` prints.
//!
//! Owns the templates, one file for each shell, and the words about them. Never decides anything: a template keeps the
//! state, calls the program and evaluates what it prints. Gives a [`Plugin`].

use std::borrow::Cow;

use super::Shell;

/// A shell's plugin.
#[derive(Debug)]
pub struct Plugin {
    /// The shell.
    pub shell: Shell,
    /// The code.
    pub template: &'static str,
    /// The line below it that turns on the switch by folder.
    pub dir_switch: &'static str,
    /// The line that loads it.
    pub line: &'static str,
    /// The file that the line belongs into.
    pub file: &'static str,
}

/// Every plugin.
pub const PLUGINS: [Plugin; 8] = [
    Plugin {
        shell: Shell::Bash,
        template: include_str!("plugin.bash"),
        dir_switch: "__choreo_env_dir_switch=1\n",
        line: r#"eval "$(choreo-env init bash)""#,
        file: "~/.bashrc",
    },
    Plugin {
        shell: Shell::Zsh,
        template: include_str!("plugin.zsh"),
        dir_switch: "__choreo_env_dir_switch=1\n",
        line: r#"eval "$(choreo-env init zsh)""#,
        file: "~/.zshrc",
    },
    Plugin {
        shell: Shell::Fish,
        template: include_str!("plugin.fish"),
        dir_switch: "set -g __choreo_env_dir_switch 1\n",
        line: "choreo-env init fish | source",
        file: "~/.config/fish/config.fish",
    },
    Plugin {
        shell: Shell::PowerShell,
        template: include_str!("plugin.ps1"),
        dir_switch: "$Global:__choreo_env_state.DirSwitch = $true\n",
        line: "choreo-env init powershell | Out-String | Invoke-Expression",
        file: "$PROFILE",
    },
    Plugin {
        shell: Shell::Nu,
        template: include_str!("plugin.nu"),
        dir_switch: "__choreo_env_remember {switch: true}\n",
        line: "let dir = $nu.user-autoload-dirs | first; mkdir $dir; choreo-env init nu | save --force ($dir | path join choreo-env.nu)",
        file: "~/.config/nushell/config.nu",
    },
    Plugin {
        shell: Shell::Elvish,
        template: include_str!("plugin.elv"),
        dir_switch: "set __choreo_env_dir_switch = $true\n",
        line: "eval (choreo-env init elvish | slurp)",
        file: "~/.config/elvish/rc.elv",
    },
    Plugin {
        shell: Shell::Xonsh,
        template: include_str!("plugin.xsh"),
        dir_switch: "__choreo_env.dir_switch = True\n",
        line: "execx($(choreo-env init xonsh))",
        file: "~/.config/xonsh/rc.xsh",
    },
    Plugin {
        shell: Shell::Tcsh,
        template: include_str!("plugin.tcsh"),
        dir_switch: "set __choreo_env_dir_switch;\n",
        line: r#"eval "`choreo-env init tcsh`""#,
        file: "~/.tcshrc",
    },
];

impl Plugin {
    /// The code, as the shell gets it. tcsh makes one line of it, in which a comment would hide all that follows.
    #[must_use]
    pub fn code(&self) -> Cow<'static, str> {
        if self.shell != Shell::Tcsh {
            return self.template.into();
        }
        let said = self.template.split_inclusive('\n').filter(|line| !line.starts_with('#'));
        said.collect::<String>().into()
    }
}

/// The plugin of a shell.
#[must_use]
pub fn plugin(shell: Shell) -> Option<&'static Plugin> {
    PLUGINS.iter().find(|plugin| plugin.shell == shell)
}
