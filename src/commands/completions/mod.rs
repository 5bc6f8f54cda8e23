//! `choreo-env completions`: the code for a shell, and the answers to what that code asks.
//!
//! Owns the lines of an answer. Never connects, never asks for a secret, never opens a file of a checkout that nobody
//! trusted, and says nothing about what fails: nobody reads messages while typing. An answer has one line for each
//! candidate, `VALUE⇥GROUP⇥ABOUT`, and lines without a value for what the shell knows better: `⇥files⇥PREFIX` for
//! paths, after that part of the word, and `⇥command⇥N` where the last N words are a command of their own.

mod place;
mod sources;

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;

use clap::CommandFactory;
use clap_complete::engine::{self, CompletionCandidate};

use super::Context;
use crate::cli::{Cli, CompletionsArgs, NAME};
use crate::environ::Environ;
use crate::error::Error;
use crate::notice::plain;
use crate::shell::Shell;
use place::Place;
use sources::Source;

/// What separates the commands from other candidates, as the engine has it.
const COMMANDS: &str = "Commands";
/// What stands before the program of `exec`.
const ESCAPE: &str = "--";

/// Prints the code, or an answer.
pub(super) fn run(args: &CompletionsArgs, context: &mut Context) -> Result<(), Error> {
    if let Some(word) = &args.word {
        return context.print(&answer(&args.before, word, context.environ));
    }
    let code = Shell::parse(&args.shell).and_then(crate::shell::completion);
    let none = || Error::usage(format!("there is no completion for `{}`", args.shell), None);
    context.print(code.ok_or_else(none)?)
}

/// A candidate, as it is written.
struct Line {
    value: String,
    group: &'static str,
    about: String,
}

impl Line {
    /// A line for each candidate: what it says comes from files, and must not make two lines of one.
    fn written(lines: &[Self]) -> String {
        lines.iter().fold(String::new(), |mut text, Self { value, group, about }| {
            _ = writeln!(text, "{}\t{group}\t{}", plain(value), plain(about));
            text
        })
    }
}

/// What the word may become.
fn answer(before: &[OsString], word: &OsStr, environ: &Environ) -> String {
    let place = Place::of(before);
    if let Some(at) = before.iter().position(|word| word == ESCAPE) {
        let about = (before.len() - at).to_string();
        let program = Line { value: String::new(), group: "command", about };
        return if place.takes_program() { Line::written(&[program]) } else { String::new() };
    }
    let mut lines: Vec<Line> = asked(before, word)
        .iter()
        .filter(|candidate| place.allows(candidate))
        .flat_map(|candidate| expanded(candidate, &word.to_string_lossy(), &place, environ))
        .collect();
    if place.takes_program() && word.to_str().is_some_and(|word| ESCAPE.starts_with(word)) {
        lines.push(Line { value: ESCAPE.into(), group: "values", about: "the program to run follows".into() });
    }
    if word.is_empty() && lines.iter().any(|line| line.group != "options") {
        lines.retain(|line| line.group != "options"); // those who want them type a dash
    }
    Line::written(&lines)
}

/// What the engine makes of it. A lone dash asks for the long options: they say what they do.
fn asked(before: &[OsString], word: &OsStr) -> Vec<CompletionCandidate> {
    let word = if word == "-" { OsStr::new(ESCAPE) } else { word };
    let words: Vec<OsString> = std::iter::once(OsStr::new(NAME))
        .chain(before.iter().map(AsRef::as_ref))
        .chain([word])
        .map(Into::into)
        .collect();
    let last = words.len() - 1;
    engine::complete(&mut sources::taught(Cli::command()), words, last, None).unwrap_or_default()
}

/// The engine's candidate; where it stands for a source, those of the source.
fn expanded(candidate: &CompletionCandidate, word: &str, place: &Place, environ: &Environ) -> Vec<Line> {
    let value = candidate.get_value().to_string_lossy().into_owned();
    if let Some(source) = candidate.get_id().and_then(|id| Source::of(id)) {
        // What stands before the value, such as `--profile=`, is all that the engine gave it.
        return source.lines(&value, word.strip_prefix(&value).unwrap_or_default(), place, environ);
    }
    let is_command = candidate.get_tag().is_some_and(|tag| tag.to_string() == COMMANDS);
    let group = match () {
        () if is_command => "commands",
        () if value.starts_with('-') && !word.contains('=') => "options",
        () => "values",
    };
    let about = candidate.get_help().map(ToString::to_string).unwrap_or_default();
    vec![Line { value, group, about: about.lines().next().unwrap_or_default().to_owned() }]
}
