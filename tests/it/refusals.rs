//! What is said where a server refuses: one short line, then one hint per line, and only what was proven.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::support::command::{Run, ends};
use crate::support::oidc::Oidc;
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{profile, profile_with, quoted};
use crate::support::world::World;

/// Asks for the token of a profile with that secret.
fn ask(server: &str, secret: &str, lines: &str) -> Run {
    World::with(profile_with("dev", server, &quoted(secret), lines)).choreo_env(["token", "dev"]).run()
}

/// A server that answers one thing to one Basic pair, and another thing to all else.
fn server_for(pair: &str, to_it: Answer, to_others: Answer) -> OddServer {
    let header = format!("Basic {}", BASE64_STANDARD.encode(pair));
    OddServer::start(
        move |request, _| {
            if request.header("authorization") == Some(&header) { to_it.clone() } else { to_others.clone() }
        },
    )
}

fn error(code: &str) -> Answer {
    Answer::json(if code == "invalid_client" { 401 } else { 400 }, &format!(r#"{{"error":"{code}"}}"#))
}

#[test]
fn a_refusal_is_one_short_line_and_then_each_fact_with_its_own_origin() {
    let server = OddServer::always(error("invalid_client"));
    let world = World::with(profile("dev", &server.url("/token"), "basic_encoding = \"raw\""));
    let run = world.choreo_env(["token", "dev"]).run();
    let config = world.config();
    let config = config.strip_prefix(world.path("")).unwrap().display();
    run.assert(&ends(6).stderr(format!(
        "error: profile `dev`: no token from `http://127.0.0.1:[PORT]/token` ([ROOT]/{config}:2): the server refused \
         key and secret: `invalid_client`, HTTP 401\n\
         hint: the consumer key is `consumer-key` (config.toml:3), and the secret is written at config.toml:4\n\
         hint: they were sent as `client_secret_basic` (built-in default) with `basic_encoding = \"raw\"` (config.toml:5)\n\
         hint: do key and secret belong to the same application and to this environment (Application Keys)?\n\
         hint: some servers want `client_auth = \"client_secret_post\"`\n"
    )));
}

#[test]
fn a_secret_that_was_referred_to_is_named_by_its_reference() {
    let server = OddServer::always(error("invalid_client"));
    let world = World::with(profile_with("dev", &server.url("/token"), "{ env = \"MINE\" }", ""));
    let run = world.choreo_env(["token", "dev"]).env("MINE", "s3cret").run();
    run.assert(&ends(6).stderr_has(["and the secret is taken from `{ env = \"MINE\" }` (config.toml:4)\n"]));
    let run = world.choreo_env(["token", "dev"]).env("CHOREO_ENV_CONSUMER_SECRET", "s3cret").run();
    run.assert(&ends(6).stderr_has(["secret is taken from environment variable CHOREO_ENV_CONSUMER_SECRET\n"]));
}

#[test]
fn that_the_server_cannot_read_a_header_does_not_prove_that_it_accepts_it() {
    let server = server_for("consumer-key:a%b", error("invalid_request"), error("invalid_client"));
    let run = ask(&server.url("/token"), "a%b", "");
    assert!(!run.stderr.contains("accepts"), "{run}");
    run.assert(
        &ends(6).stderr_has(["`basic_encoding = \"raw\"`, is refused, too\n", "hint: do key and secret belong"]),
    );
}

#[test]
fn only_what_is_decided_after_the_authentication_proves_that_the_server_accepts_the_other_encoding() {
    for (code, proves) in [
        ("invalid_scope", true),
        ("invalid_target", true),
        ("unauthorized_client", true),
        ("invalid_request", false),
        ("unsupported_grant_type", false),
        ("slow_down", false),
    ] {
        let server = server_for("consumer-key:a/b", error(code), error("invalid_client"));
        let run = ask(&server.url("/token"), "a/b", "");
        let said = run.stderr.contains("hint: the server accepts it with `basic_encoding = \"raw\"`\n");
        assert_eq!(said, proves, "{code}\n{run}");
    }
}

#[test]
fn a_wrong_secret_with_a_percent_sign_is_no_matter_of_encoding_for_oidc_provider() {
    let Some(server) = Oidc::start("consumer-key", "right") else { return };
    let run = ask(&server.token_url(), "a%b", "");
    assert!(!run.stderr.contains("accepts"), "{run}");
    run.assert(&ends(6).stderr_has(["`invalid_client`, HTTP 401", "`basic_encoding = \"raw\"`, is refused, too\n"]));
}

#[test]
fn a_header_that_oidc_provider_cannot_read_leads_to_the_encoding() {
    let Some(server) = Oidc::start("consumer-key", "a%b") else { return };
    let raw = "basic_encoding = \"raw\"\nscopes = [\"read\"]";
    let run = ask(&server.token_url(), "a%b", raw);
    assert!(!run.stderr.contains("`scopes`"), "{run}");
    run.assert(
        &ends(6).stderr_has(["`invalid_request`", "hint: the server accepts it with `basic_encoding = \"form\"`\n"]),
    );
    let run = ask(&server.token_url(), "b%b", raw);
    assert!(!run.stderr.contains("`scopes`") && !run.stderr.contains("accepts"), "{run}");
    let hint = "hint: the server can read the header with `basic_encoding = \"form\"`, but refuses key and secret\n";
    run.assert(&ends(6).stderr_has(["`invalid_request`", hint, "hint: do key and secret belong"]));
}

#[test]
fn an_invalid_request_that_both_encodings_get_is_about_the_fields() {
    let server = OddServer::always(error("invalid_request"));
    let both = "hint: it is the same with `basic_encoding = \"raw\"`\n";
    ask(&server.url("/token"), "a/b", "").assert(&ends(6).stderr_has([both, "hint: a field is missing"]));
    let run = ask(&server.url("/token"), "plain", "");
    assert!(!run.stderr.contains("basic_encoding"), "{run}");
    assert_eq!(server.count(), 3);
}

#[test]
fn an_invalid_request_without_a_second_answer_asks_for_the_encoding() {
    let server = server_for("consumer-key:a/b", Answer::json(500, "{}"), error("invalid_request"));
    let hint = "hint: the server may read the Basic header in the other encoding: `basic_encoding = \"raw\"`\n";
    ask(&server.url("/token"), "a/b", "").assert(&ends(6).stderr_has([hint]));
}

#[test]
fn a_refused_secret_with_a_blank_at_an_end_is_told_so_and_never_shown() {
    let server = OddServer::always(error("invalid_client"));
    for secret in [" s3cret", "s3cret ", "s3cret\u{a0}"] {
        let run = ask(&server.url("/token"), secret, "");
        assert!(!run.stderr.contains("s3cret"), "{run}");
        let hint = "hint: the consumer secret begins or ends with a blank; was that copied along with it?\n";
        run.assert(&ends(6).stderr_has([hint]));
    }
    assert!(!ask(&server.url("/token"), "s3 cret", "").stderr.contains("blank"));
}

#[test]
fn a_401_without_an_oauth_error_may_come_from_something_that_is_no_token_endpoint() {
    let server = OddServer::always(Answer::json(401, r#"{"message":"Invalid Credentials"}"#));
    let run = ask(&server.url("/pets"), "s3cret", "");
    let hint = "hint: is `token_url` the token endpoint? an API or its gateway answers like this, too\n";
    run.assert(&ends(6).stderr_has(["the server answered HTTP 401, \"Invalid Credentials\"\n", hint]));
}

#[test]
fn a_port_that_speaks_http_is_not_called_a_corrupt_message() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/token", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().map(Result::unwrap) {
            _ = stream.read(&mut [0; 4096]); // what a client of TLS says first
            _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        }
    });
    ask(&url, "s3cret", "")
        .assert(&ends(7).stderr_has([": the port does not speak TLS (", "hint: is it a port for `http`?"]));
}
