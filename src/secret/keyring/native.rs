//! The macOS Keychain and the Windows Credential Manager, through the `keyring` crate.

use zeroize::Zeroizing;

use super::{Entry, Fault, Found, SERVICE};
use crate::environ::Environ;

/// The user's own session, which needs no address.
pub(super) struct Session;

#[allow(clippy::unused_self, reason = "the stores have one form")]
impl Session {
    pub(super) fn of(_: &Environ) -> Self {
        Self
    }

    /// Whether there is a store: whether it is locked shows only when an entry is read.
    pub(super) fn reach(&self) -> Result<(), Fault> {
        keyring::Entry::new(SERVICE, "doctor").map(drop).map_err(|error| fault(&error))
    }

    pub(super) fn get(&self, entry: &Entry) -> Result<Option<Found>, Fault> {
        for user in entry.users() {
            if let Some(content) = found(open(&user)?.get_secret())? {
                return Ok(Some((user, Zeroizing::new(content))));
            }
        }
        Ok(None)
    }

    pub(super) fn put(&self, entry: &Entry, content: &[u8]) -> Result<(), Fault> {
        open(&entry.user())?.set_secret(content).map_err(|error| fault(&error))
    }

    pub(super) fn remove(&self, entry: &Entry) -> Result<bool, Fault> {
        let mut removed = false;
        for user in entry.users() {
            removed |= found(open(&user)?.delete_credential())?.is_some();
        }
        Ok(removed)
    }
}

fn open(user: &str) -> Result<keyring::Entry, Fault> {
    keyring::Entry::new(SERVICE, user).map_err(|error| fault(&error))
}

fn found<T>(result: keyring::Result<T>) -> Result<Option<T>, Fault> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(error) => Err(fault(&error)),
    }
}

/// What an error means. Those that carry a secret's bytes say nothing about them in their words.
fn fault(error: &keyring::Error) -> Fault {
    match error {
        keyring::Error::NoDefaultStore => Fault::NoStore,
        keyring::Error::NoStorageAccess(_) => Fault::Locked,
        other => Fault::Failed(other.to_string()),
    }
}
