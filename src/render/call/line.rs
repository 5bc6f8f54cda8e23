//! A command line as a value: words, and where it may be wrapped.
//!
//! Owns the layout. Never quotes: each shell does so in its own way. Gives [`Line`].

use super::{Part, Request, Style, Text};
use crate::render::draft::Draft;

/// A command line in the making: groups of words that stay on one line.
pub(super) struct Line {
    groups: Vec<Vec<Text>>,
    style: Style,
}

impl Line {
    /// A line that begins with a program's name.
    pub(super) fn new(program: &str, style: Style) -> Self {
        Self { groups: vec![vec![Text::plain(program)]], style }
    }

    /// Appends a word to the group.
    pub(super) fn word(&mut self, word: impl Into<Text>) {
        if let Some(group) = self.groups.last_mut() {
            group.push(word.into());
        }
    }

    /// Begins a group.
    pub(super) fn group(&mut self, word: impl Into<Text>) {
        self.groups.push(vec![word.into()]);
    }

    /// Method and address, on the first line where nothing but short flags stands before them.
    pub(super) fn target(&mut self, request: &Request) {
        if self.groups.len() > 1 {
            self.group(request.method());
        } else {
            self.word(request.method());
        }
        self.word(request.url.as_str());
    }

    /// A flag that stands alone.
    pub(super) fn flag(&mut self, long: &str, short: &str) {
        self.word(self.spelt(long, short));
    }

    /// A flag with a value, on a line of its own.
    pub(super) fn option(&mut self, long: &str, short: &str, value: impl Into<Text>) {
        self.group(self.spelt(long, short));
        self.word(value);
    }

    /// A flag with a value for a program that would take a value that begins with `-` for a flag: it is then joined.
    pub(super) fn guarded(&mut self, long: &str, short: &str, value: &Text) {
        let first = value.parts().iter().find(|part| part.literal() != Some(""));
        match first.and_then(Part::literal) {
            Some(text) if !text.starts_with('-') => self.option(long, short, value),
            _ => self.group(Text::plain(long).and("=").then(value)),
        }
    }

    /// Whether flags are short.
    pub(super) fn is_short(&self) -> bool {
        self.style.short
    }

    fn spelt(&self, long: &str, short: &str) -> Text {
        Text::plain(if self.style.short && !short.is_empty() { short } else { long })
    }

    /// Every word.
    pub(super) fn words(&self) -> impl Iterator<Item = &Text> {
        self.groups.iter().flatten()
    }

    /// Writes the words one by one, with blanks and line breaks between them.
    pub(super) fn write<E>(
        &self,
        out: &mut Draft,
        wrap: &str,
        mut word: impl FnMut(&mut Draft, &Text) -> Result<(), E>,
    ) -> Result<(), E> {
        let wrap = if self.style.one_line { " " } else { wrap };
        for (at, group) in self.groups.iter().enumerate() {
            for (place, text) in group.iter().enumerate() {
                match (at, place) {
                    (0, 0) => {}
                    (_, 0) => out.push(wrap),
                    _ => out.push(" "),
                }
                word(out, text)?;
            }
        }
        out.push("\n");
        Ok(())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Self {
        text.clone()
    }
}
