//! A stored secret and the one place that it may be sent to.
//!
//! Owns the comparison of origins. Never gives a stored secret for another origin than its own, unless a person at the
//! terminal says so: whoever changes an address in a file does not get the secret with it.

use secrecy::SecretString;
use url::Url;

use super::keyring::{self, Entry, Fault, Stored};
use super::{Problem, SecretError, origin_of, prompt};
use crate::config::Origin;
use crate::environ::Environ;
use crate::notice::{Notice, Report, plain};
use crate::profile::Profile;

/// Where a secret is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The key that says so: `token_url` or `api_url`.
    pub key: &'static str,
    /// Scheme, host and port.
    pub origin: String,
    /// Where the key stands, where that is known.
    pub(super) from: Option<Origin>,
}

impl Destination {
    /// Where a profile sends the secret of a key: `None` where nothing says.
    #[must_use]
    pub fn of(profile: &Profile, key: &str) -> Option<Self> {
        if key == "api_key" {
            let url = Url::parse(profile.api_url.as_deref()?).ok()?;
            return Some(Self { key: "api_url", origin: origin_of(&url), from: None });
        }
        let url = &profile.token_url;
        Some(Self { key: "token_url", origin: origin_of(&url.value), from: Some(url.origin.clone()) })
    }
}

/// A stored secret that would go to another place than the one that it was stored for.
#[derive(Debug, thiserror::Error)]
#[error(
    "{entry} was stored for `{}`, and `{}` is at `{}`{}",
    plain(stored), destination.key, destination.origin, super::error::Beside(destination.from.as_ref())
)]
pub struct Elsewhere {
    pub(super) entry: Entry,
    pub(super) stored: String,
    pub(super) destination: Destination,
}

/// The stored secret, if it may go where it would go.
pub(super) fn reveal(
    entry: &Entry,
    destination: Option<Destination>,
    environ: &Environ,
    report: Report,
) -> Result<SecretString, Refusal> {
    let destination = destination.ok_or(Refusal::Problem(Problem::NoDestination))?;
    let Stored { origin, secret } = keyring::get(entry, environ).map_err(Problem::Keyring)?;
    if origin == destination.origin {
        return Ok(secret);
    }
    let elsewhere = Elsewhere { entry: entry.clone(), stored: origin, destination };
    let question = format!("{elsewhere}\nsend it there from now on? [y/N] ");
    match prompt::confirm(&plain_lines(&question)) {
        Ok(true) => {
            if let Err(error) = keyring::put(entry, &elsewhere.destination.origin, &secret) {
                report(Notice::warning(format!("{error}: you will be asked again")));
            }
            Ok(secret)
        }
        Ok(false) | Err(_) => Err(Refusal::Elsewhere(Box::new(elsewhere))),
    }
}

/// Why a stored secret is not given.
pub(super) enum Refusal {
    Problem(Problem),
    Elsewhere(Box<Elsewhere>),
}

impl Refusal {
    /// What the keyring said, if it is the keyring that has none.
    pub(super) fn fault(self) -> Result<Fault, Self> {
        match self {
            Self::Problem(Problem::Keyring(fault)) => Ok(fault),
            other => Err(other),
        }
    }

    pub(super) fn told(self, entry: &Entry, origin: Option<Origin>) -> SecretError {
        match self {
            Self::Problem(problem) => SecretError::unavailable(entry.clone(), origin, problem),
            Self::Elsewhere(elsewhere) => SecretError::Elsewhere(elsewhere),
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

fn plain_lines(text: &str) -> String {
    text.split('\n').map(plain).collect::<Vec<_>>().join("\n")
}
