//! Assertions: signed statements of who the client is (RFC 7521 §4.2, RFC 7523 §2.2 and §3).
//!
//! Owns their header, their claims and how long they live. Never signs the same one twice, and never keeps one. Gives
//! a JWT in the compact form (RFC 7515 §7.1).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use zeroize::Zeroizing;

use super::flaw::Flaw;
use super::key::PrivateKey;
use crate::config::SigningAlgorithm;
use crate::profile::Profile;

/// What `client_assertion_type` has to be (RFC 7523 §2.2).
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an assertion is good for, in seconds: the time that a request may take, and no more.
const LIFETIME: i64 = 60;

/// An assertion is dated back by so many seconds, because some servers take none of a future that their own clock,
/// which may be a little behind, has not reached.
const BACK: i64 = 5;

/// Whether an assertion may look dated wrongly to a server whose clock is ahead of ours by so many seconds: ended, or of
/// the future. What differs less is no reason to ask again.
pub(in crate::token::fetch) fn misdated(ahead: i64) -> bool {
    const MARGIN: i64 = 10;
    ahead >= LIFETIME - MARGIN || ahead <= -BACK
}

/// What an assertion says, but for the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::token::fetch) struct Terms {
    /// Whom it is for (RFC 7523 §3, 3).
    pub(in crate::token::fetch) audience: String,
    /// How it is to be signed.
    pub(in crate::token::fetch) algorithm: Option<SigningAlgorithm>,
    /// The name of the key.
    pub(in crate::token::fetch) key_id: Option<String>,
}

impl Terms {
    /// The terms of a profile.
    pub(in crate::token::fetch) fn of(profile: &Profile) -> Self {
        let endpoint = || profile.token_url.value.to_string();
        Self {
            audience: profile.assertion_audience.clone().unwrap_or_else(endpoint),
            algorithm: profile.signing_algorithm,
            key_id: profile.key_id.clone(),
        }
    }
}

/// The header (RFC 7515 §4.1).
#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    thumbprint: Option<&'a str>,
}

/// The claims (RFC 7523 §3).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
}

/// Signs for one client.
pub(in crate::token) struct Signer {
    key: PrivateKey,
    algorithm: SigningAlgorithm,
    key_id: Option<String>,
    /// The digest of the certificate (RFC 7515 §4.1.8), by which Azure AD finds the key.
    thumbprint: Option<String>,
}

impl Signer {
    /// Reads a private key, and settles how it signs.
    pub(in crate::token::fetch) fn new(
        text: &SecretString,
        passphrase: Option<&SecretString>,
        terms: &Terms,
        thumbprint: Option<String>,
    ) -> Result<Self, Flaw> {
        let key = PrivateKey::read(text, passphrase)?;
        let algorithm = key.algorithm(terms.algorithm)?;
        let key_id = terms.key_id.clone().or_else(|| key.id.clone());
        Ok(Self { key, algorithm, key_id, thumbprint })
    }

    /// How it signs, in words.
    pub(in crate::token::fetch) fn told(&self) -> String {
        let named = self.key_id.as_deref().map(|id| format!(", with the key id `{}`", crate::notice::plain(id)));
        format!("with `{}`{}", self.algorithm.name(), named.unwrap_or_default())
    }

    fn header(&self) -> Header<'_> {
        Header {
            alg: self.algorithm.name(),
            typ: "JWT",
            kid: self.key_id.as_deref(),
            thumbprint: self.thumbprint.as_deref(),
        }
    }
}

/// How a secret signs where nothing else is asked for: the only one that every server has (RFC 7518 §3.1).
pub(super) fn hmac_algorithm(terms: &Terms) -> SigningAlgorithm {
    terms.algorithm.unwrap_or(SigningAlgorithm::Hs256)
}

/// An assertion that a private key signs; `None` where the system gives no random bytes.
pub(super) fn by_key(signer: &Signer, client: &str, terms: &Terms, now: i64) -> Option<Zeroizing<String>> {
    let claims = claims(client, terms, now, &unique()?)?;
    compact(&signer.header(), &claims, |text| signer.key.sign(signer.algorithm, text))
}

/// An assertion that the secret signs.
pub(super) fn by_secret(secret: &SecretString, client: &str, terms: &Terms, now: i64) -> Option<Zeroizing<String>> {
    let algorithm = hmac_algorithm(terms);
    let header = Header { alg: algorithm.name(), typ: "JWT", kid: terms.key_id.as_deref(), thumbprint: None };
    let claims = claims(client, terms, now, &unique()?)?;
    // The bytes of the secret as UTF-8 are the key (OpenID Connect Core §10.1).
    compact(&header, &claims, |text| Some(hmac_of(secret.expose_secret().as_bytes(), algorithm, text)))
}

pub(super) fn hmac_of(secret: &[u8], algorithm: SigningAlgorithm, text: &[u8]) -> Vec<u8> {
    let digest = match algorithm {
        SigningAlgorithm::Hs512 => hmac::HMAC_SHA512,
        SigningAlgorithm::Hs384 => hmac::HMAC_SHA384,
        _ => hmac::HMAC_SHA256,
    };
    hmac::sign(&hmac::Key::new(digest, secret), text).as_ref().to_vec()
}

fn claims(client: &str, terms: &Terms, now: i64, jti: &str) -> Option<String> {
    let (iat, exp) = (now - BACK, now + LIFETIME);
    serde_json::to_string(&Claims { iss: client, sub: client, aud: &terms.audience, jti, iat, exp }).ok()
}

/// A name that no other assertion has (RFC 7519 §4.1.7): 128 random bits.
fn unique() -> Option<String> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// RFC 7515 §7.1: header, payload and signature, each in base64url.
fn compact(header: &Header, payload: &str, sign: impl FnOnce(&[u8]) -> Option<Vec<u8>>) -> Option<Zeroizing<String>> {
    let header = serde_json::to_string(header).ok()?;
    let mut text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = sign(text.as_bytes())?;
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut text);
    Some(Zeroizing::new(text))
}
