//! The cache from outside: what is kept, for whom, for how long, and what happens where it cannot be kept.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::support::command::{Run, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{profile, profile_with};
use crate::support::tools;
use crate::support::world::{World, mode, set_mode};

/// A server whose tokens are numbered, each good for so many seconds, and a profile for it.
fn counting(seconds: u64, lines: &str) -> (World, OddServer) {
    let server = OddServer::start(move |_, before| Answer::token(&format!("token-{before}"), seconds));
    (World::with(profile("dev", &server.url("/token"), lines)), server)
}

fn token(world: &World) -> Run {
    world.choreo_env(["token", "dev"]).run()
}

/// The tokens' files.
fn entries(world: &World) -> Vec<PathBuf> {
    let files = fs::read_dir(world.cache()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| fs::read(path).unwrap().windows(6).any(|window| window == b"token-")).collect()
}

#[test]
fn a_second_run_is_served_from_the_cache_without_the_secret() {
    let server = OddServer::always(Answer::token("kept", 900));
    let secret = "{ command = [\"sh\", \"-c\", \"echo once >>asked; echo s3cret\"] }";
    let world = World::with(profile_with("dev", &server.url("/token"), secret, ""));
    for _ in 0..3 {
        token(&world).assert(&fine().stdout("kept\n"));
    }
    assert_eq!(server.count(), 1);
    assert_eq!(fs::read_to_string(world.path("work/asked")).unwrap(), "once\n");
}

#[test]
fn folder_and_files_are_the_users_alone() {
    let (world, _server) = counting(900, "");
    token(&world).assert(&fine().stdout("token-0\n"));
    assert_eq!(mode(&world.cache()), 0o700);
    assert_eq!(entries(&world).len(), 1);
    for entry in fs::read_dir(world.cache()).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn an_open_umask_opens_nothing() {
    let (world, _server) = counting(900, "");
    let run = world.command("/bin/sh").args(["-c", "umask 0; exec choreo-env token dev"]).run();
    run.assert(&fine().stdout("token-0\n"));
    assert_eq!(mode(&world.cache()), 0o700);
    for entry in fs::read_dir(world.cache()).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn an_entry_that_others_can_read_is_a_miss_and_is_replaced() {
    let (world, _server) = counting(900, "");
    token(&world).assert(&fine().stdout("token-0\n"));
    let entry = entries(&world).remove(0);
    set_mode(&entry, 0o644);
    token(&world).assert(&fine().stdout("token-1\n"));
    assert_eq!(mode(&entry), 0o600);
    token(&world).assert(&fine().stdout("token-1\n"));
}

#[test]
fn a_corrupt_entry_is_a_miss_and_is_replaced() {
    let (world, server) = counting(900, "");
    token(&world).assert(&fine().stdout("token-0\n"));
    let entry = entries(&world).remove(0);
    let good = fs::read(&entry).unwrap();
    let huge = vec![b' '; 8 << 20];
    let corrupt: [&[u8]; 7] = [b"", b"{", b"{}", b"null", &good[..good.len() / 2], b"\xff\xfe\0\0", &huge];
    for (number, content) in corrupt.into_iter().enumerate() {
        fs::write(&entry, content).unwrap();
        let wanted = format!("token-{}\n", number + 1);
        token(&world).assert(&fine().stdout(&wanted));
        token(&world).assert(&fine().stdout(&wanted));
    }
    assert_eq!(server.count(), corrupt.len() + 1);
}

#[test]
fn a_named_pipe_in_the_place_of_an_entry_keeps_nobody_waiting() {
    let Some(mkfifo) = tools::find("mkfifo") else { return };
    let (world, server) = counting(900, "");
    token(&world).assert(&fine().stdout("token-0\n"));
    let entry = entries(&world).remove(0);
    fs::remove_file(&entry).unwrap();
    world.command(mkfifo).args(["-m", "600"]).args([&entry]).run().assert(&fine());
    token(&world).assert(&fine().stdout("token-1\n"));
    token(&world).assert(&fine().stdout("token-1\n"));
    assert_eq!(server.count(), 2);
}

#[test]
fn an_entry_with_a_forged_token_is_not_evaluated() {
    let (world, _server) = counting(900, "");
    token(&world).assert(&fine().stdout("token-0\n"));
    let entry = entries(&world).remove(0);
    let good = fs::read_to_string(&entry).unwrap();
    fs::write(&entry, good.replace("token-0", "a\\nb")).unwrap();
    token(&world).assert(&fine().stdout("token-1\n"));
}

#[test]
fn a_link_in_the_place_of_the_folder_or_of_an_entry_is_not_followed() {
    let (world, _server) = counting(900, "");
    token(&world).assert(&fine().stdout("token-0\n"));
    let entry = entries(&world).remove(0);
    let target = world.path("elsewhere");
    fs::rename(&entry, &target).unwrap();
    std::os::unix::fs::symlink(&target, &entry).unwrap();
    let before = fs::read(&target).unwrap();
    token(&world).assert(&fine().stdout("token-1\n"));
    assert_eq!(fs::read(&target).unwrap(), before, "what the link points to stays as it was");
}

/// Puts a plain file where the cache folders would be.
fn without_folders(world: &World) {
    for folder in ["run/choreo-env", "cache/choreo-env"] {
        world.write(folder, "in the way");
    }
}

#[test]
fn a_cache_that_cannot_be_used_costs_a_warning_never_the_token() {
    let (world, _server) = counting(900, "");
    without_folders(&world);
    for number in 0..2 {
        let wanted = fine().stdout(format!("token-{number}\n"));
        token(&world).assert(&wanted.stderr_has(["warning: ", "cache", "[ROOT]/"]));
    }
    let run = world.choreo_env(["dev", "--shell", "sh"]).run();
    run.assert(&fine().stdout_has(["CHOREO_ACCESS_TOKEN="]).stderr_has(["warning: "]));
}

#[test]
fn a_cache_folder_of_somebody_else_is_not_used() {
    let (world, _server) = counting(900, "");
    for folder in ["run/choreo-env", "cache/choreo-env"] {
        fs::create_dir(world.path(folder)).unwrap();
        if std::os::unix::fs::chown(world.path(folder), Some(1), Some(1)).is_err() {
            return tools::skip("root", "run the tests as root to give a folder away");
        }
    }
    token(&world).assert(&fine().stdout("token-0\n").stderr_has(["warning: ", "another user"]));
    assert_eq!(fs::read_dir(world.cache()).unwrap().count(), 0, "nothing was put into it");
}

/// Runs a script that has a mounted file system of its own at `run`, with so little room.
#[track_caller]
fn on_a_small_disk(world: &World, script: &str) -> Option<Run> {
    let mount = format!("mount -t tmpfs -o mode=700,size=8k none {}", world.path("run").display());
    let probe = world.command("unshare").args(["-m", "sh", "-c", &mount]).run();
    if probe.status != Some(0) {
        tools::skip("mount", "run the tests where a file system can be mounted");
        return None;
    }
    Some(world.command("unshare").args(["-m", "sh", "-c", &format!("{mount} && {script}")]).run())
}

#[test]
fn a_full_disk_costs_a_warning_never_the_token() {
    let (world, server) = counting(900, "");
    let fill = format!("dd if=/dev/zero of={} bs=4k 2>/dev/null; ", world.path("run/full").display());
    let Some(run) = on_a_small_disk(&world, &format!("({fill}true); exec choreo-env token dev")) else { return };
    run.assert(&fine().stdout("token-0\n").stderr_has(["warning: ", "cache"]));
    assert_eq!(server.count(), 1);
}

#[test]
fn a_disk_that_fills_up_leaves_no_token_behind_that_a_newer_one_replaced() {
    let (world, _server) = counting(900, "");
    let script = format!(
        "choreo-env token dev && (dd if=/dev/zero of={} bs=4k 2>/dev/null; true) && \
         choreo-env token dev --fresh 2>/dev/null && choreo-env token dev",
        world.path("run/full").display()
    );
    let Some(run) = on_a_small_disk(&world, &script) else { return };
    // The server may have ended token-0 when it gave token-1, which could not be kept.
    run.assert(&fine().stdout("token-0\ntoken-1\ntoken-2\n"));
}

/// A profile, and which of the tokens it is to get.
fn profiles_share(first: &str, second: &str) -> bool {
    let server = OddServer::start(|_, before| Answer::token(&format!("token-{before}"), 900));
    let url = server.url("/token");
    let world = World::with(profile("one", &url, first) + &profile("two", &url, second));
    let one = world.choreo_env(["token", "one"]).run().assert(&fine().stdout("token-0\n"));
    let two = world.choreo_env(["token", "two"]).run();
    assert_eq!(two.status, Some(0), "{two}");
    one.stdout == two.stdout
}

#[test]
fn profiles_share_a_token_where_they_would_get_the_same() {
    assert!(profiles_share("", ""));
    assert!(profiles_share("scopes = [\"a\", \"b\"]", "scopes = [\"b\", \"a\"]"), "scopes are a set");
    assert!(profiles_share("api_url = \"https://a.example\"", "api_url = \"https://b.example\""));
    assert!(profiles_share("timeout = \"3s\"", "timeout = \"4s\""));
}

#[test]
fn profiles_never_share_a_token_where_the_request_differs() {
    for (first, second) in [
        ("scopes = [\"a\"]", "scopes = [\"b\"]"),
        ("scopes = [\"a\"]", ""),
        ("audience = \"urn:x\"", "resource = \"urn:x\""),
        ("audience = \"x\"", "params = { y = \"x\" }"),
        ("params = { a = \"b\", c = \"d\" }", "params = { a = \"bc\", d = \"\" }"),
        ("resource = [\"urn:a\", \"urn:b\"]", "resource = [\"urn:a\"]"),
        ("client_auth = \"client_secret_post\"", ""),
    ] {
        assert!(!profiles_share(first, second), "{first} and {second}");
    }
}

#[test]
fn consumer_keys_and_endpoints_keep_tokens_apart() {
    let server = OddServer::start(|_, before| Answer::token(&format!("token-{before}"), 900));
    let one = profile("one", &server.url("/token"), "");
    let other_key = one.replace("profiles.one", "profiles.two").replace("\"consumer-key\"", "\"another-key\"");
    let other_url = profile("three", &server.url("/other"), "");
    let world = World::with([one, other_key, other_url].concat());
    for (number, name) in ["one", "two", "three"].into_iter().enumerate() {
        world.choreo_env(["token", name]).run().assert(&fine().stdout(format!("token-{number}\n")));
    }
}

// Freshness.

#[test]
fn a_token_is_renewed_when_less_than_min_ttl_is_left() {
    let (world, _server) = counting(120, "");
    token(&world).assert(&fine().stdout("token-0\n"));
    world.choreo_env(["token", "dev", "--min-ttl", "100s"]).run().assert(&fine().stdout("token-0\n"));
    world.choreo_env(["token", "dev", "--min-ttl", "121s"]).run().assert(&fine().stdout("token-1\n").stderr_has([]));
    token(&world).assert(&fine().stdout("token-1\n"));
}

#[test]
fn min_ttl_of_the_profile_holds() {
    let (world, _server) = counting(120, "min_ttl = \"5m\"");
    for number in 0..2 {
        token(&world).assert(&fine().stdout(format!("token-{number}\n")).stderr_has([]));
    }
}

#[test]
fn fresh_asks_for_a_new_token_and_says_what_that_may_break() {
    let (world, _server) = counting(900, "");
    token(&world).assert(&fine().stdout("token-0\n"));
    let run = world.choreo_env(["token", "dev", "--fresh"]).run();
    run.assert(&fine().stdout("token-1\n").stderr_has(["warning: "]));
    token(&world).assert(&fine().stdout("token-1\n"));
}

/// A server that gives one token and then behaves like that.
fn failing_later(later: Answer) -> (World, OddServer, Arc<AtomicBool>) {
    let failing = Arc::new(AtomicBool::new(false));
    let server = OddServer::start({
        let failing = Arc::clone(&failing);
        move |_, before| {
            let well = !failing.load(Ordering::SeqCst);
            if well { Answer::token(&format!("token-{before}"), 120) } else { later.clone() }
        }
    });
    let world = World::with(profile("dev", &server.url("/token"), "timeout = \"2s\""));
    token(&world).assert(&fine().stdout("token-0\n"));
    failing.store(true, Ordering::SeqCst);
    (world, server, failing)
}

#[test]
fn a_token_that_has_life_left_is_served_with_a_warning_where_no_new_one_is_to_be_had() {
    let refusal = Answer::json(401, r#"{"error":"invalid_client"}"#);
    for later in [refusal, Answer::nothing(), Answer::http(503, &[], ""), Answer::nothing().then_silence()] {
        let (world, _server, failing) = failing_later(later);
        let run = world.choreo_env(["token", "dev", "--min-ttl", "10m"]).run();
        run.assert(&fine().stdout("token-0\n").stderr_has(["warning: "]));
        failing.store(false, Ordering::SeqCst);
        let run = world.choreo_env(["token", "dev", "--min-ttl", "100s"]).run();
        run.assert(&fine().stdout("token-0\n"));
    }
}

#[test]
fn a_token_without_life_is_never_served() {
    let server = OddServer::start(|_, before| match before {
        0 => Answer::token("short", 1),
        _ => Answer::json(401, r#"{"error":"invalid_client"}"#),
    });
    let world = World::with(profile("dev", &server.url("/token"), "timeout = \"2s\""));
    token(&world).assert(&fine().stdout("short\n"));
    let begin = SystemTime::now();
    while begin.elapsed().unwrap() < Duration::from_millis(1100) {
        std::thread::yield_now(); // the token's life has to pass; there is no other clock to turn
    }
    let run = token(&world);
    assert_eq!((run.status, run.stdout.as_str()), (Some(6), ""), "{run}");
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn jwt(claims: &str) -> String {
    let [header, claims] = [r#"{"alg":"none"}"#, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.c2ln")
}

/// The life that `token --json` says the token has.
fn seconds_left(run: &Run) -> u64 {
    let said: Value = serde_json::from_str(&run.stdout).unwrap();
    let (left, at) = (said["expires_in"].as_u64().unwrap(), said["expires_at"].as_u64().unwrap());
    assert!((now() + left).abs_diff(at) <= 2, "{said}");
    left
}

#[test]
fn without_expires_in_the_jwt_says_how_long_it_lives() {
    let token = jwt(&format!(r#"{{"exp":{}}}"#, now() + 600));
    let server = OddServer::always(Answer::json(200, &format!(r#"{{"access_token":"{token}"}}"#)));
    let world = World::with(profile("dev", &server.url("/token"), ""));
    for _ in 0..2 {
        let run = world.choreo_env(["token", "dev", "--json"]).run();
        assert!((590..=600).contains(&seconds_left(&run)), "{run}");
    }
    assert_eq!(server.count(), 1);
}

#[test]
fn a_life_is_measured_on_the_servers_clock() {
    for skew in [-3600_i64, 3600] {
        let theirs = now().saturating_add_signed(skew);
        let token = jwt(&format!(r#"{{"exp":{}}}"#, theirs + 600));
        let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(theirs));
        let body = format!(r#"{{"access_token":"{token}"}}"#);
        let server = OddServer::always(Answer::http(200, &[&format!("Date: {date}")], &body));
        let world = World::with(profile("dev", &server.url("/token"), ""));
        let run = world.choreo_env(["token", "dev", "--json"]).run();
        assert!((585..=601).contains(&seconds_left(&run)), "skew {skew}\n{run}");
        token_again(&world, &server);
    }
}

fn token_again(world: &World, server: &OddServer) {
    let run = token(world);
    assert_eq!((run.status, server.count()), (Some(0), 1), "{run}");
}

#[test]
fn forget_removes_the_token_and_only_that() {
    let server = OddServer::start(|_, before| Answer::token(&format!("token-{before}"), 900));
    let url = server.url("/token");
    let world = World::with(profile("dev", &url, "") + &profile("other", &url, "scopes = [\"x\"]"));
    token(&world).assert(&fine().stdout("token-0\n"));
    world.choreo_env(["token", "other"]).run().assert(&fine().stdout("token-1\n"));
    let run = world.choreo_env(["forget", "dev"]).run();
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""), "{run}");
    assert_eq!(entries(&world).len(), 1);
    token(&world).assert(&fine().stdout("token-2\n"));
    let run = world.choreo_env(["forget", "--all"]).run();
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""), "{run}");
    assert_eq!(entries(&world).len(), 0);
    assert_eq!(fs::read_dir(world.cache()).unwrap().count(), 0, "nor any lock");
}

#[test]
fn forget_all_leaves_a_lock_that_somebody_holds() {
    let server = OddServer::always(Answer::token("t", 900));
    let world = World::with(profile("dev", &server.url("/token"), ""));
    token(&world).assert(&fine().stdout("t\n"));
    let files = fs::read_dir(world.cache()).unwrap().map(|entry| entry.unwrap().path());
    let path = files.into_iter().find(|path| path.extension().is_some_and(|end| end == "lock")).unwrap();
    let held = fs::File::open(&path).unwrap();
    held.lock().unwrap();
    world.choreo_env(["forget", "--all"]).run().assert(&fine());
    assert!(path.exists() && entries(&world).is_empty());
    drop(held);
    world.choreo_env(["forget", "--all"]).run().assert(&fine());
    assert!(!path.exists());
}
