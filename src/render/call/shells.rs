//! Command lines for POSIX shells, and for fish, which reads most of the same quotes.
//!
//! Owns how a word is put together of quoted text, variables and what programs print. Never wraps. Gives text that is
//! the same words in bash, zsh, dash, ksh and fish, pasted or in a script.

use std::convert::Infallible;

use super::line::Line;
use super::{Part, Text};
use crate::render::draft::Draft;
use crate::render::quote;

/// Writes the line.
pub(super) fn write(out: &mut Draft, line: &Line) {
    let Ok(()) = line.write(out, " \\\n  ", |out, word| -> Result<(), Infallible> {
        match word.known() {
            Some(text) => quote::posix_and_fish(out, &text),
            None => expanding(out, word),
        }
        Ok(())
    });
}

/// Variables are in double quotes, so that they are filled in and not split.
fn expanding(out: &mut Draft, word: &Text) {
    let last = word.parts().len() - 1;
    let mut quotes = Quotes { out, open: false };
    for (at, part) in word.parts().iter().enumerate() {
        match part {
            Part::Variable(name) => {
                quotes.open().push_all(&["$", name]);
                if at < last {
                    quotes.close(); // what follows is no part of the name; fish knows no `${…}`
                }
            }
            Part::Output { command, .. } => quotes.output(command),
            Part::Placeholder(name) => ["<", name, ">"].iter().for_each(|text| quotes.literal(text)),
            known => quotes.literal(known.literal().unwrap_or_default()),
        }
    }
    quotes.close();
}

/// Double quotes that open and close as needed.
struct Quotes<'a> {
    out: &'a mut Draft,
    open: bool,
}

impl Quotes<'_> {
    fn open(&mut self) -> &mut Draft {
        if !self.open {
            self.out.push("\"");
            self.open = true;
        }
        self.out
    }

    fn close(&mut self) {
        if self.open {
            self.out.push("\"");
            self.open = false;
        }
    }

    /// In double quotes, unless it has what the shells read differently there: an interactive bash or zsh replaces a
    /// `!`, and fish keeps the backslash of a back quote.
    fn literal(&mut self, text: &str) {
        if text.contains(['!', '`', '\\', '"', '$']) {
            self.close();
            quote::posix_and_fish(self.out, text);
        } else if !text.is_empty() {
            self.open().push(text);
        }
    }

    fn output(&mut self, command: &[String]) {
        self.open().push("$(");
        for (at, word) in command.iter().enumerate() {
            if at > 0 {
                self.out.push(" ");
            }
            quote::posix_nested(self.out, word);
        }
        self.out.push(")");
    }
}
