//! Where a checkout's files are: a few looks at names, on every run.
//!
//! Never parses anything. A `Cargo.toml` counts only if its text speaks of us.

use std::io;
use std::path::{Path, PathBuf};

use super::{Form, Found, MANIFEST, PROJECT, Snapshot};

/// The files for whoever works in a folder, lowest layer first. One that is not wanted is not even opened.
pub(super) fn from(folder: Option<&Path>, home: Option<&Path>, wanted: &dyn Fn(&Path) -> bool) -> Vec<Found> {
    let mut manifests = Manifests::default();
    let mut project = None;
    for folder in reach(folder, home) {
        manifests.look(folder, wanted);
        project = project.or_else(|| present(folder.join(PROJECT)));
    }
    let project = project.filter(|path| wanted(path));
    manifests.found.into_iter().chain(project.map(whole)).collect()
}

/// The file of that name, or the files of that folder.
pub(super) fn at(path: &Path) -> io::Result<Vec<Found>> {
    if path.is_dir() {
        let folder = path.canonicalize()?;
        let manifest = present(folder.join(MANIFEST)).and_then(manifest);
        return Ok(manifest.into_iter().chain(present(folder.join(PROJECT)).map(whole)).collect());
    }
    // The folder's real path, so that `..` means what it says; the file itself may be a link.
    let folder = path.parent().unwrap_or(Path::new("/")).canonicalize()?;
    let path = folder.join(path.file_name().ok_or(io::ErrorKind::NotFound)?);
    path.symlink_metadata()?;
    let is_manifest = path.file_name().is_some_and(|name| name == MANIFEST);
    Ok(if is_manifest { manifest(path).into_iter().collect() } else { vec![whole(path)] })
}

/// A folder and those above it, up to the root of the repository, or to the home folder, both of them included.
pub(super) fn reach<'a>(folder: Option<&'a Path>, home: Option<&Path>) -> impl Iterator<Item = &'a Path> {
    let home = home.and_then(|home| home.canonicalize().ok());
    let mut over = false;
    folder.into_iter().flat_map(Path::ancestors).take_while(move |folder| {
        let last = home.as_deref() == Some(folder) || folder.join(".git").symlink_metadata().is_ok();
        let within = !over;
        over |= last;
        within
    })
}

fn present(path: PathBuf) -> Option<PathBuf> {
    path.symlink_metadata().is_ok().then_some(path)
}

fn whole(path: PathBuf) -> Found {
    Found { content: Snapshot::take(&path), forms: vec![Form::Project], path }
}

/// A `Cargo.toml` that was named: both of its tables.
fn manifest(path: PathBuf) -> Option<Found> {
    let content = Snapshot::take(&path);
    let silent = content.as_ref().is_ok_and(|snapshot| !speaks_of_us(snapshot.text()));
    (!silent).then(|| Found { content, forms: vec![Form::Workspace, Form::Package], path })
}

/// The manifests on the way up: the nearest is the package's, and the nearest with a `[workspace]` the workspace's.
#[derive(Default)]
struct Manifests {
    found: Vec<Found>,
    package_seen: bool,
    workspace_seen: bool,
}

impl Manifests {
    fn look(&mut self, folder: &Path, wanted: &dyn Fn(&Path) -> bool) {
        if self.workspace_seen {
            return;
        }
        let Some(path) = present(folder.join(MANIFEST)) else { return };
        if !wanted(&path) {
            self.package_seen = true;
            return;
        }
        // A manifest that cannot be read is cargo's concern: nothing says that it speaks of us.
        let Ok(snapshot) = Snapshot::take(&path) else { return };
        let package = !std::mem::replace(&mut self.package_seen, true);
        let workspace = has_workspace(snapshot.text());
        self.workspace_seen = workspace;
        let forms = [(workspace, Form::Workspace), (package, Form::Package)];
        let forms: Vec<_> = forms.into_iter().filter(|(is, _)| *is).map(|(_, form)| form).collect();
        if !forms.is_empty() && speaks_of_us(snapshot.text()) {
            self.found.insert(0, Found { content: Ok(snapshot), forms, path });
        }
    }
}

/// Whether the text has a table of ours, as far as can be told without parsing it, which only a trusted file is: the
/// name, in a file that has metadata. A crate that merely depends on us, or is us, does not count.
fn speaks_of_us(text: &str) -> bool {
    if !text.contains("choreo-env") || !text.contains("metadata") {
        return false;
    }
    let bare: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'')).collect();
    bare.contains("metadata.choreo-env") || bare.contains(".metadata]") || bare.contains("metadata={")
}

/// Whether a manifest is a workspace's; a table that is written in another way than cargo's own is not seen.
fn has_workspace(text: &str) -> bool {
    text.lines().any(|line| {
        let name =
            line.trim_start().strip_prefix('[').map(str::trim_start).and_then(|line| line.strip_prefix("workspace"));
        name.is_some_and(|rest| rest.trim_start().starts_with(['.', ']']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_manifest_with_a_table_of_ours_counts() {
        for ours in [
            "[package.metadata.choreo-env]\n",
            "[ workspace . metadata . \"choreo-env\".profiles.dev ]\n",
            "[package.metadata]\nchoreo-env = {}\n",
            "[package]\nmetadata = { choreo-env = {} }\n",
        ] {
            assert!(speaks_of_us(ours), "{ours}");
        }
        for other in [
            "[package]\nname = \"choreo-env\"\n",
            "[dependencies]\nchoreo-env = \"1\"\n[package.metadata.docs.rs]\n",
            "[package.metadata.other]\n",
        ] {
            assert!(!speaks_of_us(other), "{other}");
        }
    }

    #[test]
    fn a_workspace_is_known_by_its_table() {
        for is in ["[workspace]\n", "a = 1\n [workspace.metadata.x]\n", "[ workspace ]"] {
            assert!(has_workspace(is), "{is}");
        }
        for not in ["[package]\nworkspace = \"..\"\n", "[workspaces]\n", "# [workspace]\n"] {
            assert!(!has_workspace(not), "{not}");
        }
    }

    #[test]
    fn the_way_up_ends_at_the_repository_or_at_home() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path().canonicalize().expect("a real path");
        let deep = root.join("a/b/c");
        std::fs::create_dir_all(&deep).expect("folders");
        let count = |home: Option<&Path>| reach(Some(&deep), home).count();
        assert_eq!(count(None), deep.ancestors().count());
        assert_eq!(count(Some(&root.join("a"))), 3);
        std::fs::write(root.join("a/b/.git"), "gitdir: elsewhere").expect("written");
        assert_eq!(count(Some(&root.join("a"))), 2);
    }
}
