//! What a server does when it is asked for another token: found out, remembered, and acted on.

use std::fs;

use serde_json::{Value, json};

use crate::support::command::{Run, ends, fine};
use crate::support::server::{Answer, OddServer, Request};
use crate::support::toml::{profile, quoted};
use crate::support::world::World;

/// A server whose API takes the tokens of which the function says so: it is given a token's number and the last one's.
fn server(lives: fn(usize, usize) -> bool, gives: fn(usize) -> usize) -> OddServer {
    let count = std::sync::atomic::AtomicUsize::new(0);
    OddServer::start(move |request: &Request, _| {
        let order = std::sync::atomic::Ordering::SeqCst;
        if request.path == "/token" {
            return Answer::token(&format!("t0ken{}", gives(count.fetch_add(1, order) + 1)), 900);
        }
        let last = gives(count.load(order));
        let token = request.header("authorization").and_then(|text| text.strip_prefix("Bearer t0ken"));
        let number = token.and_then(|text| text.parse::<usize>().ok());
        let good = number.is_some_and(|number| number <= last && lives(number, last));
        Answer::json(if good { 404 } else { 401 }, "{}")
    })
}

fn world(server: &OddServer) -> World {
    let api = format!("api_url = {}", quoted(&server.url("/api")));
    World::with(profile("dev", &server.url("/token"), &api))
}

fn probe(world: &World) -> Run {
    world.choreo_env(["doctor", "dev", "--probe-reissue", "--yes"]).run()
}

fn fresh(world: &World) -> Run {
    world.choreo_env(["token", "dev", "--fresh"]).run()
}

#[test]
fn each_of_the_three_behaviours_is_found_out_and_remembered() {
    type Server = (fn(usize, usize) -> bool, fn(usize) -> usize);
    let cases: [(Server, &str, &str); 3] = [
        (
            (|_, _| true, |_| 1),
            "the server gives the same token again until it ends (two requests gave one token; it is remembered)",
            "warning: profile `dev`: this server gives the same token again until it ends\n",
        ),
        (
            (|_, _| true, |count| count),
            "the server gives a new token, and the one before lives on (by calls of `http://127.0.0.1:[PORT]/api`; it is remembered)",
            "",
        ),
        (
            (|number, last| number == last, |count| count),
            "the server gives a new token, and ends the one before (by calls of `http://127.0.0.1:[PORT]/api`; it is remembered)",
            "warning: profile `dev`: a new token ends the life of the one before, which others may still be using\n",
        ),
    ];
    for ((lives, gives), found, warning) in cases {
        let server = server(lives, gives);
        let world = world(&server);
        let run = probe(&world);
        assert!(run.status == Some(0) && run.redacted(&run.stdout).contains(found), "{run}");
        assert!(!run.stdout.contains("t0ken1"), "{run}");
        let run = fresh(&world);
        assert_eq!((run.status, run.stderr.as_str()), (Some(0), warning), "{run}");
        let run = world.choreo_env(["doctor", "dev", "--offline"]).run();
        assert!(run.stdout.contains("(as was found out before)"), "{run}");
    }
}

#[test]
fn an_api_that_refuses_nothing_or_everything_shows_nothing_and_nothing_is_remembered() {
    for (status, says) in
        [(200, "it does not refuse a token that nobody issued"), (401, "it refuses the new token, too")]
    {
        let server = OddServer::start(move |request, before| match request.path.as_str() {
            "/token" => Answer::token(&format!("t0ken{before}"), 900),
            _ => Answer::json(status, "{}"),
        });
        let world = world(&server);
        let run = probe(&world);
        assert!(run.status == Some(0) && run.stdout.contains(says), "{run}");
        assert!(fresh(&world).stderr.contains("a new token may end the life of the one before"));
    }
}

#[test]
fn nobody_is_asked_twice_without_consent() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let world = world(&server);
    world.choreo_env(["doctor", "dev", "--probe-reissue"]).run().assert(&ends(2).stderr(
        "error: `--probe-reissue` may end tokens that others use, and there is no terminal to ask on\n\
         hint: allow it with `--yes`\n",
    ));
    assert_eq!(server.count(), 0);
}

/// Lets the cached token have so many seconds left.
fn age(world: &World, left: i64) {
    let mut files = fs::read_dir(world.cache()).unwrap().map(|entry| entry.unwrap().path());
    let entry = files.find(|path| path.extension().is_some_and(|end| end == "json")).unwrap();
    let mut content: Value = serde_json::from_slice(&fs::read(&entry).unwrap()).unwrap();
    let change = 900 - left;
    for (field, change) in [("expires_at", change), ("obtained_at_ms", 1000 * change)] {
        content[field] = json!(content[field].as_i64().unwrap() - change);
    }
    fs::write(entry, content.to_string()).unwrap();
}

#[test]
fn a_server_that_ends_the_token_before_is_asked_as_late_as_is_safe_and_others_early() {
    let asks = |lives: fn(usize, usize) -> bool, left: i64, arguments: &[&str]| {
        let server = server(lives, |count| count);
        let world = world(&server);
        assert_eq!(probe(&world).status, Some(0));
        age(&world, left);
        let before = server.count();
        let run = world.choreo_env(["token", "dev"]).args(arguments).run();
        assert!(run.status == Some(0), "{run}");
        server.count() > before
    };
    assert!(asks(|_, _| true, 40, &[]), "new tokens do no harm");
    assert!(!asks(|number, last| number == last, 40, &[]), "others may use this one");
    assert!(asks(|number, last| number == last, 5, &[]), "it would end under way");
    assert!(asks(|number, last| number == last, 40, &["--min-ttl", "5m"]), "somebody says so");
}

#[test]
fn a_scope_of_this_machines_own_is_asked_for_and_stays_the_same() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let world = World::with(profile("dev", &server.url("/token"), "scopes = [\"read\"]\ndevice_scope = true"));
    for _ in 0..2 {
        let run =
            world.choreo_env(["token", "dev", "--fresh", "--quiet"]).env("XDG_DATA_HOME", world.path("data")).run();
        run.assert(&fine().stdout("t0ken\n"));
    }
    let scope = |request: &Request| request.form().into_iter().find(|(name, _)| name == "scope").unwrap().1;
    let scopes: Vec<String> = server.requests().iter().map(scope).collect();
    assert_eq!(scopes[0], scopes[1]);
    let name = scopes[0].strip_prefix("read device_").expect("the scope");
    assert!(name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
}
