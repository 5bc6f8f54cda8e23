#!/usr/bin/env bash
# The programs that take minutes to compile, which `.ci/run` therefore goes without: xh, websocat, hurl, and a crate with
# reqwest. After `tests/clients/slow.sh`, `cargo test` runs what choreo-env prints for them, too.
#
# hurl wants the headers of libcurl, libxml2 and libclang: libcurl4-openssl-dev, libxml2-dev, libclang-dev, pkg-config.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly TOOLS=$PWD/target/ci

cargo install --quiet --locked --debug --root "$TOOLS/cargo" xh@0.26.3 websocat@1.14.1 hurl@8.0.1

mkdir -p "$TOOLS/rust-client/src"
cat >"$TOOLS/rust-client/Cargo.toml" <<'END'
[package]
name = "call"
version = "0.0.0"
edition = "2024"

[dependencies]
reqwest = { version = "0.13", default-features = false, features = ["blocking", "form", "multipart"] }

[workspace]
END
echo 'fn main() {}' >"$TOOLS/rust-client/src/main.rs"
cargo build --quiet --manifest-path "$TOOLS/rust-client/Cargo.toml" --target-dir "$TOOLS/rust-client/target"
