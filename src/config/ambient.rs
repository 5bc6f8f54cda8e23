//! Layers 6 and 7: the environment and the command line. Text stays text: what a value means is the key's business.

use std::path::PathBuf;

use figment::value::Value;

use super::schema::{self, Check, Key, Kind};
use super::suggest::did_you_mean;
use super::{Mistake, Origin, SecretRef, Section};
use crate::environ::{self, Environ};
use crate::notice::Notice;

/// The variables of the environment that set keys.
///
/// # Errors
/// All mistakes in them.
pub(super) fn environment(environ: &Environ) -> Result<Section, Vec<Mistake>> {
    let mut section = Section::default();
    let mut mistakes = Vec::new();
    for (key, name) in
        schema::KEYS.iter().flat_map(|key| key.alias.into_iter().chain([key.name]).map(move |n| (key, n)))
    {
        let variable = format!("{}{}", environ::KEY_PREFIX, name.to_uppercase());
        let Some(value) = environ.get(&variable) else { continue };
        let origin = Origin::Environment(variable.clone());
        let result = match (key.kind, value.to_str()) {
            // The value stays where it is until it is needed.
            (Kind::Secret, _) => {
                section.insert_secret(key.name, SecretRef::Env(variable), origin.clone());
                Ok(())
            }
            (_, Some(text)) => insert(&mut section, key, None, text, &origin),
            (_, None) => Err("is not Unicode".into()),
        };
        mistakes.extend(result.err().map(|wrong| Mistake::new(origin, format!("`{}` {wrong}", key.name))));
    }
    if mistakes.is_empty() { Ok(section) } else { Err(mistakes) }
}

/// Variables that look like misspelt ones of ours. Others may have their own that begin alike, so only near misses
/// are told.
#[must_use]
pub(super) fn misspelt(environ: &Environ) -> Vec<Notice> {
    let known: Vec<String> = schema::names()
        .map(|name| format!("{}{}", environ::KEY_PREFIX, name.to_uppercase()))
        .chain(environ::VARIABLES.iter().map(|variable| variable.name.to_owned()))
        .collect();
    let ours = environ.names().filter(|name| name.starts_with(environ::KEY_PREFIX));
    let strange = ours.filter(|name| !known.iter().any(|known| known == name));
    strange
        .filter_map(|name| {
            let (word, known) =
                (&name[environ::KEY_PREFIX.len()..], known.iter().filter_map(|k| k.strip_prefix(environ::KEY_PREFIX)));
            let near = known.filter(|candidate| strsim::damerau_levenshtein(word, candidate) <= 2).min()?;
            let hint = format!("did you mean `{}{near}`?", environ::KEY_PREFIX);
            Some(Notice::warning_with_hint(format!("environment variable `{name}` is not one of ours"), hint))
        })
        .collect()
}

/// What `--set key=value` sets, with `table.name=value` for tables and `secret.env=NAME` for references.
///
/// # Errors
/// All mistakes in them.
pub(super) fn flags(sets: &[String], working_dir: Option<PathBuf>) -> Result<Section, Vec<Mistake>> {
    let mut section = Section::default();
    let folder = working_dir.unwrap_or_default();
    let mistakes: Vec<_> = sets.iter().filter_map(|set| flag(&mut section, set, &folder).err()).collect();
    if mistakes.is_empty() { Ok(section) } else { Err(mistakes) }
}

fn flag(section: &mut Section, set: &str, folder: &std::path::Path) -> Result<(), Mistake> {
    let Some((path, text)) = set.split_once('=') else {
        // Not repeated: somebody may have typed a secret here.
        return Err(Mistake::new(Origin::Flag("--set".into()), "must look like `key=value`"));
    };
    let (name, inner) = path.split_once('.').map_or((path, None), |(name, inner)| (name, Some(inner)));
    let origin = Origin::Flag(format!("--set {}", crate::notice::plain(path)));
    let Some(key) = schema::key(name) else {
        let mistake = Mistake::new(origin, format!("unknown key `{}`", crate::notice::plain(name)));
        return Err(mistake.hint(did_you_mean(name, schema::names())));
    };
    let wrong = |wrong: String| Mistake::new(origin.clone(), format!("`{}` {wrong}", key.name));
    match (key.kind, inner) {
        (Kind::Secret, Some("env")) => section.insert_secret(key.name, SecretRef::Env(text.into()), origin),
        (Kind::Secret, Some("file")) => section.insert_secret(key.name, SecretRef::File(folder.join(text)), origin),
        (Kind::Secret, Some("keyring")) if text == "true" => {
            section.insert_secret(key.name, SecretRef::Keyring, origin);
        }
        (Kind::Secret, Some("prompt")) if text == "true" => section.insert_secret(key.name, SecretRef::Prompt, origin),
        (Kind::Secret, _) => {
            let hint = format!(
                "use `--set {0}.env=NAME`, `--set {0}.file=PATH`, `--set {0}.keyring=true` or `--set {0}.prompt=true`",
                key.name
            );
            return Err(wrong("cannot be given on the command line, where everybody can read it".into()).hint(hint));
        }
        (Kind::Path, None) => {
            let path = folder.join(text).to_string_lossy().into_owned();
            section.insert(key.name, Value::from(path), origin);
        }
        (_, inner) => insert(section, key, inner, text, &origin).map_err(wrong)?,
    }
    Ok(())
}

fn insert(section: &mut Section, key: &Key, inner: Option<&str>, text: &str, origin: &Origin) -> Result<(), String> {
    schema::printable(text)?;
    let value = match (key.kind, inner) {
        (Kind::Table(names, values), Some(name)) => {
            schema::printable(name)?;
            names(name).map_err(|wrong| format!("has `{name}`, which {wrong}"))?;
            values(text).map_err(|wrong| format!("at `{name}` {wrong}"))?;
            section.insert_in(key.name, name, Value::from(text), origin.clone());
            return Ok(());
        }
        (Kind::Table(..), None) => return Err(format!("is a table; use `--set {}.NAME=value`", key.name)),
        (_, Some(_)) => return Err("is no table".into()),
        (kind, None) => scalar(kind, text)?,
    };
    section.insert(key.name, value, origin.clone());
    Ok(())
}

fn scalar(kind: Kind, text: &str) -> Result<Value, String> {
    Ok(match kind {
        Kind::Text(check) => Value::from(checked(text, check)?),
        Kind::Words(check) => Value::from(words(text, check)?),
        Kind::Flag => Value::from(flag_value(text)?),
        Kind::Span => Value::from(checked(text, |text| crate::span::parse(text).map(drop))?),
        Kind::Path | Kind::Table(..) | Kind::Secret => Value::from(text),
    })
}

fn checked(text: &str, check: Check) -> Result<&str, String> {
    check(text).map(|()| text)
}

fn words(text: &str, check: Check) -> Result<Vec<&str>, String> {
    text.split(' ').filter(|word| !word.is_empty()).map(|word| checked(word, check)).collect()
}

fn flag_value(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("must be true or false".into()),
    }
}
