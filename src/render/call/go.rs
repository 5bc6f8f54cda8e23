//! Go, with its own library.
//!
//! Owns what `net/http` wants. Never sets what the surroundings of a program decide: proxies, certificates. Gives a
//! whole program.

use super::code::{Language, form};
use super::{Body, Page, Part, Request, Text};
use crate::render::RenderError;
use crate::render::literal::Escape;

const GO: Language = Language {
    escape: Escape::Long,
    variable: ("os.Getenv(", ")"),
    output: ("output(", ", ", ")"),
    join: "+",
    encode: ("url.QueryEscape(", ")"),
};

/// Runs a program for a value.
const OUTPUT: &str = "
func output(program string, arguments ...string) string {
	printed, err := exec.Command(program, arguments...).Output()
	if err != nil {
		log.Fatal(err)
	}
	return strings.TrimSpace(string(printed))
}
";

/// Writes a request as a program.
pub(super) fn write(page: &mut Page, request: &Request) -> Result<(), RenderError> {
    if matches!(request.body, Body::Multipart(_)) {
        return Err(page.refuse("a form with files"));
    }
    page.leave_out_connection(request, "Go reads SSL_CERT_FILE, HTTP_PROXY and HTTPS_PROXY");
    let runs = has(request, |part| matches!(part, Part::Output { .. }));
    imports(page, request, runs);
    page.out.push("func main() {\n");
    if let Body::File(path) = &request.body {
        page.out.push("\tbody, err := os.ReadFile(");
        GO.string(page.out, path);
        page.out.push(")\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n");
    }
    page.out.push("\trequest, err := http.NewRequest(");
    GO.string(page.out, request.method());
    page.out.push(", ");
    GO.string(page.out, &request.url);
    page.out.push(", ");
    body(page, &request.body);
    page.out.push(")\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n");
    headers(page, request);
    page.out.push(
        "\tresponse, err := http.DefaultClient.Do(request)\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\
         \tdefer response.Body.Close()\n\tif _, err := io.Copy(os.Stdout, response.Body); err != nil {\n\
         \t\tlog.Fatal(err)\n\t}\n}\n",
    );
    if runs {
        page.out.push(OUTPUT);
    }
    Ok(())
}

fn has(request: &Request, wanted: fn(&Part) -> bool) -> bool {
    request.texts().flat_map(Text::parts).any(wanted)
}

fn imports(page: &mut Page, request: &Request, runs: bool) {
    let encodes = matches!(&request.body, Body::Form(fields) if fields.iter().any(|(_, value)| value.is_late()));
    let needed = [
        ("bytes", matches!(request.body, Body::File(_))),
        ("io", true),
        ("log", true),
        ("net/http", true),
        ("net/url", encodes),
        ("os", true),
        ("os/exec", runs),
        ("strings", runs || matches!(request.body, Body::Form(_) | Body::Text(_))),
    ];
    page.out.push("package main\n\nimport (\n");
    for (name, _) in needed.iter().filter(|(_, needed)| *needed) {
        page.out.push_all(&["\t\"", name, "\"\n"]);
    }
    page.out.push(")\n\n");
}

fn body(page: &mut Page, body: &Body) {
    match body {
        Body::Form(fields) => {
            page.out.push("strings.NewReader(");
            GO.encoded(page.out, &form(fields));
            page.out.push(")");
        }
        Body::Text(text) => {
            page.out.push("strings.NewReader(");
            GO.string(page.out, text);
            page.out.push(")");
        }
        Body::File(_) => page.out.push("bytes.NewReader(body)"),
        Body::Empty | Body::Multipart(_) => page.out.push("nil"),
    }
}

fn headers(page: &mut Page, request: &Request) {
    if let Some((user, password)) = &request.user {
        page.out.push("\trequest.SetBasicAuth(");
        GO.expression(page.out, user);
        page.out.push(", ");
        GO.expression(page.out, password.as_ref().unwrap_or(&Text::default()));
        page.out.push(")\n");
    }
    if matches!(request.body, Body::Form(_)) {
        page.out.push("\trequest.Header.Set(\"Content-Type\", \"application/x-www-form-urlencoded\")\n");
    }
    for (name, value) in &request.headers {
        // The library takes the host from elsewhere.
        if name.eq_ignore_ascii_case("host") {
            page.out.push("\trequest.Host = ");
        } else {
            page.out.push("\trequest.Header.Add(");
            GO.string(page.out, name);
            page.out.push(", ");
        }
        GO.expression(page.out, value);
        page.out.push(if name.eq_ignore_ascii_case("host") { "\n" } else { ")\n" });
    }
}
