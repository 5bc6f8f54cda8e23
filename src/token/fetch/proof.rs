//! What proves who the client is, made ready.
//!
//! Owns which secrets a method asks for: those that it needs, once, and only when a request is certain. Never keeps
//! them elsewhere than in the [`Proof`]. Gives it, and a connection that shows the certificate where that is the proof.

use secrecy::SecretString;

use super::Fetch;
use super::client_auth::{File, Flaw, Identity, Passport, Proof, Signer, Terms, thumbprint};
use super::failure::{Failure, FetchError};
use crate::environ::Environ;
use crate::notice::{Notice, Report, plain};
use crate::profile::{ClientAuth, Profile};
use crate::secret;
use crate::token::TokenError;
use crate::token::access::Moment;

impl Fetch {
    /// Asks for what the profile's method needs.
    ///
    /// # Errors
    /// A secret is not available, or a key or a certificate is of no use.
    pub(in crate::token) fn prove(
        &mut self,
        profile: &Profile,
        environ: &Environ,
        report: Report,
    ) -> Result<Proof, TokenError> {
        match profile.client_auth.value {
            ClientAuth::Basic | ClientAuth::Post | ClientAuth::SecretJwt => {
                Ok(Proof::Secret(secret::reveal(profile, "consumer_secret", environ, report)?))
            }
            ClientAuth::PrivateKeyJwt => self.signer(profile, environ, report),
            ClientAuth::Tls | ClientAuth::SelfSignedTls => self.show_certificate(profile, environ, report),
            ClientAuth::None => Ok(Proof::Nothing),
        }
    }

    fn signer(&mut self, profile: &Profile, environ: &Environ, report: Report) -> Result<Proof, TokenError> {
        // The certificate first: it asks nobody.
        let thumbprint = match certificate(profile) {
            Some(Ok(Some(der))) => Some(thumbprint(&der)),
            Some(Ok(None)) => {
                let flaw = Flaw::Unfit("an assertion names the thumbprint of a certificate that is PEM".into());
                return Err(self.useless(certificate_name(profile), flaw));
            }
            Some(Err(flaw)) => return Err(self.useless(certificate_name(profile), flaw)),
            None => None,
        };
        let text = secret::reveal(profile, "private_key", environ, report)?;
        let terms = Terms::of(profile);
        let signer = unlocked(profile, environ, report, |passphrase| {
            Signer::new(&text, passphrase, &terms, thumbprint.clone())
        })?;
        let signer = signer.map_err(|flaw| self.useless(self.key_name(), flaw))?;
        report(Notice::detail(format!("the assertion is signed {}, for `{}`", signer.told(), plain(&terms.audience))));
        self.facts.signed = Some(signer.told());
        Ok(Proof::Key(Box::new(signer)))
    }

    fn show_certificate(&mut self, profile: &Profile, environ: &Environ, report: Report) -> Result<Proof, TokenError> {
        let Some(path) = &profile.client_certificate else { return Ok(Proof::Nothing) };
        let file = File::read(&path.value).map_err(|flaw| self.useless(certificate_name(profile), flaw))?;
        let key = match &profile.private_key {
            Some(_) if file.is_pem() => Some(secret::reveal(profile, "private_key", environ, report)?),
            _ => None,
        };
        let identity = unlocked(profile, environ, report, |passphrase| Identity::new(&file, key.as_ref(), passphrase))?;
        let identity = identity.map_err(|flaw| match (&key, &flaw) {
            (None, _) | (_, Flaw::NoCertificate | Flaw::Stranger | Flaw::Version1 | Flaw::Unfit(_)) => {
                self.useless(certificate_name(profile), flaw)
            }
            _ => self.useless(self.key_name(), flaw),
        })?;
        self.facts.passport = identity.passport();
        if let Some(passport) = &self.facts.passport {
            report(Notice::detail(format!("the client's certificate is `{}`'s", passport.subject)));
            report_expiry(profile, passport, report);
        }
        let shown = self.transport.show(profile, &identity);
        shown.map_err(|obstacle| self.failed(Failure::Obstacle(obstacle)))?;
        Ok(Proof::Nothing)
    }

    /// The private key, as a message begins with it.
    fn key_name(&self) -> String {
        format!("`private_key`, {},", self.facts.secret)
    }

    fn useless(&self, thing: String, flaw: Flaw) -> TokenError {
        self.failed(Failure::Useless { thing, flaw })
    }

    fn failed(&self, failure: Failure) -> TokenError {
        TokenError::Fetch(Box::new(FetchError { facts: self.facts.clone(), failure }))
    }
}

/// The server decides; but its words for it are seldom clear.
fn report_expiry(profile: &Profile, passport: &Passport, report: Report) {
    let now = Moment::now().seconds();
    let state = match passport {
        Passport { ends, .. } if *ends < now => "has ended",
        Passport { begins, .. } if *begins > now => "is not valid yet",
        _ => return,
    };
    report(Notice::warning(format!("profile `{}`: {} {state}", profile.name, certificate_name(profile))));
}

/// Reads something that may be encrypted: without a passphrase first, so that none is asked for in vain.
fn unlocked<T>(
    profile: &Profile,
    environ: &Environ,
    report: Report,
    read: impl Fn(Option<&SecretString>) -> Result<T, Flaw>,
) -> Result<Result<T, Flaw>, TokenError> {
    match read(None) {
        Err(Flaw::Encrypted) if profile.private_key_passphrase.is_some() => {
            let passphrase = secret::reveal(profile, "private_key_passphrase", environ, report)?;
            Ok(read(Some(&passphrase)))
        }
        other => Ok(other),
    }
}

fn certificate_name(profile: &Profile) -> String {
    profile
        .client_certificate
        .as_ref()
        .map_or_else(String::new, |path| format!("`client_certificate`, `{}` ({}),", path.value.display(), path.origin))
}

/// The client's own certificate, if the profile has one and it can be read without a passphrase.
fn certificate(profile: &Profile) -> Option<Result<Option<Vec<u8>>, Flaw>> {
    let path = profile.client_certificate.as_ref()?;
    Some(File::read(&path.value).and_then(|file| file.certificate()))
}

/// What a profile's certificate says of itself, for `doctor`: `None` where there is none, or where a passphrase hides it.
#[must_use]
pub fn passport(profile: &Profile) -> Option<Result<Passport, CertificateError>> {
    let error = |flaw| CertificateError { thing: certificate_name(profile), flaw };
    match certificate(profile)? {
        Ok(None) => None,
        Ok(Some(der)) => Some(Passport::read(&der).ok_or_else(|| error(Flaw::Damaged))),
        Err(flaw) => Some(Err(error(flaw))),
    }
}

/// A client's certificate that is of no use.
#[derive(Debug, thiserror::Error)]
#[error("{thing} {flaw}")]
pub struct CertificateError {
    thing: String,
    flaw: Flaw,
}

impl CertificateError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        self.flaw.hint()
    }

    /// The exit status of a command that meets it.
    #[must_use]
    pub fn exit(&self) -> crate::exit::Exit {
        self.flaw.exit()
    }
}
