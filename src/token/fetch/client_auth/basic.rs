//! Key and secret in a Basic header (RFC 6749 §2.3.1).
//!
//! Owns both encodings, and what may be wrong with key and secret as texts. Never logs or keeps them: they are wiped
//! after use. Gives the header's value.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use crate::profile::{BasicEncoding, ClientAuth};
use crate::token::fetch::request::TokenRequest;

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

pub(super) fn form_encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// Whether the key can be written in the request's way: the first `:` of a raw Basic pair ends the key (RFC 7617 §2).
pub(in crate::token::fetch) fn can_write_key(request: &TokenRequest) -> bool {
    let raw = request.auth() == ClientAuth::Basic && request.encoding() == BasicEncoding::Raw;
    !(raw && request.consumer_key().contains(':'))
}

pub(super) fn basic_header(request: &TokenRequest, secret: &SecretString) -> Zeroizing<String> {
    let encoded = basic_base64(request.encoding(), request.consumer_key(), secret);
    let mut header = Zeroizing::new(String::with_capacity("Basic ".len() + encoded.len()));
    header.push_str("Basic ");
    header.push_str(&encoded);
    header
}

pub(super) fn basic_base64(encoding: BasicEncoding, key: &str, secret: &SecretString) -> Zeroizing<String> {
    let (key, secret) = basic_pair(encoding, key, secret);
    let secret = secret.expose_secret();
    let mut pair = Zeroizing::new(String::with_capacity(key.len() + 1 + secret.len()));
    pair.push_str(&key);
    pair.push(':');
    pair.push_str(secret);
    Zeroizing::new(STANDARD.encode(pair.as_bytes()))
}

/// Whether the two encodings write this key and secret differently.
pub(in crate::token::fetch) fn encodings_differ(request: &TokenRequest, secret: &SecretString) -> bool {
    let [(form_key, form), (raw_key, raw)] =
        [BasicEncoding::Form, BasicEncoding::Raw].map(|encoding| basic_pair(encoding, request.consumer_key(), secret));
    form_key != raw_key || form.expose_secret() != raw.expose_secret()
}

/// Which of the two holds characters outside 0x20-0x7E, the only ones that RFC 6749 A.1 and A.2 allow.
pub(in crate::token::fetch) fn beyond_vschar(request: &TokenRequest, secret: &SecretString) -> Option<&'static str> {
    let beyond = |text: &str| !text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    match (beyond(request.consumer_key()), beyond(secret.expose_secret())) {
        (true, true) => Some("consumer key and consumer secret have"),
        (true, false) => Some("the consumer key has"),
        (false, true) => Some("the consumer secret has"),
        (false, false) => None,
    }
}

/// Which of the two begins or ends with white space, as what was copied by hand often does.
pub(in crate::token::fetch) fn blank_at_an_end(request: &TokenRequest, secret: &SecretString) -> Option<&'static str> {
    let blank = |text: &str| text.trim().len() < text.len();
    match (blank(request.consumer_key()), blank(secret.expose_secret())) {
        (_, true) => Some("the consumer secret begins or ends"),
        (true, false) => Some("the consumer key begins or ends"),
        (false, false) => None,
    }
}
