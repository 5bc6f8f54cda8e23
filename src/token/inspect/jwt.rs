//! The three parts of a signed token (RFC 7519, RFC 7515).
//!
//! Owns the reading of header and claims. Never judges them: nothing in here says that any of it is true.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// What a token says by itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// A signed token; both parts as they came, and nobody has checked them.
    Jwt {
        /// How it is signed (RFC 7515 §4).
        header: Map<String, Value>,
        /// What it claims (RFC 7519 §4).
        claims: Map<String, Value>,
    },
    /// An encrypted token (RFC 7516).
    Encrypted {
        /// How it is encrypted.
        header: Map<String, Value>,
    },
    /// Nothing that can be read.
    Opaque,
}

/// The longest part that is looked into, in characters; a longer one is no access token for a header.
const MOST: usize = 64 * 1024;

/// Looks into a token.
pub(super) fn read(token: &str) -> Said {
    let parts: Vec<&str> = token.split('.').take(6).collect();
    let read = match parts[..] {
        [header, claims, _] => object(header).zip(object(claims)).map(|(header, claims)| Said::Jwt { header, claims }),
        [header, _, _, _, _] => object(header).map(|header| Said::Encrypted { header }),
        _ => None,
    };
    read.unwrap_or(Said::Opaque)
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let part = part.trim_end_matches('='); // padding, which RFC 7515 §2 leaves out and some issuers write
    let json = URL_SAFE_NO_PAD.decode(part).ok().filter(|_| part.len() <= MOST)?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn part(json: &str) -> String {
        URL_SAFE_NO_PAD.encode(json)
    }

    #[test]
    fn three_parts_are_a_signed_token_and_five_an_encrypted_one() {
        let (header, claims) = (part(r#"{"alg":"ES256"}"#), part(r#"{"sub":"a"}"#));
        assert!(matches!(read(&format!("{header}.{claims}.sig")), Said::Jwt { claims, .. } if claims["sub"] == "a"));
        assert!(matches!(read(&format!("{header}.a.b.c.d")), Said::Encrypted { .. }));
        for other in
            ["", "opaque", "a.b", "a.b.c", &format!("{header}.{claims}"), &format!("{header}.{claims}.a.b.c.d")]
        {
            assert_eq!(read(other), Said::Opaque, "{other}");
        }
        assert_eq!(read(&format!("{header}.{}.sig", part("[1]"))), Said::Opaque);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in r"\PC{0,60}", header in r"\PC{0,40}", claims in r"\PC{0,40}") {
            read(&text);
            read(&format!("{}.{}.{text}", part(&header), part(&claims)));
        }
    }
}
