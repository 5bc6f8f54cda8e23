//! Bad answers, one by one: a status, a clear error with a hint, code that fails the evaluation, and a cache that
//! holds nothing of it, so that the next good answer is all it takes.

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use flate2::write::GzEncoder;

use crate::support::command::{Run, ends, fine};
use crate::support::oidc::Oidc;
use crate::support::server::{Answer, OddServer};
use crate::support::tls::Authority;
use crate::support::toml::{KEY, SECRET, profile, profile_with};
use crate::support::world::World;

const GOOD: &str = "good-token";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";

/// A server that answers oddly until it is mended, and a profile for it.
struct Patient {
    world: World,
    server: OddServer,
    mended: Arc<AtomicBool>,
}

impl Patient {
    fn new(answer: Answer) -> Self {
        Self::with(answer, "timeout = \"10s\"")
    }

    fn with(answer: Answer, lines: &str) -> Self {
        let mended = Arc::new(AtomicBool::new(false));
        let server = OddServer::start({
            let mended = Arc::clone(&mended);
            move |_, _| if mended.load(Ordering::SeqCst) { Answer::token(GOOD, 900) } else { answer.clone() }
        });
        Self { world: World::with(profile("dev", &server.url("/token"), lines)), server, mended }
    }

    /// Nothing but failing code on stdout, that status, and those pieces of the error; then a good answer heals it.
    #[track_caller]
    fn fails<const N: usize>(self, status: i32, pieces: [&str; N]) {
        let run = self.world.choreo_env(["dev", "--shell", "sh"]).run();
        assert!(run.stdout.starts_with("unset ") && run.stdout.ends_with(";\nfalse;\n"), "{run}");
        assert!(run.stdout.lines().count() == 2 && !run.stdout.contains('='), "partial output\n{run}");
        printable(&run);
        let run = run.assert(&ends(status).stdout_has(["unset "]).stderr_has(["error: profile `dev`"]));
        for piece in pieces {
            assert!(run.stderr.contains(piece), "no {piece:?} in the error\n{run}");
        }
        // Of a connection that breaks for no reason that is known, there is nothing to advise.
        assert!(run.stderr.contains("\nhint: ") || run.stderr.contains("the connection failed: "), "{run}");
        self.heals();
    }

    /// The answer is a token all the same.
    #[track_caller]
    fn gives(self, token: &str) -> Self {
        let run = self.world.choreo_env(["token", "dev"]).run();
        run.assert(&fine().stdout(format!("{token}\n")));
        self
    }

    #[track_caller]
    fn heals(self) {
        self.mended.store(true, Ordering::SeqCst);
        let run = self.world.choreo_env(["token", "dev"]).run();
        run.assert(&fine().stdout(format!("{GOOD}\n")));
    }
}

/// Nothing that a server said reaches the terminal as a control character.
#[track_caller]
fn printable(run: &Run) {
    let control = run.stderr.chars().find(|character| character.is_control() && *character != '\n');
    assert_eq!(control, None, "{run}");
}

fn token_answer(token_in_json: &str) -> Answer {
    Answer::json(200, &format!(r#"{{"access_token":{token_in_json},"token_type":"Bearer","expires_in":900}}"#))
}

// Answers that are no token.

#[test]
fn a_web_page_instead_of_json_is_named_as_one() {
    let page = "<!DOCTYPE html><html><title>Sign in</title>\u{1b}[2J</html>";
    Patient::new(Answer::http(200, &["Content-Type: text/html"], page)).fails(6, ["web page"]);
}

#[test]
fn json_that_ends_in_the_middle_is_refused() {
    Patient::new(Answer::json(200, r#"{"access_token":"half"#)).fails(6, ["JSON"]);
}

#[test]
fn a_body_that_is_shorter_than_announced_is_no_token() {
    let cut = format!("{OK}Content-Length: 500\r\n\r\n{{\"access_token\":\"cut\",\"expires_in\":900}}");
    Patient::with(Answer::raw(cut), "timeout = \"2s\"").fails(7, []);
}

#[test]
fn an_empty_answer_is_no_token() {
    Patient::new(Answer::json(200, "")).fails(6, []);
}

#[test]
fn an_answer_without_a_token_is_refused() {
    Patient::new(Answer::json(200, r#"{"token":"x"}"#)).fails(6, ["access_token"]);
}

#[test]
fn json_of_another_shape_is_refused() {
    for body in ["[]", "null", "\"token\"", "17", r#"{"access_token":17}"#, r#"{"access_token":["a"]}"#] {
        Patient::new(Answer::json(200, body)).fails(6, []);
    }
}

#[test]
fn json_that_is_very_deep_is_refused_without_a_crash() {
    Patient::new(Answer::json(200, &"[".repeat(200_000))).fails(6, []);
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let body = b"{\"access_token\":\"\xff\xfe\"}";
    let head = format!("{OK}Content-Length: {}\r\n\r\n", body.len());
    Patient::new(Answer::raw(head).then(&body[..])).fails(6, []);
}

#[test]
fn something_that_is_not_http_is_no_token() {
    Patient::with(Answer::raw("SSH-2.0-OpenSSH_9.2\r\n"), "timeout = \"2s\"").fails(7, []);
}

// Tokens that are none.

#[test]
fn a_token_with_a_newline_is_refused() {
    Patient::new(token_answer(r#""a\nfalse; rm -rf x""#)).fails(6, ["token"]);
}

#[test]
fn tokens_with_control_characters_are_refused() {
    for token in [r#""a\u0000b""#, r#""a\u001b[31mb""#, r#""a\rb""#, r#""a\tb""#, r#""a\u007fb""#, r#""a\u009bb""#] {
        Patient::new(token_answer(token)).fails(6, ["token"]);
    }
}

#[test]
fn tokens_beyond_ascii_and_empty_ones_are_refused() {
    for token in [r#""é""#, r#""\u202eb""#, r#""""#, r#""\ud83d\ude00""#] {
        Patient::new(token_answer(token)).fails(6, ["token"]);
    }
}

#[test]
fn a_token_of_odd_but_legal_characters_arrives_as_it_is() {
    Patient::new(token_answer(r#""'\"\\ $(id) `id` !*?[a]~#;""#)).gives(r#"'"\ $(id) `id` !*?[a]~#;"#);
}

// Too much, too slow, elsewhere.

#[test]
fn an_endless_body_is_cut_off() {
    let endless = Answer::raw(format!("{OK}\r\n{{\"access_token\":\"")).then_endlessly("a".repeat(8192));
    let begin = Instant::now();
    Patient::new(endless).fails(6, ["1 MiB"]);
    assert!(begin.elapsed() < Duration::from_secs(9), "cut off by its size, not by the time-out");
}

#[test]
fn endless_headers_are_cut_off() {
    let endless = Answer::raw("HTTP/1.1 200 OK\r\n").then_endlessly("X-Header: aaaaaaaaaaaaaaaaaaaa\r\n".repeat(50));
    Patient::with(endless, "timeout = \"3s\"").fails(7, []);
}

#[test]
fn a_slow_body_ends_at_the_time_out() {
    let mut slow = Answer::raw(format!("{OK}Content-Length: 1000\r\n\r\n"));
    for _ in 0..100 {
        slow = slow.then(" ").then_pause(Duration::from_millis(50));
    }
    let begin = Instant::now();
    Patient::with(slow, "timeout = \"1s\"").fails(7, ["1s"]);
    assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
}

#[test]
fn a_server_that_says_nothing_ends_at_the_time_out() {
    let begin = Instant::now();
    Patient::with(Answer::nothing().then_silence(), "timeout = \"1s\"").fails(7, ["1s"]);
    assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
}

#[test]
fn a_redirect_is_not_followed_and_its_target_is_named() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = OddServer::always(Answer::token("of another host", 900));
        let location = format!("Location: {}", elsewhere.url("/steal?secret"));
        let redirect = Answer::http(status, &[&location], "");
        Patient::new(redirect).fails(6, [&elsewhere.url(""), "redirect"]);
        assert_eq!(elsewhere.count(), 0);
    }
}

#[test]
fn a_server_that_hangs_up_is_retried_and_then_named() {
    let patient = Patient::with(Answer::nothing(), "timeout = \"2s\"");
    let run = patient.world.choreo_env(["token", "dev"]).run();
    let run = run.assert(&ends(7).stderr_has(["error: profile `dev`", "127.0.0.1:[PORT]"]));
    assert!(patient.server.count() > 1, "asked {} times\n{run}", patient.server.count());
    patient.heals();
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let world = World::with(profile("dev", &format!("http://{address}/token"), "timeout = \"1s\""));
    let run = world.choreo_env(["token", "dev"]).run();
    run.assert(&ends(7).stderr_has(["error: profile `dev`", "127.0.0.1:[PORT]", "\nhint: "]));
}

#[test]
fn a_host_that_does_not_exist_is_named() {
    let world = World::with(profile("dev", "https://no-such-host.invalid/token", "timeout = \"2s\""));
    let run = world.choreo_env(["token", "dev"]).run();
    run.assert(&ends(7).stderr_has(["error: profile `dev`", "no-such-host.invalid", "\nhint: "]));
}

// Refusals.

#[test]
fn a_wrong_secret_is_told_with_where_it_came_from_and_how_it_was_sent() {
    let Some(server) = Oidc::start(KEY, SECRET) else { return };
    let world = World::with(profile_with("dev", &server.token_url(), "{ env = \"MY_SECRET\" }", ""));
    let run = world.choreo_env(["token", "dev"]).env("MY_SECRET", "wr0ng").run();
    let run = run.assert(&ends(6).stderr_has(["error: profile `dev`", "invalid_client", "\nhint: "]));
    assert!(run.stderr.contains("MY_SECRET") && run.stderr.contains("client_secret_basic"), "{run}");
    assert!(!run.stderr.contains("wr0ng"), "{run}");
    assert_eq!(server.count(), 1, "a refusal is not retried");
    let run = world.choreo_env(["token", "dev"]).env("MY_SECRET", SECRET).run();
    assert_eq!(run.status, Some(0), "{run}");
}

#[test]
fn a_scope_that_the_client_may_not_have_is_told() {
    let server = OddServer::always(Answer::json(400, r#"{"error":"invalid_scope"}"#));
    let world = World::with(profile("dev", &server.url("/token"), "scopes = [\"admin:all\"]"));
    let run = world.choreo_env(["token", "dev"]).run();
    run.assert(&ends(6).stderr_has(["error: profile `dev`", "invalid_scope", "\nhint: ", "admin:all"]));
}

#[test]
fn what_a_server_says_reaches_the_terminal_without_control_characters() {
    let body = r#"{"error":"invalid_\u001b[31mclient","error_description":"no\u0007 \u001b]0;x\u0007such\r\nhint: run rm\u009b2J\u202e client"}"#;
    Patient::new(Answer::json(401, body)).fails(6, ["such"]);
    let patient = Patient::new(Answer::json(401, body));
    let run = patient.world.choreo_env(["token", "dev"]).run();
    let hints = run.stderr.lines().filter(|line| line.starts_with("hint: run rm"));
    assert_eq!(hints.count(), 0, "a server cannot write a hint of its own\n{run}");
    assert!(!run.stderr.contains('\u{202e}'), "nor turn the text around\n{run}");
}

#[test]
fn an_error_with_status_200_is_an_error() {
    let body = r#"{"error":"invalid_client","error_description":"unknown application"}"#;
    Patient::new(Answer::json(200, body)).fails(6, ["invalid_client", "unknown application"]);
}

#[test]
fn a_refusal_without_a_body_is_told_by_its_status() {
    Patient::new(Answer::http(403, &[], "")).fails(6, ["403"]);
}

#[test]
fn a_refusal_in_html_is_told_by_its_status() {
    Patient::new(Answer::http(404, &["Content-Type: text/html"], "<html>not here</html>")).fails(6, ["404"]);
}

// What passes, or is tried again.

#[test]
fn a_server_that_is_busy_once_is_asked_again() {
    for busy in [
        Answer::http(503, &[], "busy"),
        Answer::http(429, &["Retry-After: 1"], ""),
        Answer::http(500, &[], ""),
        Answer::nothing(),
    ] {
        let server =
            OddServer::start(move |_, before| if before == 0 { busy.clone() } else { Answer::token(GOOD, 900) });
        let world = World::with(profile("dev", &server.url("/token"), ""));
        world.choreo_env(["token", "dev"]).run().assert(&fine().stdout(format!("{GOOD}\n")));
        assert_eq!(server.count(), 2);
    }
}

#[test]
fn retry_after_is_respected() {
    let busy = Answer::http(429, &["Retry-After: 1"], "");
    let server = OddServer::start(move |_, before| if before == 0 { busy.clone() } else { Answer::token(GOOD, 900) });
    let world = World::with(profile("dev", &server.url("/token"), ""));
    let begin = Instant::now();
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout(format!("{GOOD}\n")));
    assert!(begin.elapsed() >= Duration::from_secs(1), "{:?}", begin.elapsed());
}

#[test]
fn a_retry_after_beyond_the_time_out_is_not_waited_for() {
    let begin = Instant::now();
    let patient = Patient::with(Answer::http(429, &["Retry-After: 3600"], ""), "timeout = \"3s\"");
    let run = patient.world.choreo_env(["token", "dev"]).run();
    assert!(matches!(run.status, Some(6 | 7)), "{run}");
    assert!(run.stderr.contains("429") && run.stderr.contains("\nhint: "), "{run}");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    patient.heals();
}

#[test]
fn a_server_that_stays_busy_is_not_asked_beyond_the_time_out() {
    let begin = Instant::now();
    let patient = Patient::with(Answer::http(503, &[], ""), "timeout = \"2s\"");
    let run = patient.world.choreo_env(["token", "dev"]).run();
    assert!(matches!(run.status, Some(6 | 7)), "{run}");
    assert!(run.stderr.contains("503") && run.stderr.contains("\nhint: "), "{run}");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    assert!((2..50).contains(&patient.server.count()), "asked {} times", patient.server.count());
    patient.heals();
}

#[test]
fn a_lifetime_as_text_is_a_lifetime() {
    let body = r#"{"access_token":"t","token_type":"bearer","expires_in":"900"}"#;
    let patient = Patient::new(Answer::http(200, &["Content-Type: text/plain"], body)).gives("t");
    let patient = patient.gives("t");
    assert_eq!(patient.server.count(), 1, "it is cached");
}

#[test]
fn a_token_of_unknown_lifetime_is_given_and_not_cached() {
    for expiry in ["", r#","expires_in":null"#, r#","expires_in":"soon""#, r#","expires_in":-5"#, r#","expires_in":0"#]
    {
        let body = format!(r#"{{"access_token":"opaque","token_type":"Bearer"{expiry}}}"#);
        let patient = Patient::new(Answer::json(200, &body));
        for _ in 0..2 {
            let run = patient.world.choreo_env(["token", "dev"]).run();
            run.assert(&fine().stdout("opaque\n").stderr_has([]));
        }
        assert_eq!(patient.server.count(), 2, "not cached: {expiry}");
    }
}

#[test]
fn a_lifetime_beyond_all_measure_does_no_harm() {
    for expiry in ["99999999999999999999999", "1e300", "18446744073709551615", "\"9223372036854775807\""] {
        let body = format!(r#"{{"access_token":"long","token_type":"Bearer","expires_in":{expiry}}}"#);
        let patient = Patient::new(Answer::json(200, &body));
        let run = patient.world.choreo_env(["token", "dev"]).run();
        assert_eq!((run.status, run.stdout.as_str()), (Some(0), "long\n"), "{expiry}\n{run}");
    }
}

#[test]
fn interim_answers_and_chunks_are_http() {
    let body = r#"{"access_token":"chunked","expires_in":900}"#;
    let chunked = format!(
        "HTTP/1.1 103 Early Hints\r\n\r\n{OK}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    Patient::new(Answer::raw(chunked)).gives("chunked");
}

#[test]
fn a_lifetime_with_a_fraction_is_a_lifetime() {
    for expiry in ["900.75", "9e2", "\" 900.0 \""] {
        let body = format!(r#"{{"access_token":"t","expires_in":{expiry}}}"#);
        let patient = Patient::new(Answer::json(200, &body)).gives("t").gives("t");
        assert_eq!(patient.server.count(), 1, "it is cached: {expiry}");
    }
}

#[test]
fn a_token_type_is_bearer_in_any_case_or_left_out() {
    for kind in [r#","token_type":"BEARER""#, r#","token_type":"bearer""#, r#","token_type":"bEaReR ""#, ""] {
        let body = format!(r#"{{"access_token":"t"{kind},"expires_in":900}}"#);
        Patient::new(Answer::json(200, &body)).gives("t");
    }
    for kind in [r#","token_type":null"#, r#","token_type":"""#] {
        let body = format!(r#"{{"access_token":"t"{kind},"expires_in":900}}"#);
        Patient::new(Answer::json(200, &body)).gives("t");
    }
}

#[test]
fn a_token_of_a_type_that_cannot_be_used_is_refused_by_its_name() {
    for (kind, name) in [("\"DPoP\"", "`DPoP`"), ("\"mac\\u001b[2J\"", "`mac[2J`"), ("7", "unknown form")] {
        let body = format!(r#"{{"access_token":"t","token_type":{kind},"expires_in":900}}"#);
        Patient::new(Answer::json(200, &body)).fails(6, [name, "Bearer"]);
    }
}

#[test]
fn the_content_type_of_a_token_does_not_matter() {
    let body = r#"{"access_token":"t","expires_in":900}"#;
    for kind in ["text/html; charset=utf-8", "application/jwt", "application/octet-stream", "nonsense", "text/plain"] {
        Patient::new(Answer::http(200, &[&format!("Content-Type: {kind}")], body)).gives("t");
    }
    Patient::new(Answer::http(200, &[], body)).gives("t");
}

#[test]
fn an_oauth_error_of_any_content_type_and_status_is_told_by_its_code() {
    let body = r#"{"error":"invalid_scope","error_description":"no such scope"}"#;
    for (status, kind) in [(200, "text/html"), (400, "text/plain"), (403, "application/octet-stream")] {
        let answer = Answer::http(status, &[&format!("Content-Type: {kind}")], body);
        Patient::new(answer).fails(6, ["`invalid_scope`", "no such scope"]);
    }
}

fn gzipped(body: &[u8]) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(body).unwrap();
    writer.finish().unwrap()
}

fn in_gzip(compressed: Vec<u8>) -> Answer {
    let head = format!("{OK}Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", compressed.len());
    Answer::raw(head).then(compressed)
}

#[test]
fn a_token_in_gzip_is_a_token_also_in_chunks() {
    let compressed = gzipped(br#"{"access_token":"zipped","expires_in":900}"#);
    let patient = Patient::new(in_gzip(compressed.clone())).gives("zipped");
    assert_eq!(patient.server.requests()[0].header("accept-encoding"), Some("gzip"));
    let mut chunked = Answer::raw(format!("{OK}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"));
    for piece in compressed.chunks(7) {
        chunked = chunked.then(format!("{:x}\r\n", piece.len())).then(piece).then("\r\n");
    }
    Patient::new(chunked.then("0\r\n\r\n")).gives("zipped");
}

#[test]
fn an_error_in_gzip_is_told() {
    let body = gzipped(br#"{"error":"invalid_scope","error_description":"a\u0007 zipped reason"}"#);
    Patient::new(in_gzip(body)).fails(6, ["invalid_scope", "a zipped reason"]);
}

#[test]
fn what_is_small_and_unpacks_to_much_is_cut_off_at_the_same_bound() {
    let bomb = gzipped(format!(r#"{{"access_token":"{}"}}"#, "a".repeat(64 * 1024 * 1024)).as_bytes());
    assert!(bomb.len() < 128 * 1024, "{}", bomb.len());
    let begin = Instant::now();
    Patient::new(in_gzip(bomb)).fails(6, ["1 MiB"]);
    assert!(begin.elapsed() < Duration::from_secs(9), "{:?}", begin.elapsed());
}

#[test]
fn what_says_that_it_is_gzip_and_is_not_is_no_token() {
    Patient::with(in_gzip(br#"{"access_token":"t"}"#.to_vec()), "timeout = \"2s\"").fails(7, []);
    let cut = gzipped(br#"{"access_token":"t","expires_in":900}"#)[..20].to_vec();
    Patient::with(in_gzip(cut), "timeout = \"2s\"").fails(7, []);
}

// TLS.

/// A server with a certificate of a private authority; what `lines` says of the file at that path.
fn secured(lines: impl Fn(&str) -> String) -> (World, OddServer) {
    let authority = Authority::new();
    let world = World::new();
    let ca = world.write("ca.pem", authority.pem());
    let server = OddServer::start_tls(authority, |_, _| Answer::token(GOOD, 900));
    world.write_config(&profile("dev", &server.url("/token"), &lines(ca.to_str().unwrap())));
    (world, server)
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused_and_the_way_out_is_named() {
    let (world, server) = secured(|_| "timeout = \"2s\"".to_owned());
    let run = world.choreo_env(["dev", "--shell", "sh"]).run();
    let wanted = ends(7).stdout_has(["unset ", "false;\n"]);
    run.assert(&wanted.stderr_has(["error: profile `dev`", "certificate", "\nhint: ", "ca_file"]));
    assert_eq!(server.count(), 0, "no secret is sent to a stranger");
}

#[test]
fn a_certificate_of_the_authority_in_ca_file_is_trusted() {
    let (world, _server) = secured(|ca| format!("ca_file = \"{ca}\""));
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout(format!("{GOOD}\n")));
}

#[test]
fn a_certificate_of_the_authority_in_ssl_cert_file_is_trusted() {
    let (world, _server) = secured(|_| String::new());
    let run = world.choreo_env(["token", "dev"]).env("SSL_CERT_FILE", world.path("ca.pem")).run();
    run.assert(&fine().stdout(format!("{GOOD}\n")));
}

#[test]
fn insecure_works_and_warns_each_time_it_is_used() {
    let (world, server) = secured(|_| "insecure = true".to_owned());
    for number in 1..=2 {
        let run = world.choreo_env(["token", "dev", "--min-ttl", "1h"]).run();
        run.assert(&fine().stdout(format!("{GOOD}\n")).stderr_has(["warning: ", "insecure"]));
        assert_eq!(server.count(), number);
    }
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout(format!("{GOOD}\n")));
}
