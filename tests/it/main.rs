//! The tests, as one program, a module for each room.
fn main() {}
