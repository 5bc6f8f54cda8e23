//! Words as the shells of Windows split them: `cmd`, and PowerShell.
//!
//! Owns their quotes, escapes and line continuations, so far as commands on the web use them. Never expands anything.

use std::iter::Peekable;
use std::str::Chars;

use zeroize::Zeroizing;

use crate::words::{Commands, Unclosed, Word, is_double, is_single};

/// Splits text as `cmd` does: first its own carets, then the quotes of the program's C library.
pub(super) fn cmd(text: &str) -> Result<Vec<Vec<Word>>, Unclosed> {
    let plain = without_carets(text);
    let mut commands = Commands::default();
    let mut rest = plain.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\r' => commands.end_command(),
            c if is_double(c) => double(&mut rest, &mut commands)?,
            // They are no quotes in `cmd`; many a command that was copied from a page has them all the same.
            c if is_single(c) && !commands.in_word() => single(&mut rest, &mut commands)?,
            '\\' => backslashes(&mut rest, &mut commands),
            c if c.is_whitespace() => commands.end_word(),
            c => commands.push(c),
        }
    }
    let mut commands = commands.finish();
    let has_variable = |text: &str| text.split('%').skip(1).step_by(2).any(is_name);
    commands.iter_mut().flatten().for_each(|word| word.expands = has_variable(&word.text));
    Ok(commands)
}

/// A caret makes the next character an ordinary one, and joins lines; within quotes it is one itself.
fn without_carets(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text.chars().peekable();
    let mut quoted = false;
    while let Some(c) = rest.next() {
        match c {
            '^' if !quoted => {
                let mut ahead = rest.clone();
                while ahead.next_if(|c| matches!(c, ' ' | '\t' | '\r' | '\u{A0}')).is_some() {}
                match ahead.next() {
                    Some('\n') => {
                        rest = ahead;
                        plain.push(' ');
                    }
                    _ => plain.extend(rest.next()),
                }
            }
            '&' | '|' if !quoted => plain.push('\n'), // the end of the command
            c => {
                quoted ^= is_double(c);
                plain.push(c);
            }
        }
    }
    plain
}

fn double(rest: &mut Peekable<Chars>, commands: &mut Commands) -> Result<(), Unclosed> {
    commands.word().quoted = true;
    loop {
        match rest.next().ok_or(Unclosed)? {
            c if is_double(c) => return Ok(()),
            '\\' => backslashes(rest, commands),
            c => commands.push(c),
        }
    }
}

fn single(rest: &mut Peekable<Chars>, commands: &mut Commands) -> Result<(), Unclosed> {
    commands.word().quoted = true;
    loop {
        match rest.next().ok_or(Unclosed)? {
            c if is_single(c) => return Ok(()),
            c => commands.push(c),
        }
    }
}

/// A backslash has a meaning only before a quote.
fn backslashes(rest: &mut Peekable<Chars>, commands: &mut Commands) {
    commands.push(rest.next_if(|c| is_double(*c)).unwrap_or('\\'));
}

/// Whether this is a variable's name; two characters are more likely a percent-encoded byte.
fn is_name(text: &str) -> bool {
    text.len() > 2
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Splits text as PowerShell does. It takes the quotes of word processors for quotes itself.
pub(super) fn powershell(text: &str) -> Result<Vec<Vec<Word>>, Unclosed> {
    let mut commands = Commands::default();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '`' => backtick(&mut rest, &mut commands),
            '#' if !commands.in_word() => while rest.next_if(|c| *c != '\n').is_some() {},
            '\n' | ';' | '|' => commands.end_command(),
            c if is_single(c) => literal(&mut rest, &mut commands)?,
            c if is_double(c) => expandable(&mut rest, &mut commands)?,
            '$' => dollar(&rest, &mut commands),
            c if c.is_whitespace() => commands.end_word(),
            c => commands.push(c),
        }
    }
    Ok(commands.finish())
}

fn backtick(rest: &mut Peekable<Chars>, commands: &mut Commands) {
    let mut ahead = rest.clone();
    while ahead.next_if(|c| matches!(c, ' ' | '\t' | '\r' | '\u{A0}')).is_some() {}
    if ahead.next_if_eq(&'\n').is_some() || ahead.peek().is_none() {
        *rest = ahead;
        return;
    }
    match rest.next() {
        Some('n') => commands.push('\n'),
        Some('t') => commands.push('\t'),
        Some(c) => commands.push(c),
        None => {}
    }
}

fn literal(rest: &mut Peekable<Chars>, commands: &mut Commands) -> Result<(), Unclosed> {
    commands.word().quoted = true;
    loop {
        let c = rest.next().ok_or(Unclosed)?;
        if !is_single(c) {
            commands.push(c);
        } else if rest.next_if(|c| is_single(*c)).is_some() {
            commands.push('\''); // doubled, it stands for itself
        } else {
            return Ok(());
        }
    }
}

fn expandable(rest: &mut Peekable<Chars>, commands: &mut Commands) -> Result<(), Unclosed> {
    commands.word().quoted = true;
    loop {
        match rest.next().ok_or(Unclosed)? {
            '`' => backtick(rest, commands),
            '$' => dollar(rest, commands),
            c if is_double(c) && rest.next_if(|c| is_double(*c)).is_some() => commands.push('"'),
            // For Windows PowerShell 5, which hands quotes within an argument on as they are.
            '\\' if rest.next_if(|c| is_double(*c)).is_some() => commands.push('"'),
            c if is_double(c) => return Ok(()),
            c => commands.push(c),
        }
    }
}

fn dollar(rest: &Peekable<Chars>, commands: &mut Commands) {
    let expands = rest.clone().next().is_some_and(|c| c.is_ascii_alphanumeric() || "_({".contains(c));
    commands.word().expands |= expands;
    commands.push('$');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(commands: &[Vec<Word>]) -> Vec<String> {
        let line = |words: &Vec<Word>| words.iter().map(|word| word.text.to_string()).collect::<Vec<_>>().join("|");
        commands.iter().map(line).collect()
    }

    #[test]
    fn cmd_has_carets_and_double_quotes() {
        for (text, words) in [
            ("curl -X POST \"u v\" ^\r\n -d \"a^b\"", "curl|-X|POST|u v|-d|a^b"),
            ("curl ^\"u^\" ^\n -d ^\"^{^\\^\"a^\\^\":1^}^\"", "curl|u|-d|{\"a\":1}"),
            ("curl a^&b 'c d'", "curl|a&b|c d"),
            (r#"curl "C:\x\y" "a\"b""#, r#"curl|C:\x\y|a"b"#),
        ] {
            assert_eq!(joined(&cmd(text).expect("closed")), [words], "{text}");
        }
        assert_eq!(joined(&cmd("curl a & echo b").expect("closed")), ["curl|a", "echo|b"]);
        assert!(cmd("curl -u %KEY%:%SECRET%").expect("closed")[0][2].expands);
        assert!(!cmd("curl -d a=%2F%C3%A9").expect("closed")[0][2].expands);
    }

    #[test]
    fn powershell_has_backticks_and_doubled_quotes() {
        for (text, words) in [
            ("curl.exe -X POST 'it''s' `\r\n  -d \"a`\"b\"", "curl.exe|-X|POST|it's|-d|a\"b"),
            ("curl \"a\"\"b\" \u{201C}c d\u{201D}", "curl|a\"b|c d"),
        ] {
            assert_eq!(joined(&powershell(text).expect("closed")), [words], "{text}");
        }
        assert!(powershell("curl \"$secret\"").expect("closed")[0][1].expands);
    }

    proptest::proptest! {
        #[test]
        fn they_never_panic(text in "[\"'`^%$&|\\\\ a\n\u{201C}]{0,60}") {
            _ = cmd(&text);
            _ = powershell(&text);
        }
    }
}
