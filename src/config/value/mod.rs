//! The values that a key can have, each parsed once, here, so that every mistake is found where it stands.

mod client_auth;
mod name;
mod reference;
mod template;
mod url;

pub use client_auth::{BasicEncoding, ClientAuth, SigningAlgorithm};
pub use name::ProfileName;
pub use reference::SecretRef;
pub use template::{Field, Piece, Template};
pub use url::{Issuer, api, endpoint, origin, proxy};
