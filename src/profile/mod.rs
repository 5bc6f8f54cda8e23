//! ③ Which environment that is.
//!
//! Owns the choice of a profile, inheritance, and the rules that concern more than one key. Never touches a secret,
//! the network or the token cache. Gives a [`Profile`] that is complete and valid: later rooms do not check it again.

mod choose;
mod error;
mod proof;
mod redirect;
mod resolve;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::config::{Issuer, Origin, ProfileName, SecretRef, Sourced, Template};

pub use crate::config::{BasicEncoding, ClientAuth, SigningAlgorithm};
pub use choose::{Asked, choose, chosen, none};
pub use error::{Chosen, ProfileError, Redirect};
pub use resolve::{lineage, resolve};

/// One environment, complete and valid: everything that is needed to get a token and to call its API.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its name.
    pub name: ProfileName,
    /// The token endpoint (RFC 6749 §3.2): `https`, or `http` to loopback.
    ///
    /// Where [`Profile::by_issuer`] holds, the issuer's own address stands here until discovery puts the endpoint in its
    /// place (`token::settle`): it says where the way leads to, and nothing is sent there but the question.
    pub token_url: Sourced<Url>,
    /// The authorization server, whose own document (RFC 8414) names endpoints that nothing else names.
    pub issuer: Option<Sourced<Issuer>>,
    /// Whether the token endpoint is the one that the issuer names.
    pub by_issuer: bool,
    /// The origins, beside those of token endpoint and issuer, at which an endpoint may be.
    pub endpoint_origins: Vec<String>,
    /// The revocation endpoint (RFC 7009), where the configuration names it.
    pub revoke_url: Option<Sourced<Url>>,
    /// The introspection endpoint (RFC 7662), where the configuration names it.
    pub introspect_url: Option<Sourced<Url>>,
    /// The key set (RFC 7517), where the configuration names it.
    pub jwks_url: Option<Sourced<Url>>,
    /// The consumer key, which OAuth calls `client_id`.
    pub consumer_key: Sourced<String>,
    /// Where the consumer secret is, which OAuth calls `client_secret`; `None` where nothing says.
    pub consumer_secret: Option<Sourced<SecretRef>>,
    /// Where a second consumer secret is, which is tried once where the server refuses the first.
    pub consumer_secret_next: Option<Sourced<SecretRef>>,
    /// How the client proves who it is (RFC 6749 §2.3).
    pub client_auth: Sourced<ClientAuth>,
    /// How key and secret are written in the Basic header.
    pub basic_encoding: Sourced<BasicEncoding>,
    /// Where the private key is that signs assertions, or that belongs to the client's certificate.
    pub private_key: Option<Sourced<SecretRef>>,
    /// Where the passphrase is that the private key, or the certificate's file, is encrypted with.
    pub private_key_passphrase: Option<Sourced<SecretRef>>,
    /// The name that the server has for the key that signs assertions (RFC 7515 §4.1.4).
    pub key_id: Option<String>,
    /// How assertions are signed; `None`: as the key is.
    pub signing_algorithm: Option<SigningAlgorithm>,
    /// Whom assertions are for (RFC 7523 §3); `None`: the token endpoint.
    pub assertion_audience: Option<String>,
    /// The client's certificate (RFC 8705).
    pub client_certificate: Option<Sourced<PathBuf>>,
    /// The scopes to ask for (RFC 6749 §3.3), in the order of the configuration.
    pub scopes: Vec<String>,
    /// The `audience` form field, which several servers want.
    pub audience: Option<String>,
    /// The `resource` form fields (RFC 8707).
    pub resource: Vec<String>,
    /// Further form fields of the token request, such as `orgHandle`.
    pub params: BTreeMap<String, String>,
    /// The Choreo connection that values come from, by the name that its variables have.
    pub connection: Option<String>,
    /// The API's address, as it was written.
    pub api_url: Option<String>,
    /// Where the API key is, which Choreo's gateway takes as `Choreo-API-Key`.
    pub api_key: Option<Sourced<SecretRef>>,
    /// Further headers of API calls.
    pub headers: BTreeMap<String, String>,
    /// Further variables to export.
    pub vars: BTreeMap<String, Template>,
    /// Certificates (PEM) that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// TLS certificates are not checked.
    pub insecure: bool,
    /// The proxy for all requests; `None`: as the environment says.
    pub proxy: Option<Url>,
    /// The time for a token request in all, retries included.
    pub timeout: Duration,
    /// Somebody has to agree before a token of this profile is shown or exported.
    pub protected: bool,
    /// The life that a token must have left to be served from the cache; `None`: in proportion to its lifetime.
    pub min_ttl: Option<Duration>,
}

impl Profile {
    /// Whether nobody has said how the client proves who it is: then it may be as the server likes it.
    #[must_use]
    pub fn leaves_client_auth_open(&self) -> bool {
        self.by_issuer && self.client_auth.origin == Origin::BuiltIn
    }

    /// Whether key, secret and token may go to an endpoint: one at the origin of the token endpoint or of the issuer, or
    /// at one that the configuration allows beside them.
    #[must_use]
    pub fn allows_endpoint(&self, url: &Url) -> bool {
        let same = |other: &Url| other.origin() == url.origin();
        same(&self.token_url.value)
            || self.issuer.as_ref().is_some_and(|issuer| same(issuer.value.url()))
            || self.endpoint_origins.contains(&url.origin().ascii_serialization())
    }
}
