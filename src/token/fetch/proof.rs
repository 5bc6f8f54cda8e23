//! What proves who the client is, made ready.
//!
//! Owns which secrets a method asks for: those that it needs, once, and only when a request is certain. Never keeps
//! them elsewhere than in the [`Proof`]. Gives it, and a connection that shows the certificate where that is the proof.

use secrecy::SecretString;

use super::Fetch;
use super::client_auth::{File, Flaw, Identity, Passport, Proof, Signer, Terms, thumbprint};
use super::facts::Facts;
use super::failure::{Failure, FetchError};
use super::transport::{Obstacle, Transport};
use crate::notice::{Notice, Report, plain};
use crate::profile::{ClientAuth, Profile};
use crate::secret::SecretError;
use crate::token::TokenError;
use crate::token::access::Moment;

/// Gives the secret of a key of the profile.
pub(in crate::token) type Reveal<'a> = &'a dyn Fn(&'static str, Report) -> Result<SecretString, SecretError>;

impl Fetch {
    /// Asks for what the profile's method needs.
    ///
    /// # Errors
    /// A secret is not available, or a key or a certificate is of no use.
    pub(in crate::token) fn prove(
        &mut self,
        profile: &Profile,
        reveal: Reveal,
        report: Report,
    ) -> Result<Proof, TokenError> {
        let (transport, facts) = (&mut self.transport, &mut self.facts);
        let proof = Prover { profile, terms: self.request.terms(), reveal, transport, facts }.prove(report);
        let failure = match proof {
            Ok(proof) => return Ok(proof),
            Err(Unproved::Secret(error)) => return Err(error.into()),
            Err(Unproved::Useless { thing, flaw }) => Failure::Useless { thing, flaw },
            Err(Unproved::Obstacle(obstacle)) => Failure::Obstacle(obstacle),
        };
        Err(TokenError::Fetch(Box::new(FetchError { facts: self.facts.clone(), failure })))
    }
}

/// Why there is nothing that proves who the client is.
pub(super) enum Unproved {
    /// A secret is not available.
    Secret(SecretError),
    /// A key or a certificate is of no use.
    Useless {
        /// The thing, where it is from, and a comma.
        thing: String,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// No connection can show the certificate.
    Obstacle(Obstacle),
}

/// Who makes the proof for one way to a server.
pub(super) struct Prover<'a> {
    pub(super) profile: &'a Profile,
    /// What an assertion is to say.
    pub(super) terms: &'a Terms,
    pub(super) reveal: Reveal<'a>,
    pub(super) transport: &'a mut Transport,
    pub(super) facts: &'a mut Facts,
}

impl Prover<'_> {
    /// Asks for what the profile's method needs, and has the connection show a certificate where that is the proof.
    pub(super) fn prove(mut self, report: Report) -> Result<Proof, Unproved> {
        match self.profile.client_auth.value {
            ClientAuth::Basic | ClientAuth::Post | ClientAuth::SecretJwt => {
                Ok(Proof::Secret(self.secret("consumer_secret", report)?))
            }
            ClientAuth::PrivateKeyJwt => self.signer(report),
            ClientAuth::Tls | ClientAuth::SelfSignedTls => self.show_certificate(report),
            ClientAuth::None => Ok(Proof::Nothing),
        }
    }

    fn secret(&self, key: &'static str, report: Report) -> Result<SecretString, Unproved> {
        (self.reveal)(key, report).map_err(Unproved::Secret)
    }

    fn signer(&mut self, report: Report) -> Result<Proof, Unproved> {
        // The certificate first: it asks nobody.
        let thumbprint = match certificate(self.profile) {
            Some(Ok(Some(der))) => Some(thumbprint(&der)),
            Some(Ok(None)) => {
                let flaw = Flaw::Unfit("an assertion names the thumbprint of a certificate that is PEM".into());
                return Err(self.bad_certificate(flaw));
            }
            Some(Err(flaw)) => return Err(self.bad_certificate(flaw)),
            None => None,
        };
        let text = self.secret("private_key", report)?;
        let signer =
            self.unlocked(report, |passphrase| Signer::new(&text, passphrase, self.terms, thumbprint.clone()))?;
        let signer = signer.map_err(|flaw| self.bad_key(flaw))?;
        let audience = plain(&self.terms.audience);
        report(Notice::detail(format!("the assertion is signed {}, for `{audience}`", signer.told())));
        self.facts.signed = Some(signer.told());
        Ok(Proof::Key(Box::new(signer)))
    }

    fn show_certificate(&mut self, report: Report) -> Result<Proof, Unproved> {
        let Some(path) = &self.profile.client_certificate else { return Ok(Proof::Nothing) };
        let file = File::read(&path.value).map_err(|flaw| self.bad_certificate(flaw))?;
        let key = match &self.profile.private_key {
            Some(_) if file.is_pem() => Some(self.secret("private_key", report)?),
            _ => None,
        };
        let identity = self.unlocked(report, |passphrase| Identity::new(&file, key.as_ref(), passphrase))?;
        let identity = identity.map_err(|flaw| match (&key, &flaw) {
            (None, _) | (_, Flaw::NoCertificate | Flaw::Stranger | Flaw::Version1 | Flaw::Unfit(_)) => {
                self.bad_certificate(flaw)
            }
            _ => self.bad_key(flaw),
        })?;
        self.facts.passport = identity.passport();
        if let Some(passport) = &self.facts.passport {
            report(Notice::detail(format!("the client's certificate is `{}`'s", passport.subject)));
            report_expiry(self.profile, passport, report);
        }
        self.transport.show(self.profile, &identity).map_err(Unproved::Obstacle)?;
        Ok(Proof::Nothing)
    }

    /// Reads something that may be encrypted: without a passphrase first, so that none is asked for in vain.
    fn unlocked<T>(
        &self,
        report: Report,
        read: impl Fn(Option<&SecretString>) -> Result<T, Flaw>,
    ) -> Result<Result<T, Flaw>, Unproved> {
        match read(None) {
            Err(Flaw::Encrypted) if self.profile.private_key_passphrase.is_some() => {
                Ok(read(Some(&self.secret("private_key_passphrase", report)?)))
            }
            other => Ok(other),
        }
    }

    fn bad_certificate(&self, flaw: Flaw) -> Unproved {
        Unproved::Useless { thing: certificate_name(self.profile), flaw }
    }

    fn bad_key(&self, flaw: Flaw) -> Unproved {
        Unproved::Useless { thing: format!("`private_key`, {},", self.facts.secret), flaw }
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
