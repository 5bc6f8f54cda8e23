//! A connection's variables, from the environment or from a `.env` file.
//!
//! Owns the forms in which people keep such files. Never evaluates one: a `$` in a value is that character.

use std::collections::BTreeMap;

use super::Draft;
use crate::config::connection;

/// The connections that a text has variables of: lines of `NAME=value`, with `export`, `set` or `$env:` before them.
pub(super) fn read(text: &str) -> Vec<Draft> {
    drafts(text.lines().filter_map(line))
}

/// The connections of variables.
pub(super) fn drafts<'a>(variables: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Draft> {
    let mut drafts: BTreeMap<&str, Draft> = BTreeMap::new();
    for (name, value) in variables.filter(|(_, value)| !value.is_empty()) {
        let Some((connection, key)) = connection::part(name) else { continue };
        let draft = drafts.entry(connection).or_default();
        draft.connection = Some(connection.to_owned());
        if super::is_placeholder(value) {
            draft.remark(format!("`{name}` is a placeholder: left out"));
            continue;
        }
        match key {
            "token_url" => draft.token_url = Some(value.to_owned()),
            "consumer_key" => draft.consumer_key = Some(value.to_owned()),
            "consumer_secret" => draft.consumer_secret = Some(value.into()),
            "api_url" => draft.api_url = Some(value.to_owned()),
            _ => draft.api_key = Some(value.into()),
        }
    }
    drafts.into_values().collect()
}

fn line(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let line =
        ["export ", "set ", "$env:"].iter().find_map(|word| line.strip_prefix(word)).unwrap_or(line).trim_start();
    let (name, value) = line.split_once('=')?;
    Some((name.trim_end(), unquoted(value.trim())))
}

/// The value without its quotes, or without the comment after it.
fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some((inner, _)) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) {
            return inner;
        }
    }
    value.split_once(" #").map_or(value, |(value, _)| value.trim_end())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_file_of_variables_is_read_in_every_usual_form() {
        let text = "# of the component\nexport CHOREO_PETSTORE_SERVICEURL=\"https://api.example/v1\"\n\
                    CHOREO_PETSTORE_CONSUMERKEY='key' # mine\nset CHOREO_PETSTORE_CONSUMERSECRET=a$b=c\r\n\
                    $env:CHOREO_PETSTORE_TOKENURL = \"https://sts.example/token\"\nOTHER=1\n\
                    CHOREO_USER_MGT_CHOREOAPIKEY=k # two\nCHOREO_EMPTY_TOKENURL=\nCHOREO_TOKEN=x\n";
        let drafts = read(text);
        assert_eq!(drafts.iter().filter_map(|d| d.connection.as_deref()).collect::<Vec<_>>(), ["PETSTORE", "USER_MGT"]);
        let petstore = &drafts[0];
        assert_eq!(petstore.api_url.as_deref(), Some("https://api.example/v1"));
        assert_eq!(petstore.consumer_key.as_deref(), Some("key"));
        assert_eq!(petstore.consumer_secret.as_ref().map(ExposeSecret::expose_secret), Some("a$b=c"));
        assert_eq!(petstore.token_url.as_deref(), Some("https://sts.example/token"));
        assert_eq!(drafts[1].api_key.as_ref().map(ExposeSecret::expose_secret), Some("k"));
    }
}
