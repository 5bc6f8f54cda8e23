//! What the flags of `curl` say of a call, for every target, against the sandbox and a server that remembers.

use choreo_env::render::call::Target;
use serde_json::{Value, json};

use crate::support::command::{Run, ends, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{SECRET, profile_with};
use crate::support::tools;
use crate::support::world::World;

/// A profile with an API, an API key and a header of its own.
fn world(server: &OddServer, api_url: &str) -> World {
    let lines = format!(
        "api_url = \"{api_url}\"\napi_key = {{ env = \"MY_KEY\" }}\nheaders = {{ X-Own = \"own\", Accept = \"a/b\" }}"
    );
    World::with(profile_with("dev", &server.url("/token"), "{ env = \"MY_SECRET\" }", &lines))
}

fn server() -> OddServer {
    OddServer::always(Answer::token("t0ken-of-the-run", 900))
}

/// Prints the request with the real credentials, and gives the command to bash.
#[track_caller]
fn run(world: &World, arguments: &[&str]) -> Option<Run> {
    let bash = tools::find("bash")?;
    tools::find("curl")?;
    let printed = world.choreo_env(arguments).env("MY_SECRET", SECRET).env("MY_KEY", "the-k3y").run();
    let printed = printed.assert(&fine().stdout_has(["curl "]));
    Some(world.command(bash).args(["-c", &printed.stdout]).run())
}

#[test]
fn paths_queries_headers_and_bodies_are_in_the_call() {
    let server = server();
    let world = world(&server, &server.url("/api?always=1"));
    let base = ["curl", "dev", "/pets/{id}"];
    let flags =
        ["--path", "id=a/b", "-q", "x=1 & 2", "-q", "y=\u{e9}", "-H", "X-Own: mine", "-H", "X-Empty;", "-d", "@a b"];
    world.write("work/a b", "from\na file");
    let Some(_) = run(&world, &[&base[..], &flags].concat()) else { return };
    let got = server.requests().pop().unwrap();
    assert_eq!((&*got.method, &*got.path), ("POST", "/api/pets/a%2Fb?x=1%20%26%202&y=%C3%A9&always=1"));
    let headers =
        ["authorization", "choreo-api-key", "accept", "x-own", "x-empty", "content-type"].map(|name| got.header(name));
    let form = "application/x-www-form-urlencoded";
    let expected = ["Bearer t0ken-of-the-run", "the-k3y", "a/b", "mine", "", form].map(Some);
    assert_eq!(headers, expected);
    assert_eq!(got.body, "from\na file");
}

#[test]
fn json_forms_and_graphql_are_what_they_say() {
    let server = server();
    let world = world(&server, &server.url("/api"));
    let sent = |flags: &[&str]| {
        run(&world, &[&["curl", "dev"][..], flags].concat())?;
        let got = server.requests().pop().unwrap();
        Some((
            got.method.clone(),
            got.path.clone(),
            got.header("content-type").unwrap_or_default().to_owned(),
            got.body,
        ))
    };
    let Some(json_call) = sent(&["PUT", "/pets", "--json", "{\"name\": \"it's\"}"]) else { return };
    let text = |text: &str| text.to_owned();
    assert_eq!(json_call, (text("PUT"), text("/api/pets"), text("application/json"), text("{\"name\": \"it's\"}")));
    let Some(data) = sent(&["-d", "a=1", "-d", "b=2"]) else { return };
    assert_eq!(data, (text("POST"), text("/api"), text("application/x-www-form-urlencoded"), text("a=1&b=2")));
    let query = "query Q($id: ID!) { pet(id: $id) { name } }";
    let Some((method, path, kind, body)) = sent(&["--graphql", query, "--variables", "{\"id\": 7}"]) else { return };
    assert_eq!((&*method, &*path, &*kind), ("POST", "/api", "application/json"));
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), json!({ "query": query, "variables": { "id": 7 } }));
    world.write("work/pet.jpg", "a picture");
    let Some((_, _, kind, body)) = sent(&["/pets", "--form", "photo=@pet.jpg", "--form", "note=a @ sign"]) else {
        return;
    };
    assert!(kind.starts_with("multipart/form-data") && body.contains("a picture"), "{kind} {body}");
}

#[test]
fn what_follows_the_dashes_goes_to_curl_as_it_is() {
    let server = server();
    let world = world(&server, &server.url("/api"));
    let Some(run) = run(&world, &["curl", "dev", "/pets", "--", "--silent", "--write-out", "it's %{http_code}\n"])
    else {
        return;
    };
    assert!(run.stdout.ends_with("it's 200\n") && run.stderr.is_empty(), "{run}");
    let refused = world.choreo_env(["curl", "dev", "/", "-t", "go", "--credentials", "env", "--", "-v"]).run();
    refused.assert(
        &ends(3).stderr_has(["error: target `go` cannot express what follows `--`, which is for curl\nhint: "]),
    );
}

#[test]
fn no_target_holds_a_secret_but_with_inline_credentials() {
    let server = server();
    for api_url in [server.url("/api"), server.url("/api").replace("http:", "ws:")] {
        let world = world(&server, &api_url);
        for target in Target::ALL.into_iter().filter(|target| target.is_websocket() == api_url.starts_with("ws")) {
            for kind in ["env", "helper", "placeholder"] {
                let call = ["curl", "dev", "/pets", "--target", target.name(), "--credentials", kind];
                let token = ["curl", "dev", "--target", target.name(), "--credentials", kind];
                for arguments in [&call[..], &token] {
                    if target.is_websocket() && arguments.len() < call.len() {
                        continue;
                    }
                    let run = world.choreo_env(arguments).env("MY_SECRET", SECRET).env("MY_KEY", "the-k3y").run();
                    assert_eq!(run.status, Some(0), "{run}");
                    for secret in [SECRET, "the-k3y", "t0ken", "czNjcmV0"] {
                        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{run}");
                    }
                }
            }
            let arguments = ["curl", "dev", "/pets", "--target", target.name()];
            let run = world.choreo_env(arguments).env("MY_SECRET", SECRET).env("MY_KEY", "the-k3y").run();
            assert!(run.stdout.contains("t0ken-of-the-run") && run.stdout.contains("the-k3y"), "{run}");
        }
    }
}

#[test]
fn a_websocket_takes_the_token_as_a_subprotocol() {
    let server = OddServer::start(|request, _| match request.path.as_str() {
        "/token" => Answer::token("t0ken-of-the-run", 900),
        _ => Answer::http(403, &[], "no"),
    });
    let world = world(&server, &server.url("/api").replace("http:", "ws:"));
    for target in [Target::Websocat, Target::Wscat] {
        let arguments = ["curl", "dev", "/chat", "--target", target.name()];
        let printed = world.choreo_env(arguments).env("MY_KEY", "the-k3y").env("MY_SECRET", SECRET).run();
        let printed = printed.assert(&fine().stdout_has([target.name()]));
        let folder = tempfile::tempdir().unwrap();
        let Some(mut command) = crate::support::clients::runner(target, &printed.stdout, folder.path()) else {
            continue;
        };
        let mut client =
            command.stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().unwrap();
        let keyboard = client.stdin.take(); // wscat leaves at its end, also before it has connected
        client.wait().unwrap();
        drop(keyboard);
        let got = server.requests().pop().unwrap();
        assert_eq!((&*got.method, &*got.path), ("GET", "/api/chat"), "{}", target.name());
        let protocols = got.header("sec-websocket-protocol").unwrap_or_default().replace(", ", ",");
        assert_eq!(protocols, "choreo-oauth2-token,t0ken-of-the-run", "{}", target.name());
        assert_eq!(got.header("choreo-api-key"), Some("the-k3y"), "{}", target.name());
        assert_eq!(got.header("authorization"), None, "{}", target.name());
    }
    let printed = world.choreo_env(["curl", "dev", "/chat", "--credentials", "helper"]).env("MY_KEY", "x").run();
    printed.assert(&fine().stdout_has(["websocat ", "$(choreo-env token dev)"]));
    let refused = world.choreo_env(["curl", "dev", "/chat", "--target", "python", "--credentials", "env"]).run();
    refused.assert(&ends(3).stderr_has(["error: target `python` cannot express a WebSocket\nhint: "]));
}

#[test]
fn what_cannot_be_meant_is_told_before_anything_is_fetched() {
    let server = server();
    let world = world(&server, &server.url("/api"));
    let cases: [(&[&str], i32, &str); 12] = [
        (&["/pets", "-d", "@-"], 2, "error: `@-` names no file\nhint: "),
        (&["/pets", "--form", "a=@"], 2, "error: `@` names no file\nhint: "),
        (&["/pets/{id}"], 2, "error: the path has `{id}`, which nothing fills in\nhint: add `--path id=…`"),
        (&["/pets", "--path", "id=7"], 2, "error: the path has no `{id}`\nhint: "),
        (&["/pets/{id}", "--path", "id=.."], 2, "error: `..` as the value of `{id}` would be another path"),
        (&["/pets", "-q", "x"], 2, "error: `--query` needs a name and a value\nhint: "),
        (&["/pets", "-H", "x"], 2, "error: `--header` needs a name and a value\nhint: "),
        (
            &["--graphql", "{ a }", "--variables", "7"],
            2,
            "error: the variables of a GraphQL query must be a JSON object",
        ),
        (&["/pets", "-d", "a", "-d", "@b"], 2, "error: a body is one file or text, not both"),
        (&["--target", "curl-bash"], 2, "error: there is no target `curl-bash`\nhint: "),
        (&["--target", "pyton"], 2, "error: there is no target `pyton`\nhint: did you mean `python`?"),
        (&["/pets", "--json", "{}", "-d", "x"], 2, "error: "),
    ];
    for (arguments, status, message) in cases {
        let run = world.choreo_env([&["curl", "dev"][..], arguments].concat()).env("MY_SECRET", SECRET).run();
        run.assert(&ends(status).stderr_has([message]));
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn what_a_target_leaves_out_is_told() {
    let server = server();
    let world = world(&server, &server.url("/api"));
    let run = |arguments: &[&str]| world.choreo_env([&["curl", "dev", "--credentials"][..], arguments].concat()).run();
    let left_out = run(&["env", "/pets", "--target", "go", "--set", "proxy=http://p.example:1/"]);
    left_out
        .assert(&fine().stdout_has(["package main"]).stderr_has(["warning: target `go`: `proxy` is left out\nhint: "]));
    let variable = run(&["helper", "/pets", "--target", "java"]);
    let message =
        "warning: target `java` cannot run a program for a value: it reads the variable `CHOREO_ACCESS_TOKEN`\nhint: ";
    variable.assert(&fine().stdout_has(["System.getenv(\"CHOREO_ACCESS_TOKEN\")"]).stderr_has([message]));
    let shape = run(&["env", "/pets", "--target", "java", "--short"]);
    shape.assert(&fine().stdout_has(["import "]).stderr_has(["warning: target `java` is no command line"]));
    let short = run(&["env", "/pets", "--short", "--one-line"]);
    let url = server.url("/api/pets");
    let line = format!(
        "curl {url} -H \"Authorization: Bearer $CHOREO_ACCESS_TOKEN\" -H \"Choreo-API-Key: $MY_KEY\" \
         -H 'Accept: a/b' -H 'X-Own: own'\n"
    );
    assert_eq!((short.stdout.as_str(), short.stderr.as_str()), (&*line, ""));
}
