//! GNU wget.
//!
//! Owns its flags. Never asks it for more than it can: it has no forms with files, and encodes nothing. Gives a command
//! that prints the answer, also where the server refuses.

use super::line::Line;
use super::{Body, Page, Request, Text, shells};
use crate::render::RenderError;

/// Writes a request as a command of wget.
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    let mut line = Line::new("wget", page.style);
    line.flag("--quiet", "-q");
    if page.style.short {
        line.word("-O");
        line.word("-");
    } else {
        line.word("--output-document=-");
    }
    line.word("--content-on-error");
    let post = !matches!(request.body, Body::Empty) && request.method() == "POST";
    if !post && request.method() != "GET" {
        line.group(Text::plain("--method=").and(request.method()));
    }
    line.word(request.url.as_str());
    connection(&mut line, request)?;
    if let Some((user, password)) = &request.user {
        line.word("--auth-no-challenge");
        line.option("--user", "", user);
        if let Some(password) = password {
            line.option("--password", "", password);
        }
    }
    for (name, value) in &request.headers {
        line.option("--header", "", Text::plain(name).and(": ").then(value));
    }
    body(page, &mut line, request, post)?;
    shells::write(page.out, &line);
    Ok(())
}

fn connection(line: &mut Line, request: &Request) -> Result<(), RenderError> {
    if request.insecure {
        line.group("--no-check-certificate");
    }
    if let Some(path) = request.ca_file()? {
        line.option("--ca-certificate", "", path);
    }
    if let Some(proxy) = &request.proxy {
        for name in ["http_proxy=", "https_proxy="] {
            line.option("--execute", "-e", Text::plain(name).and(proxy));
        }
    }
    Ok(())
}

fn body(page: &mut Page, line: &mut Line, request: &Request, post: bool) -> Result<(), RenderError> {
    let (data, file) = if post { ("--post-data", "--post-file") } else { ("--body-data", "--body-file") };
    match &request.body {
        Body::Empty => {}
        Body::Form(fields) => line.option(data, "", page.form(fields)),
        Body::Text(text) => line.option(data, "", text.as_str()),
        Body::File(path) => line.option(file, "", path.as_str()),
        Body::Multipart(_) => return Err(page.refuse("a form with files")),
    }
    if request.method() == "GET" && !matches!(request.body, Body::Empty) {
        return Err(page.refuse("a body of a GET request"));
    }
    Ok(())
}
