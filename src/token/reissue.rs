//! What becomes of a token when its server is asked for another one.
//!
//! Owns the experiment, and what is remembered of it, by what makes a token request the same. Never runs by itself: it
//! asks for two tokens, which may end the life of one that others use. Never guesses: where it cannot be seen whether
//! the first token still lives, nothing is remembered.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use url::Url;

use super::discovery::Office;
use super::fetch::{Errand, Unread};
use super::{AccessToken, Moment, TokenError, Wanted, access, cache, folder, obtain};
use crate::config::Origin;
use crate::environ::Environ;
use crate::notice::{Notice, Report};
use crate::profile::Profile;
use crate::store::PrivateDir;

/// What a server does when it is asked for another token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reissue {
    /// It gives the same one, until that one ends.
    Same,
    /// It gives a new one, and the one before lives on.
    Independent,
    /// It gives a new one, and ends the one before.
    Revokes,
}

impl Reissue {
    /// It in words.
    #[must_use]
    pub fn told(self) -> &'static str {
        match self {
            Self::Same => "the server gives the same token again until it ends",
            Self::Independent => "the server gives a new token, and the one before lives on",
            Self::Revokes => "the server gives a new token, and ends the one before",
        }
    }
}

/// What the experiment showed.
#[derive(Debug)]
pub struct Probed {
    /// What the server does; `None` where the tokens differ and nothing says whether the first one lives.
    pub behaviour: Option<Reissue>,
    /// What showed it, or why nothing did.
    pub how: String,
}

#[derive(Serialize, Deserialize)]
struct Record {
    version: u32,
    behaviour: Reissue,
}

const VERSION: u32 = 1;
const MOST: u64 = 1024;

/// Asks for two tokens, looks at what becomes of the first, and remembers it.
///
/// # Errors
/// There were no two tokens.
pub fn probe(profile: &Profile, environ: &Environ, report: Report) -> Result<Probed, TokenError> {
    let fresh = Wanted { fresh: true, ..Wanted::default() };
    let first = obtain(profile, &fresh, environ, report)?;
    // One that was obtained in this very millisecond would count as an answer to the next call.
    while Moment::now() <= first.obtained_at() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let second = obtain(profile, &fresh, environ, report)?;
    let probed = if access::same(&first, &second) {
        Probed { behaviour: Some(Reissue::Same), how: "two requests gave one token".into() }
    } else {
        look(profile, &first, &second, environ, report)
    };
    if let Some(behaviour) = probed.behaviour {
        remember(profile, behaviour, environ, report);
    }
    Ok(probed)
}

/// Whether the first of two tokens lives.
fn look(profile: &Profile, first: &AccessToken, second: &AccessToken, environ: &Environ, report: Report) -> Probed {
    let (began, place) = (Instant::now(), folder(environ));
    let office = Office { environ, folder: place.as_deref() };
    let full = office.complete(profile, began + profile.timeout, report);
    let full = full.as_deref().unwrap_or(profile);
    let mut judge = Judge { profile: full, environ, report };
    let by_server = full.introspect_url.as_ref().map(|url| {
        let how = format!("by introspection at `{}`", super::fetch::shown(&url.value));
        (judge.by_introspection(&url.value, &url.origin, first, second), how)
    });
    let by_api = || {
        let url = full.api_url.as_deref().and_then(|text| Url::parse(text).ok());
        let url = url.filter(|url| url.scheme().starts_with("http"))?;
        let how = format!("by calls of `{}`", super::fetch::shown(&url));
        Some((judge.by_calls(&url, first, second), how))
    };
    match by_server.or_else(by_api) {
        Some((Ok(lives), how)) => {
            Probed { behaviour: Some(if lives { Reissue::Independent } else { Reissue::Revokes }), how }
        }
        Some((Err(why), how)) => Probed { behaviour: None, how: format!("{how}: {why}") },
        None => Probed { behaviour: None, how: "neither `introspect_url` nor `api_url` is known".into() },
    }
}

struct Judge<'a, 'r> {
    profile: &'a Profile,
    environ: &'a Environ,
    report: Report<'r>,
}

impl Judge<'_, '_> {
    fn by_introspection(
        &mut self,
        url: &Url,
        origin: &Origin,
        first: &AccessToken,
        second: &AccessToken,
    ) -> Result<bool, String> {
        let mut errand = self.errand("introspect_url", url, origin)?;
        let mut lives = |token| {
            let document = errand.ask(token, self.environ, self.report).map_err(words)?;
            document
                .fields
                .get("active")
                .and_then(serde_json::Value::as_bool)
                .ok_or("the answer does not say".to_owned())
        };
        // A server that finds its newest token inactive does not tell this client about tokens.
        if lives(second)? { lives(first) } else { Err("the new token is said to be inactive, too".into()) }
    }

    /// By what the API answers, where it answers differently to a good token and to one that nobody issued.
    fn by_calls(&mut self, url: &Url, first: &AccessToken, second: &AccessToken) -> Result<bool, String> {
        const UNAUTHORIZED: u16 = 401;
        let errand = self.errand("api_url", url, &Origin::BuiltIn)?;
        let made_up = AccessToken::new("choreo-env-made-this-up".into(), None, Moment::now());
        let made_up = made_up.map_err(|_| String::new())?;
        let mut accepts = |token| errand.show(token, self.report).map(|status| status != UNAUTHORIZED).map_err(words);
        match (accepts(&made_up)?, accepts(second)?) {
            (false, true) => accepts(first),
            (true, _) => Err("it does not refuse a token that nobody issued (HTTP 401)".into()),
            (false, false) => Err("it refuses the new token, too (HTTP 401)".into()),
        }
    }

    fn errand(&self, key: &'static str, url: &Url, origin: &Origin) -> Result<Errand, String> {
        Errand::to(key, url, origin, self.profile, self.environ, Instant::now() + self.profile.timeout).map_err(words)
    }
}

fn words(unread: Unread) -> String {
    unread.told().0
}

fn name(profile: &Profile) -> String {
    format!("{}.reissue", cache::key(profile))
}

fn remember(profile: &Profile, behaviour: Reissue, environ: &Environ, report: Report) {
    let Some(folder) = cache::lasting_folder(environ) else { return };
    let record = Record { version: VERSION, behaviour };
    let kept = serde_json::to_vec(&record)
        .map_err(std::io::Error::other)
        .and_then(|content| PrivateDir::open(&folder)?.write(&name(profile), &content));
    if let Err(error) = kept {
        report(Notice::warning(format!("what was found out is not remembered: `{}`: {error}", folder.display())));
    }
}

/// What is remembered of a profile's server.
#[must_use]
pub fn known(profile: &Profile, environ: &Environ) -> Option<Reissue> {
    let folder = cache::lasting_folder(environ)?;
    let content = PrivateDir::existing(&folder).ok()?.read(&name(profile), MOST).ok()?;
    let record: Record = serde_json::from_slice(&content).ok()?;
    (record.version == VERSION).then_some(record.behaviour)
}

/// Whether a token that is not fresh is still better than another one, since asking cannot give more life, or would end
/// this one while others use it.
pub(super) fn waits(behaviour: Reissue, left: Duration, min_ttl: Option<Duration>) -> bool {
    /// The time that a request with the token needs.
    const IN_FLIGHT: Duration = Duration::from_secs(1);
    /// As late as is safe.
    const LATE: Duration = Duration::from_secs(10);
    match behaviour {
        Reissue::Same => left >= IN_FLIGHT,
        Reissue::Revokes => min_ttl.is_none() && left >= LATE,
        Reissue::Independent => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept_longer_where_asking_is_of_no_use_or_does_harm() {
        let seconds = Duration::from_secs;
        for (behaviour, left, min_ttl, stays) in [
            (Reissue::Same, 5, None, true),
            (Reissue::Same, 5, Some(60), true),
            (Reissue::Same, 0, None, false),
            (Reissue::Revokes, 10, None, true),
            (Reissue::Revokes, 9, None, false),
            (Reissue::Revokes, 30, Some(60), false),
            (Reissue::Independent, 59, None, false),
        ] {
            assert_eq!(
                waits(behaviour, seconds(left), min_ttl.map(seconds)),
                stays,
                "{behaviour:?} {left} {min_ttl:?}"
            );
        }
    }
}
