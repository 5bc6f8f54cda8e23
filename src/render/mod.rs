//! ⑥ How we say it: code for shells, files for tools, commands for people.
//!
//! Owns every quoting rule of the program, one format to a file. Never fetches, never prints, never decides what is
//! exported. Gives text in memory that is wiped when it is dropped, because a token is in it.

pub mod call;
pub mod token;
pub mod vars;

mod assign;
mod draft;
mod error;
mod quote;
mod undo;

pub use assign::leftovers;
pub use error::RenderError;
pub use undo::{Undo, inherited};
