//! `choreo-env exec`: runs a program with the token in its environment.

use std::process::ExitCode;

use super::Context;
use crate::cli::ExecArgs;
use crate::error::Error;
use crate::exec::{self, Changes};

/// Becomes the program; returns its exit status only where the system cannot do that.
pub(super) fn run(args: ExecArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile(args.profile.as_deref())?;
    let token = context.token(&profile, &args.freshness)?;
    let assignments = context.assignments(&profile, &token, args.freshness.min_ttl)?;
    let set = assignments.set.into_iter().map(|variable| (variable.name, variable.value)).collect();
    let changes = Changes { set, unset: assignments.unset };
    let mut words = args.command.into_iter();
    let program = words.next().unwrap_or_default(); // clap requires one
    Ok(exec::run(program, words.as_slice(), &changes)?.into())
}
