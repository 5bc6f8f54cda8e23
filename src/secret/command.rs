//! `{ command = ["program", "arg"] }`: a secret that a program prints on one line.
//!
//! Owns the search for the program, its run and its time limit. Never uses a shell, never gives it standard input,
//! and never shows what it printed. The program stays in our process group and keeps our terminal: `pinentry` and
//! password managers ask there.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::line::Form;
use super::{Flaw, Problem, line};
use crate::environ::Environ;

/// The time that a program may take: long enough for a person to unlock a password manager.
const LIMIT: Duration = Duration::from_secs(60);

/// The time after which a person should know what is waited for.
const LONG: Duration = Duration::from_secs(2);

/// How long to wait for a program.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// Until somebody is told.
    pub(super) quiet: Duration,
    /// In all.
    pub(super) limit: Duration,
}

impl Patience {
    /// As much as a person needs to unlock a password manager.
    pub(super) const USUAL: Self = Self { quiet: LONG, limit: LIMIT };
}

/// How long we listen on after the program has ended, while something that it left behind keeps the pipe open.
const GRACE: Duration = Duration::from_secs(1);

/// Runs the program and takes what it prints: one line, as a rule. What takes long is told once.
pub(super) fn run(
    words: &[String],
    form: Form,
    environ: &Environ,
    patience: Patience,
    takes_long: &mut dyn FnMut(),
) -> Result<SecretString, Problem> {
    let (program, arguments) = words.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let path = locate(words, environ)?;
    let mut run = Run::start(program, &path, arguments, patience.limit)?;
    let ended = run.finish(patience.quiet, takes_long);
    if ended.is_err() {
        run.stop();
    }
    let status = ended?;
    if !status.success() {
        return Err(failed(program.to_owned(), status));
    }
    form.read(&run.printed).map_err(|flaw| run.flawed(flaw))
}

/// Where the program is that would be run.
pub(super) fn locate(words: &[String], environ: &Environ) -> Result<PathBuf, Problem> {
    let program = words.first().map_or("", String::as_str);
    find(program, environ).ok_or_else(|| Problem::ProgramNotFound { program: program.to_owned() })
}

/// Where the program is: a name with a slash is a path; a bare name is searched for in PATH, but never in the current
/// directory, which may be anybody's: empty and relative entries of PATH mean just that.
fn find(program: &str, environ: &Environ) -> Option<PathBuf> {
    if program.is_empty() {
        return None;
    }
    let named = Path::new(program);
    if program.contains(std::path::is_separator) {
        return named.is_file().then(|| named.to_owned());
    }
    folders(environ.get("PATH")?)
        .filter(|folder| folder.is_absolute())
        .flat_map(|folder| candidates(&folder, named))
        .find(|path| is_program(path))
}

#[cfg(unix)]
fn folders(path: &OsStr) -> impl Iterator<Item = PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    path.as_bytes().split(|byte| *byte == b':').map(|folder| PathBuf::from(OsStr::from_bytes(folder)))
}

#[cfg(not(unix))]
fn folders(path: &OsStr) -> impl Iterator<Item = PathBuf> {
    path.to_string_lossy().split(';').map(PathBuf::from).collect::<Vec<_>>().into_iter()
}

#[cfg(unix)]
fn candidates(folder: &Path, name: &Path) -> Vec<PathBuf> {
    vec![folder.join(name)]
}

#[cfg(not(unix))]
fn candidates(folder: &Path, name: &Path) -> Vec<PathBuf> {
    vec![folder.join(name), folder.join(name).with_extension("exe")]
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// A program that runs, and what it has printed so far.
struct Run<'a> {
    program: &'a str,
    child: Child,
    pieces: Receiver<Zeroizing<Vec<u8>>>,
    printed: Zeroizing<Vec<u8>>,
    started: Instant,
    limit: Duration,
}

impl<'a> Run<'a> {
    fn start(program: &'a str, path: &Path, arguments: &[String], limit: Duration) -> Result<Self, Problem> {
        let not_run = |source: io::Error| Problem::ProgramNotRun { program: program.to_owned(), source };
        let arguments = arguments.iter().map(OsStr::new);
        let mut child =
            Command::new(path).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(not_run)?;
        let pieces = match child.stdout.take() {
            Some(stdout) => listen(stdout),
            None => return Err(not_run(io::Error::other("it has no standard output"))),
        };
        // Room for all that is accepted: a buffer that grows leaves copies behind that nobody wipes.
        let printed = Zeroizing::new(Vec::with_capacity(line::MOST + PIECE));
        Ok(Self { program, child, pieces, printed, started: Instant::now(), limit })
    }

    /// Listens until the program has ended and the pipe is closed, or nobody has written to it for a while.
    fn finish(&mut self, quiet: Duration, takes_long: &mut dyn FnMut()) -> Result<ExitStatus, Problem> {
        let mut takes_long = Some(takes_long);
        let mut step = Duration::from_millis(1);
        let mut ended = None;
        let mut last = Instant::now();
        loop {
            let closed = match self.pieces.recv_timeout(step) {
                Ok(piece) => {
                    self.take(&piece)?;
                    last = Instant::now();
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => true,
            };
            if ended.is_none() {
                ended = self.child.try_wait().map_err(|source| self.not_run(source))?;
                last = Instant::now();
            }
            match ended {
                Some(status) if closed || last.elapsed() > GRACE => return Ok(status),
                _ if self.started.elapsed() > self.limit => return Err(self.too_slow()),
                _ if closed => thread::sleep(step), // a closed channel does not wait
                _ => {}
            }
            if self.started.elapsed() > quiet
                && let Some(tell) = takes_long.take()
            {
                tell();
            }
            step = (step * 2).min(Duration::from_millis(20));
        }
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), Problem> {
        if self.printed.len() + piece.len() > line::MOST {
            return Err(self.flawed(Flaw::TooLong));
        }
        self.printed.extend_from_slice(piece);
        Ok(())
    }

    /// Ends the program, and waits for it, so that nothing of it stays behind.
    fn stop(&mut self) {
        if self.child.kill().is_ok() {
            _ = self.child.wait();
        }
    }

    fn not_run(&self, source: io::Error) -> Problem {
        Problem::ProgramNotRun { program: self.program.to_owned(), source }
    }

    fn flawed(&self, flaw: Flaw) -> Problem {
        Problem::ProgramFlawed { program: self.program.to_owned(), flaw }
    }

    fn too_slow(&self) -> Problem {
        Problem::ProgramTooSlow { program: self.program.to_owned(), limit: self.limit }
    }
}

/// How much is read from the pipe at once.
const PIECE: usize = 4096;

/// Reads on a thread of its own: a read from a pipe cannot be given a time limit. The thread ends with the pipe, or
/// when nobody listens any more, or with this process.
fn listen(mut stdout: ChildStdout) -> Receiver<Zeroizing<Vec<u8>>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let mut buffer = Zeroizing::new([0; PIECE]);
        loop {
            let piece = match stdout.read(&mut *buffer) {
                Ok(0) => return,
                Ok(length) => Zeroizing::new(buffer[..length].to_vec()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            if sender.send(piece).is_err() {
                return;
            }
        }
    });
    receiver
}

#[cfg(unix)]
fn failed(program: String, status: ExitStatus) -> Problem {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (None, Some(signal)) => Problem::ProgramKilled { program, signal: format!("signal {signal}") },
        (code, _) => Problem::ProgramFailed { program, status: code.unwrap_or(-1) },
    }
}

#[cfg(not(unix))]
fn failed(program: String, status: ExitStatus) -> Problem {
    Problem::ProgramFailed { program, status: status.code().unwrap_or(-1) }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn environ() -> Environ {
        Environ::from_iter([("PATH", "/usr/local/bin:/usr/bin:/bin")])
    }

    fn quietly(words: &[String], limit: Duration) -> Result<SecretString, Problem> {
        run(words, Form::Line, &environ(), Patience { limit, ..Patience::USUAL }, &mut || {})
    }

    fn shell(script: &str, limit: Duration) -> Result<String, Problem> {
        let words = ["sh", "-c", script].map(str::to_owned);
        quietly(&words, limit).map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn one_line_is_taken_and_arguments_are_not_read_by_a_shell() {
        let words = ["printf", "%s\\n", "a b'\"$HOME;*"].map(str::to_owned);
        let secret = quietly(&words, LIMIT).expect("a line");
        assert_eq!(secret.expose_secret(), "a b'\"$HOME;*");
    }

    #[test]
    fn standard_input_is_empty() {
        assert_eq!(shell("cat; echo end", LIMIT).expect("a line"), "end");
    }

    #[test]
    fn each_way_to_fail_is_told_apart() {
        assert!(matches!(shell("echo canary; exit 3", LIMIT), Err(Problem::ProgramFailed { status: 3, .. })));
        assert!(matches!(shell("kill -9 $$", LIMIT), Err(Problem::ProgramKilled { .. })));
        assert!(matches!(shell("true", LIMIT), Err(Problem::ProgramFlawed { flaw: Flaw::Empty, .. })));
        let several = shell("echo canary; echo b", LIMIT).expect_err("two lines");
        assert!(matches!(several, Problem::ProgramFlawed { flaw: Flaw::SeveralLines, .. }));
        assert!(!format!("{several} {several:?}").contains("canary"));
    }

    #[test]
    fn an_endless_output_is_cut_off() {
        let problem = shell("yes", LIMIT).expect_err("endless");
        assert!(matches!(problem, Problem::ProgramFlawed { flaw: Flaw::TooLong, .. }));
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended() {
        let started = Instant::now();
        let problem = shell("exec sleep 60", Duration::from_millis(50)).expect_err("too slow");
        assert!(matches!(problem, Problem::ProgramTooSlow { .. }));
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_program_that_takes_long_is_told_once_and_a_quick_one_is_not() {
        let told = |script: &str, quiet, limit| {
            let words = ["sh", "-c", script].map(str::to_owned);
            let mut told = 0;
            _ = run(&words, Form::Line, &environ(), Patience { quiet, limit }, &mut || told += 1);
            told
        };
        assert_eq!(told("exec sleep 60", Duration::ZERO, Duration::from_millis(50)), 1);
        assert_eq!(told("echo key", LIMIT, LIMIT), 0);
    }

    #[test]
    fn what_it_leaves_behind_does_not_hold_us_up() {
        let started = Instant::now();
        assert_eq!(shell("sleep 30 2>/dev/null & echo key; exit 0", LIMIT).expect("a line"), "key");
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_program_that_closes_its_output_is_waited_for() {
        assert!(matches!(shell("exec >&-; exit 4", LIMIT), Err(Problem::ProgramFailed { status: 4, .. })));
    }

    #[test]
    fn the_current_directory_is_never_searched() {
        let here = tempfile::tempdir_in(".").expect("a folder");
        let program = here.path().join("choreo-env-test-program");
        fs::write(&program, "#!/bin/sh\necho key\n").expect("written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("mode");
        let folder = here.path().file_name().and_then(OsStr::to_str).expect("a name");
        let path = format!(":.:{folder}:./{folder}");
        let environ = Environ::from_iter([("PATH", path)]);
        assert_eq!(find("choreo-env-test-program", &environ), None);
        assert!(find(&format!("{folder}/choreo-env-test-program"), &environ).is_some());
        assert_eq!(find("", &environ), None);
    }

    #[test]
    fn a_missing_program_and_one_that_may_not_run_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("text");
        fs::write(&path, "echo key").expect("written");
        let words = |path: &Path| vec![path.display().to_string()];
        let problem = quietly(&words(&path), LIMIT).expect_err("not executable");
        assert_eq!(problem.hint(), Some(format!("run `chmod +x {}`", path.display())));
        let missing = quietly(&words(&folder.path().join("none")), LIMIT);
        assert!(matches!(missing, Err(Problem::ProgramNotFound { .. })));
        let unknown = quietly(&["choreo-env-no-such-program".into()], LIMIT);
        assert!(matches!(unknown, Err(Problem::ProgramNotFound { .. })));
    }
}
