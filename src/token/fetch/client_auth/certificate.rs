//! The client's certificate (RFC 8705 §2).
//!
//! Owns the file that it is in: PEM or PKCS#12 (RFC 7292), with the private key or without. Never reads a key that
//! others can read, and never shows one. Gives what the connection shows, and what can be said about it.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p12_keystore::KeyStore;
use p12_keystore::error::Error;
use pem::Pem;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use x509_cert::der::Decode;
use x509_cert::{Certificate, Version};
use zeroize::Zeroizing;

use super::block::{self, Blocks, PrivateDer};
use super::flaw::Flaw;
use crate::store::{self, Access};

/// The length that the file may have, in bytes.
const MOST: u64 = 256 * 1024;

/// A certificate with those that lead to its authority, and its private key.
pub(in crate::token::fetch) struct Identity {
    chain: Vec<Vec<u8>>,
    key: PrivateDer,
}

impl Identity {
    /// Joins what the file holds and, where the profile has it elsewhere, the key's text.
    pub(in crate::token::fetch) fn new(
        file: &File,
        key: Option<&SecretString>,
        passphrase: Option<&SecretString>,
    ) -> Result<Self, Flaw> {
        let identity = match (key, file.is_pem()) {
            (Some(key), true) => {
                let key = key.expose_secret().trim();
                if key.starts_with('{') {
                    return Err(Flaw::Jwk);
                }
                let blocks = Blocks::read(key.as_bytes())?;
                let key = blocks.private_key(passphrase)?;
                let key = key.ok_or_else(|| blocks.first().map_or(Flaw::NotAKey, Flaw::Public))?;
                Self { chain: Blocks::read(&file.content)?.certificates(), key }
            }
            (None, true) => {
                let blocks = Blocks::read(&file.content)?;
                let chain = blocks.certificates();
                if chain.is_empty() {
                    return Err(Flaw::NoCertificate);
                }
                let key = blocks.private_key(passphrase)?.ok_or(Flaw::NoKey)?;
                file.check_access()?;
                Self { chain, key }
            }
            (_, false) => {
                file.check_access()?;
                pkcs12(&file.content, passphrase)?
            }
        };
        identity.check()
    }

    /// Whether there is a certificate, and the key is its own.
    fn check(self) -> Result<Self, Flaw> {
        if self.chain.is_empty() {
            return Err(Flaw::NoCertificate);
        }
        let own = self.chain.first().and_then(|der| Certificate::from_der(der).ok());
        if own.is_some_and(|certificate| certificate.tbs_certificate.version == Version::V1) {
            return Err(Flaw::Version1);
        }
        let chain = self.chain.iter().cloned().map(CertificateDer::from).collect();
        match CertifiedKey::from_der(chain, self.key.for_tls(), &default_provider()) {
            Ok(_) => Ok(self),
            Err(rustls::Error::InconsistentKeys(_)) => Err(Flaw::Stranger),
            Err(error) => Err(Flaw::Unfit(error.to_string())),
        }
    }

    /// All of it as PEM.
    pub(in crate::token::fetch) fn pem(&self) -> Zeroizing<String> {
        let key = Pem::new(self.key.label(), self.key.der());
        let certificates = self.chain.iter().map(|der| Pem::new("CERTIFICATE", der.clone()));
        let blocks: Vec<Pem> = certificates.chain([key]).collect();
        Zeroizing::new(pem::encode_many(&blocks))
    }

    /// What can be said about the certificate.
    pub(in crate::token::fetch) fn passport(&self) -> Option<Passport> {
        self.chain.first().and_then(|der| Passport::read(der))
    }
}

/// A PKCS#12 file's first key, with its certificates. The library verifies the file's own digest with the passphrase,
/// so that a wrong one shows there.
fn pkcs12(content: &[u8], passphrase: Option<&SecretString>) -> Result<Identity, Flaw> {
    let store = KeyStore::from_pkcs12(content, passphrase.map_or("", |passphrase| passphrase.expose_secret()));
    let store = store.map_err(|error| match error {
        Error::MacError(_) | Error::Pkcs5Error(_) | Error::UnpadError if passphrase.is_none() => Flaw::Encrypted,
        Error::MacError(_) | Error::Pkcs5Error(_) | Error::UnpadError => Flaw::WrongPassphrase,
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => Flaw::Cipher,
        _ => Flaw::NoCertificate,
    })?;
    let (_, entry) = store.private_key_chain().ok_or(Flaw::NoKey)?;
    let chain = entry.chain().iter().map(|certificate| certificate.as_der().to_vec()).collect();
    Ok(Identity { chain, key: PrivateDer::Pkcs8(Zeroizing::new(entry.key().to_vec())) })
}

/// The file of a certificate, read.
pub(in crate::token::fetch) struct File {
    content: Zeroizing<Vec<u8>>,
    access: Access,
}

impl File {
    /// Reads it.
    pub(in crate::token::fetch) fn read(path: &Path) -> Result<Self, Flaw> {
        let file = store::open_plain(path).map_err(Flaw::Unreadable)?;
        let access = store::access(&file).map_err(Flaw::Unreadable)?;
        let content = Zeroizing::new(store::read_bounded(&file, MOST).map_err(Flaw::Unreadable)?.to_vec());
        Ok(Self { content, access })
    }

    /// Whether it has blocks of PEM; else it is a PKCS#12 file.
    pub(in crate::token::fetch) fn is_pem(&self) -> bool {
        block::is_pem(&self.content)
    }

    /// A file with a key in it is its owner's alone, as that of any secret.
    fn check_access(&self) -> Result<(), Flaw> {
        match self.access {
            Access::Private => Ok(()),
            Access::Open(mode) => Err(Flaw::Exposed(mode)),
            Access::Foreign => Err(Flaw::Foreign),
        }
    }

    /// The client's own certificate, where it can be read without a passphrase.
    pub(in crate::token::fetch) fn certificate(&self) -> Result<Option<Vec<u8>>, Flaw> {
        if !self.is_pem() {
            return Ok(None);
        }
        Blocks::read(&self.content)?.certificates().into_iter().next().map(Some).ok_or(Flaw::NoCertificate)
    }
}

/// The SHA-256 of a certificate, as a JWS names it (RFC 7515 §4.1.8).
pub(in crate::token::fetch) fn thumbprint(certificate: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(certificate))
}

/// Whose a certificate is, and how long it is valid (RFC 5280 §4.1.2.5, §4.1.2.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passport {
    /// The subject, for people.
    pub subject: String,
    /// From when on it is valid, in Unix seconds.
    pub begins: i64,
    /// Until when it is valid, in Unix seconds.
    pub ends: i64,
}

impl Passport {
    pub(in crate::token::fetch) fn read(der: &[u8]) -> Option<Self> {
        let certificate = Certificate::from_der(der).ok()?.tbs_certificate;
        let seconds = |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).ok();
        Some(Self {
            subject: crate::notice::plain(&certificate.subject.to_string()),
            begins: seconds(certificate.validity.not_before)?,
            ends: seconds(certificate.validity.not_after)?,
        })
    }
}
