//! The blocks of a PEM file (RFC 7468).
//!
//! Owns what a block's label says, and the decryption of a private key. Never shows or keeps a key: what is read is
//! wiped. Gives certificates and private keys as DER.

use pem::Pem;
use pkcs8::EncryptedPrivateKeyInfo;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::flaw::Flaw;

/// A private key in the form that its block has.
pub(super) enum PrivateDer {
    /// PKCS#8 (RFC 5208).
    Pkcs8(Zeroizing<Vec<u8>>),
    /// PKCS#1 (RFC 8017 §A.1.2): RSA.
    Pkcs1(Zeroizing<Vec<u8>>),
    /// SEC 1 (RFC 5915): EC.
    Sec1(Zeroizing<Vec<u8>>),
}

impl PrivateDer {
    /// The same, as the TLS library takes it, which does not wipe its copy.
    pub(super) fn for_tls(&self) -> PrivateKeyDer<'static> {
        match self {
            Self::Pkcs8(der) => PrivatePkcs8KeyDer::from(der.to_vec()).into(),
            Self::Pkcs1(der) => PrivatePkcs1KeyDer::from(der.to_vec()).into(),
            Self::Sec1(der) => PrivateSec1KeyDer::from(der.to_vec()).into(),
        }
    }

    /// The label that its block has.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Pkcs8(_) => PKCS8,
            Self::Pkcs1(_) => PKCS1,
            Self::Sec1(_) => SEC1,
        }
    }

    pub(super) fn der(&self) -> &[u8] {
        match self {
            Self::Pkcs8(der) | Self::Pkcs1(der) | Self::Sec1(der) => der,
        }
    }
}

const PKCS8: &str = "PRIVATE KEY";
const PKCS1: &str = "RSA PRIVATE KEY";
const SEC1: &str = "EC PRIVATE KEY";

/// The blocks of a file, wiped when dropped.
pub(super) struct Blocks(Vec<(String, bool, Zeroizing<Vec<u8>>)>);

impl Blocks {
    /// Reads a text; what is not between the marks of a block is no part of it. A variable often holds `\n` in place of
    /// line breaks, because a CI's form has one line.
    pub(super) fn read(text: &[u8]) -> Result<Self, Flaw> {
        let text = Zeroizing::new(match std::str::from_utf8(text) {
            Ok(text) if !text.contains('\n') => text.replace("\\n", "\n").into_bytes(),
            _ => text.to_vec(),
        });
        let block = |block: Pem| {
            let old = block.headers().get("Proc-Type").is_some_and(|kind| kind.contains("ENCRYPTED"));
            (block.tag().to_owned(), old, Zeroizing::new(block.into_contents()))
        };
        let blocks = pem::parse_many(&*text).map_err(|_| Flaw::Damaged)?;
        // A block without an end is none, for the library.
        if blocks.is_empty() && is_pem(&text) {
            return Err(Flaw::Damaged);
        }
        Ok(Self(blocks.into_iter().map(block).collect()))
    }

    /// The certificates, the client's own first (RFC 8446 §4.4.2), as a file has them.
    pub(super) fn certificates(&self) -> Vec<Vec<u8>> {
        let certificates = self.0.iter().filter(|(label, ..)| label == "CERTIFICATE");
        certificates.map(|(_, _, der)| der.to_vec()).collect()
    }

    /// The first private key.
    pub(super) fn private_key(&self, passphrase: Option<&SecretString>) -> Result<Option<PrivateDer>, Flaw> {
        let Some((label, old, der)) = self.0.iter().find(|(label, ..)| label.ends_with(PKCS8)) else {
            return Ok(None);
        };
        if *old {
            return Err(Flaw::Cipher);
        }
        Ok(Some(match label.as_str() {
            PKCS8 => PrivateDer::Pkcs8(der.clone()),
            PKCS1 => PrivateDer::Pkcs1(der.clone()),
            SEC1 => PrivateDer::Sec1(der.clone()),
            "ENCRYPTED PRIVATE KEY" => PrivateDer::Pkcs8(decrypted(der, passphrase.ok_or(Flaw::Encrypted)?)?),
            "OPENSSH PRIVATE KEY" => return Err(Flaw::Kind("OpenSSH's own form")),
            _ => return Err(Flaw::Kind("its PEM label is unknown")),
        }))
    }

    /// The label of the first block, in small letters.
    pub(super) fn first(&self) -> Option<String> {
        self.0.first().map(|(label, ..)| crate::notice::plain(&label.to_lowercase()))
    }
}

/// Whether a block begins somewhere in a text.
pub(super) fn is_pem(text: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    text.windows(BEGIN.len()).any(|window| window == BEGIN)
}

/// PBES2 (RFC 8018 §6.2), as `openssl pkcs8 -topk8` writes it.
fn decrypted(der: &[u8], passphrase: &SecretString) -> Result<Zeroizing<Vec<u8>>, Flaw> {
    let info = EncryptedPrivateKeyInfo::try_from(der).map_err(|_| Flaw::Cipher)?;
    let plain = info.decrypt(passphrase.expose_secret()).map_err(|error| match error {
        pkcs8::Error::EncryptedPrivateKey(pkcs8::pkcs5::Error::UnsupportedAlgorithm { .. }) => Flaw::Cipher,
        _ => Flaw::WrongPassphrase, // what comes of a wrong key has no right padding, or is no DER
    })?;
    Ok(Zeroizing::new(plain.as_bytes().to_vec()))
}
