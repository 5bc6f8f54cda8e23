//! What `--verbose` says about why the program does what it does: decisions and places, never a secret.

use crate::support::command::{Run, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{profile, profile_with};
use crate::support::world::World;

/// The lines on stderr that are details.
fn details(run: &Run) -> Vec<String> {
    run.stderr.lines().filter_map(|line| line.strip_prefix("detail: ")).map(str::to_owned).collect()
}

#[track_caller]
fn has(run: &Run, wanted: &str) {
    assert!(details(run).iter().any(|line| line == wanted), "wanted {wanted:?}\n{run}");
}

fn world() -> (World, OddServer) {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let both = [profile("dev", &server.url("/token"), ""), profile("prod", &server.url("/token"), "")];
    (World::with(format!("default_profile = \"dev\"\n{}", both.concat())), server)
}

#[test]
fn the_profile_is_named_with_what_chose_it() {
    let (world, _server) = world();
    let said = |arguments: &[&str], wanted: &str| {
        let run = world.choreo_env(arguments).env("CHOREO_ENV_SHELL", "sh").run();
        assert_eq!(run.status, Some(0), "{run}");
        has(&run, wanted);
    };
    said(&["token", "prod", "-v"], "profile `prod`: from the command line");
    said(&["token", "--profile", "prod", "-v"], "profile `prod`: from --profile");
    said(&["token", "-v"], "profile `dev`: from `default_profile`");
    let run = world.choreo_env(["token", "-v"]).env("CHOREO_ENV_PROFILE", "prod").run();
    has(&run, "profile `prod`: from CHOREO_ENV_PROFILE");
}

#[test]
fn the_cache_is_named_and_why_its_token_will_or_will_not_do() {
    let (world, _server) = world();
    let cache = format!("the token cache is `{}`", world.cache().display());
    let none = "the cache has no token for this profile";
    let first = world.choreo_env(["token", "dev", "-v"]).run();
    has(&first, &cache);
    has(&first, none);
    let config = world.config();
    has(&first, &format!("profile `dev`: `consumer_secret` is written at {}:5", config.display()));
    let second = world.choreo_env(["token", "dev", "-v"]).run();
    has(&second, &cache);
    let hit = details(&second).into_iter().find(|line| line.starts_with("the token is from the cache: ")).unwrap();
    assert!(hit.ends_with(" left; the secret was not needed"), "{second}");
    let fresh = world.choreo_env(["token", "dev", "-v", "--fresh"]).run();
    has(&fresh, "the token in the cache is not used: a fresh one was asked for");
    let longer = world.choreo_env(["token", "dev", "-v", "--min-ttl", "1h"]).run();
    let why = details(&longer).into_iter().find(|line| line.starts_with("the token in the cache is not used: "));
    assert!(why.unwrap().ends_with(" left, which is less than 1h"), "{longer}");
}

#[test]
fn the_shell_is_named_with_how_it_was_found() {
    let (world, _server) = world();
    has(&world.choreo_env(["dev", "-v", "--shell", "fish"]).run(), "the output is for the shell `fish`: from --shell");
    let run = world.choreo_env(["dev", "-v", "--format", "zsh"]).run();
    has(&run, "the output is for the shell `zsh`: from --format");
    let run = world.choreo_env(["dev", "-v"]).env("CHOREO_ENV_SHELL", "fish").run();
    has(&run, "the output is for the shell `fish`: from CHOREO_ENV_SHELL");
    let script = "choreo-env dev -v >/dev/null; true";
    let run = world.command("/bin/bash").args(["-c", script]).run();
    let found = details(&run).into_iter().find(|line| line.starts_with("the output is for the shell `bash`: process "));
    assert!(found.is_some_and(|line| line.ends_with(" above this one")), "{run}");
    let run = world.choreo_env(["dev", "-v", "--format", "json"]).run();
    assert!(!details(&run).iter().any(|line| line.starts_with("the output is for")), "{run}");
}

#[test]
fn a_secret_that_a_variable_or_a_program_gives_is_named_by_it() {
    let (world, server) = world();
    let run = world.choreo_env(["token", "-v"]).env("CHOREO_ENV_CONSUMER_SECRET", "s3cret").run();
    let variable = "environment variable CHOREO_ENV_CONSUMER_SECRET";
    has(&run, &format!("profile `dev`: `consumer_secret` is taken from {variable}"));
    let secret = "{ command = [\"printf\", \"s3cret\"] }";
    let world = World::with(profile_with("dev", &server.url("/token"), secret, ""));
    let run = world.choreo_env(["token", "-v"]).run();
    let place = format!("{}:4", world.config().display());
    has(&run, &format!("profile `dev`: `consumer_secret` is taken from `{{ command = [\"printf\", …] }}` ({place})"));
    has(&run, "profile `dev`: the only one");
}

#[test]
fn without_it_nothing_is_said() {
    let (world, _server) = world();
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
}
