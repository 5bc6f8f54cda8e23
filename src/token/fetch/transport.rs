//! The way to the server, and the only place that knows the HTTP client and TLS.
//!
//! Owns certificates, proxies, time limits and the bound on an answer. Never follows a redirect, keeps no cookie, and
//! never puts a header or a body into an error. Gives a plain [`Answer`], or what stood in the way.
//!
//! Built only when a request is certain: this starts a runtime and, for `https`, reads the system's certificates.

mod trouble;

use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reqwest::header::{self, HeaderName, HeaderValue};
use reqwest::tls::TlsInfo;
use reqwest::{Certificate, Client, ClientBuilder, Method, Proxy, Request, Response, redirect};
use tokio::runtime::{self, Runtime};
use url::{Host, Url};
use zeroize::Zeroizing;

use super::client_auth::{Identity, Message};
use super::response::Answer;
use crate::profile::Profile;
use crate::store;
use crate::token::access::Moment;

pub(super) use trouble::Trouble;
use trouble::{root_cause, trouble};

/// The length that an answer may have, in bytes.
const MOST: usize = 1024 * 1024;

/// The length that a file of certificates may have, in bytes: a system's whole store takes a quarter of it.
const MOST_CERTIFICATES: u64 = 1024 * 1024;

/// Why no request can be sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum Obstacle {
    /// `ca_file` cannot be read.
    #[error("`ca_file`: `{}` cannot be read: {source}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `ca_file` holds nothing that is trusted.
    #[error("`ca_file`: `{}` holds no certificate in PEM form", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// `proxy` is no address of a proxy.
    #[error("`proxy` is of a kind that is not supported: `{scheme}`")]
    Proxy {
        /// Its scheme.
        scheme: String,
    },
    /// TLS or the runtime could not be started.
    #[error("the connection cannot be prepared: {reason}")]
    Start {
        /// Why.
        reason: String,
    },
}

/// What a request without credentials found out.
pub(super) struct Knock {
    pub(super) status: u16,
    /// The `Date` header.
    pub(super) date: Option<String>,
    /// The server's certificate (DER), where the connection is encrypted.
    pub(super) certificate: Option<Vec<u8>>,
    /// When the answer was there.
    pub(super) received: Moment,
}

/// A client for one token endpoint.
pub(super) struct Transport {
    runtime: Option<Runtime>,
    client: Client,
}

impl Transport {
    /// Prepares the way that a profile describes.
    pub(super) fn new(profile: &Profile) -> Result<Self, Obstacle> {
        // Fails only where a provider is installed already, and then that one is used.
        _ = rustls::crypto::ring::default_provider().install_default();
        let start = |reason: String| Obstacle::Start { reason };
        let client = trust(proxies(base(), profile)?, profile)?.build().map_err(|error| start(root_cause(&error)))?;
        let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build();
        Ok(Self { runtime: Some(runtime.map_err(|error| start(error.to_string()))?), client })
    }

    /// From now on the client shows a certificate on this way (RFC 8705 §2).
    pub(super) fn show(&mut self, profile: &Profile, identity: &Identity) -> Result<(), Obstacle> {
        let start = |error: reqwest::Error| Obstacle::Start { reason: root_cause(&error) };
        let shown = reqwest::Identity::from_pem(identity.pem().as_bytes()).map_err(start)?;
        let builder = trust(proxies(base(), profile)?, profile)?.identity(shown);
        self.client = builder.build().map_err(start)?;
        Ok(())
    }

    /// Sends a message, and waits for the whole answer until the given moment.
    pub(super) fn post(&self, message: &Message, deadline: Instant, limit: Duration) -> Result<Answer, Trouble> {
        self.wait(self.exchange(message), deadline, limit)
    }

    /// Reads a document, with an `Authorization` header where there is one, and waits until the given moment.
    pub(super) fn get(
        &self,
        url: &Url,
        authorization: Option<&Zeroizing<String>>,
        deadline: Instant,
        limit: Duration,
    ) -> Result<Answer, Trouble> {
        let reading = async {
            let mut request = Request::new(Method::GET, url.clone());
            request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
            if let Some(text) = authorization {
                request.headers_mut().insert(header::AUTHORIZATION, sensitive(text).map_err(|_| odd())?);
            }
            self.answer(request).await
        };
        self.wait(reading, deadline, limit)
    }

    /// Looks up the addresses of a host, as a request that goes through no proxy does.
    pub(super) fn resolve(&self, host: &str, deadline: Instant, limit: Duration) -> Result<Vec<IpAddr>, Trouble> {
        let look = async {
            let found = tokio::net::lookup_host((host, 0)).await.map_err(|_| Trouble::Dns)?;
            Ok(found.map(|address| address.ip()).collect())
        };
        self.wait(look, deadline, limit)
    }

    /// Asks whether anybody answers: a request without credentials, whose answer does not matter.
    pub(super) fn knock(&self, url: &Url, deadline: Instant, limit: Duration) -> Result<Knock, Trouble> {
        let knock = async {
            let request = Request::new(Method::HEAD, url.clone());
            let response = self.client.execute(request).await.map_err(|error| trouble(&error))?;
            let tls = response.extensions().get::<TlsInfo>();
            Ok(Knock {
                status: response.status().as_u16(),
                date: text(&response, &header::DATE),
                certificate: tls.and_then(TlsInfo::peer_certificate).map(<[u8]>::to_vec),
                received: Moment::now(),
            })
        };
        self.wait(knock, deadline, limit)
    }

    fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, Trouble>>,
        deadline: Instant,
        limit: Duration,
    ) -> Result<T, Trouble> {
        let Some(runtime) = &self.runtime else { return Err(Trouble::Connection("it is closed".into())) };
        // Made in there: a timer needs the runtime around it.
        let work = async { tokio::time::timeout_at(deadline.into(), work).await };
        runtime.block_on(work).unwrap_or(Err(Trouble::TimedOut(limit)))
    }

    async fn exchange(&self, message: &Message) -> Result<Answer, Trouble> {
        self.answer(request(message).map_err(|_| odd())?).await
    }

    async fn answer(&self, request: Request) -> Result<Answer, Trouble> {
        let sent = Moment::now();
        let mut response = self.client.execute(request).await.map_err(|error| trouble(&error))?;
        let body = body(&mut response).await?;
        Ok(Answer {
            status: response.status().as_u16(),
            content_type: text(&response, &header::CONTENT_TYPE),
            date: text(&response, &header::DATE),
            retry_after: text(&response, &header::RETRY_AFTER),
            cache_control: text(&response, &header::CACHE_CONTROL),
            location: text(&response, &header::LOCATION),
            body,
            sent,
            received: Moment::now(),
        })
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        // A look-up of a host name runs on a thread that cannot be stopped: do not wait for it.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn base() -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("choreo-env/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none()) // a redirect would carry the secret to another place
        .referer(false)
        .retry(reqwest::retry::never()) // we count and report the attempts
        .tls_info(true) // the server's certificate, for `doctor`
        .pool_max_idle_per_host(0) // each attempt has a connection of its own: an old one may be half dead
}

fn proxies(builder: ClientBuilder, profile: &Profile) -> Result<ClientBuilder, Obstacle> {
    match &profile.proxy {
        _ if goes_directly(profile) => Ok(builder.no_proxy()),
        Some(proxy) => {
            let unsupported = |_| Obstacle::Proxy { scheme: proxy.scheme().to_owned() };
            Ok(builder.proxy(Proxy::all(proxy.clone()).map_err(unsupported)?))
        }
        None => Ok(builder),
    }
}

/// Whether no proxy is used, whoever names one: plain http is for loopback alone, and a proxy elsewhere would take the
/// secret off this machine in the clear, to reach itself.
pub(super) fn goes_directly(profile: &Profile) -> bool {
    profile.token_url.value.scheme() == "http" && !profile.proxy.as_ref().is_some_and(is_loopback)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn trust(builder: ClientBuilder, profile: &Profile) -> Result<ClientBuilder, Obstacle> {
    let encrypted = profile.token_url.value.scheme() == "https"
        || profile.proxy.as_ref().is_some_and(|proxy| proxy.scheme() == "https");
    Ok(match &profile.ca_file {
        _ if !encrypted => builder.tls_certs_only([]), // reads no certificate, which is most of the start
        _ if profile.insecure => builder.tls_danger_accept_invalid_certs(true),
        Some(path) => builder.tls_certs_merge(certificates(path)?),
        None => builder,
    })
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Obstacle> {
    let pem = store::open_plain(path)
        .and_then(|file| store::read_bounded(&file, MOST_CERTIFICATES))
        .map_err(|source| Obstacle::CaFile { path: path.to_owned(), source })?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(Obstacle::NoCertificate { path: path.to_owned() }),
    }
}

fn request(message: &Message) -> Result<Request, header::InvalidHeaderValue> {
    let mut request = Request::new(Method::POST, message.url.clone());
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    if let Some(authorization) = &message.authorization {
        headers.insert(header::AUTHORIZATION, sensitive(authorization)?);
    }
    *request.body_mut() = Some(message.body.as_bytes().to_vec().into());
    Ok(request)
}

fn sensitive(text: &str) -> Result<HeaderValue, header::InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(text)?;
    value.set_sensitive(true);
    Ok(value)
}

fn odd() -> Trouble {
    Trouble::Connection("the request has an odd character".into())
}

fn text(response: &Response, name: &HeaderName) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// Reads the body piece by piece, so that an endless one ends at the bound.
async fn body(response: &mut Response) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    let expected = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let mut body = Zeroizing::new(Vec::with_capacity(expected.clamp(4096, MOST)));
    while let Some(piece) = response.chunk().await.map_err(|error| trouble(&error))? {
        if body.len() + piece.len() > MOST {
            return Err(Trouble::TooLong);
        }
        if body.len() + piece.len() > body.capacity() {
            // Moved by hand: a buffer that grows by itself leaves a copy behind that nobody wipes.
            let mut larger = Zeroizing::new(Vec::with_capacity(2 * (body.len() + piece.len())));
            larger.extend_from_slice(&body);
            body = larger;
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}
