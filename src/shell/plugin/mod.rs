//! The shell plugin: what `init` prints.
//!
//! Owns the templates, one file for each shell, and the words about them. Never decides anything: a template keeps the
//! state, calls the program and evaluates what it prints. Gives a [`Plugin`].

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
pub const PLUGINS: [Plugin; 2] = [
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
];

/// The plugin of a shell.
#[must_use]
pub fn plugin(shell: Shell) -> Option<&'static Plugin> {
    PLUGINS.iter().find(|plugin| plugin.shell == shell)
}
