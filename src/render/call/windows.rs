//! Command lines of programs in the shells of Windows: `PowerShell`, old and new, and cmd.
//!
//! Owns what a word goes through there: the shell's own quotes, and then the rules by which a program's C library takes
//! its one command line apart. Never guesses: what one of them would change is refused. Gives the line.

use super::line::Line;
use super::{Page, Part, Target, Text};
use crate::render::RenderError;
use crate::render::draft::Draft;

/// A program reads its arguments in the code page of the system.
const BEYOND_ASCII: &str = "a character beyond ASCII, which a program of Windows may read as another";

/// Writes a line for `PowerShell`.
pub(super) fn powershell(page: &mut Page, line: &Line) -> Result<(), RenderError> {
    let old = page.target == Target::CurlPowershell5;
    for word in line.words() {
        if word.literals().any(|text| !text.is_ascii()) {
            return Err(page.refuse(BEYOND_ASCII));
        }
        if old && word.literals().any(|text| text.contains([' ', '\t', '\n'])) && ends_in_backslash(word) {
            return Err(page.refuse("a backslash at the end of a value with blanks"));
        }
    }
    let odd = |text: &str| text.contains('"');
    if !old && line.words().flat_map(Text::literals).any(odd) {
        page.warn(
            "before PowerShell 7.3, double quotes inside an argument get lost",
            "`--target curl-powershell5` writes them for Windows PowerShell 5.1",
        );
    }
    line.write(page.out, " `\n  ", |out, word| {
        powershell_word(out, word, old);
        Ok(())
    })
}

fn ends_in_backslash(word: &Text) -> bool {
    word.parts().last().and_then(Part::literal).is_some_and(|text| text.ends_with('\\'))
}

/// Bare, in single quotes, or in double quotes where something is filled in.
fn powershell_word(out: &mut Draft, word: &Text, old: bool) {
    if let Some(text) = word.known() {
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if text.contains(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(bare) {
            out.push(&text);
            return;
        }
        // `curl.exe` at the beginning is a command, and in quotes would be a mere text.
        if *text == "curl.exe" {
            out.push(&text);
            return;
        }
        let text = if old { argument(&text) } else { text };
        single(out, &text);
        return;
    }
    out.push("\"");
    for part in word.parts() {
        match part {
            Part::Variable(name) => out.push_all(&["${env:", name, "}"]),
            Part::Output { command, .. } => substitution(out, command),
            Part::Placeholder(name) => out.push_all(&["<", name, ">"]),
            known => {
                let text = Text::from(known.clone()).known().unwrap_or_default();
                let text = if old { argument(&text) } else { text };
                double(out, &text);
            }
        }
    }
    out.push("\"");
}

/// What a program prints, inside double quotes.
pub(super) fn substitution(out: &mut Draft, command: &[String]) {
    out.push("$(");
    call(out, command);
    out.push(")");
}

/// A command of `PowerShell` that runs a program.
pub(super) fn call(out: &mut Draft, command: &[String]) {
    out.push("&");
    for word in command {
        out.push(" ");
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if word.contains(|c: char| c.is_ascii_alphanumeric()) && word.chars().all(bare) {
            out.push(word);
        } else {
            single(out, word);
        }
    }
}

fn single(out: &mut Draft, text: &str) {
    crate::render::quote::powershell(out, text);
}

/// The text between double quotes of `PowerShell`.
fn double(out: &mut Draft, text: &str) {
    for c in text.chars() {
        if matches!(c, '`' | '"' | '$') {
            out.push("`");
        }
        out.push_char(c);
    }
}

/// A value as Windows `PowerShell` 5.1 has to get it: it puts quotes around an argument with blanks, and escapes
/// nothing in it, so that the program's C library would take the quotes inside away.
fn argument(text: &str) -> zeroize::Zeroizing<String> {
    let mut out = Draft::new();
    if text.is_empty() {
        out.push("\"\""); // an empty argument would be left out
    }
    escaped(text, &mut |c| out.push_char(c));
    out.finish()
}

/// The C library's rule: backslashes are themselves, but before a quote each counts half, and an odd one escapes it.
fn escaped(text: &str, push: &mut dyn FnMut(char)) -> usize {
    let mut backslashes = 0;
    for c in text.chars() {
        if c == '"' {
            (0..=backslashes).for_each(|_| push('\\'));
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        push(c);
    }
    backslashes
}

/// Writes a line for cmd.
pub(super) fn cmd(page: &mut Page, line: &Line) -> Result<(), RenderError> {
    for text in line.words().flat_map(Text::literals) {
        if !text.is_ascii() {
            return Err(page.refuse(BEYOND_ASCII));
        }
        if text.contains(['\n', '\t']) {
            return Err(page.refuse("a line break or a tab"));
        }
    }
    if line.words().any(|word| word.is_late() && word.literals().any(|text| text.contains(['"', '%']))) {
        return Err(page.refuse("a double quote or a percent sign beside a variable"));
    }
    if line.words().flat_map(Text::literals).any(|text| text.contains('%')) {
        page.warn("the command is for typing or pasting", "in a batch file, each `%` has to be doubled");
    }
    line.write(page.out, " ^\n  ", |out, word| {
        cmd_word(out, word);
        Ok(())
    })
}

/// Bare; or in quotes, in which cmd sees nothing special but `%`; or, where there is a quote or a `%` in it, with a caret
/// before all that is special, quotes too, so that cmd never sees any.
fn cmd_word(out: &mut Draft, word: &Text) {
    let Some(text) = word.known() else {
        out.push("\"");
        for part in word.parts() {
            match part {
                Part::Variable(name) => out.push_all(&["%", name, "%"]),
                known => out.push(known.literal().unwrap_or_default()),
            }
        }
        out.push("\"");
        return;
    };
    let bare = |c: char| c.is_ascii_alphanumeric() || "-_./:@+".contains(c);
    if !text.is_empty() && text.chars().all(bare) {
        out.push(&text);
        return;
    }
    let carets = text.contains(['"', '%']);
    let mut push = |c: char| {
        if carets && "()%!^\"<>&|".contains(c) {
            out.push("^");
        }
        out.push_char(c);
    };
    push('"');
    let backslashes = escaped(&text, &mut push);
    (0..backslashes).for_each(|_| push('\\')); // the closing quote would halve them
    push('"');
}
