//! `cargo choreo-env`, through the real cargo.
//!
//! cargo finds the program by its file's name in the PATH, puts the word `choreo-env` before the arguments, and is
//! replaced by it. So the test's PATH has the program, and cargo is the one that runs this very test.

use std::path::{Path, PathBuf};

use crate::support::command::{Command, Run, Wanted, ends, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::tools;
use crate::support::world::World;

/// What `cargo choreo-env` is, as a file.
fn program() -> &'static Path {
    assert_cmd::cargo::cargo_bin!("cargo-choreo-env")
}

/// The cargo that runs this test, in a world that has the program in its PATH.
struct Cargo {
    world: World,
    cargo: PathBuf,
}

impl Cargo {
    fn with(config: &str) -> Option<Self> {
        // The toolchain's own, which needs no home of rustup as its stand-in in the PATH does.
        let cargo = std::env::var_os("CARGO").map(PathBuf::from).or_else(|| tools::find("cargo"))?;
        let world = World::with(config);
        std::os::unix::fs::symlink(program(), world.path("bin/cargo-choreo-env")).unwrap();
        Some(Self { world, cargo })
    }

    fn command<const N: usize>(&self, words: [&str; N]) -> Command {
        self.world.command(&self.cargo).args(words)
    }

    #[track_caller]
    fn run<const N: usize>(&self, words: [&str; N], wanted: &Wanted) -> Run {
        self.command(words).run().assert(wanted)
    }
}

const PROFILE: &str = "[profiles.dev]\nconsumer_key = 'key'\n";

fn version() -> String {
    format!("choreo-env {}\n", env!("CARGO_PKG_VERSION"))
}

#[test]
fn cargo_lists_it_and_tells_its_version() {
    let Some(cargo) = Cargo::with("") else { return };
    cargo.run(["--list"], &fine().stdout_has(["\n    choreo-env"]));
    cargo.run(["choreo-env", "--version"], &fine().stdout(version()));
    cargo.run(["choreo-env", "-V"], &fine().stdout(version()));
}

#[test]
fn cargo_help_shows_its_help() {
    let Some(cargo) = Cargo::with("") else { return };
    let of_all =
        cargo.run(["choreo-env", "--help"], &fine().stdout_has(["Usage: cargo choreo-env [OPTIONS] [PROFILE]"]));
    let asked = cargo.run(["help", "choreo-env"], &fine().stdout_has([""]));
    assert_eq!(asked.stdout, of_all.stdout);
    cargo.run(["choreo-env", "help", "exec"], &fine().stdout_has(["Usage: cargo choreo-env exec "]));
}

#[test]
fn a_command_runs_through_cargo_with_its_own_arguments_and_status() {
    let Some(cargo) = Cargo::with(PROFILE) else { return };
    let script = r#"printf '<%s>' "$CHOREO_ENV_PROFILE" "$@"; exit 37"#;
    let words = ["choreo-env", "exec", "dev", "--", "sh", "-c", script, "sh", "choreo-env", "--", "--help", "a b", ""];
    let server = OddServer::always(Answer::token("t0ken", 900));
    let command = cargo.command(words).env("CHOREO_ENV_TOKEN_URL", server.url("/token"));
    command
        .env("CHOREO_ENV_CONSUMER_SECRET", "s")
        .run()
        .assert(&ends(37).stdout("<dev><choreo-env><--><--help><a b><>"));
}

#[test]
fn a_failure_through_cargo_keeps_its_status_and_still_makes_eval_fail() {
    let Some(cargo) = Cargo::with("") else { return };
    let run = cargo.run(
        ["choreo-env", "--shell", "sh"],
        &ends(3).stdout_has(["unset CHOREO_ACCESS_TOKEN ", "false;\n"]).stderr_has(["`cargo choreo-env demo`"]),
    );
    assert!(!run.stderr.contains("cargo-choreo-env"), "{run}");
    cargo.run(
        ["choreo-env", "token", "--nope"],
        &ends(2).stderr_has(["`cargo choreo-env token` has no option `--nope`"]),
    );
}

#[test]
fn a_profile_may_have_the_name_that_cargo_puts_before_the_arguments() {
    let Some(cargo) = Cargo::with("[profiles.choreo-env]\nconsumer_key = 'key'\n") else { return };
    cargo.run(["choreo-env", "status", "choreo-env"], &ends(12).stdout_has(["choreo-env"]));
}

#[test]
fn by_its_own_name_it_is_the_same_program() {
    let world = World::with("");
    let run = |words: &[&str]| world.command(program()).args(words).run();
    run(&["--version"]).assert(&fine().stdout(version()));
    let direct = run(&["--help"]).assert(&fine().stdout_has(["Usage: cargo choreo-env [OPTIONS] [PROFILE]"]));
    assert_eq!(direct.stdout, run(&["choreo-env", "--help"]).stdout);
    run(&["list"]).assert(&ends(3).stderr_has(["`cargo choreo-env demo`"]));
}

#[test]
fn all_that_people_read_names_the_command_that_they_typed() {
    let Some(cargo) = Cargo::with("") else { return };
    for words in [["choreo-env", "--help"], ["choreo-env", "help"], ["help", "choreo-env"]] {
        let run = cargo.command(words).run();
        let stray = run.stdout.lines().find(|line| line.starts_with("  choreo-env ") || line.contains("`choreo-env"));
        assert_eq!(stray, None, "{run}");
    }
    let run = cargo.command(["choreo-env", "add", "--help"]).run();
    run.assert(&fine().stdout_has(["  pass choreo/dev | cargo choreo-env add dev "]));
    let doctor = cargo.command(["choreo-env", "doctor", "--offline"]).run();
    assert!(doctor.stdout.contains("`cargo choreo-env demo`"), "{doctor}");
}
