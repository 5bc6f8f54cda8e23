//! What was asked, of whom and with what, as far as it can be told.
//!
//! Owns what messages and hints about a request are made of. Never holds a secret: it says where that came from.

use std::path::PathBuf;

use super::client_auth::{Passport, Terms};
use super::transport;
use crate::config::{Origin, ProfileName, SecretRef, Sourced};
use crate::environ::Environ;
use crate::notice::Notice;
use crate::profile::{BasicEncoding, ClientAuth, Profile};
use crate::secret;

/// What was asked, of whom and with what: no secret among it.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) profile: ProfileName,
    /// The token endpoint without user name, password and query.
    pub(super) endpoint: String,
    pub(super) endpoint_origin: Origin,
    pub(super) key: String,
    pub(super) key_origin: Origin,
    /// Where the method's secret is, in words.
    pub(super) secret: String,
    /// The same for the second secret, where there is one.
    pub(super) next: String,
    pub(super) auth: Sourced<ClientAuth>,
    pub(super) encoding: Sourced<BasicEncoding>,
    /// What an assertion says.
    pub(super) terms: Terms,
    /// How the assertion was signed, in words.
    pub(super) signed: Option<String>,
    /// The file of the client's certificate, with its origin.
    pub(super) certificate: Option<Sourced<PathBuf>>,
    /// What the certificate says of itself.
    pub(super) passport: Option<Passport>,
    pub(super) scopes: Vec<String>,
    pub(super) audience: Option<String>,
    pub(super) resource: Vec<String>,
    /// Where the proxy is, or which variable names it.
    pub(super) proxy: Option<String>,
    pub(super) ca_file: bool,
}

impl Facts {
    pub(super) fn of(profile: &Profile, environ: &Environ) -> Self {
        let shown_in_full = &profile.token_url.origin;
        let words = |it: &Sourced<SecretRef>| secret::whereabouts(it, &it.origin.beside(shown_in_full));
        let secret = match profile.client_auth.value {
            ClientAuth::PrivateKeyJwt | ClientAuth::Tls | ClientAuth::SelfSignedTls => profile.private_key.as_ref(),
            _ => profile.consumer_secret.as_ref(),
        };
        Self {
            profile: profile.name.clone(),
            endpoint: shown(&profile.token_url.value),
            endpoint_origin: profile.token_url.origin.clone(),
            key: profile.consumer_key.value.chars().filter(|c| !c.is_control()).collect(),
            key_origin: profile.consumer_key.origin.clone(),
            secret: secret.map_or_else(|| "taken from the system's keyring".into(), words),
            next: profile.consumer_secret_next.as_ref().map(words).unwrap_or_default(),
            auth: profile.client_auth.clone(),
            encoding: profile.basic_encoding.clone(),
            terms: Terms::of(profile),
            signed: None,
            certificate: profile.client_certificate.clone(),
            passport: None,
            scopes: profile.scopes.clone(),
            audience: profile.audience.clone(),
            resource: profile.resource.clone(),
            proxy: proxy(profile, environ),
            ca_file: profile.ca_file.is_some(),
        }
    }

    /// An origin as it is said after the message, which shows that of `token_url` in full.
    pub(super) fn near(&self, origin: &Origin) -> String {
        origin.beside(&self.endpoint_origin)
    }
}

/// A URL without what may be secret in it.
pub(in crate::token) fn shown(url: &url::Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    _ = url.set_username(""); // fails only where there can be none
    _ = url.set_password(None);
    url.to_string()
}

/// Where the proxy is that requests go through, or which variable names it.
pub(super) fn proxy(profile: &Profile, environ: &Environ) -> Option<String> {
    if transport::goes_directly(profile) {
        return None;
    }
    if let Some(proxy) = &profile.proxy {
        return Some(format!("`{}`", proxy.origin().ascii_serialization()));
    }
    let names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let name = names.into_iter().find(|name| environ.get(name).is_some());
    // Which hosts it exempts is the client library's business, so more than this is not known here.
    let exempting = ["no_proxy", "NO_PROXY"].into_iter().find(|name| environ.get(name).is_some());
    let unless = exempting.map(|name| format!(", unless `{name}` exempts the host")).unwrap_or_default();
    name.map(|name| format!("that `{name}` names{unless}"))
}

impl Facts {
    /// That the second secret is the one that works.
    pub(super) fn swap(&self) -> Notice {
        let Self { profile, secret, next, .. } = self;
        Notice::warning_with_hint(
            format!(
                "profile `{profile}`: the server refuses `consumer_secret`, {secret}, and accepts \
                 `consumer_secret_next`, {next}"
            ),
            "make that one the `consumer_secret`, and remove `consumer_secret_next`: until then every new token takes a \
             request that is refused",
        )
    }
}
