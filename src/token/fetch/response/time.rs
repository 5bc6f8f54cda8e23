//! What an answer says about time: how long the token lives, what the server's clock shows, when to come back.
//!
//! Owns the forms in which servers write it. Never trusts a number: what is beyond measure is cut down. Gives Unix
//! seconds by our own clock.

use std::time::Duration;

use serde_json::{Map, Value};

use super::Answer;
use crate::token::access::Moment;
use crate::token::claims;

/// No cache keeps a token for longer than this, whatever its server says: a year.
pub(super) const LONGEST: i64 = 366 * 24 * 3600;

/// `expires_in` in seconds: a number by the RFC, but some servers write it as text or with a fraction.
#[expect(clippy::cast_possible_truncation, reason = "the conversion saturates, and the value is clamped")]
pub(super) fn lifetime(fields: &Map<String, Value>) -> Option<i64> {
    let seconds = match fields.get("expires_in")? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse::<f64>().ok().filter(|seconds| !seconds.is_nan())?,
        _ => return None,
    };
    Some((seconds.floor() as i64).clamp(0, LONGEST))
}

/// The end of a token, and the seconds until then. They count from when the request left: the server may have made
/// the token right then.
pub(super) fn end(lifetime: i64, answer: &Answer) -> (i64, u64) {
    (answer.sent.seconds().saturating_add(lifetime), lifetime.unsigned_abs())
}

/// The end that a JWT names, which its server's clock has set: so it is moved by as much as the clocks differ.
pub(super) fn end_of_jwt(token: &str, answer: &Answer) -> Option<(i64, u64)> {
    let claims = claims::read(token)?;
    let lifetime = claims.exp? - server_time(answer, claims.iat);
    Some(end(lifetime.clamp(0, LONGEST), answer))
}

/// The Date header has whole seconds, and the answer took a while: a difference as small as this says nothing.
const TOLERANCE: i64 = 2;

/// By how many seconds the server's clock is ahead of ours, where it is not the same, and what shows it.
pub(in crate::token::fetch) fn clock(answer: &Answer) -> Option<(i64, &'static str)> {
    let by = if answer.date.is_some() { "its `Date` header" } else { "the `iat` of its token" };
    let issued_at = if answer.date.is_some() { None } else { issued_at(answer) };
    let ahead = server_time(answer, issued_at) - answer.received.seconds();
    (ahead != 0).then_some((ahead, by))
}

fn issued_at(answer: &Answer) -> Option<i64> {
    let mut fields = super::object(answer).ok()?;
    let iat = fields.get("access_token").and_then(Value::as_str).and_then(claims::read).and_then(|claims| claims.iat);
    fields.values_mut().for_each(super::wipe);
    iat
}

/// What the server's clock said when the answer came, in Unix seconds.
fn server_time(answer: &Answer, issued_at: Option<i64>) -> i64 {
    let ours = answer.received.seconds();
    let date = answer.date.as_deref().and_then(|date| httpdate::parse_http_date(date).ok());
    // Without a Date: no token is issued in the future, so a later `iat` shows that our clock is behind.
    let theirs = date.map(|date| Moment::from(date).seconds()).or(issued_at.filter(|iat| *iat > ours));
    theirs.filter(|theirs| theirs.abs_diff(ours) > TOLERANCE.unsigned_abs()).unwrap_or(ours)
}

/// How long the server asks to wait (RFC 9110 §10.2.3): seconds, or a date by the server's clock.
pub(in crate::token::fetch) fn retry_after(answer: &Answer) -> Option<Duration> {
    let text = answer.retry_after.as_deref()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = Moment::from(httpdate::parse_http_date(text).ok()?).seconds();
    Some(Duration::from_secs(u64::try_from(until - server_time(answer, None)).unwrap_or(0)))
}
