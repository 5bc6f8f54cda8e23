//! The sandbox through its socket, with a client of a few lines that has nothing in common with the server.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::sec1::EncodedPoint;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Environment, LogLine, Options, Running, Sandbox, SandboxError};

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn error(&self) -> (u16, String) {
        (self.status, self.json()["error"].as_str().unwrap_or_default().to_owned())
    }
}

fn connect(sandbox: &Running) -> TcpStream {
    let address = sandbox.site().base_url().strip_prefix("http://").expect("http");
    let stream = TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    stream
}

/// Sends bytes as they are, and reads to the end.
fn send(sandbox: &Running, request: &[u8]) -> Answer {
    let mut stream = connect(sandbox);
    // A server that answers early closes early: what it said counts.
    _ = stream.write_all(request);
    let mut text = Vec::new();
    _ = stream.read_to_end(&mut text);
    let text = String::from_utf8(text).expect("UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

fn request(sandbox: &Running, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers: String = headers.iter().map(|(name, value)| [name, ": ", value, "\r\n"].concat()).collect();
    let length = body.len();
    let head =
        format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}");
    let text = format!("{head}\r\n{body}");
    send(sandbox, text.as_bytes())
}

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const GRANT: &str = "grant_type=client_credentials";

fn sandbox() -> Running {
    start(Options::default())
}

fn start(options: Options) -> Running {
    Sandbox::spawn(options).expect("a sandbox")
}

fn basic(sandbox: &Running, environment: Environment) -> String {
    let credentials = sandbox.site().credentials(environment);
    let pair = format!("{}:{}", credentials.consumer_key, credentials.secret_text());
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

fn ask(sandbox: &Running, body: &str) -> Answer {
    let proof = basic(sandbox, Environment::Dev);
    request(sandbox, "POST /oauth2/token", &[FORM, ("Authorization", &proof)], body)
}

fn token(sandbox: &Running, environment: Environment) -> String {
    let proof = basic(sandbox, environment);
    let answer = request(sandbox, "POST /oauth2/token", &[FORM, ("Authorization", &proof)], GRANT);
    answer.json()["access_token"].as_str().expect("a token").to_owned()
}

fn part(token: &str, index: usize) -> Vec<u8> {
    let part = token.split('.').nth(index).expect("three parts");
    BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url")
}

fn json_part(token: &str, index: usize) -> Value {
    serde_json::from_slice(&part(token, index)).expect("JSON")
}

#[test]
fn a_token_request_gives_a_bearer_token() {
    let sandbox = sandbox();
    let answer = ask(&sandbox, &format!("{GRANT}&scope=read%20write"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    assert_eq!(answer.header("Pragma"), Some("no-cache"));
    assert_eq!(answer.header("Content-Type"), Some("application/json"));
    let json = answer.json();
    assert_eq!(
        (&json["token_type"], &json["expires_in"], &json["scope"]),
        (&json!("Bearer"), &json!(900), &json!("read write"))
    );
    assert_eq!(json.get("refresh_token"), None);
    assert_eq!(ask(&sandbox, GRANT).json().get("scope"), None);
}

#[test]
fn the_token_can_be_checked_with_the_served_key() {
    let sandbox = sandbox();
    let token = token(&sandbox, Environment::Dev);
    let keys = request(&sandbox, "GET /oauth2/jwks", &[], "").json();
    let key = &keys["keys"][0];
    let number = |name: &str| BASE64_URL_SAFE_NO_PAD.decode(key[name].as_str().expect("text")).expect("base64url");
    let point: Vec<u8> = [vec![4], number("x"), number("y")].concat();
    let point = EncodedPoint::<p256::NistP256>::from_bytes(point).expect("a point");
    let (message, _) = token.rsplit_once('.').expect("three parts");
    let signature = Signature::from_slice(&part(&token, 2)).expect("64 bytes");
    let verifying = VerifyingKey::from_encoded_point(&point).expect("a key");
    verifying.verify(message.as_bytes(), &signature).expect("signed");
    assert_eq!(
        (&key["kty"], &key["crv"], &key["alg"], &key["use"]),
        (&json!("EC"), &json!("P-256"), &json!("ES256"), &json!("sig"))
    );
    assert_eq!(key.get("d"), None);
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, key["x"], key["y"]);
    assert_eq!(key["kid"], json!(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))));
    assert_eq!(json_part(&token, 0), json!({"typ": "at+jwt", "alg": "ES256", "kid": key["kid"]}));
}

#[test]
fn the_claims_are_those_of_an_access_token() {
    let sandbox = start(Options { lifetime: Duration::from_secs(60), ..Options::default() });
    let (first, second) = (token(&sandbox, Environment::Prod), token(&sandbox, Environment::Prod));
    let (claims, other) = (json_part(&first, 1), json_part(&second, 1));
    let key = &sandbox.site().credentials(Environment::Prod).consumer_key;
    for name in ["sub", "client_id", "azp"] {
        assert_eq!(claims[name], json!(key), "{name}");
    }
    assert_eq!(claims["iss"], json!(sandbox.site().token_url()));
    assert_eq!(claims["aud"], json!(sandbox.site().gateway_url(Environment::Prod)));
    let time = |name: &str| claims[name].as_u64().expect("seconds");
    assert_eq!((time("nbf"), time("exp")), (time("iat"), time("iat") + 60));
    assert_ne!(claims["jti"], other["jti"]);
    assert_eq!(claims.get("scope"), None);
}

#[test]
fn discovery_is_found_in_both_places_and_names_its_own_issuer() {
    let sandbox = sandbox();
    let site = sandbox.site();
    for path in
        ["/oauth2/token/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/oauth2/token"]
    {
        let json = request(&sandbox, &format!("GET {path}"), &[], "").json();
        assert_eq!(json["issuer"], json!(site.issuer()));
        assert_eq!(json["token_endpoint"], json!(site.token_url()));
        assert_eq!(json["jwks_uri"], json!(site.jwks_url()));
        assert_eq!(json["grant_types_supported"], json!(["client_credentials"]));
        assert_eq!(json["token_endpoint_auth_methods_supported"], json!(["client_secret_basic", "client_secret_post"]));
    }
}

#[test]
fn a_wrong_secret_is_refused_with_a_challenge() {
    let sandbox = sandbox();
    let wrong = format!("Basic {}", BASE64_STANDARD.encode("who:knows"));
    for headers in [&[FORM][..], &[FORM, ("Authorization", &wrong)], &[FORM, ("Authorization", "Bearer x")]] {
        let answer = request(&sandbox, "POST /oauth2/token", headers, GRANT);
        assert_eq!(answer.error(), (401, "invalid_client".into()));
        assert!(answer.header("WWW-Authenticate").is_some_and(|value| value.starts_with("Basic realm=")));
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    }
}

#[test]
fn malformed_token_requests_are_refused() {
    let sandbox = sandbox();
    for (body, error) in [
        ("", "invalid_request"),
        ("grant_type=", "invalid_request"),
        ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        ("grant_type=client_credentials&client_secret=x", "invalid_request"),
        ("grant_type=client_credentials&scope=%", "invalid_request"),
        ("grant_type=password", "unsupported_grant_type"),
        ("grant_type=client_credentials&scope=a%22b", "invalid_scope"),
    ] {
        assert_eq!(ask(&sandbox, body).error(), (400, error.into()), "{body}");
    }
}

#[test]
fn other_content_types_and_methods_are_refused() {
    let sandbox = sandbox();
    let proof = basic(&sandbox, Environment::Dev);
    let headers = [("Content-Type", "application/json"), ("Authorization", proof.as_str())];
    assert_eq!(request(&sandbox, "POST /oauth2/token", &headers, GRANT).error(), (400, "invalid_request".into()));
    let answer = request(&sandbox, "GET /oauth2/token", &[("Authorization", &proof)], "");
    assert_eq!((answer.status, answer.header("Allow")), (405, Some("POST")));
}

#[test]
fn a_body_that_is_too_long_is_refused() {
    let sandbox = sandbox();
    let answer = ask(&sandbox, &format!("{GRANT}&x={}", "x".repeat(64 * 1024)));
    assert_eq!(answer.error(), (413, "invalid_request".into()));
}

#[test]
fn given_keys_are_used_whatever_is_in_them() {
    let secret = "a:b%2B+/&'\"$ =é\\`";
    let options =
        Options { consumer_key: Some("my:key".into()), consumer_secret: Some(secret.into()), ..Options::default() };
    let sandbox = start(options);
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let proof = format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encoded("my:key"), encoded(secret))));
    assert_eq!(request(&sandbox, "POST /oauth2/token", &[FORM, ("Authorization", &proof)], GRANT).status, 200);
    let body = format!("{GRANT}&client_id={}&client_secret={}", encoded("my:key"), encoded(secret));
    assert_eq!(request(&sandbox, "POST /oauth2/token", &[FORM], &body).status, 200);
}

#[test]
fn every_token_request_is_counted() {
    let sandbox = sandbox();
    assert_eq!(sandbox.site().token_requests(), 0);
    ask(&sandbox, GRANT);
    ask(&sandbox, "nonsense");
    request(&sandbox, "GET /", &[], "");
    assert_eq!(sandbox.site().token_requests(), 2);
}

#[test]
fn the_gateway_lets_a_token_of_its_environment_in() {
    let sandbox = sandbox();
    for environment in Environment::ALL {
        let bearer = format!("Bearer {}", token(&sandbox, environment));
        let call = |path: &str| {
            request(&sandbox, &format!("GET /{environment}/petstore/v1{path}"), &[("Authorization", &bearer)], "")
        };
        assert_eq!(call("/pets").json()[0], json!({"id": 1, "name": "Kandula", "tag": "elephant"}));
        assert_eq!(call("/pets/2").json()["name"], json!("Mango"));
        assert_eq!(call("/pets/9").status, 404);
    }
}

#[test]
fn the_gateway_refuses_with_the_codes_of_wso2() {
    let sandbox = sandbox();
    let (dev, prod) = (token(&sandbox, Environment::Dev), format!("Bearer {}", token(&sandbox, Environment::Prod)));
    let forged = format!("Bearer {}x", dev.trim_end_matches(|c| c != '.'));
    for path in ["", "/", "/pets", "/pets/1", "/echo", "//", "/.."] {
        let line = format!("GET /dev/petstore/v1{path}");
        for (headers, code, challenge) in [
            (&[][..], "900902", "Bearer realm=\"choreo-env sandbox\""),
            (
                &[("Authorization", prod.as_str())],
                "900901",
                "Bearer realm=\"choreo-env sandbox\", error=\"invalid_token\"",
            ),
            (
                &[("Authorization", forged.as_str())],
                "900901",
                "Bearer realm=\"choreo-env sandbox\", error=\"invalid_token\"",
            ),
        ] {
            let answer = request(&sandbox, &line, headers, "");
            assert_eq!((answer.status, &answer.json()["code"]), (401, &json!(code)), "{line}");
            assert_eq!(answer.header("WWW-Authenticate"), Some(challenge));
            assert!(answer.json()["message"].is_string() && answer.json()["description"].is_string());
        }
    }
}

#[test]
fn a_token_expires_at_the_gateway() {
    let sandbox = start(Options { lifetime: Duration::from_secs(1), ..Options::default() });
    let bearer = format!("Bearer {}", token(&sandbox, Environment::Dev));
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let answer = request(&sandbox, "GET /dev/petstore/v1/pets", &[("Authorization", &bearer)], "");
        if answer.status == 401 {
            assert_eq!(answer.json()["code"], json!("900903"));
            return;
        }
        assert!(Instant::now() < deadline, "the token still holds");
    }
}

#[test]
fn the_echo_shows_the_call_and_shortens_credentials() {
    let sandbox = sandbox();
    let token = token(&sandbox, Environment::Dev);
    let bearer = format!("Bearer {token}");
    let headers =
        [("Authorization", bearer.as_str()), ("Choreo-API-Key", "0123456789"), ("X-Two", "1"), ("X-Two", "2")];
    let answer = request(&sandbox, "PUT /dev/petstore/v1/pets/1?a=b%20c", &headers, "{\"name\":\"Maé\"}");
    let json = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!((&json["method"], &json["path"], &json["query"]), (&json!("PUT"), &json!("/pets/1"), &json!("a=b%20c")));
    assert_eq!(json["body"], json!("{\"name\":\"Maé\"}"));
    assert_eq!(json["headers"]["x-two"], json!(["1", "2"]));
    assert_eq!(json["headers"]["choreo-api-key"], json!(["0123…"]));
    assert!(!answer.body.contains(&token));
    assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"));
}

#[test]
fn a_long_call_is_refused() {
    let sandbox = sandbox();
    let bearer = format!("Bearer {}", token(&sandbox, Environment::Dev));
    let body = "x".repeat(1024 * 1024 + 1);
    assert_eq!(request(&sandbox, "POST /dev/petstore/v1/echo", &[("Authorization", &bearer)], &body).status, 413);
}

#[test]
fn only_requests_to_this_machine_are_answered() {
    let sandbox = sandbox();
    let status = |text: &str| send(&sandbox, text.as_bytes()).status;
    assert_eq!(status("GET /health HTTP/1.1\r\nHost: 127.0.0.1:9\r\nConnection: close\r\n\r\n"), 200);
    assert_eq!(status("GET /health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"), 421);
    assert_eq!(status("GET http://evil.example/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), 421);
    assert_eq!(
        status("GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
        421
    );
    assert_eq!(status("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"), 421);
    assert_eq!(status("nonsense\r\n\r\n"), 400);
}

#[test]
fn the_front_page_lists_what_there_is() {
    let sandbox = sandbox();
    let page = request(&sandbox, "GET /", &[], "");
    for part in [sandbox.site().token_url(), sandbox.site().api_url(Environment::Prod), sandbox.site().jwks_url()] {
        assert!(page.body.contains(&part), "{part}");
    }
    assert_eq!(page.header("Content-Type"), Some("text/plain; charset=utf-8"));
    assert_eq!(request(&sandbox, "GET /dev", &[], "").status, 404);
}

#[test]
fn the_log_has_every_request_and_no_query() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let log = move |line: &LogLine<'_>| {
        sink.lock().expect("whole").push(format!("{} {} {}", line.method, line.path, line.status));
    };
    let sandbox = start(Options { log: Some(Box::new(log)), ..Options::default() });
    request(&sandbox, "GET /health?token=canary", &[], "");
    request(&sandbox, "POST /oauth2/token", &[], "");
    send(&sandbox, b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assert_eq!(*lines.lock().expect("whole"), ["GET /health 200", "POST /oauth2/token 400", "GET / 421"]);
}

#[test]
fn a_sandbox_that_is_dropped_is_gone_also_when_a_client_dawdles() {
    let sandbox = sandbox();
    let address = sandbox.site().base_url().strip_prefix("http://").expect("http").to_owned();
    let (mut half, idle) = (connect(&sandbox), connect(&sandbox));
    half.write_all(b"POST /oauth2/token HTTP/1.1\r\nHost: loc").expect("sent");
    drop(sandbox);
    assert!(TcpStream::connect(address).is_err());
    drop((half, idle));
}

#[test]
fn a_port_can_be_asked_for_and_is_not_shared() {
    let first = sandbox();
    let port = first.site().base_url().rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("a port");
    let refused = Sandbox::bind(Options { port, ..Options::default() }).err().expect("taken");
    assert!(matches!(refused, SandboxError::Listen { port: taken, .. } if taken == port));
    assert!(refused.hint().is_some());
}

#[test]
fn options_that_cannot_be_used_are_refused() {
    for seconds in [0, 400 * 24 * 60 * 60] {
        let options = Options { lifetime: Duration::from_secs(seconds), ..Options::default() };
        assert!(matches!(Sandbox::bind(options).err(), Some(SandboxError::Lifetime)));
    }
    let options = Options { consumer_key: Some(String::new()), ..Options::default() };
    let refused = Sandbox::bind(options).err().expect("refused");
    assert_eq!(refused.to_string(), "sandbox: `consumer_key` is empty or has control characters in it");
}
