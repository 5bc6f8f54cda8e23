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

use super::{Problem, SecretError};
use crate::environ::Environ;

use store::Session;

/// An entry is called by what it is for: a profile and a key of it.
pub use super::What as Entry;

/// The time that a store may take for an answer. One that hangs, as a D-Bus without its service does, must not hang us.
const LIMIT: Duration = Duration::from_secs(3);

/// The name that all our entries have in common.
#[cfg(feature = "keyring")]
const SERVICE: &str = "choreo-env";

#[cfg(feature = "keyring")]
impl Entry {
    /// The name of the entry among ours.
    fn user(&self) -> String {
        format!("{}/{}", self.profile, self.key)
    }

    /// The name that people see in the store's own program.
    #[cfg(all(unix, not(target_os = "macos")))]
    fn label(&self) -> String {
        format!("{SERVICE}: {} of profile {}", self.key, self.profile)
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

/// Removes an entry, and says whether there was one.
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

/// The secret of an entry.
pub(super) fn get(entry: &Entry, environ: &Environ) -> Result<Stored, Fault> {
    let named = entry.clone();
    let content = in_session(environ, move |session| session.get(&named))?.ok_or(Fault::Empty)?;
    read(&content).ok_or(Fault::Foreign)
}

fn failed(entry: &Entry, fault: Fault) -> SecretError {
    SecretError::unavailable(entry.clone(), None, Problem::Keyring(fault))
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
