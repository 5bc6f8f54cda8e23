//! The tests, as one program, a module for each room of the product and one for the world that they live in.
//!
//! Every test runs the real program in an empty home of its own, against real servers on free ports of the loopback
//! interface. A tool that is missing skips the test aloud, and fails it where `CHOREO_ENV_REQUIRE` names the tool.
#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and says so"
)]

// The world of a test: home, program, servers, tools. The shells that it runs are those of Unix systems.
#[cfg(unix)]
#[allow(dead_code, reason = "the tests that use all of it are being written")]
mod support;
