//! A stored secret and the one place that it may be sent to.
//!
//! Owns the comparison of origins. Never gives a stored secret for another origin than its own, unless a person at the
//! terminal says so: whoever changes an address in a file does not get the secret with it.

use secrecy::SecretString;
use url::Url;

use super::keyring::{self, Entry, Fault, Stored};
use super::{Problem, SecretError, What, origin_of, prompt};
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
    /// Where a profile sends the secret of a key.
    ///
    /// # Errors
    /// Nothing says where an API key may go: the profile has no `api_url`.
    pub fn of(profile: &Profile, key: &'static str) -> Result<Self, SecretError> {
        if key != "api_key" {
            let url = &profile.token_url;
            return Ok(Self { key: "token_url", origin: origin_of(&url.value), from: Some(url.origin.clone()) });
        }
        let url = profile.api_url.as_deref().and_then(|text| Url::parse(text).ok());
        let what = || What { profile: profile.name.clone(), key };
        let url = url.ok_or_else(|| SecretError::unavailable(what(), None, Problem::NoDestination))?;
        Ok(Self { key: "api_url", origin: origin_of(&url), from: None })
    }
}

/// A stored secret that would go to another place than the one that it was stored for.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} was stored for `{}`, and `{}` is at `{}`{}",
    entry.what, plain(stored), destination.key, destination.origin, super::error::Beside(destination.from.as_ref())
)]
pub struct Elsewhere {
    pub(super) entry: Entry,
    pub(super) stored: String,
    pub(super) destination: Destination,
}

/// What the keyring has.
pub(super) enum Found {
    /// A secret that may go where it would go.
    Bound(SecretString),
    /// One that may not.
    Elsewhere(Box<Elsewhere>, SecretString),
}

/// Looks for the entry, and at where it may go.
pub(super) fn find(entry: &Entry, destination: Destination, environ: &Environ) -> Result<Found, Fault> {
    let Stored { origin, secret } = keyring::get(entry, environ)?;
    if origin == destination.origin {
        return Ok(Found::Bound(secret));
    }
    Ok(Found::Elsewhere(Box::new(Elsewhere { entry: entry.clone(), stored: origin, destination }), secret))
}

/// Lets a person decide whether the secret may go there, and remembers a yes.
pub(super) fn ask(
    elsewhere: Box<Elsewhere>,
    secret: SecretString,
    report: Report,
) -> Result<SecretString, SecretError> {
    if !matches!(allowed(&elsewhere), Ok(true)) {
        return Err(SecretError::Elsewhere(elsewhere));
    }
    if let Err(error) = keyring::put(&elsewhere.entry, &elsewhere.destination.origin, &secret) {
        report(Notice::warning(format!("{error}: you will be asked again")));
    }
    Ok(secret)
}

/// Binds a stored secret to the place where the profile sends it now, and gives the origins before and after. Where
/// there is a terminal, both are shown there first; elsewhere the command is the answer.
///
/// # Errors
/// There is no such secret, or the answer is no, or the keyring fails.
pub fn rebind(profile: &Profile, key: &'static str, environ: &Environ) -> Result<(String, String), SecretError> {
    let entry = Entry::of(profile, key);
    let destination = Destination::of(profile, key)?;
    let to = destination.origin.clone();
    let failed = |fault| SecretError::unavailable(entry.what.clone(), None, Problem::Keyring(fault));
    match find(&entry, destination, environ).map_err(failed)? {
        Found::Bound(_) => Ok((to.clone(), to)),
        Found::Elsewhere(elsewhere, secret) => match allowed(&elsewhere) {
            Ok(true) | Err(Problem::NoTerminal) => {
                keyring::put(&entry, &to, &secret)?;
                Ok((elsewhere.stored, to))
            }
            Ok(false) | Err(_) => Err(SecretError::Elsewhere(elsewhere)),
        },
    }
}

fn allowed(elsewhere: &Elsewhere) -> Result<bool, Problem> {
    prompt::confirm(&format!("{}\nsend it there from now on? [y/N] ", plain(&elsewhere.to_string())))
}
