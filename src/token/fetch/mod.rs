//! Asking the server for a token.
//!
//! Owns the course of one request: attempts, waits, the total time, and what is asked once more. Never keeps what it
//! gets. Everything but the transport is pure: values in, values out.

mod advice;
mod again;
mod client_auth;
mod credentials;
mod errand;
mod facts;
mod failure;
mod proof;
mod reach;
mod request;
mod response;
mod retry;
mod text;
mod transport;

use std::cell::Cell;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::environ::Environ;
use crate::notice::{Notice, Report};
use crate::profile::Profile;

use super::access::{AccessToken, Moment, spoken};
use crate::secret::SecretError;
use again::Second;
use client_auth::Proof;
use facts::Facts;
use failure::{Failure, Rejected};
use response::{Answer, Rejection};
use retry::Outcome;
use transport::{Transport, Trouble};

pub(super) use errand::{Document, Errand, Unread};
pub(super) use facts::shown;
pub(super) use failure::Probe;
pub(super) use text::Cleaner;

pub use client_auth::{Passport, basic_pair};
pub use failure::FetchError;
pub use proof::{CertificateError, passport};
pub use reach::{Blocked, Name, Reach, Reached, proxy, reach};
pub use request::TokenRequest;

/// A request that is ready but for the secret: so every mistake that needs no secret is found before one is asked for.
pub(super) struct Fetch {
    request: TokenRequest,
    transport: Transport,
    timeout: Duration,
    /// How much of the time has been used up by what went before.
    spent: Duration,
    facts: Facts,
}

/// Fetches the second consumer secret, once the first is refused.
pub(super) type Next<'a> = &'a dyn Fn(Report) -> Result<SecretString, SecretError>;

/// What is asked with beside what proves who the client is.
pub(super) struct Further<'a> {
    /// Gives the second consumer secret, where there is one.
    pub(super) next: Option<Next<'a>>,
    /// Where to put what the server says to the other Basic encoding; `None`: nobody wants to know.
    pub(super) trial: Option<&'a Cell<Option<Probe>>>,
}

/// An answer, and the assertion that it answers.
struct Sent {
    answer: Answer,
    assertion: Option<Zeroizing<String>>,
}

/// One of these, and how many attempts it took.
type Tried<T> = (T, u32);

impl Fetch {
    /// Prepares the request of a profile.
    pub(super) fn prepare(profile: &Profile, environ: &Environ, report: Report) -> Result<Self, Box<FetchError>> {
        let facts = Facts::of(profile, environ);
        let request = TokenRequest::new(profile);
        if !client_auth::can_write_key(&request) {
            return Err(Box::new(FetchError { facts, failure: Failure::RawColon }));
        }
        warn_of_insecure(profile, report);
        if profile.proxy.is_some() && transport::goes_directly(profile) {
            report(Notice::detail(
                "`proxy` is not used: the token endpoint is on this machine, and it is not encrypted",
            ));
        }
        match Transport::new(profile) {
            Ok(transport) => Ok(Self { request, transport, timeout: profile.timeout, spent: Duration::ZERO, facts }),
            Err(obstacle) => Err(Box::new(FetchError { facts, failure: Failure::Obstacle(obstacle) })),
        }
    }

    /// The same with no more time than is left, where that is limited: in whole seconds, since messages name it.
    pub(super) fn within(self, left: Option<Duration>) -> Self {
        let whole =
            |left: Duration| Duration::from_secs(left.saturating_add(Duration::from_millis(500)).as_secs().max(1));
        Self {
            timeout: left.map_or(self.timeout, |left| whole(left).min(self.timeout)),
            spent: left.map_or(self.spent, |_| Duration::ZERO),
            ..self
        }
    }

    /// The same with less time, because a question came before.
    pub(super) fn having_spent(self, spent: Duration) -> Self {
        Self { spent, ..self }
    }

    /// Asks for a token. A client that is refused is asked about at most twice more, since servers lock those out who
    /// are refused too often: by the server's clock or with the second secret, where there is one, and then in the other
    /// encoding. Where there is a `trial`, the other encoding is tried in any case, first, and what came of it is put
    /// there.
    pub(super) fn send(self, proof: &Proof, further: &Further, report: Report) -> Result<AccessToken, Box<FetchError>> {
        if let (Some(trial), Some(secret)) = (further.trial, proof.secret()) {
            trial.set(self.probe(secret, Instant::now() + self.timeout, report));
        }
        let deadline = Instant::now() + self.timeout.saturating_sub(self.spent);
        let failure = match self.attempts(proof, deadline, report) {
            Err((trouble, attempts)) => {
                Failure::Unreached { trouble: cleaned(trouble, &self.cleaner(proof, None)), attempts }
            }
            Ok((sent, attempts)) => match self.judge(&sent, attempts, proof, further, deadline, report) {
                Ok(token) => return Ok(token),
                Err(rejected) => Failure::Rejected(rejected),
            },
        };
        Err(Box::new(FetchError { facts: self.facts, failure }))
    }

    /// Reads an answer, and clears up what can be cleared up where it is no token.
    fn judge(
        &self,
        sent: &Sent,
        attempts: u32,
        proof: &Proof,
        further: &Further,
        deadline: Instant,
        report: Report,
    ) -> Result<AccessToken, Box<Rejected>> {
        let mut rejected = match self.read(sent, attempts, proof) {
            Ok(token) => return Ok(token),
            Err(rejected) => rejected,
        };
        if rejected.is_about_the_client()
            && let Some(again) = self.by_servers_clock(&sent.answer, proof, deadline, report)
        {
            match self.read(&again, attempts, proof) {
                Ok(token) => return Ok(token),
                Err(other) => rejected = other,
            }
        }
        let Some(secret) = proof.secret() else { return Err(rejected) };
        if rejected.is_about_the_client() {
            match further.next.map_or(Second::Unknown, |next| self.second(secret, next, deadline, report)) {
                Second::Known(Ok(token)) => return Ok(token),
                Second::Known(Err(other)) => rejected = other,
                Second::Refused => rejected.next_refused = true,
                Second::Unknown => {}
            }
        }
        if rejected.is_about_the_client() || rejected.code() == Some("invalid_request") {
            let known = further.trial.and_then(Cell::get);
            rejected.probe = known.or_else(|| self.probe(secret, deadline, report));
        }
        Err(rejected)
    }

    fn read(&self, sent: &Sent, attempts: u32, proof: &Proof) -> Result<AccessToken, Box<Rejected>> {
        let cleaner = self.cleaner(proof, sent.assertion.as_ref());
        response::read(&sent.answer, self.request.url(), &cleaner).map_err(|rejection| {
            let mut rejected = rejected(&sent.answer, rejection, attempts);
            if let Some(secret) = proof.secret() {
                rejected.beyond_vschar = client_auth::beyond_vschar(&self.request, secret);
                rejected.blank = client_auth::blank_at_an_end(&self.request, secret);
                rejected.too_short = client_auth::short_of(&self.request, secret);
            }
            Box::new(rejected)
        })
    }

    fn cleaner(&self, proof: &Proof, assertion: Option<&Zeroizing<String>>) -> Cleaner {
        let secrets: Vec<&SecretString> = proof.secret().into_iter().collect();
        Cleaner::new(client_auth::echoes(&self.request, &secrets, assertion))
    }

    /// Sends the request until it is answered for good, or the attempts or the time are used up.
    fn attempts(&self, proof: &Proof, deadline: Instant, report: Report) -> Result<Tried<Sent>, Tried<Trouble>> {
        let mut attempt = 1;
        loop {
            let result = self.attempt(&self.request, proof, 0, deadline, report);
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(pause) =
                retry::pause(outcome(result.as_ref().map(|sent| &sent.answer)), attempt, left, fastrand::f64())
            else {
                return result.map(|sent| (sent, attempt)).map_err(|trouble| (trouble, attempt));
            };
            report(match pause.as_secs() {
                0 => Notice::detail(format!("trying again in {} ms", pause.as_millis())),
                seconds => Notice::Waiting(format!("the server asks to wait {seconds} s")),
            });
            std::thread::sleep(pause);
            attempt += 1;
        }
    }

    /// Sends the request once. An assertion is made anew each time, because a server may take each only once (RFC 7523
    /// §3, 7); `ahead` is by how many seconds the server's clock is ahead of ours.
    fn attempt(
        &self,
        request: &TokenRequest,
        proof: &Proof,
        ahead: i64,
        deadline: Instant,
        report: Report,
    ) -> Result<Sent, Trouble> {
        let now = Moment::now().seconds().saturating_add(ahead);
        let message = client_auth::message(request, proof, now).ok_or(Trouble::NoRandom)?;
        report(Notice::detail(format!("POST {}", self.facts.endpoint)));
        let started = Instant::now();
        let result = self.transport.post(&message, deadline, self.timeout);
        let took = started.elapsed().as_millis();
        report(Notice::detail(match &result {
            Ok(answer) => format!("HTTP {} after {took} ms", answer.status),
            Err(trouble) => format!("no answer after {took} ms: {}", Cleaner::default().clean(&trouble.to_string())),
        }));
        if let Some((ahead, by)) = result.as_ref().ok().and_then(response::clock) {
            let side = if ahead > 0 { "ahead of" } else { "behind" };
            let by_how_much = spoken(Duration::from_secs(ahead.unsigned_abs()));
            report(Notice::detail(format!(
                "by {by}, the server's clock is {by_how_much} {side} this machine's; lifetimes allow for it"
            )));
        }
        result.map(|answer| Sent { answer, assertion: message.assertion })
    }
}

fn warn_of_insecure(profile: &Profile, report: Report) {
    if profile.insecure && profile.token_url.value.scheme() == "https" {
        let what = if profile.client_auth.value.sends_secret() { "consumer secret" } else { "token" };
        report(Notice::warning_with_hint(
            format!("profile `{}`: the server's certificate is not checked (`insecure`)", profile.name),
            format!("anybody on the way can read the {what}; `ca_file` trusts a company's own authority"),
        ));
    }
}

fn outcome(answer: Result<&Answer, &Trouble>) -> Outcome {
    match answer {
        Ok(answer) if answer.status == 429 || answer.status >= 500 => Outcome::Later(response::retry_after(answer)),
        Err(trouble) if trouble.may_pass() => Outcome::Later(None),
        _ => Outcome::Final,
    }
}

fn rejected(answer: &Answer, rejection: Rejection, attempts: u32) -> Rejected {
    let wait = response::retry_after(answer);
    Rejected {
        status: answer.status,
        rejection,
        attempts,
        wait,
        next_refused: false,
        probe: None,
        beyond_vschar: None,
        blank: None,
        too_short: None,
    }
}

/// The words of a library, which may repeat what the server said.
fn cleaned(trouble: Trouble, cleaner: &Cleaner) -> Trouble {
    match trouble {
        Trouble::Certificate(text) => Trouble::Certificate(cleaner.clean(&text)),
        Trouble::Tls(text) => Trouble::Tls(cleaner.clean(&text)),
        Trouble::Connection(text) => Trouble::Connection(cleaner.clean(&text)),
        other => other,
    }
}
