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

/// An interactive shell. It ends when dropped.
pub(crate) struct Terminal {
    keys: File,
    screen: Arc<Mutex<String>>,
    process: Child,
    words: usize,
    say: fn(usize) -> String,
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
        let mut terminal = Self { keys, screen, process, words: 0, say };
        terminal.types("");
        Some(terminal)
    }

    /// Types a line, waits until the shell has done it, and gives what came on the screen.
    #[track_caller]
    pub(crate) fn types(&mut self, line: &str) -> String {
        let before = self.screen().len();
        self.words += 1;
        self.press(&format!("{line}\n{}\n", (self.say)(self.words)));
        let word = format!("word-{}.", self.words);
        self.until("the shell", || self.screen()[before..].contains(&word));
        self.screen()[before..].to_owned()
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
            shared.lock().unwrap().push_str(&String::from_utf8_lossy(&piece[..length]));
        }
    });
    screen
}
