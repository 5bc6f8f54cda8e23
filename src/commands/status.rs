//! `choreo-env status`: what is configured, cached, about to expire. Offline, and no secret is touched.

use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;

use super::standing::{Standing, State};
use super::{Context, output};
use crate::cli::{Global, StatusArgs};
use crate::config::{self, Loaded, ProfileName};
use crate::environ::{self, Environ};
use crate::error::Error;
use crate::exit::Exit;
use crate::notice::plain;
use crate::profile::{self, Asked, ProfileError};
use crate::term::Paint;
use crate::token::Moment;

/// A line of the table.
#[derive(Serialize)]
struct Row {
    profile: String,
    /// Whether it is the shell's own.
    current: bool,
    #[serde(flatten)]
    standing: Standing,
}

/// Prints how things stand; the exit status says it, too.
pub(super) fn run(args: &StatusArgs, context: &mut Context) -> Result<ExitCode, Error> {
    if args.short {
        return short(context);
    }
    let loaded = context.load()?;
    let names = names(args, &loaded, &context.global, context.environ)?;
    if args.watch {
        return watch(args, context);
    }
    let rows = rows(&names, &loaded, context.environ);
    let text = match (args.json, &rows[..]) {
        (true, [one]) if !args.all => super::json(one),
        (true, _) => super::json(&rows),
        (false, _) => table(&rows, context.term.out_paint()),
    };
    context.print(&text)?;
    if !args.all {
        // What is wrong with the profile is told after how it stands, with what can be done.
        names.iter().try_for_each(|name| profile::resolve(name, &loaded).map(drop))?;
    }
    let worst = rows.iter().map(|row| row.standing.state).max();
    Ok(worst.map_or(Exit::NoToken, State::exit).into())
}

/// Prints what this shell holds, in the words of the plugin's prompt segment.
fn short(context: &mut Context) -> Result<ExitCode, Error> {
    let Some(text) = segment(context.environ, Moment::now()) else { return Ok(Exit::NoToken.into()) };
    context.print(&format!("{text}\n"))?;
    Ok(Exit::Fine.into())
}

/// The profile and how long its token lasts: `dev 14m`, `dev <1m`, `dev expired`.
fn segment(environ: &Environ, now: Moment) -> Option<String> {
    let holds = [environ::EXPORTED_TOKEN, environ::RENEW_AT].iter().any(|name| environ.get(name).is_some());
    let name = ProfileName::parse(environ.text(environ::PROFILE)?).ok().filter(|_| holds)?;
    let expires_at = environ.text(environ::EXPORTED_EXPIRES_AT).and_then(|at| at.parse::<i64>().ok());
    Some(match expires_at.map(|at| at.saturating_sub(now.seconds())) {
        None => name.to_string(),
        Some(..=0) => format!("{name} expired"),
        Some(..60) => format!("{name} <1m"),
        Some(left) => format!("{name} {}m", left / 60),
    })
}

/// The profiles that are asked for.
fn names(
    args: &StatusArgs,
    loaded: &Loaded,
    global: &Global,
    environ: &Environ,
) -> Result<Vec<ProfileName>, ProfileError> {
    if args.all && !loaded.names().is_empty() {
        return Ok(loaded.names().into_iter().cloned().collect());
    }
    let asked = Asked { argument: args.profile.as_deref(), flag: global.profile.as_deref() };
    Ok(vec![profile::choose(asked, loaded, environ)?])
}

fn rows(names: &[ProfileName], loaded: &Loaded, environ: &Environ) -> Vec<Row> {
    let current = environ.text(environ::PROFILE);
    let row = |name: &ProfileName| Row {
        profile: name.to_string(),
        current: current == Some(name.as_str()),
        standing: Standing::of(name, loaded, environ),
    };
    names.iter().map(row).collect()
}

/// A line for each profile: `*` before the shell's current one, the name, the state, and why.
fn table(rows: &[Row], paint: Paint) -> String {
    let names = rows.iter().map(|row| row.profile.len()).max().unwrap_or(0);
    let states = rows.iter().map(|row| row.standing.state.name().len()).max().unwrap_or(0);
    let line = |row: &Row| {
        let Standing { state, reason, .. } = &row.standing;
        let mark = if row.current { '*' } else { ' ' };
        let state = paint.tone(state.tone(), &format!("{:states$}", state.name()));
        format!("{mark} {:names$}  {state}  {reason}\n", row.profile)
    };
    rows.iter().map(line).collect()
}

/// Shows the table until somebody has seen enough.
fn watch(args: &StatusArgs, context: &mut Context) -> Result<ExitCode, Error> {
    const EVERY: Duration = Duration::from_secs(1);
    if !context.term.out_is_terminal() {
        return Err(Error::usage(
            "`--watch` draws on a terminal, and stdout is none",
            "leave out `--watch`, or use `--json`".to_owned(),
        ));
    }
    let (environ, global, paint) = (context.environ, &context.global, context.term.out_paint());
    let picture = || {
        let table = look(args, global, environ).map_or_else(|error| told(&error), |rows| table(&rows, paint));
        table + "\nq leaves\n"
    };
    context.term.live(EVERY, picture).map_err(|source| output("to the terminal", source))?;
    Ok(Exit::Fine.into())
}

/// Looks again: the configuration may have changed, too. Its warnings were shown before.
fn look(args: &StatusArgs, global: &Global, environ: &Environ) -> Result<Vec<Row>, Error> {
    let loaded = config::load(environ, &global.set, &mut |_| {})?;
    Ok(rows(&names(args, &loaded, global, environ)?, &loaded, environ))
}

/// What is wrong, in the place of the table: it may be a file that somebody is just writing.
fn told(error: &Error) -> String {
    let messages = error.reports().into_iter().flat_map(|(message, _)| [plain(&message), "\n".to_owned()]);
    messages.collect()
}
