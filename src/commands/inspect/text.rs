//! The page that people read.
//!
//! Owns words, columns and the bar. Never lets a text of the token reach the terminal as it came.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Map, Value};

use super::summary::{Source, Summary, date};
use crate::notice::plain;
use crate::term::{Paint, Tone};
use crate::token::{Activity, Inspection, Said, Signature};

/// The whole page; with a bar where there is a terminal to draw it on.
pub(super) fn page(summary: &Summary, terminal: bool, paint: Paint) -> String {
    let mut rows = vec![("token", kind(summary))];
    rows.extend(issuer(summary).map(|text| ("issuer", text)));
    rows.extend((!summary.audience.is_empty()).then(|| ("audience", plain(&summary.audience.join(", ")))));
    rows.extend(scopes(summary, paint).map(|text| ("scopes", text)));
    rows.extend(summary.issued_at.map(|at| ("issued", moment(at, summary.now))));
    rows.extend(summary.expires_at.map(|at| ("expires", expiry(at, summary, paint))));
    rows.extend(lifetime(summary, terminal, paint).map(|text| ("lifetime", text)));
    rows.push(("signature", signature(&summary.inspection.signature, paint)));
    rows.extend(activity(&summary.inspection, paint).map(|text| ("server", text)));
    let mut page = rows.iter().fold(String::new(), |page, (name, text)| page + &format!("{name:9}  {text}\n"));
    if let Said::Jwt { header, .. } | Said::Encrypted { header } = &summary.inspection.said {
        page += &section("header", header, summary.now);
    }
    if let Some(claims) = summary.claims() {
        page += &section("claims", claims, summary.now);
    }
    page
}

fn kind(summary: &Summary) -> String {
    let kind = match summary.inspection.said {
        Said::Jwt { .. } => "signed (JWT)",
        Said::Encrypted { .. } => "encrypted (JWE)",
        Said::Opaque => "opaque",
    };
    match (&summary.profile, summary.source) {
        (Some(name), Source::Cache) => format!("{kind}, of profile `{name}`, from the cache"),
        (Some(name), Source::Server) => format!("{kind}, of profile `{name}`, new from the server"),
        (Some(name), Source::Stdin) => format!("{kind}, from standard input, for profile `{name}`"),
        (None, _) => format!("{kind}, from standard input"),
    }
}

fn issuer(summary: &Summary) -> Option<String> {
    let named = summary.claims()?.get("iss")?.as_str()?;
    let other = summary.issuer.as_deref().filter(|issuer| *issuer != named);
    let other = other.map(|issuer| format!(", where the profile has `{issuer}`"));
    Some(plain(named) + &other.unwrap_or_default())
}

fn scopes(summary: &Summary, paint: Paint) -> Option<String> {
    let missing = (!summary.missing.is_empty()).then(|| {
        let text = format!("asked for and not granted: {}", plain(&summary.missing.join(" ")));
        paint.tone(Tone::Warning, &text)
    });
    match &summary.granted {
        None if summary.asked.is_empty() => None,
        // RFC 6749 §5.1: a server that says nothing has granted what was asked for.
        None => Some(format!("{} (as asked for; the server does not say)", summary.asked.join(" "))),
        Some(granted) => {
            let granted = if granted.is_empty() { "none".into() } else { plain(&granted.join(" ")) };
            Some(missing.map_or(granted.clone(), |missing| format!("{granted}; {missing}")))
        }
    }
}

/// A moment, and how far away it is.
fn moment(at: i64, now: i64) -> String {
    let away = spoken(at.abs_diff(now));
    let words = if at > now { format!("in {away}") } else { format!("{away} ago") };
    format!("{}, {words}", rfc3339(at))
}

fn rfc3339(at: i64) -> String {
    humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(u64::try_from(at).unwrap_or(0))).to_string()
}

fn spoken(seconds: u64) -> String {
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}

fn expiry(at: i64, summary: &Summary, paint: Paint) -> String {
    let tone = if summary.has_ended() { Tone::Bad } else { Tone::Good };
    paint.tone(tone, &moment(at, summary.now))
}

/// How much of its life is over.
fn lifetime(summary: &Summary, terminal: bool, paint: Paint) -> Option<String> {
    const WIDTH: u64 = 24;
    let (begin, end) = (summary.issued_at?, summary.expires_at?);
    let whole = u64::try_from(end.checked_sub(begin)?).ok().filter(|whole| *whole > 0)?;
    let over = u64::try_from(summary.now.saturating_sub(begin)).unwrap_or(0).min(whole);
    let words = format!("{} of {}", spoken(over), spoken(whole));
    if !terminal {
        return Some(format!("{words}, {} %", u128::from(over) * 100 / u128::from(whole)));
    }
    let full = usize::try_from(u128::from(over) * u128::from(WIDTH) / u128::from(whole)).unwrap_or(0);
    let rest = usize::try_from(WIDTH).unwrap_or(0).saturating_sub(full);
    let tone = if summary.has_ended() { Tone::Bad } else { Tone::Good };
    Some(format!("{}{}  {words}", "█".repeat(full), paint.tone(tone, &"░".repeat(rest))))
}

fn signature(signature: &Signature, paint: Paint) -> String {
    match signature {
        Signature::Valid { algorithm, key, source } => {
            let key = key.as_ref().map(|key| format!(", key `{key}`")).unwrap_or_default();
            format!("{}: {algorithm}{key}, from `{source}`", paint.tone(Tone::Good, "valid"))
        }
        Signature::Invalid(why) => format!("{}: {}", paint.tone(Tone::Bad, "invalid"), plain(why)),
        Signature::NotChecked(why) => format!("{}: {}", paint.tone(Tone::Warning, "not checked"), plain(why)),
        Signature::None => "none: the token is opaque".into(),
    }
}

/// What the server says; of a signed token, which nobody asks it about, nothing.
fn activity(inspection: &Inspection, paint: Paint) -> Option<String> {
    match &inspection.activity {
        _ if matches!(inspection.said, Said::Jwt { .. }) => None,
        Activity::Active(_) => {
            Some(format!("{}: the server says that the token is good", paint.tone(Tone::Good, "active")))
        }
        Activity::Inactive => {
            Some(format!("{}: the server does not know the token, or has ended it", paint.tone(Tone::Bad, "inactive")))
        }
        Activity::NotAsked(why) => Some(format!("not asked: {}", plain(why))),
    }
}

/// The names of claims that are times (RFC 7519 §4.1, `OpenID` Connect Core §2).
const TIMES: [&str; 5] = ["iat", "nbf", "exp", "auth_time", "updated_at"];

fn section(title: &str, fields: &Map<String, Value>, now: i64) -> String {
    let width = fields.keys().map(|name| plain(name).chars().count()).max().unwrap_or(0).min(24);
    let line = |(name, value): (&String, &Value)| {
        let time = date(value).filter(|_| TIMES.contains(&name.as_str()));
        let time = time.map(|at| format!("  ({})", moment(at, now))).unwrap_or_default();
        format!("  {:width$}  {}{time}\n", plain(name), shown(value))
    };
    format!("\n{title}\n{}", fields.iter().map(line).collect::<String>())
}

/// A value in one line; texts without their quotes.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => plain(text),
        other => plain(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_with_its_distance() {
        assert_eq!(moment(1_700_000_900, 1_700_000_000), "2023-11-14T22:28:20Z, in 15m");
        assert_eq!(moment(1_700_000_000, 1_700_000_061), "2023-11-14T22:13:20Z, 1m 1s ago");
    }

    #[test]
    fn no_claim_steers_the_terminal() {
        let fields =
            serde_json::json!({ "a\u{1b}[2J": "b\u{9b}\nc\u{202e}", "list": ["\u{1b}"], "exp": 1_700_000_000 });
        let text = section("claims", fields.as_object().expect("an object"), 1_700_000_060);
        assert!(!text.replace('\n', "").contains(char::is_control) && !text.contains('\u{202e}'), "{text:?}");
        assert!(text.contains("1700000000  (2023-11-14T22:13:20Z, 1m ago)"), "{text}");
        assert_eq!(text.lines().count(), 5);
    }
}
