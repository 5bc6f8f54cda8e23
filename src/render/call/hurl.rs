//! A file for Hurl.
//!
//! Owns its escapes, and where they count. Never leaves a `{{` or a `#` that Hurl would read as something else. Gives one
//! request.

use std::collections::BTreeSet;

use url::form_urlencoded::byte_serialize;

use super::code::joined;
use super::{Body, Field, Page, Part, Request, Text, basic};
use crate::render::RenderError;
use crate::render::draft::Draft;

/// Writes a request as a file.
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    for name in variables(request) {
        page.warn(
            &format!("Hurl does not read the environment as it is: it needs the variable `{name}`"),
            &format!("run it as `HURL_VARIABLE_{name}=\"${name}\" hurl FILE`"),
        );
    }
    let url = request.url.replace('{', "%7B").replace('}', "%7D");
    if url.contains('#') {
        return Err(page.refuse("an address with a fragment"));
    }
    page.out.push_all(&[request.method(), " ", &url, "\n"]);
    for (name, value) in &request.headers {
        pair(page.out, name, value);
    }
    if let Some((user, Some(password))) = &request.user {
        if let Some(value) = basic::header(user, password) {
            pair(page.out, "Authorization", &value);
        } else {
            page.out.push("[BasicAuth]\n");
            value(page.out, user);
            page.out.push(": ");
            value(page.out, password);
            page.out.push("\n");
        }
    }
    options(page, request)?;
    body(page, &request.body);
    Ok(())
}

/// The variables, each once.
fn variables(request: &Request) -> BTreeSet<String> {
    request.texts().flat_map(Text::variables).map(str::to_owned).collect()
}

fn options(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    if !request.insecure && request.proxy.is_none() && request.ca_file.is_none() {
        return Ok(());
    }
    page.out.push("[Options]\n");
    if request.insecure {
        page.out.push("insecure: true\n");
    }
    if let Some(path) = request.ca_file()? {
        pair(page.out, "cacert", &path.into());
    }
    if let Some(proxy) = &request.proxy {
        pair(page.out, "proxy", &proxy.as_str().into());
    }
    Ok(())
}

fn body(page: &mut Page, body: &Body) {
    match body {
        Body::Empty => {}
        Body::Form(fields) => {
            page.out.push("[Form]\n");
            for (name, value) in fields {
                // Hurl encodes the values only.
                pair(page.out, &byte_serialize(name.as_bytes()).collect::<String>(), value);
            }
        }
        // Hurl sends JSON as it stands here, but for what is in double braces.
        Body::Text(text) if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() && !text.contains("{{") => {
            page.out.push_all(&[text.trim(), "\n"]);
        }
        Body::Text(text) => {
            page.out.push("`");
            escaped(page.out, text);
            page.out.push("`\n");
        }
        Body::File(path) => {
            file(page.out, path);
        }
        Body::Multipart(fields) => {
            page.out.push("[Multipart]\n");
            for (name, field) in fields {
                match field {
                    Field::Text(text) => pair(page.out, name, &text.as_str().into()),
                    Field::File(path) => {
                        key(page.out, name);
                        page.out.push(": ");
                        file(page.out, path);
                    }
                }
            }
        }
    }
}

/// A name and a value, on a line of their own.
fn pair(out: &mut Draft, name: &str, text: &Text) {
    key(out, name);
    out.push(": ");
    value(out, text);
    out.push("\n");
}

/// A name; what begins like something else than a name is written by its number.
fn key(out: &mut Draft, name: &str) {
    for c in name.chars() {
        if c.is_alphanumeric() || (c == '-' || c == '.' || c == '_') {
            out.push_char(c);
        } else {
            number(out, c);
        }
    }
}

fn file(out: &mut Draft, path: &str) {
    out.push("file,");
    for c in path.chars() {
        if matches!(c, ' ' | ';' | '#' | '\\' | '{' | '}') {
            out.push("\\");
        }
        out.push_char(c);
    }
    out.push(";\n");
}

fn value(out: &mut Draft, text: &Text) {
    let parts = joined(text);
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Variable(name) => out.push_all(&["{{", name, "}}"]),
            known => {
                let text = known.literal().unwrap_or_default();
                // Blanks around a value are not part of it.
                let inner = text.trim_matches(' ');
                let begin = text.len() - text.trim_start_matches(' ').len();
                let end = text.len() - inner.len() - begin;
                let blank = |edge: bool| if edge { "\\u{20}" } else { " " };
                (0..begin).for_each(|_| out.push(blank(at == 0)));
                escaped(out, inner);
                (0..end).for_each(|_| out.push(blank(at + 1 == parts.len())));
            }
        }
    }
}

/// What Hurl could take for something else is written by its number.
fn escaped(out: &mut Draft, text: &str) {
    for c in text.chars() {
        match c {
            '\\' => out.push("\\\\"),
            '\n' => out.push("\\n"),
            '\t' => out.push("\\t"),
            '#' | '{' | '}' | '`' | '"' | '[' | ']' => number(out, c),
            c => out.push_char(c),
        }
    }
}

fn number(out: &mut Draft, c: char) {
    out.push("\\u{");
    out.push(&format!("{:x}}}", u32::from(c)));
}
