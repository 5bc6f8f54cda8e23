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
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::config::{Origin, ProfileName, SecretRef, Sourced};
use crate::environ::Environ;
use crate::notice::{Notice, Report};
use crate::profile::Profile;

use bound::Found;
use error::Problem;
use keyring::Fault;
use line::{Flaw, Form};

pub use bound::{Destination, Elsewhere, rebind};
pub use entered::{enter, paste};
pub use error::{Absent, SecretError, Unavailable};

/// Which secret is meant, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct What {
    /// The profile that needs it.
    pub profile: ProfileName,
    /// The key that refers to it, such as `consumer_secret`.
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
    file::write(path, Form::of(what.key), secret)
        .map_err(|problem| SecretError::unavailable(what.clone(), None, problem))
}

/// The secret of a profile's key, such as `consumer_secret` or `api_key`. This may run a program, ask
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
    Search { profile, key, environ, manner: Manner::Ask }.run(report)
}

/// The same without asking a person, and within a time.
///
/// # Errors
/// Why the secret is not available, or that somebody would have to be asked.
pub fn reveal_unasked(
    profile: &Profile,
    key: &'static str,
    within: Duration,
    environ: &Environ,
    report: Report,
) -> Result<SecretString, SecretError> {
    Search { profile, key, environ, manner: Manner::Unasked(within) }.run(report)
}

/// Whether [`reveal`] would give the secret. Asks nobody; a program that gives it is run.
///
/// # Errors
/// Why it would not.
pub fn check(profile: &Profile, key: &'static str, environ: &Environ, report: Report) -> Result<(), SecretError> {
    Search { profile, key, environ, manner: Manner::Check }.run(report).map(drop)
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

/// Says where the secret of a profile's key is, as far as that can be seen without reading it: no program is run, no
/// file read, no keyring opened, nobody asked.
///
/// # Errors
/// Why the secret would not be available.
pub fn locate(profile: &Profile, key: &'static str, environ: &Environ) -> Result<String, SecretError> {
    let what = What { profile: profile.name.clone(), key };
    let keyring = || format!("in the system's keyring, if it is stored there; `{}` asks it", what.command("check"));
    let Some(reference) = reference(profile, key) else {
        return match key {
            "consumer_secret" => Ok(keyring()),
            _ => Err(SecretError::Absent(Box::new(Absent { what, fault: None }))),
        };
    };
    let place = match &reference.value {
        SecretRef::Keyring => Ok(keyring()),
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
    place.map_err(|problem| SecretError::unavailable(what, Some(reference.origin.clone()), problem))
}

/// Where the secret of a profile's key is, where something says so.
#[must_use]
pub fn reference<'a>(profile: &'a Profile, key: &str) -> Option<&'a Sourced<SecretRef>> {
    match key {
        "consumer_secret" => profile.consumer_secret.as_ref(),
        "consumer_secret_next" => profile.consumer_secret_next.as_ref(),
        "private_key" => profile.private_key.as_ref(),
        "private_key_passphrase" => profile.private_key_passphrase.as_ref(),
        "api_key" => profile.api_key.as_ref(),
        _ => None,
    }
}

/// Whether the secret of a profile's key would come from the keyring.
#[must_use]
pub fn is_in_keyring(profile: &Profile, key: &str) -> bool {
    let reference = reference(profile, key);
    let usual = key == "consumer_secret" && profile.client_auth.value.secret_key() == Some(key);
    reference.map_or(usual, |reference| matches!(reference.value, SecretRef::Keyring))
}

/// A search for one secret.
struct Search<'a> {
    profile: &'a Profile,
    key: &'static str,
    environ: &'a Environ,
    manner: Manner,
}

/// What may be done for a secret.
#[derive(Clone, Copy)]
enum Manner {
    /// Everything.
    Ask,
    /// Everything but asking a person; what only a person knows is taken as given.
    Check,
    /// Everything but asking a person, within a time.
    Unasked(Duration),
}

impl Manner {
    /// How long a program may take. Where somebody waits who has asked for nothing, it is not worth a word.
    fn patience(self) -> command::Patience {
        let usual = command::Patience::USUAL;
        match self {
            Self::Ask | Self::Check => usual,
            Self::Unasked(within) => command::Patience { quiet: usual.limit, limit: within.min(usual.limit) },
        }
    }
}

impl Search<'_> {
    fn run(&self, report: Report) -> Result<SecretString, SecretError> {
        let what = What { profile: self.profile.name.clone(), key: self.key };
        let Some(reference) = reference(self.profile, self.key) else {
            if self.key != "consumer_secret" {
                return Err(SecretError::Absent(Box::new(Absent { what, fault: None })));
            }
            report(Notice::detail(format!("{what} is not configured: asking the system's keyring")));
            report(Notice::Slow);
            return self.stored(report, |fault| {
                SecretError::Absent(Box::new(Absent { what: what.clone(), fault: Some(fault) }))
            });
        };
        report(Notice::detail(format!("{what} is {}", whereabouts(reference, &reference.origin.to_string()))));
        if !matches!(reference.value, SecretRef::Env(_) | SecretRef::File(_) | SecretRef::Value(_)) {
            report(Notice::Slow);
        }
        let failed = |problem| SecretError::unavailable(what.clone(), Some(reference.origin.clone()), problem);
        match &reference.value {
            SecretRef::Keyring => self.stored(report, |fault| failed(Problem::Keyring(fault))),
            SecretRef::Env(name) => env::read(name, self.environ).map_err(failed),
            SecretRef::File(path) => file::read(path, Form::of(self.key)).map_err(failed),
            SecretRef::Command(words) => {
                let program = words.first().map_or("", String::as_str);
                let message = format!("for the program `{program}` (`{}`, {})", what.key, reference.origin);
                let mut takes_long = || report(Notice::Waiting(message.clone()));
                let (form, patience) = (Form::of(self.key), self.manner.patience());
                command::run(words, form, self.environ, patience, &mut takes_long).map_err(failed)
            }
            SecretRef::Prompt => match self.manner {
                Manner::Ask => prompt::ask(&what).map_err(failed),
                Manner::Check => prompt::possible().map(|()| SecretString::default()).map_err(failed),
                Manner::Unasked(_) => Err(failed(Problem::NobodyIsAsked)),
            },
            SecretRef::Value(value) => Ok(value.clone()),
        }
    }

    fn stored(&self, report: Report, failed: impl Fn(Fault) -> SecretError) -> Result<SecretString, SecretError> {
        let entry = keyring::Entry::of(self.profile, self.key);
        match bound::find(&entry, Destination::of(self.profile, self.key)?, self.environ).map_err(failed)? {
            Found::Bound(secret) => Ok(secret),
            Found::Elsewhere(elsewhere, secret) if matches!(self.manner, Manner::Ask) => {
                bound::ask(elsewhere, secret, report)
            }
            Found::Elsewhere(elsewhere, _) => Err(SecretError::Elsewhere(elsewhere)),
        }
    }
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
        reveal(&profile(Some(reference)), "consumer_secret", environ, &mut |_| {})
    }

    fn profile(secret: Option<Sourced<SecretRef>>) -> Profile {
        let mut profile = crate::token::tests::profile("http://127.0.0.1:1/token");
        profile.consumer_secret = secret;
        profile
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
        let profile = profile(Some(reference));
        let mut report = |notice| said.push(notice);
        reveal(&profile, "consumer_secret", &Environ::default(), &mut report).expect("a value");
        assert!(!format!("{said:?} {profile:?}").contains("canary"));
    }
}
