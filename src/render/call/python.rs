//! Python, with requests or with httpx.
//!
//! Owns what these two want, which is nearly the same. Never leaves text beyond ASCII to them in a header: one takes it
//! for Latin 1, the other refuses it. Gives a script.

use super::code::Language;
use super::{Body, Field, Page, Part, Request, Target, Text};
use crate::render::RenderError;
use crate::render::literal::Escape;

const PYTHON: Language = Language {
    escape: Escape::Long,
    variable: ("os.environ[", "]"),
    output: ("subprocess.check_output([", ", ", "], text=True).strip()"),
    join: " + ",
    encode: ("urllib.parse.quote_plus(", ")"),
};

/// Writes a request as a script.
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    let library = if page.target == Target::PythonHttpx { "httpx" } else { "requests" };
    imports(page, request, library);
    page.out.push_all(&["response = ", library, ".request(\n    "]);
    PYTHON.string(page.out, request.method());
    page.out.push(", ");
    PYTHON.string(page.out, &request.url);
    page.out.push(",\n");
    headers(page, request)?;
    if let Some((user, password)) = &request.user {
        page.out.push("    auth=(");
        bytes(page, user);
        page.out.push(", ");
        bytes(page, password.as_ref().unwrap_or(&Text::default()));
        page.out.push("),\n");
    }
    body(page, &request.body);
    connection(page, request)?;
    page.out.push(")\nprint(response.text)\n");
    Ok(())
}

fn imports(page: &mut Page, request: &Request, library: &str) {
    let has = |wanted: fn(&Part) -> bool| request.texts().flat_map(Text::parts).any(wanted);
    let known = [
        ("import os\n", has(|part| matches!(part, Part::Variable(_)))),
        ("import ssl\n", library == "httpx" && request.ca_file.is_some()),
        ("import subprocess\n", has(|part| matches!(part, Part::Output { .. }))),
    ];
    for (line, _) in known.iter().filter(|(_, needed)| *needed) {
        page.out.push(line);
    }
    if known.iter().any(|(_, needed)| *needed) {
        page.out.push("\n");
    }
    page.out.push_all(&["import ", library, "\n\n"]);
}

/// A dictionary has each name once.
fn headers(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    if request.headers.is_empty() {
        return Ok(());
    }
    page.out.push("    headers={\n");
    for (at, (name, value)) in request.headers.iter().enumerate() {
        if request.headers[..at].iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Err(page.refuse("a header that comes twice"));
        }
        page.out.push("        ");
        PYTHON.string(page.out, name);
        page.out.push(": ");
        bytes(page, value);
        page.out.push(",\n");
    }
    page.out.push("    },\n");
    Ok(())
}

/// A value; as UTF-8, where that is not the same as what the library would make of it.
fn bytes(page: &mut Page, value: &Text) {
    if value.literals().all(str::is_ascii) {
        PYTHON.expression(page.out, value);
        return;
    }
    page.out.push("(");
    PYTHON.expression(page.out, value);
    page.out.push(").encode()");
}

fn body(page: &mut Page, body: &Body) {
    match body {
        Body::Empty => {}
        Body::Form(fields) => form(page, fields),
        Body::Text(text) => {
            page.out.push(content(page.target));
            PYTHON.string(page.out, text);
            page.out.push(if text.is_ascii() { ",\n" } else { ".encode(),\n" });
        }
        Body::File(path) => {
            page.out.push(content(page.target));
            open(page, path);
            page.out.push(",\n");
        }
        Body::Multipart(fields) => multipart(page, fields),
    }
}

fn content(target: Target) -> &'static str {
    if target == Target::PythonHttpx { "    content=" } else { "    data=" }
}

fn open(page: &mut Page, path: &str) {
    page.out.push("open(");
    PYTHON.string(page.out, path);
    page.out.push(", \"rb\")");
}

/// A dictionary, in which a name that comes more than once has a list.
fn form(page: &mut Page, fields: &[(String, Text)]) {
    page.out.push("    data={\n");
    for (at, (name, value)) in fields.iter().enumerate() {
        if fields[..at].iter().any(|(known, _)| known == name) {
            continue;
        }
        page.out.push("        ");
        PYTHON.string(page.out, name);
        page.out.push(": ");
        let more: Vec<_> = fields[at + 1..].iter().filter(|(other, _)| other == name).collect();
        if !more.is_empty() {
            page.out.push("[");
        }
        PYTHON.expression(page.out, value);
        for (_, value) in &more {
            page.out.push(", ");
            PYTHON.expression(page.out, value);
        }
        page.out.push(if more.is_empty() { ",\n" } else { "],\n" });
    }
    page.out.push("    },\n");
}

fn multipart(page: &mut Page, fields: &[(String, Field)]) {
    page.out.push("    files=[\n");
    for (name, field) in fields {
        page.out.push("        (");
        PYTHON.string(page.out, name);
        page.out.push(", ");
        match field {
            Field::Text(text) => {
                page.out.push("(None, ");
                PYTHON.string(page.out, text);
                page.out.push(".encode())");
            }
            Field::File(path) => open(page, path),
        }
        page.out.push("),\n");
    }
    page.out.push("    ],\n");
}

fn connection(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    let httpx = page.target == Target::PythonHttpx;
    if request.insecure {
        page.out.push("    verify=False,\n");
    } else if let Some(path) = request.ca_file()? {
        page.out.push(if httpx { "    verify=ssl.create_default_context(cafile=" } else { "    verify=" });
        PYTHON.string(page.out, path);
        page.out.push(if httpx { "),\n" } else { ",\n" });
    }
    if let Some(proxy) = &request.proxy {
        page.out.push(if httpx { "    proxy=" } else { "    proxies={\"http\": " });
        PYTHON.string(page.out, proxy);
        if !httpx {
            page.out.push(", \"https\": ");
            PYTHON.string(page.out, proxy);
            page.out.push("}");
        }
        page.out.push(",\n");
    }
    Ok(())
}
