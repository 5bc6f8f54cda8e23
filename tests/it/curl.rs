//! Printed cURL commands, run as printed, against a server that remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use choreo_env::render::call::{Body, Part, Request as Call, Style, Target, Text, render};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::support::tools::find;

/// Values that mean something to curl or to a shell.
const KNOWN: [&str; 26] = [
    "@/etc/passwd",
    "-x",
    "--data",
    "<file",
    "a b",
    "a&b=c",
    "+1",
    "100%",
    "%41",
    "it's",
    "say \"hi\"",
    "$HOME",
    "`id`",
    "$(id)",
    "back\\slash\\",
    "wow!",
    "!!",
    "é€😀",
    "#x",
    "a;b",
    ":",
    "=",
    "{a,b}[1-3]",
    "~",
    "*",
    "\\n",
];

/// A request as it arrived.
#[derive(Debug)]
struct Request {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }

    fn read(stream: &TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut line = || {
            let mut bytes = Vec::new();
            reader.read_until(b'\n', &mut bytes).expect("a line");
            String::from_utf8(bytes).expect("Unicode").trim_end_matches(['\r', '\n']).to_owned()
        };
        let first = line();
        let header = |line: String| {
            let (name, value) = line.split_once(':').expect("a header");
            (name.to_owned(), value.trim_matches(' ').to_owned())
        };
        let headers = std::iter::from_fn(|| Some(line()).filter(|line| !line.is_empty())).map(header).collect();
        let mut request = Self { line: first, headers, body: String::new() };
        let length: u64 = request.header("Content-Length").map_or(0, |value| value.parse().expect("a length"));
        reader.take(length).read_to_string(&mut request.body).expect("a body");
        request
    }
}

/// A server on loopback, on a free port.
struct Server(TcpListener);

impl Server {
    fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").expect("a free port"))
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.0.local_addr().expect("an address"))
    }

    /// Runs a program that makes one request, and gives that request.
    fn asked_by(&self, command: &mut Command) -> Request {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let requests = scope.spawn(|| self.answer_until(&over));
            let output = command.stdin(Stdio::null()).output().expect("the program starts");
            over.store(true, Ordering::SeqCst);
            TcpStream::connect(self.0.local_addr().expect("an address")).expect("the server still listens"); // wakes it
            let mut requests = requests.join().expect("requests that can be read");
            assert_eq!(requests.len(), 1, "{output:?}");
            requests.remove(0)
        })
    }

    fn answer_until(&self, over: &AtomicBool) -> Vec<Request> {
        let mut requests = Vec::new();
        loop {
            let (mut stream, _) = self.0.accept().expect("a connection");
            if over.load(Ordering::SeqCst) {
                return requests;
            }
            requests.push(Request::read(&stream));
            stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").expect("an answer");
        }
    }
}

/// A shell that knows nothing of this user's proxies and `.curlrc`.
fn shell(program: &str, script: &str) -> Option<Command> {
    find("curl")?;
    let mut command = Command::new(find(program)?);
    command.env_clear().env("PATH", std::env::var_os("PATH").expect("PATH")).env("HOME", "/nonexistent");
    command.env("LC_ALL", "C.UTF-8").arg("-c").arg(script);
    Some(command)
}

fn written(call: &Call) -> String {
    render(call, Target::Curl, Style::default()).expect("expressible").text.to_string()
}

/// Values as secrets are, without blanks around them, which HTTP takes from a header's value.
fn value() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        "[ -~]{1,20}",
        "\\PC{1,10}",
        "['\"\\\\`$!%@:;&+#=<> -]{1,12}",
        proptest::sample::select(&KNOWN[..]).prop_map(str::to_owned),
    ];
    value.prop_map(|value| value.trim().to_owned()).prop_filter("blank", |value| !value.is_empty())
}

fn for_values(cases: u32, count: usize, test: impl Fn(Vec<String>)) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&proptest::collection::vec(value(), count), |values| {
        test(values);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn hostile_credentials_fields_and_headers_arrive_as_they_are() {
    let server = Server::start();
    for (program, cases) in [("bash", 40), ("zsh", 10), ("dash", 10), ("mksh", 10), ("fish", 20)] {
        for_values(cases, 16, |values| {
            let (names, values) = values.split_at(4);
            let user = values[0].replace(':', "");
            let call = Call {
                url: server.url("/oauth2/token"),
                user: Some((
                    Part::Secret(user.clone().into()).into(),
                    Some(Part::Secret(values[1].clone().into()).into()),
                )),
                headers: (2..6).map(|at| (format!("X-{at}"), Text::plain(values[at].clone()))).collect(),
                body: Body::Form(
                    names.iter().zip(&values[6..]).map(|(n, v)| (n.clone(), Text::plain(v.clone()))).collect(),
                ),
                ..Call::default()
            };
            let Some(mut command) = shell(program, &written(&call)) else { return };
            let request = server.asked_by(&mut command);
            assert_eq!(request.line, "POST /oauth2/token HTTP/1.1");
            let basic = STANDARD.encode(format!("{user}:{}", values[1]));
            assert_eq!(request.header("Authorization"), Some(&*format!("Basic {basic}")));
            for (at, value) in values.iter().enumerate().take(6).skip(2) {
                assert_eq!(request.header(&format!("X-{at}")), Some(&**value));
            }
            let fields: Vec<_> = names.iter().cloned().zip(values[6..].iter().cloned()).collect();
            assert_eq!(request.form(), fields);
        });
    }
}

#[test]
fn variables_and_outputs_are_filled_in_and_what_stands_beside_them_is_not() {
    let server = Server::start();
    for_values(30, 3, |values| {
        let [before, filled, after] = <[String; 3]>::try_from(values).expect("three");
        let around = |part: Part| Text::new([Part::Plain(before.clone()), part, Part::Plain(after.clone())]);
        let output = ["printf", "%s", &filled].map(str::to_owned);
        let call = Call {
            url: server.url("/pets"),
            headers: vec![
                ("X-Variable".into(), around(Part::Variable("FILLED".into()))),
                ("X-Output".into(), around(Part::Output { command: output.into(), variable: "X".into() })),
                ("X-End".into(), Text::new([Part::Plain("Bearer ".into()), Part::Variable("FILLED".into())])),
            ],
            body: Body::Form(vec![("field".into(), around(Part::Variable("FILLED".into())))]),
            ..Call::default()
        };
        // fish 3.6 looks for variables in the single quotes that follow a `"$(…)"`; no request of ours has any there.
        let programs = if after.contains('$') { &["bash"][..] } else { &["bash", "zsh", "fish"] };
        for program in programs {
            let Some(mut command) = shell(program, &written(&call)) else { continue };
            let request = server.asked_by(command.env("FILLED", &filled));
            let whole = format!("{before}{filled}{after}");
            assert_eq!(request.header("X-Variable"), Some(&*whole), "{program}");
            assert_eq!(request.header("X-Output"), Some(&*whole), "{program}");
            assert_eq!(request.header("X-End"), Some(&*format!("Bearer {filled}")), "{program}");
            assert_eq!(request.form(), [("field".to_owned(), whole)], "{program}");
        }
    });
}

#[test]
fn methods_addresses_and_empty_values_arrive() {
    let server = Server::start();
    let path = "/a{b,c}[1-3]/it's/$HOME/%20!!/~'\"`x`?q=*&r=(1);s#";
    for method in ["GET", "DELETE", "HEAD", "OPTIONS", "POST"] {
        let call = Call {
            method: Some(method.into()),
            url: server.url(path),
            headers: vec![("X-Empty".into(), Text::plain("")), ("X-Semicolon".into(), Text::plain(";"))],
            ..Call::default()
        };
        let Some(mut command) = shell("bash", &written(&call)) else { return };
        let request = server.asked_by(&mut command);
        assert_eq!(request.line, format!("{method} {} HTTP/1.1", path.trim_end_matches('#')));
        assert_eq!(request.header("X-Empty"), Some(""));
        assert_eq!(request.header("X-Semicolon"), Some(";"));
    }
}

#[test]
fn a_proxy_is_asked_instead() {
    let server = Server::start();
    let call = Call {
        url: "http://api.example/pets".into(),
        proxy: Some(server.url("/")),
        insecure: true,
        ca_file: Some("/nonexistent/it's a.pem".into()),
        ..Call::default()
    };
    let Some(mut command) = shell("bash", &written(&call)) else { return };
    let request = server.asked_by(&mut command);
    assert_eq!(request.line, "GET http://api.example/pets HTTP/1.1");
}

/// History expansion acts on what is typed or pasted, and knows only its own idea of quotes.
#[test]
fn a_command_pasted_into_an_interactive_shell_is_not_changed_by_its_history() {
    for (program, args) in [("bash", ["--norc", "--noprofile", "-i"]), ("zsh", ["-f", "-o", "interactive"])] {
        let Some(path) = find(program) else { continue };
        for_values(25, 4, |values| {
            let mixed = |part| Text::new([Part::Plain(values[0].clone()), part, Part::Plain(values[1].clone())]);
            let nested = ["printf", "%s", &values[3]].map(str::to_owned);
            let call = Call {
                url: "u".into(),
                headers: vec![
                    ("a".into(), mixed(Part::Variable("FILLED".into()))),
                    ("b".into(), mixed(Part::Output { command: nested.into(), variable: "X".into() })),
                    ("c".into(), Text::plain(values[2].clone())),
                ],
                ..Call::default()
            };
            let script = format!("curl() {{ printf '%s\\0' \"$@\" >&3; }}\n{}", written(&call));
            let mut child = Command::new("sh");
            child.args(["-c", "exec 3>&1 >/dev/null 2>&1; exec \"$0\" \"$@\""]).arg(&path).args(args);
            child.env("FILLED", "v!v").env("LC_ALL", "C.UTF-8").env("HISTFILE", "").env("HOME", "/nonexistent");
            let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the shell starts");
            child.stdin.take().expect("piped").write_all(script.as_bytes()).expect("the shell reads");
            let output = child.wait_with_output().expect("the shell ends");
            let [before, after] = [&values[0], &values[1]];
            let expected = format!(
                "u\0--header\0a: {before}v!v{after}\0--header\0b: {before}{}{after}\0--header\0c: {}\0",
                values[3], values[2]
            );
            assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{program}");
        });
    }
}
