//! oidc-provider, an authorization server that others wrote and that is certified: the judge of our token requests.
//!
//! Never outlives the test: it ends when its standard input does. Gives its token endpoint, and the number of token
//! requests that it got.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::tools;

/// The name in `CHOREO_ENV_REQUIRE`.
const NAME: &str = "oidc-provider";

/// A client that the server knows; its scopes are `read` and `write`.
pub(crate) struct Client<'a> {
    /// The consumer key.
    pub(crate) id: &'a str,
    /// The consumer secret.
    pub(crate) secret: &'a str,
    /// A registered name, such as `client_secret_basic`.
    pub(crate) auth: &'a str,
}

/// The server; it ends when dropped.
pub(crate) struct Oidc {
    process: Child,
    issuer: String,
}

impl Oidc {
    /// Starts the server with one client that uses Basic, or says that the test is skipped.
    #[track_caller]
    pub(crate) fn start(id: &str, secret: &str) -> Option<Self> {
        Self::with(&[Client { id, secret, auth: "client_secret_basic" }], json!({}))
    }

    /// Starts the server with those clients and the options that `server.mjs` knows, or says that the test is skipped.
    #[track_caller]
    pub(crate) fn with(clients: &[Client<'_>], options: Value) -> Option<Self> {
        Self::knowing(clients.iter().map(registration).collect(), options)
    }

    /// Starts the server with clients as `server.mjs` takes them, or says that the test is skipped.
    #[track_caller]
    pub(crate) fn knowing(clients: Value, mut options: Value) -> Option<Self> {
        let node = tools::find("node")?;
        if !tools::node_folder().join("node_modules/oidc-provider").is_dir() {
            tools::skip(NAME, "run `npm ci` in tests/oidc");
            return None;
        }
        options["clients"] = clients;
        Some(Self::launch(Command::new(node).env("OIDC_TEST_OPTIONS", options.to_string())))
    }

    #[track_caller]
    fn launch(command: &mut Command) -> Self {
        let mut complaints = tempfile::tempfile().unwrap();
        let mut process = command
            .arg("server.mjs")
            .current_dir(tools::node_folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(complaints.try_clone().unwrap())
            .spawn()
            .expect("node starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(issuer) = line.strip_prefix("ready ") else {
            panic!("the authorization server did not start: {line}{}", whole(&mut complaints))
        };
        Self { issuer: issuer.trim_end().to_owned(), process }
    }

    /// What the server calls itself.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The token endpoint.
    pub(crate) fn token_url(&self) -> String {
        format!("{}/token", self.issuer)
    }

    /// How many token requests came so far; over plain http only.
    pub(crate) fn count(&self) -> usize {
        let host = self.issuer.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "GET /__count HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        body.parse().unwrap()
    }
}

impl Drop for Oidc {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn registration(client: &Client<'_>) -> Value {
    let Client { id, secret, auth } = client;
    json!({ "client_id": id, "client_secret": secret, "token_endpoint_auth_method": auth, "scope": "read write" })
}

fn whole(file: &mut File) -> String {
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

#[cfg(test)]
mod tests {
    use super::Oidc;
    use crate::support::tools;
    use crate::support::world::World;

    #[test]
    fn the_authorization_server_gives_tokens_to_its_client_and_counts_the_requests() {
        let Some(server) = Oidc::start("dev", "s3cret") else { return };
        let Some(curl) = tools::find("curl") else { return };
        let arguments = ["-sS", "-u", "dev:s3cret", "-d", "grant_type=client_credentials", &server.token_url()];
        let run = World::new().command(curl).args(arguments).run();
        assert!(run.stdout.contains(r#""token_type":"Bearer""#), "{run}");
        assert_eq!(server.count(), 1);
    }

    #[test]
    fn the_authorization_server_ends_when_its_standard_input_does() {
        let Some(mut server) = Oidc::start("dev", "s3cret") else { return };
        drop(server.process.stdin.take());
        assert!(server.process.wait().unwrap().success());
    }
}
