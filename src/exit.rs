//! The exit-status table: public, documented, and the same in the README and the man page.

/// How a run ended, as the calling program sees it.
///
/// `exec` is the exception: it ends with the status of the program that it ran, or with 126 or 127 as shells do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It worked.
    Fine = 0,
    /// Something that should not happen, such as a terminal that cannot be written to.
    Unexpected = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The configuration or the profile is wrong or missing.
    Config = 3,
    /// Something is not trusted: a stored secret would go to another place than the one that it was stored for.
    Untrusted = 4,
    /// The secret is not available.
    Secret = 5,
    /// The server refused, or gave an answer that is no token.
    Refused = 6,
    /// The server was not reached, or not in time.
    Network = 7,
    /// The token cache or its lock is not usable.
    Cache = 8,
    /// `exec` found the program, and could not run it.
    CannotRun = 126,
    /// `exec` did not find the program.
    NotFound = 127,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
