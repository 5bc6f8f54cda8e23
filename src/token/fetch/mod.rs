//! Asking the server for a token.
//!
//! Owns the course of one request: attempts, waits, the total time, and the question of the other encoding. Never
//! keeps what it gets. Everything but the transport is pure: values in, values out.

mod advice;
mod client_auth;
mod credentials;
mod failure;
mod reach;
mod request;
mod response;
mod retry;
mod text;
mod transport;

use std::time::{Duration, Instant};

use secrecy::SecretString;

use crate::environ::Environ;
use crate::notice::{Notice, Report};
use crate::profile::{ClientAuth, Profile};

use super::access::AccessToken;
use crate::secret::SecretError;
use failure::{Facts, Failure, Probe, Rejected};
use response::{Answer, Rejection};
use retry::Outcome;
use text::Cleaner;
use transport::{Transport, Trouble};

pub use client_auth::basic_pair;
pub use failure::FetchError;
pub use reach::{Blocked, Name, Reach, Reached, proxy, reach};
pub use request::TokenRequest;

/// A request that is ready but for the secret: so every mistake that needs no secret is found before one is asked for.
pub(super) struct Fetch {
    request: TokenRequest,
    transport: Transport,
    timeout: Duration,
    facts: Facts,
}

/// Fetches the second consumer secret, once the first is refused.
pub(super) type Next<'a> = &'a dyn Fn(Report) -> Result<SecretString, SecretError>;

/// What the server says to the second consumer secret.
enum Second {
    /// It knows the client by it: here is the token, or what else is wrong.
    Known(Result<AccessToken, Box<Rejected>>),
    /// It refuses that one, too.
    Refused,
    /// There is no such secret, or no answer about it.
    Unknown,
}

/// One answer, and how many attempts it took.
type Tried<T> = (T, u32);

impl Fetch {
    /// Prepares the request of a profile.
    pub(super) fn prepare(profile: &Profile, environ: &Environ, report: Report) -> Result<Self, Box<FetchError>> {
        let facts = Facts::of(profile, environ);
        let request = TokenRequest::new(profile);
        if !client_auth::can_write_key(&request) {
            return Err(Box::new(FetchError { facts, failure: Failure::RawColon }));
        }
        if profile.insecure && profile.token_url.value.scheme() == "https" {
            report(Notice::warning_with_hint(
                format!("profile `{}`: the server's certificate is not checked (`insecure`)", profile.name),
                "anybody on the way can read the consumer secret; `ca_file` trusts a company's own authority",
            ));
        }
        if profile.proxy.is_some() && transport::goes_directly(profile) {
            report(Notice::detail(
                "`proxy` is not used: the token endpoint is on this machine, and it is not encrypted",
            ));
        }
        match Transport::new(profile) {
            Ok(transport) => Ok(Self { request, transport, timeout: profile.timeout, facts }),
            Err(obstacle) => Err(Box::new(FetchError { facts, failure: Failure::Obstacle(obstacle) })),
        }
    }

    /// The same with no more time than is left, where that is limited: in whole seconds, since messages name it.
    pub(super) fn within(self, left: Option<Duration>) -> Self {
        let whole =
            |left: Duration| Duration::from_secs(left.saturating_add(Duration::from_millis(500)).as_secs().max(1));
        Self { timeout: left.map_or(self.timeout, |left| whole(left).min(self.timeout)), ..self }
    }

    /// Asks for a token. A client that is refused is asked about at most twice more, since servers lock those out who
    /// are refused too often: with the second secret, where there is one, and then in the other encoding.
    pub(super) fn send(
        self,
        secret: &SecretString,
        next: Option<Next>,
        report: Report,
    ) -> Result<AccessToken, Box<FetchError>> {
        let deadline = Instant::now() + self.timeout;
        let cleaner = Cleaner::new(client_auth::echoes(&self.request, &[secret]));
        let failure = match self.attempts(&self.request, secret, deadline, report) {
            Err((trouble, attempts)) => Failure::Unreached { trouble: cleaned(trouble, &cleaner), attempts },
            Ok((answer, attempts)) => match response::read(&answer, self.request.url(), &cleaner) {
                Ok(token) => return Ok(token),
                Err(rejection) => {
                    let mut rejected = rejected(&answer, rejection, attempts);
                    rejected.beyond_vschar = client_auth::beyond_vschar(&self.request, secret);
                    rejected.blank = client_auth::blank_at_an_end(&self.request, secret);
                    if rejected.is_about_the_client() {
                        match next.map_or(Second::Unknown, |next| self.second(secret, next, deadline, report)) {
                            Second::Known(Ok(token)) => return Ok(token),
                            Second::Known(Err(other)) => rejected = *other,
                            Second::Refused => rejected.next_refused = true,
                            Second::Unknown => {}
                        }
                    }
                    if rejected.is_about_the_client() || rejected.code() == Some("invalid_request") {
                        rejected.probe = self.probe(secret, deadline, report);
                    }
                    Failure::Rejected(Box::new(rejected))
                }
            },
        };
        Err(Box::new(FetchError { facts: self.facts, failure }))
    }

    /// Asks once with the second secret, and says so where that is the one that works.
    fn second(&self, first: &SecretString, next: Next, deadline: Instant, report: Report) -> Second {
        let secret = match next(report) {
            Ok(secret) if client_auth::same(first, &secret) => return Second::Unknown,
            Ok(secret) => secret,
            Err(error) => {
                report(Notice::Warning { message: error.to_string(), hint: error.hint() });
                return Second::Unknown;
            }
        };
        report(Notice::detail("asking with `consumer_secret_next`, too"));
        let Ok(answer) = self.attempt(&client_auth::message(&self.request, &secret), deadline, report) else {
            return Second::Unknown;
        };
        let cleaner = Cleaner::new(client_auth::echoes(&self.request, &[first, &secret]));
        let known = match response::read(&answer, self.request.url(), &cleaner) {
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

    /// Sends a request until it is answered for good, or the attempts or the time are used up.
    fn attempts(
        &self,
        request: &TokenRequest,
        secret: &SecretString,
        deadline: Instant,
        report: Report,
    ) -> Result<Tried<Answer>, Tried<Trouble>> {
        let message = client_auth::message(request, secret);
        let mut attempt = 1;
        loop {
            let result = self.attempt(&message, deadline, report);
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(pause) = retry::pause(outcome(&result), attempt, left, fastrand::f64()) else {
                return result.map(|answer| (answer, attempt)).map_err(|trouble| (trouble, attempt));
            };
            report(match pause.as_secs() {
                0 => Notice::detail(format!("trying again in {} ms", pause.as_millis())),
                seconds => Notice::Waiting(format!("the server asks to wait {seconds} s")),
            });
            std::thread::sleep(pause);
            attempt += 1;
        }
    }

    fn attempt(&self, message: &client_auth::Message, deadline: Instant, report: Report) -> Result<Answer, Trouble> {
        report(Notice::detail(format!("POST {}", self.facts.endpoint)));
        let started = Instant::now();
        let result = self.transport.post(message, deadline, self.timeout);
        let took = started.elapsed().as_millis();
        report(Notice::detail(match &result {
            Ok(answer) => format!("HTTP {} after {took} ms", answer.status),
            Err(trouble) => format!("no answer after {took} ms: {}", Cleaner::default().clean(&trouble.to_string())),
        }));
        result
    }

    /// Asks once with key and secret in the other encoding, only to be able to say which one the server wants. A token
    /// that comes of it is dropped: the profile says something else, and the user decides.
    fn probe(&self, secret: &SecretString, deadline: Instant, report: Report) -> Option<Probe> {
        let other = self.request.in_other_encoding();
        let useful = self.request.auth() == ClientAuth::Basic
            && client_auth::encodings_differ(&self.request, secret)
            && client_auth::can_write_key(&other);
        if !useful {
            return None;
        }
        report(Notice::detail(format!("asking with `basic_encoding = \"{}\"`, too", other.encoding().name())));
        let message = client_auth::message(&other, secret);
        let encoding = other.encoding();
        let Ok(answer) = self.attempt(&message, deadline, report) else { return Some(Probe::Unclear(encoding)) };
        let rejection = response::read(&answer, other.url(), &Cleaner::default()).err();
        let Some(rejection) = rejection else { return Some(Probe::Accepted(encoding)) };
        Some(rejected(&answer, rejection, 1).proves(encoding))
    }
}

fn outcome(result: &Result<Answer, Trouble>) -> Outcome {
    match result {
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
