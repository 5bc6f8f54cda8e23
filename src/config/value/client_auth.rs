//! How a client proves who it is (RFC 6749 §2.3).

/// How the client proves who it is: the registered names of RFC 7591 §2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// `client_secret_basic`: an `Authorization: Basic` header (RFC 6749 §2.3.1).
    Basic,
    /// `client_secret_post`: fields of the body (RFC 6749 §2.3.1).
    Post,
}

impl ClientAuth {
    /// Every method with its registered name.
    pub const ALL: [(&'static str, Self); 2] =
        [("client_secret_basic", Self::Basic), ("client_secret_post", Self::Post)];

    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
        }
    }
}

/// How key and secret are written in the Basic header; servers disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BasicEncoding {
    /// `form`: both are form-encoded first (RFC 6749 §2.3.1).
    Form,
    /// `raw`: both as they are (RFC 7617).
    Raw,
}

impl BasicEncoding {
    /// Every encoding with its name.
    pub const ALL: [(&'static str, Self); 2] = [("form", Self::Form), ("raw", Self::Raw)];

    /// The name that the configuration uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Raw => "raw",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Form => Self::Raw,
            Self::Raw => Self::Form,
        }
    }
}
