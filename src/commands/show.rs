//! `choreo-env show`: the values of a profile that count, and where each comes from. Secrets show as references.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Context;
use crate::cli::ShowArgs;
use crate::config::schema::{KEYS, Kind};
use crate::config::{Merged, Sourced};
use crate::error::Error;
use crate::profile::{self, Asked};

/// A line of the table.
#[derive(Serialize)]
struct Row {
    key: String,
    value: Value,
    origin: String,
}

/// Prints a profile.
pub(super) fn run(args: &ShowArgs, context: &mut Context) -> Result<(), Error> {
    let loaded = context.load()?;
    let asked = Asked { argument: args.profile.as_deref(), flag: context.global.profile.as_deref() };
    let name = profile::choose(asked, &loaded, context.environ)?;
    let merged = loaded.merged(&profile::lineage(&name, &loaded)?);
    let rows: Vec<Row> = KEYS.iter().flat_map(|key| rows(key.name, key.kind, &merged)).collect();
    let text = if args.json {
        let values: BTreeMap<_, _> = rows.iter().map(|row| (&row.key, row)).collect();
        super::json(&serde_json::json!({ "profile": name.as_str(), "values": values }))
    } else {
        table(name.as_str(), &rows)
    };
    context.print(&text)?;
    // What is wrong with the profile is told after what it is.
    profile::resolve(&name, &loaded).map(drop).map_err(Error::from)
}

fn rows(key: &'static str, kind: Kind, merged: &Merged) -> Vec<Row> {
    let one = |value: Option<Sourced<Value>>| value.map(|value| row(key.to_owned(), value)).into_iter().collect();
    match kind {
        Kind::Text(_) | Kind::Path | Kind::Span => one(merged.text(key).map(|text| text.map(Value::from))),
        Kind::Words(_) => one(merged.words(key).map(|words| words.map(Value::from))),
        Kind::Flag => one(merged.flag(key).map(|flag| flag.map(Value::from))),
        Kind::Secret => one(merged.secret(key).map(|secret| secret.map(|secret| Value::from(secret.to_string())))),
        Kind::Table(..) => {
            let entries = merged.table(key).into_iter();
            entries.map(|(name, text)| row(format!("{key}.{name}"), text.map(Value::from))).collect()
        }
    }
}

fn row(key: String, value: Sourced<Value>) -> Row {
    Row { key, value: value.value, origin: value.origin.to_string() }
}

/// `key = value`, as a file would have it, and the origin as its comment.
fn table(name: &str, rows: &[Row]) -> String {
    let key_width = rows.iter().map(|row| row.key.chars().count()).max().unwrap_or(0);
    let values: Vec<String> = rows.iter().map(written).collect();
    let value_width = values.iter().map(|value| value.chars().count()).max().unwrap_or(0).min(60);
    let line =
        |(row, value): (&Row, &String)| format!("{:key_width$} = {value:value_width$}  # {}\n", row.key, row.origin);
    let lines: String = rows.iter().zip(&values).map(line).collect();
    format!("[profiles.{name}]\n{lines}")
}

/// A value as TOML writes it; JSON's strings and lists are written alike. A secret's reference stands as it is.
fn written(row: &Row) -> String {
    match &row.value {
        Value::String(text) if text.starts_with("{ ") || text == "***" => text.clone(),
        other => other.to_string(),
    }
}
