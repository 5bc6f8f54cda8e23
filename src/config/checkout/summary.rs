//! What a person should have seen of a file before trusting it: all but the keys that are harmless.

use std::fmt::Write;

use crate::config::file::Contents;
use crate::config::schema::{HARMLESS, KEYS, Key, Kind};
use crate::config::{Origin, SecretRef, Section};
use crate::notice::plain;

/// One line for each value that decides where secrets and tokens go, what is run, or who is asked.
pub(super) fn lines(contents: &Contents) -> Vec<String> {
    let default =
        contents.default_profile.iter().map(|name| line("default_profile", &name.value.to_string(), &name.origin));
    let defaults = of_section("defaults", &contents.defaults);
    let profiles =
        contents.profiles.iter().flat_map(|(name, section)| of_section(&format!("profile `{name}`"), section));
    default.chain(defaults).chain(profiles).collect()
}

fn of_section(whose: &str, section: &Section) -> Vec<String> {
    let telling = KEYS.iter().filter(|key| !HARMLESS.contains(&key.name) && section.has(key.name));
    telling.flat_map(|key| of_key(whose, key, section)).collect()
}

fn of_key(whose: &str, key: &Key, section: &Section) -> Vec<String> {
    let name = format!("{whose}: {}", key.name);
    let origin = section.origin(key.name, None);
    let value = section.values.get(key.name);
    match (key.kind, section.secrets.get(key.name)) {
        (_, Some(secret)) => vec![line(&name, &reference(secret), &origin)],
        (Kind::Table(..), None) => {
            let entries = value.and_then(|value| value.as_dict()).into_iter().flatten();
            let entry = |(inner, value): (&String, &figment::value::Value)| {
                line(
                    &format!("{name}.{inner}"),
                    value.as_str().unwrap_or_default(),
                    &section.origin(key.name, Some(inner)),
                )
            };
            entries.map(entry).collect()
        }
        (_, None) => {
            let words = value.and_then(|value| value.as_array()).into_iter().flatten();
            let words: Vec<_> = words.filter_map(|word| word.as_str()).collect();
            let flag = value.and_then(figment::value::Value::to_bool).map(|flag| flag.to_string());
            let text = value.and_then(|value| value.as_str().map(str::to_owned));
            vec![line(&name, &text.or(flag).unwrap_or_else(|| words.join(" ")), &origin)]
        }
    }
}

/// A command is shown whole, other than elsewhere: nobody can judge half of it, and whoever has the checkout has it
/// anyway.
fn reference(secret: &SecretRef) -> String {
    match secret {
        SecretRef::Command(words) => words.iter().fold("runs".to_owned(), |mut text, word| {
            _ = write!(text, " {word:?}"); // into a string: cannot fail
            text
        }),
        other => other.to_string(),
    }
}

fn line(name: &str, value: &str, origin: &Origin) -> String {
    plain(&format!("{name} = {value}   ({origin})"))
}
