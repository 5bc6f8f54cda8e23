//! curl, in each of the shells that it is run from.
//!
//! Long flags, because documents are read more often than typed; no `--silent`, because a command that somebody pastes
//! should say what it does; never a pipeline into `base64`, because `--user` does that without one.

use url::form_urlencoded::byte_serialize;

use super::line::Line;
use super::{Body, Field, Page, Request, Target, Text, basic, shells, windows};
use crate::render::RenderError;

/// Writes a request as a curl command, which runs as it stands when it is pasted or in a script.
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    let posix = page.target == Target::Curl;
    // Elsewhere `curl` may be another name of `Invoke-WebRequest`.
    let powershell = matches!(page.target, Target::CurlPowershell | Target::CurlPowershell5);
    let mut line = Line::new(if powershell { "curl.exe" } else { "curl" }, page.style);
    method(&mut line, request);
    if request.url.contains(['[', ']', '{', '}']) {
        line.flag("--globoff", "-g"); // curl reads them as ranges and sets otherwise
    }
    line.word(request.url.as_str());
    connection(&mut line, request)?;
    user(&mut line, request, posix);
    for (name, value) in &request.headers {
        header(&mut line, name, value);
    }
    body(page, &mut line, &request.body, posix)?;
    for word in &request.extra {
        line.word(word.as_str());
    }
    match page.target {
        Target::Curl => shells::write(page.out, &line),
        Target::CurlCmd => windows::cmd(page, &line)?,
        _ => windows::powershell(page, &line)?,
    }
    Ok(())
}

/// Only where curl would not choose it by itself. A `HEAD` that is merely requested waits for a body that never comes.
fn method(line: &mut Line, request: &Request) {
    let empty = matches!(request.body, Body::Empty);
    let natural = if empty { "GET" } else { "POST" };
    match request.method() {
        method if method == natural => {}
        "HEAD" if empty => line.flag("--head", "-I"),
        method => {
            line.flag("--request", "-X");
            line.word(method);
        }
    }
}

fn connection(line: &mut Line, request: &Request) -> Result<(), RenderError> {
    if request.insecure {
        line.group(if line.is_short() { "-k" } else { "--insecure" });
    }
    if let Some(path) = request.ca_file()? {
        line.option("--cacert", "", path);
    }
    if let Some(proxy) = &request.proxy {
        line.option("--proxy", "-x", proxy.as_str());
    }
    Ok(())
}

/// The programs of Windows read their arguments in ways of their own, but base64 all alike.
fn user(line: &mut Line, request: &Request, posix: bool) {
    let Some((user, password)) = &request.user else { return };
    let odd = |text: &Text| {
        text.literals().any(|text| !text.bytes().all(|c| c.is_ascii_alphanumeric() || b"-._~+".contains(&c)))
    };
    if let Some(known) = password.as_ref().filter(|password| !posix && (odd(user) || odd(password)))
        && let Some(value) = basic::header(user, known)
    {
        return header(line, "Authorization", &value);
    }
    let both = user.clone();
    line.option("--user", "-u", password.iter().fold(both, |both, password| both.and(":").then(password)));
}

/// curl drops a header without a value, unless a semicolon stands for the colon.
fn header(line: &mut Line, name: &str, value: &Text) {
    let text = Text::plain(name);
    let text = if value.is_blank() { text.and(";") } else { text.and(": ").then(value) };
    line.option("--header", "-H", text);
}

fn body(page: &Page, line: &mut Line, body: &Body, posix: bool) -> Result<(), RenderError> {
    match body {
        Body::Empty => {}
        Body::Form(fields) => fields.iter().for_each(|(name, value)| field(line, name, value, posix)),
        Body::Text(text) => line.option("--data-raw", "", text.as_str()),
        Body::File(path) => line.option("--data-binary", "", Text::plain("@").and(path)),
        Body::Multipart(fields) => {
            for (name, field) in fields {
                part(page, line, name, field)?;
            }
        }
    }
    Ok(())
}

/// curl encodes what follows the first `=`, and takes the name before it as it is; an encoded name has neither `=` nor
/// the `@` that would make a file's name of the rest.
fn field(line: &mut Line, name: &str, value: &Text, posix: bool) {
    let name: String = byte_serialize(name.as_bytes()).collect();
    if posix || value.is_late() || value.has_placeholder() {
        line.option("--data-urlencode", "", Text::plain(name).and("=").then(value));
    } else {
        line.option("--data", "-d", Text::plain(name).and("=").then(&value.form_encoded()));
    }
}

/// The value of `--form` has a small language of its own: `;type=`, quotes in a file's name. `--form-string` has none.
fn part(page: &Page, line: &mut Line, name: &str, field: &Field) -> Result<(), RenderError> {
    if name.contains('=') {
        return Err(page.refuse("a `=` in the name of a form field"));
    }
    let text = Text::plain(name).and("=");
    match field {
        Field::Text(value) => line.option("--form-string", "", text.and(value)),
        Field::File(path) if path.contains([';', ',', '"']) => {
            let quoted = path.replace('\\', "\\\\").replace('"', "\\\"");
            line.option("--form", "-F", text.and("@\"").and(&quoted).and("\""));
        }
        Field::File(path) => line.option("--form", "-F", text.and("@").and(path)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Part, Style, render};
    use super::*;

    fn written(call: &Request) -> String {
        render(call, Target::Curl, Style::default()).expect("expressible").text.to_string()
    }

    #[test]
    fn a_token_request_reads_like_the_one_in_the_manual() {
        let call = Request {
            url: "https://sts.choreo.dev/oauth2/token".into(),
            user: Some((Text::plain("key"), Some(Part::Secret("it's".into()).into()))),
            body: Body::Form(vec![("grant_type".into(), Text::plain("client_credentials"))]),
            ..Request::default()
        };
        assert_eq!(
            written(&call),
            "curl https://sts.choreo.dev/oauth2/token \\\n  --user 'key:it'\\''s' \\\n  \
             --data-urlencode grant_type=client_credentials\n"
        );
    }

    #[test]
    fn variables_outputs_and_placeholders_stand_in_quotes() {
        let header = |part| ("Authorization".to_owned(), Text::new([Part::Plain("Bearer ".into()), part]));
        let call = Request {
            method: Some("DELETE".into()),
            url: "https://api.example/pets/{1}".into(),
            headers: vec![
                header(Part::Variable("CHOREO_ACCESS_TOKEN".into())),
                header(Part::Output {
                    command: ["choreo-env", "token", "a!b"].map(String::from).into(),
                    variable: "T".into(),
                }),
                header(Part::Placeholder("token".into())),
            ],
            user: Some((Part::Variable("KEY".into()).into(), Some(Part::Variable("SECRET".into()).into()))),
            ..Request::default()
        };
        assert_eq!(
            written(&call),
            "curl --request DELETE --globoff 'https://api.example/pets/{1}' \\\n  --user \"$KEY\"\":$SECRET\" \\\n  \
             --header \"Authorization: Bearer $CHOREO_ACCESS_TOKEN\" \\\n  \
             --header \"Authorization: Bearer $(choreo-env token 'a'\\!'b')\" \\\n  \
             --header 'Authorization: Bearer <token>'\n"
        );
    }

    #[test]
    fn an_exclamation_mark_never_stands_in_double_quotes() {
        let value = Text::new([Part::Plain("!a!!$\"".into()), Part::Variable("X".into()), Part::Plain("!".into())]);
        let call = Request { url: "u".into(), headers: vec![("h".into(), value)], ..Request::default() };
        assert_eq!(written(&call), "curl u \\\n  --header \"h: \"'!a!!$\"'\"$X\"'!'\n");
    }

    #[test]
    fn the_method_is_named_only_where_curl_would_choose_another() {
        let line = |method: &str, form: &[&str]| {
            written(&Request {
                method: Some(method.into()),
                url: "u".into(),
                body: match form {
                    [] => Body::Empty,
                    form => Body::Form(form.iter().map(|name| ((*name).to_owned(), Text::plain("v"))).collect()),
                },
                ..Request::default()
            })
        };
        assert_eq!(line("GET", &[]), "curl u\n");
        assert_eq!(line("HEAD", &[]), "curl --head u\n");
        assert_eq!(line("POST", &[]), "curl --request POST u\n");
        assert_eq!(line("POST", &["a b"]), "curl u \\\n  --data-urlencode a+b=v\n");
        assert_eq!(line("PUT", &["a"]), "curl --request PUT u \\\n  --data-urlencode a=v\n");
    }

    #[test]
    fn what_no_command_can_carry_is_refused() {
        let refused = |request: &Request| render(request, Target::Curl, Style::default()).err();
        let base = || Request { url: "u".into(), ..Request::default() };
        let with_user = Request { user: Some((Text::plain("a:b"), Some(Text::plain("c")))), ..base() };
        assert_eq!(refused(&with_user), Some(RenderError::ColonInUser));
        let with_header =
            |name: &str, value: &str| refused(&Request { headers: vec![(name.into(), Text::plain(value))], ..base() });
        assert_eq!(with_header("@file", "x"), Some(RenderError::HeaderName { name: "@file".into() }));
        assert_eq!(with_header("a", "x\r\nb: c"), Some(RenderError::ControlCharacter { what: "header `a`".into() }));
        assert_eq!(with_header("a", "x"), None);
    }
}
