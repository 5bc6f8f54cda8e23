//! A canary for a secret: it may be where the user put it, and nowhere else.

use std::fs;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::support::command::Run;
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{KEY, profile_with, quoted};
use crate::support::tools;
use crate::support::world::World;

const CANARY: &str = "c4nary+in/the:mine";

/// A place to keep a secret: its reference in the configuration, and the files that hold it.
struct Source {
    name: &'static str,
    reference: String,
    variables: &'static [(&'static str, &'static str)],
    own_files: &'static [&'static str],
}

fn sources() -> [Source; 5] {
    let source = |name, reference: &str, variables, own_files| Source {
        name,
        reference: reference.to_owned(),
        variables,
        own_files,
    };
    [
        source("env", "{ env = \"MY_SECRET\" }", &[("MY_SECRET", CANARY)], &[]),
        source("file", "{ file = \"secret\" }", &[], &["secret"]),
        source("command", "{ command = [\"cat\", \"secret\"] }", &[], &["secret"]),
        source("bare", &quoted(CANARY), &[], &["config.toml"]),
        source("overriding", "{ env = \"UNSET\" }", &[("CHOREO_ENV_CONSUMER_SECRET", CANARY)], &[]),
    ]
}

/// How a secret looks on its way: itself, in a form, in a Basic header of either encoding, and as `Debug` prints it.
fn traces() -> Vec<String> {
    let form: String = url::form_urlencoded::byte_serialize(CANARY.as_bytes()).collect();
    let basic = |secret: &str| BASE64_STANDARD.encode(format!("{KEY}:{secret}"));
    vec![CANARY.to_owned(), basic(CANARY), basic(&form), form, CANARY.chars().rev().collect()]
}

#[track_caller]
fn clean(what: &str, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    for trace in traces() {
        assert!(!text.contains(&trace), "the secret is in {what}:\n{text}");
    }
}

impl Source {
    fn world(&self, server: &OddServer, lines: &str) -> World {
        let lines = format!("timeout = \"2s\"\napi_url = \"https://api.example/v1\"\n{lines}");
        let world = World::with(profile_with("dev", &server.url("/token"), &self.reference, &lines));
        if self.own_files.contains(&"secret") {
            world.write("work/secret", format!("{CANARY}\n"));
            let config = fs::read_to_string(world.config()).unwrap();
            let path = quoted(world.path("work/secret").to_str().unwrap());
            world.write_config(&config.replace("\"secret\"", &path));
        }
        world
    }

    /// Runs, and looks at all that was said and all that was written.
    #[track_caller]
    fn run(&self, world: &World, arguments: &[&str]) -> Run {
        let command = world.choreo_env(arguments);
        let run = self.variables.iter().fold(command, |command, (name, value)| command.env(name, value)).run();
        clean(&format!("stdout of {arguments:?} ({})", self.name), run.stdout.as_bytes());
        clean(&format!("stderr of {arguments:?} ({})", self.name), run.stderr.as_bytes());
        self.files_are_clean(world);
        run
    }

    #[track_caller]
    fn files_are_clean(&self, world: &World) {
        for (path, content) in world.files() {
            let name = path.file_name().unwrap().to_str().unwrap();
            if !self.own_files.contains(&name) {
                clean(&path.display().to_string(), &content);
            }
        }
    }
}

/// Every command that could let a secret slip.
const COMMANDS: [&[&str]; 16] = [
    &["dev", "--verbose", "--shell", "sh"],
    &["dev", "--verbose", "--fresh", "--shell", "fish"],
    &["token", "dev", "--verbose", "--json"],
    &["show", "dev", "--verbose"],
    &["list", "--json", "--verbose"],
    &["curl", "dev", "--verbose", "--credentials", "env"],
    &["curl", "dev", "--verbose", "--credentials", "helper"],
    &["curl", "dev", "--verbose", "--credentials", "placeholder"],
    &["curl", "dev", "GET", "/pets", "--verbose"],
    &["exec", "dev", "--verbose", "--", "true"],
    &["show", "dev", "--json", "--set", "consumer_secret.prompt=true"],
    &["status", "dev", "--verbose", "--json"],
    &["doctor", "dev", "--verbose"],
    &["doctor", "dev", "--verbose", "--token", "--json"],
    &["forget", "dev", "--verbose"],
    &["dev", "--set", "basic_encoding=raw", "--verbose"],
];

#[test]
fn nothing_that_works_shows_the_secret() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    for source in sources() {
        let world = source.world(&server, "");
        for arguments in COMMANDS {
            let run = source.run(&world, arguments);
            let no_helper = source.name == "bare" && arguments.contains(&"helper");
            assert_eq!(run.status, Some(if no_helper { 3 } else { 0 }), "{}\n{run}", source.name);
        }
    }
    assert!(server.requests().iter().any(|request| {
        let sent = request.header("authorization").unwrap_or_default();
        traces().iter().any(|trace| sent.contains(trace))
    }));
}

#[test]
fn nothing_that_fails_shows_the_secret() {
    let answers = [
        Answer::json(401, r#"{"error":"invalid_client"}"#),
        Answer::json(200, "<html>"),
        Answer::http(302, &["Location: http://127.0.0.1:1/"], ""),
        Answer::nothing(),
    ];
    for answer in answers {
        let server = OddServer::always(answer);
        for source in sources() {
            for auth in ["client_secret_basic", "client_secret_post"] {
                let world = source.world(&server, &format!("client_auth = \"{auth}\""));
                for arguments in [&["dev", "--verbose", "--shell", "sh"][..], &["doctor", "--token"]] {
                    let run = source.run(&world, arguments);
                    assert!(matches!(run.status, Some(6 | 7)), "{run}");
                }
            }
        }
    }
}

#[test]
fn a_server_that_repeats_the_credentials_does_not_get_them_printed() {
    let server = OddServer::start(|request, _| {
        let sent = request.header("authorization").unwrap_or_default().to_owned();
        let secret = request.form().into_iter().find(|(name, _)| name == "client_secret").map(|(_, value)| value);
        let text = format!("cannot log in with {sent} {}", secret.unwrap_or_default());
        Answer::json(401, &serde_json::json!({ "error": "invalid_client", "error_description": text }).to_string())
    });
    for source in sources() {
        for auth in ["client_secret_basic", "client_secret_post"] {
            let world = source.world(&server, &format!("client_auth = \"{auth}\""));
            let run = source.run(&world, &["token", "dev", "--verbose"]);
            assert_eq!(run.status, Some(6), "{run}");
        }
    }
}

#[test]
fn a_token_is_neither_in_messages_nor_in_files_other_than_the_cache() {
    let server = OddServer::always(Answer::token("t0ken-to-keep", 900));
    let source = &sources()[0];
    let world = source.world(&server, "");
    for _ in 0..2 {
        let run = source.run(&world, &["dev", "--shell", "sh", "--verbose"]);
        assert!(!run.stderr.contains("t0ken"), "{run}");
    }
    for (path, content) in world.files() {
        let inside = content.windows(5).any(|window| window == b"t0ken");
        assert_eq!(inside, inside && path.starts_with(world.cache()), "{}", path.display());
    }
}

#[test]
fn the_secret_is_in_no_argument_of_any_process() {
    let Some(strace) = tools::find("strace") else { return };
    let server = OddServer::always(Answer::token("t0ken-to-keep", 900));
    for source in sources() {
        for arguments in [&["token", "dev", "--verbose"][..], &["exec", "dev", "--fresh", "--", "true"]] {
            let world = source.world(&server, "");
            let log = world.path("strace.log");
            let traced = world.command(&strace).args(["-f", "-qq", "-s", "100000", "-e", "trace=execve", "-o"]);
            let traced = traced.args([log.as_os_str()]).args(["choreo-env"]).args(arguments);
            let run = source.variables.iter().fold(traced, |command, (name, value)| command.env(name, value)).run();
            assert_eq!(run.status, Some(0), "{run}");
            let log = fs::read_to_string(log).unwrap();
            assert!(log.contains("execve("), "{log}");
            // The token is as good as a secret here: arguments are public.
            assert!(!log.contains("t0ken"), "{log}");
            clean("the arguments of a process", log.as_bytes());
        }
    }
}

#[test]
fn a_secret_of_several_lines_is_refused_and_not_shown() {
    let server = OddServer::always(Answer::token("t", 900));
    for source in sources().iter().filter(|source| source.own_files == ["secret"]) {
        let world = source.world(&server, "");
        for unfit in [format!("{CANARY}\nsecond line\n"), format!("\n{CANARY}\n"), String::new()] {
            world.write("work/secret", &unfit);
            let run = world.choreo_env(["token", "dev", "--verbose"]).run();
            clean("stderr", run.stderr.as_bytes());
            assert_eq!((run.status, run.stdout.as_str()), (Some(5), ""), "{unfit:?}\n{run}");
        }
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn a_secret_in_a_wrong_place_of_the_configuration_is_not_repeated() {
    let mistakes = [
        format!("[profiles.dev]\nconsumer_secret = {{ envv = {} }}\n", quoted(CANARY)),
        format!("[profiles.dev]\nconsumer_secret = [{}]\n", quoted(CANARY)),
        format!("[profiles.dev]\nconsumer_secret = {{ command = {} }}\n", quoted(CANARY)),
        format!("[profiles.dev]\nconsumer_secrt = {}\n", quoted(CANARY)),
        format!("[profiles.dev]\nconsumer_secret = \"{CANARY}\n"),
        format!("[profiles.dev]\nconsumer_secret = '{CANARY}' x\n"),
        format!("[profiles.dev]\nconsumer_secret = {CANARY}\n"),
        format!("[profiles.dev]\nconsumer_secret = \"{CANARY}\\q\"\n"),
        format!("[profiles.dev]\nconsumer_secret = \"a\"\nconsumer_secret = \"{CANARY}\"\n"),
    ];
    for text in mistakes {
        let run = World::with(&text).choreo_env(["token", "dev", "--verbose"]).run();
        clean("stderr", run.stderr.as_bytes());
        assert!(!run.stderr.contains("c4nary"), "{text}\n{run}");
        assert_eq!(run.status, Some(3), "{text}\n{run}");
    }
}

#[test]
fn a_secret_on_the_command_line_is_not_repeated() {
    let server = OddServer::always(Answer::json(401, r#"{"error":"invalid_client"}"#));
    let world = World::with(profile_with("dev", &server.url("/token"), "{ env = \"UNSET\" }", ""));
    let set = format!("consumer_secret={CANARY}");
    for arguments in [&["token", "dev", "--verbose", "--set", &set][..], &["show", "dev", "--set", &set]] {
        let run = world.choreo_env(arguments).run();
        clean("stderr", run.stderr.as_bytes());
        clean("stdout", run.stdout.as_bytes());
    }
}
