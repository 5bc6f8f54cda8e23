//! Slips of people who type: what they read then, and what to do about it.

use serde_json::Value;

use crate::support::command::{Wanted, ends, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{KEY, SECRET, profile, profile_with};
use crate::support::world::{World, set_mode};

/// A profile `dev` that nobody asks anything.
fn world(lines: &str) -> World {
    World::with(profile("dev", "http://127.0.0.1:9/token", lines))
}

/// A wrong command line that no shell evaluates, with all that is said about it.
fn wrong(message: &str, hint: &str) -> Wanted {
    ends(2).stderr(told(message, hint))
}

fn told(message: &str, hint: &str) -> String {
    let hint = if hint.is_empty() { String::new() } else { format!("hint: {hint}\n") };
    format!("error: {message}\n{hint}")
}

#[test]
fn a_misspelt_command_is_blamed_itself_and_guessed_and_eval_still_fails() {
    let guesses: [(&[&str], &str, &str); 7] = [
        (&["crul", "prod", "GET"], "crul", "did you mean `choreo-env curl prod GET`?"),
        (&["qqq", "zz z"], "qqq", "a profile stands alone (`choreo-env qqq`); `choreo-env --help` lists the commands"),
        (&["toke", "dev"], "toke", "did you mean `choreo-env token dev`?"),
        (&["crul", "dev", "GET", "/pets"], "crul", "did you mean `choreo-env curl dev GET /pets`?"),
        (&["exce", "dev", "--", "true"], "exce", "did you mean `choreo-env exec dev -- true`?"),
        (&["toke", "dev", "--set", "audience=a"], "toke", "did you mean `choreo-env token …`?"),
        (&["qqq", "dev"], "qqq", "a profile stands alone (`choreo-env qqq`); `choreo-env --help` lists the commands"),
    ];
    for (arguments, word, hint) in guesses {
        let run = world("").choreo_env(arguments).env("CHOREO_ENV_SHELL", "sh").run();
        let wanted = wrong(&format!("no command is called `{word}`"), hint);
        run.assert(&wanted.stdout_has(["unset ", "CHOREO_ACCESS_TOKEN", ";\nfalse;\n"]));
    }
}

#[test]
fn help_is_a_word_too() {
    for words in [&["help", "curl"][..], &["help"], &["help", "trust"]] {
        let world = World::new();
        let option = world.choreo_env(words.iter().skip(1).chain(&["--help"])).run();
        world.choreo_env(words).run().assert(&fine().stdout(option.stdout));
    }
    let run = World::new().choreo_env(["help", "tokn"]).run();
    run.assert(&wrong("no command is called `tokn`", "did you mean `choreo-env help token`?"));
}

#[test]
fn a_wrong_command_line_is_told_in_our_own_words() {
    let usage = "usage: `choreo-env token [OPTIONS] [PROFILE]`";
    let order = "the method stands before the path: `choreo-env curl dev POST /pets`";
    let cases: [(&[&str], &str, &str); 16] = [
        (&["token", "--jsno"], "`choreo-env token` has no option `--jsno`", "did you mean `--json`?"),
        (&["token", "--nope"], "`choreo-env token` has no option `--nope`", usage),
        (&["token", "--secret=hunter2"], "`choreo-env token` has no option `--secret`", usage),
        (&["token", "a", "b"], "`b` is one word too many", usage),
        (&["curl", "dev", "/pets", "-X", "POST"], "`choreo-env curl` has no option `-X`", order),
        (&["curl", "dev", "/pets", "--request=PUT"], "`choreo-env curl` has no option `--request`", order),
        (
            &["curl", "a", "b", "c", "d"],
            "`d` is one word too many",
            "usage: `choreo-env curl [OPTIONS] [PROFILE] [METHOD] [PATH|URL] [-- CURL-ARG...]`",
        ),
        (
            &["exec", "dev", "npm", "test"],
            "`npm` is one word too many",
            "put `--` before the command, such as `choreo-env exec dev -- npm test`",
        ),
        (
            &["exec", "dev"],
            "`choreo-env exec` needs `<COMMAND>...`",
            "usage: `choreo-env exec <PROFILE> -- <COMMAND>...`",
        ),
        (
            &["token", "--min-ttl", "soon"],
            "`soon` is no value of `--min-ttl`: must be seconds or a time such as `90s` or `5m`, a year at most",
            "",
        ),
        (&["token", "--header", "--json"], "`--header` and `--json` exclude each other", ""),
        (&["token", "--profile=a", "--profile=b"], "`--profile` can be given only once", ""),
        (&["token", "--set"], "`--set` needs a value", "usage: `--set <KEY=VALUE>`"),
        (&["token", "--header=3"], "`--header` takes no value", ""),
        (
            &["curl", "--credentials", "xyz"],
            "`xyz` is no value of `--credentials`",
            "known are `inline`, `env`, `helper`, `placeholder`",
        ),
        (&["curl", "--credentials", "inlin"], "`inlin` is no value of `--credentials`", "did you mean `inline`?"),
    ];
    for (arguments, message, hint) in cases {
        world("").choreo_env(arguments).run().assert(&wrong(message, hint));
    }
}

#[test]
fn cargo_choreo_env_is_called_by_that_name_everywhere() {
    let world = world("");
    let cargo = |words: &[&str]| {
        world.command(assert_cmd::cargo::cargo_bin!("cargo-choreo-env")).args(["choreo-env"]).args(words).run()
    };
    let usage = "Usage: cargo choreo-env [OPTIONS]";
    let run = cargo(&["--help"]).assert(&fine().stdout_has([usage, "  cargo choreo-env curl dev GET /pets "]));
    assert!(!run.stdout.contains("(choreo-env") && !run.stdout.contains("cargo-choreo-env"), "{run}");
    let usage = "Usage: cargo choreo-env curl [OPTIONS] [PROFILE] [METHOD] [PATH|URL] [-- CURL-ARG...]\n";
    cargo(&["curl", "--help"]).assert(&fine().stdout_has([usage]));
    cargo(&["token", "--nope"]).assert(&wrong(
        "`cargo choreo-env token` has no option `--nope`",
        "usage: `cargo choreo-env token [OPTIONS] [PROFILE]`",
    ));
    let run =
        cargo(&["token", "tokn"]).assert(&ends(2).stderr_has(["did you mean the command `cargo choreo-env token`?"]));
    assert_eq!(run.stdout, "");
}

#[test]
fn commands_that_have_no_profile_do_not_take_one() {
    let of_the_sandbox: &[&str] = if cfg!(feature = "sandbox") { &["demo", "sandbox"] } else { &[] };
    for command in ["list", "trust"].iter().chain(of_the_sandbox) {
        for flag in ["--profile=dev", "--set=audience=x"] {
            let name = flag.split('=').next().unwrap();
            let run = world("").choreo_env([*command, flag]).run();
            run.assert(&wrong(&format!("`choreo-env {command}` does not take `{name}`"), ""));
        }
    }
    for command in ["env", "token", "exec", "show"] {
        World::new().choreo_env([command, "--help"]).run().assert(&fine().stdout_has(["Examples:\n", command]));
    }
}

#[test]
fn a_slip_of_one_letter_in_a_short_name_is_guessed() {
    let world = World::with(["dev", "prod"].map(|name| profile(name, "http://127.0.0.1:9/token", "")).concat());
    for word in ["dve", "dvv", "edv", "dv"] {
        let message = format!("no profile is called `{word}` (from the command line)");
        world.choreo_env(["token", word]).run().assert(&ends(3).stderr(told(&message, "did you mean `dev`?")));
    }
    let run = world.choreo_env(["token", "zzzz"]).run();
    run.assert(&ends(3).stderr_has(["hint: the profiles are `dev`, `prod`\n"]));
}

#[test]
fn a_path_without_a_slash_is_no_path_with_or_without_a_method() {
    for words in [&["curl", "dev", "GET", "pets"][..], &["curl", "dev", "pets"]] {
        let run = world("api_url = \"https://api.example/v1\"").choreo_env(words).run();
        run.assert(&wrong(
            "`pets` is neither a method nor a path; a path begins with `/`",
            "such as `choreo-env curl dev GET /pets`",
        ));
    }
}

#[test]
fn a_token_for_another_host_is_told_and_goes_alone() {
    let lines = "api_url = \"https://api.example/v1\"\napi_key = { env = \"NO_SUCH\" }\nheaders = { X-Mine = \"1\" }";
    let server = OddServer::always(Answer::token("t0ken", 900));
    let world = World::with(profile("dev", &server.url("/token"), lines));
    for (target, place) in [
        ("https://other.example/x", "`other.example`, which is not the host of `api_url`"),
        ("https://api.example:8443/x", "`api.example:8443`, which is not the host of `api_url`"),
        ("http://api.example/x", "`http://api.example`, which is not where `api_url` leads"),
    ] {
        let run = world.choreo_env(["curl", "dev", "GET", target]).run();
        let run = run.assert(&fine().stdout_has([target, "t0ken"]).stderr(format!(
            "warning: profile `dev`: its token goes to {place}; `api_key` and `headers` are left out\n"
        )));
        assert!(!run.stdout.contains("X-Mine") && !run.stdout.contains("Choreo-API-Key"), "{run}");
    }
    let run = world.choreo_env(["curl", "dev", "https://api.example:443/x"]).env("NO_SUCH", "key").run();
    run.assert(&fine().stdout_has(["https://api.example/x", "Choreo-API-Key", "X-Mine"]));
}

#[test]
fn a_configuration_that_a_variable_names_and_that_is_gone_names_the_variable() {
    let world = World::new();
    let run = world.choreo_env(["list"]).env("CHOREO_ENV_CONFIG", world.path("no.toml")).run();
    run.assert(&ends(3).stderr_has([
        "error: cannot read the configuration `[ROOT]/no.toml` (from CHOREO_ENV_CONFIG): ",
        "\nhint: run `unset CHOREO_ENV_CONFIG` to have your own configuration again\n",
    ]));
    let gone = world.path("choreo-env-sandbox-x/config.toml");
    world.choreo_env(["list"]).env("CHOREO_ENV_CONFIG", gone).run().assert(&ends(3).stderr_has([
        "error: cannot read the configuration `",
        "\nhint: the sandbox that made it has ended; run `unset CHOREO_ENV_CONFIG`, or start `choreo-env sandbox` again\n",
    ]));
}

#[test]
fn an_address_without_its_scheme_is_told_how_to_begin() {
    let world = World::with(profile("dev", "sts.choreo.dev/oauth2/token", ""));
    let run = world.choreo_env(["token"]).run();
    run.assert(&ends(3).stderr_has(["error: profile `dev`: `token_url` is no URL: begin it with `https://` ("]));
}

#[test]
fn a_profile_of_the_environment_is_listed() {
    let world = World::new();
    let list = |words: &[&str]| world.choreo_env(words).env("CHOREO_ENV_CONSUMER_KEY", KEY);
    let row = "  default  https://sts.choreo.dev/oauth2/token  none  no token is cached  (from the environment)\n";
    list(&["list"]).run().assert(&fine().stdout(row));
    let run = list(&["list", "--json"]).env("CHOREO_ENV_PROFILE", "ci").run();
    let said: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run}"));
    assert_eq!((&said[0]["name"], &said[0]["defined_in"][0]), (&"ci".into(), &"the environment".into()), "{run}");
    for command in ["list", "token"] {
        let run = world.choreo_env([command]).env("CHOREO_ENV_CONSUMER_SECRET", SECRET).run();
        let hint = "hint: CHOREO_ENV_CONSUMER_SECRET is set: set CHOREO_ENV_CONSUMER_KEY, too, or `choreo-env import --profile dev` takes";
        run.assert(&ends(3).stderr_has(["error: no profile is configured\n", hint]));
    }
}

#[test]
fn all_mistakes_of_a_table_and_of_a_list_are_told_and_misspelt_names_are_guessed() {
    let text = "[profiles.dev]\n\
                consumer_secret = { comand = [\"x\"] }\n\
                vars = { \"NOT A NAME\" = \"x\", AUTH = \"{tokn}\", GOOD = \"{token}\" }\n\
                headers = { \"a b\" = \"x\", Authorization = \"y\" }\n\
                params = { scope = \"x\", audience = \"y\" }\n\
                scopes = [\"g\u{fc}t\", \"fine\", 17, \"\"]\n";
    let run = World::with(text).choreo_env(["token", "dev"]).run().assert(&ends(3).stderr_has(["error: "]));
    for (line, count) in [(2, 1), (3, 2), (4, 2), (5, 2), (6, 3)] {
        let told = run.stderr.lines().filter(|text| text.contains(&format!("config.toml:{line}:"))).count();
        assert_eq!(told, count, "line {line}\n{run}");
    }
    for text in [
        "`consumer_secret` has an unknown source `comand`",
        "\nhint: did you mean `command`?\n",
        "`vars` at `AUTH` has an unknown field `{tokn}`; did you mean `{token}`?",
    ] {
        assert!(run.stderr.contains(text), "{text}\n{run}");
    }
}

#[test]
fn a_set_without_a_value_is_not_repeated() {
    let run = world("").choreo_env(["token", "--set", "hunter2"]).run();
    let run = run.assert(&ends(3).stderr_has(["error: must look like `key=value` (--set)\n"]));
    assert!(!run.stderr.contains("hunter2"), "{run}");
}

#[test]
fn what_is_missing_names_the_profiles_place() {
    let world = World::with("\n[profiles.dev]\n");
    let run = world.choreo_env(["token", "dev"]).run();
    run.assert(
        &ends(3)
            .stderr_has(["error: profile `dev`: `consumer_key` is not set ([ROOT]/config/choreo-env/config.toml:2)\n"]),
    );
}

#[test]
fn a_file_that_others_may_read_is_told_what_to_run() {
    let world = World::new();
    let path = world.write("secret", "s3cret\n");
    set_mode(&path, 0o644);
    let file = format!("{{ file = \"{}\" }}", path.display());
    world.write_config(&profile_with("dev", "http://127.0.0.1:9/token", &file, ""));
    world.choreo_env(["token", "dev"]).run().assert(&ends(5).stderr_has(["\nhint: run `chmod 600 [ROOT]/secret`\n"]));
}
