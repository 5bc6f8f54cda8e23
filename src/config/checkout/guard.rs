//! Nobody else may write a file that counts, or exchange it.
//!
//! The digest alone pins the content; but `CHOREO_ENV_TRUSTED_PATHS` has none, and what a file names by a relative
//! path (certificates, programs) lies beside it.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{Snapshot, find};
use crate::notice::pasted;
use crate::store::{self, Meddler};

/// A place that somebody else may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    place: PathBuf,
    meddler: Meddler,
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.meddler {
            Meddler::Others(mode) => write!(f, "others may write `{}` (mode {mode:04o})", self.place.display()),
            Meddler::Owner(uid) => write!(f, "`{}` belongs to another user ({uid})", self.place.display()),
        }
    }
}

impl Exposure {
    pub(super) fn hint(&self) -> Option<String> {
        match self.meddler {
            Meddler::Others(_) => Some(format!("run `chmod go-w {}`", pasted(&self.place))),
            Meddler::Owner(_) => None,
        }
    }
}

/// The first place that somebody else may change: the file that was read, then the folders of its real place and of
/// the link to it, up to the root of the repository or to home.
pub(super) fn exposure(path: &Path, snapshot: &Snapshot, home: Option<&Path>) -> Option<Exposure> {
    let exposed = |place: &Path, meddler| Exposure { place: place.to_owned(), meddler };
    let canonical = snapshot.canonical();
    let file = store::meddler(snapshot.data()).map(|meddler| exposed(canonical, meddler));
    let is_link = path != canonical;
    file.or_else(|| {
        let folders = |path| find::reach(Path::parent(path), home);
        let links = is_link.then(|| folders(path)).into_iter().flatten();
        folders(canonical).chain(links).find_map(|folder| {
            let data = folder.symlink_metadata().ok()?;
            store::meddler(&data).map(|meddler| exposed(folder, meddler))
        })
    })
}
