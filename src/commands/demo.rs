//! `choreo-env demo`: the whole job on the sandbox, each step with what it really prints.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::sandbox::Home;
use super::{Context, output};
use crate::environ::{self, Environ};
use crate::error::Error;
use crate::sandbox::{Environment, Options, Sandbox, Site};
use crate::term::Term;

/// Goes through the job, from a named environment to a call of the API and back to the cache.
pub(super) fn run(context: &mut Context) -> Result<(), Error> {
    let running = Sandbox::spawn(Options::default())?;
    let home = Home::new(running.site())?;
    let mut tour = Tour { environ: environment(&home), site: running.site(), context, steps: 0 };
    tour.step("A named environment: what the Developer Portal shows, in a file of yours")?;
    tour.show(&format!("$ cat {}\n{}", home.config().display(), tour.site.profile_toml()))?;
    tour.step("Its token, as code for a shell: eval \"$(choreo-env dev)\"")?;
    tour.command(&["dev"])?;
    tour.step("The token request as a cURL command, for people and documents")?;
    tour.command(&["curl", "dev"])?;
    tour.step("A call of the protected API, as a cURL command, and what the API answers")?;
    tour.command(&["curl", "dev", "GET", "/pets"])?;
    tour.call_api("/pets")?;
    tour.step("The first command again: from the cache this time, the server is not asked")?;
    tour.command(&["dev"])?;
    tour.show(FAREWELL)
}

const FAREWELL: &str = "
That was the whole job. From here:

  choreo-env sandbox     the same server, to play with
  choreo-env --help      where your own environments go
";

/// The way through the steps.
struct Tour<'c, 'a, 't> {
    context: &'c mut Context<'a, 't>,
    site: &'c Site,
    environ: Environ,
    steps: usize,
}

/// An environment in which nothing but the sandbox is configured, with a cache of its own.
fn environment(home: &Home) -> Environ {
    let config = (environ::CONFIG, home.config().into_os_string());
    let cache = (environ::RUNTIME_DIR, home.path().as_os_str().to_owned());
    [config, cache, (environ::SHELL, OsString::from("sh"))].into_iter().collect()
}

impl Tour<'_, '_, '_> {
    fn step(&mut self, title: &str) -> Result<(), Error> {
        self.steps += 1;
        let heading = format!("\n{}. {title}", self.steps);
        let heading = self.context.term.spoken(&heading);
        self.context.term.heading(&heading).map_err(|source| output("to stdout", source))
    }

    fn show(&mut self, text: &str) -> Result<(), Error> {
        self.context.tell(text)
    }

    /// Runs the program itself, and shows what it prints.
    fn command(&mut self, words: &[&str]) -> Result<(), Error> {
        let arguments = std::iter::once("choreo-env").chain(words.iter().copied());
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let begin = Instant::now();
        crate::run(arguments.clone().map(OsString::from), &self.environ, &mut Term::on_paper(&mut out, &mut err));
        let milliseconds = begin.elapsed().as_secs_f64() * 1000.0;
        let typed = arguments.collect::<Vec<_>>().join(" ");
        self.show(&format!("$ {typed}\n{}{}", String::from_utf8_lossy(&out), String::from_utf8_lossy(&err)))?;
        let requests = self.site.token_requests();
        let plural = if requests == 1 { "" } else { "s" };
        self.show(&format!("  ({milliseconds:.1} ms; the server has seen {requests} token request{plural})\n"))
    }

    /// Calls the API with the cached token, as the cURL command would: curl itself may not be there.
    fn call_api(&mut self, path: &str) -> Result<(), Error> {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let words = ["choreo-env", "token", "dev", "--header"].map(OsString::from);
        crate::run(words, &self.environ, &mut Term::on_paper(&mut out, &mut err));
        let api = self.site.api_url(Environment::Dev);
        let answer =
            get(&api, path, &String::from_utf8_lossy(&out)).map_err(|source| output("to the sandbox", source))?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.lines().next().unwrap_or_default();
        self.show(&format!("  {status}\n{}\n", body.trim_end()))
    }
}

/// One request to the sandbox, which is this process, over loopback.
fn get(api: &str, path: &str, header: &str) -> io::Result<String> {
    let (host, base) = api.trim_start_matches("http://").split_once('/').unwrap_or((api, ""));
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let header = header.trim_end();
    write!(stream, "GET /{base}{path} HTTP/1.1\r\nHost: {host}\r\n{header}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
