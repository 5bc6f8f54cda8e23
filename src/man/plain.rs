//! A manual page as plain text, for systems and places without a man program.
//!
//! Owns the macros that our own pages use, and no others: `tests/it/manual` compares the words with mandoc's. Never
//! meets a page that was not made for it. Gives lines of at most [`WIDTH`] columns, examples as they are.

use std::fmt::Write as _;
use std::mem::take;

/// The columns of a line, as man has them on a terminal of 80.
const WIDTH: usize = 78;
/// How far text is moved to the right, by default.
const STEP: usize = 7;

/// The text of a page.
pub(super) fn text(roff: &str) -> String {
    let mut plain = Plain { margin: STEP, ..Plain::default() };
    roff.lines().for_each(|line| plain.line(line));
    plain.flush();
    plain.out
}

#[derive(Default)]
struct Plain {
    out: String,
    /// Where paragraphs begin.
    margin: usize,
    /// The margins outside of this block.
    outer: Vec<usize>,
    /// How much further the text beside a tag is moved.
    hang: usize,
    /// The next line is a tag.
    tag_follows: bool,
    /// A tag that waits for its text.
    tag: Option<String>,
    /// No empty line stands between paragraphs.
    close: bool,
    /// Lines stay as they are.
    verbatim: bool,
    words: Vec<String>,
}

impl Plain {
    fn line(&mut self, line: &str) {
        match line.strip_prefix('.') {
            Some(request) => {
                let (name, rest) = request.split_once(' ').unwrap_or((request, ""));
                self.request(name, &arguments(rest));
            }
            None if self.verbatim => self.put(&unescaped(line)),
            None if take(&mut self.tag_follows) => self.tag = Some(unescaped(line)),
            None => self.words.extend(unescaped(line).split_ascii_whitespace().map(str::to_owned)),
        }
    }

    fn request(&mut self, name: &str, arguments: &[String]) {
        let number = |at: usize| arguments.get(at).and_then(|text| text.parse().ok());
        self.flush();
        match name {
            "TH" => self.title(arguments),
            "SH" => self.heading(arguments, 0),
            "SS" => self.heading(arguments, 3),
            "PP" => self.paragraph(0),
            "TP" => {
                self.paragraph(number(0).unwrap_or(STEP));
                self.tag_follows = true;
            }
            "IP" => {
                self.paragraph(number(1).unwrap_or(STEP));
                self.tag = arguments.first().filter(|tag| !tag.is_empty()).cloned();
            }
            "RS" => {
                self.outer.push(self.margin);
                self.margin += number(0).unwrap_or(STEP);
                self.hang = 0;
            }
            "RE" => {
                self.margin = self.outer.pop().unwrap_or(STEP);
                self.hang = 0;
            }
            "PD" => self.close = number(0) == Some(0),
            "nf" => self.verbatim = true,
            "fi" => self.verbatim = false,
            _ => {} // a line break, which the flush has made, or a comment
        }
    }

    fn title(&mut self, arguments: &[String]) {
        if let [name, section, _, _, manual] = arguments {
            let name = format!("{name}({section})");
            let room = WIDTH.saturating_sub(2 * name.len());
            self.out = format!("{name}{manual:^room$}{name}\n");
        }
    }

    fn heading(&mut self, words: &[String], column: usize) {
        self.outer.clear();
        (self.margin, self.hang) = (STEP, 0);
        let heading = words.join(" ");
        _ = write!(self.out, "\n{:column$}{heading}\n", "");
    }

    /// Begins a paragraph: below a heading it follows at once, else an empty line stands before it.
    fn paragraph(&mut self, hang: usize) {
        self.hang = hang;
        let last = self.out.trim_end_matches('\n').rsplit('\n').next().unwrap_or_default();
        let below_heading = last.len() - last.trim_start().len() < STEP;
        if !self.close && !below_heading && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// Writes the paragraph that is in the making.
    fn flush(&mut self) {
        let indent = self.margin + self.hang;
        let mut line = String::new();
        if let Some(tag) = self.tag.take() {
            line = format!("{:1$}{tag}", "", self.margin);
            if tag.chars().count() < self.hang {
                line += &" ".repeat(self.hang - tag.chars().count());
            } else {
                self.out += &(take(&mut line) + "\n");
            }
        }
        for word in take(&mut self.words) {
            if line.trim().is_empty() {
                line = " ".repeat(indent);
            } else if line.chars().count() + 1 + word.chars().count() > WIDTH && line.len() > indent {
                self.out += line.trim_end();
                self.out.push('\n');
                line = " ".repeat(indent);
            } else if !line.ends_with(' ') {
                line.push(' ');
            }
            line += &word;
        }
        if !line.trim().is_empty() {
            self.out += line.trim_end();
            self.out.push('\n');
        }
    }

    fn put(&mut self, line: &str) {
        let indent = if line.is_empty() { 0 } else { self.margin + self.hang };
        _ = writeln!(self.out, "{:indent$}{line}", "");
    }
}

/// The arguments of a request: words, or text in double quotes.
fn arguments(text: &str) -> Vec<String> {
    let parts = text.split('"').enumerate();
    let split = |(at, part): (usize, &str)| match at % 2 {
        0 => part.split_ascii_whitespace().map(unescaped).collect(),
        _ => vec![unescaped(part)],
    };
    parts.flat_map(split).collect()
}

/// Text without its escapes.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        plain.push_str(before);
        let (with, length) = escaped(escape);
        plain.extend(with);
        rest = escape.get(length..).unwrap_or_default();
    }
    plain + rest
}

/// What an escape stands for, and how long it is behind its backslash.
fn escaped(escape: &str) -> (Option<char>, usize) {
    let named = |name: &str| NAMED.iter().find(|(known, _)| *known == name).map(|(_, c)| *c);
    match escape.as_bytes() {
        [b'(', ..] => (escape.get(1..3).and_then(named), 3),
        [b'[', b'u', ..] => {
            let code = escape[2..].split(']').next().unwrap_or_default();
            let c = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
            (c, code.len() + 3)
        }
        [b'f', ..] => (None, 2),
        [b'&', ..] | [] => (None, 1),
        [b'e', ..] => (Some('\\'), 1),
        _ => (escape.chars().next(), escape.chars().next().map_or(0, char::len_utf8)),
    }
}

/// The characters that roff has names for, as far as our pages need them.
const NAMED: [(&str, char); 6] = [("aq", '\''), ("ga", '`'), ("ha", '^'), ("ti", '~'), ("dq", '"'), ("bu", '\u{2022}')];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_filled_and_examples_are_not() {
        let roff = ".TH X 1 \"\" \"x 1\" \"the manual\"\n.SH NAME\nx \\- \\fBy\\fR\n.SH OPTIONS\n.TP\n\\fB\\-a\\fR\nshort\n\
                    .TP\n\\fB\\-\\-longer\\fR\nbelow it\n.PP\n\\(aqq\\(aq \\[u2026] \\e\n.RS 4\n.nf\n\\&.a   b\n.fi\n.RE\n";
        let expected = "X(1)                              the manual                              X(1)\n\nNAME\n       x - y\n\n\
                        OPTIONS\n       -a     short\n\n       --longer\n              below it\n\n       'q' … \\\n           .a   b\n";
        assert_eq!(text(roff), expected);
    }

    #[test]
    fn no_line_is_longer_than_the_page_and_no_word_is_lost() {
        let words: Vec<_> = (0..200).map(|n| "w".repeat(n % 17 + 1)).collect();
        let plain = text(&format!(".SH X\n{}\n", words.join(" ")));
        assert!(plain.lines().all(|line| line.len() <= WIDTH), "{plain}");
        assert_eq!(plain.split_whitespace().skip(1).collect::<Vec<_>>(), words);
    }
}
