//! Times as people write them: seconds, or text like `90s` and `1m 30s`. Arguments and files read them alike.

use std::time::Duration;

/// Reads a time: seconds, or text like `90s` and `1m 30s`.
///
/// # Errors
/// A phrase that says what a time looks like.
pub fn parse(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().map(Duration::from_secs);
    let span = seconds.or_else(|| humantime::parse_duration(text).ok());
    // The bound keeps every sum of times far from overflow.
    span.filter(|span| span.as_secs() <= 366 * 24 * 3600)
        .ok_or_else(|| "must be seconds or a time such as `90s` or `5m`, a year at most".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_have_a_unit() {
        assert_eq!(parse("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("1m 30s"), Ok(Duration::from_secs(90)));
        for bad in ["", "-1", "5 parsecs", "99999999999999999999", "2years"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
