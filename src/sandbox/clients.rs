//! The application's keys, and how a client proves that it has them.
//!
//! Owns the consumer keys and secrets of all environments. Never compares a secret byte by byte, and never says which
//! half of a pair was wrong. Gives the [`Credentials`] of an environment, and the environment of a token request.

use axum::http::{HeaderMap, header};
use base64::prelude::{BASE64_STANDARD, Engine};
use p256::elliptic_curve::subtle::ConstantTimeEq;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::form::{self, Fields};
use super::refusal::Refusal;
use super::{Environment, SandboxError, random};

/// How long the keys and secrets are that the sandbox makes: as long as Choreo's.
const LENGTH: usize = 28;

/// What an environment's Application Keys pane shows in Choreo.
#[derive(Debug)]
pub struct Credentials {
    /// The consumer key, which OAuth calls `client_id`.
    pub consumer_key: String,
    /// The consumer secret, which OAuth calls `client_secret`.
    pub consumer_secret: SecretString,
}

impl Credentials {
    /// Takes what is given, and makes what is not.
    pub(super) fn new(key: Option<String>, secret: Option<SecretString>) -> Result<Self, SandboxError> {
        let consumer_key = key.map_or_else(|| random::text(LENGTH), Ok)?;
        let consumer_secret = secret.map_or_else(|| random::text(LENGTH).map(SecretString::from), Ok)?;
        usable("consumer_key", &consumer_key)?;
        usable("consumer_secret", consumer_secret.expose_secret())?;
        Ok(Self { consumer_key, consumer_secret })
    }

    /// The secret as it stands in a configuration file.
    pub(super) fn secret_text(&self) -> &str {
        self.consumer_secret.expose_secret()
    }

    fn matches(&self, pair: &Pair) -> bool {
        // Digests have one length and are compared in constant time: nothing about the secret shows in the timing.
        let same = |a: &str, b: &str| Sha256::digest(a)[..].ct_eq(&Sha256::digest(b)[..]);
        (same(&self.consumer_key, &pair.key) & same(self.consumer_secret.expose_secret(), &pair.secret)).into()
    }
}

/// A key without characters, or with some that no configuration file can hold, would be of no use to anybody.
fn usable(name: &'static str, value: &str) -> Result<(), SandboxError> {
    if value.is_empty() || value.chars().any(char::is_control) {
        return Err(SandboxError::Credential { name });
    }
    Ok(())
}

/// The keys of all environments.
pub(super) struct Clients {
    dev: Credentials,
    prod: Credentials,
}

impl Clients {
    /// Keys for every environment; those of the first may be given.
    pub(super) fn new(key: Option<String>, secret: Option<SecretString>) -> Result<Self, SandboxError> {
        Ok(Self { dev: Credentials::new(key, secret)?, prod: Credentials::new(None, None)? })
    }

    /// The keys of an environment.
    pub(super) fn of(&self, environment: Environment) -> &Credentials {
        match environment {
            Environment::Dev => &self.dev,
            Environment::Prod => &self.prod,
        }
    }

    /// Says whose token request this is.
    pub(super) fn authenticate(&self, headers: &HeaderMap, fields: &Fields) -> Result<Environment, Refusal> {
        let pairs = presented(headers, fields)?;
        let known = |environment: &Environment| pairs.iter().any(|pair| self.of(*environment).matches(pair));
        let environment = Environment::ALL.into_iter().find(known).ok_or(Refusal::Client(WRONG))?;
        match fields.get("client_id") {
            Some(other) if other != self.of(environment).consumer_key => {
                Err(Refusal::Request("the client_id in the body is not the one in the Authorization header"))
            }
            _ => Ok(environment),
        }
    }
}

const WRONG: &str = "the consumer key or the consumer secret is wrong";

/// A key and a secret as a client sent them.
struct Pair {
    key: String,
    secret: String,
}

/// What the client presents, in every reading that is possible. More than one method is an error (RFC 6749 §2.3); a bare
/// `client_id` beside a Basic header is none, it only repeats who is asking.
fn presented(headers: &HeaderMap, fields: &Fields) -> Result<Vec<Pair>, Refusal> {
    let mut authorization = headers.get_all(header::AUTHORIZATION).iter();
    match (authorization.next(), authorization.next(), fields.get("client_id"), fields.get("client_secret")) {
        (Some(_), Some(_), ..) => Err(Refusal::Request("more than one Authorization header")),
        (Some(_), None, _, Some(_)) => Err(Refusal::Request("more than one way of client authentication")),
        (Some(value), None, _, None) => basic(value.as_bytes()),
        (None, _, Some(key), Some(secret)) => Ok(vec![Pair { key: key.into(), secret: secret.into() }]),
        (None, ..) => Err(Refusal::Client("no consumer key and secret, neither as Basic nor in the body")),
    }
}

/// Reads a Basic header in two ways, because Choreo's users meet both kinds of servers: the standard has key and secret
/// form-encoded first (RFC 6749 §2.3.1), the template of Choreo's portal and many servers take them raw (RFC 7617 §2).
fn basic(header: &[u8]) -> Result<Vec<Pair>, Refusal> {
    let (scheme, encoded) = split(header, b' ').ok_or(Refusal::Client(NOT_BASIC))?;
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return Err(Refusal::Client(NOT_BASIC));
    }
    let text = BASE64_STANDARD.decode(encoded.trim_ascii()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or(Refusal::Client("the Basic credentials are not base64 of UTF-8 text, with padding"))?;
    let (key, secret) = text.split_once(':').ok_or(Refusal::Client("the Basic credentials have no colon"))?;
    let raw = Pair { key: key.into(), secret: secret.into() };
    let form = form::decode(key).zip(form::decode(secret)).map(|(key, secret)| Pair { key, secret });
    Ok(form.into_iter().chain([raw]).collect())
}

const NOT_BASIC: &str = "the Authorization header is not Basic";

fn split(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let mut parts = bytes.splitn(2, |byte| *byte == at);
    parts.next().zip(parts.next())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// Every character that somebody gets wrong, and one that is not ASCII.
    const HOSTILE: &str = "a:b%2B+/&'\"$ =é\\`";

    fn clients(key: &str, secret: &str) -> Clients {
        Clients::new(Some(key.into()), Some(secret.into())).expect("usable")
    }

    fn headers(text: &str) -> HeaderMap {
        let value = format!("Basic {}", BASE64_STANDARD.encode(text));
        HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(&value).expect("ascii"))])
    }

    fn fields(body: &str) -> Fields {
        Fields::parse(body.as_bytes()).unwrap_or_default()
    }

    fn encoded(text: &str) -> String {
        url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
    }

    #[test]
    fn basic_is_understood_in_both_encodings() {
        let clients = clients("key", HOSTILE);
        for text in [format!("key:{HOSTILE}"), format!("key:{}", encoded(HOSTILE))] {
            assert_eq!(clients.authenticate(&headers(&text), &fields("")), Ok(Environment::Dev), "{text}");
        }
    }

    #[test]
    fn a_key_with_a_colon_is_understood_when_it_is_form_encoded() {
        let clients = clients("k:ey", "secret");
        assert_eq!(clients.authenticate(&headers("k%3Aey:secret"), &fields("")), Ok(Environment::Dev));
        assert_eq!(clients.authenticate(&headers("k:ey:secret"), &fields("")), Err(Refusal::Client(WRONG)));
    }

    #[test]
    fn post_takes_the_secret_from_the_body() {
        let clients = clients("key", HOSTILE);
        let body = fields(&format!("client_id=key&client_secret={}", encoded(HOSTILE)));
        assert_eq!(clients.authenticate(&HeaderMap::new(), &body), Ok(Environment::Dev));
    }

    #[test]
    fn each_environment_has_keys_of_its_own() {
        let clients = clients("key", "secret");
        let prod = clients.of(Environment::Prod);
        let text = format!("{}:{}", prod.consumer_key, prod.secret_text());
        assert_eq!(clients.authenticate(&headers(&text), &fields("")), Ok(Environment::Prod));
        let mixed = format!("key:{}", prod.secret_text());
        assert_eq!(clients.authenticate(&headers(&mixed), &fields("")), Err(Refusal::Client(WRONG)));
    }

    #[test]
    fn two_methods_in_one_request_are_refused() {
        let clients = clients("key", "secret");
        for body in ["client_id=key&client_secret=secret", "client_secret=secret", "client_id=other"] {
            let answer = clients.authenticate(&headers("key:secret"), &fields(body));
            assert!(matches!(answer, Err(Refusal::Request(_))), "{body}: {answer:?}");
        }
        assert_eq!(clients.authenticate(&headers("key:secret"), &fields("client_id=key")), Ok(Environment::Dev));
    }

    #[test]
    fn what_is_no_proof_is_refused() {
        let clients = clients("key", "secret");
        for header in
            ["", "Basic", "Basic ", "Basic !", "Basic a2V5", "Bearer a2V5OnNlY3JldA==", "Basic a2V5OnNlY3JldA"]
        {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(header))]);
            let answer = clients.authenticate(&headers, &fields(""));
            assert!(matches!(answer, Err(Refusal::Client(_))), "{header}: {answer:?}");
        }
        for body in ["", "client_id=key", "client_secret=secret", "client_id=key&client_secret=Secret"] {
            let answer = clients.authenticate(&HeaderMap::new(), &fields(body));
            assert!(matches!(answer, Err(Refusal::Client(_))), "{body}: {answer:?}");
        }
    }

    #[test]
    fn a_key_that_nobody_could_configure_is_refused() {
        for bad in ["", "a\nb", "\u{7f}"] {
            assert!(Credentials::new(Some(bad.into()), None).is_err(), "{bad:?}");
            assert!(Credentials::new(None, Some(bad.into())).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        let credentials = Credentials::new(None, Some("canary".into())).expect("usable");
        assert!(!format!("{credentials:?}").contains("canary"));
    }

    proptest::proptest! {
        #[test]
        fn every_usable_secret_is_understood_in_every_way_of_sending_it(
            key in "[^:\\p{Cc}]{1,20}",
            secret in "[^\\p{Cc}]{1,40}",
        ) {
            let clients = clients(&key, &secret);
            let (form_key, form_secret) = (encoded(&key), encoded(&secret));
            for text in [format!("{key}:{secret}"), format!("{form_key}:{form_secret}")] {
                proptest::prop_assert_eq!(clients.authenticate(&headers(&text), &fields("")), Ok(Environment::Dev));
            }
            let body = fields(&format!("client_id={form_key}&client_secret={form_secret}"));
            proptest::prop_assert_eq!(clients.authenticate(&HeaderMap::new(), &body), Ok(Environment::Dev));
        }

        #[test]
        fn no_other_secret_is_accepted(secret in "[^\\p{Cc}]{1,40}", other in "[^\\p{Cc}]{0,40}") {
            proptest::prop_assume!(secret != other && form::decode(&other).as_ref() != Some(&secret));
            let answer = clients("key", &secret).authenticate(&headers(&format!("key:{other}")), &fields(""));
            proptest::prop_assert_eq!(answer, Err(Refusal::Client(WRONG)));
        }
    }
}
