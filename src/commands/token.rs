//! `choreo-env token`: the bare token, a header line, or JSON.

use super::Context;
use crate::cli::TokenArgs;
use crate::error::Error;
use crate::render;

/// Prints the token.
pub(super) fn run(args: &TokenArgs, context: &mut Context) -> Result<(), Error> {
    let profile = context.profile(args.profile.as_deref())?;
    let token = context.token(&profile, &args.freshness)?;
    let text = match (args.header, args.json) {
        (true, _) => render::token::header(&token),
        (_, true) => render::token::json(&profile.name, &token),
        _ => render::token::bare(&token),
    };
    context.print(&text)
}
