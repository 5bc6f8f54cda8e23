//! `choreo-env exec`: runs a program with the token in its environment.

use std::process::ExitCode;

use super::Context;
use crate::cli::ExecArgs;
use crate::error::Error;
use crate::exec::{self, Changes};
use crate::render::vars::Assignments;

/// Becomes the program; returns its exit status only where the system cannot do that.
pub(super) fn run(args: ExecArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile(args.profile.as_deref())?;
    let token = context.token(&profile, &args.freshness)?;
    let api_key = context.api_key(&profile)?;
    let secret = context.connection_secret(&profile)?;
    let assignments = Assignments::new(&profile, &token, api_key.as_ref(), context.environ).with_consumer_secret(
        &profile,
        secret.as_ref(),
        context.environ,
    );
    let set = assignments.set.into_iter().map(|variable| (variable.name, variable.value)).collect();
    let changes = Changes { set, unset: assignments.unset };
    let mut words = args.command.into_iter();
    let program = words.next().unwrap_or_default(); // clap requires one
    Ok(exec::run(program, words.as_slice(), &changes)?.into())
}
