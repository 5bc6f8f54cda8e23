//! What is generated is committed, and compared byte for byte. `CHOREO_ENV_UPDATE=1 cargo test` rewrites it.

use std::fmt::Write as _;
use std::path::Path;

use choreo_env::cli::{Cli, NAME};
use choreo_env::config::schema::{DEFAULTS, KEYS};
use choreo_env::exit::Exit;

/// The table of keys, from the schema that the program itself stands on.
fn keys() -> String {
    let mut table = "| key | meaning |\n|---|---|\n".to_owned();
    for key in KEYS {
        let alias = key.alias.map(|alias| format!(", `{alias}`")).unwrap_or_default();
        let default = DEFAULTS.iter().find(|(name, _)| *name == key.name);
        let default = default.map(|(_, value)| format!("; default `{value}`")).unwrap_or_default();
        _ = writeln!(table, "| `{}`{alias} | {}{default} |", key.name, key.about);
    }
    table
}

#[test]
fn the_readme_lists_the_keys_that_the_program_knows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).expect("the README");
    let (begin, end) = ("<!-- keys: begin -->\n", "<!-- keys: end -->\n");
    let start = readme.find(begin).expect("the begin mark") + begin.len();
    let stop = readme.find(end).expect("the end mark");
    let expected = format!("{}{}{}", &readme[..start], keys(), &readme[stop..]);
    if std::env::var_os("CHOREO_ENV_UPDATE").is_some() {
        std::fs::write(&path, expected).expect("written");
    } else {
        assert_eq!(readme, expected, "run `CHOREO_ENV_UPDATE=1 cargo test generated`");
    }
}

#[test]
fn the_readme_and_the_help_name_every_exit_status() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("the README");
    let help = Cli::grammar(NAME).render_long_help().to_string();
    let (_, help) = help.split_once("Exit status:").expect("a part about it");
    for exit in Exit::ALL {
        let number = (exit as u8).to_string();
        let named = |text: &str| text.split(|c: char| !c.is_ascii_digit()).any(|word| word == number);
        assert!(named(&readme) && named(help), "{number}: {}", exit.about());
    }
}
