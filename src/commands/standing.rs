//! How a profile stands, as far as that is known without asking anybody: what `status` and `list` say.
//!
//! Owns the five states, their names and their exit statuses. Never asks for a secret, takes a lock or connects.

use serde::Serialize;

use crate::config::{Loaded, ProfileName};
use crate::environ::Environ;
use crate::exit::Exit;
use crate::notice::plain;
use crate::profile::{self, ProfileError};
use crate::term::Tone;
use crate::token::{self, AccessToken, Freshness, Moment};

/// The states, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// The cached token has enough life left.
    Usable,
    /// The cached token lives, but the next call asks for another one.
    Expiring,
    /// The cached token cannot be used any more.
    Expired,
    /// No token is cached.
    None,
    /// The profile has mistakes.
    Misconfigured,
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Usable => "usable",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::None => "none",
            Self::Misconfigured => "misconfigured",
        }
    }

    pub(super) fn exit(self) -> Exit {
        match self {
            Self::Usable => Exit::Fine,
            Self::Expiring => Exit::Expiring,
            Self::Expired => Exit::Expired,
            Self::None => Exit::NoToken,
            Self::Misconfigured => Exit::Config,
        }
    }

    pub(super) fn tone(self) -> Tone {
        match self {
            Self::Usable => Tone::Good,
            Self::Expiring | Self::Expired => Tone::Warning,
            Self::None => Tone::Quiet,
            Self::Misconfigured => Tone::Bad,
        }
    }
}

/// How a profile stands.
#[derive(Serialize)]
pub(super) struct Standing {
    pub(super) state: State,
    /// Whether the profile is complete and valid.
    configured: bool,
    /// Whether a token is cached, of whatever age.
    cached: bool,
    /// Unix seconds, by this machine's clock.
    expires_at: Option<i64>,
    /// Seconds; nothing where the token's life is over.
    expires_in: Option<u64>,
    /// Why that is the state, in words: of a token that lives, how long.
    pub(super) reason: String,
}

impl Standing {
    /// Looks at the profile and at the cache.
    pub(super) fn of(name: &ProfileName, loaded: &Loaded, environ: &Environ) -> Self {
        match profile::resolve(name, loaded) {
            Err(error) => Self::misconfigured(name, &error),
            Ok(profile) => {
                let now = Moment::now();
                let token = token::peek(&profile, environ);
                let freshness = token.as_ref().map(|token| token.freshness(now, profile.min_ttl));
                Self {
                    state: freshness.map_or(State::None, state),
                    configured: true,
                    cached: token.is_some(),
                    expires_at: token.as_ref().and_then(AccessToken::expires_at),
                    expires_in: token.as_ref().and_then(|token| token.left(now)).map(|left| left.as_secs()),
                    reason: freshness.map_or_else(|| "no token is cached".into(), |freshness| freshness.to_string()),
                }
            }
        }
    }

    fn misconfigured(name: &ProfileName, error: &ProfileError) -> Self {
        let message = plain(&error.to_string());
        // The row names the profile already.
        let reason = message.strip_prefix(&format!("profile `{name}`: ")).map(str::to_owned).unwrap_or(message);
        Self {
            state: State::Misconfigured,
            configured: false,
            cached: false,
            expires_at: None,
            expires_in: None,
            reason,
        }
    }
}

/// What the next call would make of the token: where nobody can tell its end, it asks for another one.
fn state(freshness: Freshness) -> State {
    match freshness {
        Freshness::Fresh { .. } => State::Usable,
        Freshness::Expiring { .. } => State::Expiring,
        Freshness::Expired { .. } | Freshness::ClockMovedBack | Freshness::Unknown => State::Expired,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_state_is_the_greatest() {
        let states = [State::Usable, State::Expiring, State::Expired, State::None, State::Misconfigured];
        assert!(states.is_sorted());
        assert_eq!(states.map(|state| state.exit() as u8), [0, 10, 11, 12, 3]);
    }
}
