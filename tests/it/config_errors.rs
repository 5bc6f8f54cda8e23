//! Mistakes in the configuration: all at once, each with its place, none with a secret; and the choice of a profile.

use crate::support::command::{ends, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{KEY, SECRET, profile, profile_with};
use crate::support::world::{World, set_mode};

const FILE: &str = "[ROOT]/config/choreo-env/config.toml";

#[test]
fn a_syntax_error_on_a_secrets_line_shows_its_place_and_not_the_line() {
    let world = World::with("[profiles.dev]\nconsumer_key = \"k\"\nconsumer_secret = \"c4nary\nscopes = []\n");
    let run = world.choreo_env(["token", "dev"]).run();
    let run = run.assert(&ends(3).stderr_has([&format!("error: {FILE}:3:")]));
    assert!(!run.stderr.contains("c4nary"), "{run}");
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once_each_with_its_place() {
    let text = "default_profle = \"dev\"\n\
                [profiles.dev]\n\
                token_url = \"ftp://example/token\"\n\
                consumer_key = 17\n\
                client_auth = \"client_secret_basci\"\n\
                scops = [\"a\"]\n\
                timeout = \"soon\"\n\
                vars = { \"NOT A NAME\" = \"x\" }\n\
                [profiles.other]\n\
                vars = { AUTH = \"{tokn}\" }\n\
                consumer_secret = { env = \"A\", file = \"b\" }\n";
    let run = World::with(text).choreo_env(["token", "dev"]).run();
    let run = run.assert(&ends(3).stderr_has(["error: "]));
    for (line, word) in [
        (1, "default_profle"),
        (3, "token_url"),
        (4, "consumer_key"),
        (5, "client_auth"),
        (6, "scops"),
        (7, "timeout"),
        (8, "NOT A NAME"),
        (10, "AUTH"),
        (11, "consumer_secret"),
    ] {
        let told = run.stderr.lines().any(|text| text.contains(&format!("config.toml:{line}:")) && text.contains(word));
        assert!(told, "line {line}: {word}\n{run}");
    }
    for guess in ["`default_profile`", "`client_secret_basic`", "`scopes`"] {
        assert!(run.stderr.contains(guess), "did you mean {guess}\n{run}");
    }
}

#[test]
fn a_misspelt_profile_is_guessed() {
    let server = OddServer::always(Answer::token("t", 900));
    let url = server.url("/token");
    let world = World::with(profile("staging", &url, "") + &profile("prod", &url, ""));
    let run = world.choreo_env(["token", "stagign"]).run();
    run.assert(&ends(3).stderr_has(["error: ", "`stagign`", "\nhint: ", "`staging`"]));
    let run = world.choreo_env(["token"]).run();
    run.assert(&ends(3).stderr_has(["error: ", "`prod`", "`staging`"]));
}

#[test]
fn explicit_beats_ambient_when_a_profile_is_chosen() {
    let server = OddServer::start(|request, _| {
        let scope = request.form().into_iter().find(|(name, _)| name == "scope").unwrap();
        Answer::token(&scope.1, 900)
    });
    let profiles: String = ["argument", "flag", "variable", "default"]
        .map(|name| profile(name, &server.url("/token"), &format!("scopes = [\"{name}\"]")))
        .concat();
    let world = World::with(format!("default_profile = \"default\"\n{profiles}"));
    let token =
        |arguments: &[&str], variable: &str| world.choreo_env(arguments).env("CHOREO_ENV_PROFILE", variable).run();
    token(&["token", "argument"], "variable").assert(&fine().stdout("argument\n"));
    token(&["token", "--profile", "flag"], "variable").assert(&fine().stdout("flag\n"));
    token(&["token"], "variable").assert(&fine().stdout("variable\n"));
    token(&["token"], "").assert(&fine().stdout("default\n"));
}

#[test]
fn a_profile_in_the_environment_that_is_no_name_is_not_passed_over() {
    use std::os::unix::ffi::OsStrExt;
    let server = OddServer::always(Answer::token("t", 900));
    let world = World::with("default_profile = \"dev\"\n".to_owned() + &profile("dev", &server.url("/token"), ""));
    let name = std::ffi::OsStr::from_bytes(b"prod\xff");
    let run = world.choreo_env(["token"]).env("CHOREO_ENV_PROFILE", name).run();
    run.assert(&ends(3).stderr_has(["error: `prod\u{fffd}` (from CHOREO_ENV_PROFILE)", "no profile name"]));
    assert_eq!(server.count(), 0);
}

#[test]
fn extends_is_for_files_and_is_not_passed_over_elsewhere() {
    let world = World::with(profile("dev", "http://127.0.0.1:9/token", ""));
    let run = world.choreo_env(["show", "dev", "--set", "extends=dev"]).run();
    run.assert(&ends(3).stderr_has(["error: `extends` is for", "(--set extends)"]));
    let run = world.choreo_env(["show", "dev"]).env("CHOREO_ENV_EXTENDS", "dev").run();
    run.assert(&ends(3).stderr_has(["error: `extends` is for", "CHOREO_ENV_EXTENDS"]));
}

#[test]
fn an_address_with_a_part_that_is_never_sent_is_refused() {
    let world = World::with(profile("dev", "http://127.0.0.1:9/token", "api_url = \"https://api.example/v1#x\""));
    world
        .choreo_env(["show", "dev"])
        .run()
        .assert(&ends(3).stderr_has(["error: profile `dev`: `api_url`", "fragment"]));
    for target in ["/pets#1", "/pe\nts"] {
        let words = ["curl", "dev", "GET", target, "--credentials=placeholder", "--set=api_url=https://api.example"];
        let world = World::with(profile("dev", "http://127.0.0.1:9/token", ""));
        world.choreo_env(words).run().assert(&ends(3).stderr_has(["error: the address of the call must not "]));
    }
}

#[test]
fn the_only_profile_needs_no_name() {
    let server = OddServer::always(Answer::token("t", 900));
    let world = World::with(profile("lonely", &server.url("/token"), ""));
    world.choreo_env(["token"]).run().assert(&fine().stdout("t\n"));
}

#[test]
fn a_bare_secret_needs_a_file_of_its_owner_alone() {
    let server = OddServer::always(Answer::token("t", 900));
    let world = World::with(profile("dev", &server.url("/token"), ""));
    for mode in [0o644, 0o640, 0o604] {
        set_mode(&world.config(), mode);
        let run = world.choreo_env(["token", "dev"]).run();
        let wanted = ends(3).stderr_has(["error: ", "config.toml:4:", "\nhint: ", "chmod 600"]);
        let run = run.assert(&wanted);
        assert!(!run.stderr.contains(SECRET), "{run}");
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn a_variable_that_would_steer_the_tool_is_not_exported() {
    let world = World::with(profile("dev", "http://127.0.0.1:9/token", "vars = { CHOREO_ENV_TOKEN_URL = \"x\" }"));
    let run = world.choreo_env(["show", "dev"]).run();
    run.assert(&ends(3).stderr_has(["error: profile `dev`: `vars` has `CHOREO_ENV_TOKEN_URL`, which steers the tool"]));
}

#[test]
fn a_configuration_that_cannot_be_read_says_what_it_has_to_be() {
    let world = World::new();
    world.write("work/latin-1.toml", b"# caf\xe9\n");
    let show = |path: &str| world.choreo_env(["show", "dev"]).env("CHOREO_ENV_CONFIG", path).run();
    show("none.toml").assert(&ends(3).stderr_has([
        "error: cannot read",
        "none.toml",
        "\nhint: run `unset CHOREO_ENV_CONFIG`",
    ]));
    for path in ["latin-1.toml", "/dev/zero", "."] {
        show(path).assert(&ends(3).stderr_has(["error: cannot read", path, "\nhint: it has to be a text file"]));
    }
}

#[test]
fn a_number_counts_in_the_base_that_it_is_written_in() {
    for (written, meant) in [("0x10", "16"), ("0b11", "3"), ("0o17", "15"), ("1_000", "1000"), ("90", "90")] {
        let world = World::with(profile("dev", "http://127.0.0.1:9/token", &format!("timeout = {written}")));
        let run = world.choreo_env(["show", "dev"]).run();
        run.assert(&fine().stdout_has([&format!("\ntimeout         = \"{meant}\" ")]));
    }
}

#[test]
fn a_header_is_not_sent_twice() {
    let base = profile("base", "http://127.0.0.1:9/token", "headers = { X-Tenant = \"a\" }");
    let world = World::with(base + "[profiles.dev]\nextends = \"base\"\nheaders = { x-tenant = \"b\" }\n");
    let run = world.choreo_env(["curl", "dev", "GET", "https://api.example/", "--credentials=placeholder"]).run();
    run.assert(&ends(3).stderr_has([
        "error: profile `dev`: ",
        "`X-Tenant` and `x-tenant` are the same header",
        "config.toml:",
    ]));
}

#[test]
fn a_hint_with_a_path_can_be_pasted() {
    let world = World::new();
    let path = world.write("work/my config's.toml", profile("dev", "http://127.0.0.1:9/token", ""));
    set_mode(&path, 0o644);
    let run = world.choreo_env(["token", "dev"]).env("CHOREO_ENV_CONFIG", &path).run();
    run.assert(&ends(3).stderr_has(["\nhint: ", "chmod 600 '[ROOT]/work/my config'\\''s.toml'"]));
}

#[test]
fn a_file_without_secrets_may_be_open() {
    let server = OddServer::always(Answer::token("t", 900));
    let world = World::with(profile_with("dev", &server.url("/token"), "{ env = \"MY_SECRET\" }", ""));
    set_mode(&world.config(), 0o644);
    world.choreo_env(["token", "dev"]).env("MY_SECRET", "x").run().assert(&fine().stdout("t\n"));
}

#[test]
fn variables_stay_text_and_beat_the_file() {
    let server = OddServer::always(Answer::token("t", 900));
    let world = World::with(profile("dev", &server.url("/token"), "client_auth = \"client_secret_post\""));
    for text in ["0123", "true", "1e3", "[a]", "{}", "\"quoted\""] {
        let run = world.choreo_env(["token", "dev"]).env("CHOREO_ENV_CONSUMER_KEY", text).run();
        run.assert(&fine().stdout("t\n"));
        let form = server.requests().pop().unwrap().form();
        assert!(form.contains(&("client_id".to_owned(), text.to_owned())), "{form:?}");
    }
    let run = world.choreo_env(["token", "dev", "--set", "consumer_key=007"]).env("CHOREO_ENV_CONSUMER_KEY", "x").run();
    run.assert(&fine().stdout("t\n"));
    let form = server.requests().pop().unwrap().form();
    assert!(form.contains(&("client_id".to_owned(), "007".to_owned())), "a flag beats a variable: {form:?}");
}

#[test]
fn a_mistake_on_the_command_line_or_in_a_variable_names_its_origin() {
    let server = OddServer::always(Answer::token("t", 900));
    let world = World::with(profile("dev", &server.url("/token"), ""));
    let run = world.choreo_env(["token", "dev"]).env("CHOREO_ENV_TIMEOUT", "soon").run();
    run.assert(&ends(3).stderr_has(["error: ", "CHOREO_ENV_TIMEOUT"]));
    let run = world.choreo_env(["token", "dev", "--set", "timeot=3s"]).run();
    assert!(matches!(run.status, Some(2 | 3)) && run.stderr.contains("`timeout`"), "{run}");
}

#[test]
fn a_profile_inherits_and_overrides() {
    let server = OddServer::always(Answer::token("t", 900));
    let base = profile("base", &server.url("/token"), "scopes = [\"a\"]\nparams = { x = \"1\" }");
    let world = World::with(base + "[profiles.child]\nextends = \"base\"\nscopes = [\"b\"]\n");
    world.choreo_env(["token", "child"]).run().assert(&fine().stdout("t\n"));
    let form = server.requests().pop().unwrap().form();
    let has = |name: &str, value: &str| form.contains(&(name.to_owned(), value.to_owned()));
    assert!(has("scope", "b") && has("x", "1") && has("grant_type", "client_credentials"), "{form:?}");
}

#[test]
fn http_is_for_loopback_alone() {
    let world = World::with(profile("dev", "http://sts.example/token", ""));
    let run = world.choreo_env(["token", "dev"]).run();
    run.assert(&ends(3).stderr_has(["error: profile `dev`", "`token_url`", "https", "config.toml:2"]));
}

#[test]
fn show_says_where_each_value_came_from() {
    let server = OddServer::always(Answer::token("t", 900));
    let world = World::with(profile("dev", &server.url("/token"), ""));
    let run = world.choreo_env(["show", "dev", "--set", "audience=x"]).env("CHOREO_ENV_TIMEOUT", "3s").run();
    let run = run.assert(&fine().stdout_has(["token_url"]));
    for word in [KEY, "config.toml:3", "--set", "CHOREO_ENV_TIMEOUT", "built-in"] {
        assert!(run.stdout.contains(word), "{word}\n{run}");
    }
    assert!(!run.stdout.contains(SECRET), "{run}");
    assert_eq!(server.count(), 0);
}
