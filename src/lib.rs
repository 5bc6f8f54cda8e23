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
//! Side rooms use the flow, never each other: [`shell`] (names and detection), [`exec`], [`import`], [`man`], `sandbox`. The floor,
//! which all stand on: [`environ`], [`exit`], [`notice`], [`signals`], [`span`], [`store`], [`words`]. The roof, which
//! knows all: [`commands`], [`error`], [`term`] and [`run`].
#![forbid(unsafe_code)]

pub mod cli;
pub mod commands;
pub mod config;
pub mod environ;
pub mod error;
pub mod exec;
pub mod exit;
pub mod import;
pub mod man;
pub mod notice;
pub mod profile;
pub mod render;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod secret;
pub mod shell;
pub mod signals;
pub mod span;
pub mod store;
pub mod term;
pub mod token;
pub mod words;

use std::ffi::OsString;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use cli::{Cli, Command, Mistake};
use environ::Environ;
use exit::Exit;
use term::Term;

/// Runs the program: what `main` does, and what the demo does again to show it.
pub fn run(arguments: impl IntoIterator<Item = OsString>, environ: &Environ, term: &mut Term) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // What failed was told where it happened: see `Term::standard`.
    panic::catch_unwind(AssertUnwindSafe(|| answer(&arguments, environ, term))).unwrap_or(Exit::Unexpected.into())
}

fn answer(arguments: &[OsString], environ: &Environ, term: &mut Term) -> ExitCode {
    term.speak_as(Cli::called(arguments));
    match Cli::read(arguments) {
        Ok(cli) => commands::run(cli, arguments, environ, term),
        Err(error) if error.use_stderr() => {
            let near = |word: &str| config::nearest(word, Command::NAMES.iter().copied());
            let Mistake { message, hint } = Mistake::of(&error, arguments, &near);
            term.error(&message, hint.as_deref());
            commands::env::usage_failed(arguments, environ, term);
            Exit::Usage.into()
        }
        Err(help) => match term.data(&term.spoken(&styled(&help, term.out_has_colour()))) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    /// A terminal at which the program itself breaks.
    struct Broken;

    impl io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            panic!("a fault of the program")
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_fault_of_the_program_ends_with_1_and_makes_eval_fail() {
        let environ: Environ = [("CHOREO_ENV_CONSUMER_KEYS", "misspelt, which is told")].into_iter().collect();
        let mut out = Vec::new();
        let words = ["choreo-env", "dev", "--shell", "sh"].map(OsString::from);
        let status = run(words, &environ, &mut Term::on_pipe(&mut out, Box::new(Broken)));
        assert_eq!(format!("{status:?}"), format!("{:?}", ExitCode::from(1)));
        let out = String::from_utf8(out).expect("text");
        assert!(out.starts_with("unset CHOREO_ACCESS_TOKEN ") && out.ends_with(";\nfalse;\n"), "{out}");
    }
}
