//! Asking once more, where the answer says something about the client that another question can clear up.
//!
//! Owns the second secret, the server's clock and the other encoding: each is tried once at most, because servers lock
//! those out who are refused too often. Never uses a token that the profile, as it stands, would not have got.

use std::time::Instant;

use secrecy::SecretString;

use super::client_auth::{self, Proof};
use super::failure::{Probe, Rejected};
use super::request::TokenRequest;
use super::response::{self, Answer};
use super::text::Cleaner;
use super::{Fetch, Next, Sent, rejected};
use crate::notice::{Notice, Report};
use crate::profile::ClientAuth;
use crate::token::access::{AccessToken, spoken};

/// What the server says to the second consumer secret.
pub(super) enum Second {
    /// It knows the client by it: here is the token, or what else is wrong.
    Known(Result<AccessToken, Box<Rejected>>),
    /// It refuses that one, too.
    Refused,
    /// There is no such secret, or no answer about it.
    Unknown,
}

impl Fetch {
    /// Asks once with the second secret, and says so where that is the one that works.
    pub(super) fn second(&self, first: &SecretString, next: Next, deadline: Instant, report: Report) -> Second {
        let secret = match next(report) {
            Ok(secret) if client_auth::same(first, &secret) => return Second::Unknown,
            Ok(secret) => secret,
            Err(error) => {
                report(Notice::Warning { message: error.to_string(), hint: error.hint() });
                return Second::Unknown;
            }
        };
        report(Notice::detail("asking with `consumer_secret_next`, too"));
        let proof = Proof::Secret(secret.clone());
        let Ok(Sent { answer, assertion }) = self.attempt(&self.request, &proof, 0, deadline, report) else {
            return Second::Unknown;
        };
        let echoes = client_auth::echoes(&self.request, &[first, &secret], assertion.as_ref());
        let known = match response::read(&answer, self.request.url(), &Cleaner::new(echoes)) {
            Ok(token) => Ok(token),
            Err(rejection) => match rejected(&answer, rejection, 1) {
                refused if refused.is_about_the_client() => return Second::Refused,
                other if other.knows_the_client() => Err(Box::new(other)),
                _ => return Second::Unknown,
            },
        };
        report(self.facts.swap());
        Second::Known(known)
    }

    /// Asks once with key and secret in the other encoding, only to be able to say which one the server wants. A token
    /// that comes of it is dropped: the profile says something else, and the user decides.
    pub(super) fn probe(&self, secret: &SecretString, deadline: Instant, report: Report) -> Option<Probe> {
        let other = self.request.in_other_encoding();
        let useful = self.request.auth() == ClientAuth::Basic
            && client_auth::encodings_differ(&self.request, secret)
            && client_auth::can_write_key(&other);
        if !useful {
            return None;
        }
        report(Notice::detail(format!("asking with `basic_encoding = \"{}\"`, too", other.encoding().name())));
        Some(self.proved(&other, &Proof::Secret(secret.clone()), deadline, report))
    }

    fn proved(&self, other: &TokenRequest, proof: &Proof, deadline: Instant, report: Report) -> Probe {
        let encoding = other.encoding();
        let Ok(Sent { answer, .. }) = self.attempt(other, proof, 0, deadline, report) else {
            return Probe::Unclear(encoding);
        };
        match response::read(&answer, other.url(), &Cleaner::default()) {
            Ok(_) => Probe::Accepted(encoding),
            Err(rejection) => rejected(&answer, rejection, 1).proves(encoding),
        }
    }

    /// Asks once with an assertion that is dated by the server's clock, where that differs so much from ours that the
    /// first may have looked wrong to it.
    pub(super) fn by_servers_clock(
        &self,
        refusal: &Answer,
        proof: &Proof,
        deadline: Instant,
        report: Report,
    ) -> Option<Sent> {
        let differs = |ahead: &i64| self.request.auth().signs() && client_auth::misdated(*ahead);
        let ahead = response::clock(refusal).map(|(ahead, _)| ahead).filter(differs)?;
        let side = if ahead > 0 { "behind" } else { "ahead of" };
        let difference = spoken(std::time::Duration::from_secs(ahead.unsigned_abs()));
        report(Notice::warning_with_hint(
            format!(
                "profile `{}`: this machine's clock is {difference} {side} the server's; asking again with an assertion \
                 that is dated by the server's",
                self.facts.profile
            ),
            "set the clock, or let it be set (NTP)",
        ));
        self.attempt(&self.request, proof, ahead, deadline, report).ok()
    }
}
