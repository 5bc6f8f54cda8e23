//! What to do about a failed token request.
//!
//! Owns the hints, in the words of Choreo's portal. Never guesses: a hint says what the facts allow, and where they
//! allow nothing there is none.

use std::time::Duration;

use super::failure::{Facts, Failure, FetchError, Probe, Rejected};
use super::response::Rejection;
use super::transport::{Obstacle, Trouble};
use crate::profile::ClientAuth;
use crate::token::access::spoken;

/// The hint for a failure.
pub(super) fn hint(error: &FetchError) -> Option<String> {
    let facts = &error.facts;
    match &error.failure {
        Failure::Obstacle(obstacle) => Some(on_obstacle(obstacle).into()),
        Failure::RawColon => Some("use `basic_encoding = \"form\"` or `client_auth = \"client_secret_post\"`".into()),
        Failure::Unreached { trouble, .. } => on_trouble(trouble, facts),
        Failure::Rejected(rejected) => on_rejection(rejected, facts),
    }
}

fn on_obstacle(obstacle: &Obstacle) -> &'static str {
    match obstacle {
        Obstacle::CaFile { .. } => "a relative path is taken from the folder of the configuration file",
        Obstacle::NoCertificate { .. } => "it has to hold blocks that begin with `-----BEGIN CERTIFICATE-----`",
        Obstacle::Proxy { .. } => "http, https, socks4, socks5 and socks5h are supported",
        Obstacle::Start { .. } => {
            "are the system's CA certificates installed (package ca-certificates)? `ca_file` names others"
        }
    }
}

fn on_trouble(trouble: &Trouble, facts: &Facts) -> Option<String> {
    let through = facts.proxy.as_ref().map(|proxy| format!("the connection goes through the proxy {proxy}"));
    let hint = match trouble {
        Trouble::Dns => "is `token_url` spelt right, and is this machine online?".into(),
        Trouble::Refused if through.is_some() => "is the proxy running?".into(),
        Trouble::Refused => "is the server running, and is the port of `token_url` right?".into(),
        Trouble::ProxyAuth => "write them into HTTPS_PROXY: `http://user:password@host:port`".into(),
        Trouble::ProxyRefused => "does the proxy allow connections to this host and port?".into(),
        Trouble::TimedOut(limit) => format!(
            "`timeout` allows {} in all; does a firewall stand in between, or is a proxy needed?",
            humantime::format_duration(*limit)
        ),
        Trouble::UnknownIssuer if facts.ca_file => {
            "`ca_file` does not hold the certificate of the authority that signed it".into()
        }
        Trouble::UnknownIssuer => {
            "if your company has an authority of its own, name its certificate: `ca_file = \"path.pem\"`".into()
        }
        Trouble::Expired => "is this machine's clock right? else the server's operator has to renew it".into(),
        Trouble::OtherName => "is the host in `token_url` spelt right? its certificate has to name it".into(),
        Trouble::Tls(_) => "does this port speak TLS? an old server may know no version from 1.2 on".into(),
        Trouble::TooLong => "`token_url` has to be the token endpoint; this looks like a download".into(),
        Trouble::Certificate(_) | Trouble::Connection(_) => return through,
    };
    Some(through.map_or_else(|| hint.clone(), |through| format!("{hint} {through}")))
}

fn on_rejection(rejected: &Rejected, facts: &Facts) -> Option<String> {
    if rejected.is_about_the_client() {
        return Some(on_client(rejected, facts));
    }
    match (&rejected.rejection, rejected.code()) {
        // A strict server may find such a header malformed, before it looks for the client.
        (_, Some("invalid_request")) if rejected.beyond_vschar.is_some() => rejected.beyond_vschar.map(beyond_vschar),
        (_, Some(code)) => on_code(code, facts).or_else(|| on_status(rejected)),
        (Rejection::Status { .. }, _) => on_status(rejected),
        (Rejection::Redirect { .. }, _) => {
            Some("write the token endpoint's final address into `token_url`; a redirect to a login page means that it is not the token endpoint".into())
        }
        (Rejection::WebPage, _) => Some(
            "is it a login page, a captive portal or the Developer Portal? `token_url` has to be the Token Endpoint that the portal shows beside the keys"
                .into(),
        ),
        (Rejection::TokenType(_), _) => {
            Some("this tool cannot present such a token; the application may have to be set to Bearer tokens".into())
        }
        (Rejection::NotVschar, _) => {
            Some("it could break out of a header or a quoted word, so it is given to nobody; tell the server's operator".into())
        }
        _ => Some("is `token_url` the token endpoint? the portal shows it beside the consumer key".into()),
    }
}

fn on_client(rejected: &Rejected, facts: &Facts) -> String {
    let mut hints = Vec::new();
    if rejected.next_refused {
        hints.push(format!("`consumer_secret_next`, from {}, is refused, too", facts.next));
    }
    match rejected.probe {
        Some(Probe::Accepted(encoding)) => {
            return format!("the server accepts it with `basic_encoding = \"{}\"`", encoding.name());
        }
        Some(Probe::RefusedToo(encoding)) => {
            hints.push(format!("the other encoding, `basic_encoding = \"{}\"`, is refused, too", encoding.name()));
        }
        None => {}
    }
    hints.extend(rejected.beyond_vschar.map(beyond_vschar));
    hints.push("do key and secret belong to the same application and to this environment (Application Keys)?".into());
    hints.push(match facts.auth {
        ClientAuth::Basic => "some servers want `client_auth = \"client_secret_post\"`".into(),
        ClientAuth::Post => "some servers want `client_auth = \"client_secret_basic\"`".into(),
    });
    hints.join("; ")
}

fn beyond_vschar(which: &str) -> String {
    format!(
        "{which} characters outside printable ASCII (0x20-0x7E): RFC 6749 A.1 and A.2 allow no others, and strict \
         servers (oidc-provider is one) refuse them"
    )
}

/// The codes of RFC 6749 §5.2 and RFC 8707 §2.
fn on_code(code: &str, facts: &Facts) -> Option<String> {
    Some(match code {
        "invalid_request" => {
            "a field is missing, doubled or unknown to the server: `scopes`, `audience`, `resource` and `params` decide which are sent"
                .into()
        }
        "invalid_grant" => "the client credentials grant knows no such thing: is `token_url` the right one?".into(),
        "unauthorized_client" | "unsupported_grant_type" => {
            "allow the client credentials grant (Client Credentials) for this application's keys".into()
        }
        "invalid_scope" if facts.scopes.is_empty() => "the server wants `scopes`; none were asked for".into(),
        "invalid_scope" => format!("asked for: {}; may this application have all of them?", list(&facts.scopes)),
        "invalid_target" => {
            let targets: Vec<String> = facts.resource.iter().chain(&facts.audience).cloned().collect();
            format!("asked for: {}; does the server know it?", list(&targets))
        }
        "temporarily_unavailable" | "server_error" => "try again later".into(),
        _ => return None,
    })
}

fn list(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn on_status(rejected: &Rejected) -> Option<String> {
    Some(match rejected.status {
        403 => {
            "the server knows who asks and does not allow it; or a firewall in front of it refuses this network".into()
        }
        404 | 405 | 410 => {
            "is the path of `token_url` right? the portal shows the Token Endpoint beside the consumer key".into()
        }
        407 => "the proxy wants a user name and a password: write them into HTTPS_PROXY".into(),
        429 => later(rejected.wait, "too many requests"),
        500.. => later(rejected.wait, "the fault is the server's"),
        _ => return None,
    })
}

fn later(wait: Option<Duration>, why: &str) -> String {
    match wait {
        Some(wait) => format!("{why}: try again in {}", spoken(wait)),
        None => format!("{why}: try again later"),
    }
}
