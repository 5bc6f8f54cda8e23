//! The Secret Service of Linux and other Unix systems, over D-Bus.
//!
//! Owns the address of the session's bus. The `keyring` crate opens a dialog where a collection is locked, and then
//! waits for a person; here nobody is asked, so this speaks to the service itself, through the crate below `keyring`.

use std::collections::HashMap;

use secret_service::{Collection, EncryptionType, Error, Item, SecretService};
use tokio::runtime;
use zbus::connection;
use zeroize::Zeroizing;

use super::{Entry, Fault, SERVICE};
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

    pub(super) fn get(&self, entry: &Entry) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        self.with_collection(async |collection| match item(collection, entry).await? {
            Some(item) => Ok(Some(Zeroizing::new(item.get_secret().await?))),
            None => Ok(None),
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
        self.with_collection(async |collection| match item(collection, entry).await? {
            Some(item) => item.delete().await.map(|()| true),
            None => Ok(false),
        })
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

async fn item<'a>(collection: &'a Collection<'_>, entry: &Entry) -> Result<Option<Item<'a>>, Error> {
    let user = entry.user();
    Ok(collection.search_items(attributes(&user)).await?.into_iter().next())
}

/// What an entry is found by: the same as that of the `keyring` crate, so that other programs find it, too.
fn attributes(user: &str) -> HashMap<&str, &str> {
    HashMap::from([("service", SERVICE), ("username", user)])
}

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
