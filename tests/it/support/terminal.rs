//! A terminal with an interactive shell on it, and the test as the person before it.
//!
//! Never waits by the clock: what is typed next makes the shell say a word, and the test looks for that. Gives all that
//! came on the screen meanwhile, as a person would have seen it.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::command::PATIENCE;
use super::tools;
use super::world::World;

/// What asks a terminal where its cursor is.
const WHERE: &str = "\x1b[6n";
/// What tells a terminal that a line is read now, in which a pasted text should be marked.
const READS: &str = "\x1b[?2004h";

/// An interactive shell. It ends when dropped.
pub(crate) struct Terminal {
    keys: File,
    screen: Arc<Mutex<String>>,
    process: Child,
    words: usize,
    say: fn(usize) -> String,
    waits: bool,
    reads: usize,
}

impl Terminal {
    /// Starts a shell of that world; `say` is how one has it print `word-N.` without typing just that.
    #[track_caller]
    pub(crate) fn start(world: &World, shell: &[&str], say: fn(usize) -> String) -> Option<Self> {
        Self::with(world, shell, say, |_| {})
    }

    /// The same with changes to the process.
    #[track_caller]
    pub(crate) fn with(
        world: &World,
        shell: &[&str],
        say: fn(usize) -> String,
        change: impl FnOnce(&mut Command),
    ) -> Option<Self> {
        let mut terminal = Self::bare(world, shell, say, change)?;
        terminal.types("");
        Some(terminal)
    }

    /// The same for a shell that may lose what is typed before it reads a line, and tells the terminal when it does.
    #[cfg(feature = "sandbox")]
    #[track_caller]
    pub(crate) fn waiting(
        world: &World,
        shell: &[&str],
        say: fn(usize) -> String,
        change: impl FnOnce(&mut Command),
    ) -> Option<Self> {
        let mut terminal = Self::bare(world, shell, say, change)?;
        terminal.waits = true;
        terminal.types("");
        Some(terminal)
    }

    #[track_caller]
    fn bare(
        world: &World,
        shell: &[&str],
        say: fn(usize) -> String,
        change: impl FnOnce(&mut Command),
    ) -> Option<Self> {
        let setsid = tools::find("setsid")?;
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let name = ptsname(&person, Vec::new()).unwrap().into_string().unwrap();
        let device = || OpenOptions::new().read(true).write(true).open(&name).unwrap();
        let mut process = world.process(setsid);
        process.arg("--ctty").args(shell).env("TERM", "dumb");
        process.stdin(device()).stdout(device()).stderr(device());
        change(&mut process);
        let process = process.spawn().unwrap();
        let keys = File::from(person.try_clone().unwrap());
        let screen = watch(person);
        Some(Self { keys, screen, process, words: 0, say, waits: false, reads: 0 })
    }

    /// Types a line, waits until the shell has done it, and gives what came on the screen.
    #[track_caller]
    pub(crate) fn types(&mut self, line: &str) -> String {
        let before = self.screen().len();
        self.words += 1;
        let say = (self.say)(self.words);
        if self.waits {
            line.split('\n').for_each(|line| self.press_when_it_reads(line));
            self.press_when_it_reads(&say);
        } else {
            self.press(&format!("{line}\n{say}\n"));
        }
        let word = format!("word-{}.", self.words);
        self.until("the shell", || self.screen()[before..].contains(&word));
        self.screen()[before..].to_owned()
    }

    /// Types one line, once the shell reads another one than before.
    #[track_caller]
    fn press_when_it_reads(&mut self, line: &str) {
        let before = self.reads;
        self.until("a prompt", || self.screen().matches(READS).count() > before);
        self.reads = self.screen().matches(READS).count();
        self.press(&format!("{line}\r"));
    }

    /// Presses keys, and waits for nothing.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// All that came on the screen.
    pub(crate) fn screen(&self) -> String {
        self.screen.lock().unwrap().clone()
    }

    /// Waits until that is so; fails the test where it takes too long.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < deadline, "waited in vain: {what}\n{}", self.screen());
            thread::park_timeout(Duration::from_millis(2)); // leaves the processor to the shell
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn watch(person: OwnedFd) -> Arc<Mutex<String>> {
    let screen = Arc::new(Mutex::new(String::new()));
    let shared = Arc::clone(&screen);
    thread::spawn(move || {
        let (mut person, mut piece) = (File::from(person), [0; 4096]);
        while let Ok(length @ 1..) = person.read(&mut piece) {
            let text = String::from_utf8_lossy(&piece[..length]);
            shared.lock().unwrap().push_str(&text);
            // A terminal says where its cursor is; nu asks before each prompt, and gives up without an answer.
            for _ in text.matches(WHERE) {
                _ = person.write_all(b"\x1b[1;1R");
            }
        }
    });
    screen
}
