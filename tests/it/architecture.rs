//! The order of the rooms, and what is confined to one of them, because a leak hides there.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in the order of the flow: each uses only those before it.
const FLOW: [&str; 6] = ["cli", "config", "profile", "secret", "token", "render"];
/// They use the flow, never each other, except that rendering speaks the shells' names.
const SIDE: [&str; 5] = ["shell", "exec", "import", "man", "sandbox"];
/// All stand on them; they use nothing but each other.
const FLOOR: [&str; 7] = ["environ", "exit", "notice", "signals", "span", "store", "words"];

/// Every source file, with its path below `src` and its code up to its tests.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 40, "the sources were not found");
    files.into_iter().map(|path| (name(&root, &path), code(&path))).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        match entry.path() {
            path if path.ends_with("tests") || path.ends_with("tests.rs") => {}
            path if path.is_dir() => collect(&path, files),
            path if path.extension().is_some_and(|end| end == "rs") => files.push(path),
            _ => {}
        }
    }
}

fn name(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).expect("below src").to_string_lossy().replace('\\', "/")
}

/// The code without comments and unit tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn room(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap_or_default()
}

fn uses(code: &str) -> impl Iterator<Item = &str> {
    let word = |rest: &&str| rest.chars().next().is_some_and(char::is_alphabetic);
    let end = |c: char| !(c.is_alphanumeric() || c == '_');
    code.split("crate::").skip(1).filter(word).map(move |rest| rest.split(end).next().unwrap_or_default())
}

fn may_use(room: &str, other: &str) -> bool {
    let place = |name: &str| FLOW.iter().position(|flow| *flow == name);
    match (place(room), place(other)) {
        _ if room == other || FLOOR.contains(&other) => true,
        (Some(here), Some(there)) => there < here,
        (Some(_), None) => room == "render" && other == "shell",
        (None, Some(_)) => SIDE.contains(&room),
        (None, None) => false,
    }
}

#[test]
fn rooms_use_only_what_stands_before_them() {
    let strays: Vec<_> = sources()
        .iter()
        .filter(|(file, _)| FLOW.contains(&room(file)) || SIDE.contains(&room(file)) || FLOOR.contains(&room(file)))
        .flat_map(|(file, code)| uses(code).map(|other| (file.clone(), other.to_owned())).collect::<Vec<_>>())
        .filter(|(file, other)| !may_use(room(file), other))
        .collect();
    assert!(strays.is_empty(), "{strays:?}");
}

/// What is confined, and where it may be.
const CONFINED: [(&str, &[&str]); 8] = [
    (
        "expose_secret",
        &[
            "secret/",
            "token/access.rs",
            "token/cache/",
            "token/fetch/client_auth/",
            "token/fetch/errand.rs",
            "token/inspect/",
            "token/fetch/text.rs",
            "render/",
            "exec/",
            "sandbox/clients.rs",
        ],
    ),
    // `render/call` only writes it, into programs for others.
    (
        "reqwest",
        &["token/fetch/transport.rs", "token/fetch/transport/", "render/call/rust.rs", "render/call/target.rs"],
    ),
    ("std::env", &["environ.rs", "main.rs", "bin/cargo-choreo-env.rs", "render/call/rust.rs"]),
    ("Command::new", &["secret/command.rs", "exec/", "render/call/rust.rs"]),
    ("io::stdout", &["term.rs"]),
    ("io::stderr", &["term.rs"]),
    ("rpassword", &["secret/prompt.rs"]),
    ("process::exit", &[]),
];

#[test]
fn what_a_leak_could_hide_in_stays_in_its_place() {
    for (word, places) in CONFINED {
        let strays: Vec<_> = sources()
            .into_iter()
            .filter(|(file, code)| code.contains(word) && !places.iter().any(|place| file.starts_with(place)))
            .map(|(file, _)| file)
            .collect();
        assert!(strays.is_empty(), "`{word}` is in {strays:?}");
    }
}

#[test]
fn files_stay_small_and_every_one_says_what_it_is() {
    for (file, code) in sources() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(&file);
        let text = fs::read_to_string(path).expect("a source file");
        assert!(text.starts_with("//!"), "{file} has no header");
        assert!(code.lines().count() <= 350, "{file} has more than 350 lines");
    }
}
