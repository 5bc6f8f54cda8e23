//! What an authorization server says about itself (RFC 8414, `OpenID` Connect Discovery).
//!
//! Owns the question, the rules for the answer, and how long it is kept. Never sends a secret, and never believes a
//! document that is about another issuer or that leads to a place that nobody has allowed: a secret follows it. Gives
//! the profile with the endpoints filled in.

mod error;
mod metadata;
mod shelf;

use std::borrow::Cow;
use std::path::Path;
use std::time::Instant;

use url::Url;

use super::fetch::{Document, Errand, Unread};
use crate::config::{Issuer, Origin, Sourced};
use crate::environ::Environ;
use crate::notice::{Notice, Report};
use crate::profile::{ClientAuth, Profile};

use error::{Miss, Tried};
use metadata::Metadata;
use shelf::Way;

pub use error::DiscoveryError;

/// The places of the document, the standard's own first.
const PLACES: [fn(&Url) -> Url; 3] = [oauth, openid, openid_inserted];

/// RFC 8414 §3.1: between the host and the path of the issuer.
fn oauth(issuer: &Url) -> Url {
    inserted(issuer, "/.well-known/oauth-authorization-server")
}

/// `OpenID` Connect Discovery 1.0 §4.1: after the path of the issuer.
fn openid(issuer: &Url) -> Url {
    let mut url = issuer.clone();
    url.set_path(&format!("{}/.well-known/openid-configuration", issuer.path().trim_end_matches('/')));
    url
}

/// RFC 8414 §5: the name of the one at the place of the other.
fn openid_inserted(issuer: &Url) -> Url {
    inserted(issuer, "/.well-known/openid-configuration")
}

fn inserted(issuer: &Url, name: &str) -> Url {
    let mut url = issuer.clone();
    url.set_path(&format!("{name}{}", issuer.path().trim_end_matches('/')));
    url
}

/// Where the question is asked from.
pub(super) struct Office<'a> {
    pub(super) environ: &'a Environ,
    /// The cache's folder.
    pub(super) folder: Option<&'a Path>,
}

impl Office<'_> {
    /// The profile with its token endpoint; nobody is asked where the configuration names it.
    pub(super) fn settle<'p>(
        &self,
        profile: &'p Profile,
        deadline: Instant,
        report: Report,
    ) -> Result<Cow<'p, Profile>, Box<DiscoveryError>> {
        match profile.issuer.as_ref().filter(|_| profile.by_issuer) {
            Some(issuer) => {
                let metadata = self.metadata(issuer, profile, deadline, report)?;
                let auth = metadata.chosen(profile, report);
                let metadata = metadata.endpoints_for(auth.value);
                Ok(Cow::Owned(filled(profile, issuer, &metadata, auth, report)?))
            }
            None => Ok(Cow::Borrowed(profile)),
        }
    }

    /// The profile with every endpoint that can be known; what the issuer names at a place that is not allowed is told.
    pub(super) fn complete<'p>(
        &self,
        profile: &'p Profile,
        deadline: Instant,
        report: Report,
    ) -> Result<Cow<'p, Profile>, Box<DiscoveryError>> {
        let Some(issuer) = &profile.issuer else { return Ok(Cow::Borrowed(profile)) };
        let metadata = self.metadata(issuer, profile, deadline, report)?;
        let auth = metadata.chosen(profile, report);
        let metadata = metadata.endpoints_for(auth.value);
        let mut full = filled(profile, issuer, &metadata, auth, report)?;
        let parts = [
            ("revocation endpoint", &mut full.revoke_url, &metadata.revocation_endpoint),
            ("introspection endpoint", &mut full.introspect_url, &metadata.introspection_endpoint),
            ("key set", &mut full.jwks_url, &metadata.jwks_uri),
        ];
        for (what, own, named) in parts {
            let Some(url) = named.as_ref().filter(|_| own.is_none()) else { continue };
            if profile.allows_endpoint(url) {
                *own = Some(Sourced::new(url.clone(), issuer.origin.clone()));
            } else {
                let place = url.origin().ascii_serialization();
                report(Notice::warning_with_hint(
                    format!("profile `{}`: `issuer` names a {what} at `{place}`, which is not used", profile.name),
                    format!("if that is where it is, allow it: `endpoint_origins = [\"{place}\"]`"),
                ));
            }
        }
        Ok(Cow::Owned(full))
    }

    /// Throws away what is kept of the issuer's document.
    pub(super) fn forget(&self, profile: &Profile) {
        if let (Some(folder), Some(issuer)) = (self.folder, &profile.issuer) {
            shelf::forget(folder, issuer.value.text(), Way::of(profile));
        }
    }

    fn metadata(
        &self,
        issuer: &Sourced<Issuer>,
        profile: &Profile,
        deadline: Instant,
        report: Report,
    ) -> Result<Metadata, Box<DiscoveryError>> {
        let (text, way) = (issuer.value.text(), Way::of(profile));
        if let Some(metadata) = self.folder.and_then(|folder| shelf::find(folder, text, way)) {
            report(Notice::detail(format!("the endpoints of issuer `{text}` are known from the cache")));
            return Ok(metadata);
        }
        report(Notice::Slow);
        let (metadata, document) = self.ask(issuer, profile, deadline, report)?;
        if let Some(folder) = self.folder {
            shelf::keep(folder, &metadata, way, document.cache_control.as_deref(), report);
        }
        Ok(metadata)
    }

    /// Asks at each place, until one has a document of this issuer. A server that does not answer is not asked again.
    fn ask(
        &self,
        issuer: &Sourced<Issuer>,
        profile: &Profile,
        deadline: Instant,
        report: Report,
    ) -> Result<(Metadata, Document), Box<DiscoveryError>> {
        let failed = |tried| Box::new(DiscoveryError::new(profile, issuer, tried));
        let mut tried = Vec::new();
        for place in PLACES {
            let url = place(issuer.value.url());
            if tried.iter().any(|before: &Tried| before.url == url) {
                continue; // an issuer without a path has one place less
            }
            let errand = Errand::to("issuer", &url, &issuer.origin, profile, self.environ, deadline);
            let miss = match errand.and_then(|errand| errand.read(report)) {
                Ok(document) => match Metadata::read(&document.fields, issuer.value.text()) {
                    Ok(metadata) => return Ok((metadata, document)),
                    Err(flaw) => Miss::Flaw(flaw),
                },
                Err(Unread::Other { status, what }) => Miss::Other { status, what },
                Err(Unread::Secret(_)) => continue, // none is sent here
                Err(Unread::Blocked(blocked)) => return Err(failed(vec![Tried { url, miss: Miss::Blocked(blocked) }])),
            };
            tried.push(Tried { url, miss });
        }
        Err(failed(tried))
    }
}

/// The profile with its token endpoint, and that way of client authentication.
fn filled(
    profile: &Profile,
    issuer: &Sourced<Issuer>,
    metadata: &Metadata,
    client_auth: Sourced<ClientAuth>,
    report: Report,
) -> Result<Profile, Box<DiscoveryError>> {
    let mut full = Profile { client_auth, ..profile.clone() };
    if !profile.by_issuer {
        return Ok(full);
    }
    let url = &metadata.token_endpoint;
    if !profile.allows_endpoint(url) {
        return Err(Box::new(DiscoveryError::elsewhere(profile, issuer, url)));
    }
    report(Notice::detail(format!("the token endpoint of issuer `{}` is `{url}`", issuer.value.text())));
    full.token_url = Sourced::new(url.clone(), issuer.origin.clone());
    Ok(full)
}

impl Metadata {
    /// The way of client authentication: the profile's, where it says so, else one that the server has.
    fn chosen(&self, profile: &Profile, report: Report) -> Sourced<ClientAuth> {
        if !profile.leaves_client_auth_open() {
            return profile.client_auth.clone();
        }
        Sourced::new(self.choose(profile.client_auth.value, report), Origin::BuiltIn)
    }

    /// The way that fits what the profile has to prove itself with, and where the server does not have that, another one
    /// that needs no more than the same. No other: there would be nothing to do it with.
    fn choose(&self, usual: ClientAuth, report: Report) -> ClientAuth {
        let Some(methods) = &self.methods else { return usual }; // RFC 8414 §2: then it is client_secret_basic
        let ways: &[ClientAuth] = match usual {
            ClientAuth::Basic => &[ClientAuth::Basic, ClientAuth::Post, ClientAuth::SecretJwt],
            ClientAuth::Tls => &[ClientAuth::Tls, ClientAuth::SelfSignedTls],
            _ => &[usual],
        };
        let has = |auth: &&ClientAuth| methods.iter().any(|name| name == auth.name());
        if let Some(auth) = ways.iter().find(has) {
            if *auth != usual {
                let (usual, auth) = (usual.name(), auth.name());
                report(Notice::detail(format!("the issuer does not take `{usual}`: `{auth}` is used")));
            }
            return *auth;
        }
        let list = |names: &mut dyn Iterator<Item = &str>| names.map(|name| format!("`{name}`")).collect::<Vec<_>>();
        let ways = list(&mut ways.iter().map(|auth| auth.name()));
        let named = list(&mut methods.iter().map(String::as_str));
        report(Notice::warning_with_hint(
            format!("the issuer takes {}, and not {}", named.join(", "), ways.join(", ")),
            "say which one with `client_auth`",
        ));
        usual
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_are_those_of_the_standards() {
        let places = |issuer: &str| {
            let issuer = Url::parse(issuer).expect("a URL");
            PLACES.map(|place| place(&issuer).to_string())
        };
        // The examples of RFC 8414 §3.1 and of OpenID Connect Discovery §4.1.
        assert_eq!(
            places("https://example.com/issuer1"),
            [
                "https://example.com/.well-known/oauth-authorization-server/issuer1",
                "https://example.com/issuer1/.well-known/openid-configuration",
                "https://example.com/.well-known/openid-configuration/issuer1",
            ]
        );
        for plain in ["https://example.com", "https://example.com/"] {
            assert_eq!(
                places(plain)[..2],
                [
                    "https://example.com/.well-known/oauth-authorization-server",
                    "https://example.com/.well-known/openid-configuration",
                ]
            );
        }
        assert_eq!(
            places("https://a/t/acme/oauth2/token/")[1],
            "https://a/t/acme/oauth2/token/.well-known/openid-configuration"
        );
    }
}
