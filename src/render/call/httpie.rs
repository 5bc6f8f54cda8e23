//! `HTTPie` and xh, whose arguments are items such as `Name: value`, `name=value` and `file@path`.
//!
//! Owns the language of these items, in which a backslash takes the meaning from a separator. Never uses an item where a
//! value could be taken for another kind of it: a body is then given whole, by `--raw`.

use super::line::Line;
use super::{Body, Field, Page, Part, Request, Target, Text, basic, shells};
use crate::render::RenderError;

/// Writes a request as a command of `HTTPie` or xh.
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    let mut line = Line::new(if page.target == Target::Xh { "xh" } else { "http" }, page.style);
    // Without a terminal they would wait for a body on standard input.
    line.flag("--ignore-stdin", "-I");
    let items = matches!(&request.body, Body::Form(fields) if fields.iter().all(|(name, value)| fits(name, value)));
    match &request.body {
        Body::Form(_) if items => line.flag("--form", "-f"),
        Body::Multipart(_) => line.flag("--multipart", ""),
        _ => {}
    }
    // All flags come before the items: some versions take none behind them.
    connection(&mut line, request)?;
    let credentials = user(page, &mut line, request)?;
    match &request.body {
        Body::Form(fields) if !items => line.guarded("--raw", "", &page.form(fields)),
        // An empty one is the same as none, and is not taken.
        Body::Text(text) if !text.is_empty() => line.guarded("--raw", "", &text.as_str().into()),
        _ => {}
    }
    line.target(request);
    if let Some(header) = credentials {
        line.group(header);
    }
    let typed = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if matches!(request.body, Body::Form(_)) && !items && !typed {
        line.group("Content-Type: application/x-www-form-urlencoded");
    }
    for (name, value) in &request.headers {
        line.group(header(page, name, value)?);
    }
    body(page, &mut line, &request.body, items)?;
    shells::write(page.out, &line);
    Ok(())
}

fn connection(line: &mut Line, request: &Request) -> Result<(), RenderError> {
    if request.insecure {
        line.group("--verify=no");
    }
    if let Some(path) = request.ca_file()? {
        line.guarded("--verify", "", &path.into());
    }
    if let Some(proxy) = &request.proxy {
        line.guarded("--proxy", "", &Text::plain("http:").and(proxy));
        line.guarded("--proxy", "", &Text::plain("https:").and(proxy));
    }
    Ok(())
}

/// A flag, or a header where that could not carry them.
fn user(page: &Page, line: &mut Line, request: &Request) -> Result<Option<Text>, RenderError> {
    let Some((user, password)) = &request.user else { return Ok(None) };
    let hard = |text: &Text| text.literals().any(|text| text.contains('\\'));
    match password {
        Some(password) if hard(user) || hard(password) => {
            let value = basic::header(user, password).ok_or_else(|| page.refuse("a backslash beside a variable"))?;
            Ok(Some(Text::plain("Authorization: ").then(&value)))
        }
        _ => {
            let text = password.iter().fold(user.clone(), |both, password| both.and(":").then(password));
            line.guarded("--auth", "-a", &text);
            Ok(None)
        }
    }
}

/// The blank after the colon keeps a `=` or a `@` at the value's start from making another kind of item of it.
fn header(page: &Page, name: &str, value: &Text) -> Result<Text, RenderError> {
    if name.starts_with('-') {
        return Err(page.refuse("a header whose name begins with `-`"));
    }
    if value.is_blank() {
        return Ok(Text::plain(name).and(";"));
    }
    if page.target == Target::Xh {
        // There a backslash escapes itself, too.
        let doubled = |part: &Part| part.literal().map(|text| Part::Secret(text.replace('\\', "\\\\").into()));
        let value = value.map(|part| match part {
            Part::Plain(_) | Part::Secret(_) => doubled(part).unwrap_or_else(|| part.clone()),
            other => other.clone(),
        });
        return Ok(Text::plain(name).and(": ").then(&value));
    }
    if value.literals().any(escapes) {
        return Err(page.refuse("a backslash before one of `:;=@` in a header"));
    }
    Ok(Text::plain(name).and(": ").then(value))
}

/// Whether a backslash would be taken for the escape of a separator.
fn escapes(text: &str) -> bool {
    ["\\:", "\\;", "\\=", "\\@", "\\[", "\\]"].iter().any(|pair| text.contains(pair))
}

/// Whether a field can be an item, in which everybody sees what is meant.
fn fits(name: &str, value: &Text) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let first = value.parts().first().and_then(Part::literal).and_then(|text| text.chars().next());
    let named = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain);
    named && !first.is_some_and(|c| "=@".contains(c)) && !value.literals().any(|text| text.contains('\\'))
}

fn body(page: &mut Page, line: &mut Line, body: &Body, items: bool) -> Result<(), RenderError> {
    match body {
        Body::Empty | Body::Text(_) => {}
        Body::Form(_) if !items => {}
        Body::Form(fields) => {
            if fields.iter().any(|(_, value)| value.parts().first().is_some_and(|part| part.literal().is_none())) {
                page.warn("a variable whose value begins with `=` or `@` is misread", "such secrets are rare");
            }
            for (name, value) in fields {
                line.group(Text::plain(name).and("=").then(value));
            }
        }
        Body::File(path) => line.group(file(page, "", path)?),
        Body::Multipart(fields) => {
            for (name, field) in fields {
                if !fits(name, &Text::default()) {
                    return Err(page.refuse("such a name of a form field"));
                }
                line.group(match field {
                    Field::Text(text) if !fits(name, &text.as_str().into()) => {
                        return Err(page.refuse("a backslash, or `=` or `@` at the start, in such a form's field"));
                    }
                    Field::Text(text) => Text::plain(name).and("=").and(text),
                    Field::File(path) => file(page, name, path)?,
                });
            }
        }
    }
    Ok(())
}

fn file(page: &Page, name: &str, path: &str) -> Result<Text, RenderError> {
    if path.contains(['\\', ';']) || path.starts_with(['=', '@']) {
        return Err(page.refuse("such a path of a file"));
    }
    Ok(Text::plain(name).and("@").and(path))
}
