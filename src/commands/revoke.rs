//! `choreo-env revoke`: has the server end the cached token, and removes it here.

use super::Context;
use crate::cli::RevokeArgs;
use crate::error::Error;
use crate::notice::Notice;
use crate::token::{self, Revoked};

/// Revokes the profile's token.
pub(super) fn run(args: &RevokeArgs, context: &mut Context) -> Result<(), Error> {
    let profile = context.profile(args.profile.as_deref())?;
    context.permit_to("Revoke its token, which others may be using?", &profile)?;
    let revoked = token::revoke(&profile, context.environ, &mut |notice| context.term.notice(&notice))?;
    let what = match revoked {
        Revoked::Ended => "the server has ended the token, and it is not cached any more",
        Revoked::HadExpired => "the cached token had expired already; it is removed",
        Revoked::None => "no token was cached, so there is none to revoke",
    };
    context.notice(&Notice::detail(format!("profile `{}`: {what}", profile.name)));
    Ok(())
}
