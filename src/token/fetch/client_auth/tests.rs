//! The bytes of requests, by the examples of the RFCs.

use super::*;
use crate::profile::Profile;
use crate::token::tests::profile;
use proptest::prelude::*;

fn request(change: impl FnOnce(&mut Profile)) -> TokenRequest {
    let mut profile = profile("http://127.0.0.1:1/token");
    change(&mut profile);
    TokenRequest::new(&profile)
}

fn sent(request: &TokenRequest, secret: &str) -> Message {
    message(request, &Proof::Secret(SecretString::from(secret)), 0).expect("random bytes")
}

fn authorization(encoding: BasicEncoding, key: &str, secret: &str) -> String {
    let request = request(|p| {
        p.basic_encoding.value = encoding;
        key.clone_into(&mut p.consumer_key.value);
    });
    sent(&request, secret).authorization.expect("Basic").to_string()
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
    assert_eq!(decoded(&authorization(BasicEncoding::Form, "k:y", secret)), "k%3Ay:a%3A%25%2B%2F%26%27%22+%24%C3%A9");
}

#[test]
fn basic_leaves_the_credentials_out_of_the_body() {
    let message = sent(&request(|_| {}), "canary");
    assert_eq!(*message.body, "grant_type=client_credentials");
}

#[test]
fn post_writes_the_credentials_into_the_body_and_no_header() {
    let request = request(|p| {
        p.client_auth.value = ClientAuth::Post;
        p.scopes = vec!["a".into(), "b".into()];
    });
    let message = sent(&request, "s &é");
    assert!(message.authorization.is_none());
    assert_eq!(*message.body, "grant_type=client_credentials&scope=a+b&client_id=key&client_secret=s+%26%C3%A9");
}

#[test]
fn a_key_with_a_colon_cannot_be_written_raw() {
    let with_colon = |encoding, auth| {
        request(|p| {
            p.consumer_key.value = "k:y".into();
            p.basic_encoding.value = encoding;
            p.client_auth.value = auth;
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
