//! The values of a file, read by their kinds. Every mistake in a value is told, each with its place in the text.
//!
//! Never repeats a value: it may be a secret in a wrong place. Names are repeated.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::schema::{self, Check};
use super::suggest::did_you_mean;

/// A value with its place.
pub(super) type Item<'t> = Spanned<DeValue<'t>>;

/// The entries of a table in the order in which they stand in the text, so that mistakes are told in it.
pub(super) fn in_order<'a, 't>(table: &'a DeTable<'t>) -> Vec<(&'a Spanned<DeString<'t>>, &'a Item<'t>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// What is wrong with a value, in a phrase that follows the key's name.
pub(super) struct Wrong {
    pub(super) span: Range<usize>,
    pub(super) what: String,
    pub(super) hint: Option<String>,
}

impl Wrong {
    pub(super) fn at(span: Range<usize>, what: impl Into<String>) -> Self {
        Self { span, what: what.into(), hint: None }
    }
}

/// An entry of a table of texts.
pub(super) struct Entry<'t> {
    pub(super) name: &'t str,
    pub(super) text: String,
    pub(super) span: Range<usize>,
}

/// One text.
pub(super) fn text(item: &Item, check: Check) -> Result<String, String> {
    let text = item.get_ref().as_str().ok_or("must be text")?;
    schema::printable(text)?;
    check(text)?;
    Ok(text.to_owned())
}

/// Several texts, or one that is split at its blanks.
pub(super) fn words(item: &Item, check: Check) -> Result<Vec<String>, Vec<Wrong>> {
    let checked = |word: &str| schema::printable(word).and_then(|()| check(word)).map(|()| word.to_owned());
    let read: Vec<Result<String, Wrong>> = match item.get_ref() {
        DeValue::String(text) => {
            let words = text.split(' ').filter(|word| !word.is_empty());
            words.map(|word| checked(word).map_err(|what| Wrong::at(item.span(), what))).collect()
        }
        DeValue::Array(items) => {
            items.iter().map(|item| text(item, check).map_err(|what| Wrong::at(item.span(), what))).collect()
        }
        _ => vec![Err(Wrong::at(item.span(), "must be text or a list of texts"))],
    };
    let (words, wrong) = parted(read);
    if wrong.is_empty() { Ok(words) } else { Err(wrong) }
}

/// A table of texts: the entries that are well, and what is wrong with the others.
pub(super) fn texts<'t>(item: &'t Item, names: Check, values: Check) -> (Vec<Entry<'t>>, Vec<Wrong>) {
    let Some(table) = item.get_ref().as_table() else {
        return (Vec::new(), vec![Wrong::at(item.span(), "must be a table of texts")]);
    };
    parted(in_order(table).into_iter().map(|(name, item)| {
        let (place, name) = (name.span(), name.get_ref().as_ref());
        let in_name = |what: String| Wrong::at(place.clone(), what);
        schema::printable(name).map_err(|_| in_name("has a name with control characters".into()))?;
        if name.is_empty() {
            return Err(in_name("has an empty name".into()));
        }
        names(name).map_err(|what| in_name(format!("has `{name}`, which {what}")))?;
        let text = text(item, values).map_err(|what| Wrong::at(item.span(), format!("at `{name}` {what}")))?;
        Ok(Entry { name, text, span: item.span() })
    }))
}

/// A time, as text.
pub(super) fn span(item: &Item) -> Result<String, String> {
    let text = match item.get_ref() {
        // `0x10` comes as 10 in base 16.
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| number.as_str().to_owned(), |number| number.to_string()),
        DeValue::String(text) => text.clone().into_owned(),
        _ => return Err("must be seconds or a time such as `90s` or `5m`, a year at most".into()),
    };
    crate::span::parse(&text).map(|_| text)
}

/// A secret's source that there is none of.
pub(super) fn unknown_source(name: &str, span: Range<usize>) -> Wrong {
    const KNOWN: [&str; 5] = ["env", "file", "command", "keyring", "prompt"];
    let hint =
        did_you_mean(name, KNOWN).or_else(|| Some("known are `env`, `file`, `command`, `keyring` and `prompt`".into()));
    Wrong { hint, ..Wrong::at(span, format!("has an unknown source `{}`", crate::notice::plain(name))) }
}

fn parted<T>(read: impl IntoIterator<Item = Result<T, Wrong>>) -> (Vec<T>, Vec<Wrong>) {
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for one in read {
        match one {
            Ok(one) => good.push(one),
            Err(one) => wrong.push(one),
        }
    }
    (good, wrong)
}
