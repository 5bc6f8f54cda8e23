//! What each key means, at the length of a manual: the texts of choreo-env(5), beside the short ones of the schema.
//!
//! Owns these texts. Never says what the schema says already: kind, default and alias come from there. Gives one
//! [`Entry`] for each key; a test reads every example as a configuration, and misses no key.

/// A key, explained.
#[derive(Debug)]
pub struct Entry {
    /// The key's name, as in the schema.
    pub key: &'static str,
    /// What its value is, where the kind alone does not say it.
    pub value: &'static str,
    /// What it means: paragraphs, with empty lines between them; names stand in backticks.
    pub text: &'static str,
    /// Lines of a profile that use it.
    pub example: &'static str,
}

/// Every key, in the order of the schema.
pub const ENTRIES: &[Entry] = &[
    Entry {
        key: "extends",
        value: "the name of a profile",
        text: "The profile starts from all values of another one, its parents' included, and its own keys replace them, \
               table entries one by one. `protected` is inherited, too.\n\nOnly files can say it: the environment and \
               `--set` cannot.",
        example: "extends = \"dev\"",
    },
    Entry {
        key: "connection",
        value: "the connection's name in capitals, as its variables have it",
        text: "For components that run in Choreo, and for local runs of them. `token_url`, `consumer_key`, \
               `consumer_secret`, `api_url` and `api_key` come from `CHOREO_NAME_TOKENURL`, `_CONSUMERKEY`, \
               `_CONSUMERSECRET`, `_SERVICEURL` and `_CHOREOAPIKEY`. Keys that the profile has itself win; nothing of a \
               parent or of `[defaults]` fills a gap, since that would mix two applications. See `CONNECTIONS`.",
        example: "connection = \"PETSTORE\"",
    },
    Entry {
        key: "token_url",
        value: "a URL with `https`, or with `http` to this machine (127.0.0.1, ::1, localhost)",
        text: "The token endpoint, which the Developer Portal shows as Token Endpoint beside the keys. The consumer secret \
               is sent there and nowhere else; a redirect is not followed. It must not hold a user name, a password or \
               a fragment.",
        example: "token_url = \"https://api.asgardeo.io/t/acme/oauth2/token\"",
    },
    Entry {
        key: "issuer",
        value: "a URL with `https`, or with `http` to this machine, as the server names itself",
        text: "The authorization server, in place of `token_url`. Its own document (RFC 8414, OpenID Connect Discovery) \
               names the endpoints, and the way of client authentication where `client_auth` is left out. The document \
               has to name this very issuer, and its endpoints have to be at the issuer's own origin, or at one of \
               `endpoint_origins`: the secret goes there. It is kept for a day at most. A `token_url` beside it wins.",
        example: "issuer = \"https://login.example.com/realms/acme\"",
    },
    Entry {
        key: "endpoint_origins",
        value: "scheme, host and port",
        text: "Where else the endpoints may be that an issuer names: an issuer at one host whose endpoints are at another.",
        example: "endpoint_origins = [\"https://tokens.example.com\"]",
    },
    Entry {
        key: "revoke_url",
        value: "a URL, as for `token_url`",
        text: "The revocation endpoint, for `choreo-env revoke`, where no issuer names it.",
        example: "revoke_url = \"https://api.asgardeo.io/t/acme/oauth2/revoke\"",
    },
    Entry {
        key: "introspect_url",
        value: "a URL, as for `token_url`",
        text: "The introspection endpoint, which tells `choreo-env inspect` about a token that is not a JWT, where no \
               issuer names it.",
        example: "introspect_url = \"https://api.asgardeo.io/t/acme/oauth2/introspect\"",
    },
    Entry {
        key: "jwks_url",
        value: "a URL, as for `token_url`",
        text: "The server's public keys, with which `choreo-env inspect` checks a signature, where no issuer names them.",
        example: "jwks_url = \"https://api.asgardeo.io/t/acme/oauth2/jwks\"",
    },
    Entry {
        key: "consumer_key",
        value: "text",
        text: "The application's consumer key of one environment, as the Application Keys pane of the Developer Portal \
               shows it. It is no secret.",
        example: "consumer_key = \"PfaBqk1x7Rt0q\"",
    },
    Entry {
        key: "consumer_secret",
        value: "",
        text: "Where the consumer secret is. It is asked for only when a token has to be fetched; a cached token needs none. \
               Left out, it is in the variable `CHOREO_ENV_CONSUMER_SECRET`, else in the system's keyring, where \
               `choreo-env secret set` puts it.",
        example: "consumer_secret = { command = [\"pass\", \"choreo/dev\"] }",
    },
    Entry {
        key: "consumer_secret_next",
        value: "",
        text: "For a rotation in which both secrets are valid for a while: where the server refuses `consumer_secret`, this \
               one is tried once, and a warning says which of them works.",
        example: "consumer_secret_next = { env = \"NEXT_SECRET\" }",
    },
    Entry {
        key: "client_auth",
        value: "one of the methods below, by its registered name (RFC 7591 section 2)",
        text: "How the application proves who it is. With `client_secret_basic` and `client_secret_post`, key and secret are \
               sent: in an Authorization header, or as fields of the request's body, which Microsoft Entra ID and some \
               others want. With `client_secret_jwt` the secret signs a statement that is good for a minute, and is not \
               sent; with `private_key_jwt` a private key signs it, and the server has the public half only. With \
               `tls_client_auth` and `self_signed_tls_client_auth` a certificate is shown as the connection is made: one \
               of an authority that the server trusts, or one that the server knows. With `none` the application only \
               says who it is.\n\nLeft out beside an `issuer`, it is a method that the server takes and that the \
               profile has the key or the secret for.",
        example: "client_auth = \"client_secret_post\"",
    },
    Entry {
        key: "basic_encoding",
        value: "`form` or `raw`",
        text: "How key and secret are written in the Basic header: form-encoded first, as RFC 6749 section 2.3.1 says, or as \
               they are. It makes a difference only where one of them has other characters than letters, digits, `-`, \
               `.`, `_` and `*`. Servers disagree; `choreo-env doctor --token` finds out which of the two a server \
               accepts.",
        example: "basic_encoding = \"raw\"",
    },
    Entry {
        key: "private_key",
        value: "",
        text: "Where the private key is, for `private_key_jwt`, or for a certificate whose file does not hold it: a PEM file \
               (PKCS#8, PKCS#1, SEC 1, encrypted PKCS#8), or a JWK. RSA keys of 2048 to 4096 bits, P-256 and Ed25519 \
               can sign. One in the keyring is bound to the origin of `token_url`.",
        example: "private_key = { file = \"client.key\" }",
    },
    Entry {
        key: "private_key_passphrase",
        value: "",
        text: "Where the passphrase is, for a private key or a PKCS#12 file that is encrypted. It is asked for only where one \
               is needed.",
        example: "private_key_passphrase = { prompt = true }",
    },
    Entry {
        key: "key_id",
        value: "text",
        text: "The name that the server has for the private key, which goes into the header of each assertion (`kid`, RFC \
               7515 section 4.1.4). Left out, it is the one that a JWK has itself, if any.",
        example: "key_id = \"2026-01\"",
    },
    Entry {
        key: "signing_algorithm",
        value: "`RS256`, `PS256`, `ES256` or `EdDSA` for a private key, `HS256`, `HS384` or `HS512` for a secret",
        text: "How assertions are signed. Left out, the key decides: RS256 for an RSA key, ES256 for one of P-256, EdDSA for \
               Ed25519, and HS256 for a secret.",
        example: "signing_algorithm = \"PS256\"",
    },
    Entry {
        key: "assertion_audience",
        value: "text",
        text: "Whom assertions are for, the claim `aud` (RFC 7523 section 3). Left out, it is the token endpoint; some servers \
               want their issuer.",
        example: "assertion_audience = \"https://login.example.com/realms/acme\"",
    },
    Entry {
        key: "client_certificate",
        value: "",
        text: "The client's own certificate, for `tls_client_auth` and `self_signed_tls_client_auth` (RFC 8705): a PEM file \
               with the chain, which may hold the private key, too, or a PKCS#12 file. With `private_key_jwt`, assertions \
               name its thumbprint (`x5t#S256`), by which Microsoft Entra ID finds the key. `choreo-env doctor` says \
               when it ends.",
        example: "client_certificate = \"client.pem\"",
    },
    Entry {
        key: "scopes",
        value: "",
        text: "The scopes to ask for (RFC 6749 section 3.3). A server may grant others; `choreo-env token --json` shows \
               which it did.",
        example: "scopes = [\"pets:read\", \"pets:write\"]",
    },
    Entry {
        key: "device_scope",
        value: "",
        text: "Asks for one scope more, `device_` and a word of this machine's own. WSO2's servers keep one token for each \
               set of scopes, and may end it when they issue another: with it, this machine ends nobody else's.",
        example: "device_scope = true",
    },
    Entry {
        key: "audience",
        value: "text",
        text: "The form field `audience` of the token request, which some servers want.",
        example: "audience = \"https://api.example.com\"",
    },
    Entry {
        key: "resource",
        value: "a list of absolute URIs without a fragment",
        text: "The resources that the token is for (RFC 8707); the form field `resource` is sent once for each.",
        example: "resource = [\"https://api.example.com\"]",
    },
    Entry {
        key: "params",
        value: "",
        text: "Further form fields of the token request. Choreo's Insights API wants `orgHandle`, for example. Fields that \
               have a key of their own here, such as `scope`, are refused.",
        example: "params = { orgHandle = \"acme\" }",
    },
    Entry {
        key: "api_url",
        value: "a URL with `https`, `http`, `wss` or `ws`, without a fragment",
        text: "The address of the API. It is exported as `CHOREO_API_URL`, and `choreo-env curl dev GET /pets` calls what is \
               below it.",
        example: "api_url = \"https://acme-dev.choreoapis.dev/petstore/v1\"",
    },
    Entry {
        key: "api_key",
        value: "",
        text: "Where the API key is, for APIs that want one. It is exported as `CHOREO_API_KEY`, and sent with API calls as \
               the header `Choreo-API-Key`. One in the keyring is bound to the origin of `api_url`.",
        example: "api_key = { keyring = true }",
    },
    Entry {
        key: "headers",
        value: "",
        text: "Further headers of API calls. `Authorization` and `Choreo-API-Key` are refused: the tool sends them itself.",
        example: "headers = { Accept = \"application/json\" }",
    },
    Entry {
        key: "vars",
        value: "",
        text: "Further variables to export. A value is text in which `{token}`, `{expires_at}`, `{api_url}`, `{api_key}` and \
               `{profile}` are filled in; `{{` and `}}` stand for the braces themselves. Names that the tool exports \
               itself, and all that begin with `CHOREO_ENV_`, are refused.",
        example: "vars = { PETSTORE_AUTH = \"Bearer {token}\" }",
    },
    Entry {
        key: "ca_file",
        value: "",
        text: "A file of certificates (PEM) that are trusted beside the system's own: a company's authority, for example. \
               Better than `insecure` in every case.",
        example: "ca_file = \"~/certs/company.pem\"",
    },
    Entry {
        key: "insecure",
        value: "",
        text: "The server's certificate is not checked, as with `curl -k`. Anybody on the way can then read the consumer \
               secret; a warning says so each time.",
        example: "insecure = true",
    },
    Entry {
        key: "proxy",
        value: "a URL with `http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h`, without a user name",
        text: "The proxy of the token request, in place of the one that HTTPS_PROXY and the like name. A token endpoint with \
               `http` is on this machine, and is never asked through a proxy.",
        example: "proxy = \"http://proxy.example.com:3128\"",
    },
    Entry {
        key: "timeout",
        value: "",
        text: "The time that a token request may take in all: connection, answer and retries. Connections that fail, and the \
               answers 429 and 5xx, are tried again within it.",
        example: "timeout = \"30s\"",
    },
    Entry {
        key: "min_ttl",
        value: "",
        text: "The life that a cached token must have left to be handed out; `--min-ttl` asks for more in one run. Without \
               it: a tenth of the token's lifetime, 10 seconds at least and 60 at most.",
        example: "min_ttl = \"2m\"",
    },
    Entry {
        key: "protected",
        value: "",
        text: "`env`, `token`, `exec` and `curl` ask on the terminal before they hand out anything of this profile. Without a \
               terminal they refuse, unless there is `--yes`, or the profile is named in `CHOREO_ENV_ALLOW`.",
        example: "protected = true",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::schema::KEYS;
    use crate::config::{Origin, Place, file};
    use std::path::Path;

    #[test]
    fn every_key_is_explained_in_the_order_of_the_schema() {
        let keys: Vec<_> = KEYS.iter().map(|key| key.name).collect();
        let explained: Vec<_> = ENTRIES.iter().map(|entry| entry.key).collect();
        assert_eq!(explained, keys, "src/config/manual.rs explains the keys of the schema");
        assert!(ENTRIES.iter().all(|entry| entry.text.ends_with('.')));
    }

    #[test]
    fn every_example_is_a_configuration_that_sets_its_key() {
        let origin = Origin::User as fn(Place) -> Origin;
        let rules = file::Rules { origin, bare_secrets: None, home: None, table: &[], from_checkout: false };
        for entry in ENTRIES {
            let text = format!("[profiles.example]\n{}\n", entry.example);
            let read = file::read(&text, Path::new("example.toml"), &rules);
            let read = read.unwrap_or_else(|mistakes| panic!("{}: {mistakes:?}", entry.key));
            assert!(read.profiles.values().any(|profile| profile.has(entry.key)), "{}", entry.key);
        }
    }
}
