//! How a client proves who it is (RFC 6749 §2.3).

/// How the client proves who it is: the registered names of RFC 7591 §2 and of those that add to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// `client_secret_basic`: an `Authorization: Basic` header (RFC 6749 §2.3.1).
    Basic,
    /// `client_secret_post`: fields of the body (RFC 6749 §2.3.1).
    Post,
    /// `client_secret_jwt`: an assertion that the secret signs, which itself is not sent (`OpenID` Connect Core §9).
    SecretJwt,
    /// `private_key_jwt`: an assertion that a private key signs (RFC 7523 §2.2).
    PrivateKeyJwt,
    /// `tls_client_auth`: a certificate of an authority that the server trusts (RFC 8705 §2.1).
    Tls,
    /// `self_signed_tls_client_auth`: a certificate that the server knows (RFC 8705 §2.2).
    SelfSignedTls,
    /// `none`: the client only says who it is (RFC 7591 §2).
    None,
}

impl ClientAuth {
    /// Every method with its registered name.
    pub const ALL: [(&'static str, Self); 7] = [
        ("client_secret_basic", Self::Basic),
        ("client_secret_post", Self::Post),
        ("client_secret_jwt", Self::SecretJwt),
        ("private_key_jwt", Self::PrivateKeyJwt),
        ("tls_client_auth", Self::Tls),
        ("self_signed_tls_client_auth", Self::SelfSignedTls),
        ("none", Self::None),
    ];

    /// The method of that registered name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find_map(|(known, method)| (known == name).then_some(method))
    }

    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::SecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::Tls => "tls_client_auth",
            Self::SelfSignedTls => "self_signed_tls_client_auth",
            Self::None => "none",
        }
    }

    /// The key of a profile that says where the method's secret is. A certificate's key may be in the certificate's
    /// file, so there is none for that.
    #[must_use]
    pub fn secret_key(self) -> Option<&'static str> {
        match self {
            Self::Basic | Self::Post | Self::SecretJwt => Some("consumer_secret"),
            Self::PrivateKeyJwt => Some("private_key"),
            Self::Tls | Self::SelfSignedTls | Self::None => None,
        }
    }

    /// Whether the secret itself goes to the server.
    #[must_use]
    pub fn sends_secret(self) -> bool {
        matches!(self, Self::Basic | Self::Post)
    }

    /// Whether a signed assertion goes to the server.
    #[must_use]
    pub fn signs(self) -> bool {
        matches!(self, Self::SecretJwt | Self::PrivateKeyJwt)
    }

    /// Whether a certificate of the client is shown as the connection is made.
    #[must_use]
    pub fn is_tls(self) -> bool {
        matches!(self, Self::Tls | Self::SelfSignedTls)
    }
}

/// How an assertion is signed (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// Ed25519, by its first name.
    EdDsa,
}

impl SigningAlgorithm {
    /// Every algorithm with its registered name.
    pub const ALL: [(&'static str, Self); 7] = [
        ("HS256", Self::Hs256),
        ("HS384", Self::Hs384),
        ("HS512", Self::Hs512),
        ("RS256", Self::Rs256),
        ("PS256", Self::Ps256),
        ("ES256", Self::Es256),
        ("EdDSA", Self::EdDsa),
    ];

    /// The algorithm of that registered name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find_map(|(known, algorithm)| (known == name).then_some(algorithm))
    }

    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Whether a secret signs that the server knows, too, and no private key.
    #[must_use]
    pub fn is_symmetric(self) -> bool {
        matches!(self, Self::Hs256 | Self::Hs384 | Self::Hs512)
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
