//! Requests beside the token request: what a server publishes, and questions about a token that it gave.
//!
//! Owns one way to one address, its attempts, and the reading of a JSON document. Never follows a redirect, and sends
//! key, secret or token only where the caller has made sure that they may go. Gives the document, or what came in its
//! place, in words that can be shown.

use std::fmt;
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use url::Url;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::client_auth::{self, Proof};
use super::facts::Facts;
use super::failure::Rejected;
use super::proof::{Prover, Unproved};
use super::reach::Blocked;
use super::request::TokenRequest;
use super::response::{self, Answer};
use super::text::Cleaner;
use super::transport::{Obstacle, Transport, Trouble};
use super::{advice, cleaned, outcome, rejected, retry};
use crate::config::{Origin, Sourced};
use crate::environ::Environ;
use crate::exit::Exit;
use crate::notice::{Notice, Report};
use crate::profile::{ClientAuth, Profile};
use crate::secret::{self, SecretError};
use crate::token::access::{AccessToken, Moment};

/// A way to one address.
pub(in crate::token) struct Errand {
    /// The profile, with that address in the place of the token endpoint.
    profile: Profile,
    /// What is asked about a token; an assertion in it is for the token endpoint, as ever.
    request: TokenRequest,
    transport: Transport,
    facts: Facts,
    deadline: Instant,
    /// The key that says where it leads to.
    key: &'static str,
    /// What proves who the client is, once it was needed.
    proof: Option<Proof>,
}

/// A JSON object that a server gave.
pub(in crate::token) struct Document {
    pub(in crate::token) fields: Map<String, Value>,
    /// The `Cache-Control` header.
    pub(in crate::token) cache_control: Option<String>,
}

/// What there was in the place of a document.
#[derive(Debug)]
pub(in crate::token) enum Unread {
    /// No answer.
    Blocked(Blocked),
    /// The secret is not available, or must not go there.
    Secret(SecretError),
    /// Another answer, with its status and in words.
    Other { status: u16, what: String },
}

impl Unread {
    /// It in words, with what can be done, and the exit status of a command that meets it.
    pub(in crate::token) fn told(self) -> (String, Option<String>, Exit) {
        match self {
            Self::Blocked(Blocked { message, hint, exit }) => (message, hint, exit),
            Self::Secret(error) => (error.to_string(), error.hint(), error.exit()),
            Self::Other { what, .. } => (what, None, Exit::Refused),
        }
    }
}

impl Errand {
    /// Prepares the way to an address, on the same terms as the way to the profile's token endpoint; the key is the one
    /// that hints name.
    pub(in crate::token) fn to(
        key: &'static str,
        url: &Url,
        origin: &Origin,
        profile: &Profile,
        environ: &Environ,
        deadline: Instant,
    ) -> Result<Self, Unread> {
        let request = TokenRequest::about_a_token(profile, url);
        let profile = Profile { token_url: Sourced::new(url.clone(), origin.clone()), ..profile.clone() };
        let facts = Facts::of(&profile, environ);
        match Transport::new(&profile) {
            Ok(transport) => Ok(Self { profile, request, transport, facts, deadline, key, proof: None }),
            Err(obstacle) => Err(unprepared(&obstacle)),
        }
    }

    /// Reads what the server publishes there: no credentials go along.
    pub(in crate::token) fn read(&self, report: Report) -> Result<Document, Unread> {
        let answer = self.attempts("GET", report, |left| self.get(None, left))?;
        self.document(&answer, &Cleaner::default())
    }

    /// Asks about a token, with what proves who the client is (RFC 7662 §2.1).
    pub(in crate::token) fn ask(
        &mut self,
        token: &AccessToken,
        environ: &Environ,
        report: Report,
    ) -> Result<Document, Unread> {
        let (answer, cleaner) = self.post(token, environ, report)?;
        self.document(&answer, &cleaner)
    }

    /// Tells something about a token, with what proves who the client is, where nothing but a yes is expected (RFC 7009
    /// §2).
    pub(in crate::token) fn tell(
        &mut self,
        token: &AccessToken,
        environ: &Environ,
        report: Report,
    ) -> Result<(), Unread> {
        let (answer, cleaner) = self.post(token, environ, report)?;
        if answer.status == 200 { Ok(()) } else { Err(self.other(&answer, &cleaner)) }
    }

    /// Shows a token there, and gives the status of the answer.
    pub(in crate::token) fn show(&self, token: &AccessToken, report: Report) -> Result<u16, Unread> {
        let header = Zeroizing::new(format!("{} {}", token.token_type(), token.value().expose_secret()));
        Ok(self.attempts("GET", report, |left| self.get(Some(&header), left))?.status)
    }

    fn get(&self, authorization: Option<&Zeroizing<String>>, limit: Duration) -> Result<Answer, Trouble> {
        self.transport.get(&self.profile.token_url.value, authorization, self.deadline, limit)
    }

    /// Sends the token with what proves who the client is, which is asked for once.
    fn post(&mut self, token: &AccessToken, environ: &Environ, report: Report) -> Result<(Answer, Cleaner), Unread> {
        super::warn_of_insecure(&self.profile, report);
        let proof = match self.proof.take() {
            Some(proof) => proof,
            None => self.prove(environ, report)?,
        };
        let answer = self.post_with(&proof, token, report);
        self.proof = Some(proof);
        answer
    }

    /// A secret is asked for here, for this address: a stored one goes to the place that it is bound to and to no other.
    fn prove(&mut self, environ: &Environ, report: Report) -> Result<Proof, Unread> {
        let (profile, transport, facts) = (&self.profile, &mut self.transport, &mut self.facts);
        let reveal = |key, report: Report| secret::reveal(profile, key, environ, report);
        let prover = Prover { profile, terms: self.request.terms(), reveal: &reveal, transport, facts };
        prover.prove(report).map_err(unproved)
    }

    fn post_with(&self, proof: &Proof, token: &AccessToken, report: Report) -> Result<(Answer, Cleaner), Unread> {
        let value = token.value().expose_secret();
        let mut assertion = None;
        let answer = self.attempts("POST", report, |limit| {
            // Made anew each time, because a server may take an assertion only once (RFC 7523 §3, 7).
            let message = client_auth::message(&self.request, proof, Moment::now().seconds());
            let mut message = message.ok_or(Trouble::NoRandom)?;
            // Room for all of it at once: a buffer that grows leaves copies behind that nobody wipes.
            let mut body = String::with_capacity(message.body.len() + 3 * value.len() + "&token=".len());
            body.push_str(&message.body);
            message.body = Zeroizing::new(form_urlencoded::Serializer::new(body).append_pair("token", value).finish());
            let answer = self.transport.post(&message, self.deadline, limit);
            assertion = message.assertion;
            answer
        })?;
        let secrets: Vec<_> = proof.secret().into_iter().collect();
        let mut echoes = client_auth::echoes(&self.request, &secrets, assertion.as_ref());
        echoes.insert(0, Zeroizing::new(value.to_owned()));
        Ok((answer, Cleaner::new(echoes)))
    }

    /// Sends until there is an answer for good, or the attempts or the time are used up.
    fn attempts(
        &self,
        method: &str,
        report: Report,
        mut send: impl FnMut(Duration) -> Result<Answer, Trouble>,
    ) -> Result<Answer, Unread> {
        let mut attempt = 1;
        loop {
            report(Notice::detail(format!("{method} {}", self.facts.endpoint)));
            let result = send(self.profile.timeout);
            report(Notice::detail(match &result {
                Ok(answer) => format!("HTTP {}", answer.status),
                Err(trouble) => format!("no answer: {}", Cleaner::default().clean(&trouble.to_string())),
            }));
            let left = self.deadline.saturating_duration_since(Instant::now());
            let Some(pause) = retry::pause(outcome(result.as_ref()), attempt, left, fastrand::f64()) else {
                return result.map_err(|trouble| self.blocked(trouble));
            };
            std::thread::sleep(pause);
            attempt += 1;
        }
    }

    fn blocked(&self, trouble: Trouble) -> Unread {
        let trouble = cleaned(trouble, &Cleaner::default());
        let exit = if trouble == Trouble::TooLong { Exit::Refused } else { Exit::Network };
        let hint = advice::on_trouble(&trouble, &self.facts);
        let hint = hint.map(|hint| hint.replace("`token_url`", &format!("`{}`", self.key)));
        Unread::Blocked(Blocked { message: trouble.to_string(), hint, exit })
    }

    fn document(&self, answer: &Answer, cleaner: &Cleaner) -> Result<Document, Unread> {
        match response::object(answer) {
            Ok(fields) if answer.status == 200 => Ok(Document { fields, cache_control: answer.cache_control.clone() }),
            _ => Err(self.other(answer, cleaner)),
        }
    }

    fn other(&self, answer: &Answer, cleaner: &Cleaner) -> Unread {
        let what = match response::read(answer, &self.profile.token_url.value, cleaner) {
            Ok(_) => "the answer is a token".into(),
            Err(rejection) => Told(rejected(answer, rejection, 1), self.profile.client_auth.value).to_string(),
        };
        Unread::Other { status: answer.status, what }
    }
}

/// Why nothing is sent there.
fn unprepared(obstacle: &Obstacle) -> Unread {
    let (message, hint) = (obstacle.to_string(), Some(advice::on_obstacle(obstacle).into()));
    Unread::Blocked(Blocked { message, hint, exit: Exit::Config })
}

/// The same, where there is nothing to prove who the client is.
fn unproved(unproved: Unproved) -> Unread {
    match unproved {
        Unproved::Secret(error) => Unread::Secret(error),
        Unproved::Useless { thing, flaw } => {
            Unread::Blocked(Blocked { message: format!("{thing} {flaw}"), hint: Some(flaw.hint()), exit: flaw.exit() })
        }
        Unproved::Obstacle(obstacle) => unprepared(&obstacle),
    }
}

struct Told(Rejected, ClientAuth);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.tell(f, self.1)
    }
}
