//! A private key that signs assertions.
//!
//! Owns the forms in which people have one: PEM as PKCS#8, PKCS#1 or SEC 1, and JWK (RFC 7517). Never shows any part
//! of it; the texts on the way are wiped. Gives signatures as JWS has them (RFC 7518 §3).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use pkcs8::{ObjectIdentifier, PrivateKeyInfo};
use ring::rand::SystemRandom;
use ring::rsa::{self, PublicKeyComponents};
use ring::signature::{self, Ed25519KeyPair};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::block::{Blocks, PrivateDer};
use super::flaw::Flaw;
use crate::config::SigningAlgorithm;

/// A private key, and what its JWK says about its use.
pub(super) struct PrivateKey {
    material: Material,
    /// Its name (RFC 7517 §4.5).
    pub(super) id: Option<String>,
    /// What it is meant to sign with (RFC 7517 §4.4).
    meant_for: Option<SigningAlgorithm>,
}

enum Material {
    Rsa(Box<rsa::KeyPair>),
    P256(Box<p256::ecdsa::SigningKey>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl PrivateKey {
    /// Reads a key.
    pub(super) fn read(text: &SecretString, passphrase: Option<&SecretString>) -> Result<Self, Flaw> {
        let text = text.expose_secret().trim();
        if text.starts_with('{') {
            return jwk(text);
        }
        let blocks = Blocks::read(text.as_bytes())?;
        match blocks.private_key(passphrase)? {
            Some(key) => Ok(Self { material: Material::of(&key)?, id: None, meant_for: None }),
            None => Err(blocks.first().map_or(Flaw::NotAKey, Flaw::Public)),
        }
    }

    /// What it signs with: what is asked for, else what it is meant for, else what is usual for its kind.
    pub(super) fn algorithm(&self, asked: Option<SigningAlgorithm>) -> Result<SigningAlgorithm, Flaw> {
        let usual = self.material.algorithms()[0];
        let Some(algorithm) = asked.or(self.meant_for) else { return Ok(usual) };
        if self.material.algorithms().contains(&algorithm) {
            return Ok(algorithm);
        }
        Err(Flaw::Algorithm { algorithm, kind: self.material.name() })
    }

    /// Signs; `None` where the system gives no random bytes.
    pub(super) fn sign(&self, algorithm: SigningAlgorithm, text: &[u8]) -> Option<Vec<u8>> {
        match &self.material {
            Material::Rsa(key) => {
                let padding: &dyn signature::RsaEncoding = match algorithm {
                    SigningAlgorithm::Ps256 => &signature::RSA_PSS_SHA256,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(padding, &SystemRandom::new(), text, &mut signature).ok()?;
                Some(signature)
            }
            // R and S side by side (RFC 7518 §3.4), the nonce from key and text (RFC 6979).
            Material::P256(key) => {
                let signature: p256::ecdsa::Signature = key.try_sign(text).ok()?;
                Some(signature.to_bytes().to_vec())
            }
            Material::Ed25519(key) => Some(key.sign(text).as_ref().to_vec()),
        }
    }
}

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

impl Material {
    fn of(key: &PrivateDer) -> Result<Self, Flaw> {
        match key {
            PrivateDer::Pkcs1(der) => rsa_key(rsa::KeyPair::from_der(der)),
            PrivateDer::Sec1(der) => ec_key(p256::SecretKey::from_sec1_der(der).ok()),
            PrivateDer::Pkcs8(der) => {
                let info = PrivateKeyInfo::try_from(der.as_slice()).map_err(|_| Flaw::Damaged)?;
                match info.algorithm.oid {
                    RSA => rsa_key(rsa::KeyPair::from_der(info.private_key)),
                    EC => ec_key(p256::SecretKey::try_from(info).ok()),
                    ED25519 => ed25519_key(Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)),
                    RSA_PSS => Err(Flaw::Kind("RSA for PSS alone (id-RSASSA-PSS)")),
                    _ => Err(Flaw::Kind("neither RSA nor EC nor Ed25519")),
                }
            }
        }
    }

    /// What it can sign with, the usual one first.
    fn algorithms(&self) -> &'static [SigningAlgorithm] {
        match self {
            Self::Rsa(_) => &[SigningAlgorithm::Rs256, SigningAlgorithm::Ps256],
            Self::P256(_) => &[SigningAlgorithm::Es256],
            Self::Ed25519(_) => &[SigningAlgorithm::EdDsa],
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256 and PS256 (RSA)",
            Self::P256(_) => "ES256 (EC P-256)",
            Self::Ed25519(_) => "EdDSA (Ed25519)",
        }
    }
}

fn rsa_key(key: Result<rsa::KeyPair, ring::error::KeyRejected>) -> Result<Material, Flaw> {
    key.map(|key| Material::Rsa(Box::new(key))).map_err(|error| match error.to_string().as_str() {
        "TooSmall" => Flaw::Kind("RSA with less than 2048 bits"),
        "TooLarge" => Flaw::Kind("RSA with more than 4096 bits"),
        _ => Flaw::Damaged,
    })
}

fn ec_key(key: Option<p256::SecretKey>) -> Result<Material, Flaw> {
    let key = key.ok_or(Flaw::Kind("EC of another curve than P-256"))?;
    Ok(Material::P256(Box::new(key.into())))
}

fn ed25519_key(key: Result<Ed25519KeyPair, ring::error::KeyRejected>) -> Result<Material, Flaw> {
    key.map(|key| Material::Ed25519(Box::new(key))).map_err(|_| Flaw::Damaged)
}

/// The members of a private key (RFC 7518 §6, RFC 8037 §2).
#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    d: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
    #[serde(default)]
    p: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    dp: String,
    #[serde(default)]
    dq: String,
    #[serde(default)]
    qi: String,
}

fn jwk(text: &str) -> Result<PrivateKey, Flaw> {
    let jwk: Jwk = serde_json::from_str(text).map_err(|_| Flaw::Damaged)?;
    if jwk.d.is_empty() && ["RSA", "EC", "OKP"].contains(&jwk.kty.as_str()) {
        return Err(Flaw::Public("public key".into()));
    }
    let material = match (jwk.kty.as_str(), jwk.crv.as_str()) {
        ("RSA", _) => jwk.rsa(),
        ("EC", "P-256") => {
            let d = bytes(&jwk.d)?;
            ec_key(Some(p256::SecretKey::from_slice(&d).map_err(|_| Flaw::Damaged)?))
        }
        ("EC", _) => ec_key(None),
        ("OKP", "Ed25519") => ed25519_key(Ed25519KeyPair::from_seed_unchecked(&bytes(&jwk.d)?)),
        ("OKP", _) => Err(Flaw::Kind("an Edwards curve other than Ed25519")),
        ("oct", _) => Err(Flaw::Kind("a secret that both sides know; that is `client_secret_jwt`")),
        _ => Err(Flaw::NotAKey),
    }?;
    let meant_for = jwk.alg.as_deref().and_then(SigningAlgorithm::named);
    Ok(PrivateKey { material, id: jwk.kid.clone(), meant_for })
}

impl Jwk {
    fn rsa(&self) -> Result<Material, Flaw> {
        // All of them are there, or none (RFC 7518 §6.3.2); without them it is the factors that are missing.
        if [&self.p, &self.q, &self.dp, &self.dq, &self.qi].iter().any(|part| part.is_empty()) {
            return Err(Flaw::Kind("an RSA JWK without `p`, `q`, `dp`, `dq` and `qi`"));
        }
        rsa_key(rsa::KeyPair::from_components(&rsa::KeyPairComponents {
            public_key: PublicKeyComponents { n: bytes(&self.n)?, e: bytes(&self.e)? },
            d: bytes(&self.d)?,
            p: bytes(&self.p)?,
            q: bytes(&self.q)?,
            dP: bytes(&self.dp)?,
            dQ: bytes(&self.dq)?,
            qInv: bytes(&self.qi)?,
        }))
    }
}

/// A member's bytes (RFC 7515 §2).
fn bytes(member: &str) -> Result<Wiped, Flaw> {
    URL_SAFE_NO_PAD.decode(member).map(|bytes| Wiped(Zeroizing::new(bytes))).map_err(|_| Flaw::Damaged)
}

/// Bytes that are wiped, as the signing library takes them.
struct Wiped(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl std::ops::Deref for Wiped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
