//! The signature of a token against the keys of its server (RFC 7515, RFC 7517, RFC 7518).
//!
//! Owns which algorithms count, and which key may check what. Never takes a secret for a key, or a public key for a
//! secret: a token that anybody could have made is refused, whatever its signature says.

use std::str::FromStr;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};

use super::super::fetch::Cleaner;

/// Whether a signature fits. All texts are cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signature {
    /// A key of the server made it.
    Valid {
        /// How it is signed.
        algorithm: String,
        /// The key's name, where it has one.
        key: Option<String>,
        /// Where the key is from.
        source: String,
    },
    /// It must not be believed, and why.
    Invalid(String),
    /// Nobody knows, and why.
    NotChecked(String),
    /// There is none: the token is opaque.
    None,
}

/// The keys that a server publishes.
pub(super) struct Keys {
    keys: Vec<Jwk>,
    source: String,
}

/// More keys than any server has at a time.
const MOST_KEYS: usize = 64;

impl Keys {
    /// Reads a key set; keys of unknown kinds are left out (RFC 7517 §5).
    pub(super) fn read(document: &Map<String, Value>, source: &str) -> Self {
        let list = document.get("keys").and_then(Value::as_array).into_iter().flatten();
        let keys = list.filter_map(|key| serde_json::from_value(key.clone()).ok()).take(MOST_KEYS);
        Self { keys: keys.collect(), source: source.to_owned() }
    }
}

/// How a token says that it is signed, where that is a way that public keys can check.
pub(super) fn algorithm(header: &Map<String, Value>) -> Result<Algorithm, Signature> {
    let name = header.get("alg").and_then(Value::as_str).unwrap_or_default();
    let shown = Cleaner::default().clean(name);
    // RFC 7515 §4.1.11: what is not understood must not be passed over.
    if header.contains_key("crit") {
        return Err(Signature::Invalid("its header has `crit`: something that a reader has to understand".into()));
    }
    if name.eq_ignore_ascii_case("none") {
        return Err(Signature::Invalid(format!("`alg` is `{shown}`: nobody signed it")));
    }
    if name.to_ascii_uppercase().starts_with("HS") {
        let why = "no published key can check it, and who has that key could make it up";
        return Err(Signature::Invalid(format!("`alg` is `{shown}`, which signs with a shared secret: {why}")));
    }
    match Algorithm::from_str(name) {
        Ok(algorithm) if family(algorithm).is_some() => Ok(algorithm),
        _ if name.is_empty() => Err(Signature::Invalid("its header has no `alg`".into())),
        _ => Err(Signature::NotChecked(format!("`alg` is `{shown}`, which is not known here"))),
    }
}

/// The kind of key that an algorithm goes with (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Rsa,
    Ec(Curve),
    Ed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Curve {
    P256,
    P384,
}

fn family(algorithm: Algorithm) -> Option<Family> {
    match algorithm {
        Algorithm::RS256
        | Algorithm::RS384
        | Algorithm::RS512
        | Algorithm::PS256
        | Algorithm::PS384
        | Algorithm::PS512 => Some(Family::Rsa),
        Algorithm::ES256 => Some(Family::Ec(Curve::P256)),
        Algorithm::ES384 => Some(Family::Ec(Curve::P384)),
        Algorithm::EdDSA => Some(Family::Ed),
        _ => None,
    }
}

fn family_of(key: &Jwk) -> Option<Family> {
    match &key.algorithm {
        // RFC 7518 §3.3: 2048 bits at least; a shorter key can be taken apart, and then anybody signs.
        AlgorithmParameters::RSA(key) if key.n.trim_start_matches('A').len() * 6 >= 2040 => Some(Family::Rsa),
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => Some(Family::Ec(Curve::P256)),
            EllipticCurve::P384 => Some(Family::Ec(Curve::P384)),
            _ => None,
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Some(Family::Ed),
        _ => None, // a shared secret among them, which nobody should publish
    }
}

/// Whether a key is meant to check such a signature.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let signs = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
    let name = format!("{algorithm:?}");
    let meant = key.common.key_algorithm.as_ref().is_none_or(|own| own.to_string() == name);
    signs && meant && family_of(key) == family(algorithm)
}

/// Checks a signature.
pub(super) fn check(token: &str, header: &Map<String, Value>, algorithm: Algorithm, keys: &Keys) -> Signature {
    let source = keys.source.clone();
    let kid = header.get("kid").and_then(Value::as_str);
    let named: Vec<&Jwk> = match kid {
        Some(kid) => keys.keys.iter().filter(|key| key.common.key_id.as_deref() == Some(kid)).collect(),
        None => keys.keys.iter().collect(),
    };
    let shown = kid.map(|kid| Cleaner::default().clean(kid));
    if let (true, Some(kid)) = (named.is_empty(), &shown) {
        return Signature::Invalid(format!("`{source}` has no key `{kid}`"));
    }
    let mut fitting = named.into_iter().filter(|key| fits(key, algorithm)).peekable();
    if fitting.peek().is_none() {
        return Signature::Invalid(format!("`{source}` has no key for `{algorithm:?}`"));
    }
    if let Some(key) = fitting.find(|key| verifies(token, algorithm, key)) {
        let key = key.common.key_id.as_deref().map(|kid| Cleaner::default().clean(kid));
        return Signature::Valid { algorithm: format!("{algorithm:?}"), key, source };
    }
    let key = shown.map(|kid| format!(" key `{kid}` of")).unwrap_or_default();
    Signature::Invalid(format!("it does not fit{key} `{source}`"))
}

fn verifies(token: &str, algorithm: Algorithm, key: &Jwk) -> bool {
    let Some((message, signature)) = token.rsplit_once('.') else { return false };
    let Ok(key) = DecodingKey::from_jwk(key) else { return false };
    crypto::verify(signature, message.as_bytes(), &key, algorithm).unwrap_or(false)
}
