//! The only quoting in the program: one escaper for each family of shells and files.
//!
//! Owns the rules by which a value becomes a word of somebody's language. Never sees names, statements or layouts.
//! Gives appended text. Values are free of control characters: the rooms before refuse them, and so does the door of
//! each renderer, because not every language here could carry them.

use super::draft::Draft;

/// POSIX shells that know `$'…'`: letters and digits as they are, every other byte in octal.
///
/// Field splitting and pathname expansion work on the output before an unquoted `eval $(…)` sees it, so quotes do not
/// protect a blank, a colon or a `*` there. The octal form has none of them.
pub(super) fn posix_octal(out: &mut Draft, text: &str) {
    octal(out, "$'", text, "'");
}

/// The same for POSIX shells that do not know `$'…'`; it costs the shell a `printf`, and breaks under zsh's `GLOB_SUBST`.
pub(super) fn posix_printf(out: &mut Draft, text: &str) {
    octal(out, "\"$(printf '", text, "')\"");
}

fn octal(out: &mut Draft, open: &str, text: &str, close: &str) {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        out.push(text);
        return;
    }
    if text.is_empty() {
        out.push("''");
        return;
    }
    out.push(open);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push_char(char::from(byte));
        } else {
            out.push_char('\\');
            for shift in [6, 3, 0] {
                out.push_char(char::from(b'0' + (byte >> shift & 7)));
            }
        }
    }
    out.push(close);
}

/// POSIX shells, for people: bare where nothing needs quotes, else `'…'`.
pub(super) fn posix(out: &mut Draft, text: &str) {
    if is_plain(text) {
        out.push(text);
    } else {
        posix_quoted(out, text);
    }
}

/// POSIX shells, always `'…'`; a quote inside becomes `'\''`.
pub(super) fn posix_quoted(out: &mut Draft, text: &str) {
    enclosed(out, "'", text, "'", |c| (c == '\'').then_some("'\\''"));
}

/// POSIX shells and fish: bare where nothing needs quotes, else `'…'`. A backslash that fish would take for an escape in
/// single quotes stands outside them, where all of them read `\\` alike.
pub(super) fn posix_and_fish(out: &mut Draft, text: &str) {
    if is_plain(text) && !text.starts_with('%') {
        out.push(text); // a `%self` is a process to fish
        return;
    }
    shared(out, text, "!");
}

/// POSIX shells and fish, inside a command substitution that is inside double quotes: an interactive bash or zsh would
/// replace a `!` there, quotes or not, but for a backslash before it.
pub(super) fn posix_nested(out: &mut Draft, text: &str) {
    if is_plain(text) && !text.starts_with('%') {
        out.push(text);
        return;
    }
    shared(out, text, "'\\!'");
}

fn shared(out: &mut Draft, text: &str, exclamation: &str) {
    out.push("'");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('\'', _) => out.push("'\\''"),
            ('!', _) => out.push(exclamation),
            ('\\', None | Some('\\' | '\'' | '!')) => out.push("'\\\\'"),
            _ => out.push_char(c),
        }
    }
    out.push("'");
}

/// Whether no POSIX shell sees anything special in a word. `=` counts only after a letter or a digit: zsh reads a word
/// that begins with it, or the part after `:`, as the name of a command.
fn is_plain(text: &str) -> bool {
    let mut before = ' ';
    let plain = |c: char| {
        let after_word = before.is_ascii_alphanumeric() || before == '_';
        before = c;
        c.is_ascii_alphanumeric() || "_./:@%+,-".contains(c) || (c == '=' && after_word)
    };
    !text.is_empty() && text.chars().all(plain)
}

/// fish: `'…'`, in which a backslash escapes itself and the quote.
pub(super) fn fish(out: &mut Draft, text: &str) {
    enclosed(out, "'", text, "'", |c| match c {
        '\'' => Some("\\'"),
        '\\' => Some("\\\\"),
        _ => None,
    });
}

/// elvish: `'…'`, in which a quote is doubled.
pub(super) fn elvish(out: &mut Draft, text: &str) {
    enclosed(out, "'", text, "'", |c| (c == '\'').then_some("''"));
}

/// tcsh: `'…'`; quote, backslash and `!`, which is replaced even inside quotes, stand outside them. So the word is the
/// same whether or not the shell's variable `backslash_quote` is set.
pub(super) fn tcsh(out: &mut Draft, text: &str) {
    enclosed(out, "'", text, "'", |c| match c {
        '\'' => Some("'\\''"),
        '\\' => Some("'\\\\'"),
        '!' => Some("'\\!'"),
        _ => None,
    });
}

/// `PowerShell`: `'…'`, in which a quote is doubled; everything beyond ASCII as a number, since `PowerShell` takes the
/// typographic quotes for quotes, and reads a program's output in the console's code page.
pub(super) fn powershell(out: &mut Draft, text: &str) {
    if text.is_ascii() {
        elvish(out, text);
        return;
    }
    out.push("('");
    for c in text.chars() {
        match c {
            '\'' => out.push("''"),
            _ if c.is_ascii() => out.push_char(c),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                out.push("' + [char]0x");
                hexadecimal(out, u32::from(*unit), 4);
                out.push(" + '");
            }),
        }
    }
    out.push("')");
}

/// xonsh: a string literal of Python, all in ASCII.
pub(super) fn xonsh(out: &mut Draft, text: &str) {
    out.push("'");
    for c in text.chars() {
        match c {
            '\'' => out.push("\\'"),
            '\\' => out.push("\\\\"),
            ' '..='~' => out.push_char(c),
            _ => {
                out.push("\\U");
                hexadecimal(out, u32::from(c), 8);
            }
        }
    }
    out.push("'");
}

/// JSON: a string (RFC 8259 §7).
pub(super) fn json(out: &mut Draft, text: &str) {
    out.push("\"");
    for c in text.chars() {
        match c {
            '"' => out.push("\\\""),
            '\\' => out.push("\\\\"),
            '\0'..='\x1f' | '\x7f' => {
                out.push("\\u");
                hexadecimal(out, u32::from(c), 4);
            }
            _ => out.push_char(c),
        }
    }
    out.push("\"");
}

/// cmd: the part between the quotes of `set "NAME=…"`.
///
/// # Errors
/// What the value holds that cmd would not read the same way typed, in a batch file and in `for /f`: `%` is halved in a
/// file and not elsewhere, `!` goes where delayed expansion is on, `"` ends the protection of what follows, and other
/// letters than ASCII depend on the code page.
pub(super) fn cmd(out: &mut Draft, text: &str) -> Result<(), &'static str> {
    let problem = |c: char| match c {
        '%' => Some("a percent sign"),
        '!' => Some("an exclamation mark"),
        '"' => Some("a double quote"),
        _ if !c.is_ascii() => Some("a character beyond ASCII"),
        _ if c.is_ascii_control() => Some("a control character"),
        _ => None,
    };
    if let Some(problem) = text.chars().find_map(problem) {
        return Err(problem);
    }
    out.push(text);
    Ok(())
}

/// dotenv: bare, else `'…'`, else `"…"`, whichever all the readers of such files take literally.
///
/// # Errors
/// What the value holds on which the readers differ: some unescape a backslash before a quote or another backslash even
/// in single quotes, and double quotes with a quote, a backslash, `$` or a back quote inside mean something else to each.
pub(super) fn dotenv(out: &mut Draft, text: &str) -> Result<(), &'static str> {
    if is_plain(text) {
        out.push(text); // also for `docker run --env-file`, which knows no quotes
    } else if !text.contains('\'') {
        if text.contains("\\\\") || text.ends_with('\\') {
            return Err("a backslash before another one or at its end");
        }
        out.push_all(&["'", text, "'"]);
    } else if !text.contains(['"', '\\', '$', '`']) {
        out.push_all(&["\"", text, "\""]);
    } else {
        return Err("a single quote together with one of \" \\ $ `");
    }
    Ok(())
}

/// The value of a GitHub workflow command.
pub(super) fn github_command(out: &mut Draft, text: &str) {
    enclosed(out, "", text, "", |c| match c {
        '%' => Some("%25"),
        '\r' => Some("%0D"),
        '\n' => Some("%0A"),
        _ => None,
    });
}

/// The value of a logging command of Azure Pipelines, whose agents have their own word for the percent sign.
pub(super) fn azure_command(out: &mut Draft, text: &str) {
    enclosed(out, "", text, "", |c| match c {
        '%' => Some("%AZP25"),
        '\r' => Some("%0D"),
        '\n' => Some("%0A"),
        _ => None,
    });
}

/// Text between two marks, with some characters replaced.
fn enclosed(out: &mut Draft, open: &str, text: &str, close: &str, replace: impl Fn(char) -> Option<&'static str>) {
    out.push(open);
    for c in text.chars() {
        match replace(c) {
            Some(other) => out.push(other),
            None => out.push_char(c),
        }
    }
    out.push(close);
}

/// A number in upper-case hexadecimal digits.
fn hexadecimal(out: &mut Draft, number: u32, digits: u32) {
    for place in (0..digits).rev() {
        out.push_char(char::from_digit(number >> (4 * place) & 15, 16).unwrap_or('0').to_ascii_uppercase());
    }
}
