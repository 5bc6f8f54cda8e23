//! A person at a terminal, who types to a shell and looks at the screen.
//!
//! Never waits for a time, but for what the screen shows.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::command::PATIENCE;
use super::tools;

/// A terminal with a program on it. The program ends when it is dropped.
pub(crate) struct Terminal {
    person: File,
    process: Child,
    screen: Arc<Mutex<Vec<u8>>>,
    /// How much of the screen's text was looked at.
    seen: usize,
}

impl Terminal {
    /// Starts a program on a terminal of its own.
    pub(crate) fn start(program: &Command) -> Option<Self> {
        let setsid = tools::find("setsid")?;
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        tcsetwinsize(&person, Winsize { ws_row: 50, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = ptsname(&person, Vec::new()).unwrap().into_string().unwrap();
        let keyboard = OpenOptions::new().read(true).write(true).open(name).unwrap();
        let mut process = Command::new(setsid);
        process.env_clear().args(["--ctty", "--wait"]).arg(program.get_program()).args(program.get_args());
        process.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("TERM", "xterm");
        process.current_dir(program.get_current_dir().unwrap());
        process.stdin(keyboard.try_clone().unwrap()).stdout(keyboard.try_clone().unwrap());
        let process = process.stderr(Stdio::from(keyboard)).spawn().unwrap();
        let person = File::from(person);
        let screen = Arc::default();
        let (reader, shown) = (person.try_clone().unwrap(), Arc::clone(&screen));
        thread::spawn(move || watch(reader, &shown));
        Some(Self { person, process, screen, seen: 0 })
    }

    /// Presses keys.
    pub(crate) fn types(&mut self, keys: &str) {
        self.person.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until the screen shows something that was not looked at before, and gives all that it showed up to there.
    #[track_caller]
    pub(crate) fn sees(&mut self, what: &str) -> String {
        let deadline = Instant::now() + PATIENCE / 3;
        loop {
            let text = plain(&String::from_utf8_lossy(&self.screen.lock().unwrap()));
            let new = text.get(self.seen..).unwrap_or_default();
            if let Some(at) = new.find(what) {
                let end = at + what.len();
                self.seen += end;
                return new[..end].to_owned();
            }
            assert!(Instant::now() < deadline, "waited in vain for {what:?}:\n{text}");
            thread::yield_now();
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Keeps what is shown, and answers as a terminal does that is asked where its cursor is and what it can do.
fn watch(mut reader: File, shown: &Mutex<Vec<u8>>) {
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = reader.read(&mut bytes) {
        let new = &bytes[..length];
        shown.lock().unwrap().extend_from_slice(new);
        for (question, answer) in [(&b"\x1b[6n"[..], &b"\x1b[1;1R"[..]), (b"\x1b[c", b"\x1b[?1;2c")] {
            if new.windows(question.len()).any(|window| window == question) {
                _ = reader.write_all(answer);
            }
        }
    }
}

/// Text without what moves the cursor and colours it. What comes after the beginning of an unfinished sequence waits.
fn plain(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::new();
    while let Some((before, after)) = rest.split_once('\x1b') {
        plain.push_str(before);
        let end = match after.as_bytes().first() {
            Some(b'[') => after[1..].find(|c: char| ('@'..='~').contains(&c)).map(|at| at + 2),
            Some(b']') => after.find(['\x07', '\\']).map(|at| at + 1),
            Some(b'(' | b')') => Some(2),
            Some(_) => Some(1),
            None => None,
        };
        let Some(after) = end.and_then(|end| after.get(end..)) else { return plain };
        rest = after;
    }
    plain + rest
}
