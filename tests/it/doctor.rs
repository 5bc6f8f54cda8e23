//! `doctor`: each check by itself, and that it does no more than it says.

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::support::command::{Command, Run, ends, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::tls::Authority;
use crate::support::toml::{profile, profile_with, quoted};
use crate::support::world::{World, mode, set_mode};

/// What is said about the keyring where the profile has no need of it, and the test's world has none.
const KEYRING: &str = match (cfg!(feature = "keyring"), cfg!(target_os = "linux")) {
    (true, true) => "note     keyring        there is no keyring to be reached here; profile `dev` does not use it",
    (true, false) => "ok       keyring        the system's keyring can be reached",
    (false, _) => {
        "note     keyring        this program was built without the system's keyring; profile `dev` does not use it"
    }
};

const FILE: &str = "[ROOT]/config/choreo-env/config.toml";

fn doctor(world: &World, arguments: &[&str]) -> Command {
    world.choreo_env(["doctor"]).args(arguments).env("CHOREO_ENV_SHELL", "zsh")
}

/// What a check said, in a line without the blanks between the columns.
#[track_caller]
fn said(run: &Run, check: &str) -> String {
    let lines = run.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let of_check: Vec<String> =
        lines.skip_while(|line| !line.split_once(' ').is_some_and(|(_, rest)| rest.starts_with(check))).collect();
    let more = of_check.iter().skip(1).take_while(|line| line.starts_with("hint: ")).cloned();
    let first = of_check.first().unwrap_or_else(|| panic!("nothing about {check}\n{run}"));
    std::iter::once(first.clone()).chain(more).collect::<Vec<_>>().join(" ")
}

#[test]
fn all_is_well_and_nobody_is_asked_offline() {
    let server = OddServer::always(Answer::token("t", 900));
    let world = World::with(profile("dev", &server.url("/token"), ""));
    doctor(&world, &["--offline"]).run().assert(&fine().stdout(format!(
        "ok       configuration  no system file `/etc/choreo-env/config.toml`\n\
         ok       configuration  `{FILE}` is there, and only you can read it\n\
         ok       profile        `dev` (the only one), consumer key `consumer-key` ({FILE}:3), \
         token endpoint from {FILE}:2\n\
         ok       secret         `consumer_secret`: in your own configuration, which only you can read ({FILE}:4)\n\
         {KEYRING}\n\
         ok       cache          `[ROOT]/run/choreo-env` is made when the first token is kept\n\
         note     cached token   no token is cached; the next call asks for one\n\
         ok       shell          `zsh`, by CHOREO_ENV_SHELL\n\
         ok       proxy          none: the connection is direct\n\
         note     name           not checked: `--offline`\n\
         note     connection     not checked: `--offline`\n\
         ok       certificate    none is needed: the token endpoint is on this machine, without encryption\n\
         note     clock          not checked: there was no answer\n\
         note     token request  not checked: `--token` asks for one; some servers then end the token before\n\
         ok       reissue        not known; `--probe-reissue` finds it out, and may end tokens that others use\n\
         ok       warnings       none\n"
    )));
    assert_eq!(server.count(), 0);
    assert!(!world.cache().exists(), "nothing is made");
}

#[test]
fn one_connection_carries_no_credentials() {
    let server = OddServer::always(Answer::http(405, &[], ""));
    let world = World::with(profile("dev", &server.url("/token"), ""));
    let run = doctor(&world, &["dev"]).run();
    assert!(run.status == Some(0) && run.stderr.is_empty(), "{run}");
    assert!(said(&run, "connection").ends_with(" ms (HTTP 405)"), "{run}");
    assert_eq!(said(&run, "name"), "ok name the token endpoint is named by its address");
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!((requests[0].method.as_str(), requests[0].body.as_str()), ("HEAD", ""));
    assert_eq!(requests[0].header("authorization"), None);
}

#[test]
fn a_name_is_looked_up_and_a_closed_port_is_told_with_the_status_of_the_network() {
    let world = World::with(profile("dev", "http://localhost:1/token", ""));
    let run = doctor(&world, &[]).run();
    assert!(said(&run, "name").contains("127.0.0.1"), "{run}");
    let wanted =
        "problem connection `http://localhost:1/token`: the connection was refused hint: is the server running";
    assert!(said(&run, "connection").starts_with(wanted), "{run}");
    assert!(run.status == Some(7) && run.stderr.is_empty(), "{run}");
}

#[test]
fn a_name_without_an_address_is_told_and_no_connection_is_tried() {
    let world = World::with(profile("dev", "https://no-such-host.invalid/token", "timeout = \"2s\""));
    let run = doctor(&world, &[]).run();
    let name = said(&run, "name");
    assert!(
        name.starts_with("problem name `https://no-such-host.invalid/token`: ") && name.contains(" hint: "),
        "{run}"
    );
    assert_eq!(said(&run, "connection"), "note connection not checked: the name has no address");
    assert!(run.status == Some(7) && run.stderr.is_empty(), "{run}");
}

fn dated(ago: u64) -> OddServer {
    let date = httpdate::fmt_http_date(SystemTime::now() - Duration::from_secs(ago));
    OddServer::always(Answer::http(405, &[&format!("Date: {date}")], ""))
}

#[test]
fn the_clock_is_compared_with_the_servers() {
    let clock = |ago| {
        let server = dated(ago);
        let run = doctor(&World::with(profile("dev", &server.url("/token"), "")), &[]).run();
        (run.status, said(&run, "clock"))
    };
    assert_eq!(clock(0), (Some(0), "ok clock this machine's clock agrees with the server's".into()));
    let (status, said) = clock(100);
    assert!(status == Some(0) && said.starts_with("note clock this machine's clock is 1m 4"), "{said}");
    let (status, said) = clock(3600);
    assert!(
        status == Some(1) && said.starts_with("problem clock this machine's clock is ") && said.contains("ahead of")
    );
}

#[test]
fn a_certificate_of_an_unknown_authority_is_a_problem_until_ca_file_names_it() {
    let authority = Authority::new();
    let world = World::new();
    let ca = world.write("ca.pem", authority.pem());
    let server = OddServer::start_tls(authority, |_, _| Answer::http(405, &[], ""));
    world.write_config(&profile("dev", &server.url("/token"), ""));
    let run = doctor(&world, &[]).run();
    assert_eq!(run.status, Some(7), "{run}");
    assert!(said(&run, "connection").contains("unknown issuer hint: ") && said(&run, "connection").contains("ca_file"));
    let ca_file = format!("ca_file = {}", quoted(ca.to_str().unwrap()));
    world.write_config(&profile("dev", &server.url("/token"), &ca_file));
    let run = doctor(&world, &[]).run();
    assert_eq!(run.status, Some(0), "{run}");
    let certificate = said(&run, "certificate");
    assert!(certificate.starts_with("ok certificate the system's trust store, and "), "{run}");
    assert!(certificate.ends_with("the server's certificate ends on 4096-01-01T00:00:00Z"), "{run}");
    let run = doctor(&world, &[]).args(["--set", "insecure=true"]).run();
    assert!(said(&run, "certificate").starts_with("note certificate certificates are not checked"), "{run}");
}

#[test]
fn with_a_broken_configuration_each_mistake_is_told_and_the_other_checks_stand() {
    let world = World::with("[profiles.dev]\ntimeout = \"soon\"\nscops = []\n");
    let run = doctor(&world, &["dev"]).run();
    assert!(run.status == Some(3) && run.stderr.is_empty(), "{run}");
    for wanted in ["config.toml:2", "config.toml:3", "hint: did you mean `scopes`?"] {
        assert!(run.stdout.contains(wanted), "{wanted}\n{run}");
    }
    assert_eq!(said(&run, "profile"), "note profile not checked: the configuration has mistakes");
    assert!(said(&run, "cache").starts_with("ok cache "), "{run}");
    assert_eq!(said(&run, "shell"), "ok shell `zsh`, by CHOREO_ENV_SHELL");
    let run = doctor(&World::new(), &[]).run();
    assert!(
        run.status == Some(3) && said(&run, "profile").starts_with("problem profile no profile is configured"),
        "{run}"
    );
}

#[test]
fn a_configuration_that_is_missing_unreadable_or_open_to_others_is_told() {
    let world = World::with(profile_with("dev", "http://127.0.0.1:1/token", "{ env = \"HOME\" }", ""));
    set_mode(&world.config(), 0o666);
    let run = doctor(&world, &["--offline"]).run();
    assert_eq!(run.status, Some(3), "{run}");
    assert!(
        run.stdout.contains("can be changed by others (mode 0666)") && run.stdout.contains("hint: run `chmod go-w ")
    );
    let run = doctor(&world, &["--offline"]).env("CHOREO_ENV_CONFIG", world.path("nowhere")).run();
    assert!(run.status == Some(3) && run.stdout.contains("/nowhere` cannot be read: "), "{run}");
    world.write("latin1", b"[profiles.d\xe9v]");
    let run = doctor(&world, &["--offline"]).env("CHOREO_ENV_CONFIG", world.path("latin1")).run();
    assert!(run.status == Some(3) && run.stdout.contains("/latin1` cannot be read: it is not Unicode"), "{run}");
}

#[test]
fn a_secret_is_looked_for_and_neither_run_nor_read() {
    let world = World::new();
    let file = world.write("secret", "c4nary\n");
    let open = world.write("open", "c4nary\n");
    set_mode(&open, 0o644);
    let reference = |path: &std::path::Path| format!("{{ file = {} }}", quoted(path.to_str().unwrap()));
    for (secret, status, wanted) in [
        (
            "{ env = \"HOME\" }".to_owned(),
            0,
            "ok secret `consumer_secret`: the environment variable `HOME`, which is set",
        ),
        (
            "{ env = \"NOPE\" }".into(),
            5,
            "problem secret profile `dev`: `consumer_secret`: the environment variable `NOPE`",
        ),
        ("{ command = [\"touch\", \"asked\"] }".into(), 0, "ok secret `consumer_secret`: the program `/"),
        (
            "{ command = [\"no-such-program\"] }".into(),
            5,
            "problem secret profile `dev`: `consumer_secret`: the program",
        ),
        (reference(&file), 0, "ok secret `consumer_secret`: the file `"),
        (reference(&open), 5, "problem secret profile `dev`: `consumer_secret`: the file `"),
        ("{ prompt = true }".into(), 0, "ok secret `consumer_secret`: asked for on the terminal"),
    ] {
        world.write_config(&profile_with("dev", "http://127.0.0.1:1/token", &secret, ""));
        let run = doctor(&world, &["--offline"]).run();
        assert!(said(&run, "secret").starts_with(wanted), "{wanted}\n{run}");
        assert!(run.status == Some(status) && run.stderr.is_empty() && !run.stdout.contains("c4nary"), "{run}");
    }
    assert!(!world.path("work/asked").exists());
}

#[test]
fn the_cache_folder_is_looked_at_and_not_changed() {
    let world = World::with(profile("dev", "http://127.0.0.1:1/token", ""));
    fs::create_dir(world.cache()).unwrap();
    set_mode(&world.cache(), 0o755);
    let run = doctor(&world, &["--offline"]).run();
    assert!(said(&run, "cache").starts_with("note cache ") && said(&run, "cache").contains("(mode 0755)"), "{run}");
    assert_eq!((run.status, mode(&world.cache())), (Some(0), 0o755), "{run}");
    fs::remove_dir(world.cache()).unwrap();
    fs::write(world.cache(), "in the way").unwrap();
    let run = doctor(&world, &["--offline"]).run();
    assert!(said(&run, "cache").starts_with("problem cache the token cache cannot be used: "), "{run}");
    assert_eq!(run.status, Some(8), "{run}");
    fs::remove_file(world.cache()).unwrap();
    std::os::unix::fs::symlink(world.path("home"), world.cache()).unwrap();
    let run = doctor(&world, &["--offline"]).run();
    assert!(
        run.status == Some(8) && said(&run, "cache").starts_with("problem cache "),
        "a link is not followed\n{run}"
    );
}

#[test]
fn the_proxy_in_force_is_named_without_its_password() {
    let world = World::with(profile("dev", "https://sts.example/token", ""));
    let run = doctor(&world, &["--offline"]).env("HTTPS_PROXY", "http://me:c4nary@127.0.0.1:1").run();
    assert_eq!(said(&run, "proxy"), "ok proxy the one that `HTTPS_PROXY` names");
    assert!(!run.stdout.contains("c4nary"), "{run}");
    let run = doctor(&world, &["--set", "proxy=http://127.0.0.1:1"]).run();
    assert_eq!(said(&run, "proxy"), "ok proxy `http://127.0.0.1:1`, by the profile");
    assert_eq!(said(&run, "name"), "note name not checked: the proxy looks it up");
    assert!(run.status == Some(7) && said(&run, "connection").contains("is the proxy running?"), "{run}");
}

#[test]
fn a_token_request_is_made_when_it_is_asked_for() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let world = World::with(profile("dev", &server.url("/token"), ""));
    let run = doctor(&world, &["--token"]).run();
    assert_eq!(run.status, Some(0), "{run}");
    let request = said(&run, "token request");
    assert!(request.starts_with("ok token request the server gave a token, 1"), "{run}");
    assert!(request.ends_with("it accepts `client_secret_basic` with `basic_encoding = \"form\"`"), "{run}");
    assert!(said(&run, "warnings").contains("a new token may end the life of the one before"), "{run}");
    assert!(!run.stdout.contains("t0ken") && run.stderr.is_empty(), "{run}");
    world.choreo_env(["token"]).run().assert(&fine().stdout("t0ken\n")); // it is kept for the next call
    assert_eq!(server.requests().iter().map(|request| request.method.clone()).collect::<Vec<_>>(), ["HEAD", "POST"]);
    world.choreo_env(["doctor", "--token", "--offline"]).run().assert(&ends(2).stderr_has(["error: "]));
}

#[test]
fn the_basic_encoding_that_works_is_named_when_the_other_one_is_configured() {
    use base64::Engine;
    let raw = format!("Basic {}", base64::prelude::BASE64_STANDARD.encode("consumer-key:a/b"));
    let server = OddServer::start(move |request, _| match request.header("authorization") {
        Some(sent) if sent == raw => Answer::token("t", 900),
        _ => Answer::json(401, r#"{"error":"invalid_client"}"#),
    });
    let world = World::with(profile_with("dev", &server.url("/token"), "\"a/b\"", ""));
    let run = doctor(&world, &["--token"]).run();
    assert_eq!(run.status, Some(6), "{run}");
    let wanted = "hint: the server accepts it with `basic_encoding = \"raw\"`";
    assert!(said(&run, "token request").ends_with(wanted), "{run}");
}

/// A server that reads the Basic header in these encodings, and numbers its tokens. The secret is `a/b`.
fn server_that_reads(encodings: &'static [&'static str]) -> OddServer {
    use base64::Engine;
    let header = |pair: &str| format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(pair));
    let known = [("form", header("consumer-key:a%2Fb")), ("raw", header("consumer-key:a/b"))];
    OddServer::start(move |request, number| {
        let sent = request.header("authorization");
        let read = known.iter().any(|(name, header)| encodings.contains(name) && sent == Some(header));
        if read {
            Answer::token(&format!("t{number}"), 900)
        } else {
            Answer::json(401, r#"{"error":"invalid_client"}"#)
        }
    })
}

fn posts(server: &OddServer) -> usize {
    server.requests().iter().filter(|request| request.method == "POST").count()
}

#[test]
fn both_basic_encodings_are_tried_where_they_differ_and_the_kept_token_is_the_last_one() {
    let cases: [(&[&str], &str, i32, &str); 7] = [
        (
            &["form", "raw"],
            "form",
            0,
            "with `basic_encoding = \"form\"`, and with `\"raw\"` hint: either will do: `form` is what RFC 6749 section \
             2.3.1 says",
        ),
        (&["form", "raw"], "raw", 0, "with `basic_encoding = \"raw\"`, and with `\"form\"` hint: either will do"),
        (
            &["form"],
            "form",
            0,
            "with `basic_encoding = \"form\"`, and not with `\"raw\"` hint: leave `basic_encoding = \"form\"` as it is",
        ),
        (
            &["raw"],
            "raw",
            0,
            "with `basic_encoding = \"raw\"`, and not with `\"form\"` hint: leave `basic_encoding = \"raw\"` as it is",
        ),
        (&["raw"], "form", 6, "hint: the server accepts it with `basic_encoding = \"raw\"`"),
        (&["form"], "raw", 6, "hint: the server accepts it with `basic_encoding = \"form\"`"),
        (&[], "form", 6, "hint: the other encoding, `basic_encoding = \"raw\"`, is refused, too"),
    ];
    for (encodings, configured, status, wanted) in cases {
        let server = server_that_reads(encodings);
        let lines = format!("basic_encoding = \"{configured}\"");
        let world = World::with(profile_with("dev", &server.url("/token"), "\"a/b\"", &lines));
        let run = doctor(&world, &["--token"]).run();
        assert_eq!(run.status, Some(status), "{encodings:?} {configured}\n{run}");
        assert!(said(&run, "token request").contains(wanted), "{encodings:?} {configured}\n{run}");
        assert_eq!(posts(&server), 2, "one request more, and no third\n{run}");
        if status == 0 {
            // The HEAD request is number 0, the other encoding number 1: what is kept is what came last.
            world.choreo_env(["token"]).run().assert(&fine().stdout("t2\n"));
        } else {
            assert!(
                fs::read_dir(world.cache()).unwrap().all(|entry| entry.unwrap().path().extension().unwrap() != "json")
            );
        }
    }
}

#[test]
fn the_other_encoding_is_not_tried_where_it_is_the_same_or_is_not_used() {
    for (secret, lines) in [("\"ab\"", ""), ("\"a/b\"", "client_auth = \"client_secret_post\"")] {
        let server = OddServer::always(Answer::token("t", 900));
        let world = World::with(profile_with("dev", &server.url("/token"), secret, lines));
        let run = doctor(&world, &["--token"]).run();
        assert!(run.status == Some(0) && posts(&server) == 1, "{run}");
    }
}

#[test]
fn a_cached_token_that_the_trial_may_have_ended_is_told() {
    let server = server_that_reads(&["raw"]);
    let world = World::with(profile_with("dev", &server.url("/token"), "\"a/b\"", ""));
    world.choreo_env(["token", "--set", "basic_encoding=raw"]).run().assert(&fine().stdout("t0\n"));
    let run = doctor(&world, &["--token"]).run();
    let told = "some servers then end the token before, which is the cached one hint: `choreo-env forget dev`";
    assert!(run.status == Some(6) && said(&run, "token request the server gave a token for").contains(told), "{run}");
}

#[test]
fn an_answer_that_says_nothing_about_the_other_encoding_is_not_taken_for_one() {
    use base64::Engine;
    let form = format!("Basic {}", base64::prelude::BASE64_STANDARD.encode("consumer-key:a%2Fb"));
    let server = OddServer::start(move |request, _| match request.header("authorization") {
        Some(sent) if sent == form => Answer::token("t", 900),
        _ => Answer::http(500, &[], "out of order"),
    });
    let world = World::with(profile_with("dev", &server.url("/token"), "\"a/b\"", ""));
    let run = doctor(&world, &["--token"]).run();
    let told = "with `basic_encoding = \"form\"`; whether it accepts `\"raw\"`, too, is not clear";
    assert!(run.status == Some(0) && said(&run, "token request").contains(told), "{run}");
}

#[test]
fn an_unknown_shell_and_a_misspelt_variable_are_notes() {
    let world = World::with(profile("dev", "http://127.0.0.1:1/token", ""));
    let run =
        world.choreo_env(["doctor", "--offline"]).env("CHOREO_ENV_SHELL", "fisch").env("CHOREO_ENV_TIMOUT", "1").run();
    assert!(said(&run, "shell").starts_with("note shell CHOREO_ENV_SHELL is `fisch`"), "{run}");
    assert!(said(&run, "shell").ends_with("hint: did you mean `fish`?"), "{run}");
    assert!(said(&run, "warnings").ends_with("hint: did you mean `CHOREO_ENV_TIMEOUT`?"), "{run}");
    assert!(run.status == Some(0) && run.stderr.is_empty(), "{run}");
}

#[test]
fn as_json_each_finding_has_its_check_and_its_advice() {
    let world = World::with(profile_with("dev", "http://127.0.0.1:1/token", "{ env = \"NOPE\" }", ""));
    let run = doctor(&world, &["--offline", "--json"]).run();
    let said: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run}"));
    assert_eq!((&said["profile"], &said["well"]), (&json!("dev"), &json!(false)), "{run}");
    let findings = said["findings"].as_array().unwrap();
    let secret = findings.iter().find(|finding| finding["check"] == "secret").unwrap();
    assert_eq!(secret["finding"], "problem");
    assert!(secret["advice"].as_str().unwrap().contains("`NOPE`") && secret["message"].is_string(), "{run}");
    assert!(run.status == Some(5) && run.stderr.is_empty(), "{run}");
    let run = doctor(&World::with("="), &["--json"]).run();
    assert!(run.status == Some(3) && run.stdout.contains("\"profile\": null"), "{run}");
}

#[test]
#[cfg(not(feature = "keyring"))]
fn a_program_without_the_keyring_says_so_where_the_secret_would_be_there() {
    let world = World::with("[profiles.dev]\ntoken_url = \"http://127.0.0.1:1/token\"\nconsumer_key = \"k\"\n");
    let run = doctor(&world, &["--offline"]).run();
    let wanted = "problem keyring this program was built without the system's keyring hint: build it with `--features";
    assert!(said(&run, "keyring").starts_with(wanted) && run.status == Some(5), "{run}");
}
