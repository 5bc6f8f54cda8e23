//! A command line with a mistake in it: what it was meant for, as far as its words tell.

use std::ffi::OsString;

use super::Command;

/// What can be told of a command line that could not be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unread<'a> {
    /// The command, where the first word is the name of one.
    pub command: Option<&'a str>,
    /// The first word that is no option.
    pub first: Option<&'a str>,
    /// What follows it.
    pub rest: &'a [OsString],
    /// What `--shell` was given.
    pub shell: Option<&'a str>,
    /// What `--format` was given.
    pub format: Option<&'a str>,
}

/// The options that take the next word as their value.
const WITH_VALUE: [&str; 9] =
    ["--profile", "--set", "--shell", "--format", "--min-ttl", "--current", "--before", "--in", "--failures"];

impl<'a> Unread<'a> {
    /// Looks at the arguments, without the program's name.
    #[must_use]
    pub fn of(arguments: &'a [OsString]) -> Self {
        let mut unread = Self::default();
        // What is not Unicode is no name of ours, and yet it may be the first word.
        let mut words = arguments.iter().map(|word| word.to_str().unwrap_or_default()).enumerate();
        while let Some((at, word)) = words.next() {
            let (option, value) = match word.split_once('=') {
                Some((option, value)) => (option, Some(value)),
                None if WITH_VALUE.contains(&word) => (word, words.next().map(|(_, value)| value)),
                None => (word, None),
            };
            match option {
                "--" => break,
                "--shell" => unread.shell = value,
                "--format" => unread.format = value,
                _ if !option.starts_with('-') && unread.first.is_none() => {
                    unread.first = Some(word);
                    unread.rest = arguments.get(at + 1..).unwrap_or_default();
                }
                _ => {}
            }
        }
        unread.command = unread.first.filter(|word| Command::NAMES.contains(word));
        unread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unread(words: &str) -> String {
        let arguments: Vec<OsString> = words.split(' ').map(OsString::from).collect();
        let Unread { command, shell, format, .. } = Unread::of(&arguments);
        [command, shell, format].map(|word| word.unwrap_or("-")).join(" ")
    }

    #[test]
    fn the_first_word_alone_is_a_command() {
        for (words, expected) in [
            ("token prod --nope", "token - -"),
            ("prod --nope list", "- - -"),
            ("--profile list --nope", "- - -"),
            ("--set a=b env --nope", "env - -"),
            ("--shell fish prod --nope", "- fish -"),
            ("prod --format=json --nope", "- - json"),
            ("prod --shell", "- - -"),
            ("-- list", "- - -"),
        ] {
            assert_eq!(unread(words), expected, "{words}");
        }
    }
}
