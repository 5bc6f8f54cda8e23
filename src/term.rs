//! The only writer to the terminal: data on stdout, people on stderr.
//!
//! Owns colour, verbosity and what happens to a closed pipe. Never decides what is said. Text for people loses its
//! control characters here, since names and answers of servers are part of it.

mod confirm;
#[cfg(unix)]
mod screen;
mod spoken;

use std::io::{self, IsTerminal, Write};

use crate::cli::NAME;
use crate::notice::{Notice, plain};

/// Where output goes, and how.
pub struct Term<'a> {
    out: Box<dyn Write + 'a>,
    err: Box<dyn Write + 'a>,
    out_is_terminal: bool,
    err_is_terminal: bool,
    colour: bool,
    verbosity: Verbosity,
    last_words: Option<String>,
    program: &'static str,
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
    /// The process's own stdout and stderr. From now on a panic is told there, by its place alone: its message may
    /// repeat any text that the program holds.
    #[must_use]
    pub fn standard(colour: bool) -> Term<'static> {
        std::panic::set_hook(Box::new(|fault| {
            let place = fault.location().map(|place| format!(" ({place})")).unwrap_or_default();
            _ = io::stderr().write_all(format!("error: this is a mistake of choreo-env itself{place}\n").as_bytes());
        }));
        let (out, err) = (io::stdout(), io::stderr());
        let (out_is_terminal, err_is_terminal) = (out.is_terminal(), err.is_terminal());
        Term {
            out: Box::new(out),
            err: Box::new(err),
            out_is_terminal,
            err_is_terminal,
            colour,
            verbosity: Verbosity::Normal,
            last_words: None,
            program: NAME,
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
            last_words: None,
            program: NAME,
        }
    }

    /// A pipe, and a terminal that a test has made for its own purpose.
    #[cfg(test)]
    pub(crate) fn on_pipe(out: &'a mut Vec<u8>, err: Box<dyn Write + 'a>) -> Self {
        let err_is_terminal = true;
        let (out, last_words) = (Box::new(out), None);
        Self {
            out,
            err,
            out_is_terminal: false,
            err_is_terminal,
            colour: false,
            verbosity: Verbosity::Normal,
            last_words,
            program: NAME,
        }
    }

    /// Sets how much is said.
    pub fn set_verbosity(&mut self, verbosity: Verbosity) {
        self.verbosity = verbosity;
    }

    /// Says what people call the program: messages name its commands by it.
    pub fn speak_as(&mut self, program: &'static str) {
        self.program = program;
    }

    /// Text for people, with the program's commands as they type them.
    #[must_use]
    pub fn spoken(&self, text: &str) -> String {
        spoken::with(self.program, text)
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

    /// Says what stdout gets if a signal ends the program during work that takes long.
    pub fn set_last_words(&mut self, text: String) {
        self.last_words = Some(text);
    }

    /// The colours of text on stdout.
    #[must_use]
    pub fn out_paint(&self) -> Paint {
        Paint { colour: self.out_has_colour() }
    }

    /// Writes data, in one piece.
    ///
    /// # Errors
    /// Why it could not be written; a reader that has gone away is no error.
    pub fn data(&mut self, text: &str) -> io::Result<()> {
        match self.delivered(text) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// The same for data that has to arrive: a reader that has gone away is an error.
    ///
    /// # Errors
    /// Why it could not be written.
    pub fn delivered(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush())
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
            Notice::Slow => self.last_words.take().into_iter().for_each(expect_the_end),
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

    /// Asks a person yes or no, on the terminal itself: stdin and stdout may be pipes. `None`: there is no terminal.
    #[must_use]
    pub fn confirm(&self, question: &str) -> Option<bool> {
        confirm::ask(&plain(question))
    }

    fn say(&mut self, label: &str, colour: &str, message: &str) {
        let (on, off) = if self.err_has_colour() { (colour, OFF) } else { ("", "") };
        for line in message.lines() {
            self.people(&format!("{on}{label}{off}: {}\n", plain(&self.spoken(line))));
        }
    }
}

/// Has the words written when a signal ends the program.
fn expect_the_end(words: String) {
    let last = move || {
        let mut out = io::stdout().lock();
        _ = out.write_all(words.as_bytes()).and_then(|()| out.flush());
        out // held, so that nothing is written after these words
    };
    crate::signals::before_the_end(last).for_good();
}

#[cfg(not(unix))]
impl Term<'_> {
    /// Shows a picture, and draws it again after each span: not on this system.
    ///
    /// # Errors
    /// Always.
    pub fn live(&mut self, _: std::time::Duration, _: impl FnMut() -> String) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "pictures are drawn on Unix systems only"))
    }
}

/// What a word means to the one who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Good,
    /// Something to know.
    Warning,
    /// Something is wrong.
    Bad,
    /// Nothing to look at.
    Quiet,
}

/// The colours of a stream, or none.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    colour: bool,
}

impl Paint {
    /// The text in the colour of its tone, where there are colours.
    #[must_use]
    pub fn tone(self, tone: Tone, text: &str) -> String {
        let on = match tone {
            _ if !self.colour => return text.to_owned(),
            Tone::Good => GREEN,
            Tone::Warning => YELLOW,
            Tone::Bad => RED,
            Tone::Quiet => GREY,
        };
        format!("{on}{text}{OFF}")
    }
}

const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[1;31m";
const GREEN: &str = "\x1b[1;32m";
const YELLOW: &str = "\x1b[1;33m";
const CYAN: &str = "\x1b[1;36m";
const GREY: &str = "\x1b[2m";
const OFF: &str = "\x1b[0m";
