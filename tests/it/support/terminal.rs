//! A terminal with an interactive shell on it, and the test as the person before it.
//!
//! Never waits by the clock: what is typed next makes a file, and the test looks for that. Gives all that came on the
//! screen meanwhile, as a person would have seen it.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
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
    folder: PathBuf,
    marks: usize,
    mark: fn(&Path) -> String,
    asks: bool,
    asked: usize,
}

impl Terminal {
    /// Starts a shell of that world; `mark` is how its user makes an empty file.
    #[track_caller]
    pub(crate) fn start(world: &World, shell: &[&str], mark: fn(&Path) -> String) -> Option<Self> {
        Self::with(world, shell, mark, |_| {})
    }

    /// The same with changes to the process.
    #[track_caller]
    pub(crate) fn with(
        world: &World,
        shell: &[&str],
        mark: fn(&Path) -> String,
        change: impl FnOnce(&mut Command),
    ) -> Option<Self> {
        let mut terminal = Self::bare(world, shell, mark, change)?;
        terminal.types("");
        Some(terminal)
    }

    /// The same for a shell that asks for marks around what is pasted, at each prompt. Such a shell may lose what is typed before.
    #[track_caller]
    pub(crate) fn asking(
        world: &World,
        shell: &[&str],
        mark: fn(&Path) -> String,
        change: impl FnOnce(&mut Command),
    ) -> Option<Self> {
        let mut terminal = Self::bare(world, shell, mark, change)?;
        terminal.asks = true;
        Some(terminal)
    }

    #[track_caller]
    fn bare(
        world: &World,
        shell: &[&str],
        mark: fn(&Path) -> String,
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
        let folder = world.path("marks");
        _ = fs::remove_dir_all(&folder); // of another terminal of this world
        fs::create_dir(&folder).unwrap();
        Some(Self { keys, screen, process, folder, marks: 0, mark, asks: false, asked: 0 })
    }

    /// Types a line, waits until the shell has done it, and gives what came on the screen.
    #[track_caller]
    pub(crate) fn types(&mut self, line: &str) -> String {
        let before = self.screen().len();
        self.marks += 1;
        let file = self.folder.join(self.marks.to_string());
        let mark = (self.mark)(&file);
        if self.asks {
            self.press_at_prompt(line);
            self.press_at_prompt(&mark);
        } else {
            self.press(&format!("{line}\n{mark}\n"));
        }
        self.until("the shell", || file.exists());
        self.screen()[before..].to_owned()
    }

    /// Types a line once there is a prompt that no line was typed at.
    #[track_caller]
    fn press_at_prompt(&mut self, line: &str) {
        let before = self.asked;
        self.until("a prompt", || self.screen().matches(READS).count() > before);
        self.asked = self.screen().matches(READS).count();
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
