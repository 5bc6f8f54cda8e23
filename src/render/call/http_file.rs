//! A `.http` file, as Visual Studio Code (REST Client, httpYac), Visual Studio and others run them.
//!
//! Owns what may stand in such a file without meaning something to one of them. Never writes `{{` but for a variable of
//! the environment, which they name `$processEnv`. Gives one request.

use super::code::joined;
use super::{Body, Page, Part, Request, Text, basic};
use crate::render::RenderError;

/// What a line of a body must not begin with: each is the begin of a comment, a script, an include or a request.
const SPECIAL: [&str; 9] = ["#", "//", "/*", "<", ">", "@", "?", "{%", "{{"];

/// Writes a request as a file.
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    page.leave_out_connection(request, "the editor has settings for it");
    page.out.push_all(&[request.method(), " ", &request.url.replace("{{", "%7B%7B"), "\n"]);
    user(page, request)?;
    if matches!(request.body, Body::Form(_)) {
        page.out.push("Content-Type: application/x-www-form-urlencoded\n");
    }
    for (name, value) in &request.headers {
        if name.starts_with(['#', '@']) {
            return Err(page.refuse("such a header's name"));
        }
        if value.literals().any(|text| !text.is_ascii()) {
            return Err(page.refuse("a header with a character beyond ASCII"));
        }
        page.out.push_all(&[name, ": "]);
        text(page, value)?;
        page.out.push("\n");
    }
    body(page, &request.body)
}

/// Where the password is filled in later, the editor encodes: it takes what stands behind a blank for the password.
fn user(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    let Some((user, Some(password))) = &request.user else { return Ok(()) };
    let value =
        basic::header(user, password).unwrap_or_else(|| Text::plain("Basic ").then(user).and(" ").then(password));
    page.out.push("Authorization: ");
    text(page, &value)?;
    page.out.push("\n");
    Ok(())
}

fn text(page: &mut Page, value: &Text) -> Result<(), RenderError> {
    for part in joined(value) {
        match &part {
            Part::Variable(name) => page.out.push_all(&["{{$processEnv ", name, "}}"]),
            known => {
                let text = known.literal().unwrap_or_default();
                if text.contains("{{") {
                    return Err(page.refuse("`{{`, which begins a variable"));
                }
                page.out.push(text);
            }
        }
    }
    Ok(())
}

fn body(page: &mut Page, body: &Body) -> Result<(), RenderError> {
    match body {
        Body::Empty => {}
        Body::Form(fields) => {
            page.out.push("\n");
            let form = page.form(fields);
            text(page, &form)?;
            page.out.push("\n");
        }
        Body::Text(body) => {
            if body.lines().any(|line| SPECIAL.iter().any(|special| line.trim_start().starts_with(special))) {
                return Err(page.refuse("a body with a line that begins like a comment or a script"));
            }
            if body.trim() != body {
                return Err(page.refuse("a body with blanks around it"));
            }
            page.out.push("\n");
            text(page, &body.as_str().into())?;
            page.out.push("\n");
        }
        Body::File(path) => {
            let relative = if path.starts_with(['/', '.', '~']) || path.contains(':') { "" } else { "./" };
            page.out.push_all(&["\n< ", relative, path, "\n"]);
        }
        Body::Multipart(_) => return Err(page.refuse("a form with files")),
    }
    Ok(())
}
