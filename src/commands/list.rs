//! `choreo-env list`: the profiles, how each stands, and where its tokens come from.

use serde::Serialize;

use super::Context;
use super::standing::Standing;
use crate::cli::ListArgs;
use crate::config::{Loaded, ProfileName};
use crate::environ::{self, Environ};
use crate::error::Error;
use crate::profile::{self, Asked};
use crate::term::Paint;

/// Where a profile is defined that no file has.
const ENVIRONMENT: &str = "the environment";

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
    /// The trusted files of a checkout that decide about it, or about all profiles.
    from_checkout: Vec<String>,
    #[serde(flatten)]
    standing: Standing,
}

impl Row {
    /// Whether a checkout alone describes the profile.
    fn is_from_checkout(&self) -> bool {
        self.defined_in.iter().all(|file| self.from_checkout.contains(file))
    }
}

/// Prints the profiles.
pub(super) fn run(args: &ListArgs, context: &mut Context) -> Result<(), Error> {
    let loaded = context.load()?;
    let unnamed = unnamed(&loaded, context.environ)?;
    let names = loaded.names().into_iter().chain(&unnamed);
    let rows: Vec<Row> = names.map(|name| row(name, &loaded, context.environ)).collect();
    if args.json {
        return context.print(&super::json(&rows));
    }
    if rows.is_empty() {
        return Err(profile::none(&loaded).into());
    }
    context.print(&table(&rows, context.term.out_paint()))
}

/// The profile that no file has: the environment describes one, as in a CI job.
fn unnamed(loaded: &Loaded, environ: &Environ) -> Result<Option<ProfileName>, Error> {
    let alone = loaded.names().is_empty() && loaded.is_ambient();
    Ok(alone.then(|| profile::choose(Asked::default(), loaded, environ)).transpose()?)
}

fn row(name: &ProfileName, loaded: &Loaded, environ: &Environ) -> Row {
    // Of a profile whose ancestors are not to be found, what it says itself.
    let lineage = profile::lineage(name, loaded).unwrap_or_else(|_| vec![name.clone()]);
    let merged = loaded.merged(&lineage);
    let places = loaded.places_of(name);
    let text = |key| merged.text(key).map(|text| text.value);
    Row {
        name: name.to_string(),
        default: loaded.default_profile().is_some_and(|default| default.value == *name),
        protected: merged.flag("protected").is_some_and(|flag| flag.value),
        current: environ.text(environ::PROFILE) == Some(name.as_str()),
        token_url: text("token_url").unwrap_or_default(),
        consumer_key: text("consumer_key"),
        api_url: text("api_url"),
        defined_in: if places.is_empty() { vec![ENVIRONMENT.into()] } else { places },
        from_checkout: loaded.checkouts_of(&lineage),
        standing: Standing::of(name, loaded, environ),
    }
}

/// Columns for the name, with `*` before the shell's current profile, the token endpoint, the state, and why.
fn table(rows: &[Row], paint: Paint) -> String {
    let width = |length: fn(&Row) -> usize| rows.iter().map(length).max().unwrap_or(0);
    let (names, urls) = (width(|row| row.name.len()), width(|row| row.token_url.chars().count()));
    let states = width(|row| row.standing.state.name().len());
    let line = |row: &Row| {
        let mark = if row.current { '*' } else { ' ' };
        let marks = [
            (row.default, "default"),
            (row.protected, "protected"),
            (row.defined_in == [ENVIRONMENT], "from the environment"),
            (row.is_from_checkout(), "from a trusted checkout"),
            (!row.from_checkout.is_empty() && !row.is_from_checkout(), "changed by a trusted checkout"),
        ];
        let marks: Vec<_> = marks.iter().filter(|(holds, _)| *holds).map(|(_, mark)| *mark).collect();
        let marks = if marks.is_empty() { String::new() } else { format!("  ({})", marks.join(", ")) };
        let state = paint.tone(row.standing.state.tone(), &format!("{:states$}", row.standing.state.name()));
        let reason = &row.standing.reason;
        format!("{mark} {:names$}  {:urls$}  {state}  {reason}{marks}\n", row.name, row.token_url)
    };
    rows.iter().map(line).collect()
}
