//! A look into a JWT (RFC 7519) for its times.
//!
//! Owns the reading of `exp` and `iat`. Never checks a signature and never decides anything about trust: the claims
//! only say until when the cache may keep a token that its server gave no lifetime for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use zeroize::Zeroizing;

/// The times of a JWT, in Unix seconds by its issuer's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claims {
    /// When it expires (RFC 7519 §4.1.4).
    pub(super) exp: Option<i64>,
    /// When it was issued (§4.1.6).
    pub(super) iat: Option<i64>,
}

/// The longest payload that is looked into, in characters; a longer one is no access token for a header.
const MOST: usize = 64 * 1024;

/// Reads the times, if the token is a signed JWT.
pub(super) fn read(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || payload.len() > MOST {
        return None; // five parts are an encrypted token (RFC 7516): nothing to read there
    }
    let payload = payload.trim_end_matches('='); // padding, which RFC 7515 §2 leaves out and some issuers write
    let json = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload).ok()?);
    let claims: Value = serde_json::from_slice(&json).ok()?;
    Some(Claims { exp: claims.get("exp").and_then(date), iat: claims.get("iat").and_then(date) })
}

/// A `NumericDate` (RFC 7519 §2), which may have a fraction. What is not between 1970 and the year 9999 is no date.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn date(value: &Value) -> Option<i64> {
    let seconds = value.as_f64()?;
    (0.0..253_402_300_800.0).contains(&seconds).then_some(seconds as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::URL_SAFE;
    use proptest::prelude::*;

    fn jwt(payload: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload))
    }

    #[test]
    fn the_times_are_read() {
        let claims = read(&jwt(r#"{"exp":1700000900,"iat":1700000000.5,"sub":"a"}"#)).expect("a JWT");
        assert_eq!(claims, Claims { exp: Some(1_700_000_900), iat: Some(1_700_000_000) });
        let padded = format!("e30.{}.c2ln", URL_SAFE.encode(r#"{"exp":17}"#));
        assert_eq!(read(&padded).and_then(|claims| claims.exp), Some(17));
    }

    #[test]
    fn odd_times_count_as_none() {
        for odd in [r#""1700000900""#, "-1", "1e300", "null", "[]", "17000009000000"] {
            let claims = read(&jwt(&format!(r#"{{"exp":{odd}}}"#))).expect("a JWT");
            assert_eq!(claims.exp, None, "{odd}");
        }
    }

    #[test]
    fn what_is_no_jwt_has_no_claims() {
        for other in ["", "abc", "a.b", "a.b.c", "e30.e30.c.d.e", &jwt("not json"), &jwt("[]x")] {
            assert_eq!(read(other), None, "{other}");
        }
        assert_eq!(read(&format!("e30.{}.c", "A".repeat(MOST + 1))), None);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in r"\PC{0,60}", payload in r"\PC{0,60}") {
            read(&text);
            read(&jwt(&payload));
        }
    }
}
