//! A desktop's session: a bus of its own, and a real GNOME Keyring on it, or one that is locked, silent or missing.
//!
//! Never touches the session of whoever runs the tests: bus, files and password belong to the test's world.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use secret_service::{EncryptionType, SecretService};
use tokio::runtime::{Builder, Runtime};
use zbus::Connection;

use super::command::PATIENCE;
use super::tools;
use super::world::World;

const NAME: &str = "org.freedesktop.secrets";

/// The session of a world, at the place where programs look for it. It ends when dropped.
pub(crate) struct Session {
    children: Vec<Child>,
    runtime: Runtime,
    connection: Connection,
}

impl Session {
    /// A bus with nobody on it, and nobody whom it could start.
    pub(crate) fn empty(world: &World) -> Option<Self> {
        let daemon = tools::find("dbus-daemon")?;
        let address = format!("unix:path={}", world.path("run/bus").display());
        let config = world.write("bus.conf", config(&address));
        let mut bus = world.process(daemon);
        bus.arg(format!("--config-file={}", config.display())).args(["--nofork", "--print-address"]);
        let mut bus = bus.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let ready = BufReader::new(bus.stdout.take().unwrap()).lines().next();
        assert!(ready.is_some_and(|line| line.is_ok()), "the bus does not start");
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let connection = runtime.block_on(async {
            let connecting = zbus::connection::Builder::address(address.as_str()).unwrap().build();
            tokio::time::timeout(PATIENCE, connecting).await.expect("the bus answers").unwrap()
        });
        Some(Self { children: vec![bus], runtime, connection })
    }

    /// A session with a keyring that is unlocked and empty.
    pub(crate) fn with_keyring(world: &World) -> Option<Self> {
        let daemon = tools::find("gnome-keyring-daemon")?;
        let mut session = Self::empty(world)?;
        session.start(&daemon, world, &["--unlock"], "password");
        Some(session)
    }

    /// A session with a keyring that nobody has set up.
    pub(crate) fn with_bare_keyring(world: &World) -> Option<Self> {
        let daemon = tools::find("gnome-keyring-daemon")?;
        let mut session = Self::empty(world)?;
        session.start(&daemon, world, &[], "");
        Some(session)
    }

    /// A session with a keyring that takes every question and answers none.
    pub(crate) fn with_silent_keyring(world: &World) -> Option<Self> {
        let session = Self::empty(world)?;
        session.runtime.block_on(session.connection.request_name(NAME)).unwrap();
        Some(session)
    }

    /// Locks the keyring, as a screen saver does.
    pub(crate) fn lock(&self) {
        self.runtime.block_on(async {
            let bus = self.connection.clone();
            let service = SecretService::connect_with_existing(EncryptionType::Plain, bus).await.unwrap();
            service.get_default_collection().await.unwrap().lock().await.unwrap();
        });
    }

    /// Stores an item of ours under that name, whatever it is.
    pub(crate) fn put(&self, user: &str, content: &str) {
        self.runtime.block_on(async {
            let bus = self.connection.clone();
            let service = SecretService::connect_with_existing(EncryptionType::Plain, bus).await.unwrap();
            let attributes = [("service", "choreo-env"), ("username", user)].into_iter().collect();
            let collection = service.get_default_collection().await.unwrap();
            collection.create_item("a label", attributes, content.as_bytes(), true, "application/json").await.unwrap();
        });
    }

    fn start(&mut self, daemon: &Path, world: &World, arguments: &[&str], password: &str) {
        let control = world.path("run/control");
        let mut keyring: Command = world.process(daemon);
        keyring.args(["--foreground", "--components=secrets", "--control-directory"]).arg(control).args(arguments);
        keyring.env("XDG_DATA_HOME", world.path("data"));
        keyring.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", world.path("run/bus").display()));
        let keyring = keyring.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut keyring = keyring.spawn().unwrap();
        keyring.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        self.children.push(keyring);
        let began = Instant::now();
        while !self.has_keyring() {
            assert!(began.elapsed() < PATIENCE, "the keyring does not start");
        }
    }

    fn has_keyring(&self) -> bool {
        let (path, interface) = ("/org/freedesktop/DBus", "org.freedesktop.DBus");
        let call = self.connection.call_method(Some(interface), path, Some(interface), "NameHasOwner", &NAME);
        self.runtime.block_on(call).unwrap().body().deserialize().unwrap()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            _ = child.kill();
            _ = child.wait();
        }
    }
}

/// A bus on which everything is allowed, and which starts no service by itself.
fn config(address: &str) -> String {
    format!(
        "<busconfig><type>session</type><listen>{address}</listen><policy context=\"default\">\
         <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>\
         </busconfig>\n"
    )
}

/// The files of the keyring, which it encrypts.
pub(crate) fn keyring_files(world: &World) -> usize {
    fs::read_dir(world.path("data/keyrings")).map_or(0, Iterator::count)
}
