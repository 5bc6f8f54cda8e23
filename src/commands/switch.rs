//! `choreo-env use` and `choreo-env off`: what the shell plugin calls, and evaluates.
//!
//! A program cannot change the environment of the shell that starts it: without the plugin, both say so.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::env::guarded;
use super::{Context, here, init, renew};
use crate::cli::{Command, OffArgs, UseArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::render::vars;
use crate::render::{Undo, inherited};
use crate::shell::plugin::plugin;
use crate::shell::{self, Shell};

/// How long somebody waits at a prompt who has asked for nothing.
pub(super) const AT_A_PROMPT: Duration = Duration::from_secs(4);

/// The folder that a renewal belongs to, where it is not this one.
pub(super) fn folder(command: &Command) -> Option<&Path> {
    let Command::Use(UseArgs { folder, renew: true, .. }) = command else { return None };
    folder.as_deref().filter(|folder| !folder.is_empty()).map(Path::new)
}

/// Prints what changes the shell to a profile.
pub(super) fn run(args: &UseArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let stale = inherited(context.environ);
    let shell = plugins_shell("use", args.shell.as_deref(), context)?;
    if args.renew || args.here || args.unasked {
        context.unasked = Some(AT_A_PROMPT);
    }
    if args.renew {
        return renew::run(shell, args.failures, context);
    }
    if args.here {
        return here::run(context).map(|()| Exit::Fine.into());
    }
    let failure = |stale: &[String]| Some(vars::changed_nothing(shell, stale));
    guarded(context, stale, |context, stale| enter(args, shell, context, stale), failure)?;
    Ok(Exit::Fine.into())
}

/// Prints what an inherited export needs to go away; what this shell has exported itself, the plugin knows.
pub(super) fn off(args: &OffArgs, context: &mut Context) -> Result<(), Error> {
    let shell = plugins_shell("off", args.shell.as_deref(), context)?;
    let stale = inherited(context.environ);
    if stale.is_empty() && shell != Shell::Nu { Ok(()) } else { context.print(&vars::removal(shell, &stale)?) }
}

fn enter(args: &UseArgs, shell: Shell, context: &mut Context, stale: &mut Vec<String>) -> Result<(), Error> {
    let profile = context.profile(named(args, context)?.as_deref())?;
    if !stale.is_empty() {
        stale.extend(profile.vars.keys().cloned());
    }
    context.term.set_last_words(vars::changed_nothing(shell, stale));
    let token = context.token(&profile, &args.freshness)?;
    let assignments = context.assignments(&profile, &token, args.freshness.min_ttl)?;
    let undo = Undo::of(&assignments, context.environ)?;
    context.print(&vars::change(shell, &assignments, &undo)?)
}

/// The profile that the plugin's user names, or has until now: the plugin has left it already.
fn named(args: &UseArgs, context: &Context) -> Result<Option<String>, Error> {
    let given = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
    match args.profile.as_deref() {
        Some("-") => given(&args.before).map(Some).ok_or_else(|| {
            Error::usage("this shell has had no other profile before", "name one: `choreo-env use NAME`".to_owned())
        }),
        Some(name) => Ok(Some(name.to_owned())),
        None if context.global.profile.is_some() => Ok(None),
        None => Ok(given(&args.current)),
    }
}

/// The plugin's shell. Where it is somebody else who calls, a shell may be waiting for code all the same.
fn plugins_shell(command: &str, name: Option<&str>, context: &mut Context) -> Result<Shell, Error> {
    if let Some(name) = name {
        return Shell::parse(name).filter(|shell| plugin(*shell).is_some()).ok_or_else(|| init::none(name));
    }
    let at_hand = shell::detect(context.environ);
    if !context.term.out_is_terminal() {
        _ = context.term.data(&vars::changed_nothing(at_hand, &inherited(context.environ)));
    }
    Err(Error::usage(
        format!("`choreo-env {command}` changes the shell that it is typed in, which needs the shell plugin"),
        match plugin(at_hand) {
            Some(plugin) => format!("put this line into {}: `{}`", plugin.file, plugin.line),
            None => {
                "without it: `eval \"$(choreo-env env NAME)\"`; `choreo-env init` names the shells that have one".into()
            }
        },
    ))
}
