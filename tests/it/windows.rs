//! Commands for the shells of Windows, read by models of these shells: none of them runs here.
//!
//! The models follow what Microsoft documents: cmd's percent signs, then its carets and quotes; `PowerShell`'s strings,
//! and how each version makes a command line of arguments; the C library that takes the line apart again.

use choreo_env::render::RenderError;
use choreo_env::render::call::{Body, Part, Request, Style, Target, Text, render};
use proptest::prelude::*;

/// What cmd makes of a typed line: one command line for the program. Anything special that is not protected is an error.
fn cmd(text: &str, variables: &[(&str, &str)]) -> Result<String, String> {
    let mut line = String::new();
    let mut quoted = false;
    let expanded = percents(text.strip_suffix('\n').unwrap_or(text), variables);
    let mut rest = expanded.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                quoted = !quoted;
                line.push(c);
            }
            _ if quoted => line.push(c),
            '^' => {
                _ = rest.next_if_eq(&'\n'); // the line goes on, with its first character as it is
                line.extend(rest.next());
            }
            '&' | '|' | '<' | '>' | '(' | ')' | '\n' => return Err(format!("`{c}` is not protected in {text}")),
            c => line.push(c),
        }
    }
    if quoted { Err(format!("a quote is open in {text}")) } else { Ok(line) }
}

/// Typed, not in a batch file: what is no variable stays.
fn percents(text: &str, variables: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let known = after.split_once('%').and_then(|(name, after)| {
            variables.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| (*value, after))
        });
        let (value, after) = known.unwrap_or(("%", after));
        out.push_str(value);
        rest = after;
    }
    out + rest
}

/// How a program's C library takes its command line apart.
fn arguments(line: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' if !quoted => all.extend(word.take()),
            '\\' => {
                let mut count = 1;
                while rest.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                let word = word.get_or_insert_default();
                if rest.peek() == Some(&'"') {
                    word.push_str(&"\\".repeat(count / 2));
                    if count % 2 == 1 {
                        word.extend(rest.next());
                    }
                } else {
                    word.push_str(&"\\".repeat(count));
                }
            }
            '"' => {
                word.get_or_insert_default();
                quoted = !quoted;
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    all.extend(word);
    all
}

/// The arguments that `PowerShell` reads: words, `'…'`, `"…"` with variables, and a back quote at the end of a line.
fn powershell(text: &str, variables: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.trim_end_matches('\n').chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            ' ' => all.extend(word.take()),
            '`' if rest.next_if_eq(&'\n').is_some() => all.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next().ok_or("an open quote")? {
                        '\'' if rest.next_if_eq(&'\'').is_none() => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next().ok_or("an open quote")? {
                        '"' => break,
                        '`' => word.extend(rest.next()),
                        '$' => {
                            let name: String = rest.by_ref().take_while(|c| *c != '}').collect();
                            let name = name.strip_prefix("{env:").ok_or("an unknown variable")?;
                            let found = variables.iter().find(|(known, _)| *known == name).ok_or("no such variable")?;
                            word.push_str(found.1);
                        }
                        c => word.push(c),
                    }
                }
            }
            c if c.is_ascii_alphanumeric() || c == '-' || c == '.' => word.get_or_insert_default().push(c),
            c => return Err(format!("`{c}` is bare in {text}")),
        }
    }
    all.extend(word);
    Ok(all)
}

/// Windows `PowerShell` 5.1: quotes around what has blanks outside quotes, nothing escaped, empty ones left out.
fn old_line(arguments: &[String]) -> String {
    let needs_quotes = |argument: &str| {
        let (mut quoted, mut backslashes) = (false, 0);
        argument.chars().any(|c| {
            quoted ^= c == '"' && backslashes % 2 == 0;
            backslashes = if c == '\\' { backslashes + 1 } else { 0 };
            c.is_whitespace() && !quoted
        })
    };
    let quoted = |argument: &String| if needs_quotes(argument) { format!("\"{argument}\"") } else { argument.clone() };
    arguments.iter().filter(|argument| !argument.is_empty()).map(quoted).collect::<Vec<_>>().join(" ")
}

/// What curl gets.
fn read(target: Target, text: &str, variables: &[(&str, &str)]) -> Result<Vec<String>, String> {
    match target {
        Target::CurlCmd => cmd(text, variables).map(|line| arguments(&line)),
        Target::CurlPowershell => powershell(text, variables),
        _ => powershell(text, variables).map(|words| arguments(&old_line(&words))),
    }
}

const TARGETS: [Target; 3] = [Target::CurlCmd, Target::CurlPowershell, Target::CurlPowershell5];
const VARIABLES: [(&str, &str); 3] = [("HOME", "WRONG"), ("PATH", "WRONG"), ("A_TOKEN", "eyJ.t0-k_n")];

fn check(target: Target, style: Style, request: &Request, expected: &[String]) -> Result<(), TestCaseError> {
    match render(request, target, style) {
        Ok(rendered) => {
            let words = read(target, &rendered.text, &VARIABLES).map_err(TestCaseError::fail)?;
            prop_assert_eq!(&words[1..], expected, "{} {}", target.name(), *rendered.text);
        }
        Err(RenderError::Inexpressible { .. }) => {}
        Err(error) => return Err(TestCaseError::fail(error.to_string())),
    }
    Ok(())
}

fn words(fixed: &[&str]) -> Vec<String> {
    fixed.iter().map(|word| (*word).to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn curl_gets_the_values_as_they_are_in_every_shell_of_windows(
        header in "[ -~]{0,12}|['\"\\\\`$!%^&|<>() -]{1,10}|%(HOME|PATH)%", body in "[ -~\n]{0,12}|[\"\\\\ %^]{1,8}", one_line: bool, short: bool,
    ) {
        let header = header.trim().to_owned();
        let request = Request {
            url: "https://api.example/a%20b?c=%26&d=%25HOME%25".into(),
            headers: vec![("X".into(), Text::plain(header.clone()))],
            body: Body::Text(body.clone()),
            ..Request::default()
        };
        let header = if header.is_empty() { "X;".to_owned() } else { format!("X: {header}") };
        let mut expected = words(&[&request.url, if short { "-H" } else { "--header" }, &header]);
        expected.extend(words(&["--data-raw", &body]));
        for target in TARGETS {
            check(target, Style { one_line, short }, &request, &expected)?;
        }
    }

    #[test]
    fn a_variable_is_filled_in_beside_whatever_stands_before_it(before in "[ -~]{0,10}") {
        let before = before.trim_start().to_owned();
        let value = Text::new([Part::Plain(before.clone()), Part::Variable("A_TOKEN".into())]);
        let request = Request { url: "https://h/".into(), headers: vec![("X".into(), value)], ..Request::default() };
        let expected = words(&["https://h/", "--header", &format!("X: {before}eyJ.t0-k_n")]);
        for target in TARGETS {
            check(target, Style::default(), &request, &expected)?;
        }
    }
}

/// A property that only ever saw refusals would show nothing.
#[test]
fn what_is_refused_in_a_shell_of_windows_is_little() {
    let refused = |target, value: &str| {
        let headers = vec![("X".into(), Text::plain(value))];
        render(&Request { url: "https://h/".into(), headers, ..Request::default() }, target, Style::default()).is_err()
    };
    for target in TARGETS {
        for value in ["a", "a b", "\"", "%HOME%", "it's", "$x", "`x`", "^&|<>()!", "a\\", "\\\"", "{\"a\": \"b c\"}"] {
            // 5.1 itself may double that backslash, or not.
            let unclear = target == Target::CurlPowershell5 && value.ends_with('\\');
            assert_eq!(refused(target, value), unclear, "{} {value}", target.name());
        }
        assert!(refused(target, "caf\u{e9}"), "{}", target.name());
    }
}

#[test]
fn quotes_that_old_powershell_would_lose_are_told() {
    let request =
        |body: &str| Request { url: "https://h/".into(), body: Body::Text(body.into()), ..Request::default() };
    let warnings = |target, body: &str| render(&request(body), target, Style::default()).unwrap().warnings.len();
    assert_eq!(warnings(Target::CurlPowershell, "{\"a\":1}"), 1);
    assert_eq!(warnings(Target::CurlPowershell, "a=1"), 0);
    assert_eq!(warnings(Target::CurlPowershell5, "{\"a\":1}"), 0);
    let printed = render(&request("{\"a\":1}"), Target::CurlPowershell5, Style::default()).unwrap().text;
    assert_eq!(*printed, "curl.exe 'https://h/' `\n  --data-raw '{\\\"a\\\":1}'\n");
}
