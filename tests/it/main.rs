//! The tests, as one program, a module for each room of the product and one for the world that they live in.
//!
//! Every test runs the real program in an empty home of its own, against real servers on free ports of the loopback
//! interface. A tool that is missing skips the test aloud, and fails it where `CHOREO_ENV_REQUIRE` names the tool.
#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and says so"
)]

// The world of a test: home, program, servers, tools. The shells that it runs are those of Unix systems.
#[cfg(unix)]
mod support;

// The rooms of the code, and what is confined to one of them.
mod architecture;
// The token cache: what is kept, for whom, how long, and what happens where it cannot be kept.
#[cfg(unix)]
mod cache;
// `cargo choreo-env`, through the real cargo.
#[cfg(unix)]
mod cargo;
// The commands beside the main job.
#[cfg(unix)]
mod commands;
// What words become at the press of a key, in every shell.
#[cfg(unix)]
mod completions;
// Mistakes in the configuration, and the choice of a profile.
#[cfg(unix)]
mod config_errors;
// Values from the variables that Choreo injects into a component.
#[cfg(unix)]
mod connection;
// What the flags of `curl` say of a call.
#[cfg(unix)]
mod asked;
// Requests for every target, run as they are printed.
#[cfg(unix)]
mod calls;
// Every way of client authentication, against an authorization server that others wrote.
#[cfg(unix)]
mod client_auth;
// Commands for the shells of Windows, read by models of them.
mod windows;
// Every position of a printed cURL command, with hostile values, run by bash.
#[cfg(unix)]
mod curl;
// The printed cURL commands against the sandbox and oidc-provider.
#[cfg(unix)]
mod curl_e2e;
// Profiles that come into the user's file, change there, and leave it.
#[cfg(unix)]
mod entry;
// What is said about a refusal, and what is not.
#[cfg(unix)]
mod refusals;
// What every shell is told when there is no token.
#[cfg(unix)]
mod failure;
// The manual pages, and how they are shown.
#[cfg(unix)]
mod manual;
// What is generated and committed.
mod generated;
// Each kind of mistake in a configuration, and all that is said about it.
#[cfg(unix)]
mod golden;
// cURL commands as people have them, imported and used.
#[cfg(all(unix, feature = "sandbox"))]
mod imports;
// Secrets in the system's keyring, and the place that each is bound to.
#[cfg(all(target_os = "linux", feature = "keyring"))]
mod keyring;
// A canary for a secret.
#[cfg(unix)]
mod leaks;
// The shell plugin as the parsers of fish, nu, elvish, xonsh, tcsh and PowerShell see it.
#[cfg(unix)]
mod plugin_parsers;
// The shell plugin in fish, nu, elvish, xonsh and tcsh, on a terminal.
#[cfg(all(unix, feature = "sandbox"))]
mod plugin_others;
// The shell plugin: what every shell's has in common, and the commands below it.
#[cfg(unix)]
mod plugin;
// The shell plugin in bash and zsh, beside other hooks, in child shells, and where something fails.
#[cfg(unix)]
mod plugin_life;
// The shell plugin in bash and zsh, on a terminal.
#[cfg(unix)]
mod plugin_posix;
// The shell plugin's switch by folder, in bash and zsh.
#[cfg(unix)]
mod plugin_folders;
// Bad answers of a server, one by one.
#[cfg(unix)]
mod odd_answers;
// What package managers read, and what plugin managers load.
#[cfg(unix)]
mod packages;
#[cfg(unix)]
mod plugins;
// The picture of the README, drawn from a real run.
#[cfg(all(target_os = "linux", feature = "sandbox"))]
mod picture;
// Proxies, and where none is used.
#[cfg(unix)]
mod proxy;
// Protected profiles: who is asked, and what a no means.
#[cfg(unix)]
mod protected;
// Many processes at once.
#[cfg(unix)]
mod races;
// What the formats write, read back by every shell.
#[cfg(unix)]
mod shells;
// Slips of people who type.
#[cfg(unix)]
mod slips;
// The main job in every shell.
#[cfg(unix)]
mod shells_e2e;
// What a signal leaves for the shell.
#[cfg(unix)]
mod signals;
// What the program says about itself: show, list, status.
#[cfg(unix)]
mod status;
// What comes with a checkout, trusted or hostile.
#[cfg(unix)]
mod trust;
// Why the program does what it does, for those who ask.
#[cfg(unix)]
mod verbose;
// An issuer in place of a token endpoint.
#[cfg(unix)]
mod discovery;
// What is in a token, and who made it.
#[cfg(unix)]
mod inspect;
// What becomes of a token when another one is asked for.
#[cfg(unix)]
mod reissue;
// Tokens that end before their time.
#[cfg(unix)]
mod revoke;
// What doctor finds, check by check.
#[cfg(unix)]
mod doctor;
