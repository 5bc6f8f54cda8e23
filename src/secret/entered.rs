//! A secret that somebody hands over to be stored.
//!
//! Owns the choice between the terminal and a pipe, and what is pasted with a secret in it. Never takes one from an argument, which everybody can read.

use std::io::{self, IsTerminal, Read};

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::line::Form;
use super::{Problem, SecretError, What, line, prompt};

/// Asks on the terminal where standard input is one, and else reads exactly one line from standard input; of a private
/// key all of it.
///
/// # Errors
/// There was no secret to be had.
pub fn enter(what: &What) -> Result<SecretString, SecretError> {
    let entered =
        if io::stdin().is_terminal() { prompt::ask(what) } else { read(io::stdin().lock(), Form::of(what.key)) };
    entered.map_err(|problem| SecretError::unavailable(what.clone(), None, problem))
}

/// Asks on the terminal for a text of several lines that has a secret in it. It is not shown, and an empty line ends it.
///
/// # Errors
/// Why there is none.
pub fn paste(question: &str) -> io::Result<Zeroizing<Vec<u8>>> {
    prompt::paste(question).map_err(|problem| io::Error::other(problem.to_string()))
}

fn read(input: impl Read, form: Form) -> Result<SecretString, Problem> {
    // Room for all that is accepted: a buffer that grows leaves copies behind that nobody wipes.
    let mut text = Zeroizing::new(Vec::with_capacity(line::MOST + 1));
    input.take(line::MOST as u64 + 1).read_to_end(&mut text).map_err(|source| Problem::InputUnreadable { source })?;
    form.read(&text).map_err(|flaw| Problem::InputFlawed { flaw })
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn one_line_is_taken_and_nothing_else() {
        assert_eq!(read(&b" a b\r\n"[..], Form::Line).expect("a line").expose_secret(), " a b");
        let long = vec![b'a'; line::MOST + 9];
        for unfit in [&b""[..], b"\n", b"a\nb\n", b"\xff", &long] {
            assert!(matches!(read(unfit, Form::Line), Err(Problem::InputFlawed { .. })));
        }
    }
}
