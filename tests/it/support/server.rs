//! A server on a free port of the loopback interface that answers whatever the test says, right or wrong.
//!
//! Never interprets what it answers: an answer is bytes, and what happens between them. Gives the requests that it got.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::tls::Authority;

/// One request, as it came in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// Such as `POST`.
    pub(crate) method: String,
    /// The path with its query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, as text.
    pub(crate) body: String,
}

impl Request {
    /// The value of a header; the name is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The fields of a form body, decoded.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }
}

/// What the server does with a request, one piece after the other; then it closes the connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Bytes(Vec<u8>),
    Endless(Vec<u8>),
    Pause(Duration),
    Silence,
}

impl Answer {
    /// Closes the connection without a word.
    pub(crate) fn nothing() -> Self {
        Self::default()
    }

    /// Bytes as they are.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::nothing().then(bytes)
    }

    /// A whole answer: status, header lines, body.
    pub(crate) fn http(status: u16, headers: &[&str], body: &str) -> Self {
        let mut head = format!("HTTP/1.1 {status} Said\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        Self::raw(head + "\r\n" + body)
    }

    /// A JSON document.
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::http(status, &["Content-Type: application/json"], body)
    }

    /// A token that is as it should be.
    pub(crate) fn token(token: &str, seconds: u64) -> Self {
        Self::json(200, &format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{seconds}}}"#))
    }

    /// Waits before the rest.
    pub(crate) fn after(pause: Duration, rest: Self) -> Self {
        Self { pieces: [vec![Piece::Pause(pause)], rest.pieces].concat() }
    }

    /// Then these bytes.
    pub(crate) fn then(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.pieces.push(Piece::Bytes(bytes.into()));
        self
    }

    /// Then these bytes again and again, for as long as somebody reads them.
    pub(crate) fn then_endlessly(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.pieces.push(Piece::Endless(bytes.into()));
        self
    }

    /// Then waits.
    pub(crate) fn then_pause(mut self, pause: Duration) -> Self {
        self.pieces.push(Piece::Pause(pause));
        self
    }

    /// Then says no more, and waits until the other side has had enough.
    pub(crate) fn then_silence(mut self) -> Self {
        self.pieces.push(Piece::Silence);
        self
    }

    fn give(&self, stream: &mut dyn Stream) -> std::io::Result<()> {
        for piece in &self.pieces {
            match piece {
                Piece::Bytes(bytes) => stream.write_all(bytes)?,
                Piece::Endless(bytes) => loop {
                    stream.write_all(bytes)?;
                },
                Piece::Pause(pause) => thread::sleep(*pause),
                Piece::Silence => _ = stream.read_to_end(&mut Vec::new())?,
            }
            stream.flush()?;
        }
        Ok(())
    }
}

/// What the server is told to do: from a request, and how many came before it, to an answer.
type Behaviour = dyn Fn(&Request, usize) -> Answer + Send + Sync;

struct Shared {
    behaviour: Box<Behaviour>,
    authority: Option<Authority>,
    requests: Mutex<Vec<Request>>,
    over: AtomicBool,
}

/// The server; it ends when dropped.
pub(crate) struct OddServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl OddServer {
    /// Starts it. The behaviour gets each request, and the number of those before it.
    pub(crate) fn start(behaviour: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self::launch(Box::new(behaviour), None)
    }

    /// Starts it with TLS, under a certificate of that authority for 127.0.0.1.
    pub(crate) fn start_tls(
        authority: Authority,
        behaviour: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::launch(Box::new(behaviour), Some(authority))
    }

    /// Gives the same answer to everything.
    pub(crate) fn always(answer: Answer) -> Self {
        Self::start(move |_, _| answer.clone())
    }

    fn launch(behaviour: Box<Behaviour>, authority: Option<Authority>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared =
            Arc::new(Shared { behaviour, authority, requests: Mutex::default(), over: AtomicBool::new(false) });
        thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Self { address, shared }
    }

    /// An address of this server.
    pub(crate) fn url(&self, path: &str) -> String {
        let scheme = if self.shared.authority.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.address)
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// How many requests came so far.
    pub(crate) fn count(&self) -> usize {
        self.shared.requests.lock().unwrap().len()
    }
}

impl Drop for OddServer {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        _ = TcpStream::connect(self.address); // wakes the listener, which then sees that it is over
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.over.load(Ordering::SeqCst) {
            return;
        }
        let shared = Arc::clone(shared);
        // A client that goes away in the middle is none of the server's business.
        thread::spawn(move || stream.and_then(|stream| serve(stream, &shared)));
    }
}

fn serve(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    match &shared.authority {
        None => converse(&mut { stream }, shared),
        Some(authority) => {
            let mut stream = authority.accept(stream)?;
            converse(&mut stream, shared)?;
            stream.conn.send_close_notify();
            stream.flush()
        }
    }
}

fn converse(stream: &mut dyn Stream, shared: &Shared) -> std::io::Result<()> {
    let Some(request) = read_request(stream)? else { return Ok(()) };
    let before = {
        let mut requests = shared.requests.lock().unwrap();
        requests.push(request.clone());
        requests.len() - 1
    };
    (shared.behaviour)(&request, before).give(stream)
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

fn read_request(stream: &mut dyn Stream) -> std::io::Result<Option<Request>> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if !read_more(stream, &mut bytes)? {
            return Ok(None);
        }
    };
    let mut request = parse_head(&String::from_utf8_lossy(&bytes[..head_end]));
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let body = head_end + 4;
    if request.header("transfer-encoding") == Some("chunked") {
        while !bytes.ends_with(b"0\r\n\r\n") && read_more(stream, &mut bytes)? {}
        request.body = String::from_utf8_lossy(&whole(&bytes[body..])).into_owned();
    } else {
        while bytes.len() < body + length && read_more(stream, &mut bytes)? {}
        request.body = String::from_utf8_lossy(&bytes[body..]).into_owned();
    }
    Ok(Some(request))
}

/// A body that came in chunks (RFC 9112 §7.1), put together.
fn whole(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = chunks.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(str::from_utf8(&chunks[..end]).unwrap(), 16).unwrap();
        body.extend_from_slice(&chunks[end + 2..end + 2 + size]);
        chunks = &chunks[(end + 4 + size).min(chunks.len())..];
    }
    body
}

fn read_more(stream: &mut dyn Stream, bytes: &mut Vec<u8>) -> std::io::Result<bool> {
    let mut buffer = [0; 4096];
    let count = stream.read(&mut buffer)?;
    bytes.extend_from_slice(&buffer[..count]);
    Ok(count > 0)
}

fn parse_head(head: &str) -> Request {
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let method = words.next().unwrap_or_default();
    let path = words.next().unwrap_or_default();
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Request { method, path, headers, body: String::new() }
}

#[cfg(test)]
mod tests {
    use super::{Answer, OddServer};
    use crate::support::tls::Authority;
    use crate::support::world::World;

    #[test]
    fn the_odd_server_records_requests_and_answers_as_told() {
        let Some(curl) = crate::support::tools::find("curl") else { return };
        let server = OddServer::start(|request, before| Answer::json(200, &format!("{} {before}", request.path)));
        let world = World::new();
        let arguments = ["-sS", "-d", "a=b%26c", &server.url("/one?x")];
        let run = world.command(&curl).args(arguments).run();
        assert_eq!(run.stdout, "/one?x 0", "{run}");
        assert_eq!(server.count(), 1);
        let request = server.requests().remove(0);
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/one?x"));
        assert_eq!(request.form(), [("a".to_owned(), "b&c".to_owned())]);
    }

    #[test]
    fn the_odd_server_speaks_tls_under_its_private_authority() {
        let Some(curl) = crate::support::tools::find("curl") else { return };
        let authority = Authority::new();
        let world = World::new();
        let ca = world.write("ca.pem", authority.pem());
        let server = OddServer::start_tls(authority, |_, _| Answer::json(200, "{}"));
        let url = server.url("/");
        let trusted = world.command(&curl).args(["-sS", "--cacert", ca.to_str().unwrap(), &url]).run();
        assert_eq!(trusted.stdout, "{}", "{trusted}");
        let stranger = world.command(&curl).args(["-sS", &url]).run();
        assert_eq!(stranger.status, Some(60), "{stranger}");
    }
}
