//! A program that was built without the keyring says so.

use super::{Entry, Fault, Found};
use crate::environ::Environ;

pub(super) struct Session;

#[allow(clippy::unused_self, reason = "the stores have one form")]
impl Session {
    pub(super) fn of(_: &Environ) -> Self {
        Self
    }

    pub(super) fn reach(&self) -> Result<(), Fault> {
        Err(Fault::NotBuilt)
    }

    pub(super) fn get(&self, _: &Entry) -> Result<Option<Found>, Fault> {
        Err(Fault::NotBuilt)
    }

    pub(super) fn put(&self, _: &Entry, _: &[u8]) -> Result<(), Fault> {
        Err(Fault::NotBuilt)
    }

    pub(super) fn remove(&self, _: &Entry) -> Result<bool, Fault> {
        Err(Fault::NotBuilt)
    }
}
