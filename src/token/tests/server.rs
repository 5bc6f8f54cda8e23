//! A token endpoint for tests: a thread and a socket on a free port, which answers what the test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it came.
#[derive(Clone, Debug)]
pub(in crate::token) struct Seen {
    pub(in crate::token) head: String,
    pub(in crate::token) body: String,
}

impl Seen {
    /// The value of a header, as it came.
    pub(in crate::token) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

pub(in crate::token) trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

type Seal = dyn Fn(TcpStream) -> Box<dyn Stream> + Send + Sync;
type Handler = dyn Fn(usize, &Seen, &mut dyn Stream) + Send + Sync;

/// A running server; it stops when it is dropped.
pub(in crate::token) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    stop: Arc<AtomicBool>,
}

impl Server {
    /// Answers each request with what the function writes; the number counts requests from 0.
    pub(in crate::token) fn start(handler: impl Fn(usize, &Seen, &mut dyn Stream) + Send + Sync + 'static) -> Self {
        Self::start_sealed(|stream| Box::new(stream), handler)
    }

    /// The same, with something around each connection, such as TLS.
    pub(in crate::token) fn start_sealed(
        seal: impl Fn(TcpStream) -> Box<dyn Stream> + Send + Sync + 'static,
        handler: impl Fn(usize, &Seen, &mut dyn Stream) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let server =
            Self { address: listener.local_addr().expect("an address"), seen: Arc::default(), stop: Arc::default() };
        let (seen, stop) = (Arc::clone(&server.seen), Arc::clone(&server.stop));
        let (seal, handler): (Arc<Seal>, Arc<Handler>) = (Arc::new(seal), Arc::new(handler));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (seen, seal, handler) = (Arc::clone(&seen), Arc::clone(&seal), Arc::clone(&handler));
                thread::spawn(move || serve(seal(stream), &seen, &*handler));
            }
        });
        server
    }

    /// Answers each request in the same way.
    pub(in crate::token) fn answering(status: &'static str, body: &str) -> Self {
        let body = body.to_owned();
        Self::start(move |_, _, stream| reply(stream, status, "", &body))
    }

    pub(in crate::token) fn url(&self) -> String {
        format!("http://{}/oauth2/token", self.address)
    }

    pub(in crate::token) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The requests so far.
    pub(in crate::token) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("not poisoned").clone()
    }

    /// How many requests there were.
    pub(in crate::token) fn count(&self) -> usize {
        self.seen().len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        _ = TcpStream::connect(self.address); // wakes the listener
    }
}

/// Writes a whole answer. A client that has gone is not our concern.
pub(in crate::token) fn reply(stream: &mut dyn Stream, status: &str, headers: &str, body: &str) {
    let length = body.len();
    _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}");
    _ = stream.flush();
}

fn serve(stream: Box<dyn Stream>, seen: &Mutex<Vec<Seen>>, handler: &Handler) {
    let mut reader = BufReader::new(stream);
    let Some(request) = read(&mut reader) else { return };
    let number = {
        let mut seen = seen.lock().expect("not poisoned");
        seen.push(request.clone());
        seen.len() - 1
    };
    handler(number, &request, reader.get_mut());
}

fn read(reader: &mut impl BufRead) -> Option<Seen> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut seen = Seen { head, body: String::new() };
    let length: usize = seen.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    seen.body = String::from_utf8(body).ok()?;
    Some(seen)
}
