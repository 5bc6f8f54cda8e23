//! `{ prompt = true }`: a secret that a person types.
//!
//! Owns the question on the terminal. Never reads standard input, which may be a pipe, and never echoes. Ctrl-C ends
//! the program as an interrupt does, as with `ssh`, so that a shell goes on with nothing; what is left for `eval` is
//! the business of `signals`.

use std::io::{self, Read};

use rpassword::Config;
use secrecy::SecretString;
use zeroize::{Zeroize, Zeroizing};

use super::line::Form;
use super::{Problem, What};

/// Asks on the terminal: for one line, or for a private key for all of its lines, of which a shell would else get the
/// rest.
pub(super) fn ask(what: &What) -> Result<SecretString, Problem> {
    if Form::of(what.key) == Form::Text {
        let text = paste(&format!("{what}: paste it (it is not shown), then an empty line\n"))?;
        return Form::Text.read(&text).map_err(|flaw| Problem::NotOneLine { flaw });
    }
    let terminal = terminal::open()?;
    let config = terminal.config()?;
    answer(&format!("{what}: "), config)
}

/// Whether there is a terminal to ask on.
pub(super) fn possible() -> Result<(), Problem> {
    terminal::possible()
}

/// Asks on the terminal for a yes, which is one key; every other key is a no.
pub(super) fn confirm(question: &str) -> Result<bool, Problem> {
    terminal::open()?.yes(question).map_err(|source| Problem::Terminal { source })
}

/// Asks on the terminal for several lines, which end with an empty one, and does not show them.
pub(super) fn paste(question: &str) -> Result<Zeroizing<Vec<u8>>, Problem> {
    match terminal::open()?.pasted(question) {
        Ok(text) if text.is_empty() => Err(Problem::NothingEntered),
        Err(error) if cancelled(&error) => Err(Problem::NothingEntered),
        text => text.map_err(|source| Problem::Terminal { source }),
    }
}

/// Lines up to the first empty one that follows something else, to Ctrl-D, or to the end.
#[cfg_attr(not(unix), expect(dead_code, reason = "the console gives whole lines"))]
fn until_empty_line(mut input: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    const CTRL_D: u8 = 4;
    // Room for all that is accepted: a buffer that grows leaves copies behind that nobody wipes.
    let mut text = Zeroizing::new(Vec::with_capacity(MOST_PASTED));
    let mut key = Zeroizing::new([0]);
    while text.len() < MOST_PASTED && input.read(&mut *key)? > 0 && key[0] != CTRL_D {
        let is_end = matches!(key[0], b'\n' | b'\r');
        if is_end && text.rsplit(|byte| *byte == b'\n').next().is_some_and(|line| line.trim_ascii().is_empty()) {
            if text.trim_ascii().is_empty() {
                continue;
            }
            break;
        }
        text.push(if is_end { b'\n' } else { key[0] });
    }
    Ok(text)
}

/// More than any command that people paste.
const MOST_PASTED: usize = 256 * 1024;

fn answer(question: &str, config: Config) -> Result<SecretString, Problem> {
    match rpassword::prompt_password_with_config(question, config) {
        Ok(mut text) => {
            let secret = SecretString::from(text.as_str());
            let empty = text.is_empty();
            text.zeroize();
            if empty { Err(Problem::NothingEntered) } else { Ok(secret) }
        }
        Err(error) if cancelled(&error) => Err(Problem::NothingEntered),
        Err(source) => Err(Problem::Terminal { source }),
    }
}

fn cancelled(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionAborted)
}

#[cfg(unix)]
mod terminal {
    //! The terminal, with echo off while we hold it. `rpassword` would end the process at the character of Ctrl-C, and
    //! leave the echo off; so it reads through us, should a terminal make no signal of that key.

    use std::fs::{File, OpenOptions};
    use std::io::{self, Read, Write};

    use rpassword::{Config, ConfigBuilder};
    use rustix::termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios};
    use zeroize::Zeroizing;

    use super::{Problem, until_empty_line};
    use crate::signals::{self, Watch};

    pub(super) struct Terminal {
        file: File,
        before: Termios,
        _watch: Watch,
    }

    pub(super) fn possible() -> Result<(), Problem> {
        device().map(drop)
    }

    fn device() -> Result<File, Problem> {
        OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(|_| Problem::NoTerminal)
    }

    pub(super) fn open() -> Result<Terminal, Problem> {
        let file = device()?;
        let before = termios::tcgetattr(&file).map_err(|_| Problem::NoTerminal)?;
        let mut silent = before.clone();
        // Likewise where a signal ends us: without echo and Ctrl-C, the terminal would be of no use to anybody.
        let (copy, as_before) = (file.try_clone().map_err(|source| Problem::Terminal { source })?, before.clone());
        let watch = signals::before_the_end(move || restore(&copy, &as_before));
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON);
        // Signals stay, but for Ctrl-Z: the shell would bring the echo back, and we would go on with it.
        silent.special_codes[SpecialCodeIndex::VSUSP] = NO_KEY;
        #[cfg(target_vendor = "apple")]
        {
            silent.special_codes[SpecialCodeIndex::VDSUSP] = NO_KEY;
        }
        termios::tcsetattr(&file, OptionalActions::Now, &silent)
            .map_err(|error| Problem::Terminal { source: error.into() })?;
        Ok(Terminal { file, before, _watch: watch })
    }

    /// What stands for no key at all (`_POSIX_VDISABLE`).
    const NO_KEY: u8 = if cfg!(target_os = "linux") { 0 } else { 0xff };

    fn restore(mut file: &File, before: &Termios) {
        _ = termios::tcsetattr(file, OptionalActions::Now, before);
        _ = file.write_all(b"\n"); // neither Enter nor Ctrl-C was echoed
    }

    impl Terminal {
        pub(super) fn config(&self) -> Result<Config, Problem> {
            let copy = || self.file.try_clone().map_err(|source| Problem::Terminal { source });
            Ok(ConfigBuilder::new().input_reader(Keys(copy()?)).output_writer(copy()?).build())
        }

        pub(super) fn pasted(&self, question: &str) -> io::Result<Zeroizing<Vec<u8>>> {
            (&self.file).write_all(question.as_bytes())?;
            until_empty_line(Keys(&self.file))
        }

        pub(super) fn yes(&self, question: &str) -> io::Result<bool> {
            (&self.file).write_all(question.as_bytes())?;
            let mut key = [0];
            (&self.file).read_exact(&mut key)?;
            let yes = key.eq_ignore_ascii_case(b"y");
            (&self.file).write_all(if yes { b"yes" } else { b"no" })?;
            Ok(yes)
        }
    }

    impl Drop for Terminal {
        fn drop(&mut self) {
            restore(&self.file, &self.before);
        }
    }

    /// What is typed, but for Ctrl-C.
    pub(super) struct Keys<R>(pub(super) R);

    impl<R: Read> Read for Keys<R> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            const CTRL_C: u8 = 3;
            let length = self.0.read(buffer)?;
            if buffer[..length].contains(&CTRL_C) {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Ok(length)
        }
    }
}

#[cfg(not(unix))]
mod terminal {
    //! The console, which `rpassword` opens itself.

    use std::io;

    use rpassword::{Config, ConfigBuilder};
    use zeroize::Zeroizing;

    use super::Problem;

    pub(super) struct Terminal;

    pub(super) fn possible() -> Result<(), Problem> {
        Ok(())
    }

    pub(super) fn open() -> Result<Terminal, Problem> {
        Ok(Terminal)
    }

    impl Terminal {
        pub(super) fn config(&self) -> Result<Config, Problem> {
            Ok(ConfigBuilder::new().build())
        }

        pub(super) fn pasted(&self, question: &str) -> io::Result<Zeroizing<Vec<u8>>> {
            let mut text = Zeroizing::new(Vec::new());
            let mut question = question;
            loop {
                let line = rpassword::prompt_password_with_config(question, ConfigBuilder::new().build())?;
                let line = Zeroizing::new(line);
                if line.trim().is_empty() && !text.is_empty() {
                    return Ok(text);
                }
                text.extend_from_slice(line.as_bytes());
                text.push(b'\n');
                question = "";
            }
        }

        pub(super) fn yes(&self, question: &str) -> io::Result<bool> {
            let typed = rpassword::prompt_password_with_config(question, ConfigBuilder::new().build())?;
            Ok(typed.trim().eq_ignore_ascii_case("y"))
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::terminal::Keys;
    use super::*;
    use rpassword::ConfigBuilder;
    use secrecy::ExposeSecret;
    use std::io::Cursor;

    fn typed(keys: &'static [u8]) -> Result<String, Problem> {
        let config = ConfigBuilder::new().input_reader(Keys(Cursor::new(keys))).output_discard().build();
        answer("secret: ", config).map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn what_is_pasted_ends_with_an_empty_line() {
        for (keys, pasted) in [
            ("a b\n c\n\nd", "a b\n c\n"),
            ("\n \na\r\r", " a\n"),
            ("a\n  \nb", "a\n  "),
            ("a\x04b", "a"),
            ("a", "a"),
            ("", ""),
        ] {
            let text = until_empty_line(Cursor::new(keys)).expect("read");
            assert_eq!(std::str::from_utf8(&text), Ok(pasted), "{keys:?}");
        }
    }

    #[test]
    fn what_is_typed_before_enter_is_the_secret() {
        assert_eq!(typed("pä ss\n".as_bytes()).expect("typed"), "pä ss");
        assert_eq!(typed(b"abx\x7fc\r").expect("typed"), "abc");
    }

    #[test]
    fn nothing_the_end_and_ctrl_c_are_no_secret() {
        for keys in [&b"\n"[..], b"", b"\x04", b"ab\x03", b"\x03"] {
            assert!(matches!(typed(keys), Err(Problem::NothingEntered)), "{keys:?}");
        }
    }
}
