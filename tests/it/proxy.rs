//! Proxies: the one of the profile, those of the environment, and none for this machine itself.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::support::command::{ends, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::tls::Authority;
use crate::support::toml::profile;
use crate::support::world::World;

/// A proxy that connects to wherever it is told (RFC 9110 §9.3.6), and counts.
struct Tunnel {
    url: String,
    count: Arc<AtomicUsize>,
}

impl Tunnel {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let count = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&count);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || connect(stream));
            }
        });
        Self { url, count }
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

fn connect(mut client: TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    let mut server = TcpStream::connect(target)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        _ = io::copy(&mut from_client, &mut to_server);
        _ = to_server.shutdown(Shutdown::Write);
    });
    _ = io::copy(&mut server, &mut client);
    client.shutdown(Shutdown::Both)
}

/// A server behind TLS, and a profile for it.
fn secured(lines: &str) -> (World, OddServer) {
    let authority = Authority::new();
    let world = World::new();
    let ca = world.write("ca.pem", authority.pem());
    let server = OddServer::start_tls(authority, |_, _| Answer::token("good", 900));
    let lines = format!("ca_file = \"{}\"\n{lines}", ca.to_str().unwrap());
    world.write_config(&profile("dev", &server.url("/token"), &lines));
    (world, server)
}

#[test]
fn the_proxy_of_the_profile_is_used_and_sees_nothing_but_the_address() {
    let tunnel = Tunnel::start();
    let (world, server) = secured(&format!("proxy = \"{}\"", tunnel.url));
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("good\n"));
    assert_eq!((tunnel.count(), server.count()), (1, 1));
}

#[test]
fn the_proxy_of_the_environment_is_used_and_no_proxy_excepts_hosts_from_it() {
    for (variable, excepted, used) in [("HTTPS_PROXY", "", 1), ("https_proxy", "", 1), ("HTTPS_PROXY", "127.0.0.1", 0)]
    {
        let tunnel = Tunnel::start();
        let (world, _server) = secured("");
        let run = world.choreo_env(["token", "dev"]).env(variable, &tunnel.url).env("NO_PROXY", excepted).run();
        run.assert(&fine().stdout("good\n"));
        assert_eq!(tunnel.count(), used, "{variable} {excepted}");
    }
}

#[test]
fn a_plain_request_to_this_machine_goes_through_no_proxy() {
    let tunnel = Tunnel::start();
    let server = OddServer::always(Answer::token("good", 900));
    let world = World::with(profile("dev", &server.url("/token"), ""));
    let run = world.choreo_env(["token", "dev"]).env("HTTP_PROXY", &tunnel.url).env("ALL_PROXY", &tunnel.url).run();
    run.assert(&fine().stdout("good\n"));
    assert_eq!((tunnel.count(), server.count()), (0, 1));
}

#[test]
fn a_proxy_that_is_not_there_is_named_in_the_hint() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap(); // and closed again at once
    let (world, _server) = secured(&format!("proxy = \"http://{closed}\""));
    let run = world.choreo_env(["token", "dev"]).run();
    run.assert(&ends(7).stderr_has([
        "error: profile `dev`",
        "\nhint: ",
        "is the proxy running?",
        "proxy `http://127.0.0.1:",
    ]));
}
