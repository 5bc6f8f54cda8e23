//! Writes roff: escapes, and a small markup for the texts that people write.
//!
//! The markup: `# HEADING`, `## Heading`, paragraphs, `: tag` with its text below, lines that begin with four blanks
//! stay as they are, and `+` on a line of its own joins what follows to the text beside the tag. Backticks make words
//! bold (a line between double ones may hold a backtick itself), `_NAME_` is a placeholder, and `page(1)` another page.

use std::fmt::Write as _;

/// The head of a page: no date, so that it is the same from any day, and no hyphens in names of options and variables.
pub(super) fn head(name: &str, section: char) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let (upper, name) = (escaped(&name.to_uppercase()), if section == '5' { "configuration" } else { "manual" });
    format!(
        ".\\\" Generated: `CHOREO_ENV_UPDATE=1 cargo test manual` writes it anew.\n\
         .TH {upper} {section} \"\" \"choreo\\-env {version}\" \"choreo\\-env {name}\"\n.nh\n.ad l\n"
    )
}

/// Text without markup.
pub(super) fn escaped(text: &str) -> String {
    let mut roff = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\\' => roff.push_str("\\e"),
            '-' => roff.push_str("\\-"),
            '\'' => roff.push_str("\\(aq"),
            '`' => roff.push_str("\\(ga"),
            '^' => roff.push_str("\\(ha"),
            '~' => roff.push_str("\\(ti"),
            c if !c.is_ascii() => _ = write!(roff, "\\[u{:04X}]", u32::from(c)),
            c => roff.push(c),
        }
    }
    roff
}

/// A line of text, with its markup.
pub(super) fn line(text: &str) -> String {
    if let Some(code) = text.strip_prefix("`` ").and_then(|text| text.strip_suffix(" ``")) {
        return bold(code);
    }
    let spans = text.split('`').enumerate().map(|(at, part)| match at % 2 {
        0 => part.split_inclusive(' ').map(word).collect(),
        _ => bold(part),
    });
    guarded(&spans.collect::<String>())
}

fn word(word: &str) -> String {
    let (bare, after) = word.split_at(word.trim_end_matches([' ', '.', ',', ':', ';', '?', ']']).len());
    let (before, bare) = bare.split_at(bare.len() - bare.trim_start_matches(['(', '"', '[']).len());
    let page = |section: &str| bare.strip_suffix(section).map(|name| format!("{}{section}", bold(name)));
    let placeholder = || Some(format!("\\fI{}\\fR", escaped(bare.strip_prefix('_')?.strip_suffix('_')?)));
    let marked = page("(1)").or_else(|| page("(5)")).or_else(placeholder);
    format!("{before}{}{after}", marked.unwrap_or_else(|| escaped(bare)))
}

pub(super) fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", escaped(text))
}

/// A line that begins like a request, and is none.
pub(super) fn guarded(line: &str) -> String {
    if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line.to_owned() }
}

/// Lines that stay as they are.
pub(super) fn verbatim(lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| guarded(&escaped(line)) + "\n").collect();
    format!(".PP\n.RS 4\n.nf\n{lines}.fi\n.RE\n")
}

/// A text in the markup.
pub(super) fn text(markup: &str) -> String {
    let mut roff = String::new();
    let mut lines = markup.lines().peekable();
    // Whether the next line begins a paragraph, and whether that goes beside a tag.
    let (mut begins, mut beside) = (false, false);
    while let Some(text) = lines.next() {
        if let Some(heading) = text.strip_prefix("# ") {
            _ = writeln!(roff, ".SH \"{}\"", escaped(heading));
            (begins, beside) = (false, false);
        } else if let Some(heading) = text.strip_prefix("## ") {
            _ = writeln!(roff, ".SS {}", line(heading));
            (begins, beside) = (false, false);
        } else if let Some(tag) = text.strip_prefix(": ") {
            _ = writeln!(roff, ".TP\n{}", line(tag));
            (begins, beside) = (false, false);
        } else if let Some(first) = text.strip_prefix("    ") {
            let mut block = vec![first];
            while let Some(next) = lines.next_if(|next| next.starts_with("    ") || next.is_empty()) {
                block.push(next.strip_prefix("    ").unwrap_or_default());
            }
            while block.pop_if(|last| last.is_empty()).is_some() {}
            roff += &verbatim(&block);
            begins = true;
        } else if text == "+" {
            beside = true;
        } else if text.is_empty() {
            begins = true;
        } else if text.starts_with('{') && text.ends_with('}') {
            roff += &(text.to_owned() + "\n"); // the place of what is generated
            begins = true;
        } else {
            if std::mem::take(&mut begins) && !after_heading(&roff) {
                roff += if beside { ".IP\n" } else { ".PP\n" };
            }
            roff += &(line(text) + "\n");
            beside = false;
        }
    }
    roff
}

fn after_heading(roff: &str) -> bool {
    roff.lines().next_back().is_some_and(|last| last.starts_with(".S"))
}
