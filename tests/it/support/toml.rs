//! Writes the configuration that a test needs.

/// The consumer key of the profiles that [`profile`] writes.
pub(crate) const KEY: &str = "consumer-key";
/// The consumer secret of the profiles that [`profile`] writes, as a bare string.
pub(crate) const SECRET: &str = "consumer-s3cret";

/// A profile with that token endpoint, and further lines.
pub(crate) fn profile(name: &str, token_url: &str, lines: &str) -> String {
    profile_with(name, token_url, &quoted(SECRET), lines)
}

/// A profile with that token endpoint, a secret as TOML writes it, and further lines.
pub(crate) fn profile_with(name: &str, token_url: &str, secret: &str, lines: &str) -> String {
    let token_url = quoted(token_url);
    format!(
        "[profiles.{name}]\ntoken_url = {token_url}\nconsumer_key = \"{KEY}\"\nconsumer_secret = {secret}\n{lines}\n"
    )
}

/// A value as a basic string of TOML, whose escapes are JSON's.
pub(crate) fn quoted(value: &str) -> String {
    serde_json::to_string(value).unwrap()
}
