//! The printed cURL commands do what they say, run by bash as they are printed.

use serde_json::{Value, json};

use crate::support::command::{Run, ends, fine};
use crate::support::oidc::{Client, Oidc};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{KEY, SECRET, profile, profile_with, quoted};
use crate::support::tools;
use crate::support::world::World;

/// Keys and secrets of all the characters that a header, a form or a shell could spoil, each in a place of its own.
const PAIRS: [(&str, &str); 6] = [
    ("plain", "s3cret"),
    ("one", r#"a:b%c+d/e&f'g"h$i j"#),
    ("two", r#" :%+/&'"$HOME $(id) `id` "#),
    ("three", r"%41%2B+%%&&a=b;#!\ \\ -d @file {a,b} [a]*?"),
    ("four:with&a=sign", "x"),
    ("five", "-u --next <>|~^_.!$!"),
];

/// Prints the command, and gives it to bash.
#[track_caller]
fn printed_and_run(world: &World, arguments: &[&str]) -> Option<Run> {
    let bash = tools::find("bash")?;
    tools::find("curl")?;
    let printed = world.choreo_env(arguments).run().assert(&fine().stdout_has(["curl "]));
    let first = printed.stdout.split_once(' ').unwrap().0;
    assert_eq!(first, "curl", "{printed}");
    for forbidden in [" -k", "--insecure", "base64"] {
        assert!(!printed.stdout.contains(forbidden), "{printed}");
    }
    Some(world.command(bash).args(["-c", &printed.stdout]).run())
}

/// The answer is a token answer.
#[track_caller]
fn is_token(run: &Run) {
    let answer: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run}"));
    assert!(answer["access_token"].as_str().is_some_and(|token| token.len() > 20), "{run}");
}

#[test]
fn the_printed_token_request_gets_a_token_from_a_certified_server() {
    for auth in ["client_secret_basic", "client_secret_post"] {
        let clients = PAIRS.map(|(id, secret)| Client { id, secret, auth });
        let Some(server) = Oidc::with(&clients, json!({})) else { return };
        for (id, secret) in PAIRS {
            let text = profile_with("dev", &server.token_url(), &quoted(secret), &format!("client_auth = \"{auth}\""));
            let world = World::with(text.replace(&quoted(KEY), &quoted(id)));
            let Some(run) = printed_and_run(&world, &["curl", "dev"]) else { return };
            is_token(&run);
            let run = world.choreo_env(["token", "dev"]).run();
            assert_eq!(run.status, Some(0), "the tool's own request, too\n{run}");
        }
    }
}

#[test]
fn scopes_resource_and_params_are_in_the_printed_request() {
    let Some(server) = Oidc::start(KEY, SECRET) else { return };
    let lines = "scopes = [\"read\", \"write\"]\nresource = \"urn:pets&cats\"\nparams = { orgHandle = \"a & b\" }";
    let world = World::with(profile("dev", &server.token_url(), lines));
    let Some(run) = printed_and_run(&world, &["curl", "dev"]) else { return };
    is_token(&run);
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(answer["scope"], "read write", "{run}");
    assert_eq!(answer["access_token"].as_str().unwrap().split('.').count(), 3, "a JWT for the resource\n{run}");
}

/// The form that the printed command sends is the one that the tool itself sends.
#[test]
fn the_printed_request_is_the_request_that_the_tool_makes() {
    let server = OddServer::always(Answer::token("t", 900));
    for (id, secret) in PAIRS {
        for lines in [
            "client_auth = \"client_secret_post\"",
            "basic_encoding = \"raw\"",
            "basic_encoding = \"form\"\nscopes = [\"a\", \"b:c/d\"]\naudience = \"x y\"\nparams = { \"a=b\" = \"@c\" }",
        ] {
            let text = profile_with("dev", &server.url("/token?a=b&c=[d]"), &quoted(secret), lines);
            if lines.contains("raw") && id.contains(':') {
                continue; // RFC 7617 has no way to say it
            }
            let text = text.replace(&quoted(KEY), &quoted(id));
            let world = World::with(text);
            let Some(_) = printed_and_run(&world, &["curl", "dev", "--credentials", "inline"]) else { return };
            world.choreo_env(["token", "dev", "--fresh", "--quiet"]).run().assert(&fine().stdout("t\n"));
            let requests = server.requests();
            let [.., printed, own] = requests.as_slice() else { panic!("two requests") };
            let fields = |request: &crate::support::server::Request| {
                let mut form = request.form();
                form.sort();
                (request.method.clone(), request.path.clone(), request.header("authorization").map(str::to_owned), form)
            };
            assert_eq!(fields(printed), fields(own), "{id} {secret} {lines}");
        }
    }
}

#[test]
fn a_secret_beyond_ascii_is_refused_by_the_server_and_the_hint_says_why() {
    let Some(server) = Oidc::start(KEY, SECRET) else { return };
    let world = World::with(profile_with("dev", &server.token_url(), "\"caf\u{e9}\"", ""));
    let run = world.choreo_env(["token", "dev"]).run();
    let run = run.assert(&ends(6).stderr_has(["error: profile `dev`", "\nhint: "]));
    assert!(run.stderr.contains("ASCII"), "{run}");
    assert!(!run.stderr.contains("caf\u{e9}"), "{run}");
}

#[test]
fn commands_that_fetch_the_secret_when_they_run_get_a_token_too() {
    let (id, secret) = PAIRS[1];
    let client = Client { id, secret, auth: "client_secret_post" };
    let Some(server) = Oidc::with(&[client], json!({})) else { return };
    let Some(bash) = tools::find("bash") else { return };
    let sources = [
        ("env", "{ env = \"MY_SECRET\" }"),
        ("helper", "{ env = \"MY_SECRET\" }"),
        ("helper", "{ file = \"FILE\" }"),
        ("helper", "{ command = [\"cat\", \"FILE\"] }"),
        ("helper", "{ command = [\"printf\", \"%s\", \"SECRET\"] }"),
    ];
    for (kind, source) in sources {
        let world = World::new();
        let file = world.write("work/it's a file", format!("{secret}\n"));
        let source = source.replace("FILE", file.to_str().unwrap()).replace("\"SECRET\"", &quoted(secret));
        let text = profile_with("dev", &server.token_url(), &source, "client_auth = \"client_secret_post\"");
        world.write_config(&text.replace(&quoted(KEY), &quoted(id)));
        let printed = world.choreo_env(["curl", "dev", "--credentials", kind]).run();
        let printed = printed.assert(&fine().stdout_has(["curl "]));
        let run = world.command(&bash).args(["-c", &printed.stdout]).env("MY_SECRET", secret).run();
        is_token(&run);
    }
}

#[test]
fn the_other_kinds_of_credentials_hold_no_secret() {
    let server = OddServer::always(Answer::token("t0ken-of-the-run", 900));
    let lines = "api_url = \"https://api.example/v1\"";
    let world = World::with(profile_with("dev", &server.url("/token"), "{ env = \"MY_SECRET\" }", lines));
    for kind in ["env", "helper", "placeholder"] {
        for call in [&["curl", "dev"][..], &["curl", "dev", "GET", "/pets"]] {
            let arguments = [call, &["--credentials", kind]].concat();
            let run = world.choreo_env(&arguments).env("MY_SECRET", SECRET).run();
            let run = run.assert(&fine().stdout_has(["curl "]));
            assert!(!run.stdout.contains(SECRET) && !run.stdout.contains("t0ken"), "{run}");
        }
    }
    assert_eq!(server.count(), 0, "a command without values needs none");
    let run = world.choreo_env(["curl", "dev", "--credentials", "placeholder"]).run();
    assert!(run.stdout.contains("<consumer-key>") && run.stdout.contains("<consumer-secret>"), "{run}");
}

#[cfg(feature = "sandbox")]
mod on_the_sandbox {
    //! Calls of the token endpoint and of an API behind a gateway that checks the token.

    use choreo_env::sandbox::{Environment, Options, Running, Sandbox};
    use serde_json::Value;

    use super::{PAIRS, is_token, printed_and_run};
    use crate::support::command::fine;
    use crate::support::tools;
    use crate::support::world::World;

    /// A sandbox with that key and secret, and a user who has its profiles.
    fn sandbox(key: &str, secret: &str) -> (World, Running) {
        let (consumer_key, consumer_secret) = (Some(key.to_owned()), Some(secret.into()));
        let running = Sandbox::spawn(Options { consumer_key, consumer_secret, ..Options::default() }).unwrap();
        (World::with(running.site().profile_toml()), running)
    }

    #[test]
    fn the_printed_token_request_gets_a_token_whatever_is_in_the_secret() {
        for (key, secret) in PAIRS.into_iter().chain([("accents", "caf\u{e9} \u{65e5}\u{672c} :%+")]) {
            for encoding in ["form", "raw"] {
                if encoding == "raw" && key.contains(':') {
                    continue; // RFC 7617 has no way to say it
                }
                let (world, _running) = sandbox(key, secret);
                let set = format!("basic_encoding={encoding}");
                let Some(run) = printed_and_run(&world, &["curl", "dev", "--set", &set]) else { return };
                is_token(&run);
                let run = world.choreo_env(["token", "dev", "--set", &set]).run();
                assert_eq!(run.status, Some(0), "{encoding} {key}\n{run}");
            }
        }
    }

    #[test]
    fn the_printed_call_of_the_api_passes_the_gateway() {
        let (world, running) = sandbox("key", "s3cret");
        for kind in ["inline", "helper"] {
            let arguments = ["curl", "dev", "GET", "/pets", "--credentials", kind];
            let Some(run) = printed_and_run(&world, &arguments) else { return };
            assert!(run.stdout.contains("Kandula"), "{kind}\n{run}");
        }
        let whole = format!("{}/pets/1", running.site().api_url(Environment::Dev));
        let Some(run) = printed_and_run(&world, &["curl", "dev", "GET", &whole]) else { return };
        assert!(run.stdout.contains("Kandula"), "{run}");
        assert_eq!(running.site().token_requests(), 1);
    }

    #[test]
    fn a_method_and_a_query_arrive_as_they_were_typed() {
        let (world, _running) = sandbox("key", "s3cret");
        let Some(run) = printed_and_run(&world, &["curl", "dev", "DELETE", "/things/a%20b?x=1&y=[2]"]) else { return };
        let echo: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run}"));
        assert_eq!((&echo["method"], &echo["query"]), (&"DELETE".into(), &"x=1&y=[2]".into()), "{run}");
    }

    #[test]
    fn a_call_that_refers_to_variables_runs_where_the_shell_has_them() {
        let (world, _running) = sandbox("key", "s3cret");
        let Some(bash) = tools::find("bash") else { return };
        let script = "eval $(choreo-env dev); eval \"$(choreo-env curl dev GET /pets --credentials env)\"";
        let run = world.command(bash).args(["-c", script]).run();
        assert!(run.status == Some(0) && run.stdout.contains("Kandula"), "{run}");
    }

    #[test]
    fn a_token_of_one_environment_is_not_taken_for_another() {
        let (world, running) = sandbox("key", "s3cret");
        let run = world.choreo_env(["curl", "dev", "GET", "/pets"]).run();
        run.assert(&fine().stdout_has(["/dev/"]));
        let run = world.choreo_env(["curl", "prod", "GET", "/pets"]).run();
        run.assert(&fine().stdout_has(["/prod/"]));
        assert_eq!(running.site().token_requests(), 2);
    }
}

#[test]
fn the_name_of_a_variable_is_never_code() {
    for name in ["A$(id)", "A B", "1", "my.secret", "\"; id; \""] {
        let secret = format!("{{ env = {} }}", quoted(name));
        let world = World::with(profile_with("dev", "http://127.0.0.1:9/token", &secret, ""));
        for kind in ["--credentials=env", "--credentials=helper"] {
            let lines = "client_auth=client_secret_post";
            let run = world.choreo_env(["curl", "dev", kind, "--set", lines]).run();
            run.assert(&ends(3).stderr_has(["error: ", "is no name for a variable", "\nhint: "]));
        }
    }
    let world = World::with(profile_with("dev", "http://127.0.0.1:9/token", "{ env = \"A\\u001b[31mB\" }", ""));
    world.choreo_env(["show", "dev"]).run().assert(&fine().stdout_has(["{ env = \"A[31mB\" }"]));
}

#[test]
fn a_call_without_an_api_url_says_what_is_missing() {
    let server = OddServer::always(Answer::token("t", 900));
    let world = World::with(profile("dev", &server.url("/token"), ""));
    let run = world.choreo_env(["curl", "dev", "GET", "/pets"]).run();
    run.assert(&ends(3).stderr_has(["error: profile `dev`", "`api_url`", "\nhint: "]));
}

#[test]
fn insecure_is_in_the_command_only_where_the_profile_says_so() {
    let server = OddServer::always(Answer::token("t", 900));
    let world = World::with(profile("dev", &server.url("/token"), "insecure = true"));
    let run = world.choreo_env(["curl", "dev"]).run();
    run.assert(&fine().stdout_has(["curl", "--insecure"]));
}
