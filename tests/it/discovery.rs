//! An issuer in place of a token endpoint: what it says about itself, and what is not believed.

use serde_json::{Value, json};

use crate::support::command::{Run, ends, fine};
use crate::support::keys::Keys;
use crate::support::oidc::{Client, Oidc};
use crate::support::server::{Answer, OddServer, Request};
use crate::support::toml::{KEY, SECRET, quoted};
use crate::support::world::World;
#[cfg(unix)]
use crate::support::world::mode;

/// A profile whose token endpoint the issuer names.
fn by_issuer(issuer: &str, lines: &str) -> String {
    format!(
        "[profiles.dev]\nissuer = {}\nconsumer_key = \"{KEY}\"\nconsumer_secret = \"{SECRET}\"\n{lines}\n",
        quoted(issuer)
    )
}

/// Where the server of a request is.
fn base(request: &Request) -> String {
    format!("http://{}", request.header("host").unwrap())
}

const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// A server that says that about itself at one place, nothing at any other, and gives a token.
fn issuer(place: &'static str, document: impl Fn(&str) -> Value + Send + Sync + 'static) -> OddServer {
    OddServer::start(move |request, _| match request.path.as_str() {
        path if path == place => Answer::json(200, &document(&base(request)).to_string()),
        "/token" => Answer::token("t0ken", 900),
        _ => Answer::http(404, &[], ""),
    })
}

fn plain(base: &str) -> Value {
    json!({ "issuer": base, "token_endpoint": format!("{base}/token") })
}

fn paths(server: &OddServer) -> Vec<String> {
    server.requests().iter().map(|request| format!("{} {}", request.method, request.path)).collect()
}

fn token(world: &World) -> Run {
    world.choreo_env(["token", "dev"]).run()
}

/// A world whose issuer is that server, and what `token` says there.
fn asked(server: &OddServer, lines: &str) -> Run {
    token(&World::with(by_issuer(&server.url(""), lines)))
}

/// The credentials went nowhere.
fn assert_no_secret_was_sent(server: &OddServer) {
    let requests = server.requests();
    let sent = |request: &Request| request.method == "POST" || request.header("authorization").is_some();
    assert!(!requests.iter().any(sent), "{requests:?}");
}

#[test]
fn a_real_server_says_where_its_token_endpoint_is_and_the_warm_path_asks_nobody() {
    let Some(oidc) = Oidc::start(KEY, SECRET) else { return };
    let world = World::with(by_issuer(oidc.issuer(), ""));
    let first = token(&world);
    assert!(first.status == Some(0) && first.stderr.is_empty() && !first.value().is_empty(), "{first}");
    drop(oidc);
    token(&world).assert(&fine().stdout(first.stdout));
}

#[test]
fn a_real_servers_client_of_the_other_method_is_known_by_its_own_choice_only() {
    let client = Client { id: KEY, secret: SECRET, auth: "client_secret_post" };
    let Some(oidc) = Oidc::with(&[client], json!({})) else { return };
    let world = World::with(by_issuer(oidc.issuer(), "client_auth = \"client_secret_post\""));
    assert_eq!(token(&world).status, Some(0));
}

#[test]
fn each_place_of_the_standards_is_looked_at_also_where_the_issuer_has_a_path() {
    for place in [
        "/.well-known/oauth-authorization-server/t/acme",
        "/t/acme/.well-known/openid-configuration",
        "/.well-known/openid-configuration/t/acme",
    ] {
        let server = issuer(
            place,
            |base| json!({ "issuer": format!("{base}/t/acme"), "token_endpoint": format!("{base}/token") }),
        );
        let world = World::with(by_issuer(&server.url("/t/acme"), ""));
        token(&world).assert(&fine().stdout("t0ken\n"));
        assert_eq!(paths(&server).last().map(String::as_str), Some("POST /token"), "{place}");
    }
}

#[test]
fn the_document_is_kept_and_private_and_forgotten_with_the_tokens() {
    let server = issuer(OAUTH, plain);
    let world = World::with(by_issuer(&server.url(""), ""));
    for _ in 0..2 {
        world.choreo_env(["token", "dev", "--fresh", "--quiet"]).run().assert(&fine().stdout("t0ken\n"));
    }
    assert_eq!(paths(&server), [&format!("GET {OAUTH}"), "POST /token", "POST /token"]);
    let kept = || world.files().into_iter().find(|(path, _)| path.extension().is_some_and(|end| end == "issuer"));
    let (path, content) = kept().expect("the document");
    #[cfg(unix)]
    assert_eq!(mode(&path), 0o600);
    assert!(!String::from_utf8_lossy(&content).contains(SECRET));
    world.write(path.strip_prefix(world.path("")).unwrap().to_str().unwrap(), "{\"version\":1");
    world.choreo_env(["token", "dev", "--fresh", "--quiet"]).run().assert(&fine().stdout("t0ken\n"));
    assert_eq!(paths(&server)[3..], [format!("GET {OAUTH}"), "POST /token".to_owned()]);
    world.choreo_env(["forget", "--all"]).run().assert(&fine());
    assert!(kept().is_none());
}

#[test]
fn a_document_that_its_server_says_not_to_keep_is_not_kept() {
    let server = OddServer::start(|request, _| match request.path.as_str() {
        OAUTH => Answer::http(200, &["Cache-Control: no-store"], &plain(&base(request)).to_string()),
        _ => Answer::token("t0ken", 900),
    });
    let world = World::with(by_issuer(&server.url(""), ""));
    for _ in 0..2 {
        world.choreo_env(["token", "dev", "--fresh", "--quiet"]).run().assert(&fine().stdout("t0ken\n"));
    }
    assert_eq!(server.count(), 4);
}

#[test]
fn an_endpoint_that_has_moved_is_looked_up_again_after_it_failed() {
    let server = OddServer::start(|request, before| match request.path.as_str() {
        OAUTH => {
            let path = if before == 0 { "/old" } else { "/token" };
            let document = json!({ "issuer": base(request), "token_endpoint": base(request) + path });
            Answer::json(200, &document.to_string())
        }
        "/token" => Answer::token("t0ken", 900),
        _ => Answer::http(404, &[], ""),
    });
    let world = World::with(by_issuer(&server.url(""), ""));
    assert_eq!(token(&world).status, Some(6));
    token(&world).assert(&fine().stdout("t0ken\n"));
}

#[test]
fn a_document_about_another_issuer_is_not_believed() {
    let server = issuer(
        OAUTH,
        |base| json!({ "issuer": "https://evil\u{1b}[31m.example", "token_endpoint": format!("{base}/token") }),
    );
    asked(&server, "").assert(&ends(6).stderr(
        "error: profile `dev`: no endpoints of issuer `http://127.0.0.1:[PORT]` ([ROOT]/config/choreo-env/config.toml:2): \
         `http://127.0.0.1:[PORT]/.well-known/oauth-authorization-server`: the document is about another issuer, \
         `https://evil[31m.example`\n\
         hint: is `issuer` spelt right? RFC 8414 section 3.3 wants both to be the same, else anybody could answer for it\n",
    ));
    assert_no_secret_was_sent(&server);
}

#[test]
fn an_issuer_that_differs_by_a_slash_is_told_how_to_be_written() {
    let server =
        issuer(OPENID, |base| json!({ "issuer": format!("{base}/"), "token_endpoint": format!("{base}/token") }));
    let run = asked(&server, "");
    run.assert(&ends(6).stderr_has([
        "is about another issuer",
        "hint: write it as the server does: `issuer = \"http://127.0.0.1:[PORT]/\"`",
    ]));
    assert_no_secret_was_sent(&server);
}

#[test]
fn a_token_endpoint_at_another_place_gets_no_secret_unless_it_is_allowed() {
    let other = OddServer::always(Answer::token("0ther", 900));
    let endpoint = other.url("/token");
    let server = issuer(OAUTH, move |base| json!({ "issuer": base, "token_endpoint": endpoint }));
    asked(&server, "").assert(&ends(6).stderr_has([
        "the token endpoint of issuer `http://127.0.0.1:[PORT]` is at `http://127.0.0.1:[PORT]`, which is not allowed",
        "hint: if that is where it is, allow it: `endpoint_origins = [\"http://127.0.0.1:[PORT]\"]`",
    ]));
    assert_eq!(other.count(), 0);
    let lines = format!("endpoint_origins = [{}]", quoted(&other.url("")));
    asked(&server, &lines).assert(&fine().stdout("0ther\n"));
}

#[test]
fn what_was_allowed_when_it_was_kept_is_judged_anew() {
    let other = OddServer::always(Answer::token("0ther", 900));
    let endpoint = other.url("/token");
    let server = issuer(OAUTH, move |base| json!({ "issuer": base, "token_endpoint": endpoint }));
    let world = World::with(by_issuer(&server.url(""), &format!("endpoint_origins = [{}]", quoted(&other.url("")))));
    token(&world).assert(&fine().stdout("0ther\n"));
    world.write_config(&by_issuer(&server.url(""), ""));
    assert_eq!(token(&world).status, Some(6));
    assert_eq!((server.count(), other.count()), (1, 1));
}

/// A name, an answer, and what is said of it.
type Case = (&'static str, fn() -> Answer, &'static str);

#[test]
fn hostile_answers_are_no_documents_and_no_secret_follows_them() {
    let huge = || {
        Answer::raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":\"")
            .then_endlessly("a".repeat(4096))
    };
    let cases: [Case; 9] = [
        (
            "redirect",
            || Answer::http(302, &["Location: https://evil.example/"], ""),
            "redirects to `https://evil.example` (HTTP 302), which is not followed",
        ),
        ("page", || Answer::http(200, &["Content-Type: text/html"], "<html>"), "the answer is a web page"),
        ("list", || Answer::json(200, "[]"), "the answer is not a JSON object"),
        ("empty", || Answer::json(200, ""), "the answer is empty"),
        ("cut", || Answer::json(200, "{\"issuer\":"), "the answer is cut off"),
        ("deep", || Answer::json(200, &"[".repeat(100_000)), "the answer is not a JSON object"),
        ("no issuer", || Answer::json(200, "{\"issuer\":5}"), "the document names no `issuer`"),
        ("not found", || Answer::json(404, "{}"), "the server answered HTTP 404"),
        (
            "forbidden",
            || Answer::json(403, "{\"message\":\"no\\u001b[31m\"}"),
            "the server answered HTTP 403, \"no[31m\"",
        ),
    ];
    for (name, answer, says) in cases {
        let server = OddServer::always(answer());
        let run = asked(&server, "");
        assert!(run.status == Some(6) && run.stdout.is_empty() && run.stderr.contains(says), "{name}\n{run}");
        assert_no_secret_was_sent(&server);
    }
    let server = OddServer::always(huge());
    asked(&server, "").assert(&ends(6).stderr_has(["longer than 1 MiB"]));
}

#[test]
fn a_silent_issuer_costs_the_time_that_is_allowed_in_all() {
    let server = OddServer::always(Answer::nothing().then_silence());
    let run = asked(&server, "timeout = \"1s\"");
    run.assert(&ends(7).stderr_has(["there was no answer within 1s"]));
    assert_eq!(server.count(), 1);
}

#[test]
fn nobody_at_the_issuer_is_told_with_the_key_that_names_it() {
    let world = World::with(by_issuer("http://127.0.0.1:1", "timeout = \"1s\""));
    token(&world).assert(&ends(7).stderr_has([
        "the connection was refused\n",
        "hint: is the server running, and is the port of `issuer` right?\n",
    ]));
}

#[test]
fn the_way_of_client_authentication_is_one_that_the_server_takes_where_the_profile_leaves_it_open() {
    let methods = |names: &'static [&'static str]| {
        issuer(OAUTH, move |base| {
            let mut document = plain(base);
            document["token_endpoint_auth_methods_supported"] = json!(names);
            document
        })
    };
    let by_header = |server: &OddServer| server.requests().last().unwrap().header("authorization").is_some();
    for (names, lines, header) in [
        (&["client_secret_post", "client_secret_basic"][..], "", true),
        (&["private_key_jwt", "client_secret_post"], "", false),
        (&["client_secret_post"], "client_auth = \"client_secret_basic\"", true),
    ] {
        let server = methods(names);
        asked(&server, lines).assert(&fine().stdout("t0ken\n"));
        assert_eq!(by_header(&server), header, "{names:?} {lines}");
    }
    let server = methods(&["private_key_jwt"]);
    asked(&server, "").assert(&fine().stdout("t0ken\n").stderr(
        "warning: the issuer takes `private_key_jwt`, and not `client_secret_basic`, `client_secret_post`, \
         `client_secret_jwt`\n\
         hint: say which one with `client_auth`\n",
    ));
}

#[test]
fn a_method_is_chosen_only_where_the_profile_has_what_it_needs() {
    let world = World::new();
    let Some(keys) = Keys::new(&world) else { return };
    let (key, _) = keys.make("client.key", "EC");
    let by_key = format!("private_key = {{ file = {} }}", quoted(&key));
    let by_secret = format!("consumer_secret = \"{SECRET}\"");
    let (asserted, told) = ("client_assertion_type", "warning: the issuer takes ");
    for (names, lines, sent, warned) in [
        (&["client_secret_jwt", "private_key_jwt"][..], &by_secret, Some(asserted), false),
        (&["client_secret_basic", "client_secret_jwt"], &by_secret, None, false),
        (&["private_key_jwt", "tls_client_auth", "none"], &by_secret, None, true),
        (&["client_secret_basic", "private_key_jwt"], &by_key, Some(asserted), false),
        (&["client_secret_basic", "none"], &by_key, Some(asserted), true),
    ] {
        let server = issuer(OAUTH, move |base| {
            let mut document = plain(base);
            document["token_endpoint_auth_methods_supported"] = json!(names);
            document
        });
        let url = quoted(&server.url(""));
        world.write_config(&format!("[profiles.dev]\nissuer = {url}\nconsumer_key = \"{KEY}\"\n{lines}\n"));
        let run = token(&world);
        assert!(run.status == Some(0) && run.stdout == "t0ken\n", "{names:?} {lines}\n{run}");
        assert_eq!(run.stderr.contains(told), warned, "{names:?} {lines}\n{run}");
        let request = server.requests().pop().unwrap();
        assert_eq!(request.header("authorization").is_some(), sent.is_none(), "{names:?} {lines}\n{request:?}");
        assert_eq!(request.body.contains(asserted), sent.is_some(), "{names:?} {lines}\n{request:?}");
        assert!(!request.body.contains(SECRET), "{request:?}");
    }
}

#[test]
fn a_token_url_beside_the_issuer_wins_and_one_of_a_parent_does_not() {
    let server = issuer(OAUTH, plain);
    let (other, issuer) = (OddServer::always(Answer::token("0ther", 900)), server.url(""));
    let beside = format!("token_url = {}", quoted(&other.url("/token")));
    asked(&server, &beside).assert(&fine().stdout("0ther\n"));
    assert_eq!(server.count(), 0);
    let world = World::with(format!("[defaults]\n{beside}\n{}", by_issuer(&issuer, "")));
    token(&world).assert(&fine().stdout("t0ken\n"));
    let child = "[profiles.child]\nextends = \"dev\"\n";
    let world = World::with(format!("{}{child}{beside}", by_issuer(&issuer, "")));
    world.choreo_env(["token", "child"]).run().assert(&fine().stdout("0ther\n"));
}

#[test]
fn a_checkout_cannot_put_an_issuer_in_front_of_the_users_own_secret() {
    let evil = issuer(OAUTH, plain);
    let good = OddServer::always(Answer::token("g00d", 900));
    let own = format!(
        "[profiles.dev]\ntoken_url = {}\nconsumer_key = \"{KEY}\"\nconsumer_secret = \"{SECRET}\"\n",
        quoted(&good.url("/token"))
    );
    for (key, value) in [
        ("issuer", quoted(&evil.url(""))),
        ("endpoint_origins", format!("[{}]", quoted(&evil.url("")))),
        ("revoke_url", quoted(&good.url("/revoke"))),
    ] {
        let world = World::with(&own);
        world.write("work/.choreo-env.toml", format!("[profiles.dev]\n{key} = {value}\n"));
        let run = world.choreo_env(["token", "dev"]).env("CHOREO_ENV_TRUSTED_PATHS", world.work()).run();
        run.assert(&ends(4).stderr_has([&format!("`{key}` is set by the checkout"), "`consumer_secret` is your own"]));
    }
    assert_eq!(evil.count() + good.count(), 0);
}

#[test]
fn an_endpoint_that_is_elsewhere_than_the_server_is_a_mistake_of_the_profile() {
    let world = World::with(by_issuer("https://idp.example", "revoke_url = \"https://other.example/revoke\""));
    token(&world).assert(&ends(3).stderr(
        "error: profile `dev`: `revoke_url` is at `https://other.example`, and `issuer` is not \
         ([ROOT]/config/choreo-env/config.toml:5:14)\n\
         hint: if that is where it is, allow it: `endpoint_origins = [\"https://other.example\"]`\n",
    ));
}

#[test]
fn the_token_request_as_a_command_goes_to_the_endpoint_that_was_found() {
    let server = issuer(OAUTH, plain);
    let world = World::with(by_issuer(&server.url(""), ""));
    let run = world.choreo_env(["curl", "dev", "--credentials", "placeholder"]).run();
    run.assert(&fine().stdout_has(["http://127.0.0.1:[PORT]/token"]));
}

#[test]
fn list_and_doctor_say_where_tokens_come_from() {
    let server = issuer(OAUTH, plain);
    let world = World::with(by_issuer(&server.url(""), ""));
    world.choreo_env(["list"]).run().assert(&fine().stdout_has(["dev  http://127.0.0.1:[PORT]  none"]));
    let run = world.choreo_env(["doctor", "dev"]).run();
    assert!(
        run.stdout.contains("has its token endpoint at `")
            && run.stdout.contains("/token`; `client_secret_basic` is used"),
        "{run}"
    );
    let server = OddServer::always(Answer::http(404, &[], ""));
    let world = World::with(by_issuer(&server.url(""), ""));
    let run = world.choreo_env(["doctor", "dev"]).run();
    assert!(run.stdout.contains("problem  discovery") && run.status == Some(6), "{run}");
}
