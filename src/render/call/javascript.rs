//! JavaScript with `fetch`, as Node.js 18 and later run it (a module, for `await`).
//!
//! Owns what `fetch` wants. Never leaves a header's bytes to it: it takes one character for one byte. Gives a script.

use super::code::{Language, file_name};
use super::{Body, Field, Page, Part, Request, Text};
use crate::render::RenderError;
use crate::render::literal::Escape;

const JAVASCRIPT: Language = Language {
    escape: Escape::Braces,
    variable: ("process.env[", "]"),
    output: ("execFileSync(", ", [", "], { encoding: \"utf8\" }).trim()"),
    join: " + ",
    encode: ("encodeURIComponent(", ")"),
};

/// Writes a request as a script.
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    page.leave_out_connection(request, "Node.js reads NODE_EXTRA_CA_CERTS, and proxies from NODE_USE_ENV_PROXY on");
    imports(page, request);
    if let Body::Multipart(fields) = &request.body {
        form(page, fields);
    }
    page.out.push("const response = await fetch(");
    JAVASCRIPT.string(page.out, &request.url);
    page.out.push(", {\n");
    if request.method() != "GET" {
        page.out.push("  method: ");
        JAVASCRIPT.string(page.out, request.method());
        page.out.push(",\n");
    }
    headers(page, request);
    body(page, &request.body);
    page.out.push("});\nconsole.log(await response.text());\n");
    if request.method() == "GET" && !matches!(request.body, Body::Empty) {
        return Err(page.refuse("a body of a GET request"));
    }
    Ok(())
}

fn imports(page: &mut Page, request: &Request) {
    let runs = request.texts().flat_map(Text::parts).any(|part| matches!(part, Part::Output { .. }));
    let reads = match &request.body {
        Body::File(_) => true,
        Body::Multipart(fields) => fields.iter().any(|(_, field)| matches!(field, Field::File(_))),
        _ => false,
    };
    if runs {
        page.out.push("import { execFileSync } from \"node:child_process\";\n");
    }
    if reads {
        page.out.push("import { readFileSync } from \"node:fs\";\n");
    }
    if runs || reads {
        page.out.push("\n");
    }
}

fn headers(page: &mut Page, request: &Request) {
    if request.headers.is_empty() && request.user.is_none() {
        return;
    }
    page.out.push("  headers: [\n");
    if let Some((user, password)) = &request.user {
        page.out.push("    [\"Authorization\", \"Basic \" + Buffer.from(");
        let both = user.clone().and(":");
        JAVASCRIPT.expression(page.out, &password.iter().fold(both, Text::then));
        page.out.push(").toString(\"base64\")],\n");
    }
    for (name, value) in &request.headers {
        page.out.push("    [");
        JAVASCRIPT.string(page.out, name);
        page.out.push(", ");
        JAVASCRIPT.expression(page.out, &in_bytes(value));
        page.out.push("],\n");
    }
    page.out.push("  ],\n");
}

/// A header's value with a character for each byte of its UTF-8.
fn in_bytes(value: &Text) -> Text {
    let bytes = |text: &str| text.bytes().map(char::from).collect::<String>();
    value.map(|part| match part.literal() {
        Some(text) if !text.is_ascii() => Part::Secret(bytes(text).into()),
        _ => part.clone(),
    })
}

fn body(page: &mut Page, body: &Body) {
    match body {
        Body::Empty => return,
        Body::Form(fields) => {
            page.out.push("  body: new URLSearchParams([\n");
            for (name, value) in fields {
                page.out.push("    [");
                JAVASCRIPT.string(page.out, name);
                page.out.push(", ");
                JAVASCRIPT.expression(page.out, value);
                page.out.push("],\n");
            }
            page.out.push("  ])");
        }
        Body::Text(text) => {
            page.out.push("  body: ");
            JAVASCRIPT.string(page.out, text);
        }
        Body::File(path) => {
            page.out.push("  body: ");
            file(page, path);
        }
        Body::Multipart(_) => page.out.push("  body: form"),
    }
    page.out.push(",\n");
}

fn file(page: &mut Page, path: &str) {
    page.out.push("readFileSync(");
    JAVASCRIPT.string(page.out, path);
    page.out.push(")");
}

fn form(page: &mut Page, fields: &[(String, Field)]) {
    page.out.push("const form = new FormData();\n");
    for (name, field) in fields {
        page.out.push("form.append(");
        JAVASCRIPT.string(page.out, name);
        page.out.push(", ");
        match field {
            Field::Text(text) => JAVASCRIPT.string(page.out, text),
            Field::File(path) => {
                page.out.push("new Blob([");
                file(page, path);
                page.out.push("]), ");
                JAVASCRIPT.string(page.out, file_name(path));
            }
        }
        page.out.push(");\n");
    }
}
