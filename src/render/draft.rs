//! Text in the making that leaves no copies of itself behind.
//!
//! Owns the buffer that all rendering writes to. Never lets it grow in place: a plain `String` that grows leaves its
//! old contents, a token perhaps, in freed memory. Gives the finished text, which is wiped when it is dropped.

use zeroize::Zeroizing;

/// A text in the making.
pub(super) struct Draft(Zeroizing<String>);

impl Draft {
    /// An empty draft, with room for a token and its surroundings.
    pub(super) fn new() -> Self {
        Self(Zeroizing::new(String::with_capacity(4096)))
    }

    /// Appends text.
    pub(super) fn push(&mut self, text: &str) {
        self.make_room(text.len());
        self.0.push_str(text);
    }

    /// Appends texts in order.
    pub(super) fn push_all(&mut self, texts: &[&str]) {
        for text in texts {
            self.push(text);
        }
    }

    /// Appends one character.
    pub(super) fn push_char(&mut self, c: char) {
        self.push(c.encode_utf8(&mut [0; 4]));
    }

    /// Ends the draft.
    pub(super) fn finish(self) -> Zeroizing<String> {
        self.0
    }

    /// Moves to a larger buffer where the text would not fit; the smaller one is wiped.
    fn make_room(&mut self, more: usize) {
        let needed = self.0.len() + more;
        if needed > self.0.capacity() {
            let mut larger = Zeroizing::new(String::with_capacity(needed.max(self.0.capacity() * 2)));
            larger.push_str(&self.0);
            self.0 = larger;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_outgrows_its_first_buffer_and_keeps_the_text() {
        let mut draft = Draft::new();
        for _ in 0..5000 {
            draft.push_all(&["a", "b"]);
            draft.push_char('é');
        }
        assert_eq!(*draft.finish(), "abé".repeat(5000));
    }
}
