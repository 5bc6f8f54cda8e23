//! The macOS Keychain and the Windows Credential Manager, through the `keyring` crate.

use zeroize::Zeroizing;

use super::{Entry, Fault, SERVICE};
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

    pub(super) fn get(&self, entry: &Entry) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        found(open(entry)?.get_secret()).map(|content| content.map(Zeroizing::new))
    }

    pub(super) fn put(&self, entry: &Entry, content: &[u8]) -> Result<(), Fault> {
        open(entry)?.set_secret(content).map_err(|error| fault(&error))
    }

    pub(super) fn remove(&self, entry: &Entry) -> Result<bool, Fault> {
        found(open(entry)?.delete_credential()).map(|removed| removed.is_some())
    }
}

fn open(entry: &Entry) -> Result<keyring::Entry, Fault> {
    keyring::Entry::new(SERVICE, &entry.user()).map_err(|error| fault(&error))
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
