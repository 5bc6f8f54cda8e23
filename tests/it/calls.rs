//! Requests for every target, run as they are printed, against a server that remembers what it was asked.

use std::process::{Command, Stdio};

use choreo_env::render::call::{Asked, Body, Field, Part, Request, Style, Target, Text, render};

use crate::support::clients;
use crate::support::server::{Answer, OddServer, Request as Got};

/// Values that mean something to a shell, to a program, to a language or to HTTP.
const HOSTILE: [&str; 34] = [
    "plain",
    "@/etc/passwd",
    "-x",
    "--data",
    "<file",
    "a b",
    "a&b=c",
    "+1",
    "100%",
    "%41%PATH%",
    "it's",
    "say \"hi\"",
    "$HOME",
    "${HOME}",
    "`id`",
    "$(id)",
    "back\\slash\\",
    "\\n\\u0041\\\\",
    "wow!",
    "^caret^",
    "caf\u{e9}",
    "\u{20ac}\u{65e5}\u{1f600}",
    "#x # y",
    "a;b, c",
    ":",
    "=x",
    ":=1",
    "{a,b}[1-3]",
    "{{HOME}}",
    "#{x} \\(x) %s %d",
    "~",
    "*?",
    "(a|b)<c>",
    "\\:\\=\\@\\;",
];

/// Each check as a test of its own, for each target that runs here.
macro_rules! targets {
    ($($name:ident $target:ident;)*) => {$(
        mod $name {
            use choreo_env::render::call::Target;

            #[test]
            fn hostile_paths_queries_and_headers_arrive_as_they_are() {
                super::paths_queries_and_headers(Target::$target);
            }

            #[test]
            fn hostile_credentials_and_forms_arrive_as_they_are() {
                super::credentials_and_forms(Target::$target);
            }

            #[test]
            fn methods_arrive_with_and_without_a_body() {
                super::methods(Target::$target);
            }

            #[test]
            fn hostile_bodies_arrive_as_they_are() {
                super::bodies(Target::$target);
            }

            #[test]
            fn files_are_read_when_the_request_is_run() {
                super::files(Target::$target);
            }

            #[test]
            fn variables_and_programs_are_filled_in_when_the_request_is_run() {
                super::variables_and_programs(Target::$target);
            }
        }
    )*};
}

targets! {
    curl Curl;
    httpie Httpie;
    xh Xh;
    wget Wget;
    http_file HttpFile;
    hurl Hurl;
    javascript Javascript;
    python Python;
    python_httpx PythonHttpx;
    go Go;
    java Java;
    rust Rust;
    csharp Csharp;
}

/// Runs the request as it is printed for the target, and gives what came in.
#[track_caller]
fn sent(server: &OddServer, target: Target, request: &Request, prepare: impl Fn(&mut Command)) -> Option<Got> {
    let text =
        render(request, target, Style::default()).unwrap_or_else(|error| panic!("{}: {error}", target.name())).text;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a file.txt"), "what the\nfile \"holds\"").unwrap();
    let _one_crate = clients::alone(target);
    let mut command = clients::runner(target, &text, folder.path())?;
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
    command.current_dir(folder.path()).stdin(Stdio::null()).env("LC_ALL", "C.UTF-8");
    prepare(&mut command);
    let before = server.count();
    let output = command.output().unwrap();
    let mut requests = server.requests();
    assert_eq!(requests.len(), before + 1, "{}: {output:?}\n{}", target.name(), *text);
    Some(requests.remove(before))
}

/// The C# of these tests is Mono's, which decodes what need not be encoded; .NET leaves it.
fn decoded(target: Target, path: &str) -> String {
    let pairs = [("%27", "'"), ("%28", "("), ("%29", ")"), ("%21", "!"), ("%3A", ":")];
    let pairs = if target == Target::Csharp { &pairs[..] } else { &[] };
    pairs.iter().fold(path.to_owned(), |path, (code, plain)| path.replace(code, plain))
}

/// Whether the target can say it.
fn says(target: Target, request: &Request) -> bool {
    render(request, target, Style::default()).is_ok()
}

fn server() -> OddServer {
    OddServer::always(Answer::json(200, "{\"answer\": true}"))
}

fn base(server: &OddServer) -> Request {
    Request { url: server.url("/api"), ..Request::default() }
}

#[track_caller]
fn paths_queries_and_headers(target: Target) {
    let server = server();
    let query = HOSTILE.iter().enumerate().map(|(at, value)| (format!("q{at}"), (*value).to_owned())).collect();
    let path = HOSTILE.iter().enumerate().map(|(at, value)| (format!("p{at}"), (*value).to_owned())).collect();
    let template = (0..HOSTILE.len()).fold(String::new(), |all, at| all + "/{p" + &at.to_string() + "}");
    let address = Asked { target: template, path, query, ..Asked::default() }.address().unwrap();
    {
        let header = |(at, value): (usize, &&str)| (format!("X-{at}"), Text::plain(*value));
        let one = |header: &(String, Text)| Request { headers: vec![header.clone()], ..base(&server) };
        let headers: Vec<_> =
            HOSTILE.iter().enumerate().map(header).filter(|header| says(target, &one(header))).collect();
        let request = Request { url: server.url(&address), headers: headers.clone(), ..Request::default() };
        let Some(got) = sent(&server, target, &request, |_| {}) else { return };
        assert_eq!(got.method, "GET", "{}", target.name());
        assert_eq!(decoded(target, &got.path), decoded(target, &address), "{}", target.name());
        for (name, value) in headers {
            let expected = value.parts().iter().map(|part| match part {
                Part::Plain(text) => text.as_str(),
                _ => "",
            });
            let expected: String = expected.collect();
            assert_eq!(got.header(&name.to_lowercase()), Some(&*expected), "{} {name}", target.name());
        }
    }
}

#[track_caller]
fn credentials_and_forms(target: Target) {
    use base64::Engine as _;
    let server = server();
    {
        let one = |value: &str| Request {
            user: Some((Text::plain("key"), Some(Part::Secret(value.into()).into()))),
            body: Body::Form(vec![(value.to_owned(), Text::plain(value))]),
            ..base(&server)
        };
        let said: Vec<&str> = HOSTILE.into_iter().filter(|value| says(target, &one(value))).collect();
        let password = said.concat();
        let fields = said.iter().map(|value| ((*value).to_owned(), Text::plain(*value)));
        let request = Request { body: Body::Form(fields.collect()), ..one(&password) };
        if !says(target, &request) {
            return;
        }
        let Some(got) = sent(&server, target, &request, |_| {}) else { return };
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("key:{password}"));
        assert_eq!(got.header("authorization"), Some(&*format!("Basic {basic}")), "{}", target.name());
        assert_eq!(
            got.header("content-type").map(|kind| kind.split(';').next().unwrap()),
            Some("application/x-www-form-urlencoded")
        );
        let expected: Vec<_> = said.iter().map(|value| ((*value).to_owned(), (*value).to_owned())).collect();
        assert_eq!(got.form(), expected, "{}", target.name());
        assert_eq!(got.method, "POST", "{}", target.name());
    }
}

/// Where every field can be an item of its own, and where one cannot.
#[test]
fn items_of_httpie_and_xh_are_never_taken_for_another_kind() {
    let server = server();
    let plain = HOSTILE.into_iter().filter(|value| !value.starts_with(['=', '@']) && !value.contains('\\'));
    for target in [Target::Httpie, Target::Xh] {
        for values in [plain.clone().collect::<Vec<_>>(), vec!["=x"], vec!["@/etc/passwd"], vec!["a\\=b"]] {
            let pairs = values.iter().enumerate().map(|(at, value)| (format!("f{at}"), (*value).to_owned()));
            let pairs: Vec<_> = pairs.collect();
            let fields = pairs.iter().map(|(name, value)| (name.clone(), Text::plain(value.clone()))).collect();
            let request = Request { body: Body::Form(fields), ..base(&server) };
            let text = render(&request, target, Style::default()).unwrap().text;
            assert_eq!(text.contains("--form"), values.len() > 1, "{}", *text);
            let Some(got) = sent(&server, target, &request, |_| {}) else { continue };
            assert_eq!(got.form(), pairs, "{}", target.name());
            let fields = pairs.iter().map(|(name, value)| (name.clone(), Field::Text(value.clone()))).collect();
            let request = Request { body: Body::Multipart(fields), ..base(&server) };
            assert_eq!(says(target, &request), values.len() > 1, "{values:?}");
        }
    }
}

#[test]
fn a_form_that_begins_like_a_flag_is_none() {
    let server = server();
    for target in [Target::Curl, Target::Httpie, Target::Xh, Target::Wget] {
        let fields = vec![("-R/A".to_owned(), Text::plain("-x")), ("b".to_owned(), Text::plain("--data"))];
        let Some(got) = sent(&server, target, &Request { body: Body::Form(fields), ..base(&server) }, |_| {}) else {
            continue;
        };
        assert_eq!(got.body, "-R%2FA=-x&b=--data", "{}", target.name());
    }
}

/// Whatever the value: for the targets whose processes start quickly.
#[test]
fn any_text_arrives_in_a_header_a_form_and_a_body() {
    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;
    let server = server();
    let value = prop_oneof!["[ -~]{1,20}", "['\"\\\\`$!%@:;&+#=<>{} -]{1,12}", "\\PC{1,10}"];
    // curl sends no field that has neither a name nor a value.
    let value = value.prop_map(|value| value.trim().to_owned()).prop_filter("it is empty", |value| !value.is_empty());
    let values = proptest::collection::vec(value, 12);
    for target in [Target::Curl, Target::Wget, Target::Javascript, Target::Python, Target::Xh, Target::Hurl] {
        let config = ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() };
        let outcome = TestRunner::new(config).run(&values, |values| {
            let header = |(at, value): (usize, &String)| (format!("x-{at}"), Text::plain(value.clone()));
            let headers: Vec<_> = values.iter().enumerate().map(header).collect();
            let said =
                |header: &(String, Text)| says(target, &Request { headers: vec![header.clone()], ..base(&server) });
            let headers: Vec<_> = headers.into_iter().filter(said).collect();
            let fields = values.iter().map(|value| (value.clone(), Text::plain(value.clone()))).collect();
            let request = Request { headers: headers.clone(), body: Body::Form(fields), ..base(&server) };
            let Some(got) = sent(&server, target, &request, |_| {}) else { return Ok(()) };
            for (name, value) in &headers {
                let Part::Plain(value) = &value.parts()[0] else { continue };
                prop_assert_eq!(got.header(name), Some(value.as_str()), "{}", target.name());
            }
            let mut pairs: Vec<_> = values.iter().map(|value| (value.clone(), value.clone())).collect();
            let mut form = got.form();
            // A dictionary brings fields of the same name together.
            if target == Target::Python {
                form.sort();
                pairs.sort();
            }
            prop_assert_eq!(form, pairs, "{}", target.name());
            let body = values.join("\n");
            let request = Request { body: Body::Text(body.clone()), ..base(&server) };
            let Some(got) = sent(&server, target, &request, |_| {}) else { return Ok(()) };
            prop_assert_eq!(got.body, body, "{}", target.name());
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{}: {error}", target.name()));
    }
}

#[track_caller]
fn methods(target: Target) {
    let server = server();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"] {
        for body in [None, Some("")] {
            let body = body.map_or(Body::Empty, |text: &str| Body::Text(text.into()));
            let request = Request { method: Some(method.into()), body, ..base(&server) };
            if matches!(request.body, Body::Empty) || (says(target, &request) && method == "POST") {
                let Some(got) = sent(&server, target, &request, |_| {}) else { return };
                assert_eq!((&*got.method, &*got.path, &*got.body), (method, "/api", ""), "{}", target.name());
            }
        }
    }
}

#[track_caller]
fn bodies(target: Target) {
    let server = server();
    let json = serde_json::to_string_pretty(&HOSTILE[..]).unwrap();
    let bodies =
        [json.as_str(), "@file", "-x", "{\"a\": \"it's\"}", &HOSTILE.concat(), "line one\nline 'two'\n\tthree \\"];
    {
        for body in bodies {
            let request = Request {
                method: Some("PUT".into()),
                headers: vec![("Content-Type".into(), Text::plain("text/x-odd"))],
                body: Body::Text(body.to_owned()),
                ..base(&server)
            };
            if !says(target, &request) {
                continue;
            }
            let Some(got) = sent(&server, target, &request, |_| {}) else { return };
            assert_eq!(got.body, body, "{}", target.name());
            assert_eq!(got.method, "PUT", "{}", target.name());
            let kind = got.header("content-type").map(|kind| kind.split(';').next().unwrap());
            assert_eq!(kind, Some("text/x-odd"), "{}", target.name());
        }
    }
}

#[track_caller]
fn files(target: Target) {
    let server = server();
    {
        let file = Request { body: Body::File("a file.txt".into()), ..base(&server) };
        let file = Request { headers: vec![("Content-Type".into(), Text::plain("text/plain"))], ..file };
        let Some(got) = sent(&server, target, &file, |_| {}) else { return };
        assert_eq!(got.body, "what the\nfile \"holds\"", "{}", target.name());
        let fields = vec![
            ("photo".into(), Field::File("a file.txt".into())),
            ("note".into(), Field::Text("it's \"$1\"".into())),
        ];
        let form = Request { body: Body::Multipart(fields), ..base(&server) };
        if !says(target, &form) {
            return;
        }
        let Some(got) = sent(&server, target, &form, |_| {}) else { return };
        for piece in
            ["name=\"photo\"", "filename=\"a file.txt\"", "what the\nfile \"holds\"", "name=\"note\"", "it's \"$1\""]
        {
            let plain = got.body.replace("name=photo", "name=\"photo\"").replace("name=note", "name=\"note\"");
            assert!(plain.contains(piece), "{} {piece}\n{}", target.name(), got.body);
        }
    }
}

#[track_caller]
fn variables_and_programs(target: Target) {
    let server = server();
    let late = |part: Part| Text::new([Part::Plain("Bearer ".into()), part]);
    {
        let command = ["printf", "%s\n", "it's-printed"].map(str::to_owned).to_vec();
        let request = Request {
            headers: vec![
                ("X-Variable".into(), late(Part::Variable("A_TOKEN".into()))),
                ("X-Output".into(), late(Part::Output { command, variable: "A_TOKEN".into() })),
            ],
            user: Some((Text::plain("key"), Some(Part::Variable("A_SECRET".into()).into()))),
            body: Body::Form(vec![("client_secret".into(), Part::Variable("A_SECRET".into()).into())]),
            ..base(&server)
        };
        let prepare = |command: &mut Command| {
            for (name, value) in [("A_TOKEN", "t0ken"), ("A_SECRET", "s3cret")] {
                command.env(name, value).env(format!("HURL_VARIABLE_{name}"), value);
            }
        };
        let Some(got) = sent(&server, target, &request, prepare) else { return };
        assert_eq!(got.header("x-variable"), Some("Bearer t0ken"), "{}", target.name());
        let output = got.header("x-output");
        assert!(
            output == Some("Bearer it's-printed") || output == Some("Bearer t0ken"),
            "{} {output:?}",
            target.name()
        );
        assert_eq!(got.header("authorization"), Some("Basic a2V5OnMzY3JldA=="), "{}", target.name());
        assert_eq!(got.form(), [("client_secret".to_owned(), "s3cret".to_owned())], "{}", target.name());
    }
}
