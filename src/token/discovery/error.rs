//! Why there is no telling where an issuer's endpoints are.
//!
//! Owns the messages. Never holds a text of the server that was not cleaned.

use std::fmt;

use url::Url;

use super::super::fetch::Blocked;
use super::metadata::Flaw;
use crate::config::{Issuer, Origin, ProfileName, Sourced};
use crate::exit::Exit;
use crate::profile::Profile;

/// An issuer whose endpoints are not known.
#[derive(Debug, thiserror::Error)]
#[error("profile `{profile}`: {}", Told(self))]
pub struct DiscoveryError {
    profile: ProfileName,
    issuer: String,
    origin: Origin,
    reason: Reason,
}

#[derive(Debug)]
enum Reason {
    /// No place had its document.
    Nowhere(Vec<Tried>),
    /// Its token endpoint is at a place that nobody has allowed.
    Elsewhere(String),
}

/// A place that was looked at.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) url: Url,
    pub(super) miss: Miss,
}

/// Why there is no document.
#[derive(Debug)]
pub(super) enum Miss {
    /// No answer.
    Blocked(Blocked),
    /// Another answer.
    Other { status: u16, what: String },
    /// A document that cannot be used.
    Flaw(Flaw),
}

impl Miss {
    /// How much it says: a document that cannot be used says more than none.
    fn weight(&self) -> u8 {
        match self {
            Self::Blocked(_) => 3,
            Self::Flaw(_) => 2,
            Self::Other { status: 404, .. } => 0,
            Self::Other { .. } => 1,
        }
    }
}

impl DiscoveryError {
    pub(super) fn new(profile: &Profile, issuer: &Sourced<Issuer>, tried: Vec<Tried>) -> Self {
        Self::of(profile, issuer, Reason::Nowhere(tried))
    }

    pub(super) fn elsewhere(profile: &Profile, issuer: &Sourced<Issuer>, url: &Url) -> Self {
        Self::of(profile, issuer, Reason::Elsewhere(url.origin().ascii_serialization()))
    }

    fn of(profile: &Profile, issuer: &Sourced<Issuer>, reason: Reason) -> Self {
        let (profile, text) = (profile.name.clone(), issuer.value.text().to_owned());
        Self { profile, issuer: text, origin: issuer.origin.clone(), reason }
    }

    /// What says most about why there is no document.
    fn telling(&self) -> Option<&Tried> {
        match &self.reason {
            Reason::Nowhere(tried) => tried.iter().rev().max_by_key(|tried| tried.miss.weight()),
            Reason::Elsewhere(_) => None,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        if let Reason::Elsewhere(place) = &self.reason {
            return Some(format!("if that is where it is, allow it: `endpoint_origins = [\"{place}\"]`"));
        }
        match &self.telling()?.miss {
            Miss::Blocked(blocked) => blocked.hint.clone(),
            Miss::Flaw(Flaw::OtherIssuer(other)) if same_place(other, &self.issuer) => {
                Some(format!("write it as the server does: `issuer = \"{other}\"`"))
            }
            Miss::Flaw(Flaw::OtherIssuer(_)) => {
                Some("is `issuer` spelt right? RFC 8414 section 3.3 wants both to be the same, else anybody could answer for it".into())
            }
            Miss::Flaw(_) => Some("set `token_url` in place of `issuer`".into()),
            Miss::Other { .. } => {
                Some("is `issuer` the server's own name, without `/.well-known/…`? else set `token_url` in its place".into())
            }
        }
    }

    /// The exit status: the network where there was no answer, the server else.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self.telling().map(|tried| &tried.miss) {
            Some(Miss::Blocked(blocked)) => blocked.exit,
            _ => Exit::Refused,
        }
    }
}

/// Whether two issuers differ only in what people get wrong: the slash at the end, and the case.
fn same_place(one: &str, other: &str) -> bool {
    one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}

/// The message without the profile's name.
struct Told<'a>(&'a DiscoveryError);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DiscoveryError { issuer, origin, reason, .. } = self.0;
        if let Reason::Elsewhere(place) = reason {
            return write!(
                f,
                "the token endpoint of issuer `{issuer}` is at `{place}`, which is not allowed ({origin})"
            );
        }
        let Some(Tried { url, miss }) = self.0.telling() else { return Ok(()) };
        write!(f, "no endpoints of issuer `{issuer}` ({origin}): `{url}`: ")?;
        match miss {
            Miss::Blocked(blocked) => f.write_str(&blocked.message),
            Miss::Other { what, .. } => f.write_str(what),
            Miss::Flaw(Flaw::NoIssuer) => f.write_str("the document names no `issuer`"),
            Miss::Flaw(Flaw::OtherIssuer(other)) => write!(f, "the document is about another issuer, `{other}`"),
            Miss::Flaw(Flaw::NoTokenEndpoint) => f.write_str("the document names no `token_endpoint`"),
            Miss::Flaw(Flaw::TokenEndpoint(wrong)) => write!(f, "its `token_endpoint` {wrong}"),
        }
    }
}
