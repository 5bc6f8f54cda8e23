//! From a named environment to a working access token.
//!
//! The flow, room by room; each arrow is one type, and a room uses only what stands before it:
//!
//! ```text
//! cli → config → profile → secret → token → render
//!     Cli  →  Loaded → Profile → SecretString → AccessToken → text
//! ```
//!
//! - [`cli`] ① what was asked
//! - [`config`] ② what is configured, and by whom
//! - [`profile`] ③ which environment that is
//! - [`secret`] ④ how we prove who we are
//! - [`token`] ⑤ what we were given
//! - [`render`] ⑥ how we say it
//!
//! Side rooms use the flow, never each other: [`shell`] (names and detection), [`exec`], [`import`], `sandbox`. The floor,
//! which all stand on: [`environ`], [`exit`], [`notice`], [`span`], [`store`], [`words`]. The roof, which knows all:
//! [`commands`], [`error`], [`term`] and [`run`].
#![forbid(unsafe_code)]

pub mod cli;
pub mod commands;
pub mod config;
pub mod environ;
pub mod error;
pub mod exec;
pub mod exit;
pub mod import;
pub mod notice;
pub mod profile;
pub mod render;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod secret;
pub mod shell;
pub mod span;
pub mod store;
pub mod term;
pub mod token;
pub mod words;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use environ::Environ;
use exit::Exit;
use term::Term;

/// Runs the program: what `main` does, and what the demo does again to show it.
pub fn run(arguments: impl IntoIterator<Item = OsString>, environ: &Environ, term: &mut Term) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match Cli::try_parse_from(&arguments) {
        Ok(cli) => commands::run(cli, environ, term),
        Err(error) if error.use_stderr() => {
            term.people(&styled(&error, term.err_has_colour()));
            commands::env::usage_failed(&arguments, environ, term);
            Exit::Usage.into()
        }
        Err(help) => match term.data(&styled(&help, term.out_has_colour())) {
            Ok(()) => Exit::Fine.into(),
            Err(_) => Exit::Unexpected.into(),
        },
    }
}

/// What clap has to say, with colour where that is wanted.
fn styled(said: &clap::Error, colour: bool) -> String {
    let text = said.render();
    if colour { text.ansi().to_string() } else { text.to_string() }
}
