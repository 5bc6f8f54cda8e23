//! `choreo-env trust`: says that a checkout's file may count, after showing what it decides; and takes that back.

use std::io;
use std::path::{Path, PathBuf};

use super::Context;
use crate::cli::TrustArgs;
use crate::config::ConfigError;
use crate::config::checkout::{Document, Found, Ledger, Standing};
use crate::error::Error;
use crate::notice::Notice;

/// Trusts, lists or revokes.
pub(super) fn run(args: &TrustArgs, context: &mut Context) -> Result<(), Error> {
    match args {
        TrustArgs { list: true, .. } => list(context),
        TrustArgs { revoke: true, path, .. } => revoke(path.as_deref(), context),
        TrustArgs { path, .. } => trust(path.as_deref(), context),
    }
}

fn trust(path: Option<&Path>, context: &mut Context) -> Result<(), Error> {
    let found = found(path, context)?;
    if found.is_empty() {
        return Err(nothing(path));
    }
    let documents = found.into_iter().map(|file| file.guarded(context.environ).map_err(ConfigError::Untrustable));
    let documents: Vec<Document> = documents.collect::<Result<_, _>>()?;
    let mut telling = false;
    for document in &documents {
        let lines = document.summary(context.environ)?;
        telling |= !lines.is_empty();
        context.print(&summary(document.snapshot().canonical(), &lines))?;
    }
    // Without a terminal the command itself is the answer: whoever runs it has decided.
    if telling && !context.global.yes && context.term.confirm("Trust it?") == Some(false) {
        return Err(Error::Refused { message: "nothing is trusted: you said no".into() });
    }
    // What is recorded is what was shown: the files are not read again.
    let snapshots: Vec<_> = documents.iter().map(Document::snapshot).collect();
    Ledger::trust(&snapshots, context.environ)?;
    let lines = snapshots.iter().map(|file| format!("trusted: {}\n", file.canonical().display()));
    context.print(&lines.collect::<String>())
}

fn found(path: Option<&Path>, context: &Context) -> Result<Vec<Found>, Error> {
    let Some(path) = path else { return Ok(Found::here(context.environ)) };
    let missing = |source| ConfigError::Unreadable { path: path.to_owned(), named: false, source };
    Ok(Found::at(path, context.environ).map_err(missing)?)
}

fn nothing(path: Option<&Path>) -> Error {
    let place = path.map_or_else(|| "here".to_owned(), |path| format!("at `{}`", path.display()));
    ConfigError::NothingToTrust { place }.into()
}

fn summary(file: &Path, lines: &[String]) -> String {
    if lines.is_empty() {
        return format!("{} decides nothing about secrets, tokens or programs\n", file.display());
    }
    format!("{} decides:\n  {}\n", file.display(), lines.join("\n  "))
}

fn list(context: &mut Context) -> Result<(), Error> {
    let ledger = Ledger::read(context.environ)?;
    let line = |(path, standing): (&Path, Option<Standing>)| {
        let state = match standing {
            Some(Standing::Trusted) => "trusted",
            Some(_) => "changed",
            None => "missing",
        };
        format!("{state}  {}\n", path.display())
    };
    context.print(&ledger.files().map(line).collect::<String>())
}

/// A file that is gone is still on the list, so its path does not have to lead anywhere.
fn revoke(path: Option<&Path>, context: &mut Context) -> Result<(), Error> {
    let found = path.map_or_else(|| Ok(Found::here(context.environ)), |path| Found::at(path, context.environ));
    let real = |found: Found| found.path().canonicalize().ok();
    let mut paths: Vec<PathBuf> = found.unwrap_or_default().into_iter().filter_map(real).collect();
    if let Some(path) = path.map(|path| context.environ.working_dir().unwrap_or(Path::new("")).join(path)) {
        paths.extend(path.canonicalize().or_else(|_| placed(&path)));
    }
    let gone = Ledger::revoke(&paths, context.environ)?;
    if gone.is_empty() {
        context.notice(&Notice::warning("nothing was trusted there"));
    }
    let line = |path: &PathBuf| format!("no longer trusted: {}\n", path.display());
    context.print(&gone.iter().map(line).collect::<String>())
}

/// The path of a file that is gone, by its folder's real path.
fn placed(path: &Path) -> io::Result<PathBuf> {
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?.canonicalize()?;
    Ok(folder.join(path.file_name().ok_or(io::ErrorKind::NotFound)?))
}
