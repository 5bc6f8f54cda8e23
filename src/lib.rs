//! choreo-env: from a named environment to a working access token.
#![forbid(unsafe_code)]

pub mod config;
pub mod environ;
pub mod exit;
pub mod notice;
pub mod profile;
pub mod render;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod shell;
pub mod store;
