//! What the program says about itself without acting: `show`, `list`, `status`.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::support::command::{Run, ends, fine, program};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{SECRET, profile, profile_with};
use crate::support::tools;
use crate::support::world::{World, mode, set_mode};

const FILE: &str = "[ROOT]/config/choreo-env/config.toml";

#[test]
fn show_says_what_each_value_overrides_and_where_that_stands() {
    let base = profile("base", "https://sts.example/one", "timeout = \"3s\"");
    let child = "[profiles.child]\nextends = \"base\"\ntoken_url = \"https://sts.example/two\"\n";
    let world = World::with(format!("[defaults]\ntimeout = \"2s\"\n{base}{child}"));
    let run = world.choreo_env(["show", "child", "--set", "timeout=5s"]).env("CHOREO_ENV_TIMEOUT", "4s").run();
    run.assert(&fine().stdout(format!(
        "[profiles.child]\n\
         extends         = \"base\"                     # {FILE}:9\n\
         token_url       = \"https://sts.example/two\"  # {FILE}:10\n                  \
                           # overrides \"https://sts.example/one\" ({FILE}:4)\n                  \
                           # overrides \"https://sts.choreo.dev/oauth2/token\" (built-in default)\n\
         consumer_key    = \"consumer-key\"             # {FILE}:5\n\
         consumer_secret = ***                        # {FILE}:6\n\
         client_auth     = \"client_secret_basic\"      # built-in default\n\
         basic_encoding  = \"form\"                     # built-in default\n\
         timeout         = \"5s\"                       # --set timeout\n                  \
                           # overrides \"4s\" (environment variable CHOREO_ENV_TIMEOUT)\n                  \
                           # overrides \"3s\" ({FILE}:7)\n                  \
                           # overrides \"2s\" ({FILE}:2)\n                  \
                           # overrides \"10s\" (built-in default)\n"
    )));
}

#[test]
fn show_as_json_has_the_same_and_no_secret_also_of_what_was_overridden() {
    let world = World::with(profile("dev", "https://sts.example/token", "params = { a = \"1\", b = \"2\" }"));
    let run =
        world.choreo_env(["show", "dev", "--json", "--set", "params.a=3", "--set", "consumer_secret.env=NAME"]).run();
    let said: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run}"));
    let place = |line| format!("{}:{line}", world.config().display());
    assert_eq!(
        said["values"]["params.a"],
        json!({ "value": "3", "origin": "--set params.a",
                "overrides": [{ "value": "1", "origin": place(5) }] })
    );
    assert_eq!(said["values"]["params.b"]["overrides"], json!([]));
    let secret = &said["values"]["consumer_secret"];
    assert_eq!((&secret["value"], &secret["overrides"][0]["value"]), (&json!("{ env = \"NAME\" }"), &json!("***")));
    assert!(!run.stdout.contains(SECRET) && run.stderr.is_empty(), "{run}");
}

#[test]
fn what_an_ancestor_extends_is_not_overridden() {
    let base = profile("a", "https://sts.example/token", "");
    let world = World::with(base + "[profiles.b]\nextends = \"a\"\n[profiles.c]\nextends = \"b\"\n");
    let run = world.choreo_env(["show", "c"]).run();
    assert!(run.stdout.contains("extends         = \"b\"") && !run.stdout.contains("overrides \"a\""), "{run}");
}

/// A world with a profile `dev` whose token of 15 minutes is cached, and whose secret leaves a trace when it is asked
/// for again. The server is gone.
fn cached(lines: &str) -> World {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let world = World::with(profile_with("dev", &server.url("/token"), "{ env = \"MY_SECRET\" }", lines));
    world.choreo_env(["token", "dev"]).env("MY_SECRET", "s").run().assert(&fine().stdout("t0ken\n"));
    world
}

/// Makes the cached token one that expired long ago.
fn expire(world: &World) {
    let mut files = fs::read_dir(world.cache()).unwrap().map(|entry| entry.unwrap().path());
    let entry = files.find(|path| path.extension().is_some_and(|end| end == "json")).unwrap();
    let mut content: Value = serde_json::from_slice(&fs::read(&entry).unwrap()).unwrap();
    for (field, change) in [("expires_at", 100_000), ("obtained_at_ms", 100_000_000)] {
        content[field] = json!(content[field].as_i64().unwrap() - change);
    }
    fs::write(entry, content.to_string()).unwrap();
}

/// A profile that nobody can get a token for: nothing listens there, and the secret would leave a trace.
fn cut_off(name: &str) -> String {
    profile_with(name, "http://127.0.0.1:1/token", "{ command = [\"touch\", \"asked\"] }", "")
}

fn parsed(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run}"))
}

#[test]
fn a_token_with_life_is_usable_and_the_time_is_told_in_words() {
    let world = cached("");
    world.choreo_env(["status", "dev"]).run().assert(&fine().stdout_has(["  dev  usable  1", "m ", "s left\n"]));
    let run = world.choreo_env(["status"]).env("CHOREO_ENV_PROFILE", "dev").run();
    run.assert(&fine().stdout_has(["* dev  usable  "]));
}

#[test]
fn a_token_with_less_life_than_wanted_is_expiring() {
    let run = cached("").choreo_env(["status", "--set", "min_ttl=20m"]).run();
    run.assert(&ends(10).stdout_has(["  dev  expiring  1", " left, which is less than 20m\n"]));
}

#[test]
fn a_token_past_its_end_is_expired() {
    let world = cached("");
    expire(&world);
    world.choreo_env(["status"]).run().assert(&ends(11).stdout_has(["  dev  expired  expired 1day 3h ", " ago\n"]));
}

#[test]
fn a_cache_folder_that_others_may_enter_is_read_and_left_as_it_is() {
    let world = cached("");
    set_mode(&world.cache(), 0o755);
    world.choreo_env(["status"]).run().assert(&fine().stdout_has(["  dev  usable  1"]));
    assert_eq!(mode(&world.cache()), 0o755);
}

#[test]
fn where_nothing_is_cached_there_is_none_and_nobody_is_asked_and_nothing_is_made() {
    let world = World::with(cut_off("dev"));
    world.choreo_env(["status"]).run().assert(&ends(12).stdout("  dev  none  no token is cached\n"));
    assert!(!world.path("work/asked").exists() && !world.cache().exists());
}

#[test]
fn a_profile_with_mistakes_is_misconfigured_and_the_mistake_is_told_with_its_hint() {
    let world = World::with("[profiles.dev]\ntoken_url = \"https://sts.example/token\"\n");
    let file = world.config().display().to_string().replace(&world.path("").display().to_string(), "[ROOT]/");
    let run = world.choreo_env(["status"]).run();
    run.assert(
        &ends(3).stdout(format!("  dev  misconfigured  `consumer_key` is not set ({file}:1)\n")).stderr_has([
            &format!("error: profile `dev`: `consumer_key` is not set ({file}:1)\nhint: add `consumer_key"),
        ]),
    );
    world.choreo_env(["status", "nope"]).run().assert(&ends(3).stderr_has(["error: ", "`nope`", "`dev`"]));
}

#[test]
fn as_json_it_says_all_of_it_and_no_token() {
    let run = cached("").choreo_env(["status", "--json"]).run();
    let said = parsed(&run);
    let left = said["expires_in"].as_u64().unwrap();
    assert!((840..=900).contains(&left) && said["expires_at"].as_u64().unwrap() > 1_700_000_000, "{run}");
    let rest =
        [("profile", json!("dev")), ("state", json!("usable")), ("configured", json!(true)), ("cached", json!(true))];
    for (field, value) in rest {
        assert_eq!(said[field], value, "{run}");
    }
    assert!(said["reason"].as_str().unwrap().ends_with(" left"), "{run}");
    assert!(run.status == Some(0) && run.stderr.is_empty() && !run.stdout.contains("t0ken"), "{run}");
}

#[test]
fn all_profiles_are_told_and_the_worst_one_decides_the_exit_status() {
    let world = cached("");
    let config = fs::read_to_string(world.config()).unwrap();
    world.write_config(&(config.clone() + &cut_off("other")));
    let run = world.choreo_env(["status", "--all"]).run();
    run.assert(&ends(12).stdout_has(["  dev    usable  1", "\n  other  none    no token is cached\n"]));
    world.write_config(&(config + "[profiles.lost]\nextends = \"nobody\"\n"));
    let run = world.choreo_env(["status", "--all", "--json"]).run();
    assert_eq!(
        (parsed(&run)[0]["state"].as_str(), parsed(&run)[1]["state"].as_str()),
        (Some("usable"), Some("misconfigured"))
    );
    assert!(run.status == Some(3) && run.stderr.is_empty(), "{run}");
}

#[test]
fn status_connects_to_nobody_starts_nothing_and_takes_no_lock() {
    let Some(strace) = tools::find("strace") else { return };
    let world = World::with(cut_off("dev") + &cut_off("other"));
    let log = world.path("strace.log");
    for arguments in [&["status", "dev"][..], &["status", "--all", "--json"], &["list"]] {
        let calls = "trace=%network,clone,?clone3,?fork,?vfork,flock,execve";
        let traced = world.command(&strace).args(["-f", "-qq", "-e", calls, "-o"]).args([&log]);
        let run = traced.args(["choreo-env"]).args(arguments).run();
        assert!(matches!(run.status, Some(0 | 12)), "{run}");
        let log = fs::read_to_string(&log).unwrap();
        let calls: Vec<&str> = log.lines().filter(|line| !line.contains("+++")).collect();
        assert!(calls.len() == 1 && calls[0].contains("execve("), "more than its own start: {log}");
    }
}

#[test]
fn a_broken_profile_is_a_row_of_the_list_and_not_its_end() {
    let world = cached("");
    let config = fs::read_to_string(world.config()).unwrap();
    world.write_config(&format!(
        "default_profile = \"dev\"\n{config}[profiles.lost]\nextends = \"nobody\"\n[profiles.empty]\n"
    ));
    let run = world.choreo_env(["list"]).run().assert(&fine().stdout_has([
        "  dev    http://127.0.0.1:[PORT]/token",
        "  usable         1",
        "s left  (default)\n  empty  https://sts.choreo.dev/oauth2/token",
        "  misconfigured  `consumer_key` is not set ([ROOT]/",
        "config.toml:9)\n  lost   ",
        "  misconfigured  `extends` names `nobody`, which does not exist",
    ]));
    assert_eq!(run.stdout.lines().count(), 3, "{run}");
    let run = world.choreo_env(["list", "--json"]).run();
    let rows = parsed(&run);
    let states: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["usable", "misconfigured", "misconfigured"], "{run}");
    assert!(
        rows[0]["expires_in"].is_u64()
            && rows[1]["reason"] == format!("`consumer_key` is not set ({}:9)", world.config().display()),
        "{run}"
    );
}

#[test]
fn watch_needs_a_terminal() {
    let run = World::with(cut_off("dev")).choreo_env(["status", "--watch"]).run();
    run.assert(&ends(2).stderr_has(["error: `--watch` draws on a terminal, and stdout is none\nhint: "]));
}

const ENTERED: &str = "\u{1b}[?1049h";
const LEFT: &str = "\u{1b}[?1049l";

/// Runs a script on a terminal of its own, which echoes to stdout.
fn on_a_terminal(world: &World, script: &str) -> Option<Child> {
    let tool = tools::find("script")?;
    let mut process = world.process(tool);
    process.args(["-qec", script, "/dev/null"]).env("PROGRAM", program()).env("TERM", "xterm").env("NO_COLOR", "1");
    Some(process.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap())
}

#[test]
fn watch_draws_the_table_and_q_leaves_the_terminal_as_it_was() {
    let world = cached("");
    let script = "stty -a > before; $PROGRAM status --watch; echo status $?; stty -a > after";
    let Some(mut process) = on_a_terminal(&world, script) else { return };
    std::io::Write::write_all(&mut process.stdin.take().unwrap(), b"xq").unwrap();
    let output = process.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, drawn) = text.split_once(ENTERED).expect("the second screen");
    let (drawn, after) = drawn.split_once(LEFT).expect("the first screen again");
    assert!(drawn.contains("  dev  usable  1") && drawn.contains("q leaves"), "{text}");
    assert_eq!(after, "status 0\r\n");
    let state = |name| fs::read_to_string(world.path("work").join(name)).unwrap();
    assert_eq!(state("before"), state("after"));
}

#[test]
fn a_signal_ends_watch_and_leaves_the_terminal_as_it_was() {
    let world = cached("");
    let inner = "echo $$ > pid; exec $PROGRAM status --watch";
    let script = format!("stty -a > before; sh -c '{inner}'; echo status $?; stty -a > after");
    let Some(mut process) = on_a_terminal(&world, &script) else { return };
    let mut lines = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("q leaves") {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "it ended before it drew");
    }
    let pid = fs::read_to_string(world.path("work/pid")).unwrap();
    world.command("/bin/sh").args(["-c", &format!("kill -TERM {pid}")]).run().assert(&fine());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    process.wait().unwrap();
    let after = rest.split_once(LEFT).expect("the first screen again").1;
    assert!(after.contains("status 143"), "it ends by the signal: {after}");
    let state = |name| fs::read_to_string(world.path("work").join(name)).unwrap();
    assert_eq!(state("before"), state("after"));
}
