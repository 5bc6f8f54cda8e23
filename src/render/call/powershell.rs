//! `Invoke-RestMethod`, `PowerShell`'s own way to send a request.
//!
//! Owns its parameters. Never passes a value through a program's arguments, so that old and new `PowerShell` read it
//! alike. Gives one command.

use super::code::{form, joined};
use super::windows::call;
use super::{Body, Field, Page, Part, Request, Text};
use crate::render::RenderError;
use crate::render::draft::Draft;
use crate::render::quote;

/// The methods that Windows `PowerShell` knows.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"];

/// Writes a request as a call of `Invoke-RestMethod`.
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    let headers = headers(page, request)?;
    newer(page, request);
    page.out.push("Invoke-RestMethod");
    if METHODS.contains(&request.method()) {
        page.out.push_all(&[" -Method ", request.method()]);
    } else {
        parameter(page, "-CustomMethod", &request.method().into());
    }
    parameter(page, "-Uri", &request.url.as_str().into());
    if request.insecure {
        page.out.push_all(&[wrap(page), "-SkipCertificateCheck"]);
    }
    if let Some(proxy) = &request.proxy {
        parameter(page, "-Proxy", &proxy.as_str().into());
    }
    table(page, &headers, request.user.as_ref());
    content_type(page, request);
    body(page, request)?;
    page.out.push("\n");
    Ok(())
}

/// All but the content type, which has a parameter of its own. A hash table has each name once.
fn headers<'a>(page: &Page, request: &'a Request) -> Result<Vec<(&'a str, &'a Text)>, RenderError> {
    let mut found: Vec<(&str, &Text)> = Vec::new();
    for (name, value) in request.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-type")) {
        if found.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Err(page.refuse("a header that comes twice"));
        }
        if value.literals().any(|text| !text.is_ascii()) {
            return Err(page.refuse("a header with a character beyond ASCII"));
        }
        found.push((name, value));
    }
    Ok(found)
}

/// What Windows `PowerShell` 5.1 does not know.
fn newer(page: &mut Page, request: &Request) {
    let needs = [
        (request.insecure, "-SkipCertificateCheck"),
        (!METHODS.contains(&request.method()), "-CustomMethod"),
        (matches!(request.body, Body::Multipart(_)), "-Form"),
    ];
    for (_, parameter) in needs.into_iter().filter(|(needed, _)| *needed) {
        page.warn(&format!("`{parameter}` needs PowerShell 7"), "Windows PowerShell 5.1 refuses it");
    }
    if request.ca_file.is_some() {
        page.warn("`ca_file` is left out", "PowerShell trusts what the system trusts: add the certificate there");
    }
}

fn wrap(page: &Page) -> &'static str {
    if page.style.one_line { " " } else { " `\n  " }
}

fn parameter(page: &mut Page, name: &str, value: &Text) {
    let wrap = wrap(page);
    page.out.push_all(&[wrap, name, " "]);
    argument(page.out, value);
}

/// A value as an argument of a command: in parentheses, where it is more than a text.
fn argument(out: &mut Draft, value: &Text) {
    if value.known().is_some() {
        expression(out, value, false);
    } else {
        out.push("(");
        expression(out, value, false);
        out.push(")");
    }
}

/// The hash table of headers, in lines of its own or on one.
fn table(page: &mut Page, headers: &[(&str, &Text)], user: Option<&(Text, Option<Text>)>) {
    if headers.is_empty() && user.is_none() {
        return;
    }
    let wrap = wrap(page);
    let (begin, between, end) = if page.style.one_line { (" ", "; ", " }") } else { ("\n    ", "\n    ", "\n  }") };
    page.out.push_all(&[wrap, "-Headers @{"]);
    let mut before = begin;
    if let Some((user, password)) = user {
        page.out.push_all(&[
            before,
            "'Authorization' = 'Basic ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes(",
        ]);
        let both = user.clone().and(":");
        expression(page.out, &password.iter().fold(both, Text::then), false);
        page.out.push("))");
        before = between;
    }
    for (name, value) in headers {
        page.out.push(before);
        quote::powershell(page.out, name);
        page.out.push(" = ");
        expression(page.out, value, false);
        before = between;
    }
    page.out.push(end);
}

fn content_type(page: &mut Page, request: &Request) {
    let own = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    match (own, &request.body) {
        (Some((_, value)), _) => parameter(page, "-ContentType", value),
        (None, Body::Form(_)) => parameter(page, "-ContentType", &"application/x-www-form-urlencoded".into()),
        _ => {}
    }
}

fn body(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    match &request.body {
        Body::Empty => {}
        Body::Form(fields) => encoded(page, fields),
        Body::Text(text) if text.is_ascii() => parameter(page, "-Body", &text.as_str().into()),
        Body::Text(text) => {
            // Windows PowerShell would write it in Latin 1.
            let wrap = wrap(page);
            page.out.push_all(&[wrap, "-Body ([Text.Encoding]::UTF8.GetBytes("]);
            quote::powershell(page.out, text);
            page.out.push("))");
        }
        Body::File(path) => parameter(page, "-InFile", &path.as_str().into()),
        Body::Multipart(fields) => return multipart(page, fields),
    }
    Ok(())
}

/// Encoded here, but for what is filled in later.
fn encoded(page: &mut Page, fields: &[(String, Text)]) {
    let form = form(fields);
    let wrap = wrap(page);
    page.out.push_all(&[wrap, "-Body "]);
    if form.is_late() {
        page.out.push("(");
    }
    expression(page.out, &form, true);
    if form.is_late() {
        page.out.push(")");
    }
}

fn multipart(page: &mut Page, fields: &[(String, Field)]) -> Result<(), RenderError> {
    let wrap = wrap(page);
    page.out.push_all(&[wrap, "-Form @{"]);
    for (at, (name, field)) in fields.iter().enumerate() {
        if fields[..at].iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Err(page.refuse("a form field that comes twice"));
        }
        page.out.push(if at > 0 { "; " } else { " " });
        quote::powershell(page.out, name);
        page.out.push(" = ");
        match field {
            Field::Text(text) => quote::powershell(page.out, text),
            Field::File(path) => {
                page.out.push("Get-Item -LiteralPath ");
                quote::powershell(page.out, path);
            }
        }
    }
    page.out.push(" }");
    Ok(())
}

/// A value as an expression: texts, variables and what programs print, with `+` between them.
fn expression(out: &mut Draft, value: &Text, encode: bool) {
    let mut pieces = joined(value).into_iter().peekable();
    while let Some(piece) = pieces.next() {
        let late = matches!(piece, Part::Variable(_) | Part::Output { .. });
        if late && encode {
            out.push("[uri]::EscapeDataString(");
        }
        match &piece {
            Part::Variable(name) => out.push_all(&["${env:", name, "}"]),
            Part::Output { command, .. } => {
                out.push("$(");
                call(out, command);
                out.push(")");
            }
            known => quote::powershell(out, known.literal().unwrap_or_default()),
        }
        if late && encode {
            out.push(")");
        }
        if pieces.peek().is_some() {
            out.push(" + ");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Style, Target, render};
    use super::*;

    fn written(request: &Request) -> String {
        render(request, Target::Powershell, Style::default()).expect("expressible").text.to_string()
    }

    #[test]
    fn a_token_request_is_encoded_here_and_there() {
        let secret = || Text::from(Part::Variable("MY_SECRET".into()));
        let request = Request {
            url: "https://sts.choreo.dev/oauth2/token".into(),
            user: Some((Text::plain("it's"), Some(secret()))),
            body: Body::Form(vec![("a b".into(), Text::plain("\u{e9}&")), ("s".into(), secret())]),
            ..Request::default()
        };
        assert_eq!(
            written(&request),
            "Invoke-RestMethod -Method POST `\n  -Uri 'https://sts.choreo.dev/oauth2/token' `\n  -Headers @{\n    \
             'Authorization' = 'Basic ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes(\
             'it''s:' + ${env:MY_SECRET}))\n  } `\n  -ContentType 'application/x-www-form-urlencoded' `\n  \
             -Body ('a+b=%C3%A9%26&s=' + [uri]::EscapeDataString(${env:MY_SECRET}))\n"
        );
    }

    #[test]
    fn a_body_beyond_ascii_is_given_as_bytes() {
        let request =
            Request { url: "https://h/".into(), body: Body::Text("$x \u{2019}".into()), ..Request::default() };
        assert_eq!(
            written(&request),
            "Invoke-RestMethod -Method POST `\n  -Uri 'https://h/' `\n  \
             -Body ([Text.Encoding]::UTF8.GetBytes(('$x ' + [char]0x2019 + '')))\n"
        );
    }
}
