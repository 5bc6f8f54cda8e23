//! Finds the shells and tools that a test wants to run.
//!
//! Owns the rule for what is missing: it skips aloud, and fails where `CHOREO_ENV_REQUIRE` names it. Never installs
//! anything. Gives paths.

use std::env;
use std::path::PathBuf;

/// The program of a name on `PATH`.
///
/// # Panics
/// Where it is missing and `CHOREO_ENV_REQUIRE`, a list of names, has its name.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        let required = env::var("CHOREO_ENV_REQUIRE").unwrap_or_default();
        assert!(!required.split([',', ' ']).any(|required| required == name), "{name} is required, and not found");
        eprintln!("skipped: {name} not found");
    }
    found
}
