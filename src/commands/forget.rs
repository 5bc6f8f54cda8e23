//! `choreo-env forget`: removes cached tokens. The server is not asked: a token that others hold stays valid.

use super::Context;
use crate::cli::ForgetArgs;
use crate::error::Error;
use crate::notice::Notice;
use crate::token;

/// Removes what is cached for a profile, or all of it.
pub(super) fn run(args: &ForgetArgs, context: &mut Context) -> Result<(), Error> {
    if args.all {
        let count = token::forget_all(context.environ)?;
        context.notice(&Notice::detail(format!("{count} cached tokens removed")));
        return Ok(());
    }
    let profile = context.profile(args.profile.as_deref())?;
    let removed = token::forget(&profile, context.environ)?;
    let what = if removed { "the cached token is removed" } else { "no token was cached" };
    context.notice(&Notice::detail(format!("profile `{}`: {what}", profile.name)));
    Ok(())
}
