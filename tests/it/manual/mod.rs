//! The manual pages of `man/`: generated from the command line, the schema, the exit statuses and the variables, and
//! compared byte for byte. `CHOREO_ENV_UPDATE=1 cargo test manual` rewrites them, and the list in `src/man/pages.rs`.

mod command;
mod configuration;
mod roff;
mod shown;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use choreo_env::cli::{Cli, NAME};
use choreo_env::environ::VARIABLES;
use choreo_env::exit::Exit;
use choreo_env::man::Page;
use clap::Command;

use crate::support::tools;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("man")
}

/// The command line, as the program builds it.
fn cli() -> Command {
    let mut command = Cli::grammar(NAME);
    command.build();
    command
}

/// The options that every command takes.
fn globals(cli: &Command) -> Vec<String> {
    let options = cli.get_arguments().filter(|arg| arg.is_global_set() || arg.get_id() == "help");
    options.filter_map(|arg| arg.get_long().map(|long| format!("--{long}"))).collect()
}

/// Every page: the names of the files, and what is in them.
fn pages() -> BTreeMap<String, String> {
    let cli = cli();
    let globals = globals(&cli);
    let mut pages: BTreeMap<_, _> = command::pages(&cli, &globals).into_iter().collect();
    pages.insert("choreo-env.1".into(), overview(&cli, &globals));
    pages.insert("choreo-env.5".into(), page("choreo-env", '5', include_str!("configuration.txt"), &cli, &globals));
    pages.insert("cargo-choreo-env.1".into(), page("cargo-choreo-env", '1', include_str!("cargo.txt"), &cli, &globals));
    pages
}

fn overview(cli: &Command, globals: &[String]) -> String {
    page("choreo-env", '1', include_str!("overview.txt"), cli, globals)
}

/// A text of ours, with the generated parts in their places.
fn page(name: &str, section: char, text: &str, cli: &Command, globals: &[String]) -> String {
    let is_global = |arg: &clap::Arg| arg.get_long().is_some_and(|long| globals.contains(&format!("--{long}")));
    let is_own = |arg: &clap::Arg| !arg.is_positional() && !is_global(arg);
    let headless = |section: String| section.split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or_default();
    let parts = [
        ("commands", headless(command::commands(cli, "X"))),
        ("options", headless(command::arguments(cli, "X", is_own))),
        ("global options", headless(command::arguments(cli, "X", is_global))),
        ("exit status", exit_status()),
        ("variables", variables()),
        ("keys", configuration::keys()),
        ("pages", all_pages(cli)),
    ];
    let mut body = roff::text(text);
    for (part, roff) in parts {
        body = body.replace(&format!("{{{part}}}\n"), &roff);
    }
    roff::head(name, section) + &body
}

fn exit_status() -> String {
    Exit::ALL.map(|exit| format!(".TP\n\\fB{}\\fR\n{}\n", exit as u8, roff::line(exit.about()))).concat()
}

fn variables() -> String {
    let item = |name: &str, about: &str| format!(".TP\n{}\n{}.\n", roff::bold(name), roff::line(&upper(about)));
    VARIABLES.iter().map(|variable| item(variable.name, variable.about)).collect()
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn all_pages(cli: &Command) -> String {
    let commands = command::visible(cli).flat_map(|one| std::iter::once(one).chain(command::visible(one)));
    let names = commands.map(|command| format!("{}(1)", command::name(command)));
    roff::text(&(names.collect::<Vec<_>>().join(",\n") + "\n"))
}

/// The list of the pages that are in the program.
fn list(pages: &BTreeMap<String, String>) -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/man/pages.rs");
    let source = fs::read_to_string(&path).expect("the list");
    let (begin, _) = source.split_once("&[Page] = &[\n").expect("the list begins");
    let mut list = format!("{begin}&[Page] = &[\n");
    // Sorted, so the overview stands before the page of the configuration, which has the same name.
    for file in pages.keys() {
        _ = writeln!(list, "    page!(\"{file}\"),");
    }
    (path, list + "];\n")
}

fn committed() -> BTreeMap<String, String> {
    let files = fs::read_dir(folder()).expect("the folder `man`").map(|entry| entry.expect("a file").path());
    let named = |path: &PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
    files.map(|path| (named(&path), fs::read_to_string(&path).expect("a page"))).collect()
}

#[test]
#[cfg(all(feature = "sandbox", feature = "keyring"))] // the pages are those of the whole program
fn the_pages_are_those_of_the_program() {
    let pages = pages();
    let (path, list) = list(&pages);
    if std::env::var_os("CHOREO_ENV_UPDATE").is_some() {
        let stale: Vec<_> = committed().into_keys().filter(|file| !pages.contains_key(file)).collect();
        for file in stale {
            fs::remove_file(folder().join(file)).expect("removed");
        }
        for (file, page) in &pages {
            fs::write(folder().join(file), page).expect("written");
        }
        fs::write(path, list).expect("written");
        return;
    }
    let (committed, written) = (committed(), fs::read_to_string(path).expect("the list"));
    let help = "run `CHOREO_ENV_UPDATE=1 cargo test manual`";
    assert_eq!(committed.keys().collect::<Vec<_>>(), pages.keys().collect::<Vec<_>>(), "{help}");
    for (file, page) in &pages {
        assert!(committed.get(file) == Some(page), "man/{file} is out of date: {help}");
    }
    assert_eq!(written, list, "{help}");
}

#[test]
fn every_command_has_examples() {
    let cli = cli();
    let commands = command::visible(&cli).flat_map(|one| std::iter::once(one).chain(command::visible(one)));
    let silent =
        |command: &&Command| !command.get_after_help().is_some_and(|help| help.to_string().contains("Examples:\n  "));
    let silent: Vec<_> = commands.filter(|one| command::visible(one).next().is_none()).filter(silent).collect();
    let silent: Vec<_> = silent.into_iter().map(command::name).collect();
    assert!(silent.is_empty(), "no `Examples:` in the help (src/cli/help.rs) of {silent:?}");
}

/// What `mandoc -T lint` may say: that there is no date. A page with one would change from day to day.
const NO_DATE: &str = "WARNING: missing date, using \"\": TH";

#[test]
fn mandoc_finds_no_fault_in_any_page() {
    let Some(mandoc) = tools::find("mandoc") else { return };
    for file in committed().into_keys() {
        let mut command = std::process::Command::new(&mandoc);
        let output = output_of(command.args(["-T", "lint", "-W", "warning"]).arg(folder().join(&file)));
        let faults: Vec<_> = output.lines().filter(|line| !line.ends_with(NO_DATE)).collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
}

#[test]
fn groff_finds_no_fault_in_any_page() {
    let Some(man) = tools::find("man") else { return };
    for file in committed().into_keys() {
        let mut command = std::process::Command::new(&man);
        command.args(["--warnings=all", "-l"]).arg(folder().join(&file)).env("LC_ALL", "C.UTF-8").env("MANWIDTH", "80");
        let output = command.output().expect("man runs");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        // Only man-db takes the option; another man is none that groff stands behind.
        if stderr.contains("option") {
            tools::skip("man-db", "install `man-db`");
            return;
        }
        assert!(output.status.success() && stderr.is_empty(), "man/{file}: {stderr}");
    }
}

/// The words of a formatted page, but for its first and its last line, which differ from formatter to formatter.
fn words(text: &str) -> Vec<&str> {
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let ours_has_none = lines.last().is_some_and(|last| last.starts_with("choreo-env 0."));
    let end = lines.len() - usize::from(ours_has_none);
    lines[1..end].iter().flat_map(|line| line.split_whitespace()).collect()
}

#[test]
fn our_plain_text_has_the_words_that_mandoc_has() {
    let Some(mandoc) = tools::find("mandoc") else { return };
    for file in committed().into_keys() {
        let mut command = std::process::Command::new(&mandoc);
        command.args(["-T", "utf8", "-O", "width=78"]).arg(folder().join(&file));
        let theirs = struck(&output_of(&mut command));
        let page = Page::find(&[&file]).expect("a page").plain();
        assert_eq!(words(&page), words(&theirs), "{file}\n{page}");
        let long: Vec<_> = page.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(long.is_empty(), "{file}: {long:?}");
    }
}

/// Text without the characters that a printer would strike twice.
fn struck(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        if c == '\u{8}' { plain.pop().map_or((), drop) } else { plain.push(c) }
    }
    plain
}

fn output_of(command: &mut std::process::Command) -> String {
    let output = command.output().expect("mandoc runs");
    String::from_utf8(output.stdout).expect("text")
}
