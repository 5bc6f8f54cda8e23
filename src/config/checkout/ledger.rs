//! The list of trusted files: real path and content's digest, in a private file of the user's.
//!
//! Owns reading and changing it; changes are made under a lock, and written aside. Never decides what is trusted: a
//! person does. A list that cannot be read is never overwritten.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::Snapshot;
use crate::config::{ConfigError, MOST_BYTES};
use crate::environ::Environ;
use crate::store::{Lock, PrivateDir};

const FILE: &str = "trusted.json";
const LOCK: &str = "trusted.lock";
const VERSION: u8 = 1;
/// How long to wait for another process that changes the list, which takes it a moment.
const PATIENCE: Duration = Duration::from_secs(5);

/// The trusted files.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
}

/// A trusted file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    path: PathBuf,
    sha256: String,
}

/// The list, as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    version: u8,
    files: Vec<Entry>,
}

/// What the list says about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is trusted as it is.
    Trusted,
    /// It is trusted with another content.
    Changed,
    /// It is not there.
    Unknown,
}

impl Ledger {
    /// Reads the list; one that was never written is empty.
    ///
    /// # Errors
    /// It is there, and cannot be read.
    pub fn read(environ: &Environ) -> Result<Self, ConfigError> {
        let folder = folder(environ)?;
        if !folder.is_dir() {
            return Ok(Self::default()); // and is not made for this
        }
        let dir = PrivateDir::open(&folder).map_err(unusable(&folder))?;
        load(&dir).map_err(unusable(&folder.join(FILE)))
    }

    /// Adds files, each with the content that it had when it was read.
    ///
    /// # Errors
    /// The list cannot be changed; then it is as it was.
    pub fn trust(files: &[&Snapshot], environ: &Environ) -> Result<(), ConfigError> {
        change(environ, |entries| {
            for file in files {
                entries.retain(|entry| entry.path != file.canonical());
                entries.push(Entry { path: file.canonical().to_owned(), sha256: file.digest().to_owned() });
            }
            entries.sort_by(|a, b| a.path.cmp(&b.path));
        })
    }

    /// Takes files out: those of the paths, and those in folders of the paths. Gives what was taken out.
    ///
    /// # Errors
    /// The list cannot be changed; then it is as it was.
    pub fn revoke(paths: &[PathBuf], environ: &Environ) -> Result<Vec<PathBuf>, ConfigError> {
        let meant = |path: &Path| paths.iter().any(|one| path == one || path.parent() == Some(one));
        let mut gone = Vec::new();
        change(environ, |entries| {
            gone = entries.extract_if(.., |entry| meant(&entry.path)).map(|entry| entry.path).collect();
        })?;
        Ok(gone)
    }

    /// What the list says about a file.
    #[must_use]
    pub fn standing(&self, file: &Snapshot) -> Standing {
        match self.entries.iter().find(|entry| entry.path == file.canonical()) {
            Some(entry) if entry.sha256 == file.digest() => Standing::Trusted,
            Some(_) => Standing::Changed,
            None => Standing::Unknown,
        }
    }

    /// Whether a file of that real path was ever trusted, with whatever content.
    pub(super) fn knows(&self, canonical: &Path) -> bool {
        self.entries.iter().any(|entry| entry.path == canonical)
    }

    /// The files, each with how it is now: `None` where it is gone.
    pub fn files(&self) -> impl Iterator<Item = (&Path, Option<Standing>)> {
        self.entries.iter().map(|entry| {
            // A file whose name now leads elsewhere is not the one that was trusted.
            let now = Snapshot::take(&entry.path).ok().filter(|file| file.canonical() == entry.path);
            (entry.path.as_path(), now.map(|file| self.standing(&file)))
        })
    }
}

fn folder(environ: &Environ) -> Result<PathBuf, ConfigError> {
    let home = environ.data_home();
    let missing = || io::Error::other("this system has no folder for the user's data");
    home.map(|home| home.join("choreo-env")).ok_or_else(|| unusable(Path::new(FILE))(missing()))
}

fn unusable(path: &Path) -> impl FnOnce(io::Error) -> ConfigError {
    move |source| ConfigError::Ledger { path: path.to_owned(), source }
}

fn load(dir: &PrivateDir) -> io::Result<Ledger> {
    let content = match dir.read(FILE, MOST_BYTES) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ledger::default()),
        content => content?,
    };
    let written: Written = serde_json::from_slice(&content)?;
    if written.version != VERSION {
        return Err(io::Error::other(format!("it is of version {}, which is not known here", written.version)));
    }
    Ok(Ledger { entries: written.files })
}

fn change(environ: &Environ, edit: impl FnOnce(&mut Vec<Entry>)) -> Result<(), ConfigError> {
    let folder = folder(environ)?;
    let dir = PrivateDir::open(&folder).map_err(unusable(&folder))?;
    let _lock = lock(&dir).map_err(unusable(&folder.join(LOCK)))?;
    let mut entries = load(&dir).map_err(unusable(&folder.join(FILE)))?.entries;
    edit(&mut entries);
    let written = serde_json::to_vec_pretty(&Written { version: VERSION, files: entries });
    let saved = written.map_err(io::Error::from).and_then(|content| dir.write(FILE, &content));
    saved.map_err(unusable(&folder.join(FILE)))
}

fn lock(dir: &PrivateDir) -> io::Result<Lock> {
    let since = Instant::now();
    loop {
        if let Some(lock) = dir.try_lock(LOCK)? {
            return Ok(lock);
        }
        if since.elapsed() > PATIENCE {
            return Err(io::Error::other("another process holds it"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
