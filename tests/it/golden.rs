//! Each kind of mistake in a configuration, and all that is said about it, compared byte for byte.
//!
//! `golden/config` has a configuration `NAME.toml` and what `choreo-env show dev` says of it, `NAME.txt`. A file
//! `NAME.0644.toml` is readable by everybody. `CHOREO_ENV_UPDATE=1 cargo test golden` rewrites the texts.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::world::{World, set_mode};

/// The secret of every file: no message repeats it, wherever it stands.
const CANARY: &str = "hunter2";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/config")
}

/// The names of the files of that kind, without it.
fn names(kind: &str) -> BTreeSet<String> {
    let paths = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension() == Some(OsStr::new(kind)));
    paths.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn read(name: &str, kind: &str) -> String {
    let path = folder().join(format!("{name}.{kind}"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the program says of a configuration.
fn said(name: &str) -> String {
    let world = World::with(read(name, "toml"));
    if name.ends_with(".0644") {
        set_mode(&world.config(), 0o644);
    }
    let run = world.choreo_env(["show", "dev"]).run();
    assert_eq!(run.stdout, "", "{name}\n{run}");
    // Its folder differs from system to system, and one with a blank is quoted where it can be pasted.
    let stderr = run.redacted(&run.stderr);
    let config = run.redacted(world.config().to_str().unwrap());
    let stderr = stderr.replace(&format!("'{config}'"), "[CONFIG]").replace(&config, "[CONFIG]");
    format!("status: {}\n{stderr}", run.status.expect("no signal"))
}

/// Whether a line names a line and a column of the file, and both are there.
fn has_place(line: &str, config: &str) -> bool {
    let Some((_, place)) = line.split_once("[CONFIG]:") else { return false };
    let mut numbers = place.split(|c: char| !c.is_ascii_digit()).map(|digits| digits.parse::<usize>().unwrap_or(0));
    let (line, column) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let length = line.checked_sub(1).and_then(|line| config.lines().nth(line)).map(|text| text.chars().count());
    column > 0 && length.is_some_and(|length| column <= length + 1)
}

#[test]
fn each_mistake_is_told_with_its_place_and_without_the_secret() {
    let configs = names("toml");
    assert!(configs.len() >= 20, "{configs:?}");
    let update = std::env::var_os("CHOREO_ENV_UPDATE").is_some();
    let mut stale = Vec::new();
    for name in &configs {
        let (config, said) = (read(name, "toml"), said(name));
        assert!(said.starts_with("status: 3\nerror: "), "{name}\n{said}");
        assert!(config.contains(CANARY), "{name}: there is no canary in it");
        assert!(!said.contains(CANARY), "{name}: the secret is told\n{said}");
        for line in said.lines().skip(1).filter(|line| !line.starts_with("hint: ")) {
            assert!(has_place(line, &config), "{name}: no place of the file: {line}\n{said}");
        }
        let hints = said.lines().filter(|line| line.starts_with("hint: ")).count();
        assert_eq!(
            hints,
            said.lines().filter(|line| line.starts_with("error: ")).count(),
            "{name}: a hint each\n{said}"
        );
        if update {
            fs::write(folder().join(format!("{name}.txt")), said).unwrap();
        } else if read(name, "txt") != said {
            stale.push(format!("── {name}\n{said}"));
        }
    }
    assert_eq!(names("txt"), configs, "each configuration has its text, and each text its configuration");
    let help = "look at these, then run `CHOREO_ENV_UPDATE=1 cargo test golden`";
    assert!(stale.is_empty(), "{help}\n{}", stale.join("\n"));
}
