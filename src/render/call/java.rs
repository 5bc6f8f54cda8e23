//! Java, with its own `HttpClient` (Java 11 and later).
//!
//! Owns what the client wants. Never passes a header beyond ASCII, in which the client writes question marks. Gives a
//! program of one file, which `java Call.java` runs.

use super::code::{Language, form};
use super::{Body, Page, Request, Text};
use crate::render::RenderError;
use crate::render::literal::Escape;

const JAVA: Language = Language {
    escape: Escape::Units,
    variable: ("System.getenv(", ")"),
    output: ("", "", ""),
    join: " + ",
    encode: ("URLEncoder.encode(", ", StandardCharsets.UTF_8)"),
};

/// Headers that the client keeps to itself.
const RESTRICTED: [&str; 5] = ["connection", "content-length", "expect", "host", "upgrade"];

/// Writes a request as a program.
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    for (name, value) in &request.headers {
        if value.literals().any(|text| !text.is_ascii()) {
            return Err(page.refuse("a header with a character beyond ASCII"));
        }
        if RESTRICTED.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            return Err(page.refuse("a header that Java's client keeps to itself"));
        }
    }
    page.leave_out_connection(request, "Java takes -Djavax.net.ssl.trustStore and -Dhttps.proxyHost");
    imports(page, request);
    page.out.push("public class Call {\n    public static void main(String[] arguments) throws Exception {\n");
    page.out.push("        HttpRequest request = HttpRequest.newBuilder(URI.create(");
    JAVA.string(page.out, &request.url);
    page.out.push("))\n");
    headers(page, request);
    method(page, request)?;
    page.out.push(
        "            .build();\n        HttpResponse<String> response = HttpClient.newHttpClient()\n            \
         .send(request, HttpResponse.BodyHandlers.ofString());\n        System.out.print(response.body());\n    }\n}\n",
    );
    Ok(())
}

fn imports(page: &mut Page, request: &Request) {
    let encodes = matches!(&request.body, Body::Form(fields) if fields.iter().any(|(_, value)| value.is_late()));
    let needed = [
        ("java.net.URI", true),
        ("java.net.URLEncoder", encodes),
        ("java.net.http.HttpClient", true),
        ("java.net.http.HttpRequest", true),
        ("java.net.http.HttpResponse", true),
        ("java.nio.charset.StandardCharsets", encodes || request.user.is_some()),
        ("java.nio.file.Path", matches!(request.body, Body::File(_))),
        ("java.util.Base64", request.user.is_some()),
    ];
    for (name, _) in needed.iter().filter(|(_, needed)| *needed) {
        page.out.push_all(&["import ", name, ";\n"]);
    }
    page.out.push("\n");
}

fn headers(page: &mut Page, request: &Request) {
    if let Some((user, password)) = &request.user {
        page.out.push("            .header(\"Authorization\", \"Basic \" + Base64.getEncoder().encodeToString(\n                (");
        let both = user.clone().and(":");
        JAVA.expression(page.out, &password.iter().fold(both, Text::then));
        page.out.push(").getBytes(StandardCharsets.UTF_8)))\n");
    }
    if matches!(request.body, Body::Form(_)) {
        page.out.push("            .header(\"Content-Type\", \"application/x-www-form-urlencoded\")\n");
    }
    for (name, value) in &request.headers {
        page.out.push("            .header(");
        JAVA.string(page.out, name);
        page.out.push(", ");
        JAVA.expression(page.out, value);
        page.out.push(")\n");
    }
}

fn method(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    if request.method() == "GET" && matches!(request.body, Body::Empty) {
        page.out.push("            .GET()\n");
        return Ok(());
    }
    page.out.push("            .method(");
    JAVA.string(page.out, request.method());
    page.out.push(", HttpRequest.BodyPublishers.");
    match &request.body {
        Body::Empty => page.out.push("noBody()"),
        Body::Form(fields) => {
            page.out.push("ofString(");
            JAVA.encoded(page.out, &form(fields));
            page.out.push(")");
        }
        Body::Text(text) => {
            page.out.push("ofString(");
            JAVA.string(page.out, text);
            page.out.push(")");
        }
        Body::File(path) => {
            page.out.push("ofFile(Path.of(");
            JAVA.string(page.out, path);
            page.out.push("))");
        }
        Body::Multipart(_) => return Err(page.refuse("a form with files")),
    }
    page.out.push(")\n");
    Ok(())
}
