//! Ballerina, WSO2's own language.
//!
//! Owns what its `http` module wants. Never puts an address together that the request does not have: the client takes
//! the origin, and each call the rest. Gives a program of one file.

use url::{Position, Url};

use super::code::{Language, form};
use super::{Body, Page, Part, Request, Text};
use crate::render::RenderError;
use crate::render::literal::Escape;

const BALLERINA: Language = Language {
    escape: Escape::Braces,
    variable: ("os:getEnv(", ")"),
    output: ("", "", ""),
    join: " + ",
    encode: ("check url:encode(", ", \"UTF-8\")"),
};

/// Writes a request as a program.
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    if matches!(request.body, Body::Multipart(_)) {
        return Err(page.refuse("a form with files"));
    }
    let url = Url::parse(&request.url).map_err(|_| page.refuse("such an address"))?;
    page.leave_out_connection(request, "the client's `secureSocket` and `proxy` are set in the program");
    imports(page, request);
    page.out.push("public function main() returns error? {\n    http:Client api = check new (");
    BALLERINA.string(page.out, &url[..Position::BeforePath]);
    page.out.push(");\n    http:Request request = new;\n");
    body(page, &request.body);
    headers(page, request);
    page.out.push("    http:Response response = check api->execute(");
    BALLERINA.string(page.out, request.method());
    page.out.push(", ");
    BALLERINA.string(page.out, &url[Position::BeforePath..Position::AfterQuery]);
    page.out.push(", request);\n    io:println(check response.getTextPayload());\n}\n");
    Ok(())
}

fn imports(page: &mut Page, request: &Request) {
    let reads = request.texts().flat_map(Text::parts).any(|part| matches!(part, Part::Variable(_)));
    let encodes = matches!(&request.body, Body::Form(fields) if fields.iter().any(|(_, value)| value.is_late()));
    for (name, needed) in [("http", true), ("io", true), ("os", reads), ("url", encodes)] {
        if needed {
            page.out.push_all(&["import ballerina/", name, ";\n"]);
        }
    }
    page.out.push("\n");
}

fn headers(page: &mut Page, request: &Request) {
    if let Some((user, password)) = &request.user {
        page.out.push("    request.setHeader(\"Authorization\", \"Basic \" + (");
        let both = user.clone().and(":");
        BALLERINA.expression(page.out, &password.iter().fold(both, Text::then));
        page.out.push(").toBytes().toBase64());\n");
    }
    for (name, value) in &request.headers {
        // The body came with a type of its own.
        let set = name.eq_ignore_ascii_case("content-type");
        page.out.push(if set { "    request.setHeader(" } else { "    request.addHeader(" });
        BALLERINA.string(page.out, name);
        page.out.push(", ");
        BALLERINA.expression(page.out, value);
        page.out.push(");\n");
    }
}

fn body(page: &mut Page, body: &Body) {
    match body {
        Body::Form(fields) => {
            page.out.push("    request.setTextPayload(");
            BALLERINA.encoded(page.out, &form(fields));
            page.out.push(", \"application/x-www-form-urlencoded\");\n");
        }
        Body::Text(text) => {
            page.out.push("    request.setTextPayload(");
            BALLERINA.string(page.out, text);
            page.out.push(");\n");
        }
        Body::File(path) => {
            page.out.push("    request.setFileAsPayload(");
            BALLERINA.string(page.out, path);
            page.out.push(");\n");
        }
        Body::Empty | Body::Multipart(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Style, Target, render};
    use super::*;

    #[test]
    fn a_request_is_a_program_with_origin_and_path_apart() {
        let secret = Text::from(Part::Variable("MY_SECRET".into()));
        let request = Request {
            url: "https://sts.choreo.dev:8443/oauth2/token?x=1".into(),
            user: Some((Text::plain("k\"ey"), Some(secret.clone()))),
            headers: vec![("X".into(), Text::plain("\u{20ac}\\"))],
            body: Body::Form(vec![("a b".into(), Text::plain("&")), ("s".into(), secret)]),
            ..Request::default()
        };
        let text = render(&request, Target::Ballerina, Style::default()).expect("expressible").text;
        let expected = r#"import ballerina/http;
import ballerina/io;
import ballerina/os;
import ballerina/url;

public function main() returns error? {
    http:Client api = check new ("https://sts.choreo.dev:8443");
    http:Request request = new;
    request.setTextPayload("a+b=%26&s=" + check url:encode(os:getEnv("MY_SECRET"), "UTF-8"), "application/x-www-form-urlencoded");
    request.setHeader("Authorization", "Basic " + ("k\"ey:" + os:getEnv("MY_SECRET")).toBytes().toBase64());
    request.addHeader("X", "\u{20ac}\\");
    http:Response response = check api->execute("POST", "/oauth2/token?x=1", request);
    io:println(check response.getTextPayload());
}
"#;
        assert_eq!(*text, expected);
    }
}
