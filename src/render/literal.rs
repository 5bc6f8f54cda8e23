//! String literals: how a value stands in a program's source.
//!
//! Owns the rules of the languages that requests are written in. Never sees more than one value. Gives appended text, in
//! double quotes, as all of them have it.

use super::draft::Draft;

/// How a language writes a character by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// `\u{e9}`: JavaScript, Rust, Ballerina, Hurl.
    Braces,
    /// `\u00e9`, `\U0001f600`: Python, Go.
    Long,
    /// `\u00e9` for each UTF-16 unit: Java and C#, whose compilers guess how a file is encoded, so that nothing beyond
    /// ASCII stands as it is.
    Units,
}

/// A value in double quotes.
pub(super) fn string(out: &mut Draft, text: &str, escape: Escape) {
    out.push("\"");
    for c in text.chars() {
        match c {
            '"' => out.push("\\\""),
            '\\' => out.push("\\\\"),
            '\n' => out.push("\\n"),
            '\t' => out.push("\\t"),
            ' '..='~' => out.push_char(c),
            // Letters are kind to readers; marks, blanks and what turns the direction of writing may deceive them.
            c if c.is_alphanumeric() && escape != Escape::Units => out.push_char(c),
            c => number(out, c, escape),
        }
    }
    out.push("\"");
}

fn number(out: &mut Draft, c: char, escape: Escape) {
    match escape {
        Escape::Braces => {
            out.push("\\u{");
            hexadecimal(out, u32::from(c), 1);
            out.push("}");
        }
        Escape::Long if u32::from(c) > 0xffff => {
            out.push("\\U");
            hexadecimal(out, u32::from(c), 8);
        }
        Escape::Long | Escape::Units => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
            out.push("\\u");
            hexadecimal(out, u32::from(*unit), 4);
        }),
    }
}

fn hexadecimal(out: &mut Draft, number: u32, least: u32) {
    let digits = least.max((32 - number.leading_zeros()).div_ceil(4));
    for place in (0..digits).rev() {
        out.push_char(char::from_digit(number >> (4 * place) & 15, 16).unwrap_or('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_reads_the_value_back() {
        for (escape, expected) in [
            (Escape::Braces, r#""é\u{20ac}\u{1f600}\"\\\n$""#),
            (Escape::Long, r#""é\u20ac\U0001f600\"\\\n$""#),
            (Escape::Units, r#""\u00e9\u20ac\ud83d\ude00\"\\\n$""#),
        ] {
            let mut out = Draft::new();
            string(&mut out, "é€😀\"\\\n$", escape);
            assert_eq!(*out.finish(), expected);
        }
    }
}
