//! `{ keyring = true }`: a secret in the system's own store: the Secret Service (GNOME Keyring, `KWallet`, `KeePassXC`),
//! the macOS Keychain, the Windows Credential Manager.
//!
//! Owns what an entry is called and what is in it, and the limit on the time that a store may take. Never opens a dialog
//! of the store, never waits longer than the limit, and never keeps a secret elsewhere where there is no store. Gives a
//! [`Stored`] secret with the origin that it was stored for.

#[cfg_attr(not(feature = "keyring"), path = "absent.rs")]
#[cfg_attr(all(feature = "keyring", any(target_os = "macos", windows)), path = "native.rs")]
#[cfg_attr(all(feature = "keyring", unix, not(target_os = "macos")), path = "secret_service.rs")]
mod store;

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Problem, SecretError, What};
use crate::environ::Environ;
use crate::profile::Profile;

use store::Session;

/// An entry is called by what it is for: a profile, a key of it, and the consumer key that the secret belongs to, so that
/// two projects with a profile `dev` have one each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The profile and the key, which messages name.
    pub what: What,
    /// The consumer key; `None` where nobody knows it, which means the entry that has none.
    pub consumer_key: Option<String>,
}

/// The time that a store may take for an answer. One that hangs, as a D-Bus without its service does, must not hang us.
const LIMIT: Duration = Duration::from_secs(3);

/// The name that all our entries have in common.
#[cfg(feature = "keyring")]
const SERVICE: &str = "choreo-env";

impl Entry {
    /// The entry of a profile's key.
    #[must_use]
    pub fn of(profile: &Profile, key: &'static str) -> Self {
        let what = What { profile: profile.name.clone(), key };
        Self { what, consumer_key: Some(profile.consumer_key.value.clone()) }
    }

    /// The name of the entry among ours.
    #[must_use]
    pub fn user(&self) -> String {
        match &self.consumer_key {
            Some(consumer_key) => format!("{}@{consumer_key}", self.without_key()),
            None => self.without_key(),
        }
    }

    /// The name that an entry has where nobody knows the consumer key, and that all had once.
    fn without_key(&self) -> String {
        format!("{}/{}", self.what.profile, self.what.key)
    }

    /// The names under which a secret for this is looked for, the best first.
    #[cfg(feature = "keyring")]
    fn users(&self) -> Vec<String> {
        let (own, general) = (self.user(), self.without_key());
        if own == general { vec![own] } else { vec![own, general] }
    }

    /// Whether an entry of that name is meant when this one is to be removed: those that would be found, and where nobody
    /// knows the consumer key, those of every consumer key.
    #[cfg(all(feature = "keyring", unix, not(target_os = "macos")))]
    fn covers(&self, user: &str) -> bool {
        let of_any_key = || user.strip_prefix(&self.without_key()).is_some_and(|rest| rest.starts_with('@'));
        self.users().iter().any(|known| known == user) || (self.consumer_key.is_none() && of_any_key())
    }

    /// The name that people see in the store's own program.
    #[cfg(all(feature = "keyring", unix, not(target_os = "macos")))]
    fn label(&self) -> String {
        let of = self.consumer_key.as_ref().map(|key| format!(", consumer key {key}")).unwrap_or_default();
        format!("{SERVICE}: {} of profile {}{of}", self.what.key, self.what.profile)
    }
}

/// A secret from the store, with the only origin that it may be sent to.
#[derive(Debug)]
pub struct Stored {
    /// Scheme, host and port: see [`super::origin_of`].
    pub origin: String,
    /// The secret.
    pub secret: SecretString,
}

/// Why the store did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[allow(dead_code, reason = "which of them can happen depends on the system's store")]
pub enum Fault {
    /// The program was built without it.
    #[error("this program was built without the system's keyring")]
    NotBuilt,
    /// There is no store on this system, or in this session.
    #[error("there is no keyring to be reached here")]
    NoStore,
    /// There is a store, and in it no place for what is new.
    #[error("the system's keyring has no default collection")]
    NoCollection,
    /// Somebody has to unlock it, which takes a dialog.
    #[error("the system's keyring is locked")]
    Locked,
    /// It did not answer in time.
    #[error("the system's keyring did not answer within {} s", LIMIT.as_secs())]
    TooSlow,
    /// It has no such entry.
    #[error("nothing is stored for it in the system's keyring")]
    Empty,
    /// The entry is not one that we wrote.
    #[error("what the system's keyring holds for it was not stored by choreo-env")]
    Foreign,
    /// Nobody knows the consumer key, and there are entries of several.
    #[error("the system's keyring has more than one: {}", .0.iter().map(|user| format!("`{user}`")).collect::<Vec<_>>().join(", "))]
    Several(Vec<String>),
    /// Something else, in the store's own words.
    #[error("the system's keyring failed: {0}")]
    Failed(String),
}

impl Fault {
    /// What to do next, where it does not depend on the entry.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotBuilt => format!("build it with `--features keyring`, or {ELSEWHERE}"),
            Self::NoStore => {
                format!("without a desktop (SSH, WSL, a container, CI) there is none, as a rule: {ELSEWHERE}")
            }
            Self::NoCollection => {
                format!("create one in the keyring's own program (\"Passwords and Keys\"), or {ELSEWHERE}")
            }
            Self::Locked => {
                format!("unlock it by logging in, or in its own program (\"Passwords and Keys\"), or {ELSEWHERE}")
            }
            Self::TooSlow => format!("is its service running, and does it wait for a dialog? else {ELSEWHERE}"),
            Self::Several(_) => "name the one by what stands behind its `@`: `--set consumer_key=…`".into(),
            Self::Empty | Self::Foreign | Self::Failed(_) => return None,
        })
    }
}

/// Where a secret can be in place of the keyring. Never plain text by itself: that is the user's choice.
const ELSEWHERE: &str = "use `{ env = … }`, `{ file = … }` or `{ command = … }` in place of the keyring";

/// Stores a secret for an origin, in place of what the entry held before.
///
/// # Errors
/// Why the store did not take it. After a time-out it may have, or may yet.
pub fn put(entry: &Entry, origin: &str, secret: &SecretString) -> Result<(), SecretError> {
    let (named, content) = (entry.clone(), written(origin, secret));
    in_session(&Environ::capture(), move |session| session.put(&named, &content)).map_err(|fault| failed(entry, fault))
}

/// Removes an entry, also the one that has no consumer key, and says whether there was one. Where nobody knows the
/// consumer key, the only one of the profile goes, if the store can list them: those of macOS and Windows cannot.
///
/// # Errors
/// Why the store did not.
pub fn remove(entry: &Entry) -> Result<bool, SecretError> {
    let named = entry.clone();
    in_session(&Environ::capture(), move |session| session.remove(&named)).map_err(|fault| failed(entry, fault))
}

/// Whether the store can be reached, and can be used without a dialog, as far as it says so. Looks at no entry.
///
/// # Errors
/// Why it cannot.
pub fn reach(environ: &Environ) -> Result<(), Fault> {
    in_session(environ, Session::reach)
}

/// Whether an entry could be stored, before somebody takes the trouble to type a secret.
///
/// # Errors
/// Why it could not.
pub fn ready(entry: &Entry, environ: &Environ) -> Result<(), SecretError> {
    reach(environ).map_err(|fault| failed(entry, fault))
}

/// The secret of an entry, or of the one that has no consumer key.
pub(super) fn get(entry: &Entry, environ: &Environ) -> Result<Stored, Fault> {
    let (_, content) = found(entry, environ)?;
    read(&content).ok_or(Fault::Foreign)
}

/// The name of the entry that a secret would come from.
///
/// # Errors
/// Why there is none.
pub fn holder(entry: &Entry, environ: &Environ) -> Result<String, SecretError> {
    found(entry, environ).map(|(user, _)| user).map_err(|fault| failed(entry, fault))
}

fn found(entry: &Entry, environ: &Environ) -> Result<Found, Fault> {
    let named = entry.clone();
    in_session(environ, move |session| session.get(&named))?.ok_or(Fault::Empty)
}

/// The name of an entry, and what is in it.
type Found = (String, Zeroizing<Vec<u8>>);

fn failed(entry: &Entry, fault: Fault) -> SecretError {
    SecretError::unavailable(entry.what.clone(), None, Problem::Keyring(fault))
}

/// Works with the store on a thread of its own, which is left alone when the time is up: it ends with this process.
fn in_session<T: Send + 'static>(
    environ: &Environ,
    work: impl FnOnce(&Session) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let session = Session::of(environ);
    let (sender, receiver) = mpsc::sync_channel(1);
    let work = move || _ = sender.send(work(&session)); // nobody listens after the limit
    thread::Builder::new().name("keyring".into()).spawn(work).map_err(|error| Fault::Failed(error.to_string()))?;
    receiver.recv_timeout(LIMIT).unwrap_or_else(|error| match error {
        RecvTimeoutError::Timeout => Err(Fault::TooSlow),
        RecvTimeoutError::Disconnected => Err(Fault::Failed("it broke off".into())),
    })
}

/// What an entry holds, as JSON. The Windows Credential Manager takes 2560 bytes, of which a secret needs few.
#[derive(Serialize)]
struct Written<'a> {
    origin: &'a str,
    secret: &'a str,
}

#[derive(Deserialize)]
struct Read {
    origin: String,
    secret: String,
}

fn written(origin: &str, secret: &SecretString) -> Zeroizing<Vec<u8>> {
    let secret = secret.expose_secret();
    // Room for all of it, each byte escaped: a buffer that grows leaves copies behind that nobody wipes.
    let mut content = Zeroizing::new(Vec::with_capacity(64 + 6 * (origin.len() + secret.len())));
    _ = serde_json::to_writer(&mut *content, &Written { origin, secret }); // two texts: nothing that could fail
    content
}

fn read(content: &[u8]) -> Option<Stored> {
    let Read { origin, secret } = serde_json::from_slice(content).ok()?;
    let secret = SecretString::from(secret);
    (!secret.expose_secret().is_empty()).then_some(Stored { origin, secret })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn what_is_written_is_read_again() {
        for secret in ["s3cr3t", "a\"\\\n\u{1f}é€", &"\u{1}".repeat(500)] {
            let content = written("https://sts.example:8443", &SecretString::from(secret));
            let stored = read(&content).expect("ours");
            assert_eq!((stored.origin.as_str(), stored.secret.expose_secret()), ("https://sts.example:8443", secret));
        }
    }

    #[test]
    fn what_others_wrote_is_no_secret_of_ours() {
        for content in ["", "s3cr3t", "{}", r#"{"secret":"s"}"#, r#"{"origin":"o","secret":""}"#, "[1]"] {
            assert!(read(content.as_bytes()).is_none(), "{content}");
        }
    }

    #[test]
    fn a_store_that_hangs_is_left_alone_after_the_limit() {
        let (_kept, never) = mpsc::channel::<()>();
        let began = Instant::now();
        let fault = in_session(&Environ::default(), move |_| never.recv().map_err(|_| Fault::Empty));
        assert!(matches!(fault, Err(Fault::TooSlow)));
        assert!(began.elapsed() >= LIMIT && began.elapsed() < 5 * LIMIT);
    }
}
