//! A command line that cannot be read, told in our own words: what is wrong, in one line, and what to do about it.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Unread;

/// What is wrong with a command line.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What it is.
    pub message: String,
    /// What can be done about it.
    pub hint: Option<String>,
}

/// Finds the command that a word was most likely meant to be.
pub type Near<'a> = &'a dyn Fn(&str) -> Option<&'static str>;

impl Mistake {
    /// Says what is wrong with the arguments, the program's name among them.
    #[must_use]
    pub fn of(error: &clap::Error, arguments: &[OsString], near: Near) -> Self {
        let unread = Unread::of(arguments.get(1..).unwrap_or_default());
        let (argument, value) = (name(error), text(error, ContextKind::InvalidValue).unwrap_or_default());
        let command = unread.command.map_or("choreo-env".to_owned(), |command| format!("choreo-env {command}"));
        let (message, hint) = match error.kind() {
            ErrorKind::InvalidSubcommand => no_command(error, &unread, near),
            // Where no command has its likeness, clap takes the second word for an argument that is too many.
            ErrorKind::UnknownArgument if unread.command.is_none() && !argument.starts_with('-') => {
                no_command(error, &unread, near)
            }
            ErrorKind::UnknownArgument if argument.starts_with('-') => {
                (format!("`{command}` has no option `{argument}`"), instead(error, &unread).or_else(|| usage(error)))
            }
            ErrorKind::UnknownArgument => (too_many(&argument), instead(error, &unread).or_else(|| usage(error))),
            ErrorKind::TooManyValues if argument.starts_with('-') => (format!("`{argument}` takes no value"), None),
            ErrorKind::TooManyValues => (too_many(&value), usage(error)),
            ErrorKind::InvalidValue if value.is_empty() => {
                let form = text(error, ContextKind::InvalidArg);
                (format!("`{argument}` needs a value"), form.map(|form| format!("usage: `{form}`")))
            }
            ErrorKind::InvalidValue => (format!("`{value}` is no value of `{argument}`"), known(error)),
            ErrorKind::ValueValidation => {
                let why = std::error::Error::source(error).map(|why| format!(": {why}")).unwrap_or_default();
                (format!("`{value}` is no value of `{argument}`{why}"), None)
            }
            ErrorKind::ArgumentConflict => (conflict(error, &argument), None),
            ErrorKind::MissingRequiredArgument => {
                let missing = text(error, ContextKind::InvalidArg).unwrap_or_default();
                (format!("`{command}` needs `{missing}`"), usage(error))
            }
            ErrorKind::InvalidUtf8 => ("an argument is not Unicode text".into(), usage(error)),
            _ => (first_line(error), usage(error)),
        };
        Self { message, hint }
    }
}

/// Two words, of which the first should be a command: it is the one to blame, and not the second.
fn no_command(error: &clap::Error, unread: &Unread, near: Near) -> (String, Option<String>) {
    let invalid = text(error, ContextKind::InvalidSubcommand).unwrap_or_default();
    let help = unread.command == Some("help");
    let word = if help { invalid.as_str() } else { unread.first.unwrap_or(&invalid) };
    let hint = match near(word) {
        Some(command) if help => format!("did you mean `choreo-env help {command}`?"),
        Some(command) => format!("did you mean `choreo-env {command}{}`?", repeated(unread.rest)),
        None if help => "`choreo-env --help` lists the commands".into(),
        None => format!("a profile stands alone (`choreo-env {word}`); `choreo-env --help` lists the commands"),
    };
    (format!("no command is called `{word}`"), Some(hint))
}

/// The words as they can be typed again; what has to be quoted or may be a secret is left out.
fn repeated(words: &[OsString]) -> String {
    let simple = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+@:,".contains(c));
    let again = |word: &OsString| Some(format!(" {}", word.to_str().filter(|word| simple(word) && *word != "--set")?));
    words.iter().map(again).collect::<Option<String>>().unwrap_or_else(|| " …".into())
}

/// What was meant by an argument that is not known.
fn instead(error: &clap::Error, unread: &Unread) -> Option<String> {
    let argument = name(error);
    let is_method = unread.command == Some("curl") && ["-X", "--request"].contains(&argument.as_str());
    let no_dashes = unread.command == Some("exec") && unread.rest.iter().all(|word| word != "--");
    match text(error, ContextKind::SuggestedArg) {
        _ if is_method => Some("the method stands before the path: `choreo-env curl dev POST /pets`".into()),
        Some(near) => Some(format!("did you mean `{near}`?")),
        None => no_dashes.then(|| "put `--` before the command, such as `choreo-env exec dev -- npm test`".into()),
    }
}

fn too_many(word: &str) -> String {
    format!("`{word}` is one word too many")
}

fn conflict(error: &clap::Error, argument: &str) -> String {
    match text(error, ContextKind::PriorArg).as_deref().map(bare) {
        Some(other) if other != argument => format!("`{argument}` and `{other}` exclude each other"),
        _ => format!("`{argument}` can be given only once"),
    }
}

/// The values that an option knows.
fn known(error: &clap::Error) -> Option<String> {
    if let Some(near) = text(error, ContextKind::SuggestedValue) {
        return Some(format!("did you mean `{near}`?"));
    }
    match error.get(ContextKind::ValidValue)? {
        ContextValue::Strings(values) => Some(format!("known are `{}`", values.join("`, `"))),
        _ => None,
    }
}

fn usage(error: &clap::Error) -> Option<String> {
    let said = error.get(ContextKind::Usage)?.to_string();
    Some(format!("usage: `{}`", said.trim().trim_start_matches("Usage:").trim_start().lines().next()?))
}

/// What clap says itself, where it has more to say than we know of.
fn first_line(error: &clap::Error) -> String {
    let said = error.to_string();
    let line = said.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").replace('\'', "`")
}

/// The argument that is wrong, without the names of its values.
fn name(error: &clap::Error) -> String {
    text(error, ContextKind::InvalidArg).map(|argument| bare(&argument).to_owned()).unwrap_or_default()
}

/// An option without its values, also where one was typed: it may be a secret.
fn bare(argument: &str) -> &str {
    if argument.starts_with('-') { argument.split([' ', '=']).next().unwrap_or_default() } else { argument }
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.first().cloned(),
        _ => None,
    }
}
