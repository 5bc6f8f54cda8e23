//! What to say about key and secret where a server refuses them, or may not be able to read them.
//!
//! Owns the facts and the questions, one line each. Never says that a server accepts what it was not seen to accept,
//! and never holds the secret.

use std::time::{Duration, UNIX_EPOCH};

use super::client_auth::Passport;
use super::facts::Facts;
use super::failure::{Probe, Rejected};
use super::response::Rejection;
use crate::notice::plain;
use crate::profile::ClientAuth;

/// The lines for a server that refuses key and secret.
pub(super) fn refused(rejected: &Rejected, facts: &Facts) -> Vec<String> {
    let mut lines = sent(facts);
    if rejected.next_refused {
        lines.push(format!("`consumer_secret_next`, {}, is refused, too", facts.next));
    }
    match rejected.probe {
        Some(Probe::Accepted(encoding)) => {
            lines.push(accepted(encoding.name()));
            return lines;
        }
        Some(Probe::RefusedToo(encoding) | Probe::UnreadToo(encoding)) => {
            lines.push(format!("the other encoding, `basic_encoding = \"{}\"`, is refused, too", encoding.name()));
        }
        Some(Probe::Unclear(_)) | None => {}
    }
    lines.extend(doubts(rejected, facts));
    lines
}

/// The lines for a server that finds a request invalid, where the two encodings write key and secret differently:
/// a Basic header in the encoding that it does not expect is no valid one, to some.
pub(super) fn unread(probe: Probe, rejected: &Rejected, facts: &Facts) -> Vec<String> {
    let mut lines = sent(facts);
    match probe {
        Probe::Accepted(encoding) => lines.push(accepted(encoding.name())),
        Probe::RefusedToo(encoding) => {
            let name = encoding.name();
            lines.push(format!(
                "the server can read the header with `basic_encoding = \"{name}\"`, but refuses key and secret"
            ));
            lines.extend(doubts(rejected, facts));
        }
        Probe::Unclear(encoding) => lines.push(format!(
            "the server may read the Basic header in the other encoding: `basic_encoding = \"{}\"`",
            encoding.name()
        )),
        Probe::UnreadToo(encoding) => {
            return vec![format!("it is the same with `basic_encoding = \"{}\"`", encoding.name())];
        }
    }
    lines
}

/// Characters that the server may not take.
pub(super) fn beyond_vschar(which: &str) -> String {
    format!(
        "{which} characters outside printable ASCII (0x20-0x7E): RFC 6749 A.1 and A.2 allow no others, and strict \
         servers (oidc-provider is one) refuse them"
    )
}

fn accepted(encoding: &str) -> String {
    format!("the server accepts it with `basic_encoding = \"{encoding}\"`")
}

/// What was sent, each with its origin.
fn sent(facts: &Facts) -> Vec<String> {
    let Facts { key, key_origin, secret, auth, encoding, .. } = facts;
    let method = format!("`{}` ({})", auth.value.name(), facts.near(&auth.origin));
    let key = format!("the consumer key is `{key}` ({})", facts.near(key_origin));
    match auth.value {
        ClientAuth::Post => vec![format!("{key}, and the secret is {secret}"), format!("they were sent as {method}")],
        ClientAuth::Basic => {
            let origin = facts.near(&encoding.origin);
            let encoding = format!("`basic_encoding = \"{}\"` ({origin})", encoding.value.name());
            vec![format!("{key}, and the secret is {secret}"), format!("they were sent as {method} with {encoding}")]
        }
        ClientAuth::SecretJwt => vec![
            format!("{key}, and the secret is {secret}"),
            format!("it signed an assertion for the audience `{}`: {method}", plain(&facts.terms.audience)),
        ],
        ClientAuth::PrivateKeyJwt => vec![
            format!("{key}, and the private key is {secret}"),
            format!(
                "it signed an assertion {}, for the audience `{}`: {method}",
                facts.signed.as_deref().unwrap_or_default(),
                plain(&facts.terms.audience)
            ),
        ],
        ClientAuth::Tls | ClientAuth::SelfSignedTls => {
            let shown = std::iter::once(format!("{key}, and a certificate was shown: {method}"));
            shown.chain(certificate(facts)).collect()
        }
        ClientAuth::None => vec![format!("{key}, and nothing proves who sent it: {method}")],
    }
}

/// Which certificate is shown, and until when it is valid.
pub(super) fn certificate(facts: &Facts) -> Vec<String> {
    let Some(path) = &facts.certificate else {
        return vec![
            "`client_auth = \"tls_client_auth\"` shows a certificate, which `client_certificate` names".into(),
        ];
    };
    let whose = facts.passport.as_ref().map(|passport| {
        let Passport { subject, begins, ends } = passport;
        format!(": `{subject}`, valid from {} to {}", day(*begins), day(*ends))
    });
    let (path, origin) = (path.value.display(), facts.near(&path.origin));
    vec![format!("the client's certificate is `{path}` ({origin}){}", whose.unwrap_or_default())]
}

/// A moment in UTC; what is before 1970 shows as its beginning.
fn day(seconds: i64) -> impl std::fmt::Display {
    humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// What may be wrong with them.
fn doubts(rejected: &Rejected, facts: &Facts) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(rejected.blank.map(|which| format!("{which} with a blank; was that copied along with it?")));
    lines.extend(rejected.beyond_vschar.map(beyond_vschar));
    lines.extend(rejected.too_short.map(too_short));
    if matches!(rejected.rejection, Rejection::Status { .. }) {
        lines.push("is `token_url` the token endpoint? an API or its gateway answers like this, too".into());
    }
    lines.extend(questions(facts).map(str::to_owned));
    lines
}

/// What to look at, by the method.
fn questions(facts: &Facts) -> impl Iterator<Item = &'static str> {
    const SAME: &str = "do key and secret belong to the same application and to this environment (Application Keys)?";
    const AUDIENCE: &str = "some servers want another audience, their issuer as a rule: `assertion_audience`";
    let (first, second) = match facts.auth.value {
        ClientAuth::Basic => (SAME, Some("some servers want `client_auth = \"client_secret_post\"`")),
        ClientAuth::Post => (SAME, Some("some servers want `client_auth = \"client_secret_basic\"`")),
        ClientAuth::SecretJwt => (SAME, Some(AUDIENCE)),
        ClientAuth::PrivateKeyJwt if facts.terms.key_id.is_some() => {
            ("has the server the public half of this key, under this key id, and for this application?", Some(AUDIENCE))
        }
        ClientAuth::PrivateKeyJwt => (
            "has the server the public half of this key, for this application? some want its name, too: `key_id`",
            Some(AUDIENCE),
        ),
        ClientAuth::Tls => {
            ("is this subject (or another name in the certificate) what the server has registered?", None)
        }
        ClientAuth::SelfSignedTls => ("has the server this very certificate, for this application?", None),
        ClientAuth::None => ("most servers give the client credentials grant to clients with a secret only", None),
    };
    std::iter::once(first).chain(second)
}

fn too_short(wanted: usize) -> String {
    format!("the secret has less than {wanted} bytes, which RFC 7518 section 3.2 asks for, and some servers, too")
}
