//! The arguments of the shell plugin, and of what it calls: those that people need not know are hidden.

use std::ffi::OsString;

use clap::Args;

use super::{Freshness, help};

/// The arguments of `use`.
#[derive(Args, Debug)]
#[command(after_help = help::USE)]
pub struct UseArgs {
    /// The profile; `-` is the one before
    pub profile: Option<String>,
    /// How fresh the token must be.
    #[command(flatten)]
    pub freshness: Freshness,
    /// The plugin's shell: without it, nobody would evaluate the output.
    #[arg(long, value_name = "SHELL", hide = true)]
    pub shell: Option<String>,
    /// The shell's profile until now.
    #[arg(long, value_name = "NAME", hide = true)]
    pub current: Option<String>,
    /// The profile before that.
    #[arg(long, value_name = "NAME", hide = true)]
    pub before: Option<String>,
    /// Nobody has asked for this: no question, and not for long.
    #[arg(long, hide = true)]
    pub unasked: bool,
    /// Renew the token of the profile that this shell has.
    #[arg(long, hide = true, conflicts_with_all = ["profile", "here"])]
    pub renew: bool,
    /// The folder where that profile was entered: what counts there, counts for its renewal.
    #[arg(long = "in", value_name = "FOLDER", hide = true)]
    pub folder: Option<OsString>,
    /// How often in a row that has failed.
    #[arg(long, value_name = "N", hide = true, default_value_t = 0)]
    pub failures: u32,
    /// Print the name of the profile that this folder wants.
    #[arg(long, hide = true, conflicts_with = "profile")]
    pub here: bool,
}

/// The arguments of `off`.
#[derive(Args, Debug)]
pub struct OffArgs {
    /// The plugin's shell.
    #[arg(long, value_name = "SHELL", hide = true)]
    pub shell: Option<String>,
}

/// The arguments of `init`.
#[derive(Args, Debug)]
#[command(after_help = help::INIT)]
pub struct InitArgs {
    /// The shell
    pub shell: Option<String>,
    /// Enter the profile of a trusted `.choreo-env.toml` with its folder, and leave it with the folder
    #[arg(long)]
    pub dir_switch: bool,
}
