//! The bytes of requests, by the examples of the RFCs.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::UnparsedPublicKey;

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

// Assertions.

/// The private key of RFC 7515 A.2.1.
const RSA_JWK: &str = r#"{"kty":"RSA",
  "n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
  "e":"AQAB",
  "d":"Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
  "p":"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
  "q":"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
  "dp":"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",
  "dq":"h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",
  "qi":"IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"}"#;

/// The private key of RFC 7515 A.3.1.
const EC_JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

/// The private key of RFC 8037 A.1.
const ED_JWK: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn key(jwk: &str) -> key::PrivateKey {
    key::PrivateKey::read(&SecretString::from(jwk), None).unwrap_or_else(|flaw| panic!("{flaw}"))
}

fn signature(jwk: &str, algorithm: SigningAlgorithm, text: &str) -> Vec<u8> {
    key(jwk).sign(algorithm, text.as_bytes()).expect("signed")
}

#[test]
fn rfc_7515_a_1_is_signed_as_there_with_hs256() {
    // The key is the octets of the JWK's `k`, which are no text: so the digest itself is compared.
    let key = URL_SAFE_NO_PAD
        .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
        .expect("base64url");
    let text = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signed = assertion::hmac_of(&key, SigningAlgorithm::Hs256, text.as_bytes());
    assert_eq!(URL_SAFE_NO_PAD.encode(signed), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

#[test]
fn rfc_7515_a_2_is_signed_as_there_with_rs256() {
    let text = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    assert_eq!(
        URL_SAFE_NO_PAD.encode(signature(RSA_JWK, SigningAlgorithm::Rs256, text)),
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    );
}

#[test]
fn rfc_7515_a_3_is_signed_so_that_its_public_key_verifies_it() {
    // Each ECDSA signature is another one; the example's own is verified, too, to know that the judge is right.
    let text = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let example = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let public = [
        &[4][..],
        &URL_SAFE_NO_PAD.decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU").expect("x"),
        &URL_SAFE_NO_PAD.decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0").expect("y"),
    ]
    .concat();
    let judge = UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_FIXED, public);
    assert!(judge.verify(text.as_bytes(), &URL_SAFE_NO_PAD.decode(example).expect("base64url")).is_ok());
    assert!(judge.verify(text.as_bytes(), &signature(EC_JWK, SigningAlgorithm::Es256, text)).is_ok());
}

#[test]
fn a_pss_signature_is_verified_with_a_salt_of_the_digests_length() {
    let n = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    let public =
        ring::signature::RsaPublicKeyComponents { n: URL_SAFE_NO_PAD.decode(n).expect("base64url"), e: vec![1, 0, 1] };
    let signed = signature(RSA_JWK, SigningAlgorithm::Ps256, "text");
    assert!(public.verify(&ring::signature::RSA_PSS_2048_8192_SHA256, b"text", &signed).is_ok());
}

#[test]
fn rfc_8037_a_4_is_signed_as_there_with_eddsa() {
    let text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    assert_eq!(
        URL_SAFE_NO_PAD.encode(signature(ED_JWK, SigningAlgorithm::EdDsa, text)),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
}

fn signed(change: impl FnOnce(&mut Profile), jwk: &str, now: i64) -> Message {
    let request = request(|p| {
        p.client_auth.value = ClientAuth::PrivateKeyJwt;
        p.consumer_key.value = "s6BhdRkqt3".into();
        change(p);
    });
    let signer =
        Signer::new(&SecretString::from(jwk), None, request.terms(), None).unwrap_or_else(|flaw| panic!("{flaw}"));
    message(&request, &Proof::Key(Box::new(signer)), now).expect("random bytes")
}

fn json(part: &str) -> serde_json::Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

#[test]
fn the_form_of_rfc_7523_section_2_2_is_written_as_there() {
    let message = signed(|_| {}, ED_JWK, 1_700_000_000);
    let assertion = message.assertion.expect("an assertion");
    assert_eq!(
        *message.body,
        format!(
            "grant_type=client_credentials&client_id=s6BhdRkqt3&\
             client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&\
             client_assertion={}",
            *assertion
        )
    );
    assert!(message.authorization.is_none());
}

#[test]
fn an_assertion_claims_what_rfc_7523_section_3_asks_for_and_lives_for_a_minute() {
    let message = signed(|p| p.key_id = Some("k1".into()), ED_JWK, 1_700_000_000);
    let assertion = message.assertion.expect("an assertion");
    let parts: Vec<&str> = assertion.split('.').collect();
    assert_eq!(json(parts[0]), serde_json::json!({ "alg": "EdDSA", "typ": "JWT", "kid": "k1" }));
    let mut claims = json(parts[1]);
    let jti = claims["jti"].take();
    assert_eq!(jti.as_str().map(str::len), Some(22)); // 128 bits
    assert_eq!(
        claims,
        serde_json::json!({
            "iss": "s6BhdRkqt3", "sub": "s6BhdRkqt3", "aud": "http://127.0.0.1:1/token", "jti": null,
            "iat": 1_699_999_995, "exp": 1_700_000_060,
        })
    );
}

#[test]
fn a_clock_that_differs_a_little_is_no_reason_to_ask_again() {
    assert!([-4, 0, 3, 49].into_iter().all(|ahead| !misdated(ahead)));
    assert!([i64::MIN, -600, -5, 50, 600, i64::MAX].into_iter().all(misdated));
}

#[test]
fn no_two_assertions_are_the_same() {
    let jti = || json(signed(|_| {}, ED_JWK, 0).assertion.expect("an assertion").split('.').nth(1).expect("claims"));
    assert_ne!(jti()["jti"], jti()["jti"]);
}

#[test]
fn a_jwk_names_its_key_and_its_algorithm_and_the_profile_has_the_last_word() {
    let jwk = RSA_JWK.replacen('{', r#"{"kid":"from-jwk","alg":"PS256","use":"sig","#, 1);
    let header = |change: &dyn Fn(&mut Profile)| {
        json(signed(change, &jwk, 0).assertion.expect("an assertion").split('.').next().expect("a header"))
    };
    assert_eq!(header(&|_| {}), serde_json::json!({ "alg": "PS256", "typ": "JWT", "kid": "from-jwk" }));
    let own = header(&|p| (p.key_id, p.signing_algorithm) = (Some("own".into()), Some(SigningAlgorithm::Rs256)));
    assert_eq!(own, serde_json::json!({ "alg": "RS256", "typ": "JWT", "kid": "own" }));
}

#[test]
fn an_echoed_assertion_is_taken_out() {
    let message = signed(|_| {}, ED_JWK, 0);
    let assertion = message.assertion.expect("an assertion");
    let echoes = echoes(&request(|_| {}), &[], Some(&assertion));
    let cleaner = crate::token::fetch::text::Cleaner::new(echoes);
    let signature = assertion.rsplit('.').next().expect("a signature");
    let shown = cleaner.clean(&format!("bad assertion {} and {signature}", *assertion));
    assert_eq!(shown, "bad assertion *** and ***");
}

#[test]
fn the_example_of_rfc_8705_section_2_has_its_client_id_in_the_body() {
    let request = request(|p| {
        p.client_auth.value = ClientAuth::Tls;
        p.consumer_key.value = "s6BhdRkqt3".into();
    });
    let message = message(&request, &Proof::Nothing, 0).expect("no random bytes are needed");
    assert_eq!(*message.body, "grant_type=client_credentials&client_id=s6BhdRkqt3");
    assert!(message.authorization.is_none() && message.assertion.is_none());
}

proptest! {
    #[test]
    fn no_text_breaks_the_reading_of_a_key(text in r"(\{|-----BEGIN PRIVATE KEY-----\n)?\PC{0,80}(\n-----END PRIVATE KEY-----)?") {
        _ = key::PrivateKey::read(&SecretString::from(text), Some(&SecretString::from("x")));
    }

    #[test]
    fn no_bytes_break_the_reading_of_a_certificate(bytes: Vec<u8>) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).expect("written");
        let file = File::read(&path).unwrap_or_else(|flaw| panic!("{flaw}"));
        _ = file.certificate();
        _ = Identity::new(&file, None, None);
    }
}
