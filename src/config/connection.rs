//! `connection`: the variables that Choreo injects into a component, as values of a profile.
//!
//! Owns their names and the keys that they stand for. Never reads a secret: it refers to the variable. Gives a section
//! that lies just below the one that names the connection, so that the profile's own keys win.

use figment::value::Value;

use super::{Origin, SecretRef, Section};
use crate::environ::Environ;

/// The keys that a connection gives, each with the end of its variable's name.
pub const PARTS: [(&str, &str); 5] = [
    ("token_url", "TOKENURL"),
    ("consumer_key", "CONSUMERKEY"),
    ("consumer_secret", "CONSUMERSECRET"),
    ("api_url", "SERVICEURL"),
    ("api_key", "CHOREOAPIKEY"),
];

/// What the variables of connections begin with.
const PREFIX: &str = "CHOREO_";

/// The variable of a connection that holds the value of a key.
#[must_use]
pub fn variable(connection: &str, key: &str) -> Option<String> {
    let (_, end) = PARTS.iter().find(|(known, _)| *known == key)?;
    Some(format!("{PREFIX}{connection}_{end}"))
}

/// The variable that holds the consumer secret, of a profile that has a connection.
#[must_use]
pub fn secret_variable(connection: Option<&str>) -> Option<String> {
    variable(connection?, "consumer_secret")
}

/// The connection and the key that a variable is for. A connection's name may have underscores of its own.
#[must_use]
pub fn part(variable: &str) -> Option<(&str, &'static str)> {
    let rest = variable.strip_prefix(PREFIX)?;
    let split = |(key, end): &(&'static str, &str)| Some((rest.strip_suffix(end)?.strip_suffix('_')?, *key));
    PARTS.iter().find_map(split).filter(|(connection, _)| check(connection).is_ok())
}

/// Checks a connection's name.
///
/// # Errors
/// A phrase that says what it may be made of.
pub(super) fn check(name: &str) -> Result<(), String> {
    let word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || name.len() > 128 || !name.chars().all(word) {
        return Err("must be the connection's name as its variables have it: capitals, digits and `_`".into());
    }
    Ok(())
}

/// Whether a key is about the application or the API that a connection stands for.
pub(super) fn gives(key: &str) -> bool {
    key == "consumer_secret_next" || PARTS.iter().any(|(known, _)| *known == key)
}

/// What the environment says about a connection. Texts are not checked here: only a profile that uses them has to mind.
pub(super) fn section(connection: &str, environ: &Environ) -> Section {
    let mut section = Section::default();
    for (key, _) in PARTS {
        let Some(name) = variable(connection, key) else { continue };
        let origin = Origin::Environment(name.clone());
        match key {
            // Also where it is not set: then the error that names it comes when the secret is needed, and not before.
            "consumer_secret" => section.insert_secret(key, SecretRef::Env(name), origin),
            "api_key" if environ.get(&name).is_some() => section.insert_secret(key, SecretRef::Env(name), origin),
            "api_key" => {}
            _ => {
                if let Some(text) = environ.text(&name) {
                    section.insert(key, Value::from(text), origin);
                }
            }
        }
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_told_apart_into_connection_and_key() {
        assert_eq!(part("CHOREO_PETSTORE_TOKENURL"), Some(("PETSTORE", "token_url")));
        assert_eq!(part("CHOREO_USER_MGT_CON_SERVICEURL"), Some(("USER_MGT_CON", "api_url")));
        for other in ["CHOREO_TOKENURL", "CHOREO__TOKENURL", "CHOREO_TOKEN", "PETSTORE_TOKENURL", "CHOREO_a_TOKENURL"] {
            assert_eq!(part(other), None, "{other}");
        }
        assert_eq!(variable("PETSTORE", "api_key").as_deref(), Some("CHOREO_PETSTORE_CHOREOAPIKEY"));
    }
}
