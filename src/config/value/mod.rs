//! The values that a key can have, each parsed once, here, so that every mistake is found where it stands.

mod name;
mod reference;
mod template;

pub use name::ProfileName;
pub use reference::SecretRef;
pub use template::{Field, Piece, Template};
