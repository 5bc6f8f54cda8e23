//! The doorway of `choreo-env`.
#![forbid(unsafe_code)]

fn main() {}
