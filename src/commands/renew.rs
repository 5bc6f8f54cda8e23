//! The hidden `use --renew`: a fresh token before the next prompt, without a word.
//!
//! A renewal never asks, and never for long. It never leads to another environment than the one that was entered: a
//! profile that has come to mean something else, by a changed file, another folder or another name, is left alone. One that fails is told once, and says when the next try is; what the shell
//! evaluates then never fails by itself, because a prompt is no place to stop.

use std::process::ExitCode;
use std::time::Duration;

use zeroize::Zeroizing;

use super::Context;
use super::switch::AT_A_PROMPT;
use crate::config;
use crate::environ;
use crate::error::Error;
use crate::exit::Exit;
use crate::notice::Notice;
use crate::profile::{self, Asked, Profile};
use crate::render::Undo;
use crate::render::vars::{self, Assignments};
use crate::shell::Shell;
use crate::token::{self as tokens, AccessToken, Moment, Wanted};

/// Prints what brings the shell a fresh token, or what keeps it from trying again at once.
pub(super) fn run(shell: Shell, failures: u32, context: &mut Context) -> Result<ExitCode, Error> {
    let mut told = Vec::new();
    let (code, exit, next) = match renewed(shell, context, &mut told) {
        Ok(Renewal { code, next: None }) => return context.print(&code).map(|()| Exit::Fine.into()),
        Ok(Renewal { code, next: Some(next) }) => (code, Exit::Network, next),
        Err(error) => {
            let pause = pause(failures);
            if failures == 0 {
                context.fail(&error);
                told.clear(); // the error says it all
            }
            (postponed(shell, pause, context)?, error.exit(), pause)
        }
    };
    if failures == 0 {
        for notice in &told {
            context.notice(notice);
        }
        let next = humantime::format_duration(next);
        let message = format!("the token of this shell is not renewed; tried again in {next}, silently until it works");
        context.notice(&Notice::warning(message));
    }
    context.print(&code)?;
    Ok(exit.into())
}

/// What came of a renewal.
struct Renewal {
    /// What the shell evaluates.
    code: Zeroizing<String>,
    /// When to try again, where the token is the one before, which still lives.
    next: Option<Duration>,
}

fn renewed(shell: Shell, context: &mut Context, told: &mut Vec<Notice>) -> Result<Renewal, Error> {
    // Warnings about the configuration were told when the profile was entered.
    let loaded = config::load(context.environ, &context.global.set, &mut |_| {})?;
    let name = profile::choose(Asked::default(), &loaded, context.environ)?;
    let profile = profile::resolve(&name, &loaded)?;
    match context.environ.text(environ::IN_USE) {
        // Somebody has entered just this, and agreed to it where that was asked for.
        Some(entered) if entered == tokens::environment(&profile) => context.permitted = Some(name),
        Some(_) => return Err(Error::NotEntered { profile: name.to_string() }),
        None => {}
    }
    context.permit(&profile)?;
    let began = Moment::now();
    let wanted = Wanted { within: Some(AT_A_PROMPT), ..Wanted::default() };
    let token = tokens::obtain(&profile, &wanted, context.environ, &mut |notice| told.push(notice))?;
    let assignments = context.assignments(&profile, &token, None)?;
    let undo = Undo::more(&assignments, context.environ)?;
    let code = vars::change(shell, &assignments, &undo)?;
    Ok(Renewal { code, next: is_the_old_one(&token, &profile, began).then(|| wait(&token, &profile)) })
}

/// Whether the cached token was served for want of a better one.
fn is_the_old_one(token: &AccessToken, profile: &Profile, began: Moment) -> bool {
    token.obtained_at() < began && !token.freshness(Moment::now(), profile.min_ttl).is_fresh()
}

fn wait(token: &AccessToken, profile: &Profile) -> Duration {
    let now = Moment::now();
    let at = token.renew_at(now, profile.min_ttl).unwrap_or(now.seconds());
    Duration::from_secs(at.abs_diff(now.seconds()))
}

/// What the shell evaluates where there is no token.
fn postponed(shell: Shell, pause: Duration, context: &Context) -> Result<Zeroizing<String>, Error> {
    let now = Moment::now().seconds();
    let expires_at = context.environ.text(environ::EXPORTED_EXPIRES_AT).and_then(|at| at.parse::<i64>().ok());
    let is_over = expires_at.is_none_or(|at| at <= now);
    let assignments = Assignments::postponed(now.saturating_add_unsigned(pause.as_secs()), is_over, context.environ);
    Ok(vars::change(shell, &assignments, &Undo::default())?)
}

/// How long to wait after so many failures: half a minute, twice as long each time, a quarter of an hour at most.
fn pause(failures: u32) -> Duration {
    Duration::from_secs(30_u64.saturating_mul(1 << failures.min(5)).min(15 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_double_up_to_a_quarter_of_an_hour() {
        let pauses = [0, 1, 2, 4, 5, 6, u32::MAX].map(|failures| pause(failures).as_secs());
        assert_eq!(pauses, [30, 60, 120, 480, 900, 900, 900]);
    }
}
