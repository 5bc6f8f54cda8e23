//! The Secret Service of Linux and other Unix systems, over D-Bus.
//!
//! Owns the address of the session's bus. The `keyring` crate opens a dialog where a collection is locked, and then
//! waits for a person; here nobody is asked, so this speaks to the service itself, through the crate below `keyring`.

use std::collections::{BTreeMap, HashMap};

use secret_service::{Collection, EncryptionType, Error, SecretService};
use tokio::runtime;
use zbus::connection;
use zeroize::Zeroizing;

use super::{Entry, Fault, Found, SERVICE};
use crate::environ::{self, Environ};
use crate::notice::plain;

/// Where the session's bus is.
pub(super) struct Session {
    address: Option<String>,
}

impl Session {
    /// As the environment says, else at its usual place.
    pub(super) fn of(environ: &Environ) -> Self {
        let named = environ.text(environ::SESSION_BUS).map(str::to_owned);
        let usual = || Some(format!("unix:path={}", environ.runtime_dir()?.join("bus").to_str()?));
        Self { address: named.or_else(usual) }
    }

    pub(super) fn reach(&self) -> Result<(), Fault> {
        self.with_collection(async |_| Ok(()))
    }

    pub(super) fn get(&self, entry: &Entry) -> Result<Option<Found>, Fault> {
        self.with_collection(async |collection| {
            for user in entry.users() {
                if let Some(item) = collection.search_items(attributes(&user)).await?.first() {
                    return Ok(Some((user, Zeroizing::new(item.get_secret().await?))));
                }
            }
            Ok(None)
        })
    }

    pub(super) fn put(&self, entry: &Entry, content: &[u8]) -> Result<(), Fault> {
        self.with_collection(async |collection| {
            let user = entry.user();
            collection.create_item(&entry.label(), attributes(&user), content, true, "application/json").await?;
            Ok(())
        })
    }

    pub(super) fn remove(&self, entry: &Entry) -> Result<bool, Fault> {
        let removed = self.with_collection(async |collection| {
            let mut found = BTreeMap::new();
            for item in collection.search_items(HashMap::from([SERVICE_ATTRIBUTE])).await? {
                let user = item.get_attributes().await?.remove(USER).unwrap_or_default();
                if entry.covers(&user) {
                    found.insert(user, item);
                }
            }
            if entry.consumer_key.is_none() && found.len() > 1 {
                return Ok(Err(Fault::Several(found.into_keys().map(|user| plain(&user)).collect())));
            }
            for item in found.values() {
                item.delete().await?;
            }
            Ok(Ok(!found.is_empty()))
        });
        removed?
    }

    /// Connects, and works with the default collection, if that takes no dialog.
    fn with_collection<T>(&self, work: impl AsyncFnOnce(&Collection<'_>) -> Result<T, Error>) -> Result<T, Fault> {
        let address = self.address.as_deref().ok_or(Fault::NoStore)?;
        let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.map_err(|error| Fault::Failed(error.to_string()))?;
        runtime.block_on(async {
            let builder = connection::Builder::address(address).map_err(|_| Fault::NoStore)?;
            let bus = builder.build().await.map_err(|_| Fault::NoStore)?;
            // Encrypted even on this machine: a program that watches the bus would see the secret.
            let service = SecretService::connect_with_existing(EncryptionType::Dh, bus).await.map_err(no_service)?;
            let collection = service.get_default_collection().await.map_err(|error| match error {
                Error::NoResult => Fault::NoCollection,
                other => fault(&other),
            })?;
            if collection.is_locked().await.map_err(|error| fault(&error))? {
                return Err(Fault::Locked);
            }
            work(&collection).await.map_err(|error| fault(&error))
        })
    }
}

/// What an entry is found by: the same as that of the `keyring` crate, so that other programs find it, too.
fn attributes(user: &str) -> HashMap<&str, &str> {
    HashMap::from([SERVICE_ATTRIBUTE, (USER, user)])
}

/// What all our entries have in common.
const SERVICE_ATTRIBUTE: (&str, &str) = ("service", SERVICE);
/// The attribute that tells them apart.
const USER: &str = "username";

/// A bus on which nobody is the Secret Service, nor can be started, is like no bus.
fn no_service(error: Error) -> Fault {
    let absent = |name: &str| ABSENT.contains(&name) || name.starts_with("org.freedesktop.DBus.Error.Spawn.");
    match error {
        Error::Zbus(zbus::Error::MethodError(name, ..)) if absent(name.as_str()) => Fault::NoStore,
        Error::ZbusFdo(_) | Error::Unavailable => Fault::NoStore,
        other => fault(&other),
    }
}

/// What a bus says where there is no such service.
const ABSENT: [&str; 2] = ["org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"];

fn fault(error: &Error) -> Fault {
    match error {
        Error::Locked | Error::Prompt | Error::PromptDisconnected => Fault::Locked,
        Error::NoResult => Fault::Empty,
        Error::Unavailable => Fault::NoStore,
        other => Fault::Failed(plain(&other.to_string())),
    }
}
