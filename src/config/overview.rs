//! What is configured, as far as that can be told at once and in silence: for completion, where nobody reads messages.
//!
//! Owns the choice of what is passed over: whatever has mistakes, or cannot be read. Never opens a file of a checkout
//! that nobody trusted, not even to compare it. Gives a [`Loaded`] that may lack things: never to be used for a token.

use super::{Loaded, ambient, built_in, checkout, file, open, own_files, user_file};
use crate::environ::Environ;

/// Reads all layers but the command line, and passes over all that is wrong with them.
#[must_use]
pub fn overview(environ: &Environ) -> Loaded {
    let home = environ.home();
    let mut loaded = Loaded { built_in: built_in(), user_file: user_file(environ), ..Loaded::default() };
    for own in own_files(environ) {
        let Ok(Some((text, access))) = open(&own.path, false) else { continue };
        let (contents, _) = file::read_leniently(&text, &own.path, &own.rules(access, home.as_deref()));
        loaded.files.push(contents);
    }
    for document in checkout::trusted(environ) {
        loaded.files.extend(document.contents_leniently(home.as_deref()).0);
    }
    loaded.environment = ambient::environment(environ).unwrap_or_default();
    loaded.connections = loaded.connections(environ);
    loaded
}
