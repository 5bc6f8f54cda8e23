//! A picture on the terminal that is drawn again and again, until somebody presses a key.
//!
//! Owns the terminal while it shows: the second screen, the hidden cursor, keys without echo. Never leaves it so,
//! whatever ends the picture: a key, a signal, an error.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::Term;

/// The second screen, no cursor, and lines that are cut at the edge instead of wrapped.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";
/// Where a picture begins; what the one before had at the end of a line, and below.
const HOME: &str = "\x1b[H";
const REST_OF_LINE: &str = "\x1b[K";
const REST: &str = "\x1b[J";

/// How long one look for a key takes, in tenths of a second: a signal waits no longer than that.
const LOOK: u8 = 1;

/// What ended a wait.
enum Woken {
    Time,
    Key,
    Signal(i32),
}

impl Term<'_> {
    /// Shows a picture, and draws it again after each span, until `q` or Ctrl-C. A signal that ends programs ends this
    /// one, after the terminal is as it was.
    ///
    /// # Errors
    /// The terminal cannot be used.
    pub fn live(&mut self, every: Duration, picture: impl FnMut() -> String) -> io::Result<()> {
        match Screen::open(self)?.show(every, picture)? {
            Some(signal) => signal_hook::low_level::emulate_default_handler(signal),
            None => Ok(()),
        }
    }
}

struct Screen<'s, 't> {
    term: &'s mut Term<'t>,
    keys: File,
    before: Termios,
    signal: Arc<AtomicUsize>,
}

impl<'s, 't> Screen<'s, 't> {
    fn open(term: &'s mut Term<'t>) -> io::Result<Self> {
        let keys = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        let before = termios::tcgetattr(&keys)?;
        let signal = Arc::new(AtomicUsize::new(0));
        for number in [SIGHUP, SIGINT, SIGTERM] {
            signal_hook::flag::register_usize(number, Arc::clone(&signal), number.unsigned_abs() as usize)?;
        }
        let screen = Self { term, keys, before, signal }; // from here on, dropping it puts things right
        termios::tcsetattr(&screen.keys, OptionalActions::Now, &by_key(&screen.before))?;
        screen.term.data(ENTER)?;
        Ok(screen)
    }

    /// Draws until somebody has seen enough; gives the signal that ended it, if it was one.
    fn show(mut self, every: Duration, mut picture: impl FnMut() -> String) -> io::Result<Option<i32>> {
        loop {
            self.draw(&picture())?;
            match self.wait(every)? {
                Woken::Time => {}
                Woken::Key => return Ok(None),
                Woken::Signal(signal) => return Ok(Some(signal)),
            }
        }
    }

    fn draw(&mut self, picture: &str) -> io::Result<()> {
        let rows = termios::tcgetwinsize(&self.keys).map_or(0, |size| usize::from(size.ws_row));
        let rows = if rows == 0 { usize::MAX } else { rows - 1 };
        let lines = picture.lines().take(rows).map(|line| format!("{line}{REST_OF_LINE}\r\n"));
        let lines: String = std::iter::once(HOME.to_owned()).chain(lines).collect();
        self.term.data(&(lines + REST))
    }

    fn wait(&mut self, span: Duration) -> io::Result<Woken> {
        const CTRL_C: u8 = 3;
        let begin = Instant::now();
        let mut key = [0];
        while begin.elapsed() < span {
            let count = match self.keys.read(&mut key) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
                result => result?,
            };
            match i32::try_from(self.signal.load(Ordering::Relaxed)) {
                Ok(signal @ 1..) => return Ok(Woken::Signal(signal)),
                _ if count == 1 && matches!(key, [b'q' | b'Q' | CTRL_C]) => return Ok(Woken::Key),
                _ => {}
            }
        }
        Ok(Woken::Time)
    }
}

impl Drop for Screen<'_, '_> {
    fn drop(&mut self) {
        _ = self.term.data(LEAVE); // a terminal that has gone needs no repair
        _ = termios::tcsetattr(&self.keys, OptionalActions::Now, &self.before);
    }
}

/// Key by key, without echo; Ctrl-C is a key like others. A look for a key ends by itself after a while.
fn by_key(before: &Termios) -> Termios {
    let mut modes = before.clone();
    modes.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
    modes.special_codes[SpecialCodeIndex::VMIN] = 0;
    modes.special_codes[SpecialCodeIndex::VTIME] = LOOK;
    modes
}
