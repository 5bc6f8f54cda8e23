//! What there is to say of a token, before it is said.
//!
//! Owns which of several sources counts for a value: the server's answer before the token's own claims. Claims stay as
//! they came; the JSON has every character escaped that a terminal might act on.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::profile::Profile;
use crate::token::{AccessToken, Activity, Inspection, Moment, Said, Signature, not_granted};

/// Where a token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Cache,
    Server,
    Stdin,
}

impl Source {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::Server => "server",
            Self::Stdin => "stdin",
        }
    }
}

/// What there is to say.
pub(super) struct Summary {
    pub(super) profile: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) source: Source,
    pub(super) inspection: Inspection,
    /// Unix seconds, as all times.
    pub(super) now: i64,
    pub(super) issued_at: Option<i64>,
    pub(super) expires_at: Option<i64>,
    pub(super) audience: Vec<String>,
    pub(super) asked: Vec<String>,
    /// `None`: nobody says.
    pub(super) granted: Option<Vec<String>>,
    pub(super) missing: Vec<String>,
}

impl Summary {
    pub(super) fn of(token: &AccessToken, source: Source, profile: Option<&Profile>, inspection: Inspection) -> Self {
        let nothing = Map::new();
        let claims = claims_of(&inspection).unwrap_or(&nothing);
        let date = |name: &str| claims.get(name).and_then(date);
        let granted = token.scope().map(str::to_owned).or_else(|| scopes(claims));
        let own = profile.filter(|_| source != Source::Stdin); // nobody knows what another token was asked for with
        let asked = own.map(|profile| profile.scopes.clone()).unwrap_or_default();
        let missing = granted.as_deref().map(|granted| not_granted(&asked, granted)).unwrap_or_default();
        Self {
            profile: profile.map(|profile| profile.name.to_string()),
            issuer: profile.and_then(|profile| Some(profile.issuer.as_ref()?.value.text().to_owned())),
            source,
            now: Moment::now().seconds(),
            issued_at: date("iat").or((source != Source::Stdin).then(|| token.obtained_at().seconds())),
            expires_at: token.expires_at().or(date("exp")),
            audience: audience(claims),
            missing: missing.into_iter().map(str::to_owned).collect(),
            granted: granted.map(|text| text.split_whitespace().map(str::to_owned).collect()),
            asked,
            inspection,
        }
    }

    /// What the token claims, or its server says of it.
    pub(super) fn claims(&self) -> Option<&Map<String, Value>> {
        claims_of(&self.inspection)
    }

    pub(super) fn kind(&self) -> &'static str {
        match self.inspection.said {
            Said::Jwt { .. } => "jwt",
            Said::Encrypted { .. } => "encrypted",
            Said::Opaque => "opaque",
        }
    }

    /// Whether it is not to be believed, or its server has ended it.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self.inspection.signature, Signature::Invalid(_))
            || matches!(self.inspection.activity, Activity::Inactive)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.expires_at.is_some_and(|end| end <= self.now)
    }

    pub(super) fn json(&self) -> String {
        let header = match &self.inspection.said {
            Said::Jwt { header, .. } | Said::Encrypted { header } => Some(header),
            Said::Opaque => None,
        };
        let active = match self.inspection.activity {
            Activity::Active(_) => Some(true),
            Activity::Inactive => Some(false),
            Activity::NotAsked(_) => None,
        };
        escaped(&super::super::json(&json!({
            "profile": self.profile,
            "source": self.source.name(),
            "kind": self.kind(),
            "header": header,
            "claims": self.claims(),
            "issued_at": self.issued_at,
            "expires_at": self.expires_at,
            "expires_in": self.expires_at.map(|end| (end - self.now).max(0)),
            "audience": self.audience,
            "scopes": { "asked": self.asked, "granted": self.granted, "missing": self.missing },
            "signature": signature(&self.inspection.signature),
            "active": active,
        })))
    }
}

fn signature(signature: &Signature) -> Value {
    match signature {
        Signature::Valid { algorithm, key, source } => {
            json!({ "verdict": "valid", "algorithm": algorithm, "key": key, "source": source })
        }
        Signature::Invalid(why) => json!({ "verdict": "invalid", "reason": why }),
        Signature::NotChecked(why) => json!({ "verdict": "not checked", "reason": why }),
        Signature::None => json!({ "verdict": "none" }),
    }
}

fn claims_of(inspection: &Inspection) -> Option<&Map<String, Value>> {
    match (&inspection.said, &inspection.activity) {
        (Said::Jwt { claims, .. }, _) | (_, Activity::Active(claims)) => Some(claims),
        _ => None,
    }
}

/// A `NumericDate` (RFC 7519 §2), which may have a fraction. What is not between 1970 and the year 9999 is no date.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
pub(super) fn date(value: &Value) -> Option<i64> {
    let seconds = value.as_f64()?;
    (0.0..253_402_300_800.0).contains(&seconds).then_some(seconds as i64)
}

/// `scope` (RFC 9068 §2.2.3), or `scp` as some servers have it, also as a list.
fn scopes(claims: &Map<String, Value>) -> Option<String> {
    match claims.get("scope").or(claims.get("scp"))? {
        Value::String(text) => Some(text.clone()),
        Value::Array(list) => Some(list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
        _ => None,
    }
}

/// One audience or several (RFC 7519 §4.1.3).
fn audience(claims: &Map<String, Value>) -> Vec<String> {
    match claims.get("aud") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// JSON with every character escaped that a terminal might act on. Such a character can only stand in a text.
fn escaped(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut text, c| {
        let acts = c != '\n' && crate::notice::plain(c.encode_utf8(&mut [0; 4])).is_empty();
        match (acts, u32::from(c)) {
            (true, code) => _ = write!(text, "\\u{code:04x}"), // writing to a String cannot fail
            (false, _) => text.push(c),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_the_same_and_nothing_that_a_terminal_acts_on() {
        let value = json!({ "a\u{9b}": "b\u{7f}c\u{202e}d\u{1b}", "n": [1, null] });
        let text = escaped(&serde_json::to_string_pretty(&value).expect("JSON"));
        assert!(text.is_ascii() && !text.contains(|c: char| c.is_control() && c != '\n'), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value);
    }

    #[test]
    fn scopes_and_audience_are_read_in_each_form() {
        let read = |json: Value| {
            let claims = json.as_object().expect("an object").clone();
            (scopes(&claims), audience(&claims))
        };
        assert_eq!(read(json!({ "scope": "a b", "aud": "x" })), (Some("a b".into()), vec!["x".into()]));
        assert_eq!(
            read(json!({ "scp": ["a", "b", 5], "aud": ["x", 5, "y"] })),
            (Some("a b".into()), vec!["x".into(), "y".into()])
        );
        assert_eq!(read(json!({ "scope": 5, "aud": {} })), (None, vec![]));
    }
}
