//! The form in which files and programs give a secret: one line, or for a private key several.
//!
//! Owns what counts as exactly one line. Never shows any of it. Gives the text as a [`SecretString`].

use secrecy::SecretString;

/// The length that a secret's file, or a program's output, may have, in bytes: far above any key or password.
pub(super) const MOST: usize = 64 * 1024;

/// Why a text is not a secret of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    /// There is nothing, or nothing but a line break.
    #[error("is empty")]
    Empty,
    /// There is a line break before the end.
    #[error("has more than one line")]
    SeveralLines,
    /// It is longer than any secret.
    #[error("is longer than {} KiB", MOST / 1024)]
    TooLong,
    /// It is not text.
    #[error("is not UTF-8 text")]
    NotText,
}

/// What a secret looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One line.
    Line,
    /// Text of any form: a private key as PEM has several lines.
    Text,
}

impl Form {
    /// The form of the secret that a key refers to.
    pub(super) fn of(key: &str) -> Self {
        if key == "private_key" { Self::Text } else { Self::Line }
    }

    /// Takes the secret out of what was read.
    pub(super) fn read(self, text: &[u8]) -> Result<SecretString, Flaw> {
        match self {
            Self::Line => only(text),
            Self::Text if text.len() > MOST => Err(Flaw::TooLong),
            Self::Text if text.trim_ascii().is_empty() => Err(Flaw::Empty),
            Self::Text => std::str::from_utf8(text).map(SecretString::from).map_err(|_| Flaw::NotText),
        }
    }
}

/// Takes the one line out of a text: one line break at the end is dropped, everything else belongs to the secret.
fn only(text: &[u8]) -> Result<SecretString, Flaw> {
    if text.len() > MOST {
        return Err(Flaw::TooLong);
    }
    let line = text.strip_suffix(b"\n").map_or(text, |line| line.strip_suffix(b"\r").unwrap_or(line));
    if line.is_empty() {
        return Err(Flaw::Empty);
    }
    if line.contains(&b'\n') || line.contains(&b'\r') {
        return Err(Flaw::SeveralLines);
    }
    std::str::from_utf8(line).map(SecretString::from).map_err(|_| Flaw::NotText)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    fn line(text: &[u8]) -> Result<String, Flaw> {
        only(text).map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn one_line_break_at_the_end_is_dropped() {
        for text in ["key", "key\n", "key\r\n"] {
            assert_eq!(line(text.as_bytes()), Ok("key".into()), "{text:?}");
        }
        assert_eq!(line(b" key \n"), Ok(" key ".into()));
    }

    #[test]
    fn anything_but_one_line_of_text_is_refused() {
        for empty in ["", "\n", "\r\n"] {
            assert_eq!(line(empty.as_bytes()), Err(Flaw::Empty), "{empty:?}");
        }
        for several in ["a\nb", "a\n\n", "a\rb", "a\r", "\na", "a\r\n\r\n"] {
            assert_eq!(line(several.as_bytes()), Err(Flaw::SeveralLines), "{several:?}");
        }
        assert_eq!(line(b"\xff"), Err(Flaw::NotText));
        assert_eq!(line(&vec![b'a'; MOST + 1]), Err(Flaw::TooLong));
    }

    #[test]
    fn a_private_key_may_have_several_lines_and_nothing_of_it_is_lost() {
        let text = |bytes: &[u8]| Form::of("private_key").read(bytes).map(|key| key.expose_secret().to_owned());
        assert_eq!(text(b"-----BEGIN\r\nx\n-----END\n"), Ok("-----BEGIN\r\nx\n-----END\n".into()));
        assert_eq!(text(b" \n"), Err(Flaw::Empty));
        assert_eq!(text(b"\xff"), Err(Flaw::NotText));
        assert_eq!(text(&vec![b'a'; MOST + 1]), Err(Flaw::TooLong));
        assert_eq!(Form::of("private_key_passphrase"), Form::Line);
    }

    proptest! {
        #[test]
        fn a_line_comes_back_as_it_was(text in "[^\r\n]{1,40}") {
            prop_assert_eq!(line(format!("{text}\n").as_bytes()), Ok(text));
        }
    }
}
