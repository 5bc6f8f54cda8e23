//! A home of its own for each test, empty but for what the test puts there.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use tempfile::TempDir;

use super::command::{self, Command};

/// A user's world: home, configuration, cache and runtime folders, and a working directory. Gone when dropped.
pub(crate) struct World {
    root: TempDir,
}

impl World {
    /// An empty world.
    pub(crate) fn new() -> Self {
        let world = Self { root: tempfile::Builder::new().prefix("choreo-env-it-").tempdir().unwrap() };
        for folder in ["bin", "cache", "config", "home", "run", "work"] {
            private_folder(&world.path(folder));
        }
        link(command::program(), &world.path("bin").join("choreo-env"));
        world
    }

    /// A world whose user has that configuration.
    pub(crate) fn with(config: impl AsRef<str>) -> Self {
        let world = Self::new();
        world.write_config(config.as_ref());
        world
    }

    /// A path below the world's root.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    /// Where the program starts.
    pub(crate) fn work(&self) -> PathBuf {
        self.path("work")
    }

    /// The folder of the token cache, which the program makes.
    pub(crate) fn cache(&self) -> PathBuf {
        if cfg!(target_os = "macos") {
            self.path("home/Library/Caches/choreo-env")
        } else {
            self.path("run/choreo-env")
        }
    }

    /// The user's configuration file.
    pub(crate) fn config(&self) -> PathBuf {
        let folder = if cfg!(target_os = "macos") { "home/Library/Application Support" } else { "config" };
        self.path(folder).join("choreo-env/config.toml")
    }

    /// Writes the user's configuration, readable by its owner alone.
    pub(crate) fn write_config(&self, text: &str) {
        let config = self.config();
        private_folder(config.parent().unwrap());
        fs::write(&config, text).unwrap();
        set_mode(&config, 0o600);
    }

    /// Writes a file, readable by its owner alone, and gives its path.
    pub(crate) fn write(&self, below: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(below);
        fs::write(&path, content).unwrap();
        set_mode(&path, 0o600);
        path
    }

    /// The program, in this world.
    pub(crate) fn choreo_env<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Command {
        self.command(command::program()).args(arguments)
    }

    /// Another program, in this world.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        Command::new(self.process(program), self.root.path())
    }

    /// A plain process of this world, for tests that run many at once.
    pub(crate) fn process(&self, program: impl AsRef<OsStr>) -> process::Command {
        let mut process = process::Command::new(program);
        process.env_clear().current_dir(self.work());
        process.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", self.path("bin").display()));
        process.env("HOME", self.path("home")).env("LC_ALL", "C.UTF-8");
        process.env("XDG_CACHE_HOME", self.path("cache")).env("XDG_CONFIG_HOME", self.path("config"));
        process.env("XDG_RUNTIME_DIR", self.path("run"));
        process
    }

    /// Every file below the world's root, links not followed, with its content.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        collect(self.root.path(), &mut files);
        files
    }
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            collect(&entry.path(), files);
        } else if kind.is_file() {
            files.push((entry.path(), fs::read(entry.path()).unwrap()));
        }
    }
}

fn private_folder(path: &Path) {
    fs::create_dir_all(path).unwrap();
    set_mode(path, 0o700);
}

/// Sets the permissions of a file or folder, on systems that have modes.
#[cfg(unix)]
pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The permission bits of a file or folder.
#[cfg(unix)]
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

#[cfg(unix)]
fn link(target: &Path, place: &Path) {
    std::os::unix::fs::symlink(target, place).unwrap();
}
