//! Where the cursor is: the command that the words before it have reached, and what they have given already.

use std::ffi::{OsStr, OsString};

use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Command, CommandFactory};
use clap_complete::engine::CompletionCandidate;

use super::COMMANDS;
use crate::cli::{Cli, NAME};

/// The place of the cursor.
pub(super) struct Place {
    command: Command,
    /// What was given to the command, as far as the words could be read.
    matches: ArgMatches,
    is_root: bool,
}

impl Place {
    /// Reads the words as the program itself would, and passes over what is wrong with them.
    pub(super) fn of(before: &[OsString]) -> Self {
        let words = std::iter::once(OsStr::new(NAME)).chain(before.iter().map(AsRef::as_ref));
        let mut command = Cli::command().ignore_errors(true);
        let matches = command.try_get_matches_from_mut(words).unwrap_or_default();
        let mut place = Self { command, matches, is_root: true };
        while let Some((name, matches)) = place.matches.remove_subcommand() {
            let Some(command) = place.command.find_subcommand(&name).cloned() else { break };
            place = Self { command, matches, is_root: false };
        }
        place
    }

    /// Whether a program's words stand after `--`: those of `curl` are options of curl.
    pub(super) fn takes_program(&self) -> bool {
        let is_program = |arg: &clap::Arg| arg.get_value_names().is_some_and(|names| names == ["COMMAND"]);
        self.command.get_positionals().any(|arg| arg.is_last_set() && is_program(arg))
    }

    /// The words that were given to a positional argument.
    pub(super) fn words(&self, id: &str) -> Vec<&str> {
        self.matches.try_get_many::<String>(id).ok().flatten().into_iter().flatten().map(String::as_str).collect()
    }

    /// Whether a candidate of the engine makes sense here: what is hidden is not for people, a command's profile and options stand after its name, and
    /// an option that was given is not given again.
    pub(super) fn allows(&self, candidate: &CompletionCandidate) -> bool {
        if candidate.is_hide_set() {
            return false;
        }
        if candidate.get_tag().is_some_and(|tag| tag.to_string() == COMMANDS) {
            return !self.is_root || !self.command.get_arguments().any(|arg| !arg.is_global_set() && self.has(arg));
        }
        let option = candidate.get_id().and_then(|id| id.strip_prefix("arg::"));
        let option = option.and_then(|id| self.command.get_arguments().find(|arg| arg.get_id() == id));
        !option.is_some_and(|arg| self.has(arg) && !matches!(arg.get_action(), ArgAction::Append | ArgAction::Count))
    }

    fn has(&self, arg: &clap::Arg) -> bool {
        let id = arg.get_id();
        let known = self.matches.ids().any(|known| known == id);
        known && self.matches.value_source(id.as_str()) == Some(ValueSource::CommandLine)
    }
}
