//! Servers that refuse, answer oddly, or do not answer.

use std::net::TcpListener;
use std::time::Instant;

use super::*;

/// An error with all that is said about it.
fn refused(world: &mut World, profile: &Profile) -> (TokenError, String) {
    let error = world.obtain(profile).expect_err("no token");
    let all = format!("{error} {} {error:?} {:?}", error.hint().unwrap_or_default(), world.notices);
    assert!(!all.contains("canary"), "{all}");
    (error, all)
}

#[test]
fn a_wrong_secret_is_told_with_key_origin_and_encoding() {
    let server = Server::answering(
        "401 Unauthorized",
        r#"{"error":"invalid_client","error_description":"bad\u001b[31m secret canary/secret canary%2Fsecret"}"#,
    );
    let (error, _) = refused(&mut World::new(), &profile(&server.url()));
    assert_eq!(error.exit(), Exit::Refused);
    assert_eq!(
        error.to_string(),
        format!(
            "profile `dev`: no token from `{}` (--set token_url): the server refused key and secret: \
             `invalid_client`, HTTP 401, \"bad[31m secret *** ***\"",
            server.url()
        )
    );
    let hint = error.hint().expect("a hint");
    let lines: Vec<&str> = hint.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "the consumer key is `key` (--set consumer_key), and the secret is taken from --set consumer_secret",
            "they were sent as `client_secret_basic` (built-in default) with `basic_encoding = \"form\"` (built-in default)",
            "the other encoding, `basic_encoding = \"raw\"`, is refused, too",
        ]
    );
    assert_eq!(server.count(), 2);
}

#[test]
fn the_encoding_that_the_server_wants_is_found_out_and_its_token_is_not_used() {
    let server = Server::start(|_, seen, stream| match seen.header("authorization") {
        Some("Basic a2V5OmNhbmFyeS9zZWNyZXQ=") => reply(stream, "200 OK", "", GRANTED), // key:canary/secret
        _ => reply(stream, "401 Unauthorized", "", r#"{"error":"invalid_client"}"#),
    });
    let mut world = World::new();
    let mut profile = profile(&server.url());
    let (error, _) = refused(&mut world, &profile);
    assert!(error.hint().expect("a hint").ends_with("\nthe server accepts it with `basic_encoding = \"raw\"`"));
    assert!(peek_in(&world, &profile).is_none());
    profile.basic_encoding.value = BasicEncoding::Raw;
    assert!(world.obtain(&profile).is_ok());
}

#[test]
fn where_both_encodings_are_the_same_nothing_is_tried() {
    let server = Server::answering("401 Unauthorized", r#"{"error":"invalid_client"}"#);
    let mut profile = profile(&server.url());
    let secret = SecretRef::Value(SecretString::from("canary"));
    profile.consumer_secret = Some(Sourced::new(secret, Origin::BuiltIn));
    let (error, _) = refused(&mut World::new(), &profile);
    assert!(error.hint().expect("a hint").contains("\ndo key and secret belong"));
    assert_eq!(server.count(), 1);
}

#[test]
fn a_secret_that_the_rfc_does_not_allow_is_named_as_the_cause() {
    let server = Server::answering("401 Unauthorized", "");
    let mut profile = profile(&server.url());
    let secret = SecretRef::Value(SecretString::from("canaryé"));
    profile.consumer_secret = Some(Sourced::new(secret, Origin::BuiltIn));
    let (error, _) = refused(&mut World::new(), &profile);
    let hint = error.hint().expect("a hint");
    assert!(
        hint.contains("the consumer secret has characters outside printable ASCII") && hint.contains("oidc-provider")
    );
}

#[test]
fn a_key_with_a_colon_is_refused_before_anything_is_sent() {
    let server = counting();
    let mut profile = profile(&server.url());
    profile.consumer_key.value = "k:y".into();
    profile.basic_encoding.value = BasicEncoding::Raw;
    let (error, _) = refused(&mut World::new(), &profile);
    assert_eq!((error.exit(), server.count()), (Exit::Config, 0));
}

#[test]
fn each_oauth_error_has_its_hint() {
    for (code, word) in [
        ("invalid_request", "`params`"),
        ("invalid_grant", "token_url"),
        ("unauthorized_client", "client credentials grant"),
        ("unsupported_grant_type", "client credentials grant"),
        ("invalid_scope", "`read`, `write`"),
        ("invalid_target", "`https://api`"),
        ("temporarily_unavailable", "later"),
    ] {
        let server = Server::answering("400 Bad Request", &format!(r#"{{"error":"{code}"}}"#));
        let mut profile = profile(&server.url());
        profile.scopes = vec!["read".into(), "write".into()];
        profile.resource = vec!["https://api".into()];
        let (error, _) = refused(&mut World::new(), &profile);
        assert!(error.to_string().contains(&format!("`{code}`")), "{error}");
        assert!(error.hint().expect("a hint").contains(word), "{code}: {:?}", error.hint());
        // An invalid request may be one whose Basic header cannot be read: the other encoding is tried.
        let requests = if code == "invalid_request" { 2 } else { 1 };
        assert_eq!((error.exit(), server.count()), (Exit::Refused, requests), "{code}");
    }
}

#[test]
fn each_status_has_its_hint() {
    for (status, word) in [
        ("403 Forbidden", "firewall"),
        ("404 Not Found", "path"),
        ("405 Method Not Allowed", "path"),
        ("407 Proxy", "proxy"),
    ] {
        let server = Server::answering(status, "<html>nothing here</html>");
        let (error, _) = refused(&mut World::new(), &profile(&server.url()));
        assert!(error.to_string().contains(&format!("HTTP {}", &status[..3])), "{error}");
        assert!(error.hint().expect("a hint").contains(word), "{status}: {:?}", error.hint());
        assert_eq!((error.exit(), server.count()), (Exit::Refused, 1), "{status}");
    }
}

#[test]
fn a_server_that_is_overloaded_is_asked_three_times() {
    let server = Server::start(|number, _, stream| match number {
        0 => reply(stream, "503 Service Unavailable", "retry-after: 0\r\n", ""),
        1 => reply(stream, "429 Too Many Requests", "", ""),
        _ => reply(stream, "200 OK", "", GRANTED),
    });
    assert!(World::new().obtain(&profile(&server.url())).is_ok());
    assert_eq!(server.count(), 3);
    let server = Server::answering("500 Internal Server Error", "");
    let (error, _) = refused(&mut World::new(), &profile(&server.url()));
    assert!(error.to_string().contains("HTTP 500, 3 times"), "{error}");
    assert_eq!((error.exit(), server.count()), (Exit::Refused, 3));
}

#[test]
fn a_server_that_asks_to_wait_longer_than_there_is_time_is_not_asked_again() {
    let server = Server::start(|_, _, stream| reply(stream, "429 Too Many Requests", "retry-after: 90\r\n", ""));
    let started = Instant::now();
    let (error, _) = refused(&mut World::new(), &profile(&server.url()));
    assert!(error.to_string().contains("it asks to wait 1m 30s"), "{error}");
    assert!(error.hint().expect("a hint").contains("try again in 1m 30s"));
    assert_eq!(server.count(), 1);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_server_that_is_not_there_is_a_network_error() {
    let port = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
    let (error, _) = refused(&mut World::new(), &profile(&format!("http://127.0.0.1:{port}/token")));
    assert!(error.to_string().contains("the connection was refused, 3 times"), "{error}");
    assert_eq!(error.exit(), Exit::Network);
}

#[test]
fn a_name_that_does_not_exist_is_a_network_error() {
    // A label of more than 63 characters: the system says no without asking anybody.
    let profile = profile(&format!("http://{}.localhost/token", "a".repeat(64)));
    let (error, _) = refused(&mut World::new(), &profile);
    assert!(error.to_string().contains("its host name could not be resolved"), "{error}");
    assert_eq!(error.exit(), Exit::Network);
}

#[test]
fn a_server_that_does_not_answer_in_time_is_a_network_error() {
    let slow = |head: &'static str| {
        Server::start(move |_, _, stream| {
            _ = stream.write_all(head.as_bytes());
            _ = stream.flush();
            _ = stream.read(&mut [0]); // until the client has given up
        })
    };
    for head in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"access_token\":"] {
        let server = slow(head);
        let mut profile = profile(&server.url());
        profile.timeout = Duration::from_millis(300);
        let (error, _) = refused(&mut World::new(), &profile);
        assert!(error.to_string().contains("there was no answer within 300ms"), "{error}");
        assert_eq!(error.exit(), Exit::Network);
    }
}

#[test]
fn an_endless_answer_is_cut_off() {
    let server = Server::start(|_, _, stream| {
        _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        while stream.write_all(&[b' '; 8192]).is_ok() {}
    });
    let (error, _) = refused(&mut World::new(), &profile(&server.url()));
    assert!(error.to_string().contains("longer than 1 MiB"), "{error}");
    assert_eq!((error.exit(), server.count()), (Exit::Refused, 1));
}

#[test]
fn an_answer_of_almost_1_mib_is_read() {
    let body = format!(r#"{{"access_token":"{}","expires_in":900}}"#, "a".repeat(1024 * 1024 - 100));
    let server = Server::answering("200 OK", &body);
    let mut world = World::new();
    let profile = profile(&server.url());
    assert_eq!(value(&world.obtain(&profile).expect("a token")).len(), 1024 * 1024 - 100);
    assert_eq!(value(&world.obtain(&profile).expect("a token")).len(), 1024 * 1024 - 100);
    assert_eq!(server.count(), 1);
}

#[test]
fn a_connection_that_breaks_is_tried_again() {
    let server = Server::start(|number, _, stream| match number {
        0 => {}
        1 => drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")),
        _ => reply(stream, "200 OK", "", GRANTED),
    });
    assert!(World::new().obtain(&profile(&server.url())).is_ok());
    assert_eq!(server.count(), 3);
}

#[test]
fn a_redirect_is_not_followed() {
    let target = counting();
    let location = format!("location: {}?code=canary\r\n", target.url());
    let server = Server::start(move |_, _, stream| reply(stream, "307 Temporary Redirect", &location, ""));
    let (error, _) = refused(&mut World::new(), &profile(&server.url()));
    assert!(error.to_string().contains(&format!("redirects to `http://127.0.0.1:{}`", target.port())), "{error}");
    assert_eq!((error.exit(), target.count()), (Exit::Refused, 0));
}

#[test]
fn what_is_no_token_is_told_and_not_kept() {
    for (body, words) in [
        ("<html>Log in</html>", "web page"),
        ("", "empty"),
        (r#"{"access_token":"canary"#, "cut off"),
        (r#"{"access_token":"canary\n"}"#, "RFC 6749 A.12"),
        (r#"{"access_token":"canary","token_type":"DPoP"}"#, "`DPoP`"),
        (r#"{"error":"invalid_scope"}"#, "`invalid_scope`"),
    ] {
        let server = Server::answering("200 OK", body);
        let mut world = World::new();
        let profile = profile(&server.url());
        let (error, _) = refused(&mut world, &profile);
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.hint().is_some(), "{error}");
        assert_eq!((error.exit(), server.count()), (Exit::Refused, 1));
        assert!(peek_in(&world, &profile).is_none());
    }
}

#[test]
fn a_living_token_is_served_with_a_warning_when_no_new_one_can_be_had() {
    let server = Server::answering("400 Bad Request", r#"{"error":"invalid_scope"}"#);
    let mut world = World::new();
    let profile = profile(&server.url());
    world.keep(&profile, 30);
    assert_eq!(value(&world.obtain(&profile).expect("the old one")), "old");
    let [warning] = world.warnings()[..] else { panic!("{:?}", world.notices) };
    assert!(
        warning.contains("`invalid_scope`") && warning.contains("the cached token is served, it has 2"),
        "{warning}"
    );
    let fresh = Wanted { fresh: true, ..Wanted::default() };
    assert_eq!(world.obtain_wanted(&profile, &fresh).expect_err("refused").exit(), Exit::Refused);
    world.keep(&profile, 0);
    assert_eq!(world.obtain(&profile).expect_err("refused").exit(), Exit::Refused);
}

#[test]
fn a_proxy_on_another_machine_is_not_used_for_plain_http() {
    let (server, mut world) = (counting(), World::new());
    let mut profile = profile(&server.url());
    profile.proxy = Some(url::Url::parse("http://user:canary@192.0.2.1:3128").expect("a URL"));
    assert!(world.obtain(&profile).is_ok());
    assert!(server.seen()[0].head.starts_with("POST /oauth2/token "));
    assert!(!format!("{:?}", world.notices).contains("canary"));
}

#[test]
fn a_proxy_that_is_named_is_used() {
    let proxy = counting();
    let mut profile = profile("http://127.0.0.1:1/token");
    profile.proxy = Some(url::Url::parse(&format!("http://127.0.0.1:{}", proxy.port())).expect("a URL"));
    assert!(World::new().obtain(&profile).is_ok());
    assert!(proxy.seen()[0].head.starts_with("POST http://127.0.0.1:1/token HTTP/1.1\r\n"));
}

#[test]
fn a_proxy_that_refuses_is_told() {
    for (status, words) in [("407 Proxy Authentication Required", "user name"), ("403 Forbidden", "proxy refused")] {
        let proxy = Server::start(move |_, _, stream| reply(stream, status, "", ""));
        let mut profile = profile("https://127.0.0.1:1/token");
        profile.insecure = true;
        profile.proxy = Some(url::Url::parse(&format!("http://u:canary@127.0.0.1:{}", proxy.port())).expect("a URL"));
        let (error, _) = refused(&mut World::new(), &profile);
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.hint().expect("a hint").contains("proxy"));
        assert_eq!(error.exit(), Exit::Network);
    }
}
