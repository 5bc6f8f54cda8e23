//! What people have at hand becomes a profile: a pasted cURL command, a connection's variables, a `component.yaml`.
//!
//! Owns the reading of texts that others wrote. Never runs, expands, opens or sends anything, never writes anywhere, and
//! repeats nothing of a text in a remark or an error but names that cannot be a secret. Gives [`Draft`]s: what was
//! recognised, and what was left out and why.

mod basic;
mod body;
mod component;
mod curl;
mod error;
mod options;
mod request;
mod variables;
mod windows;

use std::collections::BTreeMap;

use secrecy::SecretString;

use crate::config::{BasicEncoding, ClientAuth};
use crate::environ::Environ;

pub use error::ImportError;

/// A profile that is not written yet. The values are not checked: that is the business of the configuration.
#[derive(Debug, Default)] // `SecretString` prints as redacted
pub struct Draft {
    /// The Choreo connection that it is about.
    pub connection: Option<String>,
    /// Whether the values are to be taken from the connection's variables each time.
    pub by_reference: bool,
    /// The token endpoint.
    pub token_url: Option<String>,
    /// The consumer key.
    pub consumer_key: Option<String>,
    /// The consumer secret.
    pub consumer_secret: Option<SecretString>,
    /// How key and secret were sent.
    pub client_auth: Option<ClientAuth>,
    /// How they were written in the Basic header, where that can be told.
    pub basic_encoding: Option<BasicEncoding>,
    /// The scopes.
    pub scopes: Vec<String>,
    /// The audience.
    pub audience: Option<String>,
    /// The resources.
    pub resource: Vec<String>,
    /// Further form fields.
    pub params: BTreeMap<String, String>,
    /// The API's address.
    pub api_url: Option<String>,
    /// The API key.
    pub api_key: Option<SecretString>,
    /// Certificates to trust, as the command names them.
    pub ca_file: Option<String>,
    /// The proxy.
    pub proxy: Option<String>,
    /// What was left out or changed, and why: sentences without a value.
    pub remarks: Vec<String>,
}

impl Draft {
    fn remark(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.remarks.contains(&text) {
            self.remarks.push(text);
        }
    }
}

/// Reads a text, whatever it is. The file's name helps to tell.
///
/// # Errors
/// Why nothing can be made of it.
pub fn read(text: &str, file_name: Option<&str>) -> Result<Vec<Draft>, ImportError> {
    let text = text.trim_start_matches('\u{FEFF}');
    let ending = file_name.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending.to_ascii_lowercase());
    let is_yaml = matches!(ending.as_deref(), Some("yaml" | "yml"));
    if is_yaml || component::looks_like_one(text) {
        return component::read(text);
    }
    let variables = variables::read(text);
    if !variables.is_empty() {
        return Ok(variables);
    }
    curl::read(text).map(|draft| vec![draft])
}

/// Takes the variables of all connections from the environment.
///
/// # Errors
/// There are no such variables.
pub fn from_environment(environ: &Environ) -> Result<Vec<Draft>, ImportError> {
    let mut names: Vec<&str> = environ.names().collect();
    names.sort_unstable();
    let drafts = variables::drafts(names.into_iter().filter_map(|name| Some((name, environ.text(name)?))));
    if drafts.is_empty() { Err(ImportError::NoVariables) } else { Ok(drafts) }
}

/// Whether a value is one that a reader of a page was meant to replace.
fn is_placeholder(value: &str) -> bool {
    const WORDS: [&str; 6] =
        ["consumer-key", "consumer-secret", "consumer_key", "consumer_secret", "client_id", "client_secret"];
    let lower = value.to_ascii_lowercase();
    let marked = (value.starts_with('<') && value.ends_with('>')) || (value.contains("{{") && value.contains("}}"));
    let yours = ["your_", "your-", "your "].iter().any(|word| lower.starts_with(word));
    let blank = !value.is_empty() && value.chars().all(|c| matches!(c, '*' | '.' | '…' | '•' | 'x' | 'X'));
    marked || yours || blank || WORDS.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_by_what_it_is() {
        let one = |text| read(text, None).expect("readable").remove(0);
        assert!(one("curl https://h/t -d grant_type=client_credentials").token_url.is_some());
        assert!(one("CHOREO_PETSTORE_TOKENURL=https://h/t").token_url.is_some());
        assert!(one("dependencies:\n  connectionReferences:\n    - name: petstore\n").by_reference);
        for nothing in ["", "hello", "wget https://h/t", "FOO=bar"] {
            assert!(matches!(read(nothing, None), Err(ImportError::NothingKnown)), "{nothing}");
        }
    }

    #[test]
    fn placeholders_are_no_values() {
        for placeholder in ["<consumer-key>", "{{token_url}}", "YOUR_CLIENT_ID", "xxxx", "***", "consumer-secret"] {
            assert!(is_placeholder(placeholder), "{placeholder}");
        }
        for value in ["PfaBqk1", "a<b>c", "x1", "", "https://sts.choreo.dev/oauth2/token"] {
            assert!(!is_placeholder(value), "{value}");
        }
    }

    /// Pieces of commands, to be put together in any order.
    const PIECES: &str = "(curl|curl.exe|-u|-H|-d|--data-urlencode|Authorization: Basic|grant_type=client_credentials|\
        client_secret=|[ '\"`^$(){}\\\\\n&|;<>%@:=+/-]|https://h/t|a2V5OnNlY3JldA==|\u{201C}|\u{2019}|\u{e9}|CHOREO_A_TOKENURL=|\
        dependencies:|connectionReferences:|- name: |&a|[*]a){0,24}";

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            _ = read(&text, None);
            _ = read(&text, Some("component.yaml"));
        }

        #[test]
        fn no_broken_command_makes_it_panic(text in PIECES) {
            _ = read(&text, None);
            _ = read(&text, Some("component.yaml"));
        }

        #[test]
        fn nothing_that_is_said_has_a_value_in_it(secret in "[a-zA-Z0-9]{12,20}", text in PIECES) {
            let text = format!("curl -H 'Authorization: Basic {secret}' -u 'k:{secret}' -d 'x{secret}&client_secret={secret}' {text}");
            match read(&text, None) {
                Ok(drafts) => {
                    let said = drafts.iter().flat_map(|draft| &draft.remarks);
                    said.for_each(|remark| assert!(!remark.contains(&secret), "{remark}"));
                }
                Err(error) => assert!(!format!("{error} {error:?}").contains(&secret), "{error}"),
            }
        }
    }
}
