//! `choreo-env sandbox`: starts the local Choreo look-alike, and says how to use it.

use std::io;
use std::path::PathBuf;

use tokio::sync::mpsc;

use super::{Context, output};
use crate::cli::SandboxArgs;
use crate::environ;
use crate::error::Error;
use crate::notice::pasted;
use crate::sandbox::{Environment, LogLine, Options, Sandbox, SandboxError, Site};
use crate::store::PrivateDir;

/// Serves until it is told to stop.
pub(super) fn run(args: &SandboxArgs, context: &mut Context) -> Result<(), Error> {
    let (sender, lines) = mpsc::unbounded_channel();
    let log = move |line: &LogLine| _ = sender.send(written(line)); // nobody reads once we stop
    let options = Options { port: args.port, lifetime: args.lifetime, log: Some(Box::new(log)), ..Options::default() };
    let running = Sandbox::spawn(options)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| output("the log", source))?;
    runtime.block_on(async {
        // Before there is anything that has to be removed at the end.
        let stop = asked_to_stop().map_err(|source| output("the log", source))?;
        let home = Home::new(running.site())?;
        context.tell(&welcome(running.site(), &home))?;
        show(lines, stop, context).await
    })
}

/// Shows the log until somebody asks for an end.
async fn show(
    mut lines: mpsc::UnboundedReceiver<String>,
    stop: impl Future<Output = io::Result<()>>,
    context: &mut Context<'_, '_>,
) -> Result<(), Error> {
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            result = &mut stop => return result.map_err(|source| output("the log", source)),
            line = lines.recv() => match line {
                Some(line) => context.term.log(&line),
                None => return Err(SandboxError::Serve(io::Error::other("the server ended")).into()),
            },
        }
    }
}

/// Listens from now on, and waits for somebody to ask for an end.
#[cfg(unix)]
fn asked_to_stop() -> io::Result<impl Future<Output = io::Result<()>>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut hangup = signal(SignalKind::hangup())?; // the terminal is closed
    Ok(async move {
        tokio::select! { _ = interrupt.recv() => Ok(()), _ = terminate.recv() => Ok(()), _ = hangup.recv() => Ok(()) }
    })
}

/// Waits for somebody to ask for an end.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "on Unix it can fail")]
fn asked_to_stop() -> io::Result<impl Future<Output = io::Result<()>>> {
    Ok(tokio::signal::ctrl_c())
}

/// A folder of the sandbox's own, with a configuration that is ready to use; gone when dropped.
pub(super) struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    /// Makes the folder.
    pub(super) fn new(site: &Site) -> Result<Self, Error> {
        let make = || {
            let folder = tempfile::Builder::new().prefix(environ::SANDBOX_FOLDER).tempdir()?;
            PrivateDir::open(folder.path())?.write("config.toml", site.profile_toml().as_bytes())?;
            Ok(Self { folder })
        };
        make().map_err(|source| output("the sandbox's configuration", source))
    }

    /// The folder.
    pub(super) fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The configuration.
    pub(super) fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }
}

fn written(line: &LogLine) -> String {
    let milliseconds = u32::try_from(line.micros).map_or(f64::INFINITY, f64::from) / 1000.0;
    format!("{} {} {} {milliseconds:.1} ms", line.status, line.method, line.path)
}

/// What to paste, and where things are.
fn welcome(site: &Site, home: &Home) -> String {
    let config = home.config();
    let (name, dev) = (environ::CONFIG, Environment::Dev);
    format!(
        "sandbox     {}   (Ctrl-C stops it)\n\
         token       {}\n\
         API         {}\n\
         profiles    dev, prod   in {}\n\
         \n\
         In another terminal:\n\
         \n\
         export {name}={}\n\
         eval \"$(choreo-env dev)\"\n\
         choreo-env curl dev GET /pets\n\
         \n",
        site.base_url(),
        site.token_url(),
        site.api_url(dev),
        config.display(),
        pasted(&config),
    )
}
