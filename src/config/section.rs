//! A section: what one layer says about one profile, or in `[defaults]`.

use std::collections::BTreeMap;

use figment::value::{Dict, Value};

use super::{Origin, SecretRef};

/// The values of one section of one layer, checked.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// Everything that is no secret, as figment merges it. A secret's place is taken by a mark.
    pub(super) values: Dict,
    /// The references to secrets, by key: they never pass through figment.
    pub(super) secrets: BTreeMap<&'static str, SecretRef>,
    /// Where each value stands: `key`, or `key` and a name in its table.
    origins: BTreeMap<(&'static str, Option<String>), Origin>,
    /// Where the section itself stands, if a file has it under a name.
    head: Option<Origin>,
}

impl Section {
    /// Puts a value in.
    pub(super) fn insert(&mut self, key: &'static str, value: Value, origin: Origin) {
        self.values.insert(key.to_owned(), value);
        self.origins.insert((key, None), origin);
    }

    /// Says where the section itself stands.
    pub(super) fn at(self, head: Origin) -> Self {
        Self { head: Some(head), ..self }
    }

    /// Where the section itself stands, if a file has it under a name.
    #[must_use]
    pub fn head(&self) -> Option<&Origin> {
        self.head.as_ref()
    }

    /// Puts a value into a key's table.
    pub(super) fn insert_in(&mut self, key: &'static str, name: &str, value: Value, origin: Origin) {
        let table = self.values.entry(key.to_owned()).or_insert_with(|| Value::from(Dict::new()));
        if let Value::Dict(_, table) = table {
            table.insert(name.to_owned(), value);
        }
        self.origins.insert((key, Some(name.to_owned())), origin);
    }

    /// Puts a reference to a secret in.
    pub(super) fn insert_secret(&mut self, key: &'static str, reference: SecretRef, origin: Origin) {
        self.insert(key, Value::from("a secret"), origin);
        self.secrets.insert(key, reference);
    }

    /// Whether the section says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Whether the section has the key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// Where a value stands.
    pub(super) fn origin(&self, key: &'static str, name: Option<&str>) -> Origin {
        let inner = name.and_then(|name| self.origins.get(&(key, Some(name.to_owned()))));
        inner.or_else(|| self.origins.get(&(key, None))).cloned().unwrap_or(Origin::BuiltIn)
    }

    /// Where one of the section's values stands, for a section as a whole.
    #[must_use]
    pub fn first_origin(&self) -> Option<Origin> {
        self.origins.values().min().cloned()
    }

    /// A text of the section, such as `extends`, with where it stands.
    #[must_use]
    pub fn text(&self, key: &'static str) -> Option<(&str, Origin)> {
        Some((self.values.get(key)?.as_str()?, self.origin(key, None)))
    }
}
