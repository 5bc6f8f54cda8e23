//! Rust, with reqwest's blocking client.
//!
//! Owns what that client wants, and says which features it needs. Never sets what it reads from its surroundings:
//! proxies. Gives a whole program.

use super::code::Language;
use super::{Body, Field, Page, Part, Request, Text};
use crate::render::RenderError;
use crate::render::literal::Escape;

const RUST: Language = Language {
    escape: Escape::Braces,
    variable: ("&std::env::var(", ")?"),
    output: ("&output(", ", &[", "])?"),
    join: " + ",
    encode: ("", ""),
};

/// Runs a program for a value.
const OUTPUT: &str = "
fn output(program: &str, arguments: &[&str]) -> std::io::Result<String> {
    let printed = std::process::Command::new(program).args(arguments).output()?;
    Ok(String::from_utf8_lossy(&printed.stdout).trim().to_owned())
}
";

/// Writes a request as a program.
#[allow(clippy::unnecessary_wraps, reason = "every target is written by a function of this shape")]
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    page.leave_out_connection(request, "reqwest reads HTTP_PROXY and HTTPS_PROXY, and the system's trust store");
    let mut features = vec!["\"blocking\""];
    features.extend(matches!(request.body, Body::Form(_)).then_some("\"form\""));
    features.extend(matches!(request.body, Body::Multipart(_)).then_some("\"multipart\""));
    let features = features.join(", ");
    page.out.push_all(&["// reqwest = { version = \"0.13\", features = [", &features, "] }\n"]);
    page.out.push("fn main() -> Result<(), Box<dyn std::error::Error>> {\n");
    if let Body::Multipart(fields) = &request.body {
        form(page, fields);
    }
    page.out.push("    let response = reqwest::blocking::Client::new()\n        ");
    method(page, request);
    if let Some((user, password)) = &request.user {
        page.out.push("        .basic_auth(");
        value(page, user);
        page.out.push(", Some(");
        value(page, password.as_ref().unwrap_or(&Text::default()));
        page.out.push("))\n");
    }
    for (name, text) in &request.headers {
        page.out.push("        .header(");
        RUST.string(page.out, name);
        page.out.push(", ");
        value(page, text);
        page.out.push(if text.literals().all(str::is_ascii) { ")\n" } else { ".as_bytes())\n" });
    }
    body(page, &request.body);
    page.out.push("        .send()?;\n    print!(\"{}\", response.text()?);\n    Ok(())\n}\n");
    if request.texts().flat_map(Text::parts).any(|part| matches!(part, Part::Output { .. })) {
        page.out.push(OUTPUT);
    }
    Ok(())
}

fn method(page: &mut Page, request: &Request) {
    let name = request.method();
    if ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"].contains(&name) {
        page.out.push_all(&[".", &name.to_ascii_lowercase(), "("]);
    } else {
        page.out.push(".request(reqwest::Method::from_bytes(b");
        RUST.string(page.out, name);
        page.out.push(")?, ");
    }
    RUST.string(page.out, &request.url);
    page.out.push(")\n");
}

/// A literal, or a string that begins with one: `+` appends to a `String` only.
fn value(page: &mut Page, text: &Text) {
    match text.known() {
        Some(known) => RUST.string(page.out, &known),
        None if text.parts().first().is_some_and(|part| part.literal().is_none()) => {
            page.out.push("String::new() + ");
            RUST.expression(page.out, text);
        }
        None => {
            let mut parts = super::code::joined(text).into_iter();
            RUST.expression(page.out, &parts.next().into_iter().collect::<Vec<_>>().into_text());
            page.out.push(".to_owned() + ");
            RUST.expression(page.out, &parts.collect::<Vec<_>>().into_text());
        }
    }
}

trait IntoText {
    fn into_text(self) -> Text;
}

impl IntoText for Vec<Part> {
    fn into_text(self) -> Text {
        Text::new(self)
    }
}

fn body(page: &mut Page, body: &Body) {
    match body {
        Body::Empty => {}
        Body::Form(fields) => {
            page.out.push("        .form(&[\n");
            for (name, text) in fields {
                page.out.push("            (");
                RUST.string(page.out, name);
                page.out.push(", ");
                if text.is_late() {
                    page.out.push("&(");
                    value(page, text);
                    page.out.push(")");
                } else {
                    value(page, text);
                }
                page.out.push("),\n");
            }
            // The library takes arrays of up to 32 fields, and slices of any length.
            page.out.push(if fields.len() > 32 { "        ][..])\n" } else { "        ])\n" });
        }
        Body::Text(text) => {
            page.out.push("        .body(");
            RUST.string(page.out, text);
            page.out.push(")\n");
        }
        Body::File(path) => {
            page.out.push("        .body(std::fs::File::open(");
            RUST.string(page.out, path);
            page.out.push(")?)\n");
        }
        Body::Multipart(_) => page.out.push("        .multipart(form)\n"),
    }
}

fn form(page: &mut Page, fields: &[(String, Field)]) {
    page.out.push("    let form = reqwest::blocking::multipart::Form::new()");
    for (name, field) in fields {
        let (call, value, end) = match field {
            Field::Text(text) => (".text(", text, ")"),
            Field::File(path) => (".file(", path, ")?"),
        };
        page.out.push_all(&["\n        ", call]);
        RUST.string(page.out, name);
        page.out.push(", ");
        RUST.string(page.out, value);
        page.out.push(end);
    }
    page.out.push(";\n");
}
