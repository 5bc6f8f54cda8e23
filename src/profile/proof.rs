//! What each method of client authentication needs.
//!
//! Owns the rules between `client_auth` and the keys that it stands on. Never looks at a key or a certificate: whether
//! they are there, and fit, shows when they are used. What another method needs does no harm: profiles inherit it.

use super::error::ProfileError;
use super::{ClientAuth, Profile};
use crate::config::{Merged, Mistake, Origin, Sourced};

/// The method of a profile that leaves it to its issuer: one that it has something to prove itself with for. Which of
/// that kind the server takes, discovery shows.
pub(super) fn presumed(profile: &Profile) -> ClientAuth {
    let usual = profile.client_auth.value;
    if !profile.leaves_client_auth_open() || profile.consumer_secret.is_some() {
        return usual;
    }
    match (&profile.client_certificate, &profile.private_key) {
        (Some(_), _) => ClientAuth::Tls,
        (None, Some(_)) => ClientAuth::PrivateKeyJwt,
        (None, None) => usual,
    }
}

/// Checks the keys of a profile's method.
pub(super) fn check(profile: &Profile, merged: &Merged) -> Result<(), ProfileError> {
    let wrong = open(profile).or_else(|| missing(profile)).or_else(|| in_the_clear(profile));
    let wrong = wrong.or_else(|| misplaced_algorithm(profile, merged));
    wrong.map_or(Ok(()), |mistake| Err(ProfileError::Mismatch { name: profile.name.clone(), mistake }))
}

/// A private key or a certificate, and nothing that says what it is for: the default method has no use for it, and
/// would look for a secret that there is none of.
fn open(profile: &Profile) -> Option<Mistake> {
    let said = profile.client_auth.origin != Origin::BuiltIn || profile.leaves_client_auth_open();
    if said || profile.consumer_secret.is_some() {
        return None;
    }
    let key = profile.private_key.as_ref().map(|key| ("private_key", &key.origin, "private_key_jwt"));
    let certificate =
        profile.client_certificate.as_ref().map(|path| ("client_certificate", &path.origin, "tls_client_auth"));
    let (name, origin, method) = certificate.or(key)?;
    let mistake = Mistake::new(origin.clone(), format!("`{name}` is set, and `client_auth` does not say what for"));
    Some(mistake.hint(format!("add `client_auth = \"{method}\"`, or what the server has registered")))
}

fn missing(profile: &Profile) -> Option<Mistake> {
    let Sourced { value: method, origin } = &profile.client_auth;
    let (key, example) = match method {
        ClientAuth::PrivateKeyJwt if profile.private_key.is_none() => {
            ("private_key", "private_key = { file = \"client.key\" }")
        }
        method if method.is_tls() && profile.client_certificate.is_none() => {
            ("client_certificate", "client_certificate = \"client.pem\"")
        }
        _ => return None,
    };
    let message = format!("`client_auth` is `{}`, and `{key}` is not set", method.name());
    Some(Mistake::new(origin.clone(), message).hint(format!("add `{example}`")))
}

/// A certificate is shown in a TLS handshake, which plain http does not have.
fn in_the_clear(profile: &Profile) -> Option<Mistake> {
    let Sourced { value: method, origin } = &profile.client_auth;
    let key = if profile.by_issuer { "issuer" } else { "token_url" };
    let in_the_clear = method.is_tls() && profile.token_url.value.scheme() == "http";
    let message = || {
        let url = &profile.token_url.origin;
        format!("`client_auth` is `{}`, which needs https, and `{key}` is http ({url})", method.name())
    };
    in_the_clear.then(|| Mistake::new(origin.clone(), message()).hint(format!("name the https address in `{key}`")))
}

/// HMAC is for the secret, and everything else for the private key (RFC 7518 §3.1).
fn misplaced_algorithm(profile: &Profile, merged: &Merged) -> Option<Mistake> {
    let (method, algorithm) = (profile.client_auth.value, profile.signing_algorithm?);
    if !method.signs() || algorithm.is_symmetric() == (method == ClientAuth::SecretJwt) {
        return None;
    }
    let origin = merged.text("signing_algorithm").map_or(Origin::BuiltIn, |text| text.origin);
    let message = format!("`signing_algorithm` is `{}`, which is not for `{}`", algorithm.name(), method.name());
    let hint = if algorithm.is_symmetric() {
        "a private key signs with RS256, PS256, ES256 or EdDSA; left out, the key decides"
    } else {
        "a secret signs with HS256, HS384 or HS512"
    };
    Some(Mistake::new(origin, message).hint(hint.to_owned()))
}
