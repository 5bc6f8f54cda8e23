//! The arguments of the commands that look and change nothing.

use clap::Args;

/// The arguments of `status`.
#[derive(Args, Debug)]
#[command(after_help = super::help::STATUS)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct StatusArgs {
    /// The profile
    #[arg(conflicts_with = "all")]
    pub profile: Option<String>,
    /// All profiles; the exit status is that of the one that is worst off
    #[arg(long)]
    pub all: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print what this shell holds, for a prompt: `dev 14m`; nothing but its environment is looked at
    #[arg(long, conflicts_with_all = ["profile", "all", "json", "watch"])]
    pub short: bool,
    /// Show a table on the terminal that is kept up to date, until `q` or Ctrl-C
    #[arg(long, conflicts_with = "json")]
    pub watch: bool,
}

/// The arguments of `doctor`.
#[derive(Args, Debug)]
#[command(after_help = super::help::DOCTOR)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub struct DoctorArgs {
    /// The profile
    pub profile: Option<String>,
    /// Connect to nobody
    #[arg(long, conflicts_with = "token")]
    pub offline: bool,
    /// Ask for a token, too: this reads the secret, and the server may end the token before
    #[arg(long)]
    pub token: bool,
    /// Ask for two tokens, and remember what becomes of the first: this may end one that others use, so you are asked
    #[arg(long, conflicts_with = "offline")]
    pub probe_reissue: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The arguments of `man`.
#[derive(Args, Debug)]
#[command(after_help = super::help::MAN)]
pub struct ManArgs {
    /// A command, such as `token` or `secret set`, or `config` for the configuration [default: the overview]
    #[arg(value_name = "PAGE")]
    pub page: Vec<String>,
    /// Print the page's source, for a formatter of your own
    #[arg(long)]
    pub roff: bool,
}
