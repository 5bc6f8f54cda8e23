//! A look into tokens: real ones of a real server, forged ones, and ones that talk to the terminal.

use std::process;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::command::{Run, ends, fine};
use crate::support::oidc::Oidc;
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{KEY, SECRET, profile, quoted};
use crate::support::tools;
use crate::support::world::World;

fn parsed(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run}"))
}

fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

fn unsigned(claims: &Value) -> String {
    format!("{}.{}.AAAA", part(&json!({ "alg": "ES256" })), part(claims))
}

/// Tokens signed by another implementation, and its keys.
fn signed() -> Option<Value> {
    let node = tools::find("node")?;
    let output = process::Command::new(node).arg("sign.mjs").current_dir(tools::node_folder()).output().unwrap();
    Some(serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error} {output:?}")))
}

/// A world whose profile `dev` has that key set.
fn with_keys(keys: &Value) -> (World, OddServer) {
    let keys = json!({ "keys": keys }).to_string();
    let server = OddServer::start(move |_, _| Answer::json(200, &keys));
    let line = format!("jwks_url = {}", quoted(&server.url("/jwks")));
    (World::with(profile("dev", &server.url("/token"), &line)), server)
}

fn look(world: &World, token: &str) -> Run {
    world.choreo_env(["inspect", "-", "--profile", "dev", "--json"]).stdin(token).run()
}

#[test]
fn every_way_of_signing_is_checked_and_fits_only_its_own_token() {
    let Some(signed) = signed() else { return };
    let (world, server) = with_keys(&signed["keys"]);
    for algorithm in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"] {
        let token = signed["tokens"][algorithm].as_str().unwrap();
        let run = look(&world, token);
        let signature = &parsed(&run)["signature"];
        assert_eq!(
            (run.status, &signature["verdict"], &signature["key"]),
            (Some(0), &json!("valid"), &json!(algorithm)),
            "{run}"
        );
        // One character of the signature, not the last, some bits of which may mean nothing.
        let at = token.rfind('.').unwrap() + 3;
        let other = if &token[at..=at] == "A" { "B" } else { "A" };
        let run = look(&world, &format!("{}{other}{}", &token[..at], &token[at + 1..]));
        assert_eq!(
            (run.status, &parsed(&run)["signature"]["verdict"]),
            (Some(6), &json!("invalid")),
            "{algorithm}\n{run}"
        );
    }
    assert!(
        server.requests().iter().all(|request| request.header("authorization").is_none() && request.body.is_empty())
    );
}

#[test]
fn what_somebody_else_could_have_made_is_invalid_and_says_why() {
    let Some(signed) = signed() else { return };
    let (world, server) = with_keys(&signed["keys"]);
    for (name, says) in [
        ("none", "nobody signed it"),
        ("None", "nobody signed it"),
        ("no-algorithm", "no `alg`"),
        ("confused-pem", "shared secret"),
        ("confused-der", "shared secret"),
        ("confused-n", "shared secret"),
        ("critical", "`crit`"),
        ("other-algorithm", "has no key for `ES256`"),
        ("changed", "it does not fit key `RS256`"),
        ("unknown-key", "has no key `other`"),
    ] {
        let run = look(&world, signed["tokens"][name].as_str().unwrap());
        let said = parsed(&run);
        assert_eq!((run.status, &said["signature"]["verdict"]), (Some(6), &json!("invalid")), "{name}\n{run}");
        assert!(said["signature"]["reason"].as_str().unwrap().contains(says), "{name}\n{run}");
    }
    assert_eq!(server.count(), 3, "for the others no key is needed");
}

#[test]
fn a_shared_secret_in_a_key_set_checks_nothing_and_neither_does_a_key_for_encryption() {
    let Some(signed) = signed() else { return };
    let mut keys = signed["keys"].clone();
    for key in keys.as_array_mut().unwrap() {
        key["use"] = json!("enc");
    }
    keys.as_array_mut().unwrap().push(json!({ "kty": "oct", "k": "AAAA", "kid": "RS256" }));
    keys.as_array_mut().unwrap().push(json!({ "kty": "new", "kid": "RS256" }));
    let (world, _server) = with_keys(&keys);
    let run = look(&world, signed["tokens"]["RS256"].as_str().unwrap());
    assert!(run.status == Some(6) && run.stdout.contains("has no key for `RS256`"), "{run}");
}

#[test]
fn a_token_from_standard_input_goes_to_nobody_unless_its_profile_is_named() {
    let (world, server) = with_keys(&json!([]));
    let token = unsigned(&json!({ "sub": "me" }));
    for (arguments, stdin) in [(&["inspect", "-"][..], token.as_str()), (&["inspect", "-"], "opaque")] {
        let run = world.choreo_env(arguments).env("CHOREO_ENV_PROFILE", "dev").stdin(stdin).run();
        run.assert(&fine().stdout_has(["no profile says whose it is (`--profile`)"]));
    }
    assert_eq!(server.count(), 0);
    world.choreo_env(["inspect", "-"]).stdin("two words").run().assert(&ends(3).stderr(
        "error: cannot read a token from standard input: it holds none: a token is one word of visible ASCII (RFC 6749 A.12)\n",
    ));
}

#[test]
fn a_page_says_what_is_in_a_token_in_words() {
    let (world, server) = with_keys(&json!([]));
    let claims = json!({ "iss": "https://idp.example", "aud": ["a", "b"], "scope": "read", "iat": 1_700_000_000, "exp": 1_700_000_900 });
    let token = unsigned(&claims);
    let run = world.choreo_env(["inspect", "-", "--offline"]).stdin(format!("Authorization: Bearer {token}\n")).run();
    run.assert(&ends(11).stdout_has([
        "token      signed (JWT), from standard input\n",
        "issuer     https://idp.example\n",
        "audience   a, b\n",
        "scopes     read\n",
        "issued     2023-11-14T22:13:20Z, ",
        "expires    2023-11-14T22:28:20Z, ",
        " ago\n",
        "lifetime   15m of 15m, 100 %\n",
        "signature  not checked: `--offline`\n",
        "\nheader\n  alg  ES256\n",
        "\nclaims\n  aud    [\"a\",\"b\"]\n  exp    1700000900  (2023-11-14T22:28:20Z, ",
        "\n  iss    https://idp.example\n",
    ]));
    assert_eq!(server.count(), 0);
}

#[test]
fn claims_do_not_talk_to_the_terminal() {
    let token = unsigned(
        &json!({ "iss": "\u{1b}]0;x\u{7}", "a\u{9b}31m": "\u{202e}b\r\n", "aud": "\u{1b}[2J", "scope": "x\u{1b}c" }),
    );
    let world = World::new();
    for arguments in [&["inspect", "-"][..], &["inspect", "-", "--json"]] {
        let run = world.choreo_env(arguments).stdin(token.as_str()).run();
        let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(run.status == Some(0) && !run.stdout.contains(acts) && run.stderr.is_empty(), "{run}");
    }
    let said = parsed(&world.choreo_env(["inspect", "-", "--json"]).stdin(token.as_str()).run());
    assert_eq!(said["claims"]["iss"], "\u{1b}]0;x\u{7}", "the JSON says the same");
}

/// A profile at a real server: by its issuer, for a resource, so that tokens are signed.
fn at(oidc: &Oidc, lines: &str) -> World {
    World::with(format!(
        "[profiles.dev]\nissuer = {}\nconsumer_key = \"{KEY}\"\nconsumer_secret = \"{SECRET}\"\n{lines}\n",
        quoted(oidc.issuer())
    ))
}

#[test]
fn a_real_servers_token_is_valid_and_is_fetched_where_none_is_cached() {
    let Some(oidc) = Oidc::start(KEY, SECRET) else { return };
    let world = at(&oidc, "resource = \"https://api.example\"\nscopes = [\"read\"]");
    let first = world.choreo_env(["inspect", "dev"]).run();
    first.assert(&fine().stdout_has([
        "token      signed (JWT), of profile `dev`, new from the server\n",
        "issuer     http://127.0.0.1:[PORT]\n",
        "audience   https://api.example\n",
        "scopes     read\n",
        "expires    ",
        "lifetime   ",
        "signature  valid: ES256, key `test`, from `http://127.0.0.1:[PORT]/jwks`\n",
        "  client_id  consumer-key\n",
    ]));
    let run = world.choreo_env(["inspect", "dev", "--json"]).run();
    let said = parsed(&run);
    assert_eq!(
        (&said["source"], &said["kind"], &said["profile"]),
        (&json!("cache"), &json!("jwt"), &json!("dev")),
        "{run}"
    );
    assert_eq!(said["scopes"], json!({ "asked": ["read"], "granted": ["read"], "missing": [] }), "{run}");
    assert_eq!(oidc.count(), 1);
    let offline = parsed(&world.choreo_env(["inspect", "dev", "--json", "--offline"]).run());
    assert_eq!(offline["signature"], json!({ "verdict": "not checked", "reason": "`--offline`" }));
}

#[test]
fn an_opaque_token_is_asked_about_at_its_server_and_is_inactive_once_it_is_revoked() {
    let Some(oidc) = Oidc::start(KEY, SECRET) else { return };
    let world = at(&oidc, "scopes = [\"read\"]");
    let token = world.choreo_env(["token", "dev"]).run();
    world.choreo_env(["inspect", "dev"]).run().assert(&fine().stdout_has([
        "token      opaque, of profile `dev`, from the cache\n",
        "signature  none: the token is opaque\n",
        "server     active: the server says that the token is good\n",
        "claims\n",
        "  active      true\n",
    ]));
    world.choreo_env(["revoke", "dev", "--verbose"]).run().assert(&fine().stderr_has([
        "POST http://127.0.0.1:[PORT]/token/revocation",
        "HTTP 200",
        "the server has ended the token",
    ]));
    world.choreo_env(["status", "dev"]).run().assert(&ends(12).stdout("  dev  none  no token is cached\n"));
    let run = world.choreo_env(["inspect", "-", "--profile", "dev"]).stdin(token.stdout).run();
    run.assert(&ends(6).stdout_has(["server     inactive: the server does not know the token, or has ended it\n"]));
    world.choreo_env(["revoke", "dev", "--verbose"]).run().assert(&fine().stderr_has(["there is none to revoke"]));
}

#[test]
fn offline_without_a_cached_token_there_is_nothing_to_see() {
    let (world, server) = with_keys(&json!([]));
    world.choreo_env(["inspect", "dev", "--offline"]).run().assert(
        &ends(12).stderr("error: profile `dev`: no token is cached\nhint: without `--offline`, a token is asked for\n"),
    );
    assert_eq!(server.count(), 0);
}

#[test]
fn a_key_set_at_another_place_than_the_issuer_is_not_used_unless_it_is_allowed() {
    let Some(signed) = signed() else { return };
    let (_, keys) = with_keys(&signed["keys"]);
    let jwks = keys.url("/jwks");
    let server = OddServer::start(move |request, _| {
        let base = format!("http://{}", request.header("host").unwrap());
        let document = json!({ "issuer": base, "token_endpoint": format!("{base}/token"), "jwks_uri": jwks });
        Answer::http(200, &["Cache-Control: no-store"], &document.to_string())
    });
    let config =
        |lines: &str| format!("[profiles.dev]\nissuer = {}\nconsumer_key = \"k\"\n{lines}\n", quoted(&server.url("")));
    let token = signed["tokens"]["ES256"].as_str().unwrap();
    let run = World::with(config("")).choreo_env(["inspect", "-", "--profile", "dev"]).stdin(token).run();
    run.assert(&fine().stdout_has(["signature  not checked: the issuer does not name the server's keys"]).stderr_has(
        [
            "warning: profile `dev`: `issuer` names a key set at `http://127.0.0.1:[PORT]`, which is not used\n",
            "hint: if that is where it is, allow it: `endpoint_origins",
        ],
    ));
    let allowed = config(&format!("endpoint_origins = [{}]", quoted(&keys.url(""))));
    let run = World::with(allowed).choreo_env(["inspect", "-", "--profile", "dev"]).stdin(token).run();
    run.assert(&fine().stdout_has(["signature  valid: ES256"]));
}

#[test]
fn scopes_that_were_asked_for_and_not_granted_are_a_warning_when_the_token_comes() {
    let server =
        OddServer::always(Answer::json(200, r#"{"access_token":"t0ken","expires_in":900,"scope":"read \u001b[31mx"}"#));
    let lines = "scopes = [\"read\", \"write\", \"api://app/.default\"]";
    let world = World::with(profile("dev", &server.url("/token"), lines));
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n").stderr(
        "warning: profile `dev`: the server did not grant `write`; it granted `read`, `[31mx`\n\
         hint: may this application have all of `scopes`?\n",
    ));
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
    world
        .choreo_env(["inspect", "dev"])
        .run()
        .assert(&fine().stdout_has(["scopes     read [31mx; asked for and not granted: write\n"]));
    let run =
        World::with(profile("dev", &server.url("/token"), "scopes = [\"read\"]")).choreo_env(["token", "dev"]).run();
    run.assert(&fine().stdout("t0ken\n"));
}
