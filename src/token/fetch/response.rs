//! The answer of a token endpoint (RFC 6749 §5).
//!
//! Owns the reading of answers: tolerant in form, strict in what a token is. Never trusts a length, a type or a text
//! of the server, and never shows the token. Gives a token, or what came in its place.

use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;
use zeroize::{Zeroize, Zeroizing};

use super::text::Cleaner;
use crate::token::access::{AccessToken, Moment};
use crate::token::claims;

/// What a server answered, without the client library's types.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    /// The `Date` header.
    pub(super) date: Option<String>,
    /// The `Retry-After` header.
    pub(super) retry_after: Option<String>,
    /// The `Location` header.
    pub(super) location: Option<String>,
    pub(super) body: Zeroizing<Vec<u8>>,
    /// When the request left.
    pub(super) sent: Moment,
    /// When the answer was there.
    pub(super) received: Moment,
}

/// An answer without a usable token. All texts are cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rejection {
    /// An OAuth error (RFC 6749 §5.2), whatever the status.
    OAuth {
        /// The error code.
        code: String,
        /// What the server says about it.
        description: Option<String>,
    },
    /// Another error status.
    Status {
        /// What the server says, where it says something short.
        text: Option<String>,
    },
    /// A redirect, which is not followed: it would carry the secret to another place.
    Redirect {
        /// The origin that it points to.
        to: Option<String>,
    },
    /// A web page.
    WebPage,
    /// Nothing.
    Empty,
    /// Bytes that are no text.
    NotText,
    /// JSON that ends too early.
    Truncated,
    /// Not JSON, or not a JSON object.
    NotJson,
    /// JSON without `access_token`.
    NoToken,
    /// A token of another type than Bearer.
    TokenType(String),
    /// A token with a character that no token may have (RFC 6749 A.12), or an empty one.
    NotVschar,
}

/// Reads an answer.
pub(super) fn read(answer: &Answer, url: &Url, cleaner: &Cleaner) -> Result<AccessToken, Rejection> {
    let success = (200..300).contains(&answer.status);
    if (300..400).contains(&answer.status) {
        let to = answer.location.as_deref().and_then(|location| url.join(location).ok());
        let to = to.filter(|to| to.origin().is_tuple());
        return Err(Rejection::Redirect { to: to.map(|to| cleaner.clean(&to.origin().ascii_serialization())) });
    }
    let mut fields = match object(answer) {
        Ok(fields) => fields,
        Err(form) if success => return Err(form),
        Err(_) => return Err(Rejection::Status { text: plain_text(answer, cleaner) }),
    };
    let token = if success { token(&mut fields, answer, cleaner) } else { Err(Rejection::NoToken) };
    let result = match token {
        // Some servers report errors with status 200; and an error that comes with a token is no error.
        Err(Rejection::NoToken) => Err(error(&fields, success, cleaner)),
        other => other,
    };
    fields.values_mut().for_each(wipe);
    result
}

fn object(answer: &Answer) -> Result<Map<String, Value>, Rejection> {
    let text = std::str::from_utf8(&answer.body).map_err(|_| Rejection::NotText)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(Rejection::Empty);
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Err(_) if is_page(answer, text) => Err(Rejection::WebPage),
        Err(error) if error.is_eof() => Err(Rejection::Truncated),
        Ok(_) | Err(_) => Err(Rejection::NotJson),
    }
}

/// What a server says without JSON; web pages are not for a terminal.
fn plain_text(answer: &Answer, cleaner: &Cleaner) -> Option<String> {
    let plain = answer.content_type.as_deref().is_some_and(|name| name.to_ascii_lowercase().starts_with("text/plain"));
    let text = std::str::from_utf8(&answer.body).ok().filter(|_| plain)?;
    Some(cleaner.clean(text)).filter(|text| !text.is_empty())
}

fn is_page(answer: &Answer, text: &str) -> bool {
    let html = |content_type: &str| content_type.to_ascii_lowercase().contains("html");
    text.starts_with('<') || answer.content_type.as_deref().is_some_and(html)
}

fn token(fields: &mut Map<String, Value>, answer: &Answer, cleaner: &Cleaner) -> Result<AccessToken, Rejection> {
    let Some(Value::String(value)) = fields.get_mut("access_token").map(Value::take) else {
        return Err(Rejection::NoToken);
    };
    let value = Zeroizing::new(value);
    if let Some(other) = fields.get("token_type").and_then(other_type) {
        return Err(Rejection::TokenType(cleaner.clean(other)));
    }
    let end = lifetime(fields).map_or_else(|| end_of_jwt(&value, answer), |lifetime| Some(end(lifetime, answer)));
    let scope = fields.get("scope").and_then(Value::as_str).map(|scope| cleaner.clean(scope));
    let token = AccessToken::new(value.to_string(), scope, answer.received).map_err(|_| Rejection::NotVschar)?;
    Ok(match end {
        Some((expires_at, lifetime)) => token.expiring(expires_at, lifetime),
        None => token,
    })
}

/// A token type that is not Bearer. A server that names none means that one; the case does not matter (RFC 6749 §5.1).
fn other_type(value: &Value) -> Option<&str> {
    let name = match value {
        Value::Null => return None,
        Value::String(name) => name.trim(),
        _ => "of an unknown form",
    };
    (!name.is_empty() && !name.eq_ignore_ascii_case("bearer")).then_some(name)
}

/// No cache keeps a token for longer than this, whatever its server says: a year.
const LONGEST: i64 = 366 * 24 * 3600;

/// `expires_in` in seconds: a number by the RFC, but some servers write it as text or with a fraction.
#[expect(clippy::cast_possible_truncation, reason = "the conversion saturates, and the value is clamped")]
fn lifetime(fields: &Map<String, Value>) -> Option<i64> {
    let seconds = match fields.get("expires_in")? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse::<f64>().ok().filter(|seconds| !seconds.is_nan())?,
        _ => return None,
    };
    Some((seconds.floor() as i64).clamp(0, LONGEST))
}

/// The end of a token, and the seconds until then. They count from when the request left: the server may have made
/// the token right then.
fn end(lifetime: i64, answer: &Answer) -> (i64, u64) {
    (answer.sent.seconds().saturating_add(lifetime), lifetime.unsigned_abs())
}

/// The end that a JWT names, which its server's clock has set: so it is moved by as much as the clocks differ.
fn end_of_jwt(token: &str, answer: &Answer) -> Option<(i64, u64)> {
    let claims = claims::read(token)?;
    let lifetime = claims.exp? - server_time(answer, claims.iat);
    Some(end(lifetime.clamp(0, LONGEST), answer))
}

/// The Date header has whole seconds, and the answer took a while: a difference as small as this says nothing.
const TOLERANCE: i64 = 2;

/// By how many seconds the server's clock is ahead of ours, where they differ and the server tells its time.
pub(super) fn clock(answer: &Answer) -> Option<i64> {
    Some(server_time(answer, None) - answer.received.seconds()).filter(|ahead| *ahead != 0)
}

/// What the server's clock said when the answer came, in Unix seconds.
fn server_time(answer: &Answer, issued_at: Option<i64>) -> i64 {
    let ours = answer.received.seconds();
    let date = answer.date.as_deref().and_then(|date| httpdate::parse_http_date(date).ok());
    // Without a Date: no token is issued in the future, so a later `iat` shows that our clock is behind.
    let theirs = date.map(|date| Moment::from(date).seconds()).or(issued_at.filter(|iat| *iat > ours));
    theirs.filter(|theirs| theirs.abs_diff(ours) > TOLERANCE.unsigned_abs()).unwrap_or(ours)
}

fn error(fields: &Map<String, Value>, success: bool, cleaner: &Cleaner) -> Rejection {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    // Beside OAuth's name for it, the one that WSO2's gateway and many others use.
    let description = text("error_description").or(text("description")).or(text("message"));
    let description = description.map(|text| cleaner.clean(text));
    match text("error") {
        Some(code) => Rejection::OAuth { code: cleaner.clean(code), description },
        None if success => Rejection::NoToken,
        None => Rejection::Status { text: description },
    }
}

/// Wipes what else came with the token, such as a refresh token.
fn wipe(value: &mut Value) {
    if let Value::String(text) = value {
        text.zeroize();
    }
}

/// How long the server asks to wait (RFC 9110 §10.2.3): seconds, or a date by the server's clock.
pub(super) fn retry_after(answer: &Answer) -> Option<Duration> {
    let text = answer.retry_after.as_deref()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = Moment::from(httpdate::parse_http_date(text).ok()?).seconds();
    Some(Duration::from_secs(u64::try_from(until - server_time(answer, None)).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use std::time::UNIX_EPOCH;

    const NOW: i64 = 1_700_000_000;

    fn answer(status: u16, body: &[u8]) -> Answer {
        Answer {
            status,
            content_type: Some("application/json".into()),
            date: None,
            retry_after: None,
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
        let expected =
            Rejection::OAuth { code: "invalid_client".into(), description: Some("no[31m such client".into()) };
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
}
