//! The page of a command, from the command line's own types.

use std::fmt::Write as _;

use clap::{Arg, Command};
use clap_mangen::Man;

use super::roff::{bold, escaped, head, line, text};

/// Every page of a command and of the commands below it, as file names and texts.
pub(super) fn pages(command: &Command, globals: &[String]) -> Vec<(String, String)> {
    let below = visible(command).flat_map(|command| pages(command, globals));
    std::iter::once((format!("{}.1", name(command)), page(command, globals))).chain(below).collect()
}

/// The commands below that have pages.
pub(super) fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help")
}

/// `choreo-env-secret-set`.
pub(super) fn name(command: &Command) -> String {
    command.get_bin_name().unwrap_or(command.get_name()).replace(' ', "-")
}

fn page(command: &Command, globals: &[String]) -> String {
    let name = name(command);
    let about = command.get_about().expect("every command says what it does").to_string();
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let (more, examples) = help.split_once("Examples:\n").unwrap_or((&help, ""));
    let mut page = head(&name, '1');
    _ = write!(page, ".SH NAME\n{} \\- {}\n", escaped(&name), line(&lower(&about)));
    _ = write!(page, ".SH SYNOPSIS\n{}\n", synopsis(command));
    page += &text(&format!("# DESCRIPTION\n{about}.\n\n{}", more.trim()));
    page += &commands(command, "COMMANDS");
    page += &arguments(command, "ARGUMENTS", Arg::is_positional);
    page += &arguments(command, "OPTIONS", |arg| !arg.is_positional() && !is_global(arg, globals));
    if visible(command).next().is_none() {
        let names: Vec<_> = globals.iter().map(|name| format!("`{name}`")).collect();
        let (last, others) = names.split_last().expect("there are some");
        page += &text(&format!("\nEvery command takes {} and {last}: see choreo-env(1).\n", others.join(", ")));
    }
    page += &self::examples(examples);
    page += &text("# EXIT STATUS\n0 where it worked; choreo-env(1) lists all others.\n");
    page + &see_also(command)
}

fn is_global(arg: &Arg, globals: &[String]) -> bool {
    arg.get_long().is_some_and(|long| globals.contains(&format!("--{long}")))
}

/// A phrase that does not begin a sentence.
pub(super) fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// How it is called, in the words of its help.
pub(super) fn synopsis(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let mut lines = Vec::new();
    for usage in usage.trim_start_matches("Usage:").lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (called, rest) = usage.split_at(usage.find([' ', '[', '<']).map_or(usage.len(), |_| words(usage)));
        lines.push(format!("{}{}", bold(called.trim_end()), placeholders(rest)));
    }
    lines.join("\n.br\n")
}

/// The length of the words that are typed as they are.
fn words(usage: &str) -> usize {
    usage.find(['[', '<']).unwrap_or(usage.len())
}

fn placeholders(rest: &str) -> String {
    let mut roff = String::new();
    let is_name = |c: char| c.is_ascii_uppercase() || c == '|';
    let mut rest = rest;
    if !rest.is_empty() {
        roff.push(' ');
    }
    while let Some(at) = rest.find(is_name) {
        let length = rest[at..].find(|c| !is_name(c)).unwrap_or(rest.len() - at);
        _ = write!(roff, "{}\\fI{}\\fR", escaped(&rest[..at]), &rest[at..at + length]);
        rest = &rest[at + length..];
    }
    roff + &escaped(rest)
}

/// The commands below it.
pub(super) fn commands(command: &Command, heading: &str) -> String {
    let tag = |command: &Command| {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        format!(".TP\n{}(1)\n{}.\n", bold(&name(command)), line(&about))
    };
    let commands: String = visible(command).map(tag).collect();
    if commands.is_empty() { commands } else { format!(".SH {heading}\n{commands}") }
}

/// The arguments of a kind, as `clap_mangen` writes them.
pub(super) fn arguments(command: &Command, heading: &str, wanted: impl Fn(&Arg) -> bool) -> String {
    let hidden: Vec<_> = command.get_arguments().filter(|arg| !wanted(arg)).map(|arg| arg.get_id().clone()).collect();
    let command = hidden.iter().fold(command.clone(), |command, id| command.mut_arg(id, |arg| arg.hide(true)));
    let mut roff = Vec::new();
    Man::new(command).render_options_section(&mut roff).expect("written to memory");
    let roff = String::from_utf8(roff).expect("text");
    let lines: Vec<_> = roff.lines().skip_while(|line| !line.starts_with(".TP")).collect();
    let options = lines.iter().map(|line| own_form(line)).collect::<String>().replace(".br\n.br\n", ".br\n");
    if options.is_empty() { options } else { format!(".SH {heading}\n{options}") }
}

/// What `clap_mangen` writes, in the form of all our pages: quotes by their names, words in backticks bold, the list of
/// values where the text is, one line break in place of two, and each positional argument in brackets of its own.
fn own_form(line: &str) -> String {
    let line = line.replace("\\*(Aq", "\\(aq");
    let line = match line.as_str() {
        "" => return String::new(),
        ".RS 14" => ".RS".to_owned(),
        values if values.starts_with("[\\fI") => values.replace(' ', "\\fR] [\\fI"),
        _ => line,
    };
    let marked = line.split('`').enumerate().map(|(at, part)| match at % 2 {
        0 => part.to_owned(),
        _ => format!("\\fB{part}\\fR"),
    });
    let line: String = marked.collect();
    let unicode = line.chars().map(|c| if c.is_ascii() { c.to_string() } else { escaped(&c.to_string()) });
    unicode.collect::<String>() + "\n"
}

/// Two columns, the command and what it does, as items: lines of a help are too long for a page.
pub(super) fn examples(help: &str) -> String {
    let mut items: Vec<(String, String)> = Vec::new();
    for line in help.lines().filter(|line| !line.trim().is_empty()) {
        let is_new = line.len() - line.trim_start().len() <= 4;
        let (command, about) = line.trim().split_once("   ").map_or((line.trim(), ""), |(one, two)| (one, two.trim()));
        let (command, about) = match (is_new, command.split_once("  ")) {
            (true, Some((command, rest))) => (command, rest.trim()),
            _ => (command, about),
        };
        match items.last_mut() {
            _ if is_new => items.push((command.to_owned(), about.to_owned())),
            Some((_, text)) => {
                let blank = if text.is_empty() { "" } else { " " };
                _ = write!(text, "{blank}{}", line.trim());
            }
            None => panic!("an example begins with its command: {line}"),
        }
    }
    let item = |(command, about): &(String, String)| {
        let about = if about.is_empty() { String::new() } else { line(about) + "\n" };
        format!(".TP\n{}\n{about}", bold(command))
    };
    let items: String = items.iter().map(item).collect();
    if items.is_empty() { items } else { format!(".SH EXAMPLES\n{items}") }
}

fn see_also(command: &Command) -> String {
    let name = name(command);
    let mut pages: Vec<_> = visible(command).map(|command| format!("{}(1)", self::name(command))).collect();
    let parent = name.rsplit_once('-').map(|(parent, _)| format!("{parent}(1)"));
    pages.extend(
        parent
            .filter(|parent| command.get_bin_name().is_some_and(|it| it.split(' ').count() > 2) && !parent.is_empty()),
    );
    pages.extend(["choreo-env(1)".to_owned(), "choreo-env(5)".to_owned()]);
    text(&format!("# SEE ALSO\n{}\n", pages.join(", ")))
}
