//! Finds the tools that a test runs and that are not ours.
//!
//! Never lets a test pass in silence without its tool: it says `skipped: …`, and it fails where `CHOREO_ENV_REQUIRE`
//! (names with commas between them) asks for the tool.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io, thread};

/// Where `npm ci` puts what the tests need of it.
pub(crate) fn node_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc")
}

/// The path of a tool, or `None` after saying that the test is skipped.
#[track_caller]
pub(crate) fn find(tool: &str) -> Option<PathBuf> {
    let found = places(tool).find(|path| path.is_file());
    if found.is_none() {
        skip(tool, &format!("install `{tool}`"));
    }
    found
}

/// Where `npm ci` puts the programs that send requests.
pub(crate) fn clients_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// Says that a test is skipped for want of a tool, or fails where the tool is required.
#[track_caller]
pub(crate) fn skip(tool: &str, remedy: &str) {
    let required = env::var("CHOREO_ENV_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|name| name.trim() == tool),
        "`{tool}` is missing, and CHOREO_ENV_REQUIRE names it: {remedy}"
    );
    let test = thread::current();
    // Not `eprintln!`, which the test harness keeps to itself when a test passes.
    _ = writeln!(io::stderr(), "skipped: {}: `{tool}` is missing: {remedy}", test.name().unwrap_or("a test"));
}

fn places(tool: &str) -> impl Iterator<Item = PathBuf> {
    let searched = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&searched).collect();
    folders.extend(nushell());
    folders.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ci/xonsh/bin")); // where `.ci/run` puts it
    folders.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ci/cargo/bin")); // tests/clients/slow.sh
    folders.push(clients_folder().join("node_modules/.bin"));
    folders.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ci/clients/bin")); // HTTPie, and Python with libraries
    let name = format!("{tool}{}", env::consts::EXE_SUFFIX);
    folders.into_iter().map(move |folder| folder.join(&name))
}

/// The folders where npm's package has nu itself; what is in `.bin` is a script around it.
fn nushell() -> Vec<PathBuf> {
    let Ok(packages) = fs::read_dir(node_folder().join("node_modules/@nushell")) else { return Vec::new() };
    packages.flatten().map(|package| package.path().join("bin")).collect()
}
