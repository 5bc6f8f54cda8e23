//! Tokens that are kept, and the rule that only one caller asks for a new one.
//!
//! Owns the cache's folder, its entries and its locks. Never asks a server and never sees a consumer secret. Gives a
//! hit, or a miss that owns the lock: only who holds a [`Flight`] can write, and writing ends it.
//!
//! Lock files stay where they are, until all is forgotten.

mod entry;
mod key;
mod note;

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::environ::Environ;
use crate::notice::{Notice, Report};
use crate::store::{self, Lock, PrivateDir};

use super::access::{AccessToken, Moment};

pub use key::environment;
pub(super) use key::{issuer, key, means};
pub(super) use note::Note;

/// The folders that tokens may be in. The first is the one in use: in memory where the system has such a place for the
/// user, else beside other things that can be made anew.
pub(super) fn folders(environ: &Environ) -> Vec<PathBuf> {
    let memory = environ.runtime_dir().filter(|path| store::is_own_dir(path));
    [memory, environ.cache_home()].into_iter().flatten().map(|path| path.join("choreo-env")).collect()
}

/// The folder for what is to be known after the system was started anew; it holds no token where there is another.
pub(super) fn lasting_folder(environ: &Environ) -> Option<PathBuf> {
    folders(environ).pop()
}

/// What a caller wants from the cache.
pub(super) struct Search<'a> {
    /// The entry's name.
    pub(super) key: &'a str,
    /// How the caller would ask for a new token.
    pub(super) means: &'a str,
    /// Whether a token will do.
    pub(super) accept: &'a dyn Fn(&AccessToken) -> bool,
    /// When the call began.
    pub(super) began: Moment,
    /// How long to wait for another caller that is asking.
    pub(super) patience: Duration,
}

/// What the cache says.
pub(super) enum Lookup {
    /// A token that will do.
    Hit(AccessToken),
    /// There is none: the caller has to ask, and nobody else does meanwhile.
    Miss(Flight),
    /// There is none, and the caller should not ask, either.
    Denied {
        /// Why not.
        denial: Denial,
        /// The token that will not do.
        last: Option<AccessToken>,
    },
}

/// Why a caller should not ask for a token.
pub(super) enum Denial {
    /// Another caller holds the lock, and goes on holding it.
    Held { lock: PathBuf, waited: Duration },
    /// Another caller has asked while this one waited, in the same way, and failed.
    Failed(Note),
}

/// Looks for a token, and where there is none, waits for the right to ask for one.
///
/// A cache that cannot be used is no reason to fail: it is reported, and the caller may ask.
pub(super) fn lookup(folder: Option<&Path>, search: &Search, report: Report) -> Lookup {
    let shelf = match folder.map(|folder| PrivateDir::open(folder).map_err(|error| (folder, error))) {
        Some(Ok(dir)) => Shelf::new(dir, search.key),
        Some(Err((folder, error))) => {
            report(unusable(folder, &error));
            return Lookup::Miss(Flight { seat: None, last: None });
        }
        None => {
            report(Notice::warning("there is no folder for the token cache: the token will not be kept"));
            return Lookup::Miss(Flight { seat: None, last: None });
        }
    };
    let mut wait = Wait::new(search.patience);
    let mut last = shelf.read_aloud(report);
    loop {
        if let Some(token) = last.take_if(|token| (search.accept)(token)) {
            return Lookup::Hit(token);
        }
        match shelf.dir.try_lock(&shelf.lock) {
            Ok(Some(lock)) => return shelf.locked(lock, search),
            Ok(None) => {}
            Err(error) => {
                report(unusable(&shelf.dir.path().join(&shelf.lock), &error));
                return Lookup::Miss(Flight { seat: None, last });
            }
        }
        if !wait.pause(report) {
            let lock = shelf.dir.path().join(&shelf.lock);
            return Lookup::Denied { denial: Denial::Held { lock, waited: wait.since.elapsed() }, last };
        }
        // Everyone who waits is served as soon as the token is there, and not one by one as the lock goes round.
        last = shelf.read().unwrap_or(None);
    }
}

/// The token that is kept, whatever its age; nothing is made, changed, locked or reported.
pub(super) fn peek(folder: &Path, key: &str) -> Option<AccessToken> {
    Shelf::new(PrivateDir::existing(folder).ok()?, key).read().ok()?
}

/// Removes an entry, and says whether there was one.
pub(super) fn forget(folder: &Path, key: &str) -> io::Result<bool> {
    if !folder.is_dir() {
        return Ok(false);
    }
    let shelf = Shelf::new(PrivateDir::open(folder)?, key);
    shelf.dir.remove(&shelf.entry)
}

/// Removes every entry from a folder, and every lock that nobody holds, and says how many entries there were.
pub(super) fn forget_all(folder: &Path) -> io::Result<usize> {
    if !folder.is_dir() {
        return Ok(0);
    }
    let dir = PrivateDir::open(folder)?;
    let names = dir.names(ENTRY)?;
    let documents = dir.names(DOCUMENT)?;
    names.iter().chain(&documents).try_for_each(|name| dir.remove(name).map(drop))?;
    dir.names(LOCK)?.iter().try_for_each(|name| dir.remove_lock(name))?;
    Ok(names.len())
}

fn unusable(path: &Path, error: &io::Error) -> Notice {
    Notice::warning_with_hint(
        format!("the token cache cannot be used: `{}`: {error}", path.display()),
        "the token is delivered all the same, but it is not kept, so every call asks for a new one",
    )
}

/// The place of one entry and its lock.
struct Shelf {
    dir: PrivateDir,
    entry: String,
    lock: String,
}

impl Shelf {
    fn new(dir: PrivateDir, key: &str) -> Self {
        Self { dir, entry: format!("{key}{ENTRY}"), lock: format!("{key}{LOCK}") }
    }

    fn read(&self) -> Result<Option<AccessToken>, String> {
        match self.dir.read(&self.entry, entry::MOST) {
            Ok(content) => entry::read(&content).map(Some).map_err(str::to_owned),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn read_aloud(&self, report: Report) -> Option<AccessToken> {
        self.read().unwrap_or_else(|reason| {
            let path = self.dir.path().join(&self.entry);
            report(Notice::detail(format!("the cache entry `{}` is not used: {reason}", path.display())));
            None
        })
    }

    /// Decides what the holder of the lock does.
    fn locked(self, lock: Lock, search: &Search) -> Lookup {
        // Look again: between our last look and the lock, the holder before us may have written the token and left.
        let last = match self.read().unwrap_or(None) {
            Some(token) if (search.accept)(&token) => return Lookup::Hit(token),
            last => last,
        };
        let note = lock.read(note::MOST).ok().and_then(|content| Note::read(&content));
        match note.filter(|note| note.answers(search.began, Moment::now(), search.means)) {
            Some(note) => Lookup::Denied { denial: Denial::Failed(note), last },
            None => Lookup::Miss(Flight { seat: Some(Seat { shelf: self, lock }), last }),
        }
    }
}

/// How the documents of authorization servers end, which are kept beside the tokens.
pub(super) const DOCUMENT: &str = ".issuer";

/// How entries end.
const ENTRY: &str = ".json";
/// How their locks end.
const LOCK: &str = ".lock";

/// The right to ask for a token, which nobody else has at the same time. It ends when it is dropped, and with the
/// process, however that ends.
pub(super) struct Flight {
    /// Missing where the cache cannot be used.
    seat: Option<Seat>,
    /// The token that would not do.
    last: Option<AccessToken>,
}

struct Seat {
    shelf: Shelf,
    lock: Lock,
}

impl Flight {
    /// Keeps the token. If that fails, it is reported, and nothing is lost but the next call's time.
    pub(super) fn save(self, token: &AccessToken, report: Report) {
        let Some(Seat { shelf, lock }) = self.seat else { return };
        let kept = if let Some(content) = entry::write(token) {
            shelf.dir.write(&shelf.entry, &content)
        } else {
            report(Notice::detail("the token is not kept: nobody says how long it lives, or it has no life left"));
            // Some servers end the token before when they give a new one, so the old one must not stay.
            shelf.dir.remove(&shelf.entry).map(drop)
        };
        if let Err(error) = kept {
            report(unusable(&shelf.dir.path().join(&shelf.entry), &error));
            _ = shelf.dir.remove(&shelf.entry); // likewise; removing needs no room on the disk
        }
        drop(lock); // those who wait need not wait for the sweep
        sweep(&shelf.dir, &shelf.entry);
    }

    /// The token that would not do, if there was one.
    pub(super) fn last(&self) -> Option<&AccessToken> {
        self.last.as_ref()
    }

    /// Gives up; a note answers those who waited. What comes back is the token that would not do.
    pub(super) fn fail(self, note: Option<&Note>) -> Option<AccessToken> {
        if let (Some(seat), Some(note)) = (&self.seat, note) {
            _ = seat.lock.write(&note.write()); // without it, those who waited ask for themselves
        }
        self.last
    }
}

/// Removes what nobody needs: files that a killed writer left, and tokens that expired more than a day ago.
fn sweep(dir: &PrivateDir, own: &str) {
    const HOUR: Duration = Duration::from_secs(3600);
    const DAY: i64 = 24 * 3600;
    dir.sweep(HOUR);
    let yesterday = Moment::now().seconds() - DAY;
    for name in dir.names(ENTRY).unwrap_or_default().iter().filter(|name| *name != own) {
        let shelf = Shelf::new(dir.clone(), name.trim_end_matches(ENTRY));
        let is_old = || shelf.read().is_ok_and(|token| token.is_some_and(|t| t.expires_at() < Some(yesterday)));
        // Under its lock, and looked at again, so that no token is removed that somebody has just written.
        if is_old() && dir.try_lock(&shelf.lock).is_ok_and(|lock| lock.is_some() && is_old()) {
            _ = dir.remove(name);
        }
    }
}

/// The wait for another caller.
struct Wait {
    since: Instant,
    patience: Duration,
    pause: Duration,
    said: bool,
}

impl Wait {
    /// A wait that is worth a word to a person.
    const LONG: Duration = Duration::from_millis(200);
    const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
    const LONGEST_PAUSE: Duration = Duration::from_millis(25);

    fn new(patience: Duration) -> Self {
        Self { since: Instant::now(), patience, pause: Self::SHORTEST_PAUSE, said: false }
    }

    /// Waits a little; `false` when it has been long enough.
    fn pause(&mut self, report: Report) -> bool {
        let waited = self.since.elapsed();
        if waited >= self.patience {
            return false;
        }
        report(Notice::Slow);
        if waited > Self::LONG && !self.said {
            self.said = true;
            report(Notice::Waiting("another choreo-env is asking for the same token".into()));
        }
        std::thread::sleep(self.pause.mul_f64(0.5 + fastrand::f64())); // jitter: 200 callers do not look at once
        self.pause = (self.pause * 2).min(Self::LONGEST_PAUSE);
        true
    }
}
