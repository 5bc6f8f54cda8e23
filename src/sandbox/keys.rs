//! The throw-away key that signs this sandbox's tokens.
//!
//! Owns signing and checking: ES256, a new key at each start. Never writes the key anywhere. Gives signed tokens in the
//! profile of RFC 9068, what a token says once it is checked, and the public half as a key set (RFC 7517).

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use p256::ecdsa::SigningKey;
use p256::pkcs8::EncodePrivateKey;
use serde::{Deserialize, Serialize};

use super::{SandboxError, random};

/// The type that tells an access token from other signed things (RFC 9068 §2.1).
const TYPE: &str = "at+jwt";

/// What a token says (RFC 9068 §2.2); times are Unix seconds.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    /// Who issued it.
    pub(super) iss: String,
    /// Whom it speaks for: without a user, the client itself.
    pub(super) sub: String,
    /// The gateway that it is for.
    pub(super) aud: String,
    /// The client that it was issued to.
    pub(super) client_id: String,
    /// The same under the name that WSO2's servers give it.
    pub(super) azp: String,
    /// When it was issued.
    pub(super) iat: u64,
    /// When it begins to hold.
    pub(super) nbf: u64,
    /// When it ceases to hold.
    pub(super) exp: u64,
    /// What makes it unlike any other.
    pub(super) jti: String,
    /// What it allows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) scope: Option<String>,
}

/// Why a token is not accepted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// Malformed, forged, from or for somebody else, or not valid yet.
    Invalid,
    /// It was good once.
    Expired,
}

/// The key, and its public half.
pub(super) struct Keys {
    signing: EncodingKey,
    checking: DecodingKey,
    header: Header,
    public: JwkSet,
}

impl Keys {
    /// Makes a new key.
    pub(super) fn generate() -> Result<Self, SandboxError> {
        let key = signing_key()?;
        let der = key.to_pkcs8_der().map_err(|_| SandboxError::SigningKey(malformed()))?;
        let checking = DecodingKey::from_ec_der(key.verifying_key().to_encoded_point(false).as_bytes());
        let public = public(&checking).map_err(SandboxError::SigningKey)?;
        let header =
            Header { typ: Some(TYPE.into()), kid: public.common.key_id.clone(), ..Header::new(Algorithm::ES256) };
        Ok(Self {
            signing: EncodingKey::from_ec_der(der.as_bytes()),
            checking,
            header,
            public: JwkSet { keys: vec![public] },
        })
    }

    /// Signs a token.
    pub(super) fn sign(&self, claims: &Claims) -> Result<String, jsonwebtoken::errors::Error> {
        jsonwebtoken::encode(&self.header, claims, &self.signing)
    }

    /// Checks a token: signature, type, issuer, audience and time.
    pub(super) fn check(&self, token: &str, issuer: &str, audience: &str, now: u64) -> Result<Claims, Unfit> {
        let mut rules = Validation::new(Algorithm::ES256);
        rules.set_required_spec_claims(&["aud", "exp", "iss"]);
        rules.set_issuer(&[issuer]);
        rules.set_audience(&[audience]);
        rules.validate_exp = false; // checked below, to the second and without the library's minute of grace
        let data = jsonwebtoken::decode::<Claims>(token, &self.checking, &rules).map_err(|_| Unfit::Invalid)?;
        let access_token = data.header.typ.is_some_and(|kind| kind.eq_ignore_ascii_case(TYPE));
        match data.claims {
            claims if !access_token || now < claims.nbf => Err(Unfit::Invalid),
            claims if now >= claims.exp => Err(Unfit::Expired), // RFC 7519 §4.1.4: on or after
            claims => Ok(claims),
        }
    }

    /// The public half, as it is served.
    pub(super) fn public(&self) -> &JwkSet {
        &self.public
    }
}

fn signing_key() -> Result<SigningKey, SandboxError> {
    loop {
        // One in four thousand million numbers of that length is no key.
        if let Ok(key) = SigningKey::from_slice(&random::bytes::<32>()?) {
            return Ok(key);
        }
    }
}

fn public(checking: &DecodingKey) -> Result<Jwk, jsonwebtoken::errors::Error> {
    let mut key = Jwk::from_decoding_key(checking, Some(Algorithm::ES256))?;
    key.common.key_id = Some(key.thumbprint(ThumbprintHash::SHA256)?); // RFC 7638
    key.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok(key)
}

fn malformed() -> jsonwebtoken::errors::Error {
    jsonwebtoken::errors::ErrorKind::InvalidEcdsaKey.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            iss: "issuer".into(),
            sub: "key".into(),
            aud: "gateway".into(),
            client_id: "key".into(),
            azp: "key".into(),
            iat: 1000,
            nbf: 1000,
            exp: 1900,
            jti: "id".into(),
            scope: Some("read".into()),
        }
    }

    fn keys() -> Keys {
        Keys::generate().expect("a key")
    }

    #[test]
    fn a_token_says_what_was_signed() {
        let keys = keys();
        let token = keys.sign(&claims()).expect("signed");
        assert_eq!(keys.check(&token, "issuer", "gateway", 1000), Ok(claims()));
        assert_eq!(keys.check(&token, "issuer", "gateway", 1899), Ok(claims()));
    }

    #[test]
    fn a_token_holds_from_its_first_second_to_the_one_before_its_expiry() {
        let keys = keys();
        let token = keys.sign(&claims()).expect("signed");
        assert_eq!(keys.check(&token, "issuer", "gateway", 999), Err(Unfit::Invalid));
        assert_eq!(keys.check(&token, "issuer", "gateway", 1900), Err(Unfit::Expired));
    }

    #[test]
    fn a_token_of_somebody_else_is_invalid() {
        let keys = keys();
        let token = keys.sign(&claims()).expect("signed");
        assert_eq!(keys.check(&token, "other", "gateway", 1000), Err(Unfit::Invalid));
        assert_eq!(keys.check(&token, "issuer", "other", 1000), Err(Unfit::Invalid));
        assert_eq!(self::keys().check(&token, "issuer", "gateway", 1000), Err(Unfit::Invalid));
    }

    #[test]
    fn a_token_of_another_type_or_algorithm_is_invalid() {
        let mut keys = keys();
        keys.header.typ = Some("JWT".into());
        let token = keys.sign(&claims()).expect("signed");
        assert_eq!(keys.check(&token, "issuer", "gateway", 1000), Err(Unfit::Invalid));
        let public = keys.checking.try_get_as_bytes().expect("bytes");
        let forged = jsonwebtoken::encode(&Header::default(), &claims(), &EncodingKey::from_secret(public));
        assert_eq!(keys.check(&forged.expect("signed"), "issuer", "gateway", 1000), Err(Unfit::Invalid));
    }

    #[test]
    fn what_is_no_token_is_invalid() {
        let keys = keys();
        let token = keys.sign(&claims()).expect("signed");
        let (body, _) = token.rsplit_once('.').expect("three parts");
        for bad in ["", ".", "..", "a.b.c", body, &format!("{body}."), &format!("{token}A"), &format!("{token}.x")] {
            assert_eq!(keys.check(bad, "issuer", "gateway", 1000), Err(Unfit::Invalid), "{bad}");
        }
    }

    #[test]
    fn no_text_is_taken_for_a_token() {
        let keys = keys();
        proptest::proptest!(|(text in "\\PC*|[A-Za-z0-9_-]{0,30}\\.[A-Za-z0-9_-]{0,30}\\.[A-Za-z0-9_-]{0,90}")| {
            proptest::prop_assert_eq!(keys.check(&text, "issuer", "gateway", 1000), Err(Unfit::Invalid));
        });
    }
}
