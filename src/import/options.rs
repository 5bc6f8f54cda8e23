//! curl's options: which take a value, and what becomes of them.
//!
//! Owns the list, of curl 8. Never shows an option's value. Gives for each option what it is for us.

/// What an option means for a token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The address.
    Url,
    /// A header.
    Header,
    /// `key:secret`, sent as Basic.
    User,
    /// A piece of the body, as it is.
    Data,
    /// The same, where `@` names no file.
    DataRaw,
    /// A piece of the body that curl encodes.
    DataUrlencode,
    /// A field of a multipart body.
    Form,
    /// The body, as JSON.
    Json,
    /// The method.
    Method,
    /// The body goes into the address.
    Get,
    /// Certificates to trust.
    CaFile,
    /// The proxy.
    Proxy,
    /// `-k`.
    Insecure,
    /// `-L`.
    Location,
    /// About the output or the connection: it has no meaning here, and nobody misses it.
    Silent,
    /// The same, with a value.
    SilentValue,
    /// Known, and not supported.
    Other,
    /// The same, with a value.
    OtherValue,
}

impl Meaning {
    /// Whether the option takes a value.
    pub(super) fn takes_value(self) -> bool {
        !matches!(self, Self::Get | Self::Insecure | Self::Location | Self::Silent | Self::Other)
    }
}

/// The name of a short option.
pub(super) fn long(short: char) -> Option<&'static str> {
    SHORT.iter().find(|(letter, _)| *letter == short).map(|(_, long)| *long)
}

/// What a long option means, with its name; `None` where it is not known.
pub(super) fn meaning(name: &str) -> Option<(&'static str, Meaning)> {
    let known = |list: &[&'static str]| list.iter().find(|known| **known == name).copied();
    if let Some((known, meaning)) = MEANT.iter().find(|(known, _)| *known == name) {
        return Some((known, *meaning));
    }
    let lists = [(SILENT, Meaning::Silent), (SILENT_VALUE, Meaning::SilentValue), (OTHER_VALUE, Meaning::OtherValue)];
    lists
        .into_iter()
        .chain([(OTHER, Meaning::Other)])
        .find_map(|(list, meaning)| known(list).map(|name| (name, meaning)))
}

const MEANT: [(&str, Meaning); 17] = [
    ("url", Meaning::Url),
    ("header", Meaning::Header),
    ("user", Meaning::User),
    ("data", Meaning::Data),
    ("data-ascii", Meaning::Data),
    ("data-binary", Meaning::Data),
    ("data-raw", Meaning::DataRaw),
    ("data-urlencode", Meaning::DataUrlencode),
    ("form", Meaning::Form),
    ("form-string", Meaning::Form),
    ("json", Meaning::Json),
    ("request", Meaning::Method),
    ("get", Meaning::Get),
    ("cacert", Meaning::CaFile),
    ("proxy", Meaning::Proxy),
    ("insecure", Meaning::Insecure),
    ("location", Meaning::Location),
];

const SHORT: [(char, &str); 46] = [
    ('A', "user-agent"),
    ('b', "cookie"),
    ('c', "cookie-jar"),
    ('C', "continue-at"),
    ('d', "data"),
    ('D', "dump-header"),
    ('e', "referer"),
    ('E', "cert"),
    ('f', "fail"),
    ('F', "form"),
    ('g', "globoff"),
    ('G', "get"),
    ('H', "header"),
    ('i', "include"),
    ('I', "head"),
    ('j', "junk-session-cookies"),
    ('J', "remote-header-name"),
    ('k', "insecure"),
    ('K', "config"),
    ('L', "location"),
    ('m', "max-time"),
    ('n', "netrc"),
    ('N', "no-buffer"),
    ('o', "output"),
    ('O', "remote-name"),
    ('p', "proxytunnel"),
    ('P', "ftp-port"),
    ('q', "disable"),
    ('Q', "quote"),
    ('r', "range"),
    ('R', "remote-time"),
    ('s', "silent"),
    ('S', "show-error"),
    ('t', "telnet-option"),
    ('T', "upload-file"),
    ('u', "user"),
    ('U', "proxy-user"),
    ('v', "verbose"),
    ('w', "write-out"),
    ('x', "proxy"),
    ('X', "request"),
    ('y', "speed-time"),
    ('Y', "speed-limit"),
    ('z', "time-cond"),
    ('4', "ipv4"),
    ('6', "ipv6"),
];

const SILENT: &[&str] = &[
    "basic",
    "compressed",
    "disable",
    "fail",
    "fail-early",
    "fail-with-body",
    "globoff",
    "http1.0",
    "http1.1",
    "http2",
    "include",
    "ipv4",
    "ipv6",
    "no-buffer",
    "no-keepalive",
    "no-progress-meter",
    "no-sessionid",
    "post301",
    "post302",
    "progress-bar",
    "remote-name",
    "remote-time",
    "show-error",
    "show-headers",
    "silent",
    "ssl-reqd",
    "tcp-nodelay",
    "tlsv1",
    "tlsv1.0",
    "tlsv1.1",
    "tlsv1.2",
    "tlsv1.3",
    "tr-encoding",
    "verbose",
];

const SILENT_VALUE: &[&str] = &[
    "connect-timeout",
    "keepalive-time",
    "max-time",
    "output",
    "output-dir",
    "referer",
    "retry",
    "retry-delay",
    "retry-max-time",
    "stderr",
    "trace",
    "trace-ascii",
    "user-agent",
    "write-out",
];

const OTHER: &[&str] = &[
    "anyauth",
    "digest",
    "ftp-pasv",
    "head",
    "http2-prior-knowledge",
    "http3",
    "junk-session-cookies",
    "location-trusted",
    "negotiate",
    "netrc",
    "netrc-optional",
    "ntlm",
    "proxy-insecure",
    "proxytunnel",
    "remote-header-name",
    "retry-all-errors",
    "retry-connrefused",
    "ssl-no-revoke",
];

const OTHER_VALUE: &[&str] = &[
    "alt-svc",
    "aws-sigv4",
    "capath",
    "cert",
    "cert-type",
    "ciphers",
    "config",
    "connect-to",
    "continue-at",
    "cookie",
    "cookie-jar",
    "crlfile",
    "curves",
    "delegation",
    "dns-interface",
    "dns-servers",
    "doh-url",
    "dump-header",
    "engine",
    "ftp-port",
    "hsts",
    "interface",
    "ip-tos",
    "keepalive-cnt",
    "key",
    "key-type",
    "krb",
    "libcurl",
    "limit-rate",
    "local-port",
    "login-options",
    "max-filesize",
    "max-redirs",
    "netrc-file",
    "noproxy",
    "oauth2-bearer",
    "pass",
    "pinnedpubkey",
    "preproxy",
    "proto",
    "proto-default",
    "proto-redir",
    "proxy-cacert",
    "proxy-capath",
    "proxy-cert",
    "proxy-cert-type",
    "proxy-ciphers",
    "proxy-header",
    "proxy-key",
    "proxy-key-type",
    "proxy-pass",
    "proxy-pinnedpubkey",
    "proxy-service-name",
    "proxy-tlspassword",
    "proxy-tlsuser",
    "proxy-user",
    "pubkey",
    "quote",
    "random-file",
    "range",
    "rate",
    "request-target",
    "resolve",
    "sasl-authzid",
    "service-name",
    "socks4",
    "socks4a",
    "socks5",
    "socks5-hostname",
    "speed-limit",
    "speed-time",
    "telnet-option",
    "time-cond",
    "tls-max",
    "tls13-ciphers",
    "tlspassword",
    "tlsuser",
    "trace-config",
    "unix-socket",
    "upload-file",
    "url-query",
    "variable",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_short_option_has_a_long_name_that_is_known() {
        for (short, name) in SHORT {
            assert!(meaning(name).is_some(), "{short} {name}");
        }
        assert_eq!(meaning("data").map(|(_, meaning)| meaning.takes_value()), Some(true));
        assert_eq!(meaning("silent").map(|(_, meaning)| meaning.takes_value()), Some(false));
        assert_eq!(meaning("no-such-option"), None);
    }
}
