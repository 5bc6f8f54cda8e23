//! What most shells have in common: a statement for each variable, each on a line of its own.

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::Variable;
use crate::render::draft::Draft;

/// What a shell's statements look like.
pub(super) struct Syntax {
    /// Around the name of a variable to set, and after its value.
    pub(super) set: [&'static str; 3],
    /// How its value is written.
    pub(super) quote: fn(&mut Draft, &str),
    /// Around the name of a variable to remove.
    pub(super) unset: [&'static str; 2],
    /// The statement that fails.
    pub(super) fail: &'static str,
    /// Around the code that the plugin keeps for `off`.
    pub(super) keep: [&'static str; 2],
}

impl Syntax {
    /// Removes first, then sets.
    pub(super) fn export(&self, set: &[Variable], unset: &[&str]) -> Zeroizing<String> {
        let mut out = Draft::new();
        self.remove(&mut out, unset);
        let [before, between, after] = self.set;
        for variable in set {
            out.push_all(&[before, &variable.name, between]);
            (self.quote)(&mut out, variable.value.expose_secret());
            out.push(after);
        }
        out.finish()
    }

    /// Has the plugin keep a piece of code.
    pub(super) fn keep(&self, out: &mut Draft, code: &str) {
        let [before, after] = self.keep;
        out.push(before);
        (self.quote)(out, code);
        out.push(after);
    }

    /// Removes, then fails.
    pub(super) fn failure(&self, names: &[&str]) -> String {
        let mut out = Draft::new();
        self.remove(&mut out, names);
        out.push(self.fail);
        out.finish().to_string()
    }

    fn remove(&self, out: &mut Draft, names: &[&str]) {
        let [before, after] = self.unset;
        for name in names {
            out.push_all(&[before, name, after]);
        }
    }
}
