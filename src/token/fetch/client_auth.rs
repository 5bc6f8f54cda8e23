//! Client authentication (RFC 6749 §2.3.1): where key and secret go in a request.
//!
//! Owns the bytes of the Basic header and of the body's credentials. Never logs or keeps them: they are wiped after
//! use. Gives a message that is ready to be sent, and the texts by which a server might echo the secret.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use url::form_urlencoded::{self, byte_serialize};
use zeroize::Zeroizing;

use super::request::TokenRequest;
use crate::profile::{BasicEncoding, ClientAuth};

/// A request with its credentials, ready to be sent.
pub(super) struct Message {
    /// Where it goes.
    pub(super) url: Url,
    /// The value of the `Authorization` header.
    pub(super) authorization: Option<Zeroizing<String>>,
    /// The form-encoded body.
    pub(super) body: Zeroizing<String>,
}

/// Key and secret as they go into a Basic header, before base64, where a `:` joins them.
///
/// `form` encodes both as forms are encoded (RFC 6749 §2.3.1 and its appendix B); `raw` leaves both as they are
/// (RFC 7617), which is only possible for a key without `:`.
#[must_use]
pub fn basic_pair(encoding: BasicEncoding, key: &str, secret: &SecretString) -> (String, SecretString) {
    match encoding {
        BasicEncoding::Form => (form_encoded(key), SecretString::from(form_encoded(secret.expose_secret()))),
        BasicEncoding::Raw => (key.to_owned(), secret.clone()),
    }
}

fn form_encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// Whether the key can be written in the request's way: the first `:` of a raw Basic pair ends the key (RFC 7617 §2).
pub(super) fn can_write_key(request: &TokenRequest) -> bool {
    let raw = request.auth() == ClientAuth::Basic && request.encoding() == BasicEncoding::Raw;
    !(raw && request.consumer_key().contains(':'))
}

/// Joins a request and the secret.
pub(super) fn message(request: &TokenRequest, secret: &SecretString) -> Message {
    let (authorization, credentials) = match request.auth() {
        ClientAuth::Basic => (Some(basic_header(request, secret)), &[][..]),
        ClientAuth::Post => {
            (None, &[("client_id", request.consumer_key()), ("client_secret", secret.expose_secret())][..])
        }
    };
    let plain = request.fields().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    // Room for all of it at once (each byte takes three at most): a buffer that grows leaves copies of the secret.
    let room = plain.clone().chain(credentials.iter().copied()).map(|(name, value)| 3 * (name.len() + value.len()) + 2);
    let mut form = form_urlencoded::Serializer::new(String::with_capacity(room.sum()));
    form.extend_pairs(plain).extend_pairs(credentials);
    Message { url: request.url().clone(), authorization, body: Zeroizing::new(form.finish()) }
}

fn basic_header(request: &TokenRequest, secret: &SecretString) -> Zeroizing<String> {
    let encoded = basic_base64(request.encoding(), request.consumer_key(), secret);
    let mut header = Zeroizing::new(String::with_capacity("Basic ".len() + encoded.len()));
    header.push_str("Basic ");
    header.push_str(&encoded);
    header
}

fn basic_base64(encoding: BasicEncoding, key: &str, secret: &SecretString) -> Zeroizing<String> {
    let (key, secret) = basic_pair(encoding, key, secret);
    let secret = secret.expose_secret();
    let mut pair = Zeroizing::new(String::with_capacity(key.len() + 1 + secret.len()));
    pair.push_str(&key);
    pair.push(':');
    pair.push_str(secret);
    Zeroizing::new(STANDARD.encode(pair.as_bytes()))
}

/// Whether the two encodings write this key and secret differently.
pub(super) fn encodings_differ(request: &TokenRequest, secret: &SecretString) -> bool {
    let [(form_key, form), (raw_key, raw)] =
        [BasicEncoding::Form, BasicEncoding::Raw].map(|encoding| basic_pair(encoding, request.consumer_key(), secret));
    form_key != raw_key || form.expose_secret() != raw.expose_secret()
}

/// Which of the two holds characters outside 0x20-0x7E, the only ones that RFC 6749 A.1 and A.2 allow.
pub(super) fn beyond_vschar(request: &TokenRequest, secret: &SecretString) -> Option<&'static str> {
    let beyond = |text: &str| !text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    match (beyond(request.consumer_key()), beyond(secret.expose_secret())) {
        (true, true) => Some("consumer key and consumer secret have"),
        (true, false) => Some("the consumer key has"),
        (false, true) => Some("the consumer secret has"),
        (false, false) => None,
    }
}

/// Whether two secrets are one and the same.
pub(super) fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// Every way in which an answer might repeat the secrets: as they are, encoded for a form or a URL, and in a Basic
/// header. The longest come first, so that none hides the rest of another.
pub(super) fn echoes(request: &TokenRequest, secrets: &[&SecretString]) -> Vec<Zeroizing<String>> {
    let mut echoes: Vec<_> = secrets.iter().flat_map(|secret| echoes_of(request, secret)).collect();
    echoes.retain(|echo| !echo.is_empty());
    echoes.sort_by_key(|echo| std::cmp::Reverse(echo.len()));
    echoes
}

fn echoes_of(request: &TokenRequest, secret: &SecretString) -> Vec<Zeroizing<String>> {
    let plain = secret.expose_secret();
    let form = form_encoded(plain);
    let pairs = [BasicEncoding::Form, BasicEncoding::Raw].map(|e| basic_base64(e, request.consumer_key(), secret));
    let mut echoes = vec![Zeroizing::new(form.replace('+', "%20")), Zeroizing::new(form)];
    echoes.push(Zeroizing::new(plain.to_owned()));
    echoes.push(Zeroizing::new(STANDARD.encode(plain)));
    echoes.extend(pairs);
    echoes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;
    use crate::token::tests::profile;
    use proptest::prelude::*;

    fn request(change: impl FnOnce(&mut Profile)) -> TokenRequest {
        let mut profile = profile("http://127.0.0.1:1/token");
        change(&mut profile);
        TokenRequest::new(&profile)
    }

    fn authorization(encoding: BasicEncoding, key: &str, secret: &str) -> String {
        let request = request(|p| {
            p.basic_encoding = encoding;
            key.clone_into(&mut p.consumer_key.value);
        });
        message(&request, &SecretString::from(secret)).authorization.expect("Basic").to_string()
    }

    #[test]
    fn the_example_of_rfc_6749_section_2_3_1_is_written_as_there() {
        for encoding in [BasicEncoding::Form, BasicEncoding::Raw] {
            assert_eq!(authorization(encoding, "s6BhdRkqt3", "gX1fBat3bV"), "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
        }
    }

    #[test]
    fn the_example_of_rfc_6749_appendix_b_is_encoded_as_there() {
        // U+0020, U+0025, U+0026, U+002B, U+00A3, U+20AC
        let (_, secret) = basic_pair(BasicEncoding::Form, "key", &SecretString::from(" %&+£€"));
        assert_eq!(secret.expose_secret(), "+%25%26%2B%C2%A3%E2%82%AC");
    }

    #[test]
    fn hostile_secrets_are_written_byte_for_byte() {
        let decoded = |header: &str| {
            let bytes = STANDARD.decode(header.trim_start_matches("Basic ")).expect("base64");
            String::from_utf8(bytes).expect("text")
        };
        let secret = "a:%+/&'\" $é";
        assert_eq!(decoded(&authorization(BasicEncoding::Raw, "key", secret)), format!("key:{secret}"));
        assert_eq!(
            decoded(&authorization(BasicEncoding::Form, "k:y", secret)),
            "k%3Ay:a%3A%25%2B%2F%26%27%22+%24%C3%A9"
        );
    }

    #[test]
    fn basic_leaves_the_credentials_out_of_the_body() {
        let message = message(&request(|_| {}), &SecretString::from("canary"));
        assert_eq!(*message.body, "grant_type=client_credentials");
    }

    #[test]
    fn post_writes_the_credentials_into_the_body_and_no_header() {
        let request = request(|p| {
            p.client_auth = ClientAuth::Post;
            p.scopes = vec!["a".into(), "b".into()];
        });
        let message = message(&request, &SecretString::from("s &é"));
        assert!(message.authorization.is_none());
        assert_eq!(*message.body, "grant_type=client_credentials&scope=a+b&client_id=key&client_secret=s+%26%C3%A9");
    }

    #[test]
    fn a_key_with_a_colon_cannot_be_written_raw() {
        let with_colon = |encoding, auth| {
            request(|p| {
                p.consumer_key.value = "k:y".into();
                p.basic_encoding = encoding;
                p.client_auth = auth;
            })
        };
        assert!(!can_write_key(&with_colon(BasicEncoding::Raw, ClientAuth::Basic)));
        assert!(can_write_key(&with_colon(BasicEncoding::Form, ClientAuth::Basic)));
        assert!(can_write_key(&with_colon(BasicEncoding::Raw, ClientAuth::Post)));
    }

    #[test]
    fn characters_that_the_rfc_does_not_allow_are_noticed() {
        let about = |secret: &str| beyond_vschar(&request(|_| {}), &SecretString::from(secret));
        assert_eq!(about(" ~"), None);
        assert_eq!(about("é"), Some("the consumer secret has"));
        assert_eq!(about("\n"), Some("the consumer secret has"));
    }

    #[test]
    fn the_encodings_differ_only_where_something_is_encoded() {
        let differ = |secret: &str| encodings_differ(&request(|_| {}), &SecretString::from(secret));
        assert!(!differ("abc_-.*9"));
        assert!(differ("a/b") && differ("a b") && differ("~"));
    }

    proptest! {
        #[test]
        fn the_form_encoded_pair_decodes_to_what_it_was(key in r"\PC{1,30}", secret in r"\PC{1,30}") {
            let (key_half, secret_half) = basic_pair(BasicEncoding::Form, &key, &SecretString::from(secret.as_str()));
            let line = format!("{key_half}={}", secret_half.expose_secret());
            prop_assert!(line.is_ascii() && !line.contains([':', ' ', '\n']));
            let back: Vec<(String, String)> = form_urlencoded::parse(line.as_bytes()).into_owned().collect();
            prop_assert_eq!(back, vec![(key, secret)]);
        }
    }
}
