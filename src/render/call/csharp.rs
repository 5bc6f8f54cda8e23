//! C#, with its own `HttpClient`.
//!
//! Owns what the client wants. Never passes a header beyond ASCII, which the client refuses. Gives a program of one file.

use super::code::{Language, file_name};
use super::{Body, Field, Page, Request, Text};
use crate::render::RenderError;
use crate::render::literal::Escape;

const CSHARP: Language = Language {
    escape: Escape::Units,
    variable: ("Environment.GetEnvironmentVariable(", ")"),
    output: ("", "", ""),
    join: " + ",
    encode: ("", ""),
};

/// Writes a request as a program.
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    if request.headers.iter().any(|(_, value)| value.literals().any(|text| !text.is_ascii())) {
        return Err(page.refuse("a header with a character beyond ASCII"));
    }
    page.leave_out_connection(request, ".NET reads HTTP_PROXY and HTTPS_PROXY, and the system's trust store");
    page.out.push("using System;\n");
    if matches!(request.body, Body::Form(_)) {
        page.out.push("using System.Collections.Generic;\n");
    }
    if has_file(&request.body) {
        page.out.push("using System.IO;\n");
    }
    page.out.push("using System.Net.Http;\nusing System.Text;\nusing System.Threading.Tasks;\n\n");
    page.out.push("public class Call\n{\n    public static async Task Main()\n    {\n");
    page.out.push("        var request = new HttpRequestMessage(new HttpMethod(");
    CSHARP.string(page.out, request.method());
    page.out.push("), ");
    CSHARP.string(page.out, &request.url);
    page.out.push(");\n");
    body(page, &request.body);
    headers(page, request);
    page.out.push(
        "        var response = await new HttpClient().SendAsync(request);\n        \
         Console.Write(await response.Content.ReadAsStringAsync());\n    }\n}\n",
    );
    Ok(())
}

fn has_file(body: &Body) -> bool {
    match body {
        Body::File(_) => true,
        Body::Multipart(fields) => fields.iter().any(|(_, field)| matches!(field, Field::File(_))),
        _ => false,
    }
}

/// Headers that describe the body are the body's.
const OF_CONTENT: [&str; 6] =
    ["content-type", "content-language", "content-encoding", "content-disposition", "content-location", "expires"];

fn headers(page: &mut Page, request: &Request) {
    if let Some((user, password)) = &request.user {
        page.out.push("        request.Headers.Add(\"Authorization\", \"Basic \" + Convert.ToBase64String(\n            Encoding.UTF8.GetBytes(");
        let both = user.clone().and(":");
        CSHARP.expression(page.out, &password.iter().fold(both, Text::then));
        page.out.push(")));\n");
    }
    for (name, value) in &request.headers {
        if OF_CONTENT.iter().any(|known| name.eq_ignore_ascii_case(known)) && !matches!(request.body, Body::Empty) {
            page.out.push("        request.Content.Headers.Remove(");
            CSHARP.string(page.out, name);
            page.out.push(");\n        request.Content.Headers.TryAddWithoutValidation(");
        } else {
            page.out.push("        request.Headers.TryAddWithoutValidation(");
        }
        CSHARP.string(page.out, name);
        page.out.push(", ");
        CSHARP.expression(page.out, value);
        page.out.push(");\n");
    }
}

fn body(page: &mut Page, body: &Body) {
    match body {
        Body::Empty => return,
        Body::Form(fields) => {
            page.out.push("        request.Content = new FormUrlEncodedContent(new[]\n        {\n");
            for (name, value) in fields {
                page.out.push("            new KeyValuePair<string, string>(");
                CSHARP.string(page.out, name);
                page.out.push(", ");
                CSHARP.expression(page.out, value);
                page.out.push("),\n");
            }
            page.out.push("        })");
        }
        Body::Text(text) => {
            page.out.push("        request.Content = new StringContent(");
            CSHARP.string(page.out, text);
            page.out.push(")");
        }
        Body::File(path) => {
            page.out.push("        request.Content = ");
            file(page, path);
        }
        Body::Multipart(fields) => {
            page.out.push("        var form = new MultipartFormDataContent();\n");
            for (name, field) in fields {
                part(page, name, field);
            }
            page.out.push("        request.Content = form");
        }
    }
    page.out.push(";\n");
}

fn file(page: &mut Page, path: &str) {
    page.out.push("new ByteArrayContent(File.ReadAllBytes(");
    CSHARP.string(page.out, path);
    page.out.push("))");
}

fn part(page: &mut Page, name: &str, field: &Field) {
    page.out.push("        form.Add(");
    match field {
        Field::Text(text) => {
            page.out.push("new StringContent(");
            CSHARP.string(page.out, text);
            page.out.push("), ");
            CSHARP.string(page.out, name);
        }
        Field::File(path) => {
            file(page, path);
            page.out.push(", ");
            CSHARP.string(page.out, name);
            page.out.push(", ");
            CSHARP.string(page.out, file_name(path));
        }
    }
    page.out.push(");\n");
}
