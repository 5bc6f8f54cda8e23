//! The only writer to the terminal: data on stdout, people on stderr.
//!
//! Owns colour, verbosity and what happens to a closed pipe. Never decides what is said. Text for people loses its
//! control characters here, since names and answers of servers are part of it.

use std::io::{self, IsTerminal, Write};

use crate::notice::{Notice, plain};

/// Where output goes, and how.
pub struct Term<'a> {
    out: Box<dyn Write + 'a>,
    err: Box<dyn Write + 'a>,
    out_is_terminal: bool,
    err_is_terminal: bool,
    colour: bool,
    verbosity: Verbosity,
}

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// Errors and warnings.
    #[default]
    Normal,
    /// Every step.
    Verbose,
}

impl<'a> Term<'a> {
    /// The process's own stdout and stderr.
    #[must_use]
    pub fn standard(colour: bool) -> Term<'static> {
        let (out, err) = (io::stdout(), io::stderr());
        let (out_is_terminal, err_is_terminal) = (out.is_terminal(), err.is_terminal());
        Term {
            out: Box::new(out),
            err: Box::new(err),
            out_is_terminal,
            err_is_terminal,
            colour,
            verbosity: Verbosity::Normal,
        }
    }

    /// A terminal on paper: what a person would read, in two buffers.
    pub fn on_paper(out: &'a mut Vec<u8>, err: &'a mut Vec<u8>) -> Self {
        Self {
            out: Box::new(out),
            err: Box::new(err),
            out_is_terminal: true,
            err_is_terminal: true,
            colour: false,
            verbosity: Verbosity::Normal,
        }
    }

    /// Sets how much is said.
    pub fn set_verbosity(&mut self, verbosity: Verbosity) {
        self.verbosity = verbosity;
    }

    /// Whether a person reads stdout, and no shell.
    #[must_use]
    pub fn out_is_terminal(&self) -> bool {
        self.out_is_terminal
    }

    /// Whether there is a person who can be asked.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.err_is_terminal && io::stdin().is_terminal()
    }

    /// Asks a question that is no secret; the answer is a line of standard input, `None` at its end.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn ask(&mut self, question: &str) -> io::Result<Option<String>> {
        self.people(&format!("{}: ", plain(question)));
        _ = self.err.flush();
        let mut line = String::new();
        let length = io::stdin().read_line(&mut line)?;
        Ok((length > 0).then(|| line.trim().to_owned()))
    }

    /// Whether text on stdout may have colour.
    #[must_use]
    pub fn out_has_colour(&self) -> bool {
        self.colour && self.out_is_terminal
    }

    /// Whether text on stderr may have colour.
    #[must_use]
    pub fn err_has_colour(&self) -> bool {
        self.colour && self.err_is_terminal
    }

    /// Writes data, in one piece.
    ///
    /// # Errors
    /// Why it could not be written; a reader that has gone away is no error.
    pub fn data(&mut self, text: &str) -> io::Result<()> {
        match self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// Says that something failed, and what can be done.
    pub fn error(&mut self, message: &str, hint: Option<&str>) {
        self.say("error", RED, message);
        if let Some(hint) = hint {
            self.say("hint", CYAN, hint);
        }
    }

    /// Shows a notice, if it is to be shown.
    pub fn notice(&mut self, notice: &Notice) {
        match notice {
            Notice::Warning { message, hint } if self.verbosity >= Verbosity::Normal => {
                self.say("warning", YELLOW, message);
                if let Some(hint) = hint {
                    self.say("hint", CYAN, hint);
                }
            }
            Notice::Detail(message) if self.verbosity == Verbosity::Verbose => self.say("detail", GREY, message),
            Notice::Waiting(message) if self.err_is_terminal && self.verbosity >= Verbosity::Normal => {
                self.say("waiting", GREY, message);
            }
            Notice::Warning { .. } | Notice::Detail(_) | Notice::Waiting(_) => {}
        }
    }

    /// A line of a log, unless `--quiet`.
    pub fn log(&mut self, line: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.people(&format!("{}\n", plain(line)));
        }
    }

    /// A heading.
    ///
    /// # Errors
    /// Why it could not be written.
    pub fn heading(&mut self, text: &str) -> io::Result<()> {
        let (on, off) = if self.out_has_colour() { (BOLD, OFF) } else { ("", "") };
        self.data(&format!("{on}{text}{off}\n"))
    }

    /// Writes text for people as it is; what clap made, for example.
    pub fn people(&mut self, text: &str) {
        _ = self.err.write_all(text.as_bytes()); // nowhere left to say that stderr is closed
    }

    fn say(&mut self, label: &str, colour: &str, message: &str) {
        let (on, off) = if self.err_has_colour() { (colour, OFF) } else { ("", "") };
        for line in message.lines() {
            self.people(&format!("{on}{label}{off}: {}\n", plain(line)));
        }
    }
}

const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[1;33m";
const CYAN: &str = "\x1b[1;36m";
const GREY: &str = "\x1b[2m";
const OFF: &str = "\x1b[0m";
