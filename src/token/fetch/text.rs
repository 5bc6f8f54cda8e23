//! Text from a server, on its way to a person.
//!
//! Owns what is taken out of it: the secret, should the server repeat it, and every character that a terminal might
//! act on. Never lets more than a few lines through.

use zeroize::Zeroizing;

/// The length that a server's text may have, in characters.
const MOST: usize = 300;

/// Cleans texts of one server.
#[derive(Default)]
pub(in crate::token) struct Cleaner {
    secrets: Vec<Zeroizing<String>>,
}

impl Cleaner {
    /// Takes out the given texts, the first ones first.
    pub(in crate::token) fn new(secrets: Vec<Zeroizing<String>>) -> Self {
        Self { secrets }
    }

    /// The text as it can be shown.
    pub(in crate::token) fn clean(&self, text: &str) -> String {
        let text = self.clean_whole(text);
        match text.char_indices().nth(MOST) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }

    /// The same in full, for what is compared.
    pub(in crate::token) fn clean_whole(&self, text: &str) -> String {
        // Before and after: a control character in the middle must neither hide the secret nor join its halves.
        let visible: String = self.without_secrets(text).chars().filter_map(visible).collect();
        let text = self.without_secrets(&visible);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn without_secrets(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
    }
}

/// The character as a terminal may have it; `None` for one that it must not have.
fn visible(c: char) -> Option<char> {
    match c {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some(' '),
        // Marks that change the direction of text, or that nobody sees, can make a message say something else.
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => None,
        c if c.is_control() => None, // C0, DEL and C1
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cleaner(secret: &str) -> Cleaner {
        Cleaner::new(vec![Zeroizing::new(secret.to_owned())])
    }

    #[test]
    fn control_characters_and_direction_marks_do_not_get_through() {
        let text = "a\u{1b}[31mb\u{7}\u{9b}c\u{7f}\u{202e}d\r\n e\tf\u{feff}";
        assert_eq!(Cleaner::default().clean(text), "a[31mbcd e f");
    }

    #[test]
    fn the_secret_is_taken_out_also_where_something_is_hidden_in_it() {
        assert_eq!(cleaner("canary").clean("bad secret 'canary' (canary)"), "bad secret '***' (***)");
        assert_eq!(cleaner("canary").clean("can\u{0}ary"), "***");
        assert_eq!(cleaner("can\u{0}ary").clean("can\u{0}ary"), "***");
    }

    #[test]
    fn a_long_text_is_cut_after_the_secret_was_taken_out() {
        let text = format!("{}canary{}", "é".repeat(MOST - 3), "x".repeat(MOST));
        let clean = cleaner("canary").clean(&text);
        assert_eq!(clean, format!("{}***…", "é".repeat(MOST - 3)));
    }

    proptest! {
        #[test]
        fn nothing_that_a_terminal_acts_on_gets_through(text: String) {
            let clean = Cleaner::default().clean(&text);
            prop_assert!(!clean.chars().any(char::is_control));
            prop_assert!(clean.chars().count() <= MOST + 1);
        }
    }
}
