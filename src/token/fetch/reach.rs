//! The way to the token endpoint, tried without credentials: for `doctor`.
//!
//! Owns one look-up of the host's name and one connection. Never sends a key, a secret or a token, and judges nothing:
//! it gives what was found.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use url::Host;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::facts::{self, Facts};
use super::text::Cleaner;
use super::transport::{Knock, Obstacle, Transport, Trouble};
use super::{advice, cleaned};
use crate::environ::Environ;
use crate::exit::Exit;
use crate::profile::Profile;
use crate::token::access::Moment;

/// What was found on the way.
#[derive(Debug)]
pub struct Reach {
    /// The token endpoint without user name, password and query.
    pub endpoint: String,
    /// What became of its host's name.
    pub name: Name,
    /// What became of the connection; `None` where the name led nowhere.
    pub connection: Option<Result<Reached, Blocked>>,
}

/// What became of a host's name.
#[derive(Debug)]
pub enum Name {
    /// It is an address, and was not looked up.
    Address,
    /// A proxy looks it up.
    LeftToProxy,
    /// It was not looked up, because no connection can be prepared.
    NotTried,
    /// It has these addresses.
    Found(Vec<IpAddr>),
    /// It has none.
    Lost(Blocked),
}

/// An answer, whatever it says.
#[derive(Debug)]
pub struct Reached {
    /// The HTTP status.
    pub status: u16,
    /// How long it took, the connection included.
    pub took: Duration,
    /// By how many seconds the server's clock is ahead of ours; `None` where it does not tell its time.
    pub clock: Option<i64>,
    /// When the server's certificate ends, in Unix seconds.
    pub certificate_ends: Option<i64>,
}

/// What stood in the way.
#[derive(Debug)]
pub struct Blocked {
    /// What it was.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The exit status of a command that meets it.
    pub exit: Exit,
}

/// Where the proxy is that requests go through, or which variable names it; `None` where they go directly.
#[must_use]
pub fn proxy(profile: &Profile, environ: &Environ) -> Option<String> {
    facts::proxy(profile, environ)
}

/// Goes the way once, within the profile's `timeout`.
#[must_use]
pub fn reach(profile: &Profile, environ: &Environ) -> Reach {
    let facts = Facts::of(profile, environ);
    let way = match Transport::new(profile) {
        Ok(transport) => Way { transport, profile, facts: &facts, deadline: Instant::now() + profile.timeout },
        Err(obstacle) => {
            let connection = Some(Err(unprepared(&obstacle)));
            return Reach { endpoint: facts.endpoint, name: Name::NotTried, connection };
        }
    };
    let name = way.name();
    let connection = (!matches!(name, Name::Lost(_))).then(|| way.connection());
    Reach { endpoint: facts.endpoint, name, connection }
}

struct Way<'a> {
    transport: Transport,
    profile: &'a Profile,
    facts: &'a Facts,
    deadline: Instant,
}

impl Way<'_> {
    fn name(&self) -> Name {
        match self.profile.token_url.value.host() {
            _ if self.facts.proxy.is_some() => Name::LeftToProxy,
            Some(Host::Domain(name)) => match self.transport.resolve(name, self.deadline, self.profile.timeout) {
                Ok(addresses) => Name::Found(addresses),
                Err(trouble) => Name::Lost(self.blocked(trouble)),
            },
            _ => Name::Address,
        }
    }

    fn connection(&self) -> Result<Reached, Blocked> {
        let begin = Instant::now();
        let answer = self.transport.knock(&self.profile.token_url.value, self.deadline, self.profile.timeout);
        let knock = answer.map_err(|trouble| self.blocked(trouble))?;
        Ok(Reached {
            status: knock.status,
            took: begin.elapsed(),
            clock: clock(&knock),
            certificate_ends: knock.certificate.as_deref().and_then(end_of),
        })
    }

    fn blocked(&self, trouble: Trouble) -> Blocked {
        let trouble = cleaned(trouble, &Cleaner::default());
        Blocked { message: trouble.to_string(), hint: advice::on_trouble(&trouble, self.facts), exit: Exit::Network }
    }
}

fn unprepared(obstacle: &Obstacle) -> Blocked {
    Blocked { message: obstacle.to_string(), hint: Some(advice::on_obstacle(obstacle).into()), exit: Exit::Config }
}

fn clock(knock: &Knock) -> Option<i64> {
    let date = httpdate::parse_http_date(knock.date.as_deref()?).ok()?;
    Some(Moment::from(date).seconds() - knock.received.seconds())
}

/// The end of a certificate's validity (RFC 5280 §4.1.2.5).
fn end_of(certificate: &[u8]) -> Option<i64> {
    let certificate = Certificate::from_der(certificate).ok()?;
    i64::try_from(certificate.tbs_certificate.validity.not_after.to_unix_duration().as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knock(date: Option<&str>) -> Knock {
        let received = Moment::from_millis(784_111_777_900);
        Knock { status: 405, date: date.map(str::to_owned), certificate: None, received }
    }

    #[test]
    fn the_servers_clock_is_compared_with_ours() {
        assert_eq!(clock(&knock(Some("Sun, 06 Nov 1994 08:49:37 GMT"))), Some(0)); // the example of RFC 9110 §5.6.7
        assert_eq!(clock(&knock(Some("Sun, 06 Nov 1994 08:50:37 GMT"))), Some(60));
        assert_eq!(clock(&knock(Some("soon"))), None);
        assert_eq!(clock(&knock(None)), None);
    }

    #[test]
    fn the_end_of_a_certificate_is_read_and_anything_else_has_none() {
        let mut params = rcgen::CertificateParams::default();
        params.not_after = rcgen::date_time_ymd(2031, 1, 1);
        let key = rcgen::KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        assert_eq!(end_of(certificate.der()), Some(1_924_992_000));
        assert_eq!(end_of(b"nonsense"), None);
    }
}
