//! The shell plugin: what every shell's has in common, the templates as their own tools see them, and the commands that
//! they call.

use std::path::Path;

use choreo_env::shell::completion;
use choreo_env::shell::plugin::PLUGINS;

use crate::support::command::{ends, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{profile, profile_with};
use crate::support::tools;
use crate::support::world::World;

fn template(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/shell/plugin").join(file);
    path.to_str().unwrap().to_owned()
}

/// A tool that must find nothing wrong.
#[track_caller]
fn check(tool: &str, arguments: &[&str], file: &str) {
    let Some(tool) = tools::find(tool) else { return };
    World::new().command(tool).args(arguments).args([template(file)]).run().assert(&fine());
}

#[test]
fn the_bash_template_is_clean_for_bash_shellcheck_and_shfmt() {
    check("bash", &["-n"], "plugin.bash");
    check("shellcheck", &["--enable=quote-safe-variables"], "plugin.bash");
    check("shfmt", &["-i", "2", "-ci", "-d"], "plugin.bash");
}

#[test]
fn the_zsh_template_is_clean_for_zsh() {
    check("zsh", &["-f", "-n"], "plugin.zsh");
}

#[test]
fn init_prints_the_template_and_the_completion_and_reads_no_configuration() {
    for plugin in &PLUGINS {
        let world = World::with("this is no configuration");
        let name = plugin.shell.name();
        let completion = completion(plugin.shell).unwrap_or_default();
        let plain = format!("{}\n{completion}", plugin.code());
        world.choreo_env(["init", name]).run().assert(&fine().stdout(plain));
        let with_folders = format!("{}{}\n{completion}", plugin.code(), plugin.dir_switch);
        world.choreo_env(["init", name, "--dir-switch"]).run().assert(&fine().stdout(with_folders));
        assert_eq!(world.files().len(), 1, "{name}");
        assert!(!plugin.template.contains("/work/") && plugin.line.contains(name), "{name}");
    }
}

#[test]
fn init_without_a_shell_names_the_line_for_each_and_an_unknown_shell_gets_the_list() {
    let world = World::new();
    let run = world.choreo_env(["init"]).run();
    for plugin in &PLUGINS {
        assert!(run.stderr.contains(&format!("in {}: `{}`", plugin.file, plugin.line)), "{run}");
    }
    run.assert(
        &ends(2).stderr_has(["error: `choreo-env init` needs the name of your shell\nhint: bash, in ~/.bashrc: "]),
    );
    let run = world.choreo_env(["init", "dash"]).run();
    run.assert(
        &ends(2).stderr_has(["error: there is no plugin for the shell `dash`\nhint: there is one for bash, zsh"]),
    );
    let run = world.choreo_env(["init", "zhs"]).run();
    run.assert(&ends(2).stderr_has(["error: there is no plugin for the shell `zhs`\nhint: did you mean `zsh`?"]));
}

#[test]
fn without_the_plugin_use_and_off_say_what_is_missing_and_make_eval_fail() {
    let Some(bash) = tools::find("bash") else { return };
    for command in ["use dev", "use", "use -", "off"] {
        let world = World::new();
        let script = format!("eval \"$(choreo-env {command})\" && echo no");
        let run = world.command(&bash).args(["-c", &script]).run();
        let first = command.split(' ').next().unwrap();
        let message = format!(
            "error: `choreo-env {first}` changes the shell that it is typed in, which needs the shell plugin\n\
             hint: put this line into ~/.bashrc: `eval \"$(choreo-env init bash)\"`\n"
        );
        run.assert(&ends(1).stderr(message));
    }
    let run = World::new().choreo_env(["use", "dev"]).env("CHOREO_ENV_SHELL", "dash").run();
    run.assert(&ends(2).stdout("false;\n").stderr_has(["hint: without it: `eval \"$(choreo-env env NAME)\"`"]));
}

/// A profile whose server gives `t1`, `t2` and so on, each for so many seconds.
fn counting(seconds: u64, lines: &str) -> (World, OddServer) {
    let server = OddServer::start(move |_, before| Answer::token(&format!("t{}", before + 1), seconds));
    let world = World::with(profile("dev", &server.url("/token"), lines));
    (world, server)
}

/// What a renewal says to bash in a shell that has an old token of `dev`.
fn renewal(world: &World, failures: &str) -> crate::support::command::Run {
    let renewal = world.choreo_env(["use", "--renew", "--shell", "bash", "--failures", failures]);
    renewal.env("CHOREO_ENV_PROFILE", "dev").env("CHOREO_ACCESS_TOKEN", "old").run()
}

#[test]
fn a_renewal_says_nothing_and_keeps_what_it_does_not_replace() {
    let (world, _server) = counting(900, "vars = { MINE = \"{token}\" }");
    let run = renewal(&world, "0");
    // `MINE` was not exported before, so the way back has to know it; the rest it knows.
    let undo = "__choreo_env_undo='unset MINE;\n';\n";
    run.assert(&fine().stdout_has(["export CHOREO_ACCESS_TOKEN=t1;\n", "export CHOREO_ENV_RENEW_AT=", undo]));
    let renewal = world.choreo_env(["use", "--renew", "--shell", "bash"]).env("CHOREO_ENV_PROFILE", "dev");
    let run = renewal.env("CHOREO_ACCESS_TOKEN", "old").env("CHOREO_ENV_EXPORTED", "MINE").run();
    assert!(!run.stdout.contains("undo"), "{run}");
}

#[test]
fn a_renewal_that_fails_is_told_once_and_its_code_never_fails() {
    let server = OddServer::always(Answer::json(401, r#"{"error":"invalid_client"}"#));
    let world = World::with(profile("dev", &server.url("/token"), ""));
    let run = renewal(&world, "0");
    assert!(run.stderr.ends_with("; tried again in 30s, silently until it works\n"), "{run}");
    run.assert(&ends(6).stdout_has(["unset CHOREO_ACCESS_TOKEN;\nexport CHOREO_ENV_RENEW_AT="]).stderr_has([
        "error: ",
        "invalid_client",
        "warning: the token of this shell is not renewed",
    ]));
    for failures in ["1", "7"] {
        let run = renewal(&world, failures);
        assert!(!run.stdout.contains("false"), "{run}");
        run.assert(&ends(6).stdout_has(["unset CHOREO_ACCESS_TOKEN;\nexport CHOREO_ENV_RENEW_AT="]));
    }
}

#[test]
fn a_renewal_that_fails_keeps_a_token_that_still_lives() {
    let world = World::with(profile("dev", "http://127.0.0.1:9/token", ""));
    let renewal = world.choreo_env(["use", "--renew", "--shell", "bash", "--failures", "1"]);
    let renewal = renewal.env("CHOREO_ENV_PROFILE", "dev").env("CHOREO_ACCESS_TOKEN", "old");
    let run = renewal.env("CHOREO_ACCESS_TOKEN_EXPIRES_AT", "99999999999").run();
    assert!(!run.stdout.contains("unset"), "{run}");
    run.assert(&ends(7).stdout_has(["export CHOREO_ENV_RENEW_AT="]));
}

#[test]
fn a_renewal_asks_nobody_and_ends_in_time() {
    let world = World::with(profile_with("dev", "http://127.0.0.1:9/token", "{ prompt = true }", ""));
    let run = renewal(&world, "0");
    run.assert(&ends(5).stdout_has(["unset"]).stderr_has([
        "`consumer_secret`: it has to be typed in, and nobody is asked at a prompt",
        "\nhint: run `choreo-env use dev`\n",
    ]));
    let slow = "{ command = [\"sleep\", \"60\"] }";
    let world = World::with(profile_with("dev", "http://127.0.0.1:9/token", slow, ""));
    let began = std::time::Instant::now();
    renewal(&world, "0").assert(&ends(5).stdout_has(["unset"]).stderr_has(["the program `sleep` took longer than"]));
    assert!(began.elapsed().as_secs() < 15, "it is 4 s where nothing else runs");
}

#[test]
fn a_server_that_does_not_answer_holds_nobody_up() {
    let silent = OddServer::always(Answer::nothing().then_silence());
    let world = World::with(profile("dev", &silent.url("/token"), ""));
    let began = std::time::Instant::now();
    renewal(&world, "0").assert(&ends(7).stdout_has(["unset"]).stderr_has(["there was no answer within 4s ("]));
    assert!(began.elapsed().as_secs() < 9, "it is 4 s where nothing else runs; `timeout` is 10 s");
}

#[test]
fn a_protected_profile_is_renewed_where_its_token_is_and_nowhere_else() {
    let (world, server) = counting(900, "protected = true");
    let run = world.choreo_env(["use", "--renew", "--shell", "bash"]).env("CHOREO_ENV_PROFILE", "dev").run();
    run.assert(&ends(4).stdout_has(["export CHOREO_ENV_RENEW_AT="]).stderr_has([
        "error: profile `dev` is protected, and is not entered by itself\nhint: enter it by hand: `choreo-env use dev`\n",
    ]));
    assert_eq!(server.count(), 0);
    // The token of another profile is no word for this one, though somebody may have changed the name by hand.
    renewal(&world, "0").assert(&ends(4).stdout_has(["unset CHOREO_ACCESS_TOKEN;"]).stderr_has(["is protected"]));
    let entered = entered(&world, "dev");
    let run = renewing(&world, "dev", &entered);
    run.assert(&fine().stdout_has(["export CHOREO_ACCESS_TOKEN=t1;", "export CHOREO_ENV_IS_PROTECTED=1;"]));
}

/// What the plugin keeps of a profile that was entered.
fn entered(world: &World, name: &str) -> String {
    let run = world.choreo_env(["use", "--yes", "--shell", "bash", name]).run();
    let line = run.stdout.lines().find_map(|line| line.strip_prefix("export CHOREO_ENV_IN_USE=")).unwrap();
    line.trim_end_matches(';').to_owned()
}

/// A renewal of a profile where that was entered.
fn renewing(world: &World, name: &str, entered: &str) -> crate::support::command::Run {
    let renewal = world.choreo_env(["use", "--renew", "--shell", "bash"]).env("CHOREO_ACCESS_TOKEN", "old");
    renewal.env("CHOREO_ENV_PROFILE", name).env("CHOREO_ENV_IN_USE", entered).run()
}

#[test]
fn a_renewal_never_leads_to_another_environment_than_the_one_that_was_entered() {
    let (world, server) = counting(900, "");
    let url = server.url("/token");
    let team = profile_with("dev", &url, "{ file = \"secret\" }", "api_url = \"https://team.example\"");
    let team = team.replace("consumer-key", "team-key");
    let file = world.write("work/.choreo-env.toml", &team);
    world.write("work/secret", "s3cret\n");
    world.choreo_env(["trust", "--yes"]).args([&file]).run().assert(&fine().stdout_has(["trusted: "]));
    let entered = entered(&world, "dev");
    renewing(&world, "dev", &entered).assert(&fine().stdout_has(["CHOREO_ACCESS_TOKEN=t1;", "team.example"]));
    // As `git pull` does: the file does not count any more, and the user's own `dev` is another one.
    world.write("work/.choreo-env.toml", team + "# changed\n");
    let run = renewing(&world, "dev", &entered);
    run.assert(&ends(4).stdout_has(["unset CHOREO_ACCESS_TOKEN;\nexport CHOREO_ENV_RENEW_AT="]).stderr_has([
        "error: profile `dev` is not what this shell has entered",
        "hint: enter it by hand: `choreo-env use dev`\n",
    ]));
    assert_eq!(server.count(), 1);
}

#[test]
fn a_value_that_could_not_come_back_stops_use_before_anything_changes() {
    use std::os::unix::ffi::OsStrExt;
    let (world, _server) = counting(900, "vars = { MINE = \"x\" }");
    let odd = std::ffi::OsStr::from_bytes(b"\xff");
    let run = world.choreo_env(["use", "dev", "--shell", "bash"]).env("MINE", odd).run();
    run.assert(&ends(3).stdout("false;\n").stderr(
        "error: the variable `MINE` would be replaced, and holds no Unicode text: it could not be brought back\n\
         hint: unset `MINE` before, or give it another name in `vars`\n",
    ));
}

#[test]
fn data_formats_go_without_what_only_prompts_want() {
    let (world, _server) = counting(900, "protected = true");
    for format in ["json", "dotenv", "azure"] {
        let run = world.choreo_env(["dev", "--yes", "--format", format]).run();
        assert!(!run.stdout.contains("RENEW_AT") && !run.stdout.contains("IS_PROTECTED"), "{run}");
    }
    let run = world.choreo_env(["exec", "dev", "--yes", "--", "env"]).run();
    assert!(run.stdout.contains("\nCHOREO_ENV_RENEW_AT=") && run.stdout.contains("CHOREO_ENV_IS_PROTECTED=1"), "{run}");
}

#[test]
fn the_short_status_is_what_this_shell_holds_and_reads_nothing_else() {
    let world = World::with("this is no configuration");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let short = |profile: &str, left: i64| {
        let short = world.choreo_env(["status", "--short"]).env("CHOREO_ENV_PROFILE", profile);
        let expires_at = now.saturating_add_signed(left).to_string();
        short.env("CHOREO_ACCESS_TOKEN", "t").env("CHOREO_ACCESS_TOKEN_EXPIRES_AT", expires_at).run()
    };
    for (left, text) in [(870, "dev 14m\n"), (30, "dev <1m\n"), (0, "dev expired\n"), (-9999, "dev expired\n")] {
        short("dev", left).assert(&fine().stdout(text));
    }
    short("$(id)", 870).assert(&ends(12));
    world.choreo_env(["status", "--short"]).env("CHOREO_ENV_PROFILE", "dev").run().assert(&ends(12));
    let run = world.choreo_env(["status", "--short"]).env("CHOREO_ENV_PROFILE", "dev");
    run.env("CHOREO_ACCESS_TOKEN", "t").run().assert(&fine().stdout("dev\n"));
}
