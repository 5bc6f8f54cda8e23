//! The sandbox: a local Choreo look-alike, to learn, demonstrate and test on.
//!
//! Owns a small, honest OAuth server with a gateway and a sample API behind it, on loopback only. Never speaks to
//! anything outside this machine, keeps anything on disk, or prints. Gives [`Sandbox::bind`] for a command that serves
//! until it is told to stop, and [`Sandbox::spawn`] for callers that do their own work meanwhile.

mod clients;
mod error;
mod form;
mod gateway;
mod issuer;
mod keys;
mod petstore;
mod profile;
mod random;
mod refusal;
mod server;
mod site;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;

pub use clients::Credentials;
pub use error::SandboxError;
pub use server::{Running, Sandbox};
pub use site::Site;

/// What a sandbox can be told; the default is a free port, generated keys, and the lifetime that Choreo has.
pub struct Options {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The consumer key of [`Environment::Dev`]; `None`: a generated one.
    pub consumer_key: Option<String>,
    /// The consumer secret of [`Environment::Dev`]; `None`: a generated one.
    pub consumer_secret: Option<SecretString>,
    /// How long a token lives, in whole seconds; at least one, at most a year.
    pub lifetime: Duration,
    /// Is told of every request when it has been answered.
    pub log: Option<Log>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            consumer_key: None,
            consumer_secret: None,
            lifetime: Duration::from_secs(900), // Choreo's default
            log: None,
        }
    }
}

/// Where the sandbox reports its requests.
pub type Log = Box<dyn Fn(&LogLine) + Send + Sync>;

/// One answered request. There is no header and no query in it: both can hold credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLine<'a> {
    /// The method, as it was sent.
    pub method: &'a str,
    /// The path, as it was sent; without control characters, which HTTP does not allow there.
    pub path: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// The time from the request's head to the answer's, in microseconds.
    pub micros: u128,
}

/// An environment of the sandbox's one application. Each has keys and a gateway of its own, as in Choreo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Development.
    Dev,
    /// Production.
    Prod,
}

impl Environment {
    /// Every environment.
    pub const ALL: [Self; 2] = [Self::Dev, Self::Prod];

    /// Its name in addresses, and the name of its profile.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Prod => "prod",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
