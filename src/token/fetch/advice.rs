//! What to do about a failed token request.
//!
//! Owns the hints, in the words of Choreo's portal. Never guesses: a hint says what the facts allow, and where they
//! allow nothing there is none. Gives one line for each.

use std::time::Duration;

use super::credentials;
use super::facts::Facts;
use super::failure::{Failure, FetchError, Probe, Rejected};
use super::response::Rejection;
use super::transport::{Obstacle, Trouble};
use crate::token::access::spoken;

/// The hint for a failure.
pub(super) fn hint(error: &FetchError) -> Option<String> {
    let facts = &error.facts;
    match &error.failure {
        Failure::Obstacle(obstacle) => Some(on_obstacle(obstacle).into()),
        Failure::RawColon => Some("use `basic_encoding = \"form\"` or `client_auth = \"client_secret_post\"`".into()),
        Failure::Useless { flaw, .. } => Some(flaw.hint()),
        Failure::Unreached { trouble, .. } => on_trouble(trouble, facts),
        Failure::Rejected(rejected) => on_rejection(rejected, facts),
    }
}

/// Why no request can be sent, and what to do.
pub(super) fn on_obstacle(obstacle: &Obstacle) -> &'static str {
    match obstacle {
        Obstacle::CaFile { .. } => "a relative path is taken from the folder of the configuration file",
        Obstacle::NoCertificate { .. } => "it has to hold blocks that begin with `-----BEGIN CERTIFICATE-----`",
        Obstacle::Proxy { .. } => "http, https, socks4, socks5 and socks5h are supported",
        Obstacle::Start { .. } => {
            "are the system's CA certificates installed (package ca-certificates)? `ca_file` names others"
        }
    }
}

/// What to do about a connection that fails.
pub(super) fn on_trouble(trouble: &Trouble, facts: &Facts) -> Option<String> {
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
        Trouble::NotTls => {
            "is it a port for `http`? name the one for `https`; `http` is possible to this machine only".into()
        }
        Trouble::Tls(_) => "does this port speak TLS? an old server may know no version from 1.2 on".into(),
        Trouble::TooLong => "`token_url` has to be the token endpoint; this looks like a download".into(),
        Trouble::ClientCertificate(_) => credentials::certificate(facts).join("\n"),
        Trouble::NoRandom | Trouble::Certificate(_) | Trouble::Connection(_) => return through,
    };
    Some(through.map_or_else(|| hint.clone(), |through| format!("{hint} {through}")))
}

fn on_rejection(rejected: &Rejected, facts: &Facts) -> Option<String> {
    if rejected.is_about_the_client() {
        return Some(credentials::refused(rejected, facts).join("\n"));
    }
    match (&rejected.rejection, rejected.code()) {
        (_, Some("invalid_request")) => Some(on_invalid_request(rejected, facts)),
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

/// A strict server may find the Basic header malformed, before it looks for the client.
fn on_invalid_request(rejected: &Rejected, facts: &Facts) -> String {
    let told_below = matches!(rejected.probe, Some(Probe::RefusedToo(_)));
    let beyond_vschar = rejected.beyond_vschar.filter(|_| !told_below);
    let mut lines: Vec<String> = beyond_vschar.map(credentials::beyond_vschar).into_iter().collect();
    lines.extend(rejected.probe.into_iter().flat_map(|probe| credentials::unread(probe, rejected, facts)));
    if lines.is_empty() || matches!(rejected.probe, Some(Probe::UnreadToo(_))) {
        lines.extend(on_code("invalid_request", facts));
    }
    lines.join("\n")
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
