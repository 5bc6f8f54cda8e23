//! The keys of the configuration, from the schema and its longer texts.

use choreo_env::config::manual::ENTRIES;
use choreo_env::config::schema::{self, DEFAULTS, HARMLESS, Key, Kind};
use choreo_env::environ::KEY_PREFIX;

use super::roff::{bold, line, text, verbatim};

/// A section for each key.
pub(super) fn keys() -> String {
    ENTRIES.iter().map(|entry| section(entry.key, entry.value, entry.text, entry.example)).collect()
}

fn section(name: &str, value: &str, about: &str, example: &str) -> String {
    let key = schema::key(name).expect("a key");
    let alias = key.alias.map(|alias| format!(", {}", bold(alias))).unwrap_or_default();
    let default = DEFAULTS.iter().find(|(known, _)| *known == name).map(|(_, value)| format!("`{value}`"));
    let facts = [
        ("Value", Some(self::value(key.kind, value))),
        ("Default", default),
        ("Variable", variable(key)),
        ("Checkout", Some(checkout(key).to_owned())),
    ];
    let facts = facts.into_iter().filter_map(|(name, fact)| Some(format!(".TP 10\n{name}\n{}\n", line(&fact?))));
    let facts = facts.collect::<Vec<_>>().join(".PD 0\n") + ".PD\n";
    let lines: Vec<_> = example.lines().collect();
    let heading = format!(".SS {}{alias}\n", bold(name));
    format!("{heading}{}{facts}{}", text(about), verbatim(&lines))
}

fn value(kind: Kind, what: &str) -> String {
    match kind {
        Kind::Path => "a path".to_owned(),
        Kind::Words(_) if what.is_empty() => "a list".to_owned(),
        Kind::Text(_) | Kind::Words(_) => what.to_owned(),
        Kind::Flag => "`true` or `false`".to_owned(),
        Kind::Span => "a time".to_owned(),
        Kind::Table(..) => "a table of texts".to_owned(),
        Kind::Secret => "a reference to a secret".to_owned(),
    }
}

/// The variable of layer 6, where the key can be one text.
fn variable(key: &Key) -> Option<String> {
    let name = format!("{KEY_PREFIX}{}", key.name.to_uppercase());
    match key.kind {
        Kind::Table(..) => Some(format!("none; `--set {}.NAME=TEXT` in one run", key.name)),
        Kind::Secret => Some(format!("`{name}`, which holds the secret itself")),
        _ if key.name == "extends" => None,
        _ => Some(format!("`{name}`")),
    }
}

/// What a trusted file of a checkout may say about it: the rules of `profile::redirect`.
fn checkout(key: &Key) -> &'static str {
    match (key.kind, key.name) {
        (_, name) if HARMLESS.contains(&name) => "counts once its file is trusted",
        (Kind::Table(..), _) => "counts once its file is trusted",
        (Kind::Secret, _) => "a reference counts once its file is trusted; a secret itself is refused",
        (_, "extends") => "counts once its file is trusted, but not for a profile of your own that has another parent",
        (_, "protected") => "`true` counts once its file is trusted; a checkout cannot take it away",
        (_, "api_url") => "counts once its file is trusted, but not where your own file names the `api_key`",
        _ => "counts once its file is trusted, but not where your own file names the secret",
    }
}
