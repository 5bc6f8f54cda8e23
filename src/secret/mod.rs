//! ④ How we prove who we are.
//!
//! Owns the way from a reference to the secret itself, one file per source. Never stores a secret, never shows one,
//! and never asks before it is called: a warm cache opens nothing. Gives a [`SecretString`], wiped when dropped.

mod command;
mod env;
mod error;
mod file;
mod line;
mod prompt;

use std::fmt;

use secrecy::SecretString;

use crate::config::{Origin, ProfileName, SecretRef, Sourced};
use crate::environ::Environ;
use crate::notice::{Notice, Report};

use error::Problem;
use line::Flaw;

pub use error::{SecretError, Unavailable};

/// Which secret is meant, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct What {
    /// The profile that needs it.
    pub profile: ProfileName,
    /// The key that refers to it: `consumer_secret` or `api_key`.
    pub key: &'static str,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "profile `{}`: `{}`", self.profile, self.key)
    }
}

/// Fetches the secret that a reference points to. This may run a program or ask a person.
///
/// # Errors
/// Why the secret is not available; the error never holds any part of it.
pub fn reveal(
    what: &What,
    reference: &Sourced<SecretRef>,
    environ: &Environ,
    report: Report,
) -> Result<SecretString, SecretError> {
    report(Notice::detail(format!("{what} is {}", whereabouts(reference, &reference.origin.to_string()))));
    if !matches!(reference.value, SecretRef::Env(_) | SecretRef::File(_) | SecretRef::Value(_)) {
        report(Notice::Slow);
    }
    let secret = match &reference.value {
        SecretRef::Env(name) => env::read(name, environ),
        SecretRef::File(path) => file::read(path),
        SecretRef::Command(words) => {
            let program = words.first().map_or("", String::as_str);
            let message = format!("for the program `{program}` (`{}`, {})", what.key, reference.origin);
            let mut takes_long = || report(Notice::Waiting(message.clone()));
            command::run(words, environ, command::Patience::USUAL, &mut takes_long)
        }
        SecretRef::Prompt => prompt::ask(what),
        SecretRef::Value(value) => Ok(value.clone()),
    };
    secret.map_err(|problem| unavailable(what, reference, problem))
}

/// Where a secret is, in words, with its origin as the caller shows it: never any part of the secret.
#[must_use]
pub fn whereabouts(reference: &Sourced<SecretRef>, origin: &str) -> String {
    match &reference.value {
        SecretRef::Value(_) if reference.origin.place().is_some() => format!("written at {origin}"),
        // A variable that gives the secret itself refers to itself.
        SecretRef::Env(name) if reference.origin == Origin::Environment(name.clone()) => format!("taken from {origin}"),
        SecretRef::Value(_) => format!("taken from {origin}"),
        elsewhere => format!("taken from `{elsewhere}` ({origin})"),
    }
}

/// Says where a reference leads, as far as that can be seen without reading the secret: no program is run, no file
/// read, nobody asked.
///
/// # Errors
/// Why the secret would not be available.
pub fn locate(what: &What, reference: &Sourced<SecretRef>, environ: &Environ) -> Result<String, SecretError> {
    let place = match &reference.value {
        SecretRef::Env(name) => {
            env::read(name, environ).map(|_| format!("the environment variable `{name}`, which is set"))
        }
        SecretRef::File(path) => {
            file::open(path).map(|_| format!("the file `{}`, which only you can read", path.display()))
        }
        SecretRef::Command(words) => {
            command::locate(words, environ).map(|path| format!("the program `{}`, which is there", path.display()))
        }
        SecretRef::Prompt => Ok("asked for on the terminal".into()),
        SecretRef::Value(_) => Ok("in your own configuration, which only you can read".into()),
    };
    place.map_err(|problem| unavailable(what, reference, problem))
}

fn unavailable(what: &What, reference: &Sourced<SecretRef>, problem: Problem) -> SecretError {
    let (what, origin) = (what.clone(), reference.origin.clone());
    SecretError::Unavailable(Box::new(Unavailable { what, origin, problem }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;
    use secrecy::ExposeSecret;

    fn what() -> What {
        What { profile: ProfileName::parse("dev").expect("a name"), key: "consumer_secret" }
    }

    fn reveal_quietly(reference: SecretRef, environ: &Environ) -> Result<SecretString, SecretError> {
        let reference = Sourced::new(reference, Origin::Flag("--set".into()));
        reveal(&what(), &reference, environ, &mut |_| {})
    }

    #[test]
    fn a_bare_value_is_given_as_it_is() {
        let value = SecretRef::Value(SecretString::from(" s3cr3t "));
        let secret = reveal_quietly(value, &Environ::default()).expect("a value");
        assert_eq!(secret.expose_secret(), " s3cr3t ");
    }

    #[test]
    fn an_error_names_profile_key_and_origin() {
        let error = reveal_quietly(SecretRef::Env("NOPE".into()), &Environ::default()).expect_err("not set");
        assert_eq!(
            error.to_string(),
            "profile `dev`: `consumer_secret`: the environment variable `NOPE` is not set (--set)"
        );
        assert_eq!(error.exit(), Exit::Secret);
    }

    #[test]
    fn a_missing_reference_says_how_to_store_one() {
        let error = SecretError::Absent { what: what() };
        assert_eq!(error.to_string(), "profile `dev`: `consumer_secret` is not configured");
        let hint = error.hint().expect("a hint");
        assert!(hint.contains("CHOREO_ENV_CONSUMER_SECRET") && hint.contains("{ command ="), "{hint}");
    }

    #[test]
    fn what_is_reported_holds_no_value() {
        let reference = Sourced::new(SecretRef::Value(SecretString::from("canary")), Origin::BuiltIn);
        let mut said = Vec::new();
        reveal(&what(), &reference, &Environ::default(), &mut |notice| said.push(notice)).expect("a value");
        assert!(!format!("{said:?} {reference:?}").contains("canary"));
    }
}
