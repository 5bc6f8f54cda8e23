//! What we were given: a token, and how long it is good for.
//!
//! Owns the rules of what a token may be made of and of when it is fresh. Never reads the clock by itself and never
//! shows a token. Gives answers with reasons, for `status`, `--verbose` and the cache.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroize;

use super::claims;

/// A moment, in milliseconds since 1970 (UTC). Milliseconds, because a token that was asked for in the same second as
/// this call began may be older than the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// The moment of this call, by the system's clock.
    #[must_use]
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// From milliseconds since 1970.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(match time.duration_since(UNIX_EPOCH) {
            Ok(since) => millis(since),
            Err(before) => -millis(before.duration()),
        })
    }
}

/// An access token (RFC 6749 §1.4) with what its server said about it.
#[derive(Clone)]
pub struct AccessToken {
    value: SecretString,
    scope: Option<String>,
    obtained_at: Moment,
    expires_at: Option<i64>,
    lifetime: Option<u64>,
}

/// A token that is empty, or holds a character outside 0x20-0x7E (RFC 6749 A.12). No output takes it: such a character
/// can end a header, a line or a quoted word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotVschar;

impl AccessToken {
    /// A token of type Bearer (RFC 6750), obtained at the given moment.
    ///
    /// # Errors
    /// The value is empty or holds a character that no token may have.
    pub fn new(mut value: String, scope: Option<String>, obtained_at: Moment) -> Result<Self, NotVschar> {
        if value.is_empty() || !value.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) {
            value.zeroize();
            return Err(NotVschar);
        }
        Ok(Self { value: SecretString::from(value), scope, obtained_at, expires_at: None, lifetime: None })
    }

    /// The same token with its end: when it expires in Unix seconds by this machine's clock, and how many seconds it
    /// had left when it was obtained.
    #[must_use]
    pub fn expiring(self, expires_at: i64, lifetime: u64) -> Self {
        Self { expires_at: Some(expires_at), lifetime: Some(lifetime), ..self }
    }

    /// The token itself: VSCHAR only, and not empty.
    #[must_use]
    pub fn value(&self) -> &SecretString {
        &self.value
    }

    /// How it is presented; tokens of other types are refused.
    #[must_use]
    pub fn token_type(&self) -> &'static str {
        "Bearer"
    }

    /// The scopes that were granted, where the server said so (RFC 6749 §3.3).
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// When we got it.
    #[must_use]
    pub fn obtained_at(&self) -> Moment {
        self.obtained_at
    }

    /// When it expires, in Unix seconds by this machine's clock; `None` where nobody said.
    #[must_use]
    pub fn expires_at(&self) -> Option<i64> {
        self.expires_at
    }

    /// How many seconds it had left when we got it.
    #[must_use]
    pub fn lifetime(&self) -> Option<u64> {
        self.lifetime
    }

    /// When its server issued it by its own clock, where the token is a JWT that says so (RFC 7519 §4.1.6).
    #[must_use]
    pub fn issued_at(&self) -> Option<i64> {
        claims::read(self.value.expose_secret())?.iat
    }

    /// Whether it may still be handed out; `min_ttl` is the life that it must have left, and without one a tenth of its
    /// lifetime, but 10 s at least and 60 s at most.
    #[must_use]
    pub fn freshness(&self, now: Moment, min_ttl: Option<Duration>) -> Freshness {
        let (Some(expires_at), Some(lifetime)) = (self.expires_at, self.lifetime) else { return Freshness::Unknown };
        if now.0 < self.obtained_at.0.saturating_sub(CLOCK_TOLERANCE_MS) {
            return Freshness::ClockMovedBack;
        }
        // A clock that went back a little would make the token last longer than its server ever said.
        let most = i64::try_from(lifetime).unwrap_or(i64::MAX).saturating_mul(1000);
        let left = expires_at.saturating_mul(1000).saturating_sub(now.0).min(most);
        let span = Duration::from_millis(left.unsigned_abs());
        let wanted = min_ttl.unwrap_or_else(|| usual_min_ttl(lifetime));
        match left {
            ..=0 => Freshness::Expired { ago: span },
            _ if span < wanted => Freshness::Expiring { left: span, wanted },
            _ => Freshness::Fresh { left: span },
        }
    }

    /// From when on it should be renewed, in Unix seconds: when its life gets shorter than `min_ttl`. Where it is that
    /// short already, because the server gives no more or cannot be reached, not at once again: after half of its life,
    /// or half a minute. `None`: nobody said when it ends.
    #[must_use]
    pub fn renew_at(&self, now: Moment, min_ttl: Option<Duration>) -> Option<i64> {
        const PAUSE: i64 = 30;
        let (expires_at, lifetime) = (self.expires_at?, self.lifetime?);
        let margin = min_ttl.unwrap_or_else(|| usual_min_ttl(lifetime)).as_secs();
        let due = expires_at.saturating_sub_unsigned(margin);
        let (now_s, left) = (now.seconds(), expires_at.saturating_sub(now.seconds()));
        let due =
            if self.freshness(now, min_ttl).is_fresh() { due } else { expires_at.min(now_s + PAUSE.max(left / 2)) };
        Some(due.max(now_s + 1))
    }

    /// The life that it has left, where it has any.
    #[must_use]
    pub fn left(&self, now: Moment) -> Option<Duration> {
        match self.freshness(now, Some(Duration::ZERO)) {
            Freshness::Fresh { left } => Some(left),
            _ => None,
        }
    }
}

/// How far the clock may go back before we stop to believe it: small corrections are an everyday matter.
const CLOCK_TOLERANCE_MS: i64 = 5_000;

/// The scopes that were asked for and are not among those that were granted (RFC 6749 §3.3). One that ends in
/// `/.default` stands for others, which Microsoft's servers grant in its place.
#[must_use]
pub fn not_granted<'a>(asked: &'a [String], granted: &str) -> Vec<&'a str> {
    let has = |scope: &str| granted.split_whitespace().any(|other| other == scope);
    asked.iter().map(String::as_str).filter(|scope| !has(scope) && !scope.ends_with("/.default")).collect()
}

/// Whether two tokens are one and the same.
pub(super) fn same(one: &AccessToken, other: &AccessToken) -> bool {
    one.value.expose_secret() == other.value.expose_secret()
}

fn usual_min_ttl(lifetime: u64) -> Duration {
    Duration::from_secs((lifetime / 10).clamp(10, 60))
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("value", &"***")
            .field("scope", &self.scope)
            .field("obtained_at", &self.obtained_at)
            .field("expires_at", &self.expires_at)
            .field("lifetime", &self.lifetime)
            .finish()
    }
}

/// Whether a token may still be handed out, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It has enough life left.
    Fresh {
        /// How much.
        left: Duration,
    },
    /// It lives, but not for as long as is wanted.
    Expiring {
        /// How much life it has left.
        left: Duration,
        /// How much it should have.
        wanted: Duration,
    },
    /// It is past its end.
    Expired {
        /// For how long.
        ago: Duration,
    },
    /// The clock says that the token comes from the future, so the clock cannot say when it ends.
    ClockMovedBack,
    /// Nobody said when it ends.
    Unknown,
}

impl Freshness {
    /// Whether it may be handed out.
    #[must_use]
    pub fn is_fresh(self) -> bool {
        matches!(self, Self::Fresh { .. })
    }
}

impl fmt::Display for Freshness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fresh { left } => write!(f, "{} left", spoken(*left)),
            Self::Expiring { left, wanted } => {
                write!(f, "{} left, which is less than {}", spoken(*left), spoken(*wanted))
            }
            Self::Expired { ago } => write!(f, "expired {} ago", spoken(*ago)),
            Self::ClockMovedBack => f.write_str("obtained in the future: the clock was set back"),
            Self::Unknown => f.write_str("no expiry known"),
        }
    }
}

/// A duration as people say it, to the second: `14m 12s`.
pub(super) fn spoken(duration: Duration) -> impl fmt::Display {
    humantime::format_duration(Duration::from_secs(duration.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: i64 = 1_700_000_000;

    fn token(lifetime: u64) -> AccessToken {
        let obtained = Moment::from_millis(START * 1000);
        let expires_at = START + i64::try_from(lifetime).expect("small");
        AccessToken::new("abc".into(), None, obtained).expect("VSCHAR").expiring(expires_at, lifetime)
    }

    fn after(seconds: i64) -> Moment {
        Moment::from_millis((START + seconds) * 1000)
    }

    #[test]
    fn a_token_has_to_be_made_of_visible_ascii() {
        for good in ["a", " ", "~", "a.b-c_d=", "'\"$`\\"] {
            assert!(AccessToken::new(good.into(), None, Moment(0)).is_ok(), "{good:?}");
        }
        for bad in ["", "a\n", "a\u{7f}", "é", "\t", "a\0"] {
            assert!(AccessToken::new(bad.into(), None, Moment(0)).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn debug_does_not_show_the_token() {
        let token = AccessToken::new("canary".into(), None, Moment(0)).expect("VSCHAR");
        assert!(!format!("{token:?} {:?}", token.value()).contains("canary"));
    }

    #[test]
    fn the_usual_margin_is_a_tenth_but_10_s_at_least_and_60_s_at_most() {
        for (lifetime, margin) in [(900, 60), (300, 30), (60, 10), (86_400, 60), (5, 10)] {
            assert_eq!(usual_min_ttl(lifetime), Duration::from_secs(margin), "{lifetime}");
        }
    }

    #[test]
    fn a_token_is_fresh_while_it_has_at_least_the_margin_left() {
        let token = token(300);
        assert!(token.freshness(after(270), None).is_fresh());
        let expiring = token.freshness(after(271), None);
        assert_eq!(expiring, Freshness::Expiring { left: Duration::from_secs(29), wanted: Duration::from_secs(30) });
        assert_eq!(expiring.to_string(), "29s left, which is less than 30s");
        assert_eq!(token.freshness(after(300), None).to_string(), "expired 0s ago");
        assert_eq!(token.freshness(after(360), None).to_string(), "expired 1m ago");
        assert!(!token.freshness(after(0), Some(Duration::from_secs(301))).is_fresh());
        assert!(token.freshness(after(0), Some(Duration::from_secs(300))).is_fresh());
    }

    #[test]
    fn a_renewal_is_due_when_the_margin_begins_and_never_at_once() {
        let long = token(900);
        assert_eq!(long.renew_at(after(0), None), Some(START + 840));
        assert_eq!(long.renew_at(after(0), Some(Duration::from_secs(300))), Some(START + 600));
        assert_eq!(long.renew_at(after(840), None), Some(START + 841), "the last second that is fresh enough");
        assert_eq!(long.renew_at(after(850), None), Some(START + 880), "served because the server is away");
        assert_eq!(long.renew_at(after(890), None), Some(START + 900));
        assert_eq!(long.renew_at(after(901), None), Some(START + 902));
        assert_eq!(
            long.renew_at(after(0), Some(Duration::from_secs(3600))),
            Some(START + 450),
            "more than it ever has"
        );
        assert_eq!(token(5).renew_at(after(0), None), Some(START + 5));
        assert_eq!(AccessToken::new("a".into(), None, after(0)).expect("VSCHAR").renew_at(after(0), None), None);
    }

    #[test]
    fn a_clock_that_was_set_back_makes_no_token_live_longer() {
        let token = token(300);
        assert_eq!(token.left(after(-4)), Some(Duration::from_secs(300)));
        assert_eq!(token.freshness(after(-6), None), Freshness::ClockMovedBack);
        assert_eq!(token.left(after(-6)), None);
    }

    #[test]
    fn a_token_without_an_end_is_not_fresh() {
        let token = AccessToken::new("abc".into(), None, after(0)).expect("VSCHAR");
        assert_eq!(token.freshness(after(0), None), Freshness::Unknown);
        assert_eq!(token.left(after(0)), None);
    }

    proptest! {
        #[test]
        fn no_combination_of_times_breaks_the_arithmetic(
            obtained: i64, expires: i64, lifetime: u64, now: i64, min_ttl: u64,
        ) {
            let token = AccessToken::new("abc".into(), None, Moment(obtained)).expect("VSCHAR");
            let token = token.expiring(expires, lifetime);
            let freshness = token.freshness(Moment(now), Some(Duration::from_secs(min_ttl)));
            prop_assert!(!freshness.to_string().is_empty());
            let now = Moment(now);
            let renewal = token.renew_at(now, Some(Duration::from_secs(min_ttl))).expect("an end is known");
            prop_assert!(renewal > now.seconds());
        }
    }
}
