//! Many processes at once: one token request, and nobody waits for the dead.

use std::fs;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::command;
use crate::support::oidc::{Client, Oidc};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{KEY, SECRET, profile, profile_with, quoted};
use crate::support::world::World;

const CROWD: usize = 200;

/// Starts `choreo-env token dev`.
fn start(world: &World) -> Child {
    let mut process = world.process(command::program());
    process.args(["token", "dev"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    process.spawn().unwrap()
}

/// All of the crowd's answers; nobody starts before all can.
fn crowd(world: &World) -> Vec<Output> {
    let gate = Barrier::new(CROWD);
    thread::scope(|scope| {
        let member = || {
            gate.wait();
            start(world).wait_with_output().unwrap()
        };
        let members: Vec<_> = (0..CROWD).map(|_| scope.spawn(member)).collect();
        members.into_iter().map(|member| member.join().unwrap()).collect()
    })
}

/// Waits until that is so; fails the test where it takes too long.
#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + command::PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        thread::yield_now();
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn two_hundred_processes_at_once_make_one_token_request() {
    let client = Client { id: KEY, secret: SECRET, auth: "client_secret_basic" };
    let Some(server) = Oidc::with(&[client], serde_json::json!({ "delay_ms": 300 })) else { return };
    let world = World::with(profile("dev", &server.token_url(), "timeout = \"30s\""));
    let answers = crowd(&world);
    let token = text(&answers[0].stdout);
    assert!(token.len() > 20, "a token: {token:?}");
    for answer in &answers {
        let said = (answer.status.code(), text(&answer.stdout), text(&answer.stderr));
        assert_eq!(said, (Some(0), token, ""));
    }
    assert_eq!(server.count(), 1);
}

#[test]
fn a_server_that_refuses_is_not_asked_by_each_of_two_hundred() {
    let refusal = Answer::json(401, r#"{"error":"invalid_client","error_description":"no such client"}"#);
    let server = OddServer::always(Answer::after(Duration::from_millis(300), refusal));
    let world = World::with(profile("dev", &server.url("/token"), "timeout = \"30s\""));
    for answer in crowd(&world) {
        let stderr = text(&answer.stderr);
        assert_eq!((answer.status.code(), text(&answer.stdout)), (Some(6), ""), "{stderr}");
        assert!(stderr.contains("no such client") && stderr.contains("\nhint: "), "{stderr}");
    }
    assert!(server.count() < CROWD / 10, "asked {} times", server.count());
}

/// A server that keeps the first request waiting for ever.
fn slow_once() -> OddServer {
    OddServer::start(|_, before| match before {
        0 => Answer::nothing().then_silence(),
        _ => Answer::token("second", 900),
    })
}

#[test]
fn a_holder_that_is_killed_delays_the_next_one_not_at_all() {
    let server = slow_once();
    let world = World::with(profile("dev", &server.url("/token"), "timeout = \"30s\""));
    let mut holder = start(&world);
    until("the holder's request", || server.count() == 1);
    holder.kill().unwrap(); // SIGKILL: nothing of it can tidy up
    holder.wait().unwrap();
    let begin = Instant::now();
    let next = start(&world).wait_with_output().unwrap();
    assert_eq!((text(&next.stdout), text(&next.stderr)), ("second\n", ""));
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}

#[test]
fn those_who_wait_for_a_holder_that_is_killed_go_on_with_one_request() {
    let server = slow_once();
    let world = World::with(profile("dev", &server.url("/token"), "timeout = \"30s\""));
    let mut holder = start(&world);
    until("the holder's request", || server.count() == 1);
    let waiting: Vec<Child> = (0..20).map(|_| start(&world)).collect();
    holder.kill().unwrap();
    holder.wait().unwrap();
    let begin = Instant::now();
    for process in waiting {
        let answer = process.wait_with_output().unwrap();
        assert_eq!((text(&answer.stdout), text(&answer.stderr)), ("second\n", ""));
    }
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    assert_eq!(server.count(), 2);
}

#[test]
fn a_secret_program_that_outlives_its_killed_caller_holds_nobody_up() {
    let server = OddServer::always(Answer::token("second", 900));
    // The first call hangs, and leaves its process number behind, so that the test can tidy up.
    let script = "mkdir first 2>/dev/null && { echo $$ >number; mv number asked; exec sleep 1000; }; echo s3cret";
    let secret = format!("{{ command = [\"sh\", \"-c\", {}] }}", quoted(script));
    let world = World::with(profile_with("dev", &server.url("/token"), &secret, "timeout = \"30s\""));
    let mut holder = start(&world);
    until("the question for the secret", || world.path("work/asked").exists());
    holder.kill().unwrap();
    holder.wait().unwrap();
    let begin = Instant::now();
    let next = start(&world).wait_with_output().unwrap();
    let number = fs::read_to_string(world.path("work/asked")).unwrap();
    Command::new("kill").arg(number.trim()).status().unwrap();
    assert_eq!((text(&next.stdout), text(&next.stderr)), ("second\n", ""));
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}

#[test]
fn those_who_wait_for_a_holder_that_hangs_give_up_at_their_own_time_out() {
    let server = OddServer::always(Answer::nothing().then_silence());
    let world = World::with(profile("dev", &server.url("/token"), "timeout = \"1s\""));
    let begin = Instant::now();
    let processes: Vec<Child> = (0..5).map(|_| start(&world)).collect();
    for process in processes {
        let answer = process.wait_with_output().unwrap();
        assert_eq!((answer.status.code(), text(&answer.stdout)), (Some(7), ""), "{}", text(&answer.stderr));
    }
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

#[test]
fn processes_that_ask_for_different_scopes_do_not_wait_for_each_other() {
    let server = OddServer::start(|request, _| {
        if request.body.contains("slow") { Answer::nothing().then_silence() } else { Answer::token("quick", 900) }
    });
    let slow = profile("slow", &server.url("/token"), "scopes = [\"slow\"]\ntimeout = \"30s\"");
    let world = World::with(slow + &profile("dev", &server.url("/token"), "scopes = [\"quick\"]"));
    let mut holder = world.process(command::program()).args(["token", "slow"]).spawn().unwrap();
    until("the slow request", || server.count() == 1);
    let quick = start(&world).wait_with_output().unwrap();
    assert_eq!((text(&quick.stdout), text(&quick.stderr)), ("quick\n", ""));
    holder.kill().unwrap();
    holder.wait().unwrap();
}
