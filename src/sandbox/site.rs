//! What a sandbox is, apart from the listening: its addresses, its keys, its count of requests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::clients::{Clients, Credentials};
use super::keys::Keys;
use super::{Environment, LogLine, Options, SandboxError};

/// The longest lifetime of a token.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// A sandbox's addresses and keys. Shared by the server and by whoever started it.
pub struct Site {
    base_url: String,
    clients: Clients,
    keys: Keys,
    lifetime: u64,
    log: Option<super::Log>,
    token_requests: AtomicU64,
}

impl Site {
    /// Makes the keys. `port` is the one that the server listens on.
    pub(super) fn new(port: u16, options: Options) -> Result<Self, SandboxError> {
        if !(Duration::from_secs(1)..=LONGEST).contains(&options.lifetime) {
            return Err(SandboxError::Lifetime);
        }
        Ok(Self {
            base_url: format!("http://127.0.0.1:{port}"),
            clients: Clients::new(options.consumer_key, options.consumer_secret)?,
            keys: Keys::generate()?,
            lifetime: options.lifetime.as_secs(),
            log: options.log,
            token_requests: AtomicU64::new(0),
        })
    }

    /// Where everything is below: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The token endpoint.
    #[must_use]
    pub fn token_url(&self) -> String {
        format!("{}/oauth2/token", self.base_url)
    }

    /// The issuer, whose metadata is at `ISSUER/.well-known/openid-configuration`. With WSO2's servers this is the
    /// token endpoint's own address.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.token_url()
    }

    /// The keys that tokens can be checked with (RFC 7517).
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/oauth2/jwks", self.base_url)
    }

    /// The gateway of an environment, which is the audience of its tokens.
    #[must_use]
    pub fn gateway_url(&self, environment: Environment) -> String {
        format!("{}/{environment}", self.base_url)
    }

    /// The sample API in an environment.
    #[must_use]
    pub fn api_url(&self, environment: Environment) -> String {
        format!("{}{}", self.gateway_url(environment), super::petstore::CONTEXT)
    }

    /// The consumer key and secret of an environment.
    #[must_use]
    pub fn credentials(&self, environment: Environment) -> &Credentials {
        self.clients.of(environment)
    }

    /// How long a token lives, in seconds.
    #[must_use]
    pub fn lifetime(&self) -> u64 {
        self.lifetime
    }

    /// How many token requests came in, refused ones included.
    #[must_use]
    pub fn token_requests(&self) -> u64 {
        self.token_requests.load(Ordering::SeqCst)
    }

    pub(super) fn count_token_request(&self) {
        self.token_requests.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn clients(&self) -> &Clients {
        &self.clients
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(super) fn log(&self, line: &LogLine<'_>) {
        if let Some(log) = &self.log {
            log(line);
        }
    }
}

/// The time as tokens have it, in Unix seconds. A clock before 1970 counts as 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
