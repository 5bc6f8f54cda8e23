//! Private files: folders that are the user's alone, files written aside and renamed, locks that die with their holder.
//!
//! Knows nothing of tokens or profiles. On Unix a private folder has mode 0700 and a private file 0600 from its
//! creation; on Windows both inherit the access list of the user's own profile folder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;
use zeroize::Zeroizing;

/// A folder that belongs to this user, and that nobody else can read or write.
#[derive(Clone, Debug)]
pub struct PrivateDir {
    path: PathBuf,
}

impl PrivateDir {
    /// Opens the folder, and makes it where it is missing. A folder of the user's own that others may enter is closed
    /// to them; a link, or a folder of somebody else, is refused.
    ///
    /// # Errors
    /// Why the folder cannot be used.
    pub fn open(path: &Path) -> io::Result<Self> {
        match make_private(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        owner_only(path)?;
        Ok(Self { path: path.to_owned() })
    }

    /// Opens a folder that is there, for reading, and changes nothing: one that others may enter stays open to them.
    ///
    /// # Errors
    /// There is no such folder, or it is somebody else's.
    pub fn existing(path: &Path) -> io::Result<Self> {
        match folder_access(path)? {
            Access::Foreign => Err(io::Error::other("it belongs to another user")),
            Access::Private | Access::Open(_) => Ok(Self { path: path.to_owned() }),
        }
    }

    /// The folder's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file whole or not at all: beside its place first, then renamed. Nobody sees half of it, also not after
    /// a crash: a file that a power cut left empty is unreadable, which the cache takes for a miss, so there is no sync.
    ///
    /// # Errors
    /// Why it could not be written; what stood there before still stands.
    pub fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let mut aside = tempfile::Builder::new().prefix(ASIDE).tempfile_in(&self.path)?;
        aside.write_all(content)?;
        aside.flush()?;
        aside.persist(self.path.join(name)).map(drop).map_err(|error| error.error)
    }

    /// Reads a file of at most `limit` bytes.
    ///
    /// # Errors
    /// Why it could not be read; a file of somebody else and one that is too long are errors.
    pub fn read(&self, name: &str, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
        read_bounded(&open_own(&self.path.join(name))?, limit)
    }

    /// Removes a file; one that is not there is fine.
    ///
    /// # Errors
    /// Why it could not be removed.
    pub fn remove(&self, name: &str) -> io::Result<bool> {
        match fs::remove_file(self.path.join(name)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The names of the files whose name ends as given.
    ///
    /// # Errors
    /// Why the folder could not be read.
    pub fn names(&self, ending: &str) -> io::Result<Vec<String>> {
        let names = fs::read_dir(&self.path)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.filter(|name| name.ends_with(ending) && !name.starts_with(ASIDE)).collect())
    }

    /// Removes what a killed writer left aside, once it is older than `age`. Failures are nobody's concern.
    pub fn sweep(&self, age: std::time::Duration) {
        let Ok(entries) = fs::read_dir(&self.path) else { return };
        for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(ASIDE)) {
            let old = entry
                .metadata()
                .and_then(|data| data.modified())
                .is_ok_and(|time| time.elapsed().is_ok_and(|t| t > age));
            if old {
                _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Takes the lock of that name, if nobody holds it. The lock is a file beside the data, never the data itself
    /// (which is replaced by renaming); the system releases it when the holder ends, however it ends.
    ///
    /// # Errors
    /// Why there can be no lock here, such as a file system without locks.
    pub fn try_lock(&self, name: &str) -> io::Result<Option<Lock>> {
        let path = self.path.join(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut tries = 0;
        loop {
            let file = private(&mut options).open(&path)?;
            tries += 1;
            match file.try_lock() {
                // A file system that numbers a file anew at each look must not keep us here.
                Ok(()) if is_at(&file, &path) || tries == MOST_TRIES => return Ok(Some(Lock { file })),
                Ok(()) => {} // it was removed in between: the lock is the file that is there now
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    /// Removes the lock of that name, unless somebody holds it. Only a system that can tell whether a file is still at
    /// its place does so: elsewhere two callers could hold a lock each.
    ///
    /// # Errors
    /// Why it could not be removed.
    pub fn remove_lock(&self, name: &str) -> io::Result<()> {
        let held = if cfg!(unix) { self.try_lock(name)? } else { None };
        held.map_or(Ok(()), |_lock| self.remove(name).map(drop))
    }
}

/// How often a lock may be removed before our eyes.
const MOST_TRIES: u32 = 1000;

/// What the files that are being written begin with.
const ASIDE: &str = ".aside-";

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

/// Adds to a file that somebody else keeps, and does not make one.
///
/// # Errors
/// Why it could not be written.
pub fn append(path: &Path, content: &[u8]) -> io::Result<()> {
    OpenOptions::new().append(true).open(path)?.write_all(content)
}

/// Makes a file that only its owner can read. One that is there already is an error, whatever it is.
///
/// # Errors
/// Why it could not be made.
pub fn create_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = private(options.write(true).create_new(true)).open(path)?;
    file.write_all(content).and_then(|()| file.sync_all()).inspect_err(|_| _ = fs::remove_file(path))
}

/// Makes a private file of some name in a folder, to be worked on by another program. It is removed when dropped.
///
/// # Errors
/// Why it could not be made.
pub fn private_copy(folder: &Path, content: &[u8]) -> io::Result<TempPath> {
    make_folder(folder)?;
    let mut file = tempfile::Builder::new().prefix("edit-").suffix(".toml").tempfile_in(folder)?;
    file.write_all(content)?;
    Ok(file.into_temp_path())
}

/// Replaces a file that people edit, whole or not at all; `before` is what was read of it, `None` where there was none.
/// A link stays a link, and its target gets the text; the mode stays as it is, and a new file has 0600.
///
/// # Errors
/// Why it could not be written, or that somebody else wrote it since it was read; what stood there still stands.
pub fn replace(path: &Path, before: Option<&[u8]>, after: &[u8]) -> io::Result<()> {
    let target = match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(path).is_ok() => {
            return Err(io::Error::other("it is a link to nothing"));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        target => target?,
    };
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folder(folder)?;
    let mut aside = tempfile::Builder::new().prefix(ASIDE).tempfile_in(folder)?;
    aside.write_all(after)?;
    let Some(before) = before else {
        aside.as_file().sync_all()?;
        return aside.persist_noclobber(&target).map(drop).map_err(|error| error.error);
    };
    let old = open_plain(&target)?;
    if access(&old)? == Access::Foreign {
        return Err(io::Error::other("it belongs to another user"));
    }
    if *read_bounded(&old, before.len() as u64).map_err(|_| changed())? != *before {
        return Err(changed());
    }
    aside.as_file().set_permissions(old.metadata()?.permissions())?;
    aside.as_file().sync_all()?; // unlike a token, this cannot be had again
    aside.persist(&target).map(drop).map_err(|error| error.error)
}

fn changed() -> io::Error {
    io::Error::other("somebody else changed it in the meantime")
}

/// Makes a folder where it is missing, private; one that is there stays as it is.
fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() { Ok(()) } else { make_private(path) }
}

/// Opens a file that somebody named, for reading, without waiting: a named pipe does not hold us up.
///
/// # Errors
/// Why it could not be opened; anything but a plain file is refused.
pub fn open_plain(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed());
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a plain file")) }
}

/// Reads a file of at most `limit` bytes; the buffer is wiped when dropped.
///
/// # Errors
/// Why it could not be read.
pub fn read_bounded(file: &File, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let expected = usize::try_from(file.metadata()?.len().min(limit)).unwrap_or(0);
    // Room for all of it at once: a buffer that grows leaves copies behind that nobody wipes.
    let mut content = Zeroizing::new(Vec::with_capacity(expected + 1));
    file.take(limit + 1).read_to_end(&mut content)?;
    if content.len() as u64 > limit {
        return Err(io::Error::other(format!("it is longer than {limit} bytes")));
    }
    Ok(content)
}

/// Who may get at a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone, and that is this user.
    Private,
    /// It is this user's, and its mode (given) lets others in.
    Open(u32),
    /// It belongs to somebody else.
    Foreign,
}

/// Says who may get at a file. On Windows the access list of the folder decides, and the answer is `Private`.
///
/// # Errors
/// Why the file's data could not be read.
#[cfg(unix)]
pub fn access(file: &File) -> io::Result<Access> {
    use std::os::unix::fs::MetadataExt;
    let data = file.metadata()?;
    Ok(match data.mode() & 0o7777 {
        _ if data.uid() != rustix::process::geteuid().as_raw() => Access::Foreign,
        mode if mode & 0o077 != 0 => Access::Open(mode),
        _ => Access::Private,
    })
}

/// Says who may get at a file. On Windows the access list of the folder decides, and the answer is `Private`.
///
/// # Errors
/// Why the file's data could not be read.
#[cfg(not(unix))]
pub fn access(file: &File) -> io::Result<Access> {
    file.metadata().map(|_| Access::Private)
}

/// Who else could change a file, or exchange what is in a folder: somebody beside this user and root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meddler {
    /// All or some others; the mode says which.
    Others(u32),
    /// Its owner, by number.
    Owner(u32),
}

/// Says who else could change a file, or exchange what is in a folder, going by what the system says about it. On
/// Windows the access list decides, and the answer is nobody.
#[cfg(unix)]
#[must_use]
pub fn meddler(data: &fs::Metadata) -> Option<Meddler> {
    use std::os::unix::fs::MetadataExt;
    const STICKY: u32 = 0o1000; // in such a folder everybody can rename and remove their own files only
    let us = rustix::process::geteuid().as_raw();
    let mode = data.mode() & 0o7777;
    // Where users have a group of their own, its number is theirs (as pam_umask takes it), and a checkout is open to
    // that group: nobody else is in it.
    let own_group = us != 0 && data.gid() == us;
    let open = mode & if own_group { 0o002 } else { 0o022 } != 0;
    match data.uid() {
        owner if owner != us && owner != 0 => Some(Meddler::Owner(owner)),
        _ if open && !(data.is_dir() && mode & STICKY != 0) => Some(Meddler::Others(mode)),
        _ => None,
    }
}

/// Says who else could change a file, or exchange what is in a folder, going by what the system says about it. On
/// Windows the access list decides, and the answer is nobody.
#[cfg(not(unix))]
#[must_use]
pub fn meddler(_data: &fs::Metadata) -> Option<Meddler> {
    None
}

/// Says who may get at a folder, and changes nothing.
///
/// # Errors
/// There is no folder of that name: nothing at all, or something else, such as a link, which could lead into a folder
/// of somebody else.
#[cfg(unix)]
pub fn folder_access(path: &Path) -> io::Result<Access> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW;
    access(&OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?)
}

/// Says who may get at a folder: its access list decides, and the answer is `Private`.
///
/// # Errors
/// There is no folder of that name.
#[cfg(not(unix))]
pub fn folder_access(path: &Path) -> io::Result<Access> {
    if fs::symlink_metadata(path)?.is_dir() { Ok(Access::Private) } else { Err(io::ErrorKind::NotADirectory.into()) }
}

/// Whether this user may make files in a folder. Makes none.
///
/// # Errors
/// Why not.
#[cfg(unix)]
pub fn may_write(folder: &Path) -> io::Result<()> {
    use rustix::fs::Access as May;
    Ok(rustix::fs::access(folder, May::WRITE_OK | May::EXEC_OK)?)
}

/// Whether this user may make files in a folder, which on this system shows only when one is made.
///
/// # Errors
/// The folder cannot be seen.
#[cfg(not(unix))]
pub fn may_write(folder: &Path) -> io::Result<()> {
    fs::metadata(folder).map(drop)
}

/// Whether a folder exists and belongs to this user.
#[cfg(unix)]
#[must_use]
pub fn is_own_dir(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).is_ok_and(|data| data.is_dir() && data.uid() == rustix::process::geteuid().as_raw())
}

/// Whether a folder exists and belongs to this user.
#[cfg(not(unix))]
#[must_use]
pub fn is_own_dir(path: &Path) -> bool {
    path.is_dir()
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

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    // A link could lead anywhere, and a named pipe would keep us waiting for a writer.
    options.mode(0o600).custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

fn open_own(path: &Path) -> io::Result<File> {
    let file = private(OpenOptions::new().read(true)).open(path)?;
    match access(&file)? {
        Access::Private => Ok(file),
        Access::Open(mode) => Err(io::Error::other(format!("others may read it (mode {mode:04o})"))),
        Access::Foreign => Err(io::Error::other("it belongs to another user")),
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if let Some(parent) = path.parent().filter(|parent| !parent.exists()) {
        fs::create_dir_all(parent)?;
    }
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(unix)]
fn owner_only(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let data = fs::symlink_metadata(path)?; // a link could lead into a folder of somebody else
    if !data.is_dir() {
        return Err(io::Error::other("it is not a folder"));
    }
    if data.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other("it belongs to another user"));
    }
    if data.mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn owner_only(path: &Path) -> io::Result<()> {
    if path.is_dir() { Ok(()) } else { Err(io::Error::other("it is not a folder")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::thread;

    #[test]
    #[cfg(unix)]
    fn a_lock_that_is_removed_again_and_again_has_never_two_holders() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = PrivateDir::open(&folder.path().join("locks")).expect("a private folder");
        let (holders, taken, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
        let hold = || {
            while taken.load(Ordering::SeqCst) < 20_000 {
                let Ok(Some(lock)) = dir.try_lock("l.lock") else { continue };
                assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "two holders");
                taken.fetch_add(1, Ordering::SeqCst);
                holders.fetch_sub(1, Ordering::SeqCst);
                drop(lock);
            }
        };
        thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    dir.remove_lock("l.lock").expect("removed, or held");
                }
            });
            let holders: Vec<_> = (0..3).map(|_| scope.spawn(hold)).collect();
            let ends: Vec<_> = holders.into_iter().map(thread::ScopedJoinHandle::join).collect();
            over.store(true, Ordering::SeqCst);
            assert!(ends.iter().all(Result::is_ok), "a holder met another");
        });
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
