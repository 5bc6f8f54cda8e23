//! `choreo-env list`: the profiles, with where their tokens come from.

use serde::Serialize;

use super::Context;
use crate::cli::ListArgs;
use crate::config::{Loaded, ProfileName};
use crate::environ;
use crate::error::Error;
use crate::profile;

#[derive(Serialize)]
struct Row {
    name: String,
    default: bool,
    protected: bool,
    current: bool,
    token_url: String,
    consumer_key: Option<String>,
    api_url: Option<String>,
    defined_in: Vec<String>,
}

/// Prints the profiles.
pub(super) fn run(args: &ListArgs, context: &mut Context) -> Result<(), Error> {
    let loaded = context.load()?;
    let current = context.environ.text(environ::PROFILE);
    let names: Vec<ProfileName> = loaded.names().into_iter().cloned().collect();
    let rows: Vec<Row> = names.iter().map(|name| row(name, &loaded, current)).collect::<Result<_, _>>()?;
    if args.json {
        return context.print(&super::json(&rows));
    }
    if rows.is_empty() {
        return Err(profile::none(&loaded).into());
    }
    context.print(&table(&rows))
}

fn row(name: &ProfileName, loaded: &Loaded, current: Option<&str>) -> Result<Row, Error> {
    let merged = loaded.merged(&profile::lineage(name, loaded)?);
    let text = |key| merged.text(key).map(|text| text.value);
    Ok(Row {
        name: name.to_string(),
        default: loaded.default_profile().is_some_and(|default| default.value == *name),
        protected: merged.flag("protected").is_some_and(|flag| flag.value),
        current: current == Some(name.as_str()),
        token_url: text("token_url").unwrap_or_default(),
        consumer_key: text("consumer_key"),
        api_url: text("api_url"),
        defined_in: loaded.places_of(name),
    })
}

/// A column for the name, with `*` before the shell's current profile, and one for the token endpoint.
fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let line = |row: &Row| {
        let mark = if row.current { '*' } else { ' ' };
        let marks = match (row.default, row.protected) {
            (true, true) => "  (default, protected)",
            (true, false) => "  (default)",
            (false, true) => "  (protected)",
            (false, false) => "",
        };
        format!("{mark} {:width$}  {}{marks}\n", row.name, row.token_url)
    };
    rows.iter().map(line).collect()
}
