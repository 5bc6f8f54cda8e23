//! Tokens that end before their time, and servers that do not end them.

use crate::support::command::{ends, fine};
use crate::support::server::{Answer, OddServer, Request};
use crate::support::toml::{KEY, SECRET, profile, profile_with, quoted};
use crate::support::world::World;

/// A server that gives a token and answers so to who revokes it, and a profile that has its token cached.
fn cached(revocation: fn() -> Answer, lines: &str) -> (World, OddServer) {
    let server = OddServer::start(move |request: &Request, _| match request.path.as_str() {
        "/token" => Answer::token("t0ken&x", 900),
        _ => revocation(),
    });
    let revoke = format!("revoke_url = {}\n{lines}", quoted(&server.url("/revoke")));
    let world = World::with(profile("dev", &server.url("/token"), &revoke));
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken&x\n"));
    (world, server)
}

#[test]
fn the_request_is_that_of_the_rfc_and_the_cache_is_empty_afterwards() {
    let (world, server) = cached(|| Answer::http(200, &[], ""), "scopes = [\"read\"]\nparams = { a = \"b\" }");
    world.choreo_env(["revoke", "dev"]).run().assert(&fine());
    let request = server.requests().pop().unwrap();
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/revoke"));
    assert_eq!(request.body, "token_type_hint=access_token&token=t0ken%26x");
    assert!(request.header("authorization").unwrap().starts_with("Basic "), "{request:?}");
    world.choreo_env(["status", "dev"]).run().assert(&ends(12).stdout_has(["none"]));
    world.choreo_env(["revoke", "dev"]).run().assert(&fine());
    assert_eq!(server.count(), 2);
}

#[test]
fn key_and_secret_go_into_the_body_where_the_profile_says_so() {
    let (world, server) = cached(|| Answer::http(200, &[], ""), "client_auth = \"client_secret_post\"");
    world.choreo_env(["revoke", "dev"]).run().assert(&fine());
    let form = server.requests().pop().unwrap().form();
    let value = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!(
        (value("client_id"), value("client_secret"), value("token")),
        (Some(KEY), Some(SECRET), Some("t0ken&x"))
    );
}

#[test]
fn a_server_that_does_not_do_it_leaves_the_token_in_the_cache_and_its_words_repeat_no_secret() {
    let refused =
        || Answer::json(401, r#"{"error":"invalid_client","error_description":"consumer-s3cret, t0ken&x\u001b[2J"}"#);
    let (world, _server) = cached(refused, "");
    world.choreo_env(["revoke", "dev"]).run().assert(&ends(6).stderr(
        "error: profile `dev`: the token is not revoked: `http://127.0.0.1:[PORT]/revoke`: the server refused key and \
         secret: `invalid_client`, HTTP 401, \"***, ***[2J\"\n",
    ));
    world.choreo_env(["status", "dev"]).run().assert(&fine().stdout_has(["usable"]));
    let (world, _server) = cached(|| Answer::http(302, &["Location: https://evil.example/"], ""), "");
    let run = world.choreo_env(["revoke", "dev"]).run();
    run.assert(&ends(6).stderr_has(["redirects to `https://evil.example` (HTTP 302), which is not followed"]));
    let (world, _server) = cached(|| Answer::nothing().then_silence(), "timeout = \"1s\"");
    world.choreo_env(["revoke", "dev"]).run().assert(&ends(7).stderr_has(["there was no answer within 1s"]));
}

#[test]
fn where_nothing_names_an_endpoint_that_is_told_with_what_can_be_done() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let world = World::with(profile("dev", &server.url("/oauth2/token"), ""));
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
    world.choreo_env(["revoke", "dev"]).run().assert(&ends(3).stderr(
        "error: profile `dev`: neither `revoke_url` nor `issuer` is set, so the token cannot be revoked\n\
         hint: WSO2's servers have it beside the token endpoint: `revoke_url = \"http://127.0.0.1:[PORT]/oauth2/revoke\"`; \
         `choreo-env forget dev` removes the token here, and leaves it good until it expires\n",
    ));
    world.choreo_env(["status", "dev"]).run().assert(&fine().stdout_has(["usable"]));
}

#[test]
fn a_secret_that_is_not_there_is_told_and_nothing_is_sent() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let lines = format!("revoke_url = {}", quoted(&server.url("/revoke")));
    let world = World::with(profile_with("dev", &server.url("/token"), "{ env = \"MY_SECRET\" }", &lines));
    world.choreo_env(["token", "dev"]).env("MY_SECRET", "s").run().assert(&fine().stdout("t0ken\n"));
    world.choreo_env(["revoke", "dev"]).run().assert(&ends(5).stderr_has(["the token is not revoked", "MY_SECRET"]));
    assert_eq!(server.count(), 1);
}

#[test]
fn a_protected_profile_is_asked_about_first() {
    let (world, server) = cached(|| Answer::http(200, &[], ""), "");
    let run = world.choreo_env(["revoke", "dev", "--set", "protected=true"]).run();
    run.assert(&ends(4).stderr_has(["profile `dev` is protected"]));
    assert_eq!(server.count(), 1);
    world.choreo_env(["revoke", "dev", "--set", "protected=true", "--yes"]).run().assert(&fine());
    assert_eq!(server.count(), 2);
}
