//! The grammar of the command lines that run all day: the bare one, `env`, `token`, `exec`, `use` and `status`.
//!
//! Owns a shortcut: to build the grammar of every command takes longer than all else that a warm token needs. Never
//! reports a mistake, and never shows help: what it cannot read, the whole grammar reads. Gives what that would give.

use std::ffi::OsString;

use clap::{Args, Command as Grammar, FromArgMatches};

use super::{Cli, Command, EnvArgs, ExecArgs, Global, NAME, StatusArgs, TokenArgs, UseArgs};

/// Reads a command line that is without mistakes, and of the kinds that this grammar knows.
pub(super) fn read(arguments: &[OsString]) -> Option<Cli> {
    let words = arguments.get(1..)?;
    let root = Grammar::new(NAME);
    let grammar = match words.first().and_then(|word| word.to_str()) {
        Some("env") => root.subcommand(EnvArgs::augment_args(Grammar::new("env"))),
        Some("token") => root.subcommand(TokenArgs::augment_args(Grammar::new("token"))),
        Some("exec") => root.subcommand(ExecArgs::augment_args(Grammar::new("exec"))),
        Some("use") => root.subcommand(UseArgs::augment_args(Grammar::new("use"))),
        Some("status") => root.subcommand(StatusArgs::augment_args(Grammar::new("status"))),
        // A command may come later, or be the value of an option: only the whole grammar can tell.
        _ if words.iter().any(|word| Command::NAMES.iter().any(|name| word == name)) => return None,
        _ => root,
    };
    let grammar = EnvArgs::augment_args(Global::augment_args(grammar));
    Cli::from_arg_matches(&grammar.try_get_matches_from(arguments).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::CARGO;
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').filter(|word| !word.is_empty()).map(OsString::from).collect()
    }

    /// What the whole grammar makes of it.
    fn whole(arguments: &[OsString]) -> Option<Cli> {
        let matches = Cli::grammar(NAME).try_get_matches_from(arguments).ok()?;
        Cli::from_arg_matches(&matches).ok()
    }

    const LINES: [&str; 24] = [
        "",
        "dev",
        "dev --fresh",
        "--shell zsh dev --min-ttl 5m",
        "--format json --profile dev --set scopes=a --set api_url=https://b --yes -q",
        "-v -- dev",
        "-- token",
        "--profile token dev",
        "dev token",
        "env",
        "env token --shell fish",
        "env --format dotenv --verbose dev",
        "token dev --json --fresh",
        "token --header --profile dev",
        "token --header --json",
        "token dev extra",
        "exec dev -- cargo test -- --nocapture",
        "exec -- env token",
        "exec dev",
        "use - --shell bash --current dev --before prod",
        "use --renew --shell bash --in /x --failures 3",
        "status --all --json",
        "--help",
        "token --version",
    ];

    #[test]
    fn what_is_read_here_is_what_the_whole_grammar_reads() {
        for line in LINES {
            for name in [NAME, CARGO] {
                let arguments = [vec![OsString::from(name)], words(line)].concat();
                let Some(cli) = read(&arguments) else { continue };
                assert_eq!(format!("{:?}", Some(cli)), format!("{:?}", whole(&arguments)), "{line}");
            }
        }
    }

    #[test]
    fn the_command_lines_that_run_all_day_are_read_here() {
        for line in ["", "dev", "env dev --shell zsh", "token dev", "exec dev -- true", "use dev --shell zsh", "status"]
        {
            assert!(read(&[vec![NAME.into()], words(line)].concat()).is_some(), "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_words_are_read_alike(words in proptest::collection::vec(proptest::sample::select(WORDS), 0..6)) {
            let arguments: Vec<OsString> = std::iter::once(NAME).chain(words).map(OsString::from).collect();
            if let Some(cli) = read(&arguments) {
                proptest::prop_assert_eq!(format!("{:?}", Some(cli)), format!("{:?}", whole(&arguments)));
            }
        }
    }

    const WORDS: &[&str] = &[
        "env",
        "token",
        "exec",
        "use",
        "status",
        "curl",
        "help",
        "dev",
        "-",
        "--",
        "--shell",
        "zsh",
        "--shell=sh",
        "--format",
        "json",
        "--profile",
        "--fresh",
        "--min-ttl=5m",
        "--set",
        "a=b",
        "--yes",
        "-q",
        "-v",
        "-qv",
        "--all",
        "--json",
        "--header",
        "--renew",
        "--help",
        "-h",
        "--version",
        "-V",
        "",
    ];
}
