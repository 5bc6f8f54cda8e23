//! Sections laid over each other by figment, lowest first. Each value keeps the mark of the section that it came
//! from, so that its origin can be told.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider, Source};

use super::{SecretRef, Section, Sourced, connection};

/// The values that count after all layers, with their origins.
pub struct Merged<'a> {
    sections: Vec<&'a Section>,
    figment: Figment,
    values: Dict,
}

/// A section as figment takes it. Its place in the list goes along as metadata.
struct Layer<'a> {
    section: &'a Section,
    index: usize,
}

impl Provider for Layer<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named("section").source(Source::Custom(self.index.to_string()))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.section.values.clone()))
    }
}

impl<'a> Merged<'a> {
    /// Lays the sections over each other; the last one wins.
    #[must_use]
    pub fn new(sections: Vec<&'a Section>) -> Self {
        let layers = sections.iter().enumerate().filter(|(_, section)| !section.is_empty());
        let figment = layers.fold(Figment::new(), |figment, (index, section)| figment.merge(Layer { section, index }));
        let values = figment.data().ok().and_then(|mut data| data.remove(&Profile::Default)).unwrap_or_default();
        Self { sections, figment, values }
    }

    /// What each section says by itself, highest first: for every value the first one that has it counts, and the
    /// others are what it overrides.
    pub fn layers(&self) -> impl Iterator<Item = Merged<'a>> {
        self.sections.iter().rev().filter(|section| !section.is_empty()).map(|section| Merged::new(vec![section]))
    }

    /// The same with a connection's values below the section at that place. Of what a connection gives, nothing comes
    /// from further below: another application's secret must not go to the connection's endpoint.
    pub(super) fn with_connection(mut sections: Vec<&'a Section>, at: usize, connection: &'a Section) -> Self {
        sections.insert(at, connection);
        let mut merged = Self::new(sections);
        let mut values = std::mem::take(&mut merged.values);
        values.retain(|key, value| !connection::gives(key) || merged.index_of(value) >= Some(at));
        Self { values, ..merged }
    }

    /// A text.
    #[must_use]
    pub fn text(&self, key: &'static str) -> Option<Sourced<String>> {
        let value = self.values.get(key)?;
        Some(self.sourced(value.as_str()?.to_owned(), value, key, None))
    }

    /// Several texts.
    #[must_use]
    pub fn words(&self, key: &'static str) -> Option<Sourced<Vec<String>>> {
        let value = self.values.get(key)?;
        let words = value.as_array()?.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect();
        Some(self.sourced(words, value, key, None))
    }

    /// A yes or a no.
    #[must_use]
    pub fn flag(&self, key: &'static str) -> Option<Sourced<bool>> {
        let value = self.values.get(key)?;
        Some(self.sourced(value.to_bool()?, value, key, None))
    }

    /// A table of texts, each with an origin of its own.
    #[must_use]
    pub fn table(&self, key: &'static str) -> BTreeMap<String, Sourced<String>> {
        let table = self.values.get(key).and_then(Value::as_dict);
        let entries = table.into_iter().flatten();
        entries
            .filter_map(|(name, value)| {
                Some((name.clone(), self.sourced(value.as_str()?.to_owned(), value, key, Some(name))))
            })
            .collect()
    }

    /// A reference to a secret.
    #[must_use]
    pub fn secret(&self, key: &'static str) -> Option<Sourced<SecretRef>> {
        let section = self.section_of(self.values.get(key)?)?;
        Some(Sourced::new(section.secrets.get(key)?.clone(), section.origin(key, None)))
    }

    /// How two keys stand to each other: whether the section that the one comes from lies above the other's.
    #[must_use]
    pub fn compare(&self, key: &str, other: &str) -> Ordering {
        let layer = |key: &str| self.values.get(key).and_then(|value| self.index_of(value));
        layer(key).cmp(&layer(other))
    }

    fn sourced<T>(&self, plain: T, value: &Value, key: &'static str, name: Option<&str>) -> Sourced<T> {
        let origin = self.section_of(value).map(|section| section.origin(key, name));
        Sourced::new(plain, origin.unwrap_or(super::Origin::BuiltIn))
    }

    fn section_of(&self, value: &Value) -> Option<&'a Section> {
        self.sections.get(self.index_of(value)?).copied()
    }

    fn index_of(&self, value: &Value) -> Option<usize> {
        self.figment.get_metadata(value.tag())?.source.as_ref()?.custom()?.parse().ok()
    }
}
