//! The tests, as one program, a module for each room.

mod curl;
mod shells;
mod support {
    pub(crate) mod shells;
}
