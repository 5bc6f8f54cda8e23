//! How a token request can fail.
//!
//! Owns the messages. Never holds a secret: it says where the secret came from and how it was written.

use std::fmt;
use std::time::Duration;

use super::client_auth::Flaw;
use super::facts::Facts;
use super::response::Rejection;
use super::transport::{Obstacle, Trouble};
use crate::exit::Exit;
use crate::profile::{BasicEncoding, ClientAuth};
use crate::token::Other;
use crate::token::access::spoken;

/// A token request that failed, with the facts that its message and its hint are made of.
#[derive(Debug, thiserror::Error)]
#[error("profile `{}`: {}", facts.profile, Told(self))]
pub struct FetchError {
    pub(super) facts: Facts,
    pub(super) failure: Failure,
}

impl FetchError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        super::advice::hint(self)
    }

    /// The exit status: the configuration where nothing was sent, the server where it answered, the network else.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match &self.failure {
            Failure::Obstacle(_) | Failure::RawColon => Exit::Config,
            Failure::Useless { flaw, .. } => flaw.exit(),
            Failure::Unreached { trouble: Trouble::TooLong, .. } | Failure::Rejected(_) => Exit::Refused,
            Failure::Unreached { .. } => Exit::Network,
        }
    }
}

/// What happened.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing was sent, because the way to the server cannot be prepared.
    Obstacle(Obstacle),
    /// Nothing was sent, because the key holds a `:`, which a raw Basic header cannot say.
    RawColon,
    /// Nothing was sent, because a key or a certificate is of no use.
    Useless {
        /// The thing, where it is from, and a comma.
        thing: String,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// There was no answer.
    Unreached {
        /// Why.
        trouble: Trouble,
        /// How often it was tried.
        attempts: u32,
    },
    /// The answer was no token.
    Rejected(Box<Rejected>),
}

/// An answer that was no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rejected {
    /// The HTTP status.
    pub(super) status: u16,
    /// What the answer was.
    pub(super) rejection: Rejection,
    /// How often the request was sent.
    pub(super) attempts: u32,
    /// How long the server asks to wait.
    pub(super) wait: Option<Duration>,
    /// Whether the server refuses the second secret, too.
    pub(super) next_refused: bool,
    /// What the server says to the other encoding, where that was tried.
    pub(super) probe: Option<Probe>,
    /// Which of key and secret holds characters that RFC 6749 does not allow.
    pub(super) beyond_vschar: Option<&'static str>,
    /// Which of key and secret begins or ends with a blank.
    pub(super) blank: Option<&'static str>,
    /// How many bytes the secret should have that signs, where it has less.
    pub(super) too_short: Option<usize>,
}

impl Rejected {
    /// The OAuth error code.
    pub(super) fn code(&self) -> Option<&str> {
        match &self.rejection {
            Rejection::OAuth { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Whether it is the client that was refused: by its code, or by the status (RFC 6749 §5.2). A redirect, a web
    /// page and the like say nothing about the client.
    pub(super) fn is_about_the_client(&self) -> bool {
        match &self.rejection {
            Rejection::OAuth { code, .. } if OTHER_CODES.contains(&code.as_str()) => false,
            Rejection::OAuth { code, .. } => code == "invalid_client" || self.status == 401,
            Rejection::Status { .. } => self.status == 401,
            _ => false,
        }
    }

    /// Whether the complaint is one that a server makes only when it knows who asks: it dislikes something else.
    pub(super) fn knows_the_client(&self) -> bool {
        matches!(self.code(), Some("invalid_scope" | "invalid_target" | "unauthorized_client"))
    }

    /// What an answer to the other encoding proves about it.
    pub(super) fn proves(&self, encoding: BasicEncoding) -> Probe {
        match self.code() {
            _ if self.knows_the_client() => Probe::Accepted(encoding),
            Some("invalid_request") => Probe::UnreadToo(encoding),
            _ if self.is_about_the_client() => Probe::RefusedToo(encoding),
            _ => Probe::Unclear(encoding),
        }
    }
}

/// The codes of RFC 6749 §5.2 and RFC 8707 §2 by which the server says that something else than the client is wrong.
const OTHER_CODES: [&str; 6] = [
    "invalid_request",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_target",
];

/// What the server says to key and secret in the other Basic encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::token) enum Probe {
    /// It accepts them.
    Accepted(BasicEncoding),
    /// It refuses them, too.
    RefusedToo(BasicEncoding),
    /// It finds the request invalid, which may mean that it cannot read them.
    UnreadToo(BasicEncoding),
    /// Nothing that says whether it accepts them.
    Unclear(BasicEncoding),
}

impl Probe {
    /// What it says, whatever else was tried.
    pub(in crate::token) fn other(self) -> Other {
        match self {
            Self::Accepted(encoding) => Other::Accepted(encoding),
            Self::RefusedToo(encoding) | Self::UnreadToo(encoding) => Other::Refused(encoding),
            Self::Unclear(encoding) => Other::Unclear(encoding),
        }
    }
}

/// The message without the profile's name.
struct Told<'a>(&'a FetchError);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FetchError { facts, failure } = self.0;
        match failure {
            Failure::Obstacle(obstacle) => write!(f, "{obstacle}"),
            Failure::RawColon => {
                write!(
                    f,
                    "`consumer_key` holds a `:`, which `basic_encoding = \"raw\"` cannot write ({})",
                    facts.key_origin
                )
            }
            Failure::Useless { thing, flaw } => write!(f, "{thing} {flaw}"),
            Failure::Unreached { trouble, attempts } => {
                write!(f, "no token from `{}`: {trouble}", facts.endpoint)?;
                tried(f, *attempts)?;
                write!(f, " ({})", facts.endpoint_origin)
            }
            Failure::Rejected(rejected) => {
                // The server's own words come last: what stood behind them would look like a part of them.
                write!(f, "no token from `{}` ({}): ", facts.endpoint, facts.endpoint_origin)?;
                rejected.tell(f, facts.auth.value)?;
                tried(f, rejected.attempts)
            }
        }
    }
}

fn tried(f: &mut fmt::Formatter<'_>, attempts: u32) -> fmt::Result {
    if attempts > 1 { write!(f, ", {attempts} times") } else { Ok(()) }
}

impl Rejected {
    pub(super) fn tell(&self, f: &mut fmt::Formatter<'_>, auth: ClientAuth) -> fmt::Result {
        let status = self.status;
        match &self.rejection {
            Rejection::OAuth { code, description } => {
                let what = match auth {
                    _ if !self.is_about_the_client() => "",
                    ClientAuth::Basic | ClientAuth::Post => " key and secret",
                    ClientAuth::SecretJwt | ClientAuth::PrivateKeyJwt => " the client and its assertion",
                    ClientAuth::Tls | ClientAuth::SelfSignedTls => " the client and its certificate",
                    ClientAuth::None => " a client without a secret",
                };
                write!(f, "the server refused{what}: `{code}`, HTTP {status}")?;
                said(f, description.as_deref())?;
            }
            Rejection::Status { text } => {
                write!(f, "the server answered HTTP {status}")?;
                said(f, text.as_deref())?;
            }
            Rejection::Redirect { to: Some(to) } => {
                write!(f, "the server redirects to `{to}` (HTTP {status}), which is not followed")?;
            }
            Rejection::Redirect { to: None } => write!(f, "the server redirects (HTTP {status})")?,
            Rejection::WebPage => f.write_str("the answer is a web page")?,
            Rejection::Empty => f.write_str("the answer is empty")?,
            Rejection::NotText => f.write_str("the answer is not UTF-8 text")?,
            Rejection::Truncated => f.write_str("the answer is cut off: its JSON does not end")?,
            Rejection::NotJson => f.write_str("the answer is not a JSON object")?,
            Rejection::NoToken => f.write_str("the answer has no `access_token`")?,
            Rejection::TokenType(name) => write!(f, "the token is of type `{name}`, not Bearer")?,
            Rejection::NotVschar => {
                f.write_str("the token is empty, or has a character that no token may have (RFC 6749 A.12)")?;
            }
        }
        match self.wait {
            Some(wait) if matches!(self.status, 429 | 500..) => {
                write!(f, "; it asks to wait {}", spoken(wait))
            }
            _ => Ok(()),
        }
    }
}

fn said(f: &mut fmt::Formatter<'_>, text: Option<&str>) -> fmt::Result {
    text.map_or(Ok(()), |text| write!(f, ", \"{text}\""))
}
