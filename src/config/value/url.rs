//! Addresses: where secrets and tokens may be sent.

use url::{Host, ParseError, Url};

/// Parses the address of an endpoint that gets a secret: `https`, or `http` to this machine; no user information
/// (it would be a secret in a place where none is expected) and no fragment (RFC 6749 §3.2).
///
/// # Errors
/// A phrase that says what is wrong with it; never the address, which may hold a secret.
pub fn endpoint(text: &str) -> Result<Url, String> {
    let url = parse(text, &["https", "http"])?;
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err("must use https (http is for this machine only)".into());
    }
    if url.fragment().is_some() {
        return Err("must not have a fragment (RFC 6749 section 3.2)".into());
    }
    Ok(url)
}

/// The address of an authorization server: `https`, or `http` to this machine, without query and fragment (RFC 8414 §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    url: Url,
}

impl Issuer {
    /// Parses it, and keeps it as it was written.
    ///
    /// # Errors
    /// A phrase that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = endpoint(text)?;
        if url.query().is_some() {
            return Err("must not have a query (RFC 8414 section 2)".into());
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// As it was written: this is what the server's own document has to say, character by character (RFC 8414 §3.3).
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same as an address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }
}

/// Parses scheme, host and port, and nothing after them, and gives them as they are compared (RFC 6454 §6.2).
///
/// # Errors
/// A phrase that says what is wrong with it.
pub fn origin(text: &str) -> Result<String, String> {
    let url = endpoint(text)?;
    if url.path() != "/" || url.query().is_some() {
        return Err(
            "must be origins, such as https://login.example: scheme, host and port, and nothing after them".into()
        );
    }
    Ok(url.origin().ascii_serialization())
}

/// Checks the address of an API. Plain `http` is fine here: services inside a cluster have no other. A fragment is not:
/// it is never sent, and would swallow the path that is added to it.
///
/// # Errors
/// A phrase that says what is wrong with it.
pub fn api(text: &str) -> Result<Url, String> {
    let url = parse(text, &["https", "http", "wss", "ws"])?;
    if url.fragment().is_some() { Err("must not have a fragment, which is never sent".into()) } else { Ok(url) }
}

/// Parses the address of a proxy.
///
/// # Errors
/// A phrase that says what is wrong with it.
pub fn proxy(text: &str) -> Result<Url, String> {
    parse(text, &["http", "https", "socks4", "socks4a", "socks5", "socks5h"])
}

fn parse(text: &str, schemes: &[&str]) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| match (error, schemes.first()) {
        (ParseError::RelativeUrlWithoutBase, Some(scheme)) => format!("is no URL: begin it with `{scheme}://`"),
        (error, _) => format!("is no URL: {error}"),
    })?;
    if !schemes.contains(&url.scheme()) {
        let allowed: Vec<_> = schemes.iter().map(|scheme| format!("{scheme}://")).collect();
        return Err(format!("must begin with {}", allowed.join(" or ")));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("has no host".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or a password".into());
    }
    Ok(url)
}

/// Whether the host is this machine itself. A name is never looked up: only `localhost` counts.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in
            ["https://sts.choreo.dev/oauth2/token", "http://127.0.0.1:80/t", "http://[::1]/t", "http://localhost/t"]
        {
            assert!(endpoint(good).is_ok(), "{good}");
        }
        for bad in [
            "http://sts.choreo.dev/t",
            "http://localhost.example/t",
            "http://128.0.0.1/t",
            "http://127.0.0.1.example/t",
        ] {
            assert!(endpoint(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_issuer_has_no_query_and_stays_as_it_was_written() {
        for text in ["https://idp.example", "https://idp.example/", "https://IdP.example/t/acme/"] {
            assert_eq!(Issuer::parse(text).expect(text).text(), text);
        }
        for bad in ["https://idp.example/?a", "https://idp.example/#a", "http://idp.example", "idp.example"] {
            assert!(Issuer::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_has_nothing_after_its_port() {
        assert_eq!(origin("https://Login.example:443/").as_deref(), Ok("https://login.example"));
        assert_eq!(origin("http://127.0.0.1:80").as_deref(), Ok("http://127.0.0.1"));
        for bad in ["https://login.example/a", "https://login.example/?a", "http://login.example", "login.example", "*"]
        {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn passwords_fragments_and_other_schemes_are_refused_without_being_shown() {
        for bad in ["https://me:hunter2@host/t", "https://host/t#hunter2", "ftp://hunter2/t", "hunter2"] {
            let message = endpoint(bad).expect_err(bad);
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
}
