//! What can go wrong on the way to a server, told apart.
//!
//! Owns the words for it. Never uses those of the HTTP client where it has its own: they name the whole address. Gives a
//! [`Trouble`] for an error of the client.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use super::MOST;

/// What stood in the way of an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::token::fetch) enum Trouble {
    /// The host's name has no address.
    #[error("its host name could not be resolved")]
    Dns,
    /// Nobody listens there.
    #[error("the connection was refused")]
    Refused,
    /// The proxy wants a user name and a password.
    #[error("the proxy wants a user name and a password")]
    ProxyAuth,
    /// The proxy does not connect us.
    #[error("the proxy refused the connection")]
    ProxyRefused,
    /// The time was up.
    #[error("there was no answer within {}", humantime::format_duration(*.0))]
    TimedOut(Duration),
    /// Nobody who is trusted has signed the certificate.
    #[error("its certificate comes from an unknown issuer")]
    UnknownIssuer,
    /// The certificate is past its time, or before it.
    #[error("its certificate has expired, or is not valid yet")]
    Expired,
    /// The certificate is for another name.
    #[error("its certificate is for another host name")]
    OtherName,
    /// The certificate is not accepted for another reason.
    #[error("its certificate is not accepted: {0}")]
    Certificate(String),
    /// What answers is not TLS, but plain HTTP as a rule.
    #[error("the port does not speak TLS")]
    NotTls,
    /// There is no agreement on how to encrypt.
    #[error("there is no TLS connection: {0}")]
    Tls(String),
    /// The connection failed in another way.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// The server does not take the client's certificate, or wants one.
    #[error("the server does not accept the client's certificate: {0}")]
    ClientCertificate(&'static str),
    /// Nothing can be signed.
    #[error("the system gives no random bytes, which an assertion needs")]
    NoRandom,
    /// The answer has no end.
    #[error("its answer is longer than {} MiB", MOST / 1024 / 1024)]
    TooLong,
}

impl Trouble {
    /// Whether another attempt may go better: not where the certificate is wrong, and not where the time is up.
    pub(in crate::token::fetch) fn may_pass(&self) -> bool {
        matches!(self, Self::Dns | Self::Refused | Self::ProxyRefused | Self::Connection(_))
    }
}

/// What an error of the client means. The client's own words name the URL, so they are not used.
pub(super) fn trouble(error: &reqwest::Error) -> Trouble {
    let causes = || causes(error);
    if let Some(tls) = causes().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return tls_trouble(tls);
    }
    let says = |words: &str| causes().any(|cause| cause.to_string().contains(words));
    let kind = causes().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    // A proxy that refuses has no type of its own that we could ask for.
    if says("proxy authorization required") {
        Trouble::ProxyAuth
    } else if says("tunnel error: unsuccessful") {
        Trouble::ProxyRefused
    } else if error.is_dns() {
        Trouble::Dns
    } else if kind == Some(io::ErrorKind::ConnectionRefused) {
        Trouble::Refused
    } else {
        Trouble::Connection(root_cause(error))
    }
}

fn tls_trouble(error: &rustls::Error) -> Trouble {
    use CertificateError as Flaw;
    match error {
        rustls::Error::InvalidCertificate(flaw) => match flaw {
            // A wrong signature comes from an authority that has the name of a trusted one, and not its key: one that
            // was made anew, as a rule.
            Flaw::UnknownIssuer | Flaw::BadSignature => Trouble::UnknownIssuer,
            Flaw::Expired | Flaw::ExpiredContext { .. } | Flaw::NotValidYet | Flaw::NotValidYetContext { .. } => {
                Trouble::Expired
            }
            Flaw::NotValidForName | Flaw::NotValidForNameContext { .. } => Trouble::OtherName,
            // A self-signed certificate without the rights of an authority: from nobody that is known.
            other if other.to_string().contains("CaUsedAsEndEntity") => Trouble::UnknownIssuer,
            other => Trouble::Certificate(other.to_string()),
        },
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => Trouble::NotTls,
        rustls::Error::AlertReceived(alert) => match complaint(*alert) {
            Some(words) => Trouble::ClientCertificate(words),
            None => Trouble::Tls(error.to_string()),
        },
        other => Trouble::Tls(other.to_string()),
    }
}

/// What an alert says about the client's certificate (RFC 8446 §6.2), if it is about that.
fn complaint(alert: AlertDescription) -> Option<&'static str> {
    Some(match alert {
        AlertDescription::CertificateExpired => "it has expired",
        AlertDescription::CertificateRevoked => "it is revoked",
        AlertDescription::UnknownCA => "it comes from an authority that the server does not trust",
        AlertDescription::BadCertificate => "it is bad",
        AlertDescription::UnsupportedCertificate => "it is of a kind that the server does not support",
        AlertDescription::CertificateUnknown => "the server does not say why",
        AlertDescription::CertificateRequired => "it wants one, and there was none",
        _ => return None,
    })
}

/// An error and everything below it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        let error: &'a (dyn Error + 'static) = *error;
        match error.downcast_ref::<io::Error>() {
            // What an I/O error wraps is not its source, but the thing itself.
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

pub(super) fn root_cause(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}
