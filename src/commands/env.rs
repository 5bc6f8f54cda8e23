//! `choreo-env env`, and `choreo-env` without a command: code or data that hands the token to a shell or a CI job.
//!
//! The failure contract lives here: when a shell evaluates the output, a failure leaves code that removes what the
//! tool exports and then fails, so that no token of another environment stays behind.

use std::cell::LazyCell;
use std::ffi::OsString;
use std::fmt::Display;
use std::panic::{self, AssertUnwindSafe};

use super::{Context, output};
use crate::cli::{EnvArgs, Unread};
use crate::environ::{self, Environ};
use crate::error::Error;
use crate::notice::Notice;
use crate::render::vars::{self, Format, Layout};
use crate::render::{inherited, leftovers};
use crate::shell::{self, Found, Shell};
use crate::store;
use crate::term::Term;

/// Prints the exports, or, where that fails, what a shell must do then.
pub(super) fn run(args: &EnvArgs, context: &mut Context) -> Result<(), Error> {
    let at_hand = LazyCell::new(|| shell::find(context.environ));
    let (shell, form) = (args.shell.as_deref(), args.format.as_deref());
    let evaluating = (!context.term.out_is_terminal()).then(|| evaluating_shell(shell, form, &|| at_hand.0)).flatten();
    let format = format(args, context, &|| *at_hand);
    let mut stale = leftovers(context.environ);
    if args.profile.is_none() && context.global.profile.is_none() {
        // A failed renewal: the shell's choice stays, or the next bare call would go to another environment.
        stale.retain(|name| name != environ::PROFILE);
    }
    let work = |context: &mut Context, stale: &mut _| export(args, format?, context, stale, evaluating);
    guarded(context, stale, work, |stale| evaluating.map(|shell| vars::failure(shell, stale)))
}

/// Does something for a shell that waits for code; where that fails, the shell gets code that says so. `stale` are the
/// names that go then, as far as they are known.
pub(super) fn guarded(
    context: &mut Context,
    mut stale: Vec<String>,
    work: impl FnOnce(&mut Context, &mut Vec<String>) -> Result<(), Error>,
    failure: impl Fn(&[String]) -> Option<String>,
) -> Result<(), Error> {
    // Also a fault of the program itself must not leave nothing for `eval`.
    let result = panic::catch_unwind(AssertUnwindSafe(|| work(context, &mut stale)));
    if let (Err(_) | Ok(Err(_)), Some(code)) = (&result, failure(&stale)) {
        _ = context.term.data(&code);
    }
    result.unwrap_or_else(|fault| panic::resume_unwind(fault))
}

/// The same for a command line that could not be read: as long as it may have been meant for `env`, a shell is
/// waiting for code.
pub(crate) fn usage_failed(arguments: &[OsString], environ: &Environ, term: &mut Term) {
    let Unread { command, shell, format, .. } = Unread::of(arguments.get(1..).unwrap_or_default());
    let evaluating = evaluating_shell(shell, format, &|| shell::detect(environ)).filter(|_| !term.out_is_terminal());
    let code = match (command, evaluating) {
        (None | Some("env"), Some(shell)) => vars::failure(shell, &leftovers(environ)),
        (Some("use" | "off"), Some(shell)) => vars::changed_nothing(shell, &inherited(environ)),
        _ => return,
    };
    _ = term.data(&code);
}

fn export(
    args: &EnvArgs,
    format: Format,
    context: &mut Context,
    stale: &mut Vec<String>,
    evaluating: Option<Shell>,
) -> Result<(), Error> {
    let profile = context.profile(args.profile.as_deref())?;
    stale.extend(profile.vars.keys().cloned());
    if let Some(shell) = evaluating {
        // `eval` of nothing succeeds, so a signal must not leave nothing.
        context.term.set_last_words(vars::failure(shell, stale));
    }
    let token = context.token(&profile, &args.freshness)?;
    let Format::Variables(layout) = format else {
        let info = context.environ.text("KUBERNETES_EXEC_INFO");
        let expires_at = token.expires_at().and_then(|at| u64::try_from(at).ok());
        return context.print(&vars::exec_credential(token.value(), expires_at, info));
    };
    let assignments = context.assignments(&profile, &token, args.freshness.min_ttl)?;
    let rendered = vars::export(layout, &assignments, context.term.out_is_terminal())?;
    let Some(lines) = rendered.github_env else { return context.print(&rendered.stdout) };
    // Not before the masks are out, and never without them: the runner reads the log and the file at their own times.
    context.term.delivered(&rendered.stdout).map_err(|source| output("the masks to stdout", source))?;
    append_to_github_env(&lines, context)
}

fn format(args: &EnvArgs, context: &mut Context, at_hand: &dyn Fn() -> (Shell, Found)) -> Result<Format, Error> {
    if let Some(name) = args.shell.as_deref() {
        let shell = Shell::parse(name).ok_or_else(|| unknown("shell", name, &shells()))?;
        return Ok(for_shell(shell, &"from --shell", context));
    }
    match args.format.as_deref() {
        None => {
            if let Some(name) = shell::unknown_choice(context.environ) {
                context.term.notice(&Notice::warning(format!(
                    "`{name}` (from CHOREO_ENV_SHELL) is no shell that is known here"
                )));
            }
            let (shell, found) = at_hand();
            Ok(for_shell(shell, &found, context))
        }
        Some("github") if context.environ.text("GITHUB_ACTIONS") != Some("true") => Err(Error::usage(
            "`--format github` is for GitHub Actions: elsewhere nothing would mask the token",
            "use `--format dotenv` or `choreo-env exec`".to_owned(),
        )),
        Some(name) => match Format::parse(name) {
            Some(Format::Variables(Layout::Shell(shell))) => {
                let exact = shell.or_at_hand(|| at_hand().0);
                let nearer = (exact != shell).then(|| format!(" `{name}`, and {}", at_hand().1));
                Ok(for_shell(exact, &format_args!("from --format{}", nearer.unwrap_or_default()), context))
            }
            Some(format) => Ok(format),
            None => Err(unknown("format", name, &[shells(), Format::DATA.to_vec()].concat())),
        },
    }
}

fn for_shell(shell: Shell, why: &dyn Display, context: &mut Context) -> Format {
    context.notice(&Notice::detail(format!("the output is for the shell `{}`: {why}", shell.name())));
    Format::Variables(Layout::Shell(shell))
}

fn shells() -> Vec<&'static str> {
    Shell::ALL.iter().map(|(name, _)| *name).collect()
}

fn unknown(what: &str, name: &str, known: &[&str]) -> Error {
    let near = crate::config::did_you_mean(name, known.iter().copied());
    let hint = near.unwrap_or_else(|| format!("known are {}", known.join(", ")));
    Error::usage(format!("`{name}` is no {what} that is known here"), hint)
}

/// The shell that waits for code, if one does. A misspelt name may be any shell's.
fn evaluating_shell(shell: Option<&str>, format: Option<&str>, at_hand: &dyn Fn() -> Shell) -> Option<Shell> {
    match (shell, format.and_then(Format::parse)) {
        (Some(name), _) => Some(Shell::parse(name).unwrap_or_else(at_hand)),
        (None, None) => Some(at_hand()),
        (None, Some(Format::Variables(Layout::Shell(shell)))) => Some(shell.or_at_hand(at_hand)),
        (None, Some(_)) => None,
    }
}

fn append_to_github_env(lines: &str, context: &Context) -> Result<(), Error> {
    let file = context.environ.get("GITHUB_ENV").ok_or_else(|| {
        Error::usage("GITHUB_ENV is not set", "run this in a step of a GitHub Actions job".to_owned())
    })?;
    store::append(file.as_ref(), lines.as_bytes()).map_err(|source| output("to the file that GITHUB_ENV names", source))
}
