//! ④ How we prove who we are.
//!
//! Owns the way from a reference to the secret itself, one file per source. Never stores a secret, never shows one,
//! and never asks before it is called: a warm cache opens nothing. Gives a [`SecretString`], wiped when dropped.

mod bound;
mod command;
mod entered;
mod env;
mod error;
mod file;
mod line;
mod prompt;

pub mod keyring;

use std::fmt;
use std::path::Path;

use secrecy::SecretString;
use url::Url;

use crate::config::{ProfileName, SecretRef, Sourced};
use crate::environ::Environ;
use crate::notice::{Notice, Report};
use crate::profile::Profile;

use error::Problem;
use line::Flaw;

pub use bound::{Destination, Elsewhere};
pub use entered::enter;
pub use error::{Absent, SecretError, Unavailable};

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

impl What {
    /// The command that does something with it in the keyring.
    fn command(&self, verb: &str) -> String {
        let key = if self.key == "consumer_secret" { String::new() } else { format!(" --key {}", self.key) };
        format!("choreo-env secret {verb} {}{key}", self.profile)
    }
}

/// The origin of an address, as a stored secret remembers it: scheme, host and port (RFC 6454 section 6.2).
#[must_use]
pub fn origin_of(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Writes a secret into a file of its own, which only its owner can read and which must not be there yet.
///
/// # Errors
/// Why it could not be written.
pub fn write_file(what: &What, path: &Path, secret: &SecretString) -> Result<(), SecretError> {
    file::write(path, secret).map_err(|problem| SecretError::unavailable(what.clone(), None, problem))
}

/// The secret of a profile's key: `consumer_secret`, `consumer_secret_next` or `api_key`. This may run a program, ask
/// the system's keyring, or ask a person. A consumer secret that nothing refers to is looked for in the keyring.
///
/// # Errors
/// Why the secret is not available; the error never holds any part of it.
pub fn reveal(
    profile: &Profile,
    key: &'static str,
    environ: &Environ,
    report: Report,
) -> Result<SecretString, SecretError> {
    let what = What { profile: profile.name.clone(), key };
    let destination = Destination::of(profile, key);
    match reference(profile, key) {
        Some(reference) => {
            report(Notice::detail(format!("{what} is taken from {} ({})", reference.value, reference.origin)));
            from_source(&what, reference, destination, environ, report)
        }
        None if key == "consumer_secret" => {
            report(Notice::detail(format!("{what} is not configured: asking the system's keyring")));
            bound::reveal(&what, destination, environ, report).map_err(|refusal| match refusal.fault() {
                Ok(fault) => SecretError::Absent(Box::new(Absent { what, fault: Some(fault) })),
                Err(other) => other.told(&what, None),
            })
        }
        None => Err(SecretError::Absent(Box::new(Absent { what, fault: None }))),
    }
}

/// Where the secret of a profile's key is, where something says so.
#[must_use]
pub fn reference<'a>(profile: &'a Profile, key: &str) -> Option<&'a Sourced<SecretRef>> {
    match key {
        "consumer_secret" => profile.consumer_secret.as_ref(),
        "api_key" => profile.api_key.as_ref(),
        _ => None,
    }
}

fn from_source(
    what: &What,
    reference: &Sourced<SecretRef>,
    destination: Option<Destination>,
    environ: &Environ,
    report: Report,
) -> Result<SecretString, SecretError> {
    let origin = || Some(reference.origin.clone());
    let secret = match &reference.value {
        SecretRef::Env(name) => env::read(name, environ),
        SecretRef::File(path) => file::read(path),
        SecretRef::Command(words) => command::run(words, environ, command::LIMIT),
        SecretRef::Keyring => {
            return bound::reveal(what, destination, environ, report).map_err(|refusal| refusal.told(what, origin()));
        }
        SecretRef::Prompt => prompt::ask(what),
        SecretRef::Value(value) => Ok(value.clone()),
    };
    secret.map_err(|problem| SecretError::unavailable(what.clone(), origin(), problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Origin;
    use crate::exit::Exit;
    use crate::secret::keyring::Fault;
    use secrecy::ExposeSecret;

    fn what() -> What {
        What { profile: ProfileName::parse("dev").expect("a name"), key: "consumer_secret" }
    }

    fn reveal_quietly(reference: SecretRef, environ: &Environ) -> Result<SecretString, SecretError> {
        let reference = Sourced::new(reference, Origin::Flag("--set".into()));
        from_source(&what(), &reference, None, environ, &mut |_| {})
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
        let error = SecretError::Absent(Box::new(Absent { what: what(), fault: Some(Fault::Empty) }));
        assert_eq!(
            error.to_string(),
            "profile `dev`: `consumer_secret` is not configured, and nothing is stored for it in the system's keyring"
        );
        let hint = error.hint().expect("a hint");
        assert!(hint.starts_with("store it with `choreo-env secret set dev`"), "{hint}");
        assert!(hint.contains("CHOREO_ENV_CONSUMER_SECRET") && hint.contains("{ command ="), "{hint}");
    }

    #[test]
    fn what_is_reported_holds_no_value() {
        let reference = Sourced::new(SecretRef::Value(SecretString::from("canary")), Origin::BuiltIn);
        let mut said = Vec::new();
        let mut report = |notice| said.push(notice);
        from_source(&what(), &reference, None, &Environ::default(), &mut report).expect("a value");
        assert!(!format!("{said:?} {reference:?}").contains("canary"));
    }
}
