//! A call of an API as somebody asks for it: what goes into the request, before a profile makes one of it.
//!
//! Owns path templates, the encoding of what is filled in, and the bodies. Never reads a file and never sees a profile.
//! Gives the parts of a [`Request`](super::Request).

use serde_json::{Map, Value};
use url::form_urlencoded::byte_serialize;

use super::{Body, Field};

/// A call, all of it as it was typed.
#[derive(Clone, Default)]
pub struct Asked {
    /// The method, where one is named.
    pub method: Option<String>,
    /// A path below `api_url`, with `{name}` for what is filled in, or an address.
    pub target: String,
    /// What is filled in: names and values, not encoded.
    pub path: Vec<(String, String)>,
    /// What is added to the query: names and values, not encoded.
    pub query: Vec<(String, String)>,
    /// Headers; they replace those that the profile has.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// The body's type, where no header names one.
    pub content_type: Option<&'static str>,
    /// Further arguments for curl.
    pub extra: Vec<String>,
}

/// What is wrong with what was asked.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskedError {
    /// A name in the path has no value.
    #[error("the path has `{{{name}}}`, which nothing fills in")]
    Unfilled {
        /// The name.
        name: String,
    },
    /// A value is for a name that the path does not have.
    #[error("the path has no `{{{name}}}`")]
    NoSuchName {
        /// The name.
        name: String,
    },
    /// A value would be another path: nothing, or one that servers and clients take for a folder.
    #[error("`{value}` as the value of `{{{name}}}` would be another path")]
    OtherPath {
        /// The name.
        name: String,
        /// The value.
        value: String,
    },
    /// The variables of a GraphQL query are no JSON object.
    #[error("the variables of a GraphQL query must be a JSON object")]
    NoObject,
}

impl AskedError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unfilled { name } => Some(format!("add `--path {name}=…`; write %7B and %7D for braces as such")),
            Self::NoSuchName { name } => Some(format!("write `{{{name}}}` where the value goes")),
            Self::OtherPath { .. } => None,
            Self::NoObject => Some("such as `--variables '{\"id\": 7}'`".into()),
        }
    }
}

impl Asked {
    /// The target with all that is filled in and added, percent-encoded (RFC 3986 §2.1).
    ///
    /// # Errors
    /// A name without a value, a value without a name, or a value that would be another path.
    pub fn address(&self) -> Result<String, AskedError> {
        let (path, query) =
            self.target.split_once('?').map_or((&*self.target, None), |(path, query)| (path, Some(query)));
        let mut address = self.filled(path)?;
        let mut mark = '?';
        if let Some(query) = query {
            address.push(mark);
            address.push_str(query);
            mark = '&';
        }
        for (name, value) in &self.query {
            address.push(mark);
            address.push_str(&encoded(name));
            address.push('=');
            address.push_str(&encoded(value));
            mark = '&';
        }
        Ok(address)
    }

    fn filled(&self, path: &str) -> Result<String, AskedError> {
        let mut filled = String::new();
        let mut used = Vec::new();
        let mut rest = path;
        while let Some((before, name, after)) = next_name(rest) {
            let value = self.path.iter().find(|(known, _)| known == name).map(|(_, value)| value);
            let value = value.ok_or_else(|| AskedError::Unfilled { name: name.to_owned() })?;
            if matches!(value.as_str(), "" | "." | "..") {
                return Err(AskedError::OtherPath { name: name.to_owned(), value: value.clone() });
            }
            filled.push_str(before);
            filled.push_str(&encoded(value));
            used.push(name);
            rest = after;
        }
        match self.path.iter().find(|(name, _)| !used.contains(&name.as_str())) {
            Some((name, _)) => Err(AskedError::NoSuchName { name: name.clone() }),
            None => Ok(filled + rest),
        }
    }

    /// The headers, with the body's type among them.
    #[must_use]
    pub fn all_headers(&self) -> Vec<(String, String)> {
        let typed = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let own = self.content_type.filter(|_| !typed);
        let mut headers: Vec<_> = own.iter().map(|value| ("Content-Type".to_owned(), (*value).to_owned())).collect();
        headers.extend_from_slice(&self.headers);
        headers
    }

    /// A GraphQL query as it is sent: a POST of JSON.
    ///
    /// # Errors
    /// The variables are no JSON object.
    pub fn graphql(&mut self, query: &str, variables: Option<&str>) -> Result<(), AskedError> {
        let mut whole = Map::from_iter([("query".to_owned(), Value::from(query))]);
        if let Some(variables) = variables {
            let variables: Map<String, Value> = serde_json::from_str(variables).map_err(|_| AskedError::NoObject)?;
            whole.insert("variables".into(), variables.into());
        }
        self.body = Body::Text(Value::from(whole).to_string());
        self.content_type = Some("application/json");
        Ok(())
    }
}

/// The text around the next `{name}`, and the name.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// Percent-encoded, the blank too: `+` means one in forms only. A tilde is not: some programs would decode it.
fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20").replace("%7E", "~")
}

/// `name=value`, taken apart.
#[must_use]
pub fn name_and_value(text: &str) -> Option<(String, String)> {
    text.split_once('=').filter(|(name, _)| !name.is_empty()).map(|(name, value)| (name.to_owned(), value.to_owned()))
}

/// `@path` is a file, as curl has it; all else is text.
#[must_use]
pub fn file_or_text(value: &str) -> Field {
    match value.strip_prefix('@') {
        Some(path) => Field::File(path.to_owned()),
        None => Field::Text(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(target: &str, path: &[(&str, &str)], query: &[(&str, &str)]) -> Asked {
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Asked { target: target.into(), path: pairs(path), query: pairs(query), ..Asked::default() }
    }

    #[test]
    fn what_is_filled_in_is_one_segment_and_one_value_whatever_is_in_it() {
        let address =
            asked("/pets/{id}/{toy}?a=b", &[("toy", "a/b?c#d %"), ("id", "7é")], &[("q q", "x&y=+z")]).address();
        assert_eq!(address.as_deref(), Ok("/pets/7%C3%A9/a%2Fb%3Fc%23d%20%25?a=b&q%20q=x%26y%3D%2Bz"));
        assert_eq!(asked("", &[], &[("a", "")]).address().as_deref(), Ok("?a="));
    }

    #[test]
    fn a_path_that_would_be_another_one_is_refused() {
        let unfilled = AskedError::Unfilled { name: "id".into() };
        assert_eq!(asked("/pets/{id}", &[], &[]).address(), Err(unfilled));
        assert_eq!(asked("/pets", &[("id", "7")], &[]).address(), Err(AskedError::NoSuchName { name: "id".into() }));
        for value in ["", ".", ".."] {
            let error = asked("/pets/{id}", &[("id", value)], &[]).address();
            assert_eq!(error, Err(AskedError::OtherPath { name: "id".into(), value: value.into() }));
        }
    }

    #[test]
    fn a_graphql_query_is_json_with_its_variables() {
        let mut call = Asked::default();
        assert_eq!(call.graphql("{ pets }", Some("[]")), Err(AskedError::NoObject));
        assert_eq!(call.graphql("{ \"x\" }", Some("{\"id\": 7}")), Ok(()));
        let Body::Text(text) = &call.body else { panic!("no text") };
        assert_eq!(text, r#"{"query":"{ \"x\" }","variables":{"id":7}}"#);
    }
}
