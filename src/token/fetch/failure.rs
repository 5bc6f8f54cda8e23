//! How a token request can fail.
//!
//! Owns the messages. Never holds a secret: it says where the secret came from and how it was written.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::client_auth::{Flaw, Passport, Terms};
use super::response::Rejection;
use super::transport::{self, Obstacle, Trouble};
use crate::config::{Origin, ProfileName, SecretRef, Sourced};
use crate::environ::Environ;
use crate::exit::Exit;
use crate::notice::Notice;
use crate::profile::{BasicEncoding, ClientAuth, Profile};
use crate::secret;
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
pub(super) enum Probe {
    /// It accepts them.
    Accepted(BasicEncoding),
    /// It refuses them, too.
    RefusedToo(BasicEncoding),
    /// It finds the request invalid, which may mean that it cannot read them.
    UnreadToo(BasicEncoding),
    /// Nothing that says whether it accepts them.
    Unclear(BasicEncoding),
}

/// What was asked, of whom and with what: no secret among it.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) profile: ProfileName,
    /// The token endpoint without user name, password and query.
    pub(super) endpoint: String,
    pub(super) endpoint_origin: Origin,
    pub(super) key: String,
    pub(super) key_origin: Origin,
    /// Where the method's secret is, in words.
    pub(super) secret: String,
    /// The same for the second secret, where there is one.
    pub(super) next: String,
    pub(super) auth: Sourced<ClientAuth>,
    pub(super) encoding: Sourced<BasicEncoding>,
    /// What an assertion says.
    pub(super) terms: Terms,
    /// How the assertion was signed, in words.
    pub(super) signed: Option<String>,
    /// The file of the client's certificate, with its origin.
    pub(super) certificate: Option<Sourced<PathBuf>>,
    /// What the certificate says of itself.
    pub(super) passport: Option<Passport>,
    pub(super) scopes: Vec<String>,
    pub(super) audience: Option<String>,
    pub(super) resource: Vec<String>,
    /// Where the proxy is, or which variable names it.
    pub(super) proxy: Option<String>,
    pub(super) ca_file: bool,
}

impl Facts {
    pub(super) fn of(profile: &Profile, environ: &Environ) -> Self {
        let shown_in_full = &profile.token_url.origin;
        let words = |it: &Sourced<SecretRef>| secret::whereabouts(it, &it.origin.beside(shown_in_full));
        let secret = match profile.client_auth.value {
            ClientAuth::PrivateKeyJwt | ClientAuth::Tls | ClientAuth::SelfSignedTls => profile.private_key.as_ref(),
            _ => profile.consumer_secret.as_ref(),
        };
        Self {
            profile: profile.name.clone(),
            endpoint: shown(&profile.token_url.value),
            endpoint_origin: profile.token_url.origin.clone(),
            key: profile.consumer_key.value.chars().filter(|c| !c.is_control()).collect(),
            key_origin: profile.consumer_key.origin.clone(),
            secret: secret.map_or_else(|| "taken from the system's keyring".into(), words),
            next: profile.consumer_secret_next.as_ref().map(words).unwrap_or_default(),
            auth: profile.client_auth.clone(),
            encoding: profile.basic_encoding.clone(),
            terms: Terms::of(profile),
            signed: None,
            certificate: profile.client_certificate.clone(),
            passport: None,
            scopes: profile.scopes.clone(),
            audience: profile.audience.clone(),
            resource: profile.resource.clone(),
            proxy: proxy(profile, environ),
            ca_file: profile.ca_file.is_some(),
        }
    }

    /// An origin as it is said after the message, which shows that of `token_url` in full.
    pub(super) fn near(&self, origin: &Origin) -> String {
        origin.beside(&self.endpoint_origin)
    }
}

/// A URL without what may be secret in it.
pub(super) fn shown(url: &url::Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    _ = url.set_username(""); // fails only where there can be none
    _ = url.set_password(None);
    url.to_string()
}

/// Where the proxy is that requests go through, or which variable names it.
pub(super) fn proxy(profile: &Profile, environ: &Environ) -> Option<String> {
    if transport::goes_directly(profile) {
        return None;
    }
    if let Some(proxy) = &profile.proxy {
        return Some(format!("`{}`", proxy.origin().ascii_serialization()));
    }
    let names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let name = names.into_iter().find(|name| environ.get(name).is_some());
    // Which hosts it exempts is the client library's business, so more than this is not known here.
    let exempting = ["no_proxy", "NO_PROXY"].into_iter().find(|name| environ.get(name).is_some());
    let unless = exempting.map(|name| format!(", unless `{name}` exempts the host")).unwrap_or_default();
    name.map(|name| format!("that `{name}` names{unless}"))
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
    fn tell(&self, f: &mut fmt::Formatter<'_>, auth: ClientAuth) -> fmt::Result {
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

impl Facts {
    /// That the second secret is the one that works.
    pub(super) fn swap(&self) -> Notice {
        let Self { profile, secret, next, .. } = self;
        Notice::warning_with_hint(
            format!(
                "profile `{profile}`: the server refuses `consumer_secret`, {secret}, and accepts \
                 `consumer_secret_next`, {next}"
            ),
            "make that one the `consumer_secret`, and remove `consumer_secret_next`: until then every new token takes a \
             request that is refused",
        )
    }
}
