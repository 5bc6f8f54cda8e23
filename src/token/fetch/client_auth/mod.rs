//! Client authentication (RFC 6749 §2.3): what proves in a request who the client is.
//!
//! Owns the bytes of the credentials: header, body and assertion. Never logs or keeps them: they are wiped after use.
//! Gives a message that is ready to be sent, and the texts by which a server might echo what is secret in it.

mod assertion;
mod basic;
mod block;
mod certificate;
mod flaw;
mod key;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::request::TokenRequest;
use crate::config::SigningAlgorithm;
use crate::profile::{BasicEncoding, ClientAuth};

pub(in crate::token) use assertion::Signer;
pub(super) use assertion::{Terms, misdated};
pub use basic::basic_pair;
pub(super) use basic::{beyond_vschar, blank_at_an_end, can_write_key, encodings_differ};
pub use certificate::Passport;
pub(super) use certificate::{File, Identity, thumbprint};
pub(super) use flaw::Flaw;

/// What a request is authenticated with.
pub(in crate::token) enum Proof {
    /// The consumer secret: it is sent, or signs.
    Secret(SecretString),
    /// A private key, which signs.
    Key(Box<Signer>),
    /// Nothing that a message holds: the connection shows a certificate, or the client only says who it is.
    Nothing,
}

impl Proof {
    /// The consumer secret, where it is that.
    pub(super) fn secret(&self) -> Option<&SecretString> {
        match self {
            Self::Secret(secret) => Some(secret),
            Self::Key(_) | Self::Nothing => None,
        }
    }
}

/// A request with its credentials, ready to be sent.
pub(super) struct Message {
    /// Where it goes.
    pub(super) url: Url,
    /// The value of the `Authorization` header.
    pub(super) authorization: Option<Zeroizing<String>>,
    /// The form-encoded body.
    pub(super) body: Zeroizing<String>,
    /// The assertion in the body, where there is one.
    pub(super) assertion: Option<Zeroizing<String>>,
}

/// Joins a request and what proves who the client is, at a time in Unix seconds. `None` where the system gives no
/// random bytes to sign with.
pub(super) fn message(request: &TokenRequest, proof: &Proof, now: i64) -> Option<Message> {
    let (key, terms) = (request.consumer_key(), request.terms());
    let (mut authorization, mut assertion) = (None, None);
    match proof {
        Proof::Secret(secret) => match request.auth() {
            ClientAuth::Basic => authorization = Some(basic::basic_header(request, secret)),
            ClientAuth::SecretJwt => assertion = Some(assertion::by_secret(secret, key, terms, now)?),
            _ => {}
        },
        Proof::Key(signer) => assertion = Some(assertion::by_key(signer, key, terms, now)?),
        Proof::Nothing => {}
    }
    let id = (authorization.is_none()).then_some(("client_id", key));
    let secret = proof.secret().filter(|_| request.auth() == ClientAuth::Post);
    let secret = secret.map(|secret| ("client_secret", secret.expose_secret()));
    // `client_id` may stand beside an assertion (RFC 7521 §4.2), and some servers want it; a certificate needs it (RFC
    // 8705 §2).
    let signed =
        assertion.as_ref().map(|text| [("client_assertion_type", assertion::TYPE), ("client_assertion", text)]);
    let credentials = id.into_iter().chain(secret).chain(signed.into_iter().flatten());
    let body = form(request, credentials);
    Some(Message { url: request.url().clone(), authorization, body, assertion })
}

fn form<'a>(
    request: &'a TokenRequest,
    credentials: impl Iterator<Item = (&'a str, &'a str)> + Clone,
) -> Zeroizing<String> {
    let plain = request.fields().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    // Room for all of it at once (each byte takes three at most): a buffer that grows leaves copies of the secret.
    let room = plain.clone().chain(credentials.clone()).map(|(name, value)| 3 * (name.len() + value.len()) + 2);
    let mut form = form_urlencoded::Serializer::new(String::with_capacity(room.sum()));
    form.extend_pairs(plain).extend_pairs(credentials);
    Zeroizing::new(form.finish())
}

/// Whether two secrets are one and the same.
pub(super) fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// The length that HMAC asks of a secret, in bytes (RFC 7518 §3.2), where this one is shorter.
pub(super) fn short_of(request: &TokenRequest, secret: &SecretString) -> Option<usize> {
    let wanted = match assertion::hmac_algorithm(request.terms()) {
        SigningAlgorithm::Hs512 => 64,
        SigningAlgorithm::Hs384 => 48,
        _ => 32,
    };
    (request.auth() == ClientAuth::SecretJwt && secret.expose_secret().len() < wanted).then_some(wanted)
}

/// Every way in which an answer might repeat the secrets: as they are, encoded for a form or a URL, and in a Basic
/// header; and an assertion, which is one for as long as it lives. The longest come first, so that none hides the rest
/// of another.
pub(super) fn echoes(
    request: &TokenRequest,
    secrets: &[&SecretString],
    assertion: Option<&Zeroizing<String>>,
) -> Vec<Zeroizing<String>> {
    let mut echoes: Vec<_> = secrets.iter().flat_map(|secret| echoes_of(request, secret)).collect();
    let signature = assertion.and_then(|text| text.rsplit('.').next()).map(|text| Zeroizing::new(text.to_owned()));
    echoes.extend(assertion.cloned().into_iter().chain(signature));
    echoes.retain(|echo| !echo.is_empty());
    echoes.sort_by_key(|echo| std::cmp::Reverse(echo.len()));
    echoes
}

fn echoes_of(request: &TokenRequest, secret: &SecretString) -> Vec<Zeroizing<String>> {
    let plain = secret.expose_secret();
    let form = basic::form_encoded(plain);
    let pairs =
        [BasicEncoding::Form, BasicEncoding::Raw].map(|e| basic::basic_base64(e, request.consumer_key(), secret));
    let mut echoes = vec![Zeroizing::new(form.replace('+', "%20")), Zeroizing::new(form)];
    echoes.push(Zeroizing::new(plain.to_owned()));
    echoes.push(Zeroizing::new(STANDARD.encode(plain)));
    echoes.extend(pairs);
    echoes
}
