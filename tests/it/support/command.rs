//! Runs the program, and compares all that it said.
//!
//! Never looks at one of status, stdout and stderr alone: what a test does not mention has to be silent.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

/// How long a program may take before the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The program under test.
pub(crate) fn program() -> &'static Path {
    assert_cmd::cargo::cargo_bin!("choreo-env")
}

/// A program that is about to run.
pub(crate) struct Command {
    process: process::Command,
    root: PathBuf,
    stdin: Vec<u8>,
}

impl Command {
    /// A command of the world with that root, which messages show as `[ROOT]`.
    pub(crate) fn new(process: process::Command, root: &Path) -> Self {
        Self { process, root: root.to_owned(), stdin: Vec::new() }
    }

    /// Adds arguments.
    pub(crate) fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, arguments: I) -> Self {
        self.process.args(arguments);
        self
    }

    /// Adds a variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.process.env(name, value);
        self
    }

    /// Gives it something to read.
    pub(crate) fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    /// Runs it to its end.
    #[track_caller]
    pub(crate) fn run(self) -> Run {
        let shown = format!("{:?}", self.process.get_args().collect::<Vec<_>>());
        let mut command = assert_cmd::Command::from_std(self.process);
        let output = command.write_stdin(self.stdin).timeout(PATIENCE).output().expect("the program runs");
        Run {
            command: shown,
            status: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            root: self.root.to_string_lossy().into_owned(),
        }
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("the program writes UTF-8")
}

/// What a program said, and how it ended.
pub(crate) struct Run {
    command: String,
    /// Its status; `None` where a signal ended it.
    pub(crate) status: Option<i32>,
    /// All that it wrote for other programs.
    pub(crate) stdout: String,
    /// All that it wrote for people.
    pub(crate) stderr: String,
    root: String,
}

impl Run {
    /// Fails the test where status, stdout or stderr is not as wanted, and shows all three.
    #[track_caller]
    pub(crate) fn assert(self, wanted: &Wanted) -> Self {
        let complaints: Vec<String> = [
            (self.status != Some(wanted.status)).then(|| format!("status: wanted {}", wanted.status)),
            wanted.stdout.complaint(&self.redacted(&self.stdout)).map(|text| format!("stdout: {text}")),
            wanted.stderr.complaint(&self.redacted(&self.stderr)).map(|text| format!("stderr: {text}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        assert!(complaints.is_empty(), "{}\n{self}", complaints.join("\n"));
        self
    }

    /// Stdout without the newline at its end.
    pub(crate) fn value(&self) -> &str {
        self.stdout.strip_suffix('\n').unwrap_or(&self.stdout)
    }

    /// A text without what differs from run to run.
    pub(crate) fn redacted(&self, text: &str) -> String {
        without_ports(&text.replace(&self.root, "[ROOT]"))
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, status, .. } = self;
        writeln!(f, "── command\n{command}\n── status\n{status:?}")?;
        write!(f, "── stdout\n{}── stderr\n{}──", self.redacted(&self.stdout), self.redacted(&self.stderr))
    }
}

/// Free ports differ from run to run.
fn without_ports(text: &str) -> String {
    const HOST: &str = "127.0.0.1:";
    let mut parts = text.split(HOST);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.push_str(HOST);
        let rest = part.trim_start_matches(|character: char| character.is_ascii_digit());
        shown.push_str(if rest.len() < part.len() { "[PORT]" } else { "" });
        shown.push_str(rest);
    }
    shown
}

/// What a run has to say: all of it, so that what is not mentioned has to be silent.
pub(crate) struct Wanted {
    status: i32,
    stdout: Text,
    stderr: Text,
}

/// A run that works.
pub(crate) fn fine() -> Wanted {
    ends(0)
}

/// A run that ends with that status.
pub(crate) fn ends(status: i32) -> Wanted {
    Wanted { status, stdout: Text::Exactly(String::new()), stderr: Text::Exactly(String::new()) }
}

impl Wanted {
    /// Stdout, whole.
    pub(crate) fn stdout(mut self, text: impl Into<String>) -> Self {
        self.stdout = Text::Exactly(text.into());
        self
    }

    /// Pieces of stdout, in that order.
    pub(crate) fn stdout_has<const N: usize>(mut self, pieces: [&str; N]) -> Self {
        self.stdout = Text::with(pieces);
        self
    }

    /// Stderr, whole.
    pub(crate) fn stderr(mut self, text: impl Into<String>) -> Self {
        self.stderr = Text::Exactly(text.into());
        self
    }

    /// Pieces of stderr, in that order.
    pub(crate) fn stderr_has<const N: usize>(mut self, pieces: [&str; N]) -> Self {
        self.stderr = Text::with(pieces);
        self
    }
}

enum Text {
    Exactly(String),
    Has(Vec<String>),
}

impl Text {
    fn with<const N: usize>(pieces: [&str; N]) -> Self {
        Self::Has(pieces.map(str::to_owned).to_vec())
    }

    fn complaint(&self, actual: &str) -> Option<String> {
        match self {
            Self::Exactly(wanted) => (wanted != actual).then(|| format!("wanted exactly {wanted:?}")),
            Self::Has(pieces) => {
                missing(pieces, actual).map(|piece| format!("wanted {piece:?}, there or after the last"))
            }
        }
    }
}

fn missing<'a>(pieces: &'a [String], actual: &str) -> Option<&'a String> {
    let mut rest = actual;
    pieces.iter().find(|piece| match rest.split_once(piece.as_str()) {
        Some((_, after)) => {
            rest = after;
            false
        }
        None => true,
    })
}
