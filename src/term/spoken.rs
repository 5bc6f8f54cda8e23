//! The program's commands in text for people, by the name that these people call it by.
//!
//! Owns which mentions of the name are commands to type. Never touches prose, paths or names of files, and nothing that
//! a shell evaluates comes here. Gives the text, its columns still in line.

use crate::cli::{Command, NAME};

/// What stands before the name where a command is meant: a quotation, a substitution, an example, a pipe, a prompt.
const BEFORE: [&str; 5] = ["`", "$(", "  ", "| ", "$ "];
/// What stands behind it.
const BEHIND: [char; 3] = [' ', '\n', '`'];
/// Lines that begin this far to the right go on with the column of the line above.
const COLUMN: usize = 20;

/// The text with `program` in place of the name, where that is a command.
pub(super) fn with(program: &str, text: &str) -> String {
    if program == NAME {
        return text.to_owned();
    }
    let mut shift = 0;
    let line = |line: &str| {
        let pad = if line.starts_with(&" ".repeat(COLUMN)) { shift } else { 0 };
        let spoken = replaced(program, line);
        shift = if pad > 0 { pad } else { spoken.len() - line.len() };
        " ".repeat(pad) + &spoken
    };
    text.split_inclusive('\n').map(line).collect()
}

fn replaced(program: &str, line: &str) -> String {
    let mut spoken = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once(NAME) {
        spoken.push_str(before);
        let is_marked = BEFORE.iter().any(|mark| before.ends_with(mark));
        let ends_there = behind.is_empty() || behind.starts_with(BEHIND);
        let is_command = is_marked && ends_there || spoken.is_empty() && begins_with_a_command(behind);
        spoken.push_str(if is_command { program } else { NAME });
        rest = behind;
    }
    spoken + rest
}

/// A line to paste begins with the name, and so may any line of prose: what follows tells them apart.
fn begins_with_a_command(behind: &str) -> bool {
    let mut words = behind.strip_prefix(' ').unwrap_or_default().split_whitespace();
    words.next().is_some_and(|word| Command::NAMES.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::CARGO;

    #[test]
    fn commands_are_spoken_as_they_are_typed_and_nothing_else_is() {
        for (text, spoken) in [
            ("run `choreo-env trust`", "run `cargo choreo-env trust`"),
            ("try `choreo-env`", "try `cargo choreo-env`"),
            ("eval \"$(choreo-env dev)\"", "eval \"$(cargo choreo-env dev)\""),
            ("  pass dev | choreo-env add dev", "  pass dev | cargo choreo-env add dev"),
            ("$ choreo-env dev\n", "$ cargo choreo-env dev\n"),
            ("the same as `choreo-env\nenv`", "the same as `cargo choreo-env\nenv`"),
            ("choreo-env curl dev GET /pets\n", "cargo choreo-env curl dev GET /pets\n"),
            ("choreo-env says so", "choreo-env says so"),
            ("another choreo-env is asking", "another choreo-env is asking"),
            ("  ~/.config/choreo-env/config.toml", "  ~/.config/choreo-env/config.toml"),
            ("  [package.metadata.choreo-env] is", "  [package.metadata.choreo-env] is"),
            ("Usage: cargo choreo-env [OPTIONS]", "Usage: cargo choreo-env [OPTIONS]"),
        ] {
            assert_eq!(with(CARGO, text), spoken);
            assert_eq!(with(NAME, text), text);
        }
    }

    #[test]
    fn a_column_that_goes_on_below_stays_in_line() {
        let text = "  choreo-env curl dev /pets --quiet\n                       the same\n                       for all\n  NAME                 other\n";
        let spoken = "  cargo choreo-env curl dev /pets --quiet\n                             the same\n                             for all\n  NAME                 other\n";
        assert_eq!(with(CARGO, text), spoken);
    }
}
