//! The arguments of the commands that look and change nothing.

use clap::Args;

/// The arguments of `status`.
#[derive(Args, Debug)]
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
    /// Show a table on the terminal that is kept up to date, until `q` or Ctrl-C
    #[arg(long, conflicts_with = "json")]
    pub watch: bool,
}

/// The arguments of `doctor`.
#[derive(Args, Debug)]
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
