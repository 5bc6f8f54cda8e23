//! What to say about key and secret where a server refuses them, or may not be able to read them.
//!
//! Owns the facts and the questions, one line each. Never says that a server accepts what it was not seen to accept,
//! and never holds the secret.

use super::failure::{Facts, Probe, Rejected};
use super::response::Rejection;
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
    let method = format!("they were sent as `{}` ({})", auth.value.name(), facts.near(&auth.origin));
    vec![
        format!("the consumer key is `{key}` ({}), and the secret is {secret}", facts.near(key_origin)),
        match auth.value {
            ClientAuth::Post => method,
            ClientAuth::Basic => {
                let origin = facts.near(&encoding.origin);
                format!("{method} with `basic_encoding = \"{}\"` ({origin})", encoding.value.name())
            }
        },
    ]
}

/// What may be wrong with them.
fn doubts(rejected: &Rejected, facts: &Facts) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(rejected.blank.map(|which| format!("{which} with a blank; was that copied along with it?")));
    lines.extend(rejected.beyond_vschar.map(beyond_vschar));
    if matches!(rejected.rejection, Rejection::Status { .. }) {
        lines.push("is `token_url` the token endpoint? an API or its gateway answers like this, too".into());
    }
    lines.push("do key and secret belong to the same application and to this environment (Application Keys)?".into());
    lines.push(match facts.auth.value {
        ClientAuth::Basic => "some servers want `client_auth = \"client_secret_post\"`".into(),
        ClientAuth::Post => "some servers want `client_auth = \"client_secret_basic\"`".into(),
    });
    lines
}
