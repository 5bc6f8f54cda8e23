//! Checks of the way to the token endpoint.

use std::fmt::Display;
use std::time::{Duration, UNIX_EPOCH};

use super::case::Case;
use super::finding::Finding;
use crate::exit::Exit;
use crate::profile::{ClientAuth, Profile};
use crate::token::{self, Blocked, Moment, Name, Other, Probed, Reach, Reached, Reissue};

/// The proxy that requests go through.
pub(super) fn proxy(case: &Case) -> Vec<Finding> {
    let Some(profile) = case.valid() else { return Finding::not_checked("there is no valid profile") };
    let exceptions = ["no_proxy", "NO_PROXY"].into_iter().find(|name| case.environ.get(name).is_some());
    vec![match token::proxy(profile, case.environ) {
        None => Finding::ok("none: the connection is direct"),
        Some(proxy) if profile.proxy.is_some() => Finding::ok(format!("{proxy}, by the profile")),
        Some(proxy) => {
            let exceptions = exceptions.map(|name| format!("; `{name}` may except the token endpoint"));
            Finding::ok(format!("the one {proxy}{}", exceptions.unwrap_or_default()))
        }
    }]
}

/// Where the issuer says that its token endpoint is.
pub(super) fn discovery(case: &Case) -> Vec<Finding> {
    let Some(issuer) = case.valid().and_then(|profile| profile.issuer.as_ref().filter(|_| profile.by_issuer)) else {
        return Vec::new();
    };
    let text = issuer.value.text();
    match &case.settled {
        None => nobody_went(case),
        Some(Ok(profile)) => {
            let auth = profile.client_auth.value.name();
            vec![Finding::ok(format!(
                "`{text}` has its token endpoint at `{}`; `{auth}` is used",
                profile.token_url.value
            ))]
        }
        Some(Err(error)) => vec![Finding::problem(error.to_string(), error.exit()).advice(error.hint())],
    }
}

/// The addresses of the token endpoint's host.
pub(super) fn name(case: &Case) -> Vec<Finding> {
    let Some(reach) = &case.reach else { return nobody_went(case) };
    match &reach.name {
        Name::Address => vec![Finding::ok("the token endpoint is named by its address")],
        Name::LeftToProxy => Finding::not_checked("the proxy looks it up"),
        Name::NotTried => Finding::not_checked("no connection can be prepared"),
        Name::Found(addresses) => {
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            vec![Finding::ok(addresses.join(", "))]
        }
        Name::Lost(blocked) => vec![problem(reach, blocked)],
    }
}

/// Whether anybody answers.
pub(super) fn connection(case: &Case) -> Vec<Finding> {
    let Some(reach) = &case.reach else { return nobody_went(case) };
    match &reach.connection {
        None => Finding::not_checked("the name has no address"),
        Some(Err(blocked)) => vec![problem(reach, blocked)],
        Some(Ok(Reached { status, took, .. })) => {
            let message = format!("`{}` answers after {} ms (HTTP {status})", reach.endpoint, took.as_millis());
            vec![Finding::ok(message)]
        }
    }
}

fn nobody_went(case: &Case) -> Vec<Finding> {
    Finding::not_checked(if case.valid().is_some() { "`--offline`" } else { "there is no valid profile" })
}

fn problem(reach: &Reach, blocked: &Blocked) -> Finding {
    Finding::problem(format!("`{}`: {}", reach.endpoint, blocked.message), blocked.exit).advice(blocked.hint.clone())
}

/// Who is trusted, and how long the server's certificate is good for.
pub(super) fn certificate(case: &Case) -> Vec<Finding> {
    const SOON: i64 = 14 * 24 * 3600;
    let Some(profile) = case.valid() else { return Finding::not_checked("there is no valid profile") };
    if profile.token_url.value.scheme() != "https" {
        return vec![Finding::ok("none is needed: the token endpoint is on this machine, without encryption")];
    }
    if profile.insecure {
        let note = Finding::note("certificates are not checked (`insecure`): anybody on the way can read the secret");
        return vec![note.advice("`ca_file` trusts a company's own authority".to_owned())];
    }
    let trust = trust(profile, case);
    let Some(ends) = case.reached().and_then(|reached| reached.certificate_ends) else {
        return vec![Finding::note(format!("{trust}; the server's certificate was not seen"))];
    };
    let message = format!("{trust}; the server's certificate ends on {}", date(ends));
    let soon = ends - Moment::now().seconds() < SOON;
    vec![if soon { Finding::note(message) } else { Finding::ok(message) }]
}

fn trust(profile: &Profile, case: &Case) -> String {
    let replaced = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find(|name| case.environ.get(name).is_some());
    let system = match replaced {
        Some(name) if cfg!(target_os = "linux") => format!("trusted is what `{name}` names"),
        _ => "the system's trust store".to_owned(),
    };
    match &profile.ca_file {
        Some(path) => format!("{system}, and `{}` (`ca_file`)", path.display()),
        None => system,
    }
}

/// The day, in the time of UTC; a certificate that ends before 1970 ended at its beginning.
pub(super) fn date(seconds: i64) -> impl Display {
    let time = UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    humantime::format_rfc3339_seconds(time)
}

/// This machine's clock against the server's.
pub(super) fn clock(case: &Case) -> Vec<Finding> {
    /// The server says whole seconds, and its answer takes a while.
    const TOLERANCE: u64 = 5;
    /// Certificates and signed requests begin to fail.
    const WRONG: u64 = 300;
    let Some(reached) = case.reached() else { return Finding::not_checked("there was no answer") };
    let Some(ahead) = reached.clock.or_else(|| ahead_by_token(case)) else {
        return Finding::not_checked("the server does not tell its time");
    };
    let difference = humantime::format_duration(Duration::from_secs(ahead.unsigned_abs()));
    let side = if ahead > 0 { "behind" } else { "ahead of" };
    let message = format!("this machine's clock is {difference} {side} the server's");
    vec![if ahead.unsigned_abs() <= TOLERANCE {
        Finding::ok("this machine's clock agrees with the server's")
    } else if ahead.unsigned_abs() <= WRONG {
        Finding::note(format!("{message}, which token lifetimes allow for"))
    } else {
        Finding::problem(message, Exit::Unexpected).advice("set the clock, or let it be set (NTP)".to_owned())
    }]
}

/// By how much a new token comes from the future: no server issues one there, so it is our clock that is behind.
fn ahead_by_token(case: &Case) -> Option<i64> {
    let token = case.request.as_ref()?.as_ref().ok()?;
    Some(token.issued_at()? - token.obtained_at().seconds()).filter(|ahead| *ahead > 0)
}

/// Whether the server gives a token, and which way of sending key and secret it accepts.
pub(super) fn token_request(case: &Case) -> Vec<Finding> {
    match (&case.request, case.valid()) {
        (Some(Ok(token)), Some(profile)) => {
            let life = token.freshness(Moment::now(), Some(Duration::ZERO));
            let (sent, advice) = sent(profile, case.other);
            vec![Finding::ok(format!("the server gave a token, {life}; {sent}")).advice(advice)]
        }
        (Some(Err(error)), profile) => {
            let reports = error.reports().into_iter();
            let problems = reports.map(|(message, hint)| Finding::problem(message, error.exit()).advice(hint));
            problems.chain(profile.and_then(|profile| ended(profile, case))).collect()
        }
        (_, None) => Finding::not_checked("there is no valid profile"),
        (None, _) => Finding::not_checked("`--token` asks for one; some servers then end the token before"),
    }
}

/// What becomes of a token when another one is asked for.
pub(super) fn reissue(case: &Case) -> Vec<Finding> {
    let Some(profile) = case.valid() else { return Finding::not_checked("there is no valid profile") };
    vec![match &case.probe {
        Some(Ok(Probed { behaviour: Some(behaviour), how })) => {
            finding(*behaviour, &format!("{how}; it is remembered"))
        }
        Some(Ok(Probed { behaviour: None, how })) => {
            Finding::note(format!("two requests gave two tokens, and whether the first one lives is not known: {how}"))
        }
        Some(Err(error)) => {
            let (message, hint) = error.reports().into_iter().next().unwrap_or_default();
            Finding::problem(message, error.exit()).advice(hint)
        }
        None => match token::reissue(profile, case.environ) {
            Some(behaviour) => finding(behaviour, "as was found out before"),
            None => Finding::ok("not known; `--probe-reissue` finds it out, and may end tokens that others use"),
        },
    }]
}

fn finding(behaviour: Reissue, how: &str) -> Finding {
    let message = format!("{} ({how})", behaviour.told());
    match behaviour {
        Reissue::Independent => Finding::ok(message),
        Reissue::Same => Finding::note(message),
        Reissue::Revokes => Finding::note(message)
            .advice("`device_scope = true` gives this machine a token of its own, on WSO2's servers".to_owned()),
    }
}

/// What the server accepts, and what that means for the configuration.
fn sent(profile: &Profile, other: Option<Other>) -> (String, Option<String>) {
    let method = format!("it accepts `{}`", profile.client_auth.value.name());
    if profile.client_auth.value != ClientAuth::Basic {
        return (method, None);
    }
    let own = profile.basic_encoding.value.name();
    let message = format!("{method} with `basic_encoding = \"{own}\"`");
    match other {
        None => (message, None),
        Some(Other::Accepted(other)) => {
            let advice = "either will do: `form` is what RFC 6749 section 2.3.1 says".to_owned();
            (format!("{message}, and with `\"{}\"`", other.name()), Some(advice))
        }
        Some(Other::Refused(other)) => {
            let advice = format!("leave `basic_encoding = \"{own}\"` as it is: key and secret need it");
            (format!("{message}, and not with `\"{}\"`", other.name()), Some(advice))
        }
        Some(Other::Unclear(other)) => {
            (format!("{message}; whether it accepts `\"{}\"`, too, is not clear", other.name()), None)
        }
    }
}

/// The other encoding may have brought a token that nobody keeps, and with it the end of the one that is kept.
fn ended(profile: &Profile, case: &Case) -> Option<Finding> {
    let Some(Other::Accepted(other)) = case.other else { return None };
    token::peek(profile, case.environ)?.left(Moment::now())?;
    let message = format!(
        "the server gave a token for `basic_encoding = \"{}\"`, which is not kept; some servers then end the token \
         before, which is the cached one",
        other.name()
    );
    let advice = format!("`choreo-env forget {}` if the cached token is refused", profile.name);
    Some(Finding::note(message).advice(advice))
}
