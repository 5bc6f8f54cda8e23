//! The failure contract: the reason on stderr, a status that tells the kind, and for a shell code that removes the
//! variables and then fails, so that nothing goes on with the token of another environment.

use std::fs;
use std::net::TcpListener;
use std::process::Stdio;

use crate::support::command::{self, Wanted, ends, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::profile;
use crate::support::tools;
use crate::support::world::World;

/// A profile `prod` whose server refuses the secret, and a profile `dev` beside it.
fn refused() -> (World, OddServer) {
    let server = OddServer::always(Answer::json(401, r#"{"error":"invalid_client"}"#));
    let both = [profile("prod", &server.url("/token"), ""), profile("dev", &server.url("/token"), "")];
    (World::with(both.concat()), server)
}

/// Code that removes what an earlier run exported and then fails.
fn failing_code(status: i32) -> Wanted {
    ends(status).stdout_has(["unset ", "CHOREO_ACCESS_TOKEN", ";\nfalse;\n"])
}

#[track_caller]
fn check(shell: &str, arguments: &[&str], script: &str, wanted: &str) {
    let Some(path) = tools::find(shell) else { return };
    let (world, _server) = refused();
    let run = world.command(path).args(arguments).args([script]).env("CHOREO_ACCESS_TOKEN", "of dev");
    let run = run.env("MINE", "of dev").env("CHOREO_ENV_EXPORTED", "MINE").run();
    run.assert(&fine().stdout(wanted).stderr_has(["error: profile `prod`", "invalid_client", "\nhint: "]));
}

#[track_caller]
fn check_posix(shell: &str, arguments: &[&str], settings: &[&str]) {
    for setting in [":", "IFS=:", "IFS=.-", "IFS=';'"].iter().chain(settings) {
        let script = format!(
            "{setting}\neval $(choreo-env prod) && echo no\n\
             printf '%s\\n' \"${{CHOREO_ACCESS_TOKEN-removed}}\" \"${{MINE-removed}}\"\n"
        );
        check(shell, arguments, &script, "removed\nremoved\n");
    }
    // In a subshell, because `set -e` is about to end it; its status shows that it did.
    let script = "(set -e; eval $(choreo-env prod); echo no)\n[ $? -ne 0 ] && echo stopped\n";
    check(shell, arguments, script, "stopped\n");
}

#[test]
fn bash_stops_and_keeps_no_old_token() {
    check_posix("bash", &["-c"], &["shopt -s failglob", "shopt -s nullglob", "set -o posix"]);
}

#[test]
fn zsh_stops_and_keeps_no_old_token() {
    check_posix("zsh", &["-f", "-c"], &["setopt GLOB_SUBST SH_WORD_SPLIT", "emulate sh"]);
}

#[test]
fn dash_stops_and_keeps_no_old_token() {
    check_posix("dash", &["-c"], &[]);
}

#[test]
fn mksh_stops_and_keeps_no_old_token() {
    check_posix("mksh", &["-c"], &[]);
}

#[test]
fn ksh93_stops_and_keeps_no_old_token() {
    check_posix("ksh93", &["-c"], &[]);
}

#[test]
fn busybox_stops_and_keeps_no_old_token() {
    check_posix("busybox", &["sh", "-c"], &[]);
}

#[test]
fn yash_stops_and_keeps_no_old_token() {
    check_posix("yash", &["-c"], &[]);
}

#[test]
fn posh_stops_and_keeps_no_old_token() {
    check_posix("posh", &["-c"], &[]);
}

#[test]
fn fish_stops_and_keeps_no_old_token() {
    for form in ["eval (choreo-env prod)", "choreo-env prod | source", "eval \"$(choreo-env prod)\""] {
        let script = format!("{form}; and echo no\nset -q CHOREO_ACCESS_TOKEN; or echo removed\n");
        check("fish", &["--no-config", "-c"], &script, "removed\n");
    }
}

#[test]
fn tcsh_stops_and_keeps_no_old_token() {
    let script = "eval \"`choreo-env prod`\" && echo no\nif (! $?CHOREO_ACCESS_TOKEN) echo removed\n";
    check("tcsh", &["-f", "-c"], script, "removed\n");
}

#[test]
fn elvish_stops_and_keeps_no_old_token() {
    let script = "try { eval ({ try { choreo-env prod --shell elvish } catch { } } | slurp); echo no } catch e { echo \
                  stopped (has-env CHOREO_ACCESS_TOKEN) }";
    check("elvish", &["-norc", "-c"], script, "stopped $false\n");
}

#[test]
fn xonsh_stops() {
    // Without the last line it ends with the status of the program that ran last, in some versions of Python.
    let script = "try:\n    execx($(choreo-env prod --shell xonsh))\n    print('no')\nexcept Exception:\n    \
                  print('stopped')\nraise SystemExit(0)\n";
    check("xonsh", &["--no-rc", "-c"], script, "stopped\n");
}

#[test]
fn nu_stops() {
    let script = "try { choreo-env prod --shell nu | from json | load-env; if ($env.CHOREO_ACCESS_TOKEN? == null) \
                  { print stopped } else { print no } } catch { print stopped }";
    check("nu", &["--no-config-file", "-c"], script, "stopped\n");
}

#[test]
fn a_refusal_ends_with_6_names_the_profile_and_gives_a_hint() {
    let (world, server) = refused();
    let run = world.choreo_env(["prod", "--shell", "sh"]).run();
    run.assert(&failing_code(6).stderr_has(["error: profile `prod`", "invalid_client", "\nhint: "]));
    assert_eq!(server.count(), 1, "a refusal is not retried");
}

#[test]
fn a_server_that_is_not_there_ends_with_7() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let world = World::with(profile("dev", &format!("http://{free}/token"), "timeout = \"2s\""));
    let run = world.choreo_env(["dev", "--shell", "sh"]).run();
    run.assert(&failing_code(7).stderr_has(["error: profile `dev`", "127.0.0.1:[PORT]", "\nhint: "]));
}

#[test]
fn a_proxy_is_not_blamed_where_no_proxy_may_exempt_the_host() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let world = World::with(profile("dev", &format!("https://{free}/token"), "timeout = \"2s\""));
    let run = world.choreo_env(["token", "dev"]).env("HTTPS_PROXY", "http://127.0.0.1:9").env("NO_PROXY", "127.0.0.1");
    let hint = "goes through the proxy that `HTTPS_PROXY` names, unless `NO_PROXY` exempts the host\n";
    run.run().assert(&ends(7).stderr_has(["error: profile `dev`", "\nhint: ", hint]));
}

#[test]
fn an_unknown_profile_ends_with_3_and_a_guess() {
    let (world, server) = refused();
    let run = world.choreo_env(["prdo", "--shell", "sh"]).run();
    run.assert(&failing_code(3).stderr_has(["error: ", "`prdo`", "\nhint: ", "`prod`"]));
    assert_eq!(server.count(), 0);
}

#[test]
fn no_configuration_at_all_ends_with_3_and_says_where_it_belongs() {
    let run = World::new().choreo_env(["--shell", "sh"]).run();
    run.assert(&failing_code(3).stderr_has(["error: ", "\nhint: ", "[ROOT]", "config.toml"]));
}

#[test]
fn a_secret_that_is_missing_ends_with_5() {
    let world = World::with("[profiles.dev]\ntoken_url = \"http://127.0.0.1:9/token\"\nconsumer_key = \"k\"\n");
    let run = world.choreo_env(["dev", "--shell", "sh"]).run();
    run.assert(&failing_code(5).stderr_has([
        "error: profile `dev`: `consumer_secret`",
        "\nhint: ",
        "CHOREO_ENV_CONSUMER_SECRET",
    ]));
}

#[test]
fn usage_errors_end_with_2_and_fail_the_evaluation_too() {
    let (world, _server) = refused();
    let mistakes: [&[&str]; 9] = [
        &["dev", "--shell", "sh", "--nope"],
        &["env", "dev", "--shel", "sh"],
        &["dev", "--min-ttl", "soon"],
        &["dev", "--format", "sh", "--shell", "sh"],
        &["dev", "extra"],
        &["dev", "--nope", "list"],
        &["--profile", "token", "--nope"],
        &["--shell", "sh", "env", "dev"],
        &["dev", "--format", "bahs"],
    ];
    for arguments in mistakes {
        world.choreo_env(arguments).run().assert(&failing_code(2).stderr_has(["error: "]));
    }
    for arguments in [["--shell", "fish", "env", "dev"], ["dev", "--shell", "fish", "--nope"]] {
        let removed = ends(2).stdout_has(["set -eg CHOREO_ACCESS_TOKEN;\n", "\nfalse;\n"]).stderr_has(["error: "]);
        world.choreo_env(arguments).run().assert(&removed);
    }
    for arguments in [&["token", "dev", "--nope"][..], &["dev", "--format=json", "--nope"]] {
        world.choreo_env(arguments).run().assert(&ends(2).stderr_has(["error: "]));
    }
    world.choreo_env(["dev", "--shell", "nosuchshell"]).run().assert(&failing_code(2).stderr_has(["nosuchshell"]));
}

#[test]
fn a_usage_error_speaks_the_language_of_the_shell_that_was_named() {
    let (world, _server) = refused();
    for arguments in [["dev", "--shell", "fish", "--nope"].as_slice(), &["--shell=fish", "--nope"]] {
        let run = world.choreo_env(arguments).run();
        run.assert(&ends(2).stdout_has(["set -eg CHOREO_ACCESS_TOKEN;\n", "false;\n"]).stderr_has(["error: "]));
    }
}

#[test]
fn the_code_of_a_failure_removes_what_vars_had_added() {
    let (world, _server) = refused();
    let run = world.choreo_env(["prod", "--shell", "sh"]).env("CHOREO_ENV_EXPORTED", "MINE ALSO_MINE").run();
    run.assert(&ends(6).stdout_has(["unset ", "MINE", "ALSO_MINE", ";\nfalse;\n"]).stderr_has(["error: "]));
}

#[test]
fn a_forged_list_of_exported_names_is_not_evaluated() {
    let (world, _server) = refused();
    let run = world.choreo_env(["prod", "--shell", "sh"]).env("CHOREO_ENV_EXPORTED", "A;id $(id) `id` PATH=x B").run();
    assert!(!run.stdout.contains("id"), "{run}");
    assert!(run.stdout.ends_with("false;\n"), "{run}");
}

#[test]
fn formats_that_no_shell_evaluates_stay_silent_on_failure() {
    let (world, _server) = refused();
    for arguments in [&["prod", "--format", "json"][..], &["prod", "--format", "dotenv"], &["token", "prod"]] {
        world.choreo_env(arguments).run().assert(&ends(6).stderr_has(["error: profile `prod`", "\nhint: "]));
    }
}

#[test]
fn output_that_nobody_reads_is_not_a_crash() {
    let Some(bash) = tools::find("bash") else { return };
    let (world, _server) = refused();
    let script = "choreo-env --help >/dev/full; echo $?; choreo-env --help | true; echo ${PIPESTATUS[0]}";
    let run = world.command(bash).args(["-c", script]).run();
    assert!(!run.stderr.contains("panicked"), "{run}");
    assert!(run.stdout.starts_with("1\n"), "{run}");
}

#[test]
fn a_token_is_not_handed_to_github_without_its_mask() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let world = World::with(profile("dev", &server.url("/token"), ""));
    let file = world.write("github-env", "");
    let run = |stdout: Stdio| {
        let mut process = world.process(command::program());
        process.args(["env", "dev", "--format", "github"]).stdout(stdout);
        process.env("GITHUB_ACTIONS", "true").env("GITHUB_ENV", &file).output().unwrap()
    };
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = run(writer.into());
    assert_eq!((output.status.code(), fs::read_to_string(&file).unwrap().as_str()), (Some(1), ""));
    assert!(String::from_utf8_lossy(&output.stderr).contains("error: cannot write the masks to stdout"));
    let output = run(Stdio::piped());
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(0), &b"::add-mask::t0ken\n"[..]));
    assert!(fs::read_to_string(&file).unwrap().contains("t0ken"));
}
