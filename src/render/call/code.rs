//! Values in the source of a program: literals, variables and what other programs print, put together.
//!
//! Owns what the languages have in common. Never knows a library. Gives expressions; what is known is joined to one
//! literal, and is encoded here rather than there.

use url::form_urlencoded::byte_serialize;

use super::{Page, Part, Text};
use crate::render::draft::Draft;
use crate::render::literal::{Escape, string};

/// What a language calls things.
pub(super) struct Language {
    /// How it writes a character by its number.
    pub(super) escape: Escape,
    /// Before and after the name of a variable of the environment, in quotes.
    pub(super) variable: (&'static str, &'static str),
    /// Before, between and after the words of a program, in quotes; empty where it runs none.
    pub(super) output: (&'static str, &'static str, &'static str),
    /// What puts two texts together, with the blanks that the language's own formatter leaves.
    pub(super) join: &'static str,
    /// Before and after a value that is to be encoded as in a form.
    pub(super) encode: (&'static str, &'static str),
}

impl Language {
    /// A literal.
    pub(super) fn string(&self, out: &mut Draft, text: &str) {
        string(out, text, self.escape);
    }

    /// A value: its parts, put together.
    pub(super) fn expression(&self, out: &mut Draft, text: &Text) {
        self.parts(out, text, ("", ""));
    }

    /// The same, where what is filled in later is still to be encoded as in a form.
    pub(super) fn encoded(&self, out: &mut Draft, text: &Text) {
        self.parts(out, text, self.encode);
    }

    fn parts(&self, out: &mut Draft, text: &Text, around: (&str, &str)) {
        let parts = joined(text);
        if parts.is_empty() {
            out.push("\"\"");
        }
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                out.push(self.join);
            }
            if let Some(text) = part.literal() {
                self.string(out, text);
            } else {
                out.push(around.0);
                self.late(out, part);
                out.push(around.1);
            }
        }
    }

    fn late(&self, out: &mut Draft, part: &Part) {
        match part {
            Part::Variable(name) => {
                out.push(self.variable.0);
                self.string(out, name);
                out.push(self.variable.1);
            }
            Part::Output { command, .. } => {
                let (before, between, after) = self.output;
                out.push(before);
                for (at, word) in command.iter().enumerate() {
                    // The program, and then its arguments.
                    out.push(match at {
                        0 => "",
                        1 => between,
                        _ => ", ",
                    });
                    self.string(out, word);
                }
                if command.len() == 1 {
                    out.push(between);
                }
                out.push(after);
            }
            _ => {}
        }
    }
}

/// The parts, with those that are known now joined to one, so that a reader sees `"Bearer eyJ…"`.
pub(super) fn joined(text: &Text) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut known = Text::default();
    let flush = |known: &mut Text, parts: &mut Vec<Part>| {
        let whole = std::mem::take(known).known().filter(|whole| !whole.is_empty());
        parts.extend(whole.map(|whole| Part::Secret(whole.as_str().into())));
    };
    for part in text.parts() {
        if matches!(part, Part::Variable(_) | Part::Output { .. }) {
            flush(&mut known, &mut parts);
            parts.push(part.clone());
        } else {
            known = known.then(&part.clone().into());
        }
    }
    flush(&mut known, &mut parts);
    parts
}

/// A form as it is sent; what is filled in later stands in it as it is.
pub(super) fn form(fields: &[(String, Text)]) -> Text {
    let mut whole = Text::default();
    for (at, (name, value)) in fields.iter().enumerate() {
        let name: String = byte_serialize(name.as_bytes()).collect();
        whole = whole.and(if at > 0 { "&" } else { "" }).and(&name).and("=").then(&value.form_encoded());
    }
    whole
}

impl Page<'_> {
    /// A form as it is sent, for a target that encodes nothing.
    pub(super) fn form(&mut self, fields: &[(String, Text)]) -> Text {
        if fields.iter().any(|(_, value)| value.is_late()) {
            self.warn(
                "what a variable or a program gives is not encoded",
                "it works for values of letters, digits, `-`, `.` and `_`",
            );
        }
        form(fields)
    }
}

/// The name that a file is sent under.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
