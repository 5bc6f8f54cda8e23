//! `{ prompt = true }`: a secret that a person types.
//!
//! Owns the question on the terminal. Never reads standard input, which may be a pipe, and never echoes. Ctrl-C is an
//! error like any other: the caller still has to print the code that makes `eval` fail.

use rpassword::Config;
use secrecy::SecretString;
use zeroize::Zeroize;

use super::{Problem, What};

/// Asks on the terminal.
pub(super) fn ask(what: &What) -> Result<SecretString, Problem> {
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

fn cancelled(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::ConnectionAborted)
}

#[cfg(unix)]
mod terminal {
    //! The terminal, with echo off while we hold it. `rpassword` would end the process at Ctrl-C, and leave the echo
    //! off; so it reads through us, and we turn that key into an error.

    use std::fs::{File, OpenOptions};
    use std::io::{self, Read, Write};

    use rpassword::{Config, ConfigBuilder};
    use rustix::termios::{self, LocalModes, OptionalActions, Termios};

    use super::Problem;

    pub(super) struct Terminal {
        file: File,
        before: Termios,
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
        // Key by key and without signals: Ctrl-C has to reach us as a character.
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        termios::tcsetattr(&file, OptionalActions::Now, &silent)
            .map_err(|error| Problem::Terminal { source: error.into() })?;
        Ok(Terminal { file, before })
    }

    impl Terminal {
        pub(super) fn config(&self) -> Result<Config, Problem> {
            let copy = || self.file.try_clone().map_err(|source| Problem::Terminal { source });
            Ok(ConfigBuilder::new().input_reader(Keys(copy()?)).output_writer(copy()?).build())
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
            _ = termios::tcsetattr(&self.file, OptionalActions::Now, &self.before);
            _ = (&self.file).write_all(b"\n"); // the Enter key was not echoed
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
