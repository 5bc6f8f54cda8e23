//! ② What is configured, and by whom.

mod origin;
mod value;

pub use origin::{Origin, Place, Sourced};
pub use value::{Field, Piece, ProfileName, SecretRef, Template};
