//! GitHub Actions: masks first, so that no log shows a value, then the lines for the file that `GITHUB_ENV` names.

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::Variable;
use crate::render::draft::Draft;
use crate::render::quote;

/// The workflow commands that mask every sensitive value; an empty one would be an error there.
pub(super) fn masks(set: &[Variable]) -> Zeroizing<String> {
    let mut out = Draft::new();
    let values = set.iter().filter(|variable| variable.sensitive).map(|variable| variable.value.expose_secret());
    for value in values.filter(|value| !value.trim().is_empty()) {
        out.push("::add-mask::");
        quote::github_command(&mut out, value);
        out.push("\n");
    }
    out.finish()
}

/// The lines of the file, in the form with a delimiter, which takes every value as it is.
pub(super) fn file(set: &[Variable]) -> Zeroizing<String> {
    let mut out = Draft::new();
    for variable in set {
        let value = variable.value.expose_secret();
        let delimiter = delimiter(value);
        out.push_all(&[&variable.name, "<<", &delimiter, "\n", value, "\n", &delimiter, "\n"]);
    }
    out.finish()
}

/// A word that the value does not hold.
fn delimiter(value: &str) -> String {
    let mut word = String::from("CHOREO_ENV_END");
    while value.contains(&word) {
        word.push('_');
    }
    word
}
