//! Key and secret out of a Basic header, and how they were written in it.
//!
//! Owns the guess between the two encodings (RFC 6749 §2.3.1 and RFC 7617 §2). Never shows what it decoded.

use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::Engine;
use percent::decoded;
use zeroize::Zeroizing;

use super::is_placeholder;
use crate::config::BasicEncoding;
use crate::words;

/// Key and secret, as they are meant.
pub(super) struct Pair {
    pub(super) key: Zeroizing<String>,
    pub(super) secret: Zeroizing<String>,
    /// The encoding that the command used; `None` where both would look alike.
    pub(super) encoding: Option<BasicEncoding>,
    /// What was noticed.
    pub(super) remark: Option<&'static str>,
}

/// Reads what follows `Basic ` in a header.
///
/// # Errors
/// Why there is no pair in it.
pub(super) fn read(credentials: &str, expands: bool) -> Result<Pair, &'static str> {
    let credentials = credentials.trim();
    if expands {
        return computed(credentials);
    }
    if let Some(inner) = template(credentials) {
        return if inner.split(':').any(is_placeholder) { Err(PLACEHOLDER) } else { raw(inner) };
    }
    if is_placeholder(credentials) {
        return Err(PLACEHOLDER);
    }
    let packed: Zeroizing<String> = Zeroizing::new(credentials.chars().filter(|c| !c.is_whitespace()).collect());
    let bytes = decode(&packed).ok_or("its Basic credentials are not base64")?;
    let text = std::str::from_utf8(&bytes).map_err(|_| "its Basic credentials are not text")?;
    let line = text.trim_end_matches(['\n', '\r']);
    let mut pair = told_apart(line)?;
    if line.len() < text.len() {
        pair.remark = Some("the Basic credentials end with a line break, as `echo` without `-n` makes it: left out");
    }
    Ok(pair)
}

const PLACEHOLDER: &str = "its Basic credentials are a placeholder";
const NO_COLON: &str = "its Basic credentials have no colon";

fn decode(packed: &str) -> Option<Zeroizing<Vec<u8>>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabets = [&STANDARD, &URL_SAFE];
    alphabets
        .into_iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, config).decode(packed).ok())
        .map(Zeroizing::new)
}

/// `key:secret` as curl's `-u` takes it: it is sent raw.
pub(super) fn raw(text: &str) -> Result<Pair, &'static str> {
    let (key, secret) = text.split_once(':').ok_or(NO_COLON)?;
    let encoding = (!is_plain(key) || !is_plain(secret)).then_some(BasicEncoding::Raw);
    Ok(Pair { key: Zeroizing::new(key.into()), secret: Zeroizing::new(secret.into()), encoding, remark: None })
}

/// What stood before the `@` of an address, percent-encoded (RFC 3986 §3.2.1).
pub(super) fn read_userinfo(text: &str) -> Result<Pair, &'static str> {
    let (key, secret) = text.split_once(':').ok_or(NO_COLON)?;
    let plain = |text: &str| decoded(&text.replace('+', "%2B")).unwrap_or_else(|| Zeroizing::new(text.to_owned()));
    let (key, secret) = (plain(key), plain(secret));
    let encoding = (!is_plain(&key) || !is_plain(&secret)).then_some(BasicEncoding::Raw);
    Ok(Pair { key, secret, encoding, remark: None })
}

/// Says by the characters which encoding was used. Form encoding leaves few characters as they are, so any other tells
/// that the text is raw. A `%` with two digits is rare in a raw one; a lone `+` would be a blank in a form, and is a
/// digit of base64 in many a secret.
fn told_apart(text: &str) -> Result<Pair, &'static str> {
    let (key, secret) = text.split_once(':').ok_or(NO_COLON)?;
    match (decoded(key), decoded(secret)) {
        (Some(key), Some(secret)) if text.contains('%') => Ok(Pair {
            key,
            secret,
            encoding: Some(BasicEncoding::Form),
            remark: Some("key and secret look form-encoded (RFC 6749 section 2.3.1), and were taken as such"),
        }),
        _ => raw(text),
    }
}

/// Whether both encodings write the text alike.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._*".contains(&byte))
}

/// The portal's template with its parentheses left in: `<base64encode(key:secret)>`.
fn template(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
    let inner = ["base64encode(", "base64("].iter().find_map(|name| inner.strip_prefix(name))?;
    inner.strip_suffix(')')
}

/// `$(echo -n key:secret | base64)`: what is to be encoded stands there in the open. Nothing is run.
fn computed(text: &str) -> Result<Pair, &'static str> {
    const UNKNOWN: &str = "its Basic credentials are made by a command that is not run here";
    let inner = text.strip_prefix("$(").and_then(|text| text.strip_suffix(')'));
    let inner = inner.or_else(|| text.strip_prefix('`').and_then(|text| text.strip_suffix('`'))).ok_or(UNKNOWN)?;
    let commands = words::posix(inner).map_err(|_| UNKNOWN)?;
    let names: Vec<&str> = commands.iter().filter_map(|words| Some(words.first()?.text.as_str())).collect();
    if !names.iter().any(|name| *name == "base64" || *name == "openssl") {
        return Err(UNKNOWN);
    }
    let pair = commands.iter().flatten().find(|word| word.text.contains(':')).ok_or(UNKNOWN)?;
    if pair.expands {
        return Err("its Basic credentials are shell variables, which cannot be looked up here");
    }
    let text = pair.text.strip_suffix("\\n").unwrap_or(&pair.text);
    if text.split(':').any(is_placeholder) { Err(PLACEHOLDER) } else { raw(text) }
}

mod percent {
    //! Form encoding, read strictly.

    use zeroize::Zeroizing;

    /// The text that a form-encoded one stands for; `None` where no form encoder would write it so.
    pub(super) fn decoded(text: &str) -> Option<Zeroizing<String>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'+' => bytes.push(b' '),
                b'%' => bytes.push(digit(rest.next()?)? * 16 + digit(rest.next()?)?),
                byte if byte.is_ascii_alphanumeric() || b"-._*~".contains(&byte) => bytes.push(byte),
                _ => return None,
            }
        }
        let text = std::str::from_utf8(&bytes).ok()?;
        Some(Zeroizing::new(text.to_owned()))
    }

    fn digit(byte: u8) -> Option<u8> {
        char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    fn pair(text: &str) -> (String, String, Option<BasicEncoding>) {
        let pair = read(text, text.contains('$')).unwrap_or_else(|why| panic!("{text}: {why}"));
        (pair.key.to_string(), pair.secret.to_string(), pair.encoding)
    }

    fn basic(text: &str) -> (String, String, Option<BasicEncoding>) {
        pair(&BASE64_STANDARD.encode(text))
    }

    #[test]
    fn the_encoding_is_told_where_it_can_be() {
        let as_is = |key: &str, secret: &str, encoding| (key.to_owned(), secret.to_owned(), encoding);
        assert_eq!(basic("key_1:sec.ret"), as_is("key_1", "sec.ret", None));
        assert_eq!(basic("key:a+b/c="), as_is("key", "a+b/c=", Some(BasicEncoding::Raw)));
        assert_eq!(basic("key:a+b"), as_is("key", "a+b", Some(BasicEncoding::Raw)));
        assert_eq!(basic("key:a%2Bb+c"), as_is("key", "a+b c", Some(BasicEncoding::Form)));
        assert_eq!(basic("key:100%"), as_is("key", "100%", Some(BasicEncoding::Raw)));
        assert_eq!(basic("key:a:b"), as_is("key", "a:b", Some(BasicEncoding::Raw)));
    }

    #[test]
    fn a_pair_is_found_in_what_people_paste() {
        for text in [
            "a2V5OnNlY3JldA==",
            "a2V5OnNlY3JldA",
            "a2V5OnNl\nY3JldA==",
            "<base64encode(key:secret)>",
            "$(echo -n key:secret | base64)",
            "$(printf '%s' 'key:secret' | base64 -w 0)",
            "$(base64 <<< key:secret)",
            "a2V5OnNlY3JldAo=",
        ] {
            let (key, secret, encoding) = pair(text);
            assert_eq!((key.as_str(), secret.as_str(), encoding), ("key", "secret", None), "{text}");
        }
    }

    #[test]
    fn what_is_no_pair_says_why() {
        for (text, expands) in [
            ("<base64encode(consumer-key:consumer-secret)>", false),
            ("<credentials>", false),
            ("!!", false),
            ("a2V5", false),
            ("/w==", false),
            ("$BASIC", true),
            ("$(cat secret)", true),
            ("$(echo -n $KEY:$SECRET | base64)", true),
        ] {
            assert!(read(text, expands).is_err(), "{text}");
        }
    }
}
