//! Listening, routing, and the limits that hold for every request.
//!
//! Owns the socket, the routes and the stopping. Never listens on anything but 127.0.0.1, and answers no request whose
//! `Host` is not this machine's own name: a page from elsewhere could otherwise reach us through its own DNS name.
//! Gives [`Sandbox`] and, on a thread of its own, [`Running`].

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::serve::ListenerExt;
use tokio::sync::oneshot;

use super::{Environment, LogLine, Options, SandboxError, Site, gateway, issuer, petstore};

/// The longest token request, in bytes.
const LONGEST_FORM: usize = 64 * 1024;
/// The time that a client has to send its request.
const PATIENCE: Duration = Duration::from_secs(10);
/// The time that requests under way have to end when the server stops.
const GRACE: Duration = Duration::from_secs(1);

/// A sandbox that listens, and answers once it is served: connections made before that wait.
pub struct Sandbox {
    listener: TcpListener,
    site: Arc<Site>,
}

impl Sandbox {
    /// Takes the port and makes the keys.
    ///
    /// # Errors
    /// [`SandboxError`]: the port is taken, or an option cannot be used.
    pub fn bind(options: Options) -> Result<Self, SandboxError> {
        let (port, listen) = (options.port, |source| SandboxError::Listen { port: options.port, source });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let port = listener.local_addr().map_err(listen)?.port();
        Ok(Self { listener, site: Arc::new(Site::new(port, options)?) })
    }

    /// Its addresses and keys.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Answers requests until `until` is ready; requests under way then have a second to end. Needs a tokio runtime with
    /// I/O and time, of one thread or more.
    ///
    /// # Errors
    /// [`SandboxError::Serve`]: the system took the socket away.
    pub async fn serve(self, until: impl Future<Output = ()>) -> Result<(), SandboxError> {
        let listener = tokio::net::TcpListener::from_std(self.listener).map_err(SandboxError::Serve)?;
        // Answers are small and in one piece: waiting to fill a packet would only cost time.
        let listener = listener.tap_io(|stream| _ = stream.set_nodelay(true));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, router(&self.site)).with_graceful_shutdown(async { _ = stopped.await });
        let mut server = pin!(server.into_future());
        tokio::select! {
            ended = &mut server => return ended.map_err(SandboxError::Serve),
            () = until => drop(stop),
        }
        match tokio::time::timeout(GRACE, server).await {
            Ok(ended) => ended.map_err(SandboxError::Serve),
            Err(_) => Ok(()), // who did not finish in time is cut off when the runtime ends
        }
    }

    /// Serves on a thread of its own, until the [`Running`] is dropped.
    ///
    /// # Errors
    /// [`SandboxError`], as with [`Sandbox::bind`], or because no thread could be started.
    pub fn spawn(options: Options) -> Result<Running, SandboxError> {
        let sandbox = Self::bind(options)?;
        let site = Arc::clone(&sandbox.site);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.map_err(SandboxError::Serve)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = move || runtime.block_on(sandbox.serve(async { _ = stopped.await }));
        let thread = std::thread::Builder::new().name("sandbox".into()).spawn(serve).map_err(SandboxError::Serve)?;
        Ok(Running { site, stop: Some(stop), thread: Some(thread) })
    }
}

/// A sandbox that is served on a thread of its own. It stops when this is dropped.
#[must_use = "the sandbox stops when this is dropped"]
pub struct Running {
    site: Arc<Site>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), SandboxError>>>,
}

impl Running {
    /// Its addresses and keys, and its count of requests.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        // How it ended concerns nobody who throws it away.
        _ = self.thread.take().map(JoinHandle::join);
    }
}

type Shared = State<Arc<Site>>;

fn router(site: &Arc<Site>) -> Router {
    let mut router = Router::new()
        .route("/", get(async |State(site): Shared| index(&site)))
        .route("/health", get(async || "ok\n"))
        .route("/oauth2/token", post(token).layer(DefaultBodyLimit::max(LONGEST_FORM)))
        .route("/oauth2/jwks", get(async |State(site): Shared| issuer::jwks(&site)));
    // The issuer has a path, which OpenID Connect Discovery §4 puts before the well-known part and RFC 8414 §3.1 after it.
    for path in
        ["/oauth2/token/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/oauth2/token"]
    {
        router = router.route(path, get(async |State(site): Shared| issuer::metadata(&site)));
    }
    for environment in Environment::ALL {
        let call = async move |State(site): Shared, request| gateway::call(site, environment, request).await;
        for below in ["", "/", "/{*path}"] {
            router = router.route(&format!("/{environment}{}{below}", petstore::CONTEXT), any(call));
        }
    }
    router
        .fallback(async || (StatusCode::NOT_FOUND, "there is nothing here; `/` lists what there is\n"))
        .layer(middleware::from_fn_with_state(Arc::clone(site), watch))
        .with_state(Arc::clone(site))
}

async fn token(State(site): Shared, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    issuer::token(&site, &headers, body)
}

fn index(site: &Site) -> String {
    let [dev, prod] = Environment::ALL.map(|environment| site.api_url(environment));
    format!(
        "choreo-env sandbox: a local Choreo look-alike\n\n\
         token endpoint  {}\n\
         discovery       {}/.well-known/openid-configuration\n\
         key set         {}\n\
         API, dev        {dev}\n\
         API, prod       {prod}\n",
        site.token_url(),
        site.issuer(),
        site.jwks_url(),
    )
}

/// What holds for every request: the check of the host, the time limit, the log.
async fn watch(State(site): Shared, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = if is_local(&request) {
        let answer = tokio::time::timeout(PATIENCE, next.run(request)).await;
        answer.unwrap_or_else(|_| (StatusCode::REQUEST_TIMEOUT, "the request took too long\n").into_response())
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "the sandbox answers to 127.0.0.1 and localhost only\n").into_response()
    };
    // A browser takes what the echo sends back for what it says it is, and for nothing else.
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let (status, micros) = (response.status().as_u16(), began.elapsed().as_micros());
    site.log(&LogLine { method: method.as_str(), path: &path, status, micros });
    response
}

/// Whether the request was sent to a loopback name: in its one `Host` header and, where it has one, in its target, which
/// would count for more (RFC 9112 §3.2.2). The port does not matter: it may have been forwarded.
fn is_local(request: &Request) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let host = host.to_str().ok().and_then(|text| text.parse::<Authority>().ok());
    host.is_some_and(|host| is_loopback(&host)) && request.uri().authority().is_none_or(is_loopback)
}

fn is_loopback(authority: &Authority) -> bool {
    if authority.as_str().contains('@') {
        return false;
    }
    let host = authority.host();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        let local = |text: &str| text.parse::<Authority>().is_ok_and(|authority| is_loopback(&authority));
        for good in ["127.0.0.1", "127.0.0.1:80", "localhost:4711", "LocalHost", "[::1]:80", "127.1.2.3"] {
            assert!(local(good), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "x@127.0.0.1",
            "0.0.0.0",
            "[::]",
            "10.0.0.1",
        ] {
            assert!(!local(bad), "{bad}");
        }
    }
}
