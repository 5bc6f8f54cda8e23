//! `connection = "PETSTORE"`: values from the variables that Choreo injects, and exports under the same names.

use serde_json::Value;

use crate::support::command::{Command, Run, ends, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::world::World;

const CONNECTION: &str = "[profiles.petstore]\nconnection = \"PETSTORE\"\n";

fn server() -> OddServer {
    OddServer::always(Answer::token("t0ken", 900))
}

/// The variables of the connection, with that token endpoint.
fn injected(command: Command, token_url: &str) -> Command {
    command
        .env("CHOREO_PETSTORE_TOKENURL", token_url)
        .env("CHOREO_PETSTORE_CONSUMERKEY", "key")
        .env("CHOREO_PETSTORE_CONSUMERSECRET", "s3cret")
        .env("CHOREO_PETSTORE_SERVICEURL", "https://pets.example/v1")
        .env("CHOREO_PETSTORE_CHOREOAPIKEY", "ap1key")
}

#[test]
fn a_profile_takes_everything_from_its_connection() {
    let (server, world) = (server(), World::with(CONNECTION));
    let script = "eval \"$(choreo-env petstore)\" && echo $CHOREO_ACCESS_TOKEN $CHOREO_API_URL $CHOREO_API_KEY";
    let run = injected(world.command("/bin/sh").args(["-c", script]), &server.url("/token")).run();
    run.assert(&fine().stdout("t0ken https://pets.example/v1 ap1key\n"));
    let sent = &server.requests()[0];
    assert_eq!(sent.header("authorization"), Some("Basic a2V5OnMzY3JldA=="));
}

#[test]
fn the_environment_alone_can_name_the_connection() {
    let (server, world) = (server(), World::new());
    let command = world.choreo_env(["token"]).env("CHOREO_ENV_CONNECTION", "PETSTORE");
    injected(command, &server.url("/token")).run().assert(&fine().stdout("t0ken\n"));
}

#[test]
fn show_names_the_variables_and_no_secret() {
    let world = World::with(format!("{CONNECTION}api_url = \"https://own.example\"\n"));
    let run = injected(world.choreo_env(["show", "petstore", "--json"]), "https://sts.example/token").run();
    let said: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run}"));
    let of = |key: &str| (said["values"][key]["value"].clone(), said["values"][key]["origin"].to_string());
    assert_eq!(of("token_url").0, "https://sts.example/token", "{run}");
    assert_eq!(of("token_url").1, "\"environment variable CHOREO_PETSTORE_TOKENURL\"", "{run}");
    assert_eq!(of("consumer_secret").0, "{ env = \"CHOREO_PETSTORE_CONSUMERSECRET\" }", "{run}");
    assert_eq!(of("api_url").0, "https://own.example", "the profile's own key wins\n{run}");
    assert!(of("api_url").1.contains("config.toml:3"), "{run}");
    assert!(!run.stdout.contains("s3cret") && !run.stdout.contains("ap1key"), "{run}");
}

#[test]
fn a_missing_variable_is_named() {
    let world = World::with(CONNECTION);
    let run = world.choreo_env(["token", "petstore"]).run();
    run.assert(&ends(3).stderr_has([
        "error: profile `petstore`: `token_url` is not set: there is no environment variable `CHOREO_PETSTORE_TOKENURL` (",
        "config.toml:2)\nhint: set `CHOREO_PETSTORE_TOKENURL` in the environment, or add `token_url",
    ]));
    let command = world.choreo_env(["token", "petstore"]).env("CHOREO_PETSTORE_TOKENURL", "http://127.0.0.1:1/token");
    let run = command.env("CHOREO_PETSTORE_CONSUMERKEY", "key").run();
    run.assert(&ends(5).stderr_has(["the environment variable `CHOREO_PETSTORE_CONSUMERSECRET` is not set"]));
}

#[test]
fn a_bad_value_of_a_variable_is_named_and_not_shown() {
    let world = World::with(CONNECTION);
    let run = injected(world.choreo_env(["token", "petstore"]), "http://canary.example/token").run();
    run.assert(&ends(3).stderr_has(["`token_url` must use https", "(environment variable CHOREO_PETSTORE_TOKENURL)"]));
    let run = injected(world.choreo_env(["token", "petstore"]), "https://sts.example/token")
        .env("CHOREO_PETSTORE_SERVICEURL", "canary")
        .run();
    let run = run.assert(&ends(3).stderr_has(["`api_url` is no URL", "CHOREO_PETSTORE_SERVICEURL)"]));
    assert!(!run.stderr.contains("canary"), "{run}");
}

#[test]
fn nothing_of_another_application_fills_the_gaps_of_a_connection() {
    let base = "[profiles.base]\ntoken_url = \"https://sts.example/token\"\nconsumer_key = \"base\"\n\
                consumer_secret = \"base\"\nconsumer_secret_next = { env = \"BASE_NEXT\" }\napi_url = \"https://base.example\"\n";
    let world = World::with(format!("{base}{CONNECTION}extends = \"base\"\nscopes = [\"read\"]\n"));
    let run =
        world.choreo_env(["token", "petstore"]).env("CHOREO_PETSTORE_TOKENURL", "https://sts.example/token").run();
    run.assert(&ends(3).stderr_has(["`consumer_key` is not set", "`CHOREO_PETSTORE_CONSUMERKEY`"]));
    let run = world.choreo_env(["show", "petstore"]).run();
    assert!(
        !run.stdout.contains("base.example") && !run.stdout.contains("BASE_NEXT") && run.stdout.contains("scopes"),
        "{run}"
    );
}

#[test]
fn a_child_of_a_connection_may_have_keys_of_its_own() {
    let server = server();
    let child = "[profiles.child]\nextends = \"petstore\"\nconsumer_key = \"child\"\n";
    let world = World::with(format!("{CONNECTION}{child}"));
    injected(world.choreo_env(["token", "child"]), &server.url("/token")).run().assert(&fine().stdout("t0ken\n"));
    let sent = &server.requests()[0];
    assert_eq!(sent.header("authorization"), Some("Basic Y2hpbGQ6czNjcmV0"), "child:s3cret");
}

#[test]
fn programs_written_for_choreo_find_the_names_that_they_know() {
    let server = server();
    let lines = format!(
        "{CONNECTION}token_url = \"{}\"\nconsumer_key = \"key\"\nconsumer_secret = \"s3cret\"\n\
         api_url = \"http://127.0.0.1:9/pets\"\napi_key = {{ env = \"K\" }}\n",
        server.url("/token")
    );
    let world = World::with(lines);
    let names = ["TOKENURL", "CONSUMERKEY", "SERVICEURL", "CHOREOAPIKEY"].map(|end| format!("CHOREO_PETSTORE_{end}"));
    let run = world.choreo_env(["exec", "petstore", "--", "printenv"]).args(&names).env("K", "ap1key").run();
    run.assert(
        &fine().stdout(format!("{}\nkey\nhttp://127.0.0.1:[PORT]/pets\nap1key\n", "http://127.0.0.1:[PORT]/token")),
    );
    let names = names.iter().map(String::as_str).chain(["CHOREO_PETSTORE_CONSUMERSECRET"]);
    let run = world.choreo_env(["exec", "petstore", "--", "printenv"]).args(names).env("K", "ap1key").run();
    assert!(run.status == Some(0) && run.stdout.ends_with("\nap1key\ns3cret\n"), "{run}");
}

/// What a POSIX shell makes of a script in a world, with the connection's variables.
fn evaluated(world: &World, token_url: &str, script: &str) -> Run {
    injected(world.command("/bin/sh").args(["-c", script]), token_url).run()
}

#[test]
fn the_secret_that_choreo_injected_is_there_for_programs_and_stays() {
    let server = server();
    let world = World::with(CONNECTION);
    let run = injected(world.choreo_env(["exec", "petstore", "--", "printenv"]), &server.url("/token"))
        .args(["CHOREO_PETSTORE_CONSUMERSECRET"])
        .run();
    run.assert(&fine().stdout("s3cret\n"));
    let script = "eval \"$(choreo-env petstore)\"; sh -c 'echo $CHOREO_PETSTORE_CONSUMERSECRET'; choreo-env petstore --format json";
    let run = evaluated(&world, &server.url("/token"), script);
    assert!(
        run.stdout.starts_with("s3cret\n") && !run.stdout[7..].contains("s3cret"),
        "it is not exported again\n{run}"
    );
}

#[test]
fn a_secret_from_elsewhere_is_exported_under_choreo_s_name_and_leaves_again() {
    let server = server();
    let own = format!(
        "[profiles.own]\ntoken_url = \"{0}\"\nconsumer_key = \"k\"\nconsumer_secret = \"s\"\n",
        server.url("/token")
    );
    let secret = "consumer_secret = { command = [\"printf\", \"els3where\"] }\n";
    let world = World::with(format!("{CONNECTION}{secret}{own}"));
    let script = "eval \"$(choreo-env petstore)\"; echo $CHOREO_PETSTORE_CONSUMERSECRET $CHOREO_ENV_EXPORTED; \
                  eval \"$(choreo-env petstore)\"; echo $CHOREO_PETSTORE_CONSUMERSECRET $CHOREO_ENV_EXPORTED; \
                  eval \"$(choreo-env own)\"; echo ${CHOREO_PETSTORE_CONSUMERSECRET-none} ${CHOREO_ENV_EXPORTED-none}";
    let run = evaluated(&world, &server.url("/token"), script);
    let exported = "els3where CHOREO_PETSTORE_CONSUMERSECRET\n";
    run.assert(&fine().stdout(format!("{exported}{exported}none none\n")));
}

#[test]
fn a_log_that_shows_what_is_exported_masks_the_secret() {
    let server = server();
    let world = World::with(format!("{CONNECTION}consumer_secret = {{ command = [\"printf\", \"els3where\"] }}\n"));
    let command = world.choreo_env(["env", "petstore", "--format", "azure"]);
    let run = injected(command, &server.url("/token")).run();
    let wanted = "##vso[task.setvariable variable=CHOREO_PETSTORE_CONSUMERSECRET;issecret=true]els3where";
    assert!(run.status == Some(0) && run.stdout.contains(wanted), "{run}");
}

#[test]
fn a_secret_that_is_typed_is_not_asked_for_to_be_exported() {
    let server = server();
    let world = World::with(format!("{CONNECTION}consumer_secret = {{ prompt = true }}\n"));
    let token = world.choreo_env(["token", "petstore", "--set", "consumer_secret.env=TYPED"]).env("TYPED", "typed");
    injected(token, &server.url("/token")).run().assert(&fine().stdout("t0ken\n"));
    let command = world.choreo_env(["exec", "petstore", "--", "printenv", "CHOREO_ACCESS_TOKEN"]);
    injected(command, &server.url("/token")).run().assert(&fine().stdout("t0ken\n"));
}

#[test]
fn a_switch_of_profiles_removes_what_was_exported_and_nothing_that_choreo_injected() {
    let server = server();
    let own = format!(
        "[profiles.own]\ntoken_url = \"{0}\"\nconsumer_key = \"k\"\nconsumer_secret = \"s\"\n",
        server.url("/token")
    );
    let world = World::with(format!("{CONNECTION}api_url = \"https://own.example\"\n{own}"));
    let script = "eval \"$(choreo-env petstore)\"; echo $CHOREO_PETSTORE_SERVICEURL; eval \"$(choreo-env petstore)\"; \
                  echo $CHOREO_PETSTORE_SERVICEURL; eval \"$(choreo-env own)\"; \
                  echo ${CHOREO_PETSTORE_SERVICEURL-none} $CHOREO_PETSTORE_CONSUMERKEY";
    let run = injected(world.command("/bin/sh").args(["-c", script]), &server.url("/token")).run();
    run.assert(&fine().stdout("https://own.example\nhttps://own.example\nnone key\n"));
}
