//! What is in a token, and whether it is what it says.
//!
//! Owns the look into a JWT, the check of its signature, and the question about an opaque token (RFC 7662). Never shows
//! the token, sends one anywhere but to the profile's own server, or asks where the token itself says to ask. Never
//! fails: what cannot be found out says why. Claims are as they came: whoever shows them cleans them.

mod jwt;
mod signature;

use std::time::Instant;

use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::discovery::Office;
use super::fetch::{Errand, Unread};
use super::{AccessToken, folder};
use crate::environ::Environ;
use crate::notice::Report;
use crate::profile::Profile;

pub use jwt::Said;
pub use signature::Signature;

/// What may be done to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Nobody is asked.
    Offline,
    /// Keys are read, and the token stays here: its server is not known to be the profile's.
    Keys,
    /// The profile's server is asked about the token.
    Server,
}

/// What was found out.
#[derive(Debug)]
pub struct Inspection {
    /// What the token says by itself.
    pub said: Said,
    /// Whether the signature fits.
    pub signature: Signature,
    /// What the server says about an opaque token.
    pub activity: Activity,
}

/// What the server says about a token (RFC 7662 §2.2).
#[derive(Debug)]
pub enum Activity {
    /// It is good, and this is what it allows.
    Active(Map<String, Value>),
    /// It is not good, or not known there.
    Inactive,
    /// The server was not asked, and why.
    NotAsked(String),
}

/// Looks into a token; without a profile, nobody knows whom to ask.
#[must_use]
pub fn inspect(
    token: &AccessToken,
    profile: Option<&Profile>,
    look: Look,
    environ: &Environ,
    report: Report,
) -> Inspection {
    let text = token.value().expose_secret();
    let said = jwt::read(text);
    let mut desk = Desk { profile, look, environ, deadline: Instant::now(), report };
    desk.deadline += profile.map(|profile| profile.timeout).unwrap_or_default();
    let signature = match &said {
        Said::Jwt { header, .. } => desk.signature(text, header),
        Said::Encrypted { .. } => {
            Signature::NotChecked("the token is encrypted, and only its audience can read it".into())
        }
        Said::Opaque => Signature::None,
    };
    let activity = match &said {
        Said::Jwt { .. } => Activity::NotAsked("a signed token says itself how long it is good".into()),
        Said::Encrypted { .. } | Said::Opaque => desk.activity(token),
    };
    Inspection { said, signature, activity }
}

struct Desk<'a, 'r> {
    profile: Option<&'a Profile>,
    look: Look,
    environ: &'a Environ,
    deadline: Instant,
    report: Report<'r>,
}

const NO_PROFILE: &str = "no profile says whose it is (`--profile`)";
const OFFLINE: &str = "`--offline`";

impl Desk<'_, '_> {
    /// Checks the signature, where the header allows it, against the keys of the profile's server and of no other: a
    /// token that named its own would be good by its own word.
    fn signature(&mut self, token: &str, header: &Map<String, Value>) -> Signature {
        let algorithm = match signature::algorithm(header) {
            Ok(algorithm) => algorithm,
            Err(verdict) => return verdict,
        };
        let keys = match self.keys() {
            Ok(keys) => keys,
            Err(why) => return Signature::NotChecked(why),
        };
        signature::check(token, header, algorithm, &keys)
    }

    fn keys(&mut self) -> Result<signature::Keys, String> {
        let profile = self.asked()?;
        if profile.insecure {
            return Err("with `insecure`, anybody on the way could give the keys".into());
        }
        let full = self.complete(&profile)?;
        let url = full.jwks_url.as_ref().ok_or_else(|| nothing_names("the server's keys", "jwks_url", &full))?;
        let told = |unread: Unread| format!("`{}`: {}", super::fetch::shown(&url.value), unread.told().0);
        let errand =
            Errand::to("jwks_url", &url.value, &url.origin, &full, self.environ, self.deadline).map_err(told)?;
        let document = errand.read(self.report).map_err(told)?;
        Ok(signature::Keys::read(&document.fields, &super::fetch::shown(&url.value)))
    }

    fn activity(&mut self, token: &AccessToken) -> Activity {
        self.answer(token).unwrap_or_else(Activity::NotAsked)
    }

    fn answer(&mut self, token: &AccessToken) -> Result<Activity, String> {
        let profile = self.asked()?;
        if self.look == Look::Keys {
            return Err(NO_PROFILE.into());
        }
        let full = self.complete(&profile)?;
        let url = full.introspect_url.as_ref();
        let url = url.ok_or_else(|| nothing_names("an introspection endpoint", "introspect_url", &full))?;
        let told = |unread: Unread| format!("`{}`: {}", super::fetch::shown(&url.value), unread.told().0);
        let mut errand =
            Errand::to("introspect_url", &url.value, &url.origin, &full, self.environ, self.deadline).map_err(told)?;
        let fields = errand.ask(token, self.environ, self.report).map_err(told)?.fields;
        match fields.get("active") {
            Some(Value::Bool(true)) => Ok(Activity::Active(fields)),
            Some(Value::Bool(false)) => Ok(Activity::Inactive),
            _ => Err(format!("`{}`: the answer does not say whether it is active", super::fetch::shown(&url.value))),
        }
    }

    /// The profile whose server may be asked something.
    fn asked(&self) -> Result<Profile, String> {
        match (self.look, self.profile) {
            (Look::Offline, _) => Err(OFFLINE.into()),
            (_, None) => Err(NO_PROFILE.into()),
            (_, Some(profile)) => Ok(profile.clone()),
        }
    }

    fn complete(&mut self, profile: &Profile) -> Result<Profile, String> {
        let folder = folder(self.environ);
        let office = Office { environ: self.environ, folder: folder.as_deref() };
        let full = office.complete(profile, self.deadline, self.report);
        full.map(std::borrow::Cow::into_owned).map_err(|error| error.to_string())
    }
}

fn nothing_names(what: &str, key: &str, profile: &Profile) -> String {
    if profile.issuer.is_some() {
        format!("the issuer does not name {what}, and `{key}` is not set")
    } else {
        format!("nothing names {what}: neither `{key}` nor `issuer` is set")
    }
}
