//! The body of a token request: form fields, however the command wrote them.
//!
//! Owns the ways of `-d`, `--data-urlencode`, JSON and the address's query. Never opens a file that a command names.

use zeroize::Zeroizing;

use crate::words::Word;

/// A field. Its name may be a piece of a secret too, where a quote is missing.
pub(super) struct Field {
    pub(super) name: Zeroizing<String>,
    pub(super) value: Zeroizing<String>,
    /// Whether a shell would put something else in it.
    pub(super) expands: bool,
}

impl Field {
    fn new(name: &str, value: &str, word_expands: bool) -> Self {
        // In a word that expands, the fields without a sign of it are still what they are.
        let expands = word_expands && [name, value].iter().any(|text| text.contains(['$', '`', '%']));
        Self { name: Zeroizing::new(name.to_owned()), value: Zeroizing::new(value.to_owned()), expands }
    }
}

/// Why a piece of a body was left out.
pub(super) type Left = &'static str;

const FILE: Left = "a part of the body is read from a file, which is not opened: left out";
const NO_NAME: Left = "a piece of the body has no `=`: left out";

/// `-d`: pieces that are already encoded.
pub(super) fn data(word: &Word, at_is_file: bool) -> Vec<Result<Field, Left>> {
    let text = word.text.as_str();
    if at_is_file && text.starts_with('@') {
        return vec![Err(FILE)];
    }
    if let Some(fields) = json(text) {
        return fields.into_iter().map(Ok).collect();
    }
    encoded(text, word.expands)
}

/// A form-encoded text. What a piece of it stands for is found even where `&` or `+` was not encoded as it should be.
pub(super) fn encoded(text: &str, expands: bool) -> Vec<Result<Field, Left>> {
    let pieces = text.split('&').map(str::trim).filter(|piece| !piece.is_empty());
    let field = |piece: &str| {
        if !piece.contains('=') {
            return Err(NO_NAME);
        }
        let (name, value) = url::form_urlencoded::parse(piece.as_bytes()).next().ok_or(NO_NAME)?;
        let (name, value) = (Zeroizing::new(name.into_owned()), Zeroizing::new(value.into_owned()));
        if name.is_empty() { Err(NO_NAME) } else { Ok(Field::new(&name, &value, expands)) }
    };
    pieces.map(field).collect()
}

/// `--data-urlencode`: `name=content`, `=content` or `content`, where the content is as it is; files with `@`.
pub(super) fn data_urlencode(word: &Word) -> Vec<Result<Field, Left>> {
    let text = word.text.as_str();
    match (text.find('='), text.find('@')) {
        (Some(equals), at) if at.is_none_or(|at| at > equals) => plain(text, word.expands),
        (_, Some(_)) => vec![Err(FILE)],
        _ => vec![Err(NO_NAME)],
    }
}

/// `-F name=content`; `@` and `<` name files there.
pub(super) fn form(word: &Word, is_string: bool) -> Vec<Result<Field, Left>> {
    match word.text.split_once('=') {
        Some((_, value)) if !is_string && value.starts_with(['@', '<']) => vec![Err(FILE)],
        _ => plain(&word.text, word.expands),
    }
}

fn plain(text: &str, expands: bool) -> Vec<Result<Field, Left>> {
    let field = text.split_once('=').map(|(name, value)| (name.trim(), value)).filter(|(name, _)| !name.is_empty());
    vec![field.map(|(name, value)| Field::new(name, value, expands)).ok_or(NO_NAME)]
}

/// A JSON object of texts, as some servers' pages have it; also with the backslashes that Windows PowerShell needs.
pub(super) fn json(text: &str) -> Option<Vec<Field>> {
    let text = text.trim();
    if !text.starts_with('{') {
        return None;
    }
    let unescaped = Zeroizing::new(text.replace("\\\"", "\""));
    let object = [text, unescaped.as_str()].into_iter().find_map(|text| serde_json::from_str(text).ok());
    let object: serde_json::Map<String, serde_json::Value> = object?;
    let field = |(name, value): (&String, &serde_json::Value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Field::new(name, &Zeroizing::new(value), false)
    };
    Some(object.iter().map(field).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Word {
        Word { text: Zeroizing::new(text.to_owned()), expands: false, quoted: true }
    }

    fn shown(fields: Vec<Result<Field, Left>>) -> String {
        let show = |field: Result<Field, Left>| {
            field.map_or_else(|_| "-".to_owned(), |field| format!("{}={}", *field.name, *field.value))
        };
        fields.into_iter().map(show).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn every_way_of_writing_a_field_is_read() {
        assert_eq!(shown(data(&word("a=b&c=d%2Be+f"), true)), "a=b|c=d+e f");
        assert_eq!(shown(data(&word("a&=b&@c"), true)), "-|-|-");
        assert_eq!(shown(data(&word("@file"), true)), "-");
        assert_eq!(shown(data(&word("{\"a\":\"b\",\"n\":1}"), true)), "a=b|n=1");
        assert_eq!(shown(data(&word("{\\\"a\\\":\\\"b\\\"}"), true)), "a=b");
        assert_eq!(shown(data_urlencode(&word("a=b&c=d%2B+"))), "a=b&c=d%2B+");
        for text in ["=a", "a", "a@file", "@file"] {
            assert_eq!(shown(data_urlencode(&word(text))), "-", "{text}");
        }
        assert_eq!(shown(data_urlencode(&word("a=@b"))), "a=@b");
        assert_eq!(shown(form(&word("a=@b"), false)), "-");
        assert_eq!(shown(form(&word("a=@b"), true)), "a=@b");
    }
}
