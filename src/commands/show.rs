//! `choreo-env show`: the values of a profile that count, where each comes from, and what each overrides. Secrets show
//! as references. What came with a checkout and does not count is told below.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Context;
use crate::cli::ShowArgs;
use crate::config::schema::{KEYS, Kind};
use crate::config::{Loaded, Merged, ProfileName, Sourced};
use crate::error::Error;
use crate::profile::{self, Asked};

/// A value that counts.
#[derive(Serialize)]
struct Row {
    #[serde(skip)] // it is what the row is found by
    key: String,
    #[serde(flatten)]
    said: Said,
    /// What lower layers say, highest first.
    overrides: Vec<Said>,
}

/// What a layer says.
#[derive(Serialize)]
struct Said {
    value: Value,
    origin: String,
}

/// Prints a profile.
pub(super) fn run(args: &ShowArgs, context: &mut Context) -> Result<(), Error> {
    let loaded = context.load()?;
    let asked = Asked { argument: args.profile.as_deref(), flag: context.global.profile.as_deref() };
    let name = profile::choose(asked, &loaded, context.environ)?;
    let rows = rows(&name, &loaded)?;
    let ignored: Vec<String> = loaded.ignored().iter().map(ToString::to_string).collect();
    let text = if args.json {
        let values: BTreeMap<_, _> = rows.iter().map(|row| (&row.key, row)).collect();
        super::json(&serde_json::json!({ "profile": name.as_str(), "values": values, "ignored": ignored }))
    } else {
        let lines = ignored.iter().flat_map(|file| ["# ", file.as_str(), "\n"]);
        table(name.as_str(), &rows) + &lines.collect::<String>()
    };
    context.print(&text)?;
    // What is wrong with the profile is told after what it is.
    profile::resolve(&name, &loaded).map(drop).map_err(Error::from)
}

fn rows(name: &ProfileName, loaded: &Loaded) -> Result<Vec<Row>, Error> {
    let merged = loaded.merged(&profile::lineage(name, loaded)?);
    let mut overridden = overridden(name, loaded, &merged);
    let row = |(key, said): (String, Said)| {
        let overrides = overridden.remove(&key).unwrap_or_default();
        Row { key, said, overrides }
    };
    Ok(values(&merged).map(row).collect())
}

/// What loses, by key, highest first.
fn overridden(name: &ProfileName, loaded: &Loaded, merged: &Merged) -> BTreeMap<String, Vec<Said>> {
    let mut said: BTreeMap<String, Vec<Said>> = BTreeMap::new();
    for (key, one) in merged.layers().flat_map(|layer| values(&layer).collect::<Vec<_>>()) {
        said.entry(key).or_default().push(one);
    }
    for said in said.values_mut() {
        said.remove(0); // the one that counts
    }
    if let Some(extends) = said.get_mut("extends") {
        // What an ancestor extends is not overridden: it is followed.
        let own: Vec<_> = loaded.sections_of(name).filter_map(|section| section.text("extends")).collect();
        extends.retain(|said| own.iter().any(|(_, origin)| origin.to_string() == said.origin));
    }
    said
}

/// All that some layers say, in the order of the keys.
fn values(merged: &Merged) -> impl Iterator<Item = (String, Said)> {
    KEYS.iter().flat_map(|key| values_of(key.name, key.kind, merged))
}

fn values_of(key: &'static str, kind: Kind, merged: &Merged) -> Vec<(String, Said)> {
    let one = |value: Option<Sourced<Value>>| value.map(|value| (key.to_owned(), said(value))).into_iter().collect();
    match kind {
        Kind::Text(_) | Kind::Path | Kind::Span => one(merged.text(key).map(|text| text.map(Value::from))),
        Kind::Words(_) => one(merged.words(key).map(|words| words.map(Value::from))),
        Kind::Flag => one(merged.flag(key).map(|flag| flag.map(Value::from))),
        Kind::Secret => one(merged.secret(key).map(|secret| secret.map(|secret| Value::from(secret.to_string())))),
        Kind::Table(..) => {
            let entries = merged.table(key).into_iter();
            entries.map(|(name, text)| (format!("{key}.{name}"), said(text.map(Value::from)))).collect()
        }
    }
}

fn said(value: Sourced<Value>) -> Said {
    Said { value: value.value, origin: value.origin.to_string() }
}

/// `key = value`, as a file would have it, with the origin as its comment, and what it overrides as comments below.
fn table(name: &str, rows: &[Row]) -> String {
    let key_width = rows.iter().map(|row| row.key.chars().count()).max().unwrap_or(0);
    let values: Vec<String> = rows.iter().map(|row| written(&row.said)).collect();
    let value_width = values.iter().map(|value| value.chars().count()).max().unwrap_or(0).min(60);
    let lines = rows.iter().zip(&values).flat_map(|(row, value)| {
        let first = format!("{:key_width$} = {value:value_width$}  # {}\n", row.key, row.said.origin);
        let lost = |lost: &Said| format!("{:key_width$}   # overrides {} ({})\n", "", written(lost), lost.origin);
        std::iter::once(first).chain(row.overrides.iter().map(lost)).collect::<Vec<_>>()
    });
    format!("[profiles.{name}]\n{}", lines.collect::<String>())
}

/// A value as TOML writes it; JSON's strings and lists are written alike. A secret's reference stands as it is.
fn written(said: &Said) -> String {
    match &said.value {
        Value::String(text) if text.starts_with("{ ") || text == "***" => text.clone(),
        other => other.to_string(),
    }
}
