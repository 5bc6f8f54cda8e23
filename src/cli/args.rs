//! Arguments that several commands share.

use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::span;

/// What holds for every command.
#[derive(Args, Debug, Default)]
pub struct Global {
    /// The profile, where the argument does not name one
    #[arg(long = "profile", id = "profile-flag", value_name = "NAME", global = true)]
    pub profile: Option<String>,
    /// Set a key of the profile for this run (repeatable): scopes=read, params.orgHandle=acme
    #[arg(long, value_name = "KEY=VALUE", global = true)]
    pub set: Vec<String>,
    /// Answer questions with yes: a protected profile, a file to be trusted
    #[arg(long, global = true)]
    pub yes: bool,
    /// No warnings
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what is done and why, on stderr; never a secret
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

/// How fresh the token must be.
#[derive(Args, Debug, Default)]
pub struct Freshness {
    /// Ask for a new token; the server may revoke the old one, which others may be using
    #[arg(long)]
    pub fresh: bool,
    /// The life that the token must have left, such as 5m
    #[arg(long, value_name = "TIME", value_parser = span::parse)]
    pub min_ttl: Option<Duration>,
}

impl Freshness {
    /// Whether nothing was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.fresh && self.min_ttl.is_none()
    }
}

/// What stands for the credentials in a printed command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CredentialsArg {
    /// The real ones: the command runs as it stands
    Inline,
    /// Environment variables
    Env,
    /// Commands that fetch them when it is run
    Helper,
    /// Words in angle brackets, for public documents
    Placeholder,
}

/// A key of a profile that refers to a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum SecretKey {
    /// The one that proves who the application is
    ConsumerSecret,
    /// The one that is tried where the first is refused
    ConsumerSecretNext,
    /// The private key that signs, or that a certificate belongs to
    PrivateKey,
    /// The passphrase that it is encrypted with
    PrivateKeyPassphrase,
    /// The one that goes with API calls
    ApiKey,
}

impl SecretKey {
    /// The key as files have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ConsumerSecret => "consumer_secret",
            Self::ConsumerSecretNext => "consumer_secret_next",
            Self::PrivateKey => "private_key",
            Self::PrivateKeyPassphrase => "private_key_passphrase",
            Self::ApiKey => "api_key",
        }
    }
}
