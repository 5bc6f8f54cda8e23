//! `choreo-env init`: prints the shell plugin. No configuration is read.

use super::Context;
use crate::cli::InitArgs;
use crate::error::Error;
use crate::shell::Shell;
use crate::shell::plugin::{PLUGINS, Plugin, plugin};

/// Prints the plugin of a shell.
pub(super) fn run(args: &InitArgs, context: &mut Context) -> Result<(), Error> {
    let plugin = asked(args.shell.as_deref())?;
    let dir_switch = if args.dir_switch { plugin.dir_switch } else { "" };
    let completion = crate::shell::completion(plugin.shell).unwrap_or_default();
    context.print(&[&plugin.code(), dir_switch, "\n", completion].concat())
}

fn asked(name: Option<&str>) -> Result<&'static Plugin, Error> {
    let Some(name) = name else {
        let lines = PLUGINS.iter().map(|one| format!("{}, in {}: `{}`", one.shell.name(), one.file, one.line));
        let lines: Vec<String> = lines.collect();
        return Err(Error::usage("`choreo-env init` needs the name of your shell", lines.join("\n")));
    };
    Shell::parse(name).and_then(plugin).ok_or_else(|| none(name))
}

/// There is no plugin for that.
pub(super) fn none(name: &str) -> Error {
    let known: Vec<&str> = PLUGINS.iter().map(|one| one.shell.name()).collect();
    let is_known = Shell::parse(name).is_some();
    let near = if is_known { None } else { crate::config::did_you_mean(name, known.iter().copied()) };
    let hint = near.unwrap_or_else(|| format!("there is one for {}", known.join(", ")));
    Error::usage(format!("there is no plugin for the shell `{}`", crate::notice::plain(name)), hint)
}
