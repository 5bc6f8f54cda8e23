//! Every way of client authentication, against an authorization server that others wrote.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::command::{Run, ends, fine};
use crate::support::keys::Keys;
use crate::support::oidc::Oidc;
use crate::support::server::{Answer, OddServer, Request};
use crate::support::toml::{KEY, SECRET, quoted};
use crate::support::tools;
use crate::support::world::{World, set_mode};

/// A secret that is long enough for every HMAC.
const LONG: &str = "a secret of sixty-four bytes and more, as HS512 wants it: 0123456789";

fn client(method: &str, more: &Value) -> Value {
    let mut client = json!({ "client_id": KEY, "token_endpoint_auth_method": method, "scope": "read write" });
    client.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!([client])
}

fn profile(token_url: &str, method: &str, lines: &str) -> String {
    let url = quoted(token_url);
    format!("[profiles.dev]\ntoken_url = {url}\nconsumer_key = \"{KEY}\"\nclient_auth = \"{method}\"\n{lines}\n")
}

fn token(world: &World) -> Run {
    world.choreo_env(["token", "dev", "--fresh", "--quiet"]).run()
}

#[track_caller]
fn works(world: &World, what: &str) {
    let run = token(world);
    assert!(run.status == Some(0) && run.value().len() > 20 && run.stderr.is_empty(), "{what}\n{run}");
}

/// It fails with all these pieces, a hint among them, and nothing secret.
#[track_caller]
fn fails<const N: usize>(world: &World, status: i32, pieces: [&str; N]) {
    let run = token(world).assert(&ends(status).stderr_has(["error: profile `dev`: ", "\nhint: "]));
    for piece in pieces {
        assert!(run.stderr.contains(piece), "no {piece:?}\n{run}");
    }
    assert!(!run.stderr.contains("BEGIN") || run.stderr.contains("-----BEGIN "), "{run}");
    assert!(!run.stderr.contains("eyJ") && !run.stderr.contains(LONG), "no assertion is shown\n{run}");
}

// client_secret_jwt

#[test]
fn a_secret_signs_with_every_hmac() {
    let clients = client("client_secret_jwt", &json!({ "client_secret": LONG }));
    let Some(server) = Oidc::knowing(clients, json!({})) else { return };
    for line in ["", "signing_algorithm = \"HS256\"", "signing_algorithm = \"HS384\"", "signing_algorithm = \"HS512\""]
    {
        let lines = format!("consumer_secret = {}\n{line}", quoted(LONG));
        let world = World::with(profile(&server.token_url(), "client_secret_jwt", &lines));
        works(&world, line);
    }
    assert_eq!(server.count(), 4);
}

#[test]
fn a_secret_that_signs_is_never_sent() {
    let server = OddServer::always(Answer::token("t", 900));
    let lines = format!("consumer_secret = \"{SECRET}\"");
    let world = World::with(profile(&server.url("/token"), "client_secret_jwt", &lines));
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t\n"));
    let request = server.requests().remove(0);
    let names: Vec<_> = request.form().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["grant_type", "client_id", "client_assertion_type", "client_assertion"]);
    assert!(request.header("authorization").is_none() && !request.body.contains(SECRET), "{}", request.body);
}

#[test]
fn a_wrong_secret_that_signs_is_told_as_one_and_a_short_one_is_named() {
    let clients = client("client_secret_jwt", &json!({ "client_secret": LONG }));
    let Some(server) = Oidc::knowing(clients, json!({})) else { return };
    let lines = "consumer_secret = { env = \"MY_SECRET\" }";
    let world = World::with(profile(&server.token_url(), "client_secret_jwt", lines));
    let run = world.choreo_env(["token", "dev"]).env("MY_SECRET", "wr0ng").run();
    let run = run.assert(&ends(6).stderr_has(["invalid_client", "\nhint: ", "MY_SECRET", "client_secret_jwt"]));
    assert!(run.stderr.contains("less than 32 bytes") && !run.stderr.contains("wr0ng"), "{run}");
}

// private_key_jwt

/// The kinds of keys, and what each signs with.
const KINDS: [(&str, &[&str]); 3] = [("RSA", &["RS256", "PS256"]), ("EC", &["ES256"]), ("ED25519", &["EdDSA"])];

#[test]
fn a_private_key_of_every_kind_signs_in_every_form_and_algorithm() {
    for (kind, algorithms) in KINDS {
        let world = World::new();
        let Some(keys) = Keys::new(&world) else { return };
        let (pkcs8, public) = keys.make("pkcs8.pem", kind);
        let registered = client("private_key_jwt", &json!({ "public_key": public, "kid": "k1" }));
        let Some(server) = Oidc::knowing(registered, json!({})) else { return };
        let jwk = world.write("work/key.jwk", keys.jwk(&pkcs8, "kid: 'k1'")).to_str().unwrap().to_owned();
        let encrypted = ["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "pass:open sesame"];
        let mut files = vec![pkcs8.clone(), jwk, keys.convert(&pkcs8, "encrypted.pem", &encrypted)];
        match kind {
            "RSA" => files.push(keys.convert(&pkcs8, "pkcs1.pem", &["rsa", "-traditional"])),
            "EC" => files.push(keys.convert(&pkcs8, "sec1.pem", &["ec"])),
            _ => {}
        }
        let asked = algorithms.iter().map(|name| format!("signing_algorithm = \"{name}\""));
        for algorithm in asked.chain([String::new()]) {
            for file in &files {
                let lines = format!(
                    "private_key = {{ file = {} }}\nprivate_key_passphrase = {{ command = [\"echo\", \"open sesame\"] }}\n\
                     {algorithm}",
                    quoted(file)
                );
                world.write_config(&profile(&server.token_url(), "private_key_jwt", &lines));
                works(&world, &format!("{file} {algorithm}"));
            }
        }
        // In a variable, with its line breaks, and as a CI's form with one line has them; and from a program.
        let pem = fs::read_to_string(&pkcs8).unwrap();
        for (lines, value) in [
            ("private_key = { env = \"MY_KEY\" }", pem.clone()),
            ("private_key = { env = \"MY_KEY\" }", pem.replace('\n', "\\n")),
            ("private_key = { command = [\"cat\", \"pkcs8.pem\"] }\nkey_id = \"k1\"", String::new()),
        ] {
            world.write_config(&profile(&server.token_url(), "private_key_jwt", lines));
            let run = world.choreo_env(["token", "dev", "--fresh", "--quiet"]).env("MY_KEY", value).run();
            assert_eq!(run.status, Some(0), "{lines}\n{run}");
        }
    }
}

#[test]
fn a_key_that_openssl_encrypted_in_old_ways_is_read_or_told_how_to_encrypt_it_anew() {
    let world = World::new();
    let Some(keys) = Keys::new(&world) else { return };
    let (key, public) = keys.make("key.pem", "RSA");
    let clients = client("private_key_jwt", &json!({ "public_key": public, "kid": "k1" }));
    let Some(server) = Oidc::knowing(clients, json!({})) else { return };
    let lines = |file: &str| {
        format!("private_key = {{ file = {} }}\nprivate_key_passphrase = {{ env = \"PASS\" }}", quoted(file))
    };
    let old = ["pkcs8", "-topk8", "-v2", "des3", "-v2prf", "hmacWithSHA1", "-passout", "pass:x"];
    world.write_config(&profile(&server.token_url(), "private_key_jwt", &lines(&keys.convert(&key, "old.pem", &old))));
    let run = world.choreo_env(["token", "dev", "--quiet"]).env("PASS", "x").run();
    assert_eq!(run.status, Some(0), "{run}");
    let older = keys.convert(&key, "older.pem", &["rsa", "-traditional", "-aes128", "-passout", "pass:x"]);
    world.write_config(&profile(&server.token_url(), "private_key_jwt", &lines(&older)));
    fails(&world, 5, ["`private_key`", "older.pem", "encrypted in a way", "openssl pkcs8 -topk8"]);
}

#[test]
fn the_audience_is_the_token_endpoint_or_what_the_profile_says() {
    let world = World::new();
    let Some(keys) = Keys::new(&world) else { return };
    let (key, public) = keys.make("key.pem", "EC");
    let Some(server) = Oidc::knowing(client("private_key_jwt", &json!({ "public_key": public })), json!({})) else {
        return;
    };
    let lines = |audience: &str| format!("private_key = {{ file = {} }}\n{audience}", quoted(&key));
    let issuer = lines(&format!("assertion_audience = {}", quoted(server.issuer())));
    world.write_config(&profile(&server.token_url(), "private_key_jwt", &issuer));
    works(&world, "the issuer");
    let other = lines("assertion_audience = \"https://other.example\"");
    world.write_config(&profile(&server.token_url(), "private_key_jwt", &other));
    fails(&world, 6, ["invalid_client", "`https://other.example`", "`assertion_audience`", "ES256"]);
}

#[test]
fn a_clock_that_is_behind_costs_a_warning_and_not_the_token() {
    let world = World::new();
    let Some(keys) = Keys::new(&world) else { return };
    let (key, public) = keys.make("key.pem", "EC");
    let clients = client("private_key_jwt", &json!({ "public_key": public }));
    let Some(server) = Oidc::knowing(clients, json!({ "clock_s": 600 })) else { return };
    let lines = format!("private_key = {{ file = {} }}", quoted(&key));
    world.write_config(&profile(&server.token_url(), "private_key_jwt", &lines));
    let run = world.choreo_env(["token", "dev"]).run();
    let warned = ["warning: profile `dev`: this machine's clock is", "behind the server's", "\nhint: set the clock"];
    assert!(run.status == Some(0) && warned.iter().all(|words| run.stderr.contains(words)), "{run}");
    assert_eq!(server.count(), 2);
}

#[test]
fn an_assertion_is_dated_by_the_servers_clock_once_it_is_known() {
    let refused = Answer::http(401, &["Date: Sun, 06 Nov 1994 08:49:37 GMT"], r#"{"error":"invalid_client"}"#);
    let server = OddServer::start(move |_, before| if before == 0 { refused.clone() } else { Answer::token("t", 900) });
    let lines = format!("consumer_secret = \"{SECRET}\"");
    let world = World::with(profile(&server.url("/token"), "client_secret_jwt", &lines));
    let run = world.choreo_env(["token", "dev"]).run();
    run.assert(&fine().stdout("t\n").stderr_has(["warning: ", "ahead of the server's", "\nhint: "]));
    let [before, after] = [0, 1].map(|at| claims(&server.requests()[at].form()[3].1));
    let seconds = |claims: &Value, name: &str| claims[name].as_i64().unwrap();
    assert!((784_111_700..784_111_790).contains(&seconds(&after, "iat")), "{after}"); // the example of RFC 9110 §5.6.7
    for claims in [before, after] {
        assert!((1..=90).contains(&(seconds(&claims, "exp") - seconds(&claims, "iat"))), "{claims}");
    }
}

/// What an assertion claims.
fn claims(assertion: &str) -> Value {
    let payload = assertion.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[test]
fn every_assertion_is_another_one() {
    let busy = Answer::http(503, &[], "");
    let server = OddServer::start(move |_, before| if before == 0 { busy.clone() } else { Answer::token("t", 900) });
    let lines = format!("consumer_secret = \"{SECRET}\"");
    let world = World::with(profile(&server.url("/token"), "client_secret_jwt", &lines));
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t\n"));
    let sent: Vec<_> = server.requests().iter().map(|request| request.form().remove(3).1).collect();
    assert!(sent.len() == 2 && sent[0] != sent[1], "{sent:?}");
}

#[test]
fn a_key_that_the_server_does_not_know_is_told_as_one() {
    let world = World::new();
    let Some(keys) = Keys::new(&world) else { return };
    let (_, public) = keys.make("right.pem", "EC");
    let (wrong, _) = keys.make("wrong.pem", "EC");
    let clients = client("private_key_jwt", &json!({ "public_key": public, "kid": "k1" }));
    let Some(server) = Oidc::knowing(clients, json!({})) else { return };
    let lines = format!("private_key = {{ file = {} }}\nkey_id = \"k1\"", quoted(&wrong));
    world.write_config(&profile(&server.token_url(), "private_key_jwt", &lines));
    fails(&world, 6, ["invalid_client", "wrong.pem", "`ES256`, with the key id `k1`", "public half"]);
    assert_eq!(server.count(), 1);
    let right = wrong.replace("wrong", "right");
    let lines = format!("private_key = {{ file = {} }}\nkey_id = \"k2\"", quoted(&right));
    world.write_config(&profile(&server.token_url(), "private_key_jwt", &lines));
    fails(&world, 6, ["invalid_client", "right.pem", "`k2`", "under this key id"]);
}

#[test]
fn a_key_that_is_of_no_use_is_told_with_what_it_is_and_nothing_is_sent() {
    let world = World::new();
    let Some(keys) = Keys::new(&world) else { return };
    let server = OddServer::always(Answer::token("t", 900));
    let (rsa, public) = keys.make("rsa.pem", "RSA");
    let (_, _) = keys.make("small.pem", "RSA-1024");
    let (_, _) = keys.make("p384.pem", "P-384");
    let (_, _) = keys.make("ed448.pem", "ED448");
    keys.certificate(&rsa, "cert", "9");
    world.write("work/public.pem", public);
    world.write("work/text", "not a key");
    world.write("work/damaged.pem", fs::read_to_string(&rsa).unwrap().replace("MII", "MIJ"));
    world.write("work/cut.pem", &fs::read(&rsa).unwrap()[..500]);
    world.write("work/oct.jwk", r#"{"kty":"oct","k":"c2VjcmV0"}"#);
    world.write("work/public.jwk", r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#);
    world.write("work/broken.jwk", r#"{"kty":"RSA","d":"#);
    keys.convert(&rsa, "locked.pem", &["pkcs8", "-topk8", "-passout", "pass:right"]);
    for (file, status, pieces) in [
        ("text", 5, ["neither PEM nor a JWK", "BEGIN PRIVATE KEY"]),
        ("small.pem", 5, ["2048 bits", "RS256"]),
        ("p384.pem", 5, ["another curve", "ES256"]),
        ("ed448.pem", 5, ["not supported", "Ed25519"]),
        ("cert.crt", 5, ["a certificate", "private key"]),
        ("public.pem", 5, ["a public key", "private key"]),
        ("damaged.pem", 5, ["is damaged", "openssl pkey"]),
        ("cut.pem", 5, ["is damaged", "openssl pkey"]),
        ("oct.jwk", 5, ["client_secret_jwt", "not supported"]),
        ("public.jwk", 5, ["public key", "private key"]),
        ("broken.jwk", 5, ["is damaged", "openssl pkey"]),
        ("locked.pem", 5, ["`private_key_passphrase` is not set", "private_key_passphrase = {"]),
        ("none.pem", 5, ["cannot be read", "0600"]),
    ] {
        let path = world.work().join(file);
        let lines = format!("private_key = {{ file = {} }}", quoted(path.to_str().unwrap()));
        world.write_config(&profile(&server.url("/token"), "private_key_jwt", &lines));
        fails(&world, status, pieces);
    }
    let locked = "private_key = { file = \"../../work/locked.pem\" }\nprivate_key_passphrase = { command = [\"echo\", \"wrong\"] }";
    world.write_config(&profile(&server.url("/token"), "private_key_jwt", locked));
    fails(&world, 5, ["locked.pem", "is not decrypted by what `private_key_passphrase` gives", "this file"]);
    let other = format!("private_key = {{ file = {} }}\nsigning_algorithm = \"ES256\"", quoted(&rsa));
    world.write_config(&profile(&server.url("/token"), "private_key_jwt", &other));
    fails(&world, 3, ["is a key for RS256 and PS256 (RSA), and `signing_algorithm` is `ES256`", "left out"]);
    assert_eq!(server.count(), 0);
}

#[test]
fn a_key_that_others_can_read_is_not_used() {
    let world = World::new();
    let Some(keys) = Keys::new(&world) else { return };
    let (key, _) = keys.make("key.pem", "EC");
    set_mode(key.as_ref(), 0o644);
    let lines = format!("private_key = {{ file = {} }}", quoted(&key));
    world.write_config(&profile("http://127.0.0.1:1/token", "private_key_jwt", &lines));
    fails(&world, 5, ["can be read by others", "chmod 600"]);
}

// none

#[test]
fn a_client_without_a_secret_only_says_who_it_is() {
    let server = OddServer::always(Answer::token("t", 900));
    let world = World::with(profile(&server.url("/token"), "none", "scopes = [\"read\"]"));
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t\n"));
    let request = server.requests().remove(0);
    assert_eq!(request.body, format!("grant_type=client_credentials&scope=read&client_id={KEY}"));
    assert!(request.header("authorization").is_none());
}

#[test]
fn a_refused_client_without_a_secret_is_told_why_that_is_likely() {
    let server = OddServer::always(Answer::json(401, r#"{"error":"invalid_client"}"#));
    let world = World::with(profile(&server.url("/token"), "none", ""));
    fails(&world, 6, ["a client without a secret", "`none`", "with a secret only"]);
}

// tls_client_auth, self_signed_tls_client_auth

/// A world with an authority for the server and the clients, and the server's options.
struct Secure<'a> {
    keys: Keys<'a>,
    authority: (String, String),
    options: Value,
}

impl<'a> Secure<'a> {
    #[track_caller]
    fn new(world: &'a World) -> Option<Self> {
        let keys = Keys::new(world)?;
        let (ca_key, _) = keys.make("ca.key", "EC");
        let ca = keys.certificate(&ca_key, "test-authority", "9");
        let (key, _) = keys.make("server.key", "EC");
        let names = world.write("work/names", "subjectAltName = IP:127.0.0.1").to_str().unwrap().to_owned();
        let request = world.work().join("server.csr").to_str().unwrap().to_owned();
        let path = world.work().join("server.crt").to_str().unwrap().to_owned();
        keys.openssl(["req", "-new", "-key", &key, "-subj", "/CN=server", "-out", &request]);
        let signed = ["-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial", "-extfile", &names, "-out", &path];
        keys.openssl([&["x509", "-req", "-in", &request][..], &signed[..]].concat());
        let [cert, key, ca_pem] = [&path, &key, &ca].map(|path| fs::read_to_string(path).unwrap());
        let options = json!({ "tls": { "cert": cert, "key": key, "ca": ca_pem } });
        Some(Self { keys, authority: (ca, ca_key), options })
    }

    /// A key, and a certificate of the authority for it.
    fn client(&self, name: &str, days: &str) -> (String, String) {
        let (key, _) = self.keys.make(&format!("{name}.key"), "RSA");
        let authority = (self.authority.0.as_str(), self.authority.1.as_str());
        (self.keys.signed(&key, name, authority, days), key)
    }

    /// What every profile has.
    fn lines(&self, certificate: &str, more: &str) -> String {
        let (ca, certificate) = (quoted(&self.authority.0), quoted(certificate));
        format!("ca_file = {ca}\nclient_certificate = {certificate}\n{more}")
    }
}

#[test]
fn a_certificate_of_an_authority_is_shown_from_every_kind_of_file() {
    let world = World::new();
    let Some(secure) = Secure::new(&world) else { return };
    let registered = client("tls_client_auth", &json!({ "tls_client_auth_subject_dn": "CN=me" }));
    let Some(server) = Oidc::knowing(registered, secure.options.clone()) else { return };
    let (certificate, key) = secure.client("me", "9");
    let keys = &secure.keys;
    let by_file = |key: &str| format!("private_key = {{ file = {} }}", quoted(key));
    let passphrase = "private_key_passphrase = { command = [\"echo\", \"open sesame\"] }";
    let pass = ["-passout", "pass:open sesame"];
    let encrypted = keys.convert(&key, "enc.key", &[&["pkcs8", "-topk8"][..], &pass].concat());
    let both = fs::read_to_string(&certificate).unwrap() + &fs::read_to_string(&key).unwrap();
    let both = world.write("work/both.pem", both).to_str().unwrap().to_owned();
    let export = ["pkcs12", "-export", "-inkey", &key, "-certfile", &secure.authority.0];
    let p12 = keys.convert(&certificate, "me.p12", &[&export[..], &pass].concat());
    let legacy = ["-legacy", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-RC2-40", "-macalg", "sha1"];
    let old = keys.convert(&certificate, "old.p12", &[&export[..], &legacy, &pass].concat());
    let open = keys.convert(&certificate, "open.p12", &[&export[..], &["-passout", "pass:"]].concat());
    let pkcs1 = keys.convert(&key, "pkcs1.key", &["rsa", "-traditional"]);
    for lines in [
        secure.lines(&certificate, &by_file(&key)),
        secure.lines(&certificate, &by_file(&pkcs1)),
        secure.lines(&certificate, &format!("{}\n{passphrase}", by_file(&encrypted))),
        secure.lines(&both, ""),
        secure.lines(&p12, passphrase),
        secure.lines(&old, passphrase),
        secure.lines(&open, ""),
    ] {
        world.write_config(&profile(&server.token_url(), "tls_client_auth", &lines));
        works(&world, &lines);
    }
}

#[test]
fn a_certificate_that_signed_itself_is_shown() {
    let world = World::new();
    let Some(secure) = Secure::new(&world) else { return };
    let (key, _) = secure.keys.make("me.key", "EC");
    let certificate = secure.keys.certificate(&key, "me", "9");
    let pem = fs::read_to_string(&certificate).unwrap();
    let registered = client("self_signed_tls_client_auth", &json!({ "certificate": pem }));
    let Some(server) = Oidc::knowing(registered, secure.options.clone()) else { return };
    let sec1 = secure.keys.convert(&key, "sec1.key", &["ec"]);
    let lines = secure.lines(&certificate, &format!("private_key = {{ file = {} }}", quoted(&sec1)));
    world.write_config(&profile(&server.token_url(), "self_signed_tls_client_auth", &lines));
    works(&world, "self-signed");
    let (other, _) = secure.keys.make("other.key", "EC");
    let stranger = secure.keys.certificate(&other, "other", "9");
    let lines = secure.lines(&stranger, &format!("private_key = {{ file = {} }}", quoted(&other)));
    world.write_config(&profile(&server.token_url(), "self_signed_tls_client_auth", &lines));
    fails(&world, 6, ["the client and its certificate: `invalid_client`", "`CN=other`", "this very certificate"]);
}

#[test]
fn a_certificate_that_has_ended_is_told_by_a_warning_by_the_refusal_and_by_doctor() {
    let world = World::new();
    let Some(secure) = Secure::new(&world) else { return };
    let registered = client("tls_client_auth", &json!({ "tls_client_auth_subject_dn": "CN=me" }));
    let Some(server) = Oidc::knowing(registered, secure.options.clone()) else { return };
    let (certificate, key) = secure.client("me", "-1");
    let lines = secure.lines(&certificate, &format!("private_key = {{ file = {} }}", quoted(&key)));
    world.write_config(&profile(&server.token_url(), "tls_client_auth", &lines));
    let run = world.choreo_env(["token", "dev"]).run();
    let said = ["warning: ", "has ended", "error: ", "invalid_client", "\nhint: ", "me.crt", "`CN=me`, valid from"];
    run.assert(&ends(6).stderr_has(said));
    let run = world.choreo_env(["doctor", "dev", "--offline"]).run();
    let line = run.stdout.lines().find(|line| line.contains("client cert")).unwrap_or_default();
    assert!(line.contains("problem") && line.contains("it has ended") && line.contains("CN=me"), "{run}");
    assert_eq!(run.status, Some(3), "{run}");
}

#[test]
fn a_certificate_that_is_of_no_use_is_told_with_what_it_is_and_nothing_is_sent() {
    let world = World::new();
    let Some(secure) = Secure::new(&world) else { return };
    let (certificate, key) = secure.client("me", "9");
    let (other, _) = secure.keys.make("other.key", "RSA");
    let pass = ["-passout", "pass:right"];
    let export = [&["pkcs12", "-export", "-inkey", &key][..], &pass].concat();
    let p12 = secure.keys.convert(&certificate, "me.p12", &export);
    let encrypted = secure.keys.convert(&key, "enc.key", &[&["pkcs8", "-topk8"][..], &pass].concat());
    let both = fs::read_to_string(&certificate).unwrap() + &fs::read_to_string(&key).unwrap();
    let exposed = world.write("work/exposed.pem", both);
    set_mode(&exposed, 0o644);
    let jwk = world.write("work/key.jwk", secure.keys.jwk(&key, ""));
    let (authority, signer) = &secure.authority;
    let old = world.work().join("old.crt").to_str().unwrap().to_owned();
    let request = world.work().join("me.csr").to_str().unwrap().to_owned();
    let by = ["-CA", authority, "-CAkey", signer, "-CAcreateserial", "-out", &old];
    secure.keys.openssl([&["x509", "-req", "-in", &request][..], &by].concat());
    let by_file = |key: &str| format!("private_key = {{ file = {} }}", quoted(key));
    let wrong = "private_key_passphrase = { command = [\"echo\", \"wrong\"] }";
    for (certificate, more, status, pieces) in [
        (certificate.as_str(), by_file(&other), 3, ["me.crt", "does not belong to the private key"]),
        (&certificate, String::new(), 5, ["holds no private key", "private_key = { file"]),
        (&certificate, by_file(&encrypted), 5, ["enc.key", "`private_key_passphrase` is not set"]),
        (&certificate, format!("{}\n{wrong}", by_file(&encrypted)), 5, ["enc.key", "is not decrypted"]),
        (&certificate, by_file(&certificate), 5, ["`private_key`", "but a certificate"]),
        (&key, by_file(&key), 3, ["me.key", "holds no certificate"]),
        (&p12, String::new(), 5, ["me.p12", "`private_key_passphrase` is not set"]),
        (&p12, wrong.to_owned(), 5, ["me.p12", "is not decrypted"]),
        (&certificate, by_file(jwk.to_str().unwrap()), 5, ["key.jwk", "has to be PEM"]),
        (&old, by_file(&key), 3, ["old.crt", "X.509 version 1"]),
        ("/dev/null", String::new(), 3, ["/dev/null", "cannot be read"]),
        (exposed.to_str().unwrap(), String::new(), 5, ["can be read by others (mode 0644)", "chmod 600"]),
    ] {
        world.write_config(&profile("https://127.0.0.1:1/token", "tls_client_auth", &secure.lines(certificate, &more)));
        fails(&world, status, pieces);
    }
}

#[test]
fn azure_finds_the_key_by_the_thumbprint_of_its_certificate() {
    let world = World::new();
    let Some(keys) = Keys::new(&world) else { return };
    let (key, _) = keys.make("key.pem", "RSA");
    let certificate = keys.certificate(&key, "azure", "9");
    let server = OddServer::always(Answer::token("t", 900));
    let lines = format!("private_key = {{ file = {} }}\nclient_certificate = {}", quoted(&key), quoted(&certificate));
    world.write_config(&profile(&server.url("/token"), "private_key_jwt", &lines));
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t\n"));
    let assertion = server.requests()[0].form()[3].1.clone();
    let header = URL_SAFE_NO_PAD.decode(assertion.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let p12 = keys.convert(&certificate, "azure.p12", &["pkcs12", "-export", "-inkey", &key, "-passout", "pass:x"]);
    let lines = format!("private_key = {{ file = {} }}\nclient_certificate = {}", quoted(&key), quoted(&p12));
    world.write_config(&profile(&server.url("/token"), "private_key_jwt", &lines));
    fails(&world, 3, ["azure.p12", "a certificate that is PEM"]);
    let printed = keys.openssl(["x509", "-in", &certificate, "-noout", "-fingerprint", "-sha256"]).stdout;
    let digest = URL_SAFE_NO_PAD.decode(header["x5t#S256"].as_str().unwrap()).unwrap();
    let digest: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    assert!(printed.trim().ends_with(&digest.join(":")), "{printed} {header}");
}

// What is secret stays so.

/// Every command that could let a key slip.
const COMMANDS: [&[&str]; 7] = [
    &["dev", "--verbose", "--shell", "sh"],
    &["token", "dev", "--verbose", "--fresh", "--json"],
    &["show", "dev", "--verbose"],
    &["curl", "dev", "--verbose"],
    &["curl", "dev", "GET", "https://api.example/pets", "--verbose", "--credentials", "placeholder"],
    &["doctor", "dev", "--verbose", "--token"],
    &["secret", "check", "dev", "--key", "private_key", "--verbose"],
];

#[test]
fn a_key_its_passphrase_and_the_assertion_are_in_no_output_and_no_file_also_when_the_server_echoes_them() {
    let world = World::new();
    let Some(keys) = Keys::new(&world) else { return };
    let (key, _) = keys.make("key.pem", "EC");
    keys.convert(&key, "locked.pem", &["pkcs8", "-topk8", "-passout", "pass:c4nary pass"]);
    let pem = fs::read_to_string(world.work().join("locked.pem")).unwrap();
    let jwk: Value = serde_json::from_str(&keys.jwk(&key, "")).unwrap();
    let server = OddServer::start(|request, _| {
        let echo = format!(r#"{{"error":"invalid_client","error_description":"{}"}}"#, request.body);
        Answer::json(401, &echo)
    });
    let lines = "private_key = { env = \"KEY\" }\nprivate_key_passphrase = { env = \"PASS\" }\n\
                 api_url = \"https://api.example\"";
    world.write_config(&profile(&server.url("/token"), "private_key_jwt", lines));
    fs::remove_file(&key).unwrap();
    fs::remove_file(world.work().join("locked.pem")).unwrap();
    for arguments in COMMANDS {
        let run = world.choreo_env(arguments).env("KEY", &pem).env("PASS", "c4nary pass").run();
        let shown = format!("{}{}", run.stdout, run.stderr);
        let written = world.files().into_iter().map(|(_, content)| String::from_utf8_lossy(&content).into_owned());
        for text in written.chain([shown]) {
            let body = pem.lines().nth(1).unwrap();
            for secret in [body, jwk["d"].as_str().unwrap(), "c4nary", "eyJ"] {
                assert!(!text.contains(secret), "{secret} is shown by {arguments:?}\n{text}");
            }
        }
    }
    assert!(server.count() > 2, "{}", server.count());
}

#[test]
fn a_key_of_several_lines_can_be_pasted_at_a_terminal() {
    let world = World::new();
    let Some(script) = tools::find("script") else { return };
    let Some(keys) = Keys::new(&world) else { return };
    let (key, public) = keys.make("key.pem", "RSA");
    let clients = client("private_key_jwt", &json!({ "public_key": public, "kid": "k1" }));
    let Some(server) = Oidc::knowing(clients, json!({})) else { return };
    world.write_config(&profile(&server.token_url(), "private_key_jwt", "private_key = { prompt = true }"));
    let pem = fs::read_to_string(&key).unwrap();
    let command = "choreo-env token dev >token; echo ended with $?";
    let run = world.command(script).args(["-qec", command, "/dev/null"]).stdin(format!("{pem}\n")).run();
    assert!(run.stdout.contains("paste it (it is not shown)") && run.stdout.contains("ended with 0"), "{run}");
    assert!(fs::read_to_string(world.work().join("token")).unwrap().len() > 20, "{run}");
}

#[test]
fn a_key_is_not_asked_for_while_the_cache_has_a_token() {
    let world = World::new();
    let Some(keys) = Keys::new(&world) else { return };
    let (key, _) = keys.make("key.pem", "ED25519");
    let server = OddServer::always(Answer::token("t", 900));
    let asked = format!("private_key = {{ command = [\"sh\", \"-c\", \"echo >>asked; cat {key}\"] }}");
    world.write_config(&profile(&server.url("/token"), "private_key_jwt", &asked));
    for _ in 0..3 {
        world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t\n"));
    }
    assert_eq!((fs::read_to_string(world.work().join("asked")).unwrap().as_str(), server.count()), ("\n", 1));
}

#[test]
fn a_token_request_that_no_command_can_make_is_told_and_a_call_of_the_api_works() {
    let server = OddServer::always(Answer::token("t", 900));
    let lines = format!("consumer_secret = \"{SECRET}\"\napi_url = \"https://api.example\"");
    let world = World::with(profile(&server.url("/token"), "client_secret_jwt", &lines));
    let run = world.choreo_env(["curl", "dev"]).run();
    run.assert(&ends(3).stderr_has(["client_secret_jwt", "cannot be written as a command", "`choreo-env token dev`"]));
    let run = world.choreo_env(["curl", "dev", "GET", "/pets"]).run();
    run.assert(&fine().stdout_has(["https://api.example/pets"]));
    world.write_config(&profile(&server.url("/token"), "none", ""));
    let run = world.choreo_env(["curl", "dev"]).run();
    run.assert(&fine().stdout_has(["grant_type=client_credentials", &format!("client_id={KEY}")]));
}

#[test]
fn a_profile_with_a_private_key_is_added_and_used() {
    let world = World::new();
    let Some(keys) = Keys::new(&world) else { return };
    let (key, public) = keys.make("key.pem", "RSA");
    let clients = client("private_key_jwt", &json!({ "public_key": public, "kid": "k1" }));
    let Some(server) = Oidc::knowing(clients, json!({})) else { return };
    let method = ["--client-auth", "private_key_jwt", "--key-id", "k1", "--secret-file", &key];
    let add = ["add", "dev", "--consumer-key", KEY, "--token-url", &server.token_url()];
    world.choreo_env([&add[..], &method].concat()).run().assert(&fine());
    let run = world.choreo_env(["show", "dev"]).run();
    assert!(run.stdout.contains("private_key ") && !run.stdout.contains("consumer_secret"), "{run}");
    works(&world, "added");
    let run = world.choreo_env(["doctor", "dev"]).run();
    assert!(run.status == Some(0) && run.stdout.contains("`private_key`: the file"), "{run}");
    assert!(!run.stdout.contains("consumer_secret"), "{run}");
    let none = ["add", "open", "--consumer-key", KEY, "--client-auth", "none"];
    world.choreo_env(none).run().assert(&fine());
    let tls = ["add", "bank", "--consumer-key", KEY, "--client-auth", "tls_client_auth"];
    world.choreo_env(tls).run().assert(&ends(2).stderr_has(["error: `--client-certificate` is missing"]));
    let shown = ["--client-certificate", "bank.p12", "--token-url", "https://bank.example/token"];
    world.choreo_env([&tls[..], &shown].concat()).run().assert(&fine());
    let run = world.choreo_env(["show", "bank"]).run();
    assert!(run.status == Some(0) && run.stdout.contains(&format!("{}/bank.p12", world.work().display())), "{run}");
    let run = world.choreo_env(["doctor", "open", "--offline"]).run();
    assert!(run.stdout.contains("`client_auth = \"none\"` needs none"), "{run}");
}

// Keys that do not fit together.

#[test]
fn keys_that_do_not_fit_together_are_mistakes_with_place_and_hint() {
    for (method, lines, pieces) in [
        ("private_key_jwt", "", ["`private_key` is not set", "config.toml:4", "private_key = {"]),
        ("tls_client_auth", "", ["`client_certificate` is not set", "config.toml:4", "client_certificate ="]),
        ("tls_client_auth", "client_certificate = \"x.pem\"", ["needs https", "config.toml:2", "https"]),
        (
            "private_key_jwt",
            "private_key = { env = \"K\" }\nsigning_algorithm = \"HS256\"",
            ["is not for `private_key_jwt`", "config.toml:6", "RS256"],
        ),
        (
            "client_secret_jwt",
            "signing_algorithm = \"RS256\"",
            ["is not for `client_secret_jwt`", "config.toml:5", "HS256"],
        ),
        ("private_key_jwt", "signing_algorithm = \"none\"", ["`signing_algorithm` must be", "config.toml:5", "EdDSA"]),
        ("none", "[profiles.dev.params]\nclient_assertion = \"x\"", ["client_assertion", "config.toml:6", "itself"]),
    ] {
        let world = World::with(profile("http://127.0.0.1:1/token", method, lines));
        let run = world.choreo_env(["token", "dev"]).run().assert(&ends(3).stderr_has(["error: "]));
        assert!(pieces.iter().all(|piece| run.stderr.contains(piece)), "{lines}\n{run}");
    }
    let open = "[profiles.dev]\nconsumer_key = \"k\"\nprivate_key = { env = \"K\" }\n";
    let run = World::with(open).choreo_env(["token", "dev"]).run();
    run.assert(&ends(3).stderr_has(["does not say what for", "config.toml:3", "\nhint: add `client_auth = "]));
}

// Questions about a token

/// Asks about the token, has it ended, and asks again.
#[track_caller]
fn is_known_until_it_ends(world: &World, what: &str) {
    works(world, what);
    let run = world.choreo_env(["inspect", "--profile", "dev", "--json"]).run();
    let found: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{what}\n{run}"));
    assert_eq!(found["active"], json!(true), "{what}\n{run}");
    let token = world.choreo_env(["token", "dev"]).run().stdout;
    world.choreo_env(["revoke", "dev"]).run().assert(&fine());
    let run = world.choreo_env(["inspect", "--profile", "dev", "--json", "-"]).stdin(token).run();
    let found: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{what}\n{run}"));
    assert_eq!(found["active"], json!(false), "{what}\n{run}");
}

#[test]
fn each_attempt_has_an_assertion_of_its_own_for_the_token_endpoint_and_no_answer_shows_it() {
    let server = OddServer::start(|request, count| match request.path.as_str() {
        "/token" => Answer::token("t0ken", 900),
        _ if count == 1 => Answer::http(503, &[], ""),
        _ => {
            let sent = request.form().into_iter().find(|(name, _)| name == "client_assertion").unwrap().1;
            let text = json!({ "error": "invalid_client", "error_description": format!("{sent} t0ken") });
            Answer::json(401, &text.to_string())
        }
    });
    let lines = format!("consumer_secret = {}\nrevoke_url = {}", quoted(LONG), quoted(&server.url("/revoke")));
    let world = World::with(profile(&server.url("/token"), "client_secret_jwt", &lines));
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
    let run = world.choreo_env(["revoke", "dev"]).run();
    let run =
        run.assert(&ends(6).stderr_has(["the server refused the client and its assertion: `invalid_client`", "***"]));
    assert!(!run.stderr.contains("eyJ") && !run.stderr.contains("t0ken"), "{run}");
    let claims = |request: &Request| {
        let sent = request.form().into_iter().find(|(name, _)| name == "client_assertion").unwrap().1;
        let part = URL_SAFE_NO_PAD.decode(sent.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice::<Value>(&part).unwrap()
    };
    let said: Vec<Value> = server.requests().iter().map(claims).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said.iter().all(|claims| claims["aud"] == server.url("/token")), "{said:?}");
    assert!(said[1]["jti"] != said[2]["jti"] && said[0]["jti"] != said[1]["jti"], "{said:?}");
}

#[test]
fn a_token_is_asked_about_and_ended_with_an_assertion_and_with_a_certificate() {
    let world = World::new();
    let Some(secure) = Secure::new(&world) else { return };
    let (key, public) = secure.keys.make("sign.key", "EC");
    let by_key = format!("private_key = {{ file = {} }}", quoted(&key));
    let registered = client("private_key_jwt", &json!({ "public_key": public }));
    let Some(server) = Oidc::knowing(registered, json!({})) else { return };
    let url = quoted(server.issuer());
    world.write_config(&format!("[profiles.dev]\nissuer = {url}\nconsumer_key = \"{KEY}\"\n{by_key}\n"));
    is_known_until_it_ends(&world, "private_key_jwt");
    let registered = client("client_secret_jwt", &json!({ "client_secret": LONG }));
    let Some(server) = Oidc::knowing(registered, json!({})) else { return };
    let lines = format!("issuer = {}\nconsumer_secret = {}", quoted(server.issuer()), quoted(LONG));
    world.write_config(&profile(&server.token_url(), "client_secret_jwt", &lines));
    is_known_until_it_ends(&world, "client_secret_jwt");
    let registered = client("tls_client_auth", &json!({ "tls_client_auth_subject_dn": "CN=me" }));
    let Some(server) = Oidc::knowing(registered, secure.options.clone()) else { return };
    let (certificate, key) = secure.client("me", "9");
    let lines = secure.lines(&certificate, &format!("private_key = {{ file = {} }}", quoted(&key)));
    let url = quoted(server.issuer());
    world.write_config(&format!("[profiles.dev]\nissuer = {url}\nconsumer_key = \"{KEY}\"\n{lines}\n"));
    is_known_until_it_ends(&world, "tls_client_auth");
}
