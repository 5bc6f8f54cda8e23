//! A file as it was at one moment: real path, content, digest, and who owns it.
//!
//! Never reads a file twice, and never by a name that was checked before: whoever exchanges the file later changes
//! nothing.

use std::fmt::Write;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::Text;
use crate::config::MOST_BYTES;
use crate::store;

/// A file as it was when it was read.
#[derive(Debug)]
pub struct Snapshot {
    canonical: PathBuf,
    data: Metadata,
    text: Text,
    digest: String,
}

impl Snapshot {
    /// Reads a file; a link is followed.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn take(path: &Path) -> io::Result<Self> {
        let canonical = path.canonicalize()?;
        let file = store::open_plain(&canonical)?;
        let data = file.metadata()?;
        let bytes = store::read_bounded(&file, MOST_BYTES)?;
        let text = str::from_utf8(&bytes).map_err(|_| io::Error::other("it is not Unicode (UTF-8)"))?;
        Ok(Self { canonical, data, digest: digest(&bytes), text: Zeroizing::new(text.to_owned()) })
    }

    /// The real path, with no link in it.
    #[must_use]
    pub fn canonical(&self) -> &Path {
        &self.canonical
    }

    /// What the system says about the file that was read.
    pub(super) fn data(&self) -> &Metadata {
        &self.data
    }

    /// The content.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The content's SHA-256 in hexadecimal digits.
    pub(super) fn digest(&self) -> &str {
        &self.digest
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        _ = write!(text, "{byte:02x}"); // into a string: cannot fail
        text
    })
}
