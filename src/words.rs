//! Text as words, as a POSIX shell splits it, with nothing expanded and nothing run.
//!
//! Owns quotes, escapes, comments and the ends of commands (POSIX, 2.2 and 2.3), and what people's word processors made
//! of them. Never shows a word in an error: it may be a secret. Gives words that are wiped when dropped.

use std::iter::Peekable;
use std::str::Chars;

use zeroize::Zeroizing;

/// A word, without its quotes.
#[derive(Default)]
pub struct Word {
    /// The text.
    pub text: Zeroizing<String>,
    /// Whether a shell would put something else in a part of it: a variable, or what a command prints.
    pub expands: bool,
    /// Whether some of it was quoted.
    pub quoted: bool,
}

/// A quote, or what stands in parentheses, has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a quote is not closed")]
pub struct Unclosed;

/// Words, as they are put together; the splitters for other shells use it as well.
#[derive(Default)]
pub struct Commands {
    done: Vec<Vec<Word>>,
    words: Vec<Word>,
    word: Option<Word>,
}

impl Commands {
    /// Adds a character to the current word, or begins one.
    pub fn push(&mut self, c: char) {
        self.word().text.push(c);
    }

    /// The current word, which begins here if there is none: an empty quote is a word, too.
    pub fn word(&mut self) -> &mut Word {
        self.word.get_or_insert_default()
    }

    /// Whether a word has begun.
    #[must_use]
    pub fn in_word(&self) -> bool {
        self.word.is_some()
    }

    /// Ends the current word.
    pub fn end_word(&mut self) {
        self.words.extend(self.word.take());
    }

    /// Ends the current command.
    pub fn end_command(&mut self) {
        self.end_word();
        if !self.words.is_empty() {
            self.done.push(std::mem::take(&mut self.words));
        }
    }

    /// All commands.
    #[must_use]
    pub fn finish(mut self) -> Vec<Vec<Word>> {
        self.end_command();
        self.done
    }
}

/// Whether a character is a double quote, straight or as word processors write it.
#[must_use]
pub fn is_double(c: char) -> bool {
    matches!(c, '"' | '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{201F}')
}

/// Whether a character is a single quote, straight or as word processors write it.
#[must_use]
pub fn is_single(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}')
}

/// Splits one line into the words of one program and its arguments.
///
/// # Errors
/// A phrase that says what is wrong with it; never a part of it.
pub fn program(text: &str) -> Result<Vec<String>, String> {
    // A backslash is a part of paths there, and no escape.
    let text = if cfg!(windows) { text.replace('\\', r"\\") } else { text.to_owned() };
    let mut commands = posix(&text).map_err(|error| error.to_string())?;
    match (commands.pop(), commands.is_empty()) {
        (Some(words), true) if words.iter().all(|word| !word.expands) => {
            Ok(words.into_iter().map(|word| word.text.to_string()).collect())
        }
        (None, _) => Err("it is empty".into()),
        _ => Err("it has something that only a shell understands".into()),
    }
}

/// Splits text into commands, and those into words.
///
/// # Errors
/// A quote has no end.
pub fn posix(text: &str) -> Result<Vec<Vec<Word>>, Unclosed> {
    let mut splitter = Posix { rest: text.chars().peekable(), commands: Commands::default() };
    while let Some(c) = splitter.rest.next() {
        splitter.take(c)?;
    }
    Ok(splitter.commands.finish())
}

struct Posix<'a> {
    rest: Peekable<Chars<'a>>,
    commands: Commands,
}

impl Posix<'_> {
    fn take(&mut self, c: char) -> Result<(), Unclosed> {
        match c {
            '\\' => self.escape(),
            '$' if self.rest.peek() == Some(&'\'') => self.ansi_c()?,
            '$' => self.dollar()?,
            '`' => self.enclosed("`", '`')?,
            c if is_single(c) => self.single(c)?,
            c if is_double(c) => self.double(c)?,
            '#' if !self.commands.in_word() => while self.rest.next_if(|c| *c != '\n').is_some() {},
            // In the middle of a form body that somebody forgot to quote, it is not the end of the command.
            '&' if self.commands.in_word() && self.rest.peek().is_some_and(|c| c.is_alphanumeric()) => {
                self.commands.push(c);
            }
            '\n' | ';' | '|' | '&' => self.commands.end_command(),
            c if c.is_whitespace() => self.commands.end_word(),
            c => self.commands.push(c),
        }
        Ok(())
    }

    /// A backslash outside of quotes. One before a line break continues the line, also with blanks between them, which
    /// is what is left of many a line that was copied from a page.
    fn escape(&mut self) {
        let mut ahead = self.rest.clone();
        while ahead.next_if(|c| matches!(c, ' ' | '\t' | '\r' | '\u{A0}')).is_some() {}
        match ahead.next() {
            Some('\n') | None => self.rest = ahead,
            Some(_) => self.rest.next().into_iter().for_each(|c| self.commands.push(c)),
        }
    }

    fn single(&mut self, open: char) -> Result<(), Unclosed> {
        self.commands.word().quoted = true;
        loop {
            match self.rest.next().ok_or(Unclosed)? {
                c if closes(open, c, is_single) => return Ok(()),
                c => self.commands.push(c),
            }
        }
    }

    fn double(&mut self, open: char) -> Result<(), Unclosed> {
        self.commands.word().quoted = true;
        loop {
            match self.rest.next().ok_or(Unclosed)? {
                c if closes(open, c, is_double) => return Ok(()),
                '\\' => match self.rest.next().ok_or(Unclosed)? {
                    '\n' => {}
                    c if "$`\\".contains(c) || is_double(c) => self.commands.push(c),
                    c => ['\\', c].into_iter().for_each(|c| self.commands.push(c)),
                },
                '$' => self.dollar()?,
                '`' => self.enclosed("`", '`')?,
                c => self.commands.push(c),
            }
        }
    }

    /// A `$` that is no quote: a variable, a command, or just that character.
    fn dollar(&mut self) -> Result<(), Unclosed> {
        match self.rest.peek() {
            Some('(') => {
                self.rest.next();
                self.enclosed("$(", ')')
            }
            Some('{') => {
                self.rest.next();
                self.enclosed("${", '}')
            }
            Some(c) if c.is_ascii_alphanumeric() || "_@*#?!-$".contains(*c) => {
                self.commands.word().expands = true;
                self.commands.push('$');
                Ok(())
            }
            _ => {
                self.commands.push('$');
                Ok(())
            }
        }
    }

    /// What a shell would expand, as it stands, with its marks. Quotes within are not looked at, but parentheses are.
    fn enclosed(&mut self, begin: &str, end: char) -> Result<(), Unclosed> {
        self.commands.word().expands = true;
        begin.chars().for_each(|c| self.commands.push(c));
        let mut depth = 1;
        while depth > 0 {
            let c = self.rest.next().ok_or(Unclosed)?;
            match c {
                c if c == end => depth -= 1,
                '(' if end == ')' => depth += 1,
                _ => {}
            }
            self.commands.push(c);
        }
        Ok(())
    }

    /// `$'…'`, which browsers write for "copy as cURL" (POSIX 2024, 2.2.4).
    fn ansi_c(&mut self) -> Result<(), Unclosed> {
        self.rest.next();
        self.commands.word().quoted = true;
        loop {
            match self.rest.next().ok_or(Unclosed)? {
                '\'' => return Ok(()),
                '\\' => {
                    let escaped = self.rest.next().ok_or(Unclosed)?;
                    let c = match escaped {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        'x' => self.number(16, 2),
                        'u' => self.number(16, 4),
                        'U' => self.number(16, 8),
                        '0'..='7' => {
                            let first = escaped.to_digit(8).unwrap_or_default();
                            char::from_u32(first * 64 + u32::from(self.number(8, 2))).unwrap_or('\u{FFFD}')
                        }
                        other => other,
                    };
                    self.commands.push(c);
                }
                c => self.commands.push(c),
            }
        }
    }

    fn number(&mut self, radix: u32, most: usize) -> char {
        let mut value = 0;
        for _ in 0..most {
            let Some(digit) = self.rest.peek().and_then(|c| c.to_digit(radix)) else { break };
            value = value * radix + digit;
            self.rest.next();
        }
        char::from_u32(value).unwrap_or('\u{FFFD}')
    }
}

/// A straight quote is closed by a straight one alone; one that a word processor made, by any of its kind.
fn closes(open: char, c: char, kind: fn(char) -> bool) -> bool {
    if open.is_ascii() { c == open } else { kind(c) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        let commands = posix(text).expect("closed");
        let line = |words: &Vec<Word>| words.iter().map(|word| word.text.to_string()).collect::<Vec<_>>().join("|");
        commands.iter().map(line).collect()
    }

    #[test]
    fn words_are_what_a_shell_makes_of_them() {
        for (text, words) in [
            ("a 'b c' \"d\\\"e\" f\\ g ''", "a|b c|d\"e|f g|"),
            ("a \\\n  b \\  \n c", "a|b|c"),
            ("$'it\\'s\\x41\\u00e9\\101'", "it'sA\u{e9}A"),
            ("\u{201C}smart \u{2018}x\u{201D} \u{2018}y\u{2019}", "smart \u{2018}x|y"),
            ("'\u{201C}kept\u{201D}'", "\u{201C}kept\u{201D}"),
            ("a # comment", "a"),
            ("a#b 'p$w' \"p$ w\"", "a#b|p$w|p$ w"),
            ("x -d a=1&b=2", "x|-d|a=1&b=2"),
            ("a\u{A0}b", "a|b"),
        ] {
            assert_eq!(split(text), [words], "{text}");
        }
        assert_eq!(split("a | b; c && d\ne"), ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn what_a_shell_would_fill_in_is_told() {
        let commands = posix("\"$A\" \"$(b (c))\" `d` '$e' ${f} g").expect("closed");
        let expands: Vec<bool> = commands[0].iter().map(|word| word.expands).collect();
        assert_eq!(expands, [true, true, true, false, true, false]);
        assert_eq!(*commands[0][1].text, "$(b (c))");
    }

    #[test]
    fn a_program_has_no_shell() {
        assert_eq!(program("code --wait").as_deref(), Ok(&["code".to_owned(), "--wait".to_owned()][..]));
        assert_eq!(program("vim -c 'set ft=toml'").map(|words| words.len()), Ok(3));
        for bad in ["", "  ", "vi; rm x", "vi | tee", "$EDITOR", "vi 'x", "vi `x`"] {
            assert!(program(bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn it_never_panics(text in ".{0,80}") {
            _ = posix(&text);
            _ = program(&text);
        }

        #[test]
        fn a_quoted_word_comes_back(text in "[^']{0,40}") {
            proptest::prop_assert_eq!(split(&format!("'{text}'")), [text]);
        }
    }
}
