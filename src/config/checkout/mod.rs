//! Layers 4 and 5: what comes with a checkout, and whether anybody has said that it may count.
//!
//! Owns the search for such files, the guard against those that others may write, and the list of trusted ones. Never
//! parses a file that is not trusted, and reads each file once: what is parsed is exactly what was hashed, so nobody
//! can exchange it between check and use. Gives documents, and the files that are ignored, each with its reason.
//!
//! What trust protects, and what it does not: a trusted file counts as long as it has the same content at the same
//! place. What it names, such as a program of the same checkout, is not looked at.

mod find;
mod guard;
mod ledger;
mod snapshot;
mod summary;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::file::{self, BareSecrets, Contents, Rules};
use super::{ConfigError, Mistake, Origin, Place};
use crate::environ::{self, Environ};
use crate::notice::{Notice, Report, pasted};

pub use guard::Exposure;
pub use ledger::{Ledger, Standing};
pub use snapshot::Snapshot;

/// The name of a project's file.
const PROJECT: &str = ".choreo-env.toml";
/// The name of cargo's file.
const MANIFEST: &str = "Cargo.toml";

/// What a file of a checkout is to us. The order is that of the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `[workspace.metadata.choreo-env]` of a `Cargo.toml`.
    Workspace,
    /// `[package.metadata.choreo-env]` of a `Cargo.toml`.
    Package,
    /// A `.choreo-env.toml`, which has a configuration file's grammar.
    Project,
}

impl Form {
    fn rules(self, home: Option<&Path>) -> Rules<'_> {
        let (origin, table): (fn(Place) -> Origin, &'static [&'static str]) = match self {
            Self::Workspace => (Origin::Cargo, &["workspace", "metadata", "choreo-env"]),
            Self::Package => (Origin::Cargo, &["package", "metadata", "choreo-env"]),
            Self::Project => (Origin::Project, &[]),
        };
        Rules { origin, table, bare_secrets: Some(BareSecrets::NotHere), home, from_checkout: true }
    }
}

/// A file of the checkout that has something for us.
#[derive(Debug)]
pub struct Found {
    /// The file, as it was found.
    path: PathBuf,
    /// What it is to us, lowest layer first.
    forms: Vec<Form>,
    /// What was read, once.
    content: io::Result<Snapshot>,
}

/// A file of the checkout that is ignored.
#[derive(Debug)]
pub struct Ignored {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: Reason,
}

/// Why a file is ignored.
#[derive(Debug)]
pub enum Reason {
    /// Nobody has trusted it.
    Untrusted,
    /// It was trusted, with another content.
    Changed,
    /// Somebody else may write it, or exchange it.
    Exposed(Exposure),
    /// It cannot be read.
    Unreadable(io::Error),
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is ignored: ", self.path.display())?;
        match &self.reason {
            Reason::Untrusted => f.write_str("it is not trusted"),
            Reason::Changed => f.write_str("it has changed since it was trusted"),
            Reason::Exposed(exposure) => exposure.fmt(f),
            Reason::Unreadable(error) => error.fmt(f),
        }
    }
}

impl Ignored {
    /// What can be done about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match &self.reason {
            Reason::Untrusted | Reason::Changed => {
                Some(format!("read it, then run `choreo-env trust {}`", pasted(&self.path)))
            }
            Reason::Exposed(exposure) => exposure.hint(),
            Reason::Unreadable(_) => None,
        }
    }

    fn notice(&self) -> Notice {
        Notice::Warning { message: self.to_string(), hint: self.hint() }
    }
}

impl Found {
    /// The files that a checkout has for whoever works in this folder, lowest layer first.
    #[must_use]
    pub fn here(environ: &Environ) -> Vec<Self> {
        find::from(environ.working_dir(), environ.home().as_deref(), &|_| true)
    }

    /// The file of that name, or the files of that folder.
    ///
    /// # Errors
    /// There is no such file or folder.
    pub fn at(path: &Path, environ: &Environ) -> io::Result<Vec<Self>> {
        find::at(&environ.working_dir().unwrap_or(Path::new("")).join(path))
    }

    /// The file, as it was found.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was read, if nobody else may write it.
    ///
    /// # Errors
    /// Why the file cannot count, whatever anybody says.
    pub fn guarded(self, environ: &Environ) -> Result<Document, Ignored> {
        let Self { path, forms, content } = self;
        let ignored = |reason| Ignored { path: path.clone(), reason };
        let snapshot = content.map_err(|error| ignored(Reason::Unreadable(error)))?;
        match guard::exposure(&path, &snapshot, environ.home().as_deref()) {
            Some(exposure) => Err(ignored(Reason::Exposed(exposure))),
            None => Ok(Document { path, forms, snapshot }),
        }
    }
}

/// A file of the checkout that was read, and that nobody else may write.
#[derive(Debug)]
pub struct Document {
    path: PathBuf,
    forms: Vec<Form>,
    snapshot: Snapshot,
}

impl Document {
    /// What was read.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// What of the file decides where secrets go, what is run, and who is asked: lines for a person to judge.
    ///
    /// # Errors
    /// All mistakes of the file.
    pub fn summary(&self, environ: &Environ) -> Result<Vec<String>, ConfigError> {
        let contents = self.contents(environ.home().as_deref()).map_err(ConfigError::Mistakes)?;
        Ok(contents.iter().flat_map(summary::lines).collect())
    }

    /// Reads what was hashed. Its places are told by the real path, since relative paths in it begin there: a link in
    /// another checkout must not give them another meaning.
    pub(super) fn contents(&self, home: Option<&Path>) -> Result<Vec<Contents>, Vec<Mistake>> {
        let (all, mistakes) = self.contents_leniently(home);
        if mistakes.is_empty() { Ok(all) } else { Err(mistakes) }
    }

    /// The same as far as it can be read, with all mistakes.
    pub(super) fn contents_leniently(&self, home: Option<&Path>) -> (Vec<Contents>, Vec<Mistake>) {
        let (mut all, mut mistakes) = (Vec::new(), Vec::new());
        for form in &self.forms {
            let (text, path) = (self.snapshot.text(), self.snapshot.canonical());
            let (contents, more) = file::read_leniently(text, path, &form.rules(home));
            all.push(contents);
            // Both tables of a manifest that is no TOML have the same mistakes.
            mistakes.extend(more.into_iter().filter(|one| !mistakes.contains(one)).collect::<Vec<_>>());
        }
        (all, mistakes)
    }
}

/// Reads the layers of the checkout: the documents that count, lowest first, and the files that do not. Each of those
/// is told once.
pub(super) fn read(environ: &Environ, report: Report) -> (Vec<Document>, Vec<Ignored>) {
    let mut judge = Judge::new(environ);
    let (mut documents, mut ignored) = (Vec::new(), Vec::new());
    for found in Found::here(environ) {
        match judge.judge(found, report) {
            Ok(document) => documents.push(document),
            Err(one) => {
                report(one.notice());
                ignored.push(one);
            }
        }
    }
    (documents, ignored)
}

/// The documents that count, lowest layer first, in silence. A file that nobody ever trusted is not even opened.
pub(super) fn trusted(environ: &Environ) -> Vec<Document> {
    let ledger = Ledger::read(environ).unwrap_or_default();
    let known = |path: &Path| {
        let real = path.canonicalize();
        real.is_ok_and(|real| ledger.knows(&real) || named(&real, environ, &mut |_| {}))
    };
    let found = find::from(environ.working_dir(), environ.home().as_deref(), &known);
    let mut judge = Judge { environ, ledger: Some(ledger) };
    found.into_iter().filter_map(|found| judge.judge(found, &mut |_| {}).ok()).collect()
}

/// Says what counts. The list of trusted files is read when it is needed, and once.
struct Judge<'a> {
    environ: &'a Environ,
    ledger: Option<Ledger>,
}

impl<'a> Judge<'a> {
    fn new(environ: &'a Environ) -> Self {
        Self { environ, ledger: None }
    }

    fn judge(&mut self, found: Found, report: Report) -> Result<Document, Ignored> {
        let document = found.guarded(self.environ)?;
        let snapshot = &document.snapshot;
        if named(snapshot.canonical(), self.environ, report) {
            let name = environ::TRUSTED_PATHS;
            report(Notice::detail(format!("reading {}, which {name} trusts", snapshot.canonical().display())));
            return Ok(document);
        }
        let reason = match self.ledger(report).standing(snapshot) {
            Standing::Trusted => {
                report(Notice::detail(format!("reading {}, which is trusted", snapshot.canonical().display())));
                return Ok(document);
            }
            Standing::Changed => Reason::Changed,
            Standing::Unknown => Reason::Untrusted,
        };
        Err(Ignored { path: document.path, reason })
    }

    /// The list of trusted files. One that cannot be read trusts nothing, which is told, and is no failure: what is
    /// the user's own still works, and nothing of it is less safe.
    fn ledger(&mut self, report: Report) -> &Ledger {
        self.ledger.get_or_insert_with(|| {
            Ledger::read(self.environ).unwrap_or_else(|error| {
                report(Notice::Warning { message: format!("{error}; no file is trusted"), hint: error.hint() });
                Ledger::default()
            })
        })
    }
}

/// Whether `CHOREO_ENV_TRUSTED_PATHS` names the file or the folder that it is in. Only full paths count: `.` would
/// trust whatever checkout one happens to be in.
fn named(canonical: &Path, environ: &Environ, report: Report) -> bool {
    let (full, relative): (Vec<_>, Vec<_>) = environ.paths(environ::TRUSTED_PATHS).partition(|path| path.is_absolute());
    for path in relative {
        let name = environ::TRUSTED_PATHS;
        report(Notice::warning(format!("{name}: `{}` is ignored: it is no full path", path.display())));
    }
    let real = full.iter().filter_map(|path| path.canonicalize().ok());
    real.into_iter().any(|path| path == canonical || canonical.parent() == Some(&path))
}

/// Text of a file that may hold, by mistake, a secret.
type Text = Zeroizing<String>;
