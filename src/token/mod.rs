//! ⑤ What we were given.
//!
//! Owns the way to a token: the cache, the one request for many callers, the answer. Never writes to the terminal,
//! never shows a token, and asks for a secret only when a request has to be made, under the lock. Gives an
//! [`AccessToken`] that is fresh, or says why not.

mod access;
mod cache;
mod claims;
mod discovery;
mod error;
mod fetch;
mod inspect;
mod reissue;
mod revoke;
#[cfg(test)]
pub(crate) mod tests;

use std::borrow::Cow;
use std::cell::Cell;
use std::path::Path;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use crate::config::SecretRef;
use crate::environ::Environ;
use crate::exit::Exit;
use crate::notice::{Notice, Report};
use crate::profile::{BasicEncoding, Profile};
use crate::secret::{self, SecretError};

use cache::{Denial, Lookup, Note, Search};
use discovery::Office;
use fetch::{Fetch, Further};

pub use access::{AccessToken, Freshness, Moment, NotVschar, not_granted};
pub use cache::environment;
pub use discovery::DiscoveryError;
pub use error::TokenError;
pub use fetch::{
    Blocked, CertificateError, FetchError, Name, Passport, Reach, Reached, TokenRequest, basic_pair, passport, proxy,
    reach,
};
pub use inspect::{Activity, Inspection, Look, Said, Signature, inspect};
pub use reissue::{Probed, Reissue, known as reissue, probe as probe_reissue};
pub use revoke::{Revoked, revoke};

/// What a caller wants of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A new one, whatever the cache holds. On some servers that ends the life of the one before.
    pub fresh: bool,
    /// The life that it must have left; before the profile's own `min_ttl`.
    pub min_ttl: Option<Duration>,
    /// The time in all; then nobody is asked anything, either. For a renewal at a prompt, where a person waits who has
    /// asked for nothing.
    pub within: Option<Duration>,
}

/// How much longer than the request itself another caller may take: somebody may be typing the secret there.
const PATIENCE: Duration = Duration::from_secs(60);

/// Gives a token for a profile: from the cache, or from the server, which is asked once for all who wait.
///
/// # Errors
/// Why there is none; a cached token that still has life is served with a warning instead, unless `fresh` was asked.
pub fn obtain(
    profile: &Profile,
    wanted: &Wanted,
    environ: &Environ,
    report: Report,
) -> Result<AccessToken, TokenError> {
    let folder = folder(environ);
    let deadline = wanted.within.map(|within| Instant::now() + within);
    let (began, patience) = (Moment::now(), wanted.within.unwrap_or(profile.timeout + PATIENCE));
    let folder = folder.as_deref();
    Call { profile, wanted, environ, folder, began, patience, deadline, trial: None }.answer(report)
}

/// What a server makes of key and secret in the other Basic encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Other {
    /// It accepts them.
    Accepted(BasicEncoding),
    /// It refuses them.
    Refused(BasicEncoding),
    /// Nobody can tell from its answer.
    Unclear(BasicEncoding),
}

/// Gives a new token, as [`obtain`] does, and says what the server makes of the other Basic encoding, where the two
/// write this key and secret differently; that takes one request more. It comes first, so that on a server that ends
/// the token before with each new one it is the kept token that lives.
pub fn examine(
    profile: &Profile,
    environ: &Environ,
    report: Report,
) -> (Result<AccessToken, TokenError>, Option<Other>) {
    let (folder, wanted, trial) = (folder(environ), Wanted { fresh: true, ..Wanted::default() }, Cell::new(None));
    let (began, patience) = (Moment::now(), profile.timeout + PATIENCE);
    let folder = folder.as_deref();
    let call = Call { profile, wanted: &wanted, environ, folder, began, patience, deadline: None, trial: Some(&trial) };
    let token = call.answer(report);
    (token, trial.get().map(fetch::Probe::other))
}

/// The profile with its token endpoint, which the issuer is asked for where the configuration does not name it. The
/// answer is kept for a while.
///
/// # Errors
/// Why there is no telling where the endpoint is.
pub fn settle<'a>(profile: &'a Profile, environ: &Environ, report: Report) -> Result<Cow<'a, Profile>, TokenError> {
    let folder = folder(environ);
    let deadline = Instant::now() + profile.timeout;
    Ok(Office { environ, folder: folder.as_deref() }.settle(profile, deadline, report)?)
}

/// The token that the cache holds for a profile, whatever its age. Asks nobody and changes nothing.
#[must_use]
pub fn peek(profile: &Profile, environ: &Environ) -> Option<AccessToken> {
    cache::peek(&folder(environ)?, &cache::key(profile))
}

/// The folder that tokens are kept in, whether or not it exists; `None` where the system names no place for it.
#[must_use]
pub fn folder(environ: &Environ) -> Option<PathBuf> {
    cache::folders(environ).into_iter().next()
}

/// Removes a profile's token from the cache, and says whether there was one.
///
/// # Errors
/// Why it could not be removed.
pub fn forget(profile: &Profile, environ: &Environ) -> Result<bool, TokenError> {
    let key = cache::key(profile);
    let mut found = false;
    // From every place: a token may have been kept elsewhere, by a session that had no folder in memory.
    for path in cache::folders(environ) {
        found |= cache::forget(&path, &key).map_err(|source| TokenError::Cache { path, source })?;
    }
    Ok(found)
}

/// Removes every token from the cache, also those of profiles that are gone, and says how many there were.
///
/// # Errors
/// Why they could not be removed.
pub fn forget_all(environ: &Environ) -> Result<usize, TokenError> {
    let forget = |path: PathBuf| cache::forget_all(&path).map_err(|source| TokenError::Cache { path, source });
    cache::folders(environ).into_iter().map(forget).sum()
}

/// One call of [`obtain`], and what it depends on.
struct Call<'a> {
    profile: &'a Profile,
    wanted: &'a Wanted,
    environ: &'a Environ,
    /// The cache's folder.
    folder: Option<&'a Path>,
    began: Moment,
    /// How long to wait for another caller.
    patience: Duration,
    /// Where to put what the server says to the other Basic encoding; `None`: nobody wants to know.
    trial: Option<&'a Cell<Option<fetch::Probe>>>,
    /// The end of the time in all, where there is one.
    deadline: Option<Instant>,
}

impl Call<'_> {
    fn answer(&self, report: Report) -> Result<AccessToken, TokenError> {
        let search = Search {
            key: &cache::key(self.profile),
            means: &cache::means(self.profile),
            accept: &|token| self.accepts(token),
            began: self.began,
            patience: self.patience,
        };
        if let Some(folder) = self.folder {
            report(Notice::detail(format!("the token cache is `{}`", folder.display())));
        }
        match cache::lookup(self.folder, &search, report) {
            Lookup::Hit(token) => {
                let freshness = token.freshness(Moment::now(), self.min_ttl());
                report(Notice::detail(format!("the token is from the cache: {freshness}; the secret was not needed")));
                Ok(token)
            }
            Lookup::Denied { denial, last } => self.last_resort(self.denied(denial), last, report),
            Lookup::Miss(flight) => {
                self.say_why(flight.last(), report);
                match self.fetch(report) {
                    Ok(token) => {
                        self.warn_if_short(&token, report);
                        self.warn_if_narrow(&token, report);
                        flight.save(&token, report);
                        Ok(token)
                    }
                    Err(error) => {
                        let note = self.note(&error, search.means);
                        self.last_resort(error, flight.fail(note.as_ref()), report)
                    }
                }
            }
        }
    }

    /// Why the server is asked.
    fn say_why(&self, last: Option<&AccessToken>, report: Report) {
        report(Notice::detail(match last {
            None => "the cache has no token for this profile".into(),
            Some(_) if self.wanted.fresh => "the token in the cache is not used: a fresh one was asked for".into(),
            Some(token) => {
                let freshness = token.freshness(Moment::now(), self.min_ttl());
                format!("the token in the cache is not used: {freshness}")
            }
        }));
    }

    fn min_ttl(&self) -> Option<Duration> {
        self.wanted.min_ttl.or(self.profile.min_ttl)
    }

    /// Whether a cached token will do. One that was obtained after this call began is as new as any that we could get
    /// ourselves, so it will do while it lives: that is how callers who ask for a fresh one at the same time share it.
    fn accepts(&self, token: &AccessToken) -> bool {
        let now = Moment::now();
        let is_new = token.obtained_at() >= self.began && token.left(now).is_some();
        is_new || (!self.wanted.fresh && (token.freshness(now, self.min_ttl()).is_fresh() || self.waits(token, now)))
    }

    /// Whether the server is known to be one that should not be asked early.
    fn waits(&self, token: &AccessToken, now: Moment) -> bool {
        let Some(left) = token.left(now) else { return false };
        let behaviour = reissue::known(self.profile, self.environ);
        behaviour.is_some_and(|behaviour| reissue::waits(behaviour, left, self.min_ttl()))
    }

    /// Asks the server; only now is the secret needed.
    fn fetch(&self, report: Report) -> Result<AccessToken, TokenError> {
        report(Notice::Slow);
        if self.wanted.fresh {
            // WSO2's servers keep one active token for an application, user and set of scopes.
            let what = match reissue::known(self.profile, self.environ) {
                None => Some("a new token may end the life of the one before, which others may still be using"),
                Some(Reissue::Revokes) => {
                    Some("a new token ends the life of the one before, which others may still be using")
                }
                Some(Reissue::Same) => Some("this server gives the same token again until it ends"),
                Some(Reissue::Independent) => None,
            };
            if let Some(what) = what {
                report(Notice::warning(format!("profile `{}`: {what}", self.profile.name)));
            }
        }
        let began = Instant::now();
        let office = Office { environ: self.environ, folder: self.folder };
        let time = self.left().map_or(self.profile.timeout, |left| left.min(self.profile.timeout));
        let profile = &*office.settle(self.profile, began + time, report)?;
        let mut fetch = Fetch::prepare(profile, self.environ, report)?.having_spent(began.elapsed());
        let proof = fetch.prove(profile, &|key, report| self.reveal(profile, key, report), report)?;
        let next = |report: Report| self.reveal(profile, "consumer_secret_next", report);
        let next = profile.consumer_secret_next.as_ref().map(|_| &next as fetch::Next);
        let answer = fetch.within(self.left()).send(&proof, &Further { next, trial: self.trial }, report);
        // An endpoint that fails may be one that the server had yesterday.
        Ok(answer.inspect_err(|_| office.forget(self.profile))?)
    }

    fn reveal(&self, profile: &Profile, key: &'static str, report: Report) -> Result<SecretString, SecretError> {
        match self.left() {
            None => secret::reveal(profile, key, self.environ, report),
            Some(left) => secret::reveal_unasked(profile, key, left, self.environ, report),
        }
    }

    /// What is left of the time in all, where that is limited.
    fn left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    fn denied(&self, denial: Denial) -> TokenError {
        match denial {
            Denial::Held { lock, waited } => {
                TokenError::LockTimeout { profile: self.profile.name.clone(), path: lock, waited }
            }
            Denial::Failed(note) => {
                let exit = note.exit();
                TokenError::Shared { message: note.message, hint: note.hint, exit }
            }
        }
    }

    /// Where the secret of the profile's method is, where something says so.
    fn reference(&self) -> Option<&SecretRef> {
        let key = self.profile.client_auth.value.secret_key().unwrap_or("private_key");
        secret::reference(self.profile, key).map(|reference| &reference.value)
    }

    /// What those who waited are told. A failure that the next one may not meet is not passed on: a variable that is
    /// not set here may be set there, and looking costs nothing.
    fn note(&self, error: &TokenError, means: &str) -> Option<Note> {
        let costly =
            matches!(self.reference(), Some(SecretRef::Command(_) | SecretRef::Keyring | SecretRef::Prompt) | None);
        let shared = match error.exit() {
            Exit::Refused | Exit::Network | Exit::Untrusted => true,
            Exit::Secret => costly,
            _ => false,
        };
        shared.then(|| Note::new(means.to_owned(), error.to_string(), error.hint(), error.exit()))
    }

    /// Serves the cached token while it has life, and says why; else the error stands.
    fn last_resort(
        &self,
        error: TokenError,
        last: Option<AccessToken>,
        report: Report,
    ) -> Result<AccessToken, TokenError> {
        let living = last.and_then(|token| token.left(Moment::now()).map(|left| (token, left)));
        match living.filter(|_| !self.wanted.fresh) {
            Some((token, left)) => {
                report(Notice::Warning {
                    message: format!("{error}; the cached token is served, it has {} left", access::spoken(left)),
                    hint: error.hint(),
                });
                Ok(token)
            }
            None => Err(error),
        }
    }

    fn warn_if_short(&self, token: &AccessToken, report: Report) {
        let freshness = token.freshness(Moment::now(), Some(self.min_ttl().unwrap_or_default()));
        let problem = match freshness {
            Freshness::Expiring { .. } => format!("the new token does not live long: {freshness}"),
            Freshness::Expired { .. } => "by the server's own word, the new token has no life left".into(),
            _ => return,
        };
        report(Notice::warning(format!("profile `{}`: {problem}", self.profile.name)));
    }

    /// A server that grants less than was asked for has to say so (RFC 6749 §5.1), and nobody reads the answer but us.
    fn warn_if_narrow(&self, token: &AccessToken, report: Report) {
        let Some(granted) = token.scope() else { return };
        let missing = not_granted(&self.profile.scopes, granted);
        if missing.is_empty() {
            return;
        }
        let list = |scopes: &mut dyn Iterator<Item = &str>| {
            scopes.map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(", ")
        };
        let granted = match list(&mut granted.split_whitespace()) {
            none if none.is_empty() => "none".into(),
            some => some,
        };
        report(Notice::warning_with_hint(
            format!(
                "profile `{}`: the server did not grant {}; it granted {granted}",
                self.profile.name,
                list(&mut missing.into_iter())
            ),
            "may this application have all of `scopes`?",
        ));
    }
}
