//! Answers as servers give them, in every odd form.

use super::time::LONGEST;
use super::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use std::time::{Duration, UNIX_EPOCH};

const NOW: i64 = 1_700_000_000;

fn answer(status: u16, body: &[u8]) -> Answer {
    Answer {
        status,
        content_type: Some("application/json".into()),
        date: None,
        retry_after: None,
        cache_control: None,
        location: None,
        body: Zeroizing::new(body.to_vec()),
        sent: Moment::from_millis(NOW * 1000),
        received: Moment::from_millis(NOW * 1000 + 40),
    }
}

fn read_answer(answer: &Answer) -> Result<AccessToken, Rejection> {
    read(answer, &Url::parse("https://sts.example/oauth2/token").expect("a URL"), &Cleaner::default())
}

fn read_body(body: &str) -> Result<AccessToken, Rejection> {
    read_answer(&answer(200, body.as_bytes()))
}

fn lifetime_of(body: &str) -> Option<u64> {
    read_body(body).expect("a token").lifetime()
}

fn http_date(seconds: i64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs()))
}

#[test]
fn a_plain_answer_is_read() {
    let token = read_body(r#"{"access_token":"abc","token_type":"Bearer","expires_in":900,"scope":"a b"}"#);
    let token = token.expect("a token");
    assert_eq!((token.expires_at(), token.lifetime(), token.scope()), (Some(NOW + 900), Some(900), Some("a b")));
    assert_eq!(token.obtained_at().millis(), NOW * 1000 + 40);
}

#[test]
fn expires_in_is_read_in_every_form_that_servers_use() {
    for (form, lifetime) in [
        ("900", 900),
        ("\"900\"", 900),
        ("900.9", 900),
        ("\" 900.5 \"", 900),
        ("9e2", 900),
        ("0", 0),
        ("-5", 0),
        ("1e300", LONGEST.unsigned_abs()),
        ("18446744073709551615", LONGEST.unsigned_abs()),
        ("\"inf\"", LONGEST.unsigned_abs()),
    ] {
        let body = format!(r#"{{"access_token":"abc","expires_in":{form}}}"#);
        assert_eq!(lifetime_of(&body), Some(lifetime), "{form}");
    }
    for form in ["null", "\"\"", "\"soon\"", "[]", "true", "\"nan\""] {
        let body = format!(r#"{{"access_token":"abc","expires_in":{form}}}"#);
        assert_eq!(lifetime_of(&body), None, "{form}");
    }
}

#[test]
fn a_jwt_says_when_it_expires_where_the_server_does_not() {
    let jwt = |claims: String| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
    let received = |claims: String, date: Option<i64>| {
        let mut answer = answer(200, format!(r#"{{"access_token":"{}"}}"#, jwt(claims)).as_bytes());
        answer.date = date.map(http_date);
        let token = read_answer(&answer).expect("a token");
        (token.expires_at(), token.lifetime())
    };
    let exp = |seconds: i64| format!(r#"{{"exp":{seconds}}}"#);
    assert_eq!(received(exp(NOW + 900), None), (Some(NOW + 900), Some(900)));
    // The server's clock is an hour ahead, and an hour behind: the token lives as long.
    assert_eq!(received(exp(NOW + 4500), Some(NOW + 3600)), (Some(NOW + 900), Some(900)));
    assert_eq!(received(exp(NOW - 2700), Some(NOW - 3600)), (Some(NOW + 900), Some(900)));
    // Two seconds are no difference.
    assert_eq!(received(exp(NOW + 900), Some(NOW - 2)), (Some(NOW + 900), Some(900)));
    // Without a Date, an `iat` in our future shows the difference; one in the past shows nothing.
    let both = |iat: i64, exp: i64| format!(r#"{{"iat":{iat},"exp":{exp}}}"#);
    assert_eq!(received(both(NOW + 3600, NOW + 4500), None), (Some(NOW + 900), Some(900)));
    assert_eq!(received(both(NOW - 300, NOW + 900), None), (Some(NOW + 900), Some(900)));
    assert_eq!(received(exp(NOW - 1), None), (Some(NOW), Some(0)));
}

#[test]
fn the_servers_clock_is_told_where_it_is_not_ours() {
    let mut odd = answer(200, br#"{"access_token":"abc"}"#);
    assert_eq!(clock(&odd), None);
    for (ahead, told) in [(3600, Some(3600)), (-90, Some(-90)), (2, None), (0, None)] {
        odd.date = Some(http_date(NOW + ahead));
        assert_eq!(clock(&odd), told.map(|ahead| (ahead, "its `Date` header")), "{ahead}");
    }
    let jwt = |iat: i64| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(format!(r#"{{"iat":{iat}}}"#)));
    for (iat, told) in [(NOW + 3600, Some(3600)), (NOW - 3600, None)] {
        let odd = answer(200, format!(r#"{{"access_token":"{}"}}"#, jwt(iat)).as_bytes());
        assert_eq!(clock(&odd), told.map(|ahead| (ahead, "the `iat` of its token")), "{iat}");
    }
}

#[test]
fn a_long_list_of_scopes_is_read_whole() {
    let scopes = (0..200).map(|number| format!("scope{number}")).collect::<Vec<_>>().join(" ");
    let token = read_body(&format!(r#"{{"access_token":"abc","scope":"{scopes}"}}"#)).expect("a token");
    assert_eq!(token.scope(), Some(scopes.as_str()));
}

#[test]
fn the_token_type_may_be_missing_or_in_any_case_but_not_another() {
    for form in ["\"Bearer\"", "\"bearer\"", "\"BEARER\"", "\" bearer \"", "\"\"", "null"] {
        assert!(read_body(&format!(r#"{{"access_token":"abc","token_type":{form}}}"#)).is_ok(), "{form}");
    }
    assert!(read_body(r#"{"access_token":"abc"}"#).is_ok());
    for (form, name) in [("\"DPoP\"", "DPoP"), ("\"mac\"", "mac"), ("5", "of an unknown form")] {
        let refused = read_body(&format!(r#"{{"access_token":"abc","token_type":{form}}}"#));
        assert_eq!(refused.err(), Some(Rejection::TokenType(name.into())), "{form}");
    }
}

#[test]
fn the_content_type_and_a_byte_order_mark_do_not_matter() {
    let mut odd = answer(201, "\u{feff} {\"access_token\":\"abc\"}\n".as_bytes());
    odd.content_type = Some("text/html".into());
    assert!(read_answer(&odd).is_ok());
    odd.content_type = None;
    assert!(read_answer(&odd).is_ok());
}

#[test]
fn an_oauth_error_is_recognised_with_every_status() {
    let body = br#"{"error":"invalid_client","error_description":"no\u001b[31m such client"}"#;
    let expected = Rejection::OAuth { code: "invalid_client".into(), description: Some("no[31m such client".into()) };
    for status in [200, 400, 401, 500] {
        assert_eq!(read_answer(&answer(status, body)).err(), Some(expected.clone()), "{status}");
    }
}

#[test]
fn an_empty_error_beside_a_token_is_no_error_and_a_token_beside_an_error_status_is_none() {
    assert!(read_body(r#"{"access_token":"abc","error":""}"#).is_ok());
    assert!(read_body(r#"{"access_token":"abc","error":null}"#).is_ok());
    let refused = read_answer(&answer(400, br#"{"access_token":"abc"}"#));
    assert_eq!(refused.err(), Some(Rejection::Status { text: None }));
}

#[test]
fn the_gateways_own_errors_keep_their_text() {
    let body = br#"{"code":"900901","message":"Invalid Credentials","description":"Access failure"}"#;
    let refused = read_answer(&answer(401, body)).err();
    assert_eq!(refused, Some(Rejection::Status { text: Some("Access failure".into()) }));
    let mut plain = answer(503, b"no healthy upstream\n");
    plain.content_type = Some("text/plain; charset=utf-8".into());
    let refused = read_answer(&plain).err();
    assert_eq!(refused, Some(Rejection::Status { text: Some("no healthy upstream".into()) }));
}

#[test]
fn what_is_no_token_answer_is_named() {
    for (body, expected) in [
        ("", Rejection::Empty),
        (" \n", Rejection::Empty),
        ("<!doctype html><title>Log in</title>", Rejection::WebPage),
        (r#"{"access_token":"ab"#, Rejection::Truncated),
        ("{", Rejection::Truncated),
        ("token", Rejection::NotJson),
        ("[]", Rejection::NotJson),
        ("\"abc\"", Rejection::NotJson),
        ("{}", Rejection::NoToken),
        (r#"{"access_token":5}"#, Rejection::NoToken),
        (r#"{"access_token":null}"#, Rejection::NoToken),
        (r#"{"access_token":""}"#, Rejection::NotVschar),
        (r#"{"access_token":"a\nb"}"#, Rejection::NotVschar),
        (r#"{"access_token":"a\u0007b"}"#, Rejection::NotVschar),
        (r#"{"access_token":"é"}"#, Rejection::NotVschar),
    ] {
        assert_eq!(read_body(body).err(), Some(expected), "{body}");
    }
    assert_eq!(read_answer(&answer(200, b"\xff{")).err(), Some(Rejection::NotText));
    assert_eq!(read_answer(&answer(502, b"<html>")).err(), Some(Rejection::Status { text: None }));
}

#[test]
fn a_redirect_shows_no_more_than_where_it_points() {
    let mut answer = answer(302, b"");
    for (location, to) in [
        (Some("https://login.example:8443/a?secret=x"), Some("https://login.example:8443")),
        (Some("/login?x=y"), Some("https://sts.example")),
        (Some("https://[bad"), None),
        (Some("app:login"), None),
        (None, None),
    ] {
        answer.location = location.map(str::to_owned);
        assert_eq!(read_answer(&answer).err(), Some(Rejection::Redirect { to: to.map(str::to_owned) }));
    }
}

#[test]
fn doubled_fields_are_no_reason_to_fail() {
    let token = read_body(r#"{"access_token":"a","access_token":"b","expires_in":1,"expires_in":[]}"#);
    assert_eq!(token.expect("a token").lifetime(), None);
}

#[test]
fn retry_after_is_seconds_or_a_date_of_the_servers_clock() {
    let mut answer = answer(503, b"");
    for (header, date, expected) in [
        ("7".to_owned(), None, Some(7)),
        (http_date(NOW + 9), None, Some(9)),
        (http_date(NOW + 3609), Some(http_date(NOW + 3600)), Some(9)),
        (http_date(NOW - 9), None, Some(0)),
        ("soon".to_owned(), None, None),
    ] {
        (answer.retry_after, answer.date) = (Some(header), date);
        assert_eq!(retry_after(&answer), expected.map(Duration::from_secs));
    }
}

proptest! {
    #[test]
    fn no_body_breaks_it(body: Vec<u8>, status in 100_u16..600) {
        _ = read_answer(&answer(status, &body));
    }

    #[test]
    fn no_field_breaks_it(name in "(access_token|expires_in|error|token_type|scope)", value in r#"(-?[0-9]{1,40}|"\PC{0,9}"|\[\]|\{\}|null|true)"#) {
        _ = read_body(&format!(r#"{{"access_token":"abc","{name}":{value}}}"#));
    }
}
