//! The world that the tests live in: an empty home, the real program in it, real and misbehaving servers, tools.

// Programs and languages that send requests, and how each is run.
pub(crate) mod clients;
// The program, and the comparison of all that it said.
pub(crate) mod command;
// Keys and certificates as people have them.
pub(crate) mod keys;
// An authorization server that others wrote, and certified.
pub(crate) mod oidc;
// A server that does whatever a test wants of it, wrong things above all.
pub(crate) mod server;
// A desktop's session with a keyring.
#[cfg(all(target_os = "linux", feature = "keyring"))]
pub(crate) mod session;
// An interactive shell on a terminal, and the person before it.
pub(crate) mod terminal;
// PowerShell, as far as it can be had.
pub(crate) mod powershell;
// Certificates of a private authority.
pub(crate) mod tls;
// The configuration that a test needs.
pub(crate) mod toml;
// A person at a terminal.
pub(crate) mod typing;
// What is not ours and may be missing: shells, node, curl.
pub(crate) mod tools;
// A home of its own for each test.
pub(crate) mod world;
