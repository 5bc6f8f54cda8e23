//! Why a private key or a certificate is of no use.
//!
//! Owns the words, which follow the thing's name in a message, and what to do about it. Never holds any part of a key.

use std::io;

use crate::config::SigningAlgorithm;
use crate::exit::Exit;

/// What is wrong with a private key, a certificate or the file of both.
#[derive(Debug, thiserror::Error)]
pub(in crate::token::fetch) enum Flaw {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// It holds a private key, and others can read it.
    #[error("holds the private key, and can be read by others (mode {0:04o})")]
    Exposed(u32),
    /// It holds a private key, and is another user's.
    #[error("holds the private key, and belongs to another user")]
    Foreign,
    /// No form of a private key that we know.
    #[error("is neither PEM nor a JWK")]
    NotAKey,
    /// A form that assertions have a use for, and certificates have none.
    #[error("is a JWK, and the key of a certificate has to be PEM")]
    Jwk,
    /// A certificate or the like in place of a private key.
    #[error("has no private key in it, but a {0}")]
    Public(String),
    /// It begins as a key, and goes on as none.
    #[error("is damaged")]
    Damaged,
    /// Nothing says what it is encrypted with.
    #[error("is encrypted, and `private_key_passphrase` is not set")]
    Encrypted,
    /// What it is said to be encrypted with is wrong.
    #[error("is not decrypted by what `private_key_passphrase` gives")]
    WrongPassphrase,
    /// It is encrypted in the way of OpenSSL before 1.0, or in one that we do not know.
    #[error("is encrypted in a way that is not supported")]
    Cipher,
    /// A kind of key that none of the algorithms is for.
    #[error("is of a kind that is not supported: {0}")]
    Kind(&'static str),
    /// The key is of another kind than the algorithm.
    #[error("is a key for {kind}, and `signing_algorithm` is `{}`", algorithm.name())]
    Algorithm {
        /// What is asked for.
        algorithm: SigningAlgorithm,
        /// What the key is for.
        kind: &'static str,
    },
    /// There is no certificate where one should be.
    #[error("holds no certificate")]
    NoCertificate,
    /// There is a certificate without its key.
    #[error("holds no private key, and `private_key` is not set")]
    NoKey,
    /// The key is another certificate's.
    #[error("does not belong to the private key")]
    Stranger,
    /// A certificate without extensions, which the TLS library does not take.
    #[error("is a certificate of X.509 version 1, and TLS wants version 3")]
    Version1,
    /// TLS cannot use it.
    #[error("cannot be used: {0}")]
    Unfit(String),
}

impl Flaw {
    /// What to do next.
    pub(in crate::token::fetch) fn hint(&self) -> String {
        match self {
            Self::Unreadable(_) => "it has to be a plain file that you can read",
            Self::Exposed(_) => "run `chmod 600` on it",
            Self::Foreign => "make it yours with `chown`, and run `chmod 600` on it",
            Self::NotAKey => {
                "it has to begin with `-----BEGIN PRIVATE KEY-----` or the like, or to be JSON with `kty` and `d`"
            }
            Self::Jwk => "the key was PEM, as a rule, when the certificate was made from it",
            Self::Public(_) => "the private key is what the certificate or the public key was made from",
            Self::Damaged => "was all of it copied? `openssl pkey -noout -text` says whether it can be read",
            Self::Encrypted => {
                "say where the passphrase is: `private_key_passphrase = { command = [\"program\", \"argument\"] }`, for example"
            }
            Self::WrongPassphrase => "is it the passphrase of this file, with nothing around it?",
            Self::Cipher => "encrypt it anew: `openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW`",
            Self::Kind(_) => {
                "RSA from 2048 bits on signs with RS256 and PS256, EC P-256 with ES256, and Ed25519 with EdDSA"
            }
            Self::Algorithm { .. } => "left out, the key decides",
            Self::NoCertificate => {
                "it has to hold blocks that begin with `-----BEGIN CERTIFICATE-----`, or to be a PKCS#12 file"
            }
            Self::NoKey => "add `private_key = { file = \"client.key\" }`, or let the file hold the key, too",
            Self::Stranger => "is it the first certificate in its file, and was the key made for it?",
            Self::Version1 => {
                "have it made with an extension: `openssl x509 -req -extfile FILE`, with `extendedKeyUsage = clientAuth` in FILE"
            }
            Self::Unfit(_) => "`openssl x509 -noout -text` and `openssl pkey -noout -text` show what they are",
        }
        .into()
    }

    /// The exit status: the secret where it is the key that fails, else the configuration.
    pub(in crate::token::fetch) fn exit(&self) -> Exit {
        match self {
            Self::Unreadable(_)
            | Self::NoCertificate
            | Self::Algorithm { .. }
            | Self::Stranger
            | Self::Version1
            | Self::Unfit(_) => Exit::Config,
            _ => Exit::Secret,
        }
    }
}
