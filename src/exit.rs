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
    /// Nobody has said that this may be: a checkout's file that is not trusted or reaches for the user's own secret, a
    /// stored secret that would go to another place than the one that it was stored for, or a protected profile.
    Untrusted = 4,
    /// The secret is not available.
    Secret = 5,
    /// The server refused, or gave an answer that is no token.
    Refused = 6,
    /// The server was not reached, or not in time.
    Network = 7,
    /// The token cache or its lock is not usable.
    Cache = 8,
    /// `status`: the cached token lives, but not for as long as is wanted.
    Expiring = 10,
    /// `status`: the cached token is past its end.
    Expired = 11,
    /// `status`: no token is cached.
    NoToken = 12,
    /// `exec` found the program, and could not run it.
    CannotRun = 126,
    /// `exec` did not find the program.
    NotFound = 127,
}

impl Exit {
    /// Every status, in order: what the manual lists.
    pub const ALL: [Self; 14] = [
        Self::Fine,
        Self::Unexpected,
        Self::Usage,
        Self::Config,
        Self::Untrusted,
        Self::Secret,
        Self::Refused,
        Self::Network,
        Self::Cache,
        Self::Expiring,
        Self::Expired,
        Self::NoToken,
        Self::CannotRun,
        Self::NotFound,
    ];

    /// What it means, as a sentence of the manual.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Fine => "It worked.",
            Self::Unexpected => "Something that should not happen, such as an output that cannot be written to.",
            Self::Usage => "The command line is wrong.",
            Self::Config => "The configuration or the profile is wrong or missing.",
            Self::Untrusted => {
                "Nobody has said that this may be: a checkout's file that reaches for your own secret, a stored secret \
                 that would go to another place than the one that it was stored for, or a protected profile."
            }
            Self::Secret => "The secret is not available.",
            Self::Refused => "The server refused, or gave an answer that is no token.",
            Self::Network => "The server was not reached, or not in time.",
            Self::Cache => "The token cache or its lock cannot be used.",
            Self::Expiring => "`status`: the cached token lives, but the next call asks for another one.",
            Self::Expired => "`status`: the cached token is past its end.",
            Self::NoToken => "`status`: no token is cached.",
            Self::CannotRun => "`exec`: the program was found, and could not be run.",
            Self::NotFound => "`exec`: the program was not found.",
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
