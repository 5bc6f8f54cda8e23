//! A question with yes or no, on the terminal itself.
//!
//! Never reads standard input, and never what was typed before the question. Ctrl-C is a no like any other: the
//! caller still has to print the code that makes `eval` fail.

use std::io::{self, Read, Write};

/// The longest answer that is listened to.
const MOST: usize = 100;

/// Asks, and takes anything but a clear yes for a no. `None`: there is nobody to ask.
pub(super) fn ask(question: &str) -> Option<bool> {
    let terminal = terminal::open()?;
    let mut file = terminal.file();
    write!(file, "{question} [y/N] ").ok()?;
    Some(is_yes(file).unwrap_or(false))
}

/// Reads an answer up to the Enter key.
fn is_yes(mut terminal: impl Read) -> io::Result<bool> {
    const CTRL_C: u8 = 3;
    const CTRL_D: u8 = 4;
    let mut typed = String::new();
    for _ in 0..MOST {
        let mut key = [0]; // one at a time: what follows the Enter key is for somebody else
        terminal.read_exact(&mut key)?;
        match key[0] {
            b'\n' | b'\r' => return Ok(matches!(typed.trim().to_ascii_lowercase().as_str(), "y" | "yes")),
            CTRL_C | CTRL_D => return Ok(false),
            8 | 127 => _ = typed.pop(),
            key => typed.push(char::from(key)),
        }
    }
    Ok(false)
}

#[cfg(unix)]
mod terminal {
    //! The terminal, key by key while we hold it, and without signals.

    use std::fs::{File, OpenOptions};

    use rustix::termios::{self, LocalModes, OptionalActions, QueueSelector, Termios};

    pub(super) struct Terminal {
        file: File,
        before: Termios,
    }

    pub(super) fn open() -> Option<Terminal> {
        let file = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
        let before = termios::tcgetattr(&file).ok()?;
        let mut plain = before.clone();
        plain.local_modes.remove(LocalModes::ICANON | LocalModes::ISIG);
        termios::tcsetattr(&file, OptionalActions::Now, &plain).ok()?;
        // A key that was pressed before the question is no answer to it.
        _ = termios::tcflush(&file, QueueSelector::IFlush);
        Some(Terminal { file, before })
    }

    impl Terminal {
        pub(super) fn file(&self) -> &File {
            &self.file
        }
    }

    impl Drop for Terminal {
        fn drop(&mut self) {
            _ = termios::tcsetattr(&self.file, OptionalActions::Now, &self.before);
        }
    }
}

#[cfg(not(unix))]
mod terminal {
    //! The console.

    use std::fs::{File, OpenOptions};
    use std::io::{self, Read, Write};

    pub(super) struct Terminal {
        keys: File,
        screen: File,
    }

    pub(super) fn open() -> Option<Terminal> {
        let keys = OpenOptions::new().read(true).write(true).open("CONIN$").ok()?;
        Some(Terminal { keys, screen: OpenOptions::new().write(true).open("CONOUT$").ok()? })
    }

    impl Terminal {
        pub(super) fn file(&self) -> &Self {
            self
        }
    }

    impl Read for &Terminal {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            (&self.keys).read(buffer)
        }
    }

    impl Write for &Terminal {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            (&self.screen).write(text)
        }

        fn flush(&mut self) -> io::Result<()> {
            (&self.screen).flush()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_a_clear_yes_is_one() {
        for yes in ["y\n", "Y\r", "yes\n", "nx\x7f\x7fy\n"] {
            assert!(is_yes(yes.as_bytes()).expect("read"), "{yes:?}");
        }
        for no in ["\n", "", "y", "n\n", "yy\n", "y\x03\n", "\x04", "yeah\n", &("y".repeat(200) + "\n")] {
            assert!(!is_yes(no.as_bytes()).unwrap_or(false), "{no:?}");
        }
    }
}
