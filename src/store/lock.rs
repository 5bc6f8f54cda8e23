//! Locks that die with their holder.
//!
//! Owns who holds one: a file beside the data, locked by the system. Never gives a lock that was removed while it was
//! taken, so that locks can be removed at any time. Gives a [`Lock`], which is released when it is dropped.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::Path;

use zeroize::Zeroizing;

use super::{private, read_bounded};

/// A lock that is held; it is released when dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// What the holder before wrote for those who come after it, of at most `limit` bytes.
    ///
    /// # Errors
    /// Why it could not be read.
    pub fn read(&self, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
        io::Seek::rewind(&mut &self.file)?;
        read_bounded(&self.file, limit)
    }

    /// Leaves a note for those who come after.
    ///
    /// # Errors
    /// Why it could not be written.
    pub fn write(&self, content: &[u8]) -> io::Result<()> {
        self.file.set_len(0)?;
        io::Seek::rewind(&mut &self.file)?;
        (&self.file).write_all(content)
    }
}

/// Takes the lock at a path, if nobody holds it.
pub(super) fn take(path: &Path) -> io::Result<Option<Lock>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut last = None;
    for _ in 0..MOST_TRIES {
        drop(last.take());
        match claim(private(&mut options).open(path)?, path)? {
            Claim::Gone(lock) => last = Some(lock),
            Claim::Held(lock) => return Ok(Some(lock)),
            Claim::Taken => return Ok(None),
        }
    }
    Ok(last) // a file system that numbers a file anew at each look
}

/// How often a lock may be removed before our eyes.
const MOST_TRIES: u32 = 100;

/// What came of the wish to lock a file.
enum Claim {
    /// It is ours.
    Held(Lock),
    /// Somebody else has it.
    Taken,
    /// It was removed before it was ours: the lock is another file now.
    Gone(Lock),
}

fn claim(file: File, path: &Path) -> io::Result<Claim> {
    match file.try_lock() {
        Ok(()) if is_at(&file, path) => Ok(Claim::Held(Lock { file })),
        Ok(()) => Ok(Claim::Gone(Lock { file })),
        Err(TryLockError::WouldBlock) => Ok(Claim::Taken),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether an open file is still the one at its path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same = |one: fs::Metadata, other: fs::Metadata| (one.dev(), one.ino()) == (other.dev(), other.ino());
    file.metadata().is_ok_and(|ours| fs::symlink_metadata(path).is_ok_and(|there| same(ours, there)))
}

/// Whether an open file is still the one at its path: nobody removes locks on this system.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::super::PrivateDir;
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::{Duration, Instant};

    #[test]
    #[cfg(unix)]
    fn a_lock_that_is_removed_again_and_again_has_never_two_holders() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = PrivateDir::open(&folder.path().join("locks")).expect("a private folder");
        let (holders, begun) = (AtomicUsize::new(0), Instant::now());
        let goes_on = || begun.elapsed() < Duration::from_millis(500);
        let hold = || {
            while goes_on() {
                let Ok(Some(lock)) = dir.try_lock("l.lock") else { continue };
                assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "two holders");
                (0..20).for_each(|_| thread::yield_now()); // long enough for another to come
                holders.fetch_sub(1, Ordering::SeqCst);
                drop(lock);
            }
        };
        thread::scope(|scope| {
            let others: Vec<_> = (0..3).map(|_| scope.spawn(hold)).collect();
            while goes_on() {
                dir.remove_lock("l.lock").expect("removed, or held");
            }
            let ends: Vec<_> = others.into_iter().map(thread::ScopedJoinHandle::join).collect();
            assert!(ends.iter().all(Result::is_ok), "a holder met another");
        });
    }

    #[test]
    #[cfg(unix)]
    fn a_file_that_was_removed_is_no_lock_also_where_another_is_there_now() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("l.lock");
        let [before, again, now] = [1, 2, 3].map(|round| {
            if round == 3 {
                fs::remove_file(&path).expect("removed");
            }
            File::options().create(true).truncate(false).write(true).open(&path).expect("a file")
        });
        assert!(matches!(claim(before, &path), Ok(Claim::Gone(_))));
        let held = claim(now, &path).expect("a lock");
        assert!(matches!(held, Claim::Held(_)), "the file that is there is the lock");
        assert!(matches!(claim(again, &path), Ok(Claim::Gone(_))), "and nobody else holds one");
        let another = File::open(&path).expect("a file");
        assert!(matches!(claim(another, &path), Ok(Claim::Taken)));
    }

    #[test]
    #[cfg(unix)]
    fn a_lock_that_is_held_is_not_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = PrivateDir::open(&folder.path().join("locks")).expect("a private folder");
        let held = dir.try_lock("l.lock").expect("a lock").expect("free");
        dir.remove_lock("l.lock").expect("left alone");
        assert!(dir.path().join("l.lock").exists() && dir.try_lock("l.lock").expect("a look").is_none());
        drop(held);
        dir.remove_lock("l.lock").expect("removed");
        assert!(!dir.path().join("l.lock").exists());
    }
}
