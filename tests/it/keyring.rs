//! Secrets in the system's keyring: a real one, and those that are missing, locked or silent.

use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::support::command::{Command, Run, ends, fine, program};
use crate::support::keys::Keys;
use crate::support::server::{Answer, OddServer};
use crate::support::session::{Session, keyring_files};
use crate::support::toml::{KEY, profile_with, quoted};
use crate::support::tools;
use crate::support::world::World;

const CANARY: &str = "c4nary-in-the-keyring";

/// A profile whose secret nothing refers to.
fn plain_profile(token_url: &str, lines: &str) -> String {
    format!("[profiles.dev]\ntoken_url = {}\nconsumer_key = \"{KEY}\"\n{lines}\n", quoted(token_url))
}

fn store(world: &World, arguments: &[&str]) {
    let set = world.choreo_env(["secret", "set", "dev"]).args(arguments).stdin(format!("{CANARY}\n"));
    set.run().assert(&fine());
}

/// The program where no terminal is, even if the tests run on one.
fn away_from_terminals(world: &World, arguments: &[&str]) -> Option<Command> {
    let setsid = tools::find("setsid")?;
    Some(world.command(setsid).arg_program().args(arguments))
}

/// The program on a terminal on which those keys are pressed.
fn on_a_terminal(world: &World, command: &str, keys: &str) -> Option<Run> {
    let script = tools::find("script")?;
    Some(world.command(script).args(["-qec", command, "/dev/null"]).stdin(keys).run())
}

impl Command {
    fn arg_program(self) -> Self {
        self.args(["--wait"]).args([program()])
    }
}

/// What the server has been shown as the consumer secret.
fn sent(server: &OddServer) -> Vec<String> {
    let decoded = |header: &str| {
        let pair = BASE64_STANDARD.decode(header.trim_start_matches("Basic ")).unwrap();
        String::from_utf8(pair).unwrap().rsplit_once(':').unwrap().1.to_owned()
    };
    server.requests().iter().map(|request| decoded(request.header("authorization").unwrap())).collect()
}

#[test]
fn a_private_key_of_several_lines_is_stored_and_signs_and_goes_to_its_own_place_only() {
    let (server, world) = (OddServer::always(Answer::token("t0ken", 900)), World::new());
    let Some(_session) = Session::with_keyring(&world) else { return };
    let Some(keys) = Keys::new(&world) else { return };
    let (key, _) = keys.make("key.pem", "RSA");
    let lines = "client_auth = \"private_key_jwt\"\nprivate_key = { keyring = true }";
    world.write_config(&plain_profile(&server.url("/token"), lines));
    let pem = std::fs::read_to_string(&key).unwrap();
    world.choreo_env(["secret", "set", "dev", "--key", "private_key"]).stdin(pem).run().assert(&fine());
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
    let other = OddServer::always(Answer::token("stolen", 900));
    world.write_config(&plain_profile(&other.url("/token"), lines));
    let run = away_from_terminals(&world, &["token", "dev"]).map(Command::run);
    let message = "`private_key` was stored for `http://127.0.0.1:[PORT]`";
    let hint = "choreo-env secret set dev --key private_key --rebind";
    run.map(|run| run.assert(&ends(4).stderr_has([message, hint])));
    assert_eq!((server.count(), other.count()), (1, 0));
}

#[test]
fn a_stored_secret_gets_tokens_and_nobody_else_sees_it() {
    let (server, world) = (OddServer::always(Answer::token("t0ken", 900)), World::new());
    let Some(_session) = Session::with_keyring(&world) else { return };
    world.write_config(&plain_profile(&server.url("/token"), ""));
    store(&world, &[]);
    for arguments in [
        &["token", "dev", "--verbose"][..],
        &["token", "dev", "--verbose", "--fresh", "--set", "consumer_secret.keyring=true"],
        &["secret", "check", "dev", "--verbose"],
        &["show", "dev", "--verbose"],
        &["curl", "dev", "--verbose", "--credentials", "env"],
        &["curl", "dev", "--verbose", "--credentials", "helper"],
    ] {
        let run = world.choreo_env(arguments).run();
        assert!(run.status == Some(if arguments.contains(&"helper") { 3 } else { 0 }), "{run}");
        assert!(!format!("{run}").contains(CANARY), "{run}");
    }
    assert_eq!(sent(&server), [CANARY, CANARY]);
    assert!(keyring_files(&world) > 0, "the keyring keeps files");
    for (path, content) in world.files() {
        let found = content.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
        assert!(!found, "the secret is in {}", path.display());
    }
}

#[test]
fn check_says_where_the_secret_would_come_from_and_for_which_place_it_is() {
    let world = World::new();
    let Some(_session) = Session::with_keyring(&world) else { return };
    world.write_config(&plain_profile("https://sts.example:8443/token", ""));
    let check = || world.choreo_env(["secret", "check", "dev"]);
    check().run().assert(&ends(5).stderr_has([
        "error: profile `dev`: `consumer_secret` is not configured, and nothing is stored for it in the system's keyring\n",
        "hint: store it with `choreo-env secret set dev`, set the environment variable CHOREO_ENV_CONSUMER_SECRET",
    ]));
    store(&world, &[]);
    check().run().assert(&fine().stdout(
        "profile `dev`: `consumer_secret` is available from the system's keyring, entry `dev/consumer_secret@consumer-key`, \
         stored for `https://sts.example:8443`\n",
    ));
    let run = check().env("CHOREO_ENV_CONSUMER_SECRET", "x").run();
    run.assert(&fine().stdout(
        "profile `dev`: `consumer_secret` is available from `{ env = \"CHOREO_ENV_CONSUMER_SECRET\" }` (environment \
         variable CHOREO_ENV_CONSUMER_SECRET)\n",
    ));
}

#[test]
fn what_is_stored_is_replaced_and_removed() {
    let (server, world) = (OddServer::always(Answer::token("t", 900)), World::new());
    let Some(_session) = Session::with_keyring(&world) else { return };
    world.write_config(&plain_profile(&server.url("/token"), ""));
    store(&world, &[]);
    world.choreo_env(["secret", "set", "dev"]).stdin("second one").run().assert(&fine());
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t\n"));
    assert_eq!(sent(&server), ["second+one"]);
    world.write_config("");
    world.choreo_env(["secret", "remove", "dev"]).run().assert(&fine());
    let again = world.choreo_env(["secret", "remove", "dev", "--verbose"]).run();
    again.assert(&fine().stderr_has(["detail: profile `dev`: `consumer_secret` was not in the system's keyring\n"]));
}

#[test]
fn set_takes_exactly_one_line_and_repeats_none_of_it() {
    let world = World::with(plain_profile("https://sts.example/token", ""));
    for (input, flaw) in [("", "is empty"), ("\n", "is empty"), ("c4nary\nc4nary\n", "has more than one line")] {
        let run = world.choreo_env(["secret", "set", "dev"]).stdin(input).run();
        let run = run.assert(&ends(5).stderr_has([
            &format!("error: profile `dev`: `consumer_secret`: what came in on standard input {flaw}\n"),
            "hint: it has to be the secret alone, on one line\n",
        ]));
        assert!(!run.stderr.contains("c4nary"), "{run}");
    }
    let run = world.choreo_env(["secret", "set", "dev", "c4nary"]).run().assert(&ends(2).stderr_has(["error: "]));
    assert_eq!(run.status, Some(2), "{run}");
}

#[test]
fn what_is_stored_and_not_used_is_told() {
    let world = World::new();
    let Some(_session) = Session::with_keyring(&world) else { return };
    world.write_config(&profile_with("dev", "https://sts.example/token", "{ env = \"MINE\" }", ""));
    let set = |arguments: &[&str]| world.choreo_env(["secret", "set", "dev"]).args(arguments).stdin("s\n").run();
    set(&[]).assert(&fine().stderr_has([
        "warning: profile `dev`: `consumer_secret` is stored, and not used: the profile takes it from `{ env = \"MINE\" }`",
        "hint: write `consumer_secret = { keyring = true }`\n",
    ]));
    set(&["--key", "consumer_secret_next"]).assert(&fine().stderr_has([
        "warning: profile `dev`: `consumer_secret_next` is stored, and not used: nothing refers to it\n",
        "hint: write `consumer_secret_next = { keyring = true }`\n",
    ]));
    set(&["--key", "api_key"]).assert(&ends(5).stderr_has([
        "error: profile `dev`: `api_key`: `api_url` is not set, so nothing says where it may be sent\n",
        "hint: add `api_url",
    ]));
}

#[test]
fn a_stored_secret_goes_to_no_other_place_than_the_one_that_it_was_stored_for() {
    let world = World::new();
    let (home, thief) = (OddServer::always(Answer::token("t", 900)), OddServer::always(Answer::token("t", 900)));
    let Some(_session) = Session::with_keyring(&world) else { return };
    world.write_config(&plain_profile(&home.url("/token"), ""));
    store(&world, &[]);
    world.write_config(&plain_profile(&thief.url("/token"), ""));
    for arguments in [&["token", "dev"][..], &["curl", "dev"], &["secret", "check", "dev"]] {
        let Some(command) = away_from_terminals(&world, arguments) else { return };
        command.run().assert(&ends(4).stderr_has([
            "error: profile `dev`: `consumer_secret` was stored for `http://127.0.0.1:[PORT]`, and `token_url` is at \
             `http://127.0.0.1:[PORT]` ([ROOT]/config/choreo-env/config.toml:2)\n",
            "hint: did you move it? then `choreo-env secret set dev --rebind` keeps the secret",
        ]));
    }
    let Some(shell) = away_from_terminals(&world, &["dev", "--shell", "sh"]) else { return };
    shell.run().assert(&ends(4).stdout_has(["unset CHOREO_ACCESS_TOKEN", "false;"]).stderr_has(["error: "]));
    assert_eq!((home.count(), thief.count()), (0, 0));
}

#[test]
fn another_path_is_the_same_place_and_another_scheme_is_not() {
    let world = World::new();
    let Some(_session) = Session::with_keyring(&world) else { return };
    world.write_config(&plain_profile("https://127.0.0.1/one", ""));
    store(&world, &[]);
    for (url, status) in [
        ("https://127.0.0.1:443/two?x", 0),
        ("https://127.1/", 0),
        ("http://127.0.0.1/one", 4),
        ("https://127.0.0.1:444/one", 4),
        ("https://127.0.0.1.example/one", 4),
    ] {
        let run = world.choreo_env(["secret", "check", "dev", "--set", &format!("token_url={url}")]).run();
        assert_eq!(run.status, Some(status), "{url}\n{run}");
    }
}

#[test]
fn rebind_keeps_the_secret_and_shows_both_places() {
    let (server, world) = (OddServer::always(Answer::token("t", 900)), World::new());
    let Some(_session) = Session::with_keyring(&world) else { return };
    world.write_config(&plain_profile("https://old.example/token", ""));
    let rebind = || away_from_terminals(&world, &["secret", "set", "dev", "--rebind"]);
    let Some(early) = rebind() else { return };
    early.run().assert(&ends(5).stderr_has([
        "error: profile `dev`: `consumer_secret`: nothing is stored for it in the system's keyring\n",
        "hint: store it: `choreo-env secret set dev`\n",
    ]));
    store(&world, &[]);
    world.write_config(&plain_profile(&server.url("/token"), ""));
    let told = "profile `dev`: `consumer_secret` was stored for `https://old.example`; from now on it is sent to \
                `http://127.0.0.1:[PORT]`, and to no other place\n";
    rebind().unwrap().run().assert(&fine().stderr_has([told]));
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t\n"));
    assert_eq!(sent(&server), [CANARY]);
    rebind().unwrap().run().assert(&fine().stderr_has([" is stored for `http://127.0.0.1:[PORT]` already\n"]));
}

#[test]
fn on_a_terminal_a_person_decides_whether_the_secret_may_go_there() {
    let (server, world) = (OddServer::always(Answer::token("t0ken", 900)), World::new());
    let Some(_session) = Session::with_keyring(&world) else { return };
    world.write_config(&plain_profile("https://old.example/token", ""));
    store(&world, &[]);
    world.write_config(&plain_profile(&server.url("/token"), ""));
    let question = "`consumer_secret` was stored for `https://old.example`, and `token_url` is at `http://127.0.0.1";
    for keys in ["n", "\r"] {
        let Some(no) = on_a_terminal(&world, "choreo-env token dev", keys) else { return };
        assert!(no.status == Some(4) && no.stdout.contains(question) && no.stdout.contains("[y/N] no"), "{no}");
    }
    assert_eq!(server.count(), 0);
    let yes = on_a_terminal(&world, "choreo-env token dev", "y").unwrap();
    assert!(yes.status == Some(0) && yes.stdout.contains("[y/N] yes") && yes.stdout.contains("t0ken"), "{yes}");
    world.choreo_env(["token", "dev", "--fresh", "--quiet"]).run().assert(&fine().stdout("t0ken\n"));
    assert_eq!(sent(&server), [CANARY, CANARY]);
}

#[test]
fn on_a_terminal_the_secret_is_asked_for() {
    let world = World::with(plain_profile("https://sts.example/token", ""));
    let Some(_session) = Session::with_keyring(&world) else { return };
    let command = "choreo-env secret set dev && choreo-env secret check dev";
    let Some(run) = on_a_terminal(&world, command, "typed\r") else { return };
    assert!(run.status == Some(0) && run.stdout.contains("profile `dev`: `consumer_secret`: "), "{run}");
    assert!(run.stdout.contains("is available from the system's keyring"), "{run}");
}

#[test]
fn an_api_key_is_bound_to_the_api() {
    let (server, world) = (OddServer::always(Answer::token("t", 900)), World::new());
    let Some(_session) = Session::with_keyring(&world) else { return };
    let config = |api_url: &str| {
        let lines = format!("api_url = \"{api_url}\"\napi_key = {{ keyring = true }}\nconsumer_secret = \"s\"");
        plain_profile(&server.url("/token"), &lines)
    };
    world.write_config(&config("https://api.example/v1"));
    store(&world, &["--key", "api_key"]);
    let print = ["exec", "dev", "--", "printenv", "CHOREO_API_KEY"];
    world.choreo_env(print).run().assert(&fine().stdout(format!("{CANARY}\n")));
    world.write_config(&config("https://other.example/v1"));
    let Some(command) = away_from_terminals(&world, &print) else { return };
    command.run().assert(&ends(4).stderr_has([
        "error: profile `dev`: `api_key` was stored for `https://api.example`, and `api_url` is at `https://other.example`\n",
        "`choreo-env secret set dev --key api_key --rebind`",
    ]));
}

#[test]
fn the_second_secret_of_a_rotation_may_be_in_the_keyring() {
    let server = OddServer::start(|request, _| {
        let known = format!("Basic {}", BASE64_STANDARD.encode(format!("{KEY}:{CANARY}")));
        match request.header("authorization") {
            Some(sent) if sent == known => Answer::token("t", 900),
            _ => Answer::json(401, r#"{"error":"invalid_client"}"#),
        }
    });
    let world = World::new();
    let Some(_session) = Session::with_keyring(&world) else { return };
    let lines = "consumer_secret = \"old\"\nconsumer_secret_next = { keyring = true }";
    world.write_config(&plain_profile(&server.url("/token"), lines));
    store(&world, &["--key", "consumer_secret_next"]);
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t\n").stderr_has([
        "warning: profile `dev`: the server refuses `consumer_secret`, written at config.toml:4",
        "accepts `consumer_secret_next`, taken from `{ keyring = true }` (",
        "hint: make that one the `consumer_secret`, and remove `consumer_secret_next`",
    ]));
    assert_eq!(sent(&server), ["old", CANARY]);
}

#[test]
fn a_locked_keyring_is_said_to_be_locked_and_opens_no_dialog() {
    let world = World::with(plain_profile("https://sts.example/token", ""));
    let Some(session) = Session::with_keyring(&world) else { return };
    store(&world, &[]);
    session.lock();
    let hint = "hint: unlock it by logging in, or in its own program (\"Passwords and Keys\"), or use `{ env = … }`";
    for verb in ["set", "check", "remove"] {
        let run = world.choreo_env(["secret", verb, "dev", "--set", "consumer_secret.keyring=true"]).stdin("s\n").run();
        run.assert(
            &ends(5).stderr_has(["error: profile `dev`: `consumer_secret`: the system's keyring is locked", hint]),
        );
    }
    let run = world.choreo_env(["token", "dev"]).run();
    run.assert(
        &ends(5).stderr_has(["`consumer_secret` is not configured, and the system's keyring is locked\n", "hint: "]),
    );
}

#[test]
fn where_there_is_no_keyring_that_is_said_and_nothing_is_written() {
    let missing = |world: &World| {
        let run = world.choreo_env(["secret", "set", "dev"]).stdin(format!("{CANARY}\n")).run();
        run.assert(&ends(5).stderr_has([
            "error: profile `dev`: `consumer_secret`: there is no keyring to be reached here\n",
            "hint: without a desktop (SSH, WSL, a container, CI) there is none, as a rule: use `{ env = … }`",
        ]));
        for (path, content) in world.files() {
            let found = content.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
            assert!(!found, "the secret is in {}", path.display());
        }
    };
    let world = World::with(plain_profile("https://sts.example/token", ""));
    missing(&world);
    let Some(_session) = Session::empty(&world) else { return };
    missing(&world);
}

#[test]
fn a_keyring_that_nobody_has_set_up_is_told_apart() {
    let world = World::with(plain_profile("https://sts.example/token", ""));
    let Some(_session) = Session::with_bare_keyring(&world) else { return };
    let run = world.choreo_env(["secret", "set", "dev"]).stdin("s\n").run();
    run.assert(&ends(5).stderr_has(["the system's keyring has no default collection\n", "hint: create one in"]));
}

#[test]
fn a_keyring_that_hangs_holds_nobody_up() {
    let world = World::with(plain_profile("https://sts.example/token", ""));
    let silent = UnixListener::bind(world.path("run/bus")).unwrap();
    answers_late(&world);
    drop(silent);
    std::fs::remove_file(world.path("run/bus")).unwrap();
    let Some(_session) = Session::with_silent_keyring(&world) else { return };
    answers_late(&world);
}

#[track_caller]
fn answers_late(world: &World) {
    let began = Instant::now();
    let run = world.choreo_env(["token", "dev"]).run();
    run.assert(&ends(5).stderr_has([
        "error: profile `dev`: `consumer_secret` is not configured, and the system's keyring did not answer within 3 s\n",
        "hint: ",
    ]));
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(3) && took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn nothing_but_a_miss_touches_the_bus() {
    let (server, world) = (OddServer::always(Answer::token("t", 900)), World::new());
    world.write_config(&plain_profile(&server.url("/token"), ""));
    let bus = UnixListener::bind(world.path("run/bus")).unwrap();
    bus.set_nonblocking(true).unwrap();
    world.choreo_env(["token", "dev"]).env("CHOREO_ENV_CONSUMER_SECRET", "s").run().assert(&fine().stdout("t\n"));
    for arguments in
        [&["token", "dev"][..], &["dev", "--shell", "sh"], &["exec", "dev", "--", "true"], &["list"], &["show"]]
    {
        let run = world.choreo_env(arguments).run();
        assert!(run.status == Some(0) && run.stderr.is_empty(), "{run}");
    }
    assert_eq!(bus.accept().map(drop).map_err(|error| error.kind()), Err(std::io::ErrorKind::WouldBlock));
    assert_eq!(server.count(), 1);
}

/// A bus that takes connections and says nothing, and the variable that leads there.
fn silent_bus(world: &World) -> (UnixListener, String) {
    let path = world.path("silent");
    let bus = UnixListener::bind(&path).unwrap();
    bus.set_nonblocking(true).unwrap();
    (bus, format!("unix:path={}", path.display()))
}

fn connections(bus: &UnixListener) -> usize {
    std::iter::from_fn(|| match bus.accept() {
        Ok(_) => Some(()),
        Err(error) => {
            assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
            None
        }
    })
    .count()
}

#[test]
fn status_never_connects_to_a_bus_that_hangs() {
    let (server, world) = (OddServer::always(Answer::token("t", 900)), World::new());
    let url = server.url("/token");
    let stored = profile_with("stored", &url, "{ keyring = true }", "");
    world.write_config(&format!("{}{stored}", plain_profile(&url, "")));
    let (bus, address) = silent_bus(&world);
    let all_status = |wanted| {
        for arguments in [&["dev"][..], &["stored"], &["--all"], &["--all", "--json"]] {
            let run = world.choreo_env(["status"]).args(arguments).env("DBUS_SESSION_BUS_ADDRESS", &address).run();
            assert!(run.status == Some(wanted) && run.stderr.is_empty(), "{run}");
        }
    };
    all_status(12);
    for profile in ["dev", "stored"] {
        let token = world.choreo_env(["token", profile, "--set", "consumer_secret.env=MINE"]).env("MINE", "s");
        token.run().assert(&fine().stdout("t\n"));
    }
    all_status(0);
    assert_eq!(connections(&bus), 0);
}

/// What `doctor` says about the keyring, and its exit status.
fn examined(world: &World, arguments: &[&str], address: Option<&str>) -> (Option<i32>, String) {
    let doctor = world.choreo_env(["doctor", "--offline", "--json"]).args(arguments);
    let doctor = address.into_iter().fold(doctor, |doctor, it| doctor.env("DBUS_SESSION_BUS_ADDRESS", it));
    let run = doctor.run();
    assert!(run.stderr.is_empty() && !format!("{run}").contains(CANARY), "{run}");
    let said: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run}"));
    let findings = said["findings"].as_array().unwrap().iter().filter(|finding| finding["check"] == "keyring");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("no advice").to_owned();
    let lines = findings.map(|it| ["finding", "message", "advice"].map(|key| text(&it[key])).join(" | "));
    (run.status, lines.collect::<Vec<_>>().join("\n"))
}

const UNUSED: [&str; 3] = ["dev", "--set", "consumer_secret.env=HOME"];

#[test]
fn doctor_says_where_no_keyring_is_and_blames_it_only_where_it_is_needed() {
    let world = World::with(plain_profile("https://sts.example/token", "api_url = \"https://api.example\""));
    let missing = || {
        let (status, said) = examined(&world, &["dev"], None);
        let wanted = "problem | there is no keyring to be reached here | without a desktop (SSH, WSL, a container, CI)";
        assert!(status == Some(5) && said.starts_with(wanted), "{status:?} {said}");
        let unused = "note | there is no keyring to be reached here; profile `dev` does not use it | no advice";
        assert_eq!(examined(&world, &UNUSED, None), (Some(0), unused.to_owned()));
        for key in ["consumer_secret_next", "api_key"] {
            let set = format!("{key}.keyring=true");
            let (status, said) = examined(&world, &[&UNUSED[..], &["--set", &set]].concat(), None);
            assert!(status == Some(5) && said.starts_with(wanted), "{key} {status:?} {said}");
        }
    };
    missing();
    let Some(_session) = Session::empty(&world) else { return };
    missing();
}

#[test]
fn doctor_reaches_a_keyring_and_says_when_it_is_locked() {
    let world = World::with(plain_profile("https://sts.example/token", ""));
    let Some(session) = Session::with_keyring(&world) else { return };
    let well = (Some(0), "ok | the system's keyring can be reached | no advice".to_owned());
    assert_eq!(examined(&world, &["dev"], None), well, "nothing has to be stored in it");
    store(&world, &[]);
    assert_eq!((examined(&world, &["dev"], None), examined(&world, &UNUSED, None)), (well.clone(), well));
    session.lock();
    let (status, said) = examined(&world, &["dev", "--set", "consumer_secret.keyring=true"], None);
    assert!(status == Some(5), "{said}");
    assert!(said.starts_with("problem | the system's keyring is locked | unlock it by logging in"), "{said}");
    let (status, said) = examined(&world, &UNUSED, None);
    assert!(status == Some(0) && said.starts_with("note | the system's keyring is locked; profile `dev` "), "{said}");
}

#[test]
fn doctor_does_not_wait_for_a_bus_that_hangs() {
    let world = World::with(plain_profile("https://sts.example/token", ""));
    let (bus, address) = silent_bus(&world);
    let (status, said) = examined(&world, &["dev"], Some(&address));
    let wanted = "problem | the system's keyring did not answer within 3 s | is its service running";
    assert!(status == Some(5) && said.starts_with(wanted), "{status:?} {said}");
    assert_eq!(connections(&bus), 1);
    let unused = "note | the system's keyring did not answer within 3 s; profile `dev` does not use it | no advice";
    assert_eq!(examined(&world, &UNUSED, Some(&address)), (Some(0), unused.to_owned()));
}

/// Stores a secret as versions before did: under the profile's name alone.
fn store_as_before(session: &Session, secret: &str, origin: &str) {
    session.put("dev/consumer_secret", &serde_json::json!({ "origin": origin, "secret": secret }).to_string());
}

#[test]
fn two_projects_with_a_profile_of_one_name_keep_their_own_secrets() {
    let (server, world) = (OddServer::always(Answer::token("t", 900)), World::new());
    let Some(_session) = Session::with_keyring(&world) else { return };
    world.write_config(&plain_profile(&server.url("/token"), ""));
    let of =
        |key: &str, arguments: &[&str]| world.choreo_env(arguments).args(["--set", &format!("consumer_key={key}")]);
    for key in ["one", "two"] {
        of(key, &["secret", "set", "dev"]).stdin(format!("secret-{key}\n")).run().assert(&fine());
    }
    for key in ["one", "two"] {
        of(key, &["token", "dev"]).run().assert(&fine().stdout("t\n"));
        let run = of(key, &["secret", "check", "dev"]).run();
        assert!(run.stdout.contains(&format!("entry `dev/consumer_secret@{key}`, stored for")), "{run}");
    }
    assert_eq!(sent(&server), ["secret-one", "secret-two"]);
    of("one", &["secret", "remove", "dev"]).run().assert(&fine());
    of("one", &["secret", "check", "dev"]).run().assert(&ends(5).stderr_has(["nothing is stored for it"]));
    assert_eq!(of("two", &["secret", "check", "dev"]).run().status, Some(0));
}

#[test]
fn an_entry_that_has_no_consumer_key_is_still_found_and_goes_with_the_other() {
    let (server, world) = (OddServer::always(Answer::token("t", 900)), World::new());
    let Some(session) = Session::with_keyring(&world) else { return };
    world.write_config(&plain_profile(&server.url("/token"), ""));
    let origin = server.url("/token");
    store_as_before(&session, "0ld", origin.trim_end_matches("/token"));
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t\n"));
    let run = world.choreo_env(["secret", "check", "dev"]).run();
    assert!(run.stdout.contains("entry `dev/consumer_secret`, stored for"), "{run}");
    store(&world, &[]);
    world.choreo_env(["token", "dev", "--fresh", "--quiet"]).run().assert(&fine().stdout("t\n"));
    assert_eq!(sent(&server), ["0ld", CANARY]);
    world.choreo_env(["secret", "remove", "dev"]).run().assert(&fine());
    world.choreo_env(["secret", "check", "dev"]).run().assert(&ends(5).stderr_has(["nothing is stored for it"]));
}

#[test]
fn of_a_profile_that_is_gone_the_only_secret_is_removed_and_of_several_the_one_that_is_named() {
    let world = World::new();
    let Some(_session) = Session::with_keyring(&world) else { return };
    for key in ["one", "two"] {
        world.write_config(&plain_profile("https://sts.example/token", "").replace(KEY, key));
        store(&world, &[]);
    }
    world.write_config("");
    let remove = || world.choreo_env(["secret", "remove", "dev", "--verbose"]);
    remove().run().assert(&ends(5).stderr_has([
        "error: profile `dev`: `consumer_secret`: the system's keyring has more than one: `dev/consumer_secret@one`, \
         `dev/consumer_secret@two`\n",
        "hint: name the one by what stands behind its `@`: `--set consumer_key=…`\n",
    ]));
    remove().args(["--set", "consumer_key=one"]).run().assert(&fine().stderr_has(["is removed from"]));
    remove().run().assert(&fine().stderr_has(["is removed from"]));
    remove().run().assert(&fine().stderr_has(["was not in"]));
}
