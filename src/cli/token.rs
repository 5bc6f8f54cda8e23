//! The arguments of the commands that are about a token that is there.

use clap::Args;

use super::help;

/// The arguments of `inspect`.
#[derive(Args, Debug)]
#[command(after_help = help::INSPECT)]
pub struct InspectArgs {
    /// The profile, or `-` for a token on standard input
    #[arg(value_name = "PROFILE | -", allow_hyphen_values = false)]
    pub what: Option<String>,
    /// Connect to nobody: the signature is not checked, and only a cached token is looked at
    #[arg(long)]
    pub offline: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The arguments of `revoke`.
#[derive(Args, Debug)]
#[command(after_help = help::REVOKE)]
pub struct RevokeArgs {
    /// The profile
    pub profile: Option<String>,
}
