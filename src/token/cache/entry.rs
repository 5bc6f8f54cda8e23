//! The content of a cache entry.
//!
//! Owns its form on disk. Never trusts what it reads: an entry that is not exactly what we write is no entry. The
//! buffers on the way are wiped.

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::token::access::{AccessToken, Moment};

/// Counts up when the form changes.
const VERSION: u32 = 1;

/// The length that an entry may have, in bytes: an answer is 1 MiB at most, and JSON may escape each character.
pub(super) const MOST: u64 = 8 * 1024 * 1024;

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    value: &'a str,
    scope: Option<&'a str>,
    obtained_at_ms: i64,
    expires_at: i64,
    lifetime: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    version: u32,
    value: String,
    scope: Option<String>,
    obtained_at_ms: i64,
    expires_at: i64,
    lifetime: u64,
}

/// The entry for a token; `None` for one that is not worth keeping: no life left, or nobody knows how much.
pub(super) fn write(token: &AccessToken) -> Option<Zeroizing<Vec<u8>>> {
    let (Some(expires_at), Some(lifetime @ 1..)) = (token.expires_at(), token.lifetime()) else { return None };
    let value = token.value().expose_secret();
    let entry = Written {
        version: VERSION,
        value,
        scope: token.scope(),
        obtained_at_ms: token.obtained_at().millis(),
        expires_at,
        lifetime,
    };
    // Room for all of it at once: a buffer that grows leaves copies behind that nobody wipes.
    let room = 6 * (value.len() + token.scope().map_or(0, str::len)) + 256;
    let mut content = Zeroizing::new(Vec::with_capacity(room));
    serde_json::to_writer(&mut *content, &entry).ok()?;
    Some(content)
}

/// The token of an entry.
///
/// # Errors
/// A phrase that says what is wrong with it, without any of its content.
pub(super) fn read(content: &[u8]) -> Result<AccessToken, &'static str> {
    let entry: Read = serde_json::from_slice(content).map_err(|_| "it is damaged")?;
    let obtained_at = Moment::from_millis(entry.obtained_at_ms);
    let token = AccessToken::new(entry.value, entry.scope, obtained_at).map_err(|_| "it is damaged")?;
    if entry.version != VERSION {
        return Err("it is of another version");
    }
    Ok(token.expiring(entry.expires_at, entry.lifetime))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token(value: &str) -> AccessToken {
        AccessToken::new(value.into(), Some("read \"all\"".into()), Moment::from_millis(1_700_000_000_123))
            .expect("VSCHAR")
    }

    #[test]
    fn a_token_without_life_is_not_kept() {
        assert!(write(&token("abc")).is_none());
        assert!(write(&token("abc").expiring(1_700_000_000, 0)).is_none());
    }

    #[test]
    fn a_damaged_entry_is_no_entry() {
        let good = write(&token("abc").expiring(1_700_000_900, 900)).expect("kept");
        let text = std::str::from_utf8(&good).expect("text");
        assert!(read(text.as_bytes()).is_ok());
        for length in 0..text.len() {
            assert!(read(&text.as_bytes()[..length]).is_err(), "{length}");
        }
        for (from, to) in [(":1,", ":2,"), ("abc", "a\\nc"), ("abc", ""), ("scope", "other"), ("900}", "-1}")] {
            assert!(read(text.replacen(from, to, 1).as_bytes()).is_err(), "{from} {to}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in "[ -~]{1,60}", expires in 0..i64::MAX, lifetime in 1..u64::MAX) {
            let written = write(&token(&value).expiring(expires, lifetime)).expect("kept");
            let read = read(&written).expect("readable");
            prop_assert_eq!(read.value().expose_secret(), value);
            prop_assert_eq!(read.scope(), Some("read \"all\""));
            prop_assert_eq!(read.obtained_at().millis(), 1_700_000_000_123);
            prop_assert_eq!((read.expires_at(), read.lifetime()), (Some(expires), Some(lifetime)));
        }

        #[test]
        fn no_content_breaks_it(content: Vec<u8>) {
            prop_assert!(read(&content).is_err());
        }
    }
}
