//! The other commands, from outside.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::support::command::{ends, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{KEY, profile, profile_with};
use crate::support::tools;
use crate::support::world::World;

fn world(lines: &str) -> (World, OddServer) {
    let server = OddServer::always(Answer::token("t0ken", 900));
    (World::with(profile("dev", &server.url("/token"), lines)), server)
}

#[test]
fn token_gives_the_bare_token_a_header_or_json() {
    let (world, server) = world("scopes = [\"a\", \"b\"]");
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
    let header = world.choreo_env(["token", "dev", "--header"]).run();
    header.assert(&fine().stdout("Authorization: Bearer t0ken\n"));
    let run = world.choreo_env(["token", "dev", "--json"]).run();
    let said: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&said["profile"], &said["access_token"]), (&"dev".into(), &"t0ken".into()), "{run}");
    assert_eq!(said["token_type"], "Bearer", "{run}");
    assert!(said["expires_in"].is_u64() && said["expires_at"].is_u64() && said.get("scope").is_some(), "{run}");
    assert_eq!(server.count(), 1);
}

#[test]
fn exec_runs_the_program_with_the_token_in_its_environment() {
    let (world, _server) = world("api_url = \"https://api.example/v1\"\nvars = { AUTH = \"Bearer {token}\" }");
    let names = ["CHOREO_ACCESS_TOKEN", "CHOREO_ENV_PROFILE", "CHOREO_API_URL", "AUTH"];
    let run = world.choreo_env(["exec", "dev", "--", "printenv"]).args(names).run();
    run.assert(&fine().stdout("t0ken\ndev\nhttps://api.example/v1\nBearer t0ken\n"));
    let run = world.choreo_env(["exec", "--", "cat"]).stdin("what comes in\n").run();
    run.assert(&fine().stdout("what comes in\n"));
}

#[test]
fn exec_ends_with_the_status_of_the_program() {
    let (world, _server) = world("");
    world.choreo_env(["exec", "dev", "--", "sh", "-c", "exit 42"]).run().assert(&ends(42));
    let run = world.choreo_env(["exec", "dev", "--", "no-such-program"]).run();
    run.assert(&ends(127).stderr_has(["error: ", "no-such-program"]));
    world.write("work/not-executable", "#!/bin/sh\n");
    let run = world.choreo_env(["exec", "dev", "--", "./not-executable"]).run();
    run.assert(&ends(126).stderr_has(["error: ", "not-executable"]));
    let run = world.choreo_env(["exec", "dev", "--", "sh", "-c", "kill -TERM $$"]).run();
    assert_eq!((run.status, run.stderr.as_str()), (None, ""), "the signal is the program's own\n{run}");
}

#[test]
fn exec_does_not_run_the_program_without_a_token() {
    let server = OddServer::always(Answer::json(401, r#"{"error":"invalid_client"}"#));
    let world = World::with(profile("dev", &server.url("/token"), ""));
    let run = world.choreo_env(["exec", "dev", "--", "touch", "was-run"]).env("CHOREO_ACCESS_TOKEN", "old").run();
    run.assert(&ends(6).stderr_has(["error: profile `dev`"]));
    assert!(!world.path("work/was-run").exists());
}

#[test]
fn list_names_the_profiles_and_touches_no_secret() {
    let secret = "{ command = [\"touch\", \"asked\"] }";
    let text = profile_with("dev", "https://sts.example/token", secret, "");
    let other = profile_with("prod", "https://sts.example/token", secret, "");
    let world = World::with(format!("default_profile = \"dev\"\n{text}{other}"));
    let run = world.choreo_env(["list"]).run();
    run.assert(&fine().stdout_has(["dev", "prod"]));
    let run = world.choreo_env(["list", "--json"]).run();
    let said: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run}"));
    assert!(said.to_string().contains("\"prod\""), "{run}");
    assert!(!world.path("work/asked").exists());
}

#[test]
fn an_unset_profile_leaves_nothing_of_the_one_before() {
    let server = OddServer::always(Answer::token("t", 900));
    let url = server.url("/token");
    let one = profile("one", &url, "api_url = \"https://one.example\"\nvars = { ONE = \"1\" }");
    let world = World::with(one + &profile("two", &url, "scopes = [\"two\"]"));
    let script = "eval $(choreo-env one); echo $CHOREO_API_URL $ONE; eval $(choreo-env two); \
                  echo ${CHOREO_API_URL-none} ${ONE-none} $CHOREO_ENV_PROFILE";
    let run = world.command("/bin/sh").args(["-c", script]).run();
    run.assert(&fine().stdout("https://one.example 1\nnone none two\n"));
}

#[test]
fn a_bare_call_renews_the_profile_of_the_shell() {
    let server = OddServer::always(Answer::token("t", 900));
    let url = server.url("/token");
    let world = World::with(profile("one", &url, "") + &profile("two", &url, ""));
    let script = "eval $(choreo-env two) && eval $(choreo-env) && echo $CHOREO_ENV_PROFILE";
    world.command("/bin/sh").args(["-c", script]).run().assert(&fine().stdout("two\n"));
}

#[test]
fn quiet_hides_warnings_and_never_errors() {
    let (world, _server) = world("insecure = true");
    world.choreo_env(["token", "dev", "--quiet"]).run().assert(&fine().stdout("t0ken\n"));
    let run = world.choreo_env(["token", "nope", "--quiet"]).run();
    run.assert(&ends(3).stderr_has(["error: ", "`nope`"]));
}

#[test]
fn help_and_version_are_data() {
    let world = World::new();
    world.choreo_env(["--version"]).run().assert(&fine().stdout(concat!(
        "choreo-env ",
        env!("CARGO_PKG_VERSION"),
        "\n"
    )));
    let run = world.choreo_env(["--help"]).run().assert(&fine().stdout_has(["Usage:", "choreo-env"]));
    assert!(!run.stdout.contains('\u{1b}'), "colour is for terminals\n{run}");
}

#[test]
fn the_cargo_subcommand_is_the_same_program() {
    let (world, _server) = world("");
    let cargo = assert_cmd::cargo::cargo_bin!("cargo-choreo-env");
    world.command(cargo).args(["choreo-env", "token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
}

#[test]
fn the_example_with_pass_works_as_the_readme_has_it() {
    let (Some(gpg), Some(pass)) = (tools::find("gpg"), tools::find("pass")) else { return };
    let readme = include_str!("../../README.md");
    let secret = "consumer_secret = { command = [\"pass\", \"choreo/dev\"] }";
    assert!(readme.contains("$ pass insert choreo/dev ") && readme.contains(secret));
    let server = OddServer::always(Answer::token("t0ken", 900));
    let (_, reference) = secret.split_once(" = ").unwrap();
    let world = World::with(profile_with("dev", &server.url("/token"), reference, ""));
    let arguments =
        ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key", "me@example"];
    let made = world.command(gpg).args(arguments).run();
    assert_eq!(made.status, Some(0), "{made}");
    world.command(&pass).args(["init", "me@example"]).run().assert(&fine().stdout_has(["initialized"]));
    let insert = world.command(&pass).args(["insert", "--echo", "choreo/dev"]).stdin("from pass\n").run();
    assert_eq!(insert.status, Some(0), "{insert}");
    let run = world.choreo_env(["token", "dev"]).run();
    _ = world.command("gpgconf").args(["--kill", "all"]).run();
    run.assert(&fine().stdout("t0ken\n"));
    let sent = server.requests()[0].header("authorization").unwrap().to_owned();
    assert_eq!(sent, format!("Basic {}", BASE64_STANDARD.encode(format!("{KEY}:from+pass"))));
}

#[cfg(feature = "sandbox")]
mod of_the_sandbox {
    //! The look-alike, and the tour on it.

    use std::io::{BufRead, BufReader};
    use std::process::Stdio;

    use crate::support::command::program;
    use crate::support::world::World;

    #[test]
    fn the_demo_runs_to_its_end_in_an_empty_home() {
        let world = World::new();
        let run = world.choreo_env(["demo"]).run();
        assert_eq!(run.status, Some(0), "{run}");
        assert!(run.stdout.contains("eval \"$(choreo-env dev)\"") && run.stdout.contains("curl "), "{run}");
    }

    #[test]
    fn the_sandbox_prints_what_to_paste_and_it_works() {
        let world = World::new();
        let mut process = world.process(program());
        let mut process = process.arg("sandbox").stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let script: Vec<String> = lines.skip_while(|line| !line.starts_with("export ")).take(3).collect();
        let script = format!("{}\nchoreo-env token", script.join("\n"));
        let run = world.command("/bin/sh").args(["-c", &script]).run();
        assert!(run.status == Some(0) && run.stdout.contains("curl ") && run.stdout.contains("/pets"), "{run}");
        process.kill().unwrap();
        process.wait().unwrap();
    }
}
