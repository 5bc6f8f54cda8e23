//! `component.yaml`: the connections that a Choreo component refers to.
//!
//! Owns the way to their names. It is read event by event, so that an alias is never followed, and nesting costs
//! nothing: such a file comes with a checkout. Has no values: the profile takes them from the connection's variables.

use saphyr_parser::{Event, Parser, ScanError};

use super::{Draft, ImportError};

/// Deeper than any such file, and shallow enough for the parser.
const DEEPEST: usize = 64;

/// Whether the text is a component's file.
pub(super) fn looks_like_one(text: &str) -> bool {
    text.lines().any(|line| matches!(line.trim(), "connectionReferences:" | "serviceReferences:"))
}

/// The connections of a component.
///
/// # Errors
/// The text is no YAML, or has no connections.
pub(super) fn read(text: &str) -> Result<Vec<Draft>, ImportError> {
    let names = names(text).map_err(|error| ImportError::Yaml { line: error.marker().line() })?;
    let mut drafts: Vec<Draft> = Vec::new();
    for name in names.iter().filter_map(|name| connection(name)) {
        if drafts.iter().all(|draft| draft.connection.as_ref() != Some(&name)) {
            drafts.push(Draft { connection: Some(name), by_reference: true, ..Draft::default() });
        }
    }
    if drafts.is_empty() { Err(ImportError::NoConnections) } else { Ok(drafts) }
}

/// A connection's name as its variables have it.
fn connection(name: &str) -> Option<String> {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let name: String = name.trim().chars().map(letter).collect();
    (!name.is_empty() && name.len() <= 128 && name.chars().any(|c| c != '_')).then_some(name)
}

/// A list or a table that is open.
enum Open {
    /// A list.
    List,
    /// A table, with the key whose value comes next.
    Table(Option<String>),
}

/// The values of `name` in the tables of the lists that hold references.
fn names(text: &str) -> Result<Vec<String>, ScanError> {
    let mut open: Vec<Open> = Vec::new();
    let mut names = Vec::new();
    for event in Parser::new_from_str(text) {
        match event?.0 {
            Event::SequenceStart(..) if open.len() < DEEPEST => open.push(Open::List),
            Event::MappingStart(..) if open.len() < DEEPEST => open.push(Open::Table(None)),
            Event::SequenceStart(..) | Event::MappingStart(..) => return Ok(names),
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop();
                value_ends(&mut open);
            }
            Event::Scalar(text, ..) => {
                if is_reference(&open) {
                    names.push(text.into_owned());
                    value_ends(&mut open);
                } else if let Some(Open::Table(key @ None)) = open.last_mut() {
                    *key = Some(text.into_owned());
                } else {
                    value_ends(&mut open);
                }
            }
            Event::Alias(_) => value_ends(&mut open),
            _ => {}
        }
    }
    Ok(names)
}

fn value_ends(open: &mut [Open]) {
    if let Some(Open::Table(key)) = open.last_mut() {
        // A table as a key has none yet: its place is taken by an empty one.
        *key = if key.is_none() { Some(String::new()) } else { None };
    }
}

/// Whether this is `name` in an entry of `connectionReferences`, or of `serviceReferences` as older files have it.
fn is_reference(open: &[Open]) -> bool {
    let [.., Open::Table(Some(list)), Open::List, Open::Table(Some(key))] = open else { return false };
    key == "name" && (list == "connectionReferences" || list == "serviceReferences")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let drafts = read(text).unwrap_or_default();
        drafts.into_iter().filter_map(|draft| draft.connection).collect()
    }

    #[test]
    fn the_connections_of_a_component_are_found() {
        let text = "schemaVersion: \"1.1\"\nendpoints:\n  - name: greeter\n    service: {basePath: /, port: 9090}\n\
                    dependencies:\n  connectionReferences:\n    - name: petstore-v1\n      resourceRef: service:/a/b/v1\n\
                    \x20   - { resourceRef: x, name: User Mgt }\n    - name: petstore-v1\nconfiguration:\n  env:\n    - name: A\n";
        assert_eq!(found(text), ["PETSTORE_V1", "USER_MGT"]);
        let older = "spec:\n  outbound:\n    serviceReferences:\n      - name: hr\n        env:\n        - {from: ServiceURL, to: HR}\n";
        assert_eq!(found(older), ["HR"]);
    }

    #[test]
    fn a_file_that_means_harm_does_none() {
        let deep = "[".repeat(100_000);
        assert!(found(&deep).is_empty());
        let aliases =
            "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nconnectionReferences:\n  - name: *c\n  - *c\n  - name: ok\n";
        assert_eq!(found(aliases), ["OK"]);
        assert!(matches!(read("a: [\n}"), Err(ImportError::Yaml { line: 2 })));
        assert!(matches!(read("connectionReferences: []"), Err(ImportError::NoConnections)));
    }
}
