//! Whether to ask again, and when.
//!
//! Owns the number of attempts and the waits between them. Never waits by itself and never looks at the clock. Gives
//! a decision that is made of what happened and of the time that is left.

use std::time::Duration;

/// How often a request is sent at most.
pub(super) const ATTEMPTS: u32 = 3;

/// What an attempt came to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    /// Another attempt would come to the same.
    Final,
    /// It may go better later; the server may have said when.
    Later(Option<Duration>),
}

/// The wait before the next attempt; `None` if there is none: all are used up, or the wait would not end in time.
pub(super) fn pause(outcome: Outcome, attempt: u32, left: Duration, chance: f64) -> Option<Duration> {
    let Outcome::Later(asked) = outcome else { return None };
    let pause = asked.unwrap_or_else(|| backoff(attempt, chance));
    (attempt < ATTEMPTS && pause < left).then_some(pause)
}

/// 200 ms, then twice as much each time, between half and all of it: callers that failed together do not come back
/// together.
fn backoff(attempt: u32, chance: f64) -> Duration {
    const FIRST: Duration = Duration::from_millis(200);
    (FIRST * 2_u32.saturating_pow(attempt.saturating_sub(1))).mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(10);

    #[test]
    fn what_is_final_is_not_tried_again() {
        assert_eq!(pause(Outcome::Final, 1, LONG, 1.0), None);
    }

    #[test]
    fn the_waits_grow_and_the_attempts_end() {
        let waits = [1, 2, 3].map(|attempt| pause(Outcome::Later(None), attempt, LONG, 1.0));
        assert_eq!(waits, [Some(Duration::from_millis(200)), Some(Duration::from_millis(400)), None]);
        assert_eq!(pause(Outcome::Later(None), 1, LONG, 0.0), Some(Duration::from_millis(100)));
    }

    #[test]
    fn the_servers_wish_is_respected_if_it_fits() {
        let asked = |seconds| Outcome::Later(Some(Duration::from_secs(seconds)));
        assert_eq!(pause(asked(9), 1, LONG, 1.0), Some(Duration::from_secs(9)));
        assert_eq!(pause(asked(0), 1, LONG, 1.0), Some(Duration::ZERO));
        assert_eq!(pause(asked(10), 1, LONG, 1.0), None);
        assert_eq!(pause(Outcome::Later(None), 1, Duration::from_millis(100), 1.0), None);
    }
}
