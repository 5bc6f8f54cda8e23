//! The two requests of this field: the one for a token, and a call of the API with it.

use secrecy::SecretString;
use url::Url;

use super::{Asked, AskedError, Body, Part, Request, Text};
use crate::config::schema::printable;
use crate::config::{ProfileName, SecretRef, parse_api_url};
use crate::environ::{EXPORTED_API_KEY, EXPORTED_TOKEN};
use crate::profile::{BasicEncoding, ClientAuth, Profile};
use crate::token::{TokenRequest, basic_pair};

/// Why a request cannot be written down.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The secret stands in a file as it is, or nowhere: no command can fetch it.
    #[error("profile `{profile}`: `{key}` has no source that a command could ask")]
    NoHelper {
        /// The profile.
        profile: ProfileName,
        /// The key.
        key: &'static str,
    },
    /// The proof of who the client is cannot be written into a command.
    #[error("profile `{profile}`: a token request with `client_auth = \"{method}\"` cannot be written as a command")]
    NoProof {
        /// The profile.
        profile: ProfileName,
        /// The method.
        method: &'static str,
    },
    /// There is no address that a path could be added to.
    #[error("profile `{profile}`: `api_url` is not set")]
    NoApiUrl {
        /// The profile.
        profile: ProfileName,
    },
    /// What was asked does not fit together.
    #[error(transparent)]
    Asked(#[from] AskedError),
    /// The target is no address.
    #[error("the address of the call {wrong}")]
    NoAddress {
        /// What is wrong with it.
        wrong: String,
    },
}

impl RequestError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoHelper { key, .. } => {
                Some(format!("give `{key}` a source such as {{ env = \"NAME\" }}, or use `--credentials placeholder`"))
            }
            Self::NoProof { profile, .. } => Some(format!(
                "use `choreo-env token {profile}`; a call of the API works: `choreo-env curl {profile} GET /path`"
            )),
            Self::NoApiUrl { .. } => {
                Some("add `api_url = \"https://…\"` to the profile, or give the whole address".into())
            }
            Self::Asked(wrong) => wrong.hint(),
            Self::NoAddress { .. } => None,
        }
    }
}

/// What stands for a credential in a request that is written down.
#[derive(Clone, Debug)]
pub enum Credential {
    /// The real one.
    Inline(SecretString),
    /// An environment variable.
    Env,
    /// A command that fetches it when the request is run.
    Helper,
    /// A word in angle brackets.
    Placeholder,
}

/// Names the variable that holds the consumer secret, where the profile does not.
pub(super) const SECRET_VARIABLE: &str = "CHOREO_ENV_CONSUMER_SECRET";

/// The token request of a profile (RFC 6749 §4.4.2).
///
/// # Errors
/// The secret's source cannot be written as a command.
pub fn token_request(profile: &Profile, credential: &Credential) -> Result<Request, RequestError> {
    let request = TokenRequest::new(profile);
    let method = profile.client_auth.value;
    if method.signs() || method.is_tls() {
        return Err(RequestError::NoProof { profile: profile.name.clone(), method: method.name() });
    }
    let reference = profile.consumer_secret.as_ref().map(|secret| &secret.value);
    let secret = match method {
        ClientAuth::None => None,
        _ => written(profile, reference, credential, SECRET_VARIABLE, "consumer-secret")?,
    };
    let key = match credential {
        Credential::Placeholder => Text::from(Part::Placeholder("consumer-key".into())),
        _ => Text::from(Part::Plain(profile.consumer_key.value.clone())),
    };
    let fields = request.fields().iter().map(|(name, value)| (name.clone(), Text::plain(value.clone())));
    let mut form: Vec<_> = fields.collect();
    let mut user = None;
    match (method, secret) {
        (ClientAuth::Post, Some(secret)) => form.extend([("client_id".into(), key), ("client_secret".into(), secret)]),
        (ClientAuth::Post, None) => return Err(no_helper(profile, "consumer_secret")),
        (ClientAuth::Basic, secret) => user = Some(basic_user(profile, credential, key, secret)),
        _ => form.push(("client_id".into(), key)),
    }
    Ok(Request { url: request.url().to_string(), user, body: Body::Form(form), ..transport(profile) })
}

/// Whether a command sends the secret otherwise than the tool does: what a variable or a command
/// gives is not form-encoded.
#[must_use]
pub fn sends_raw(profile: &Profile, credential: &Credential) -> bool {
    let late = matches!(credential, Credential::Env | Credential::Helper);
    late && profile.client_auth.value == ClientAuth::Basic && profile.basic_encoding.value == BasicEncoding::Form
}

/// Where a call goes that does not go to the server of `api_url`, in a phrase for people. What the profile has for that
/// server, but for the token, does not go along.
#[must_use]
pub fn stray(profile: &Profile, target: &str) -> Option<String> {
    let own = parse_api_url(profile.api_url.as_deref()?).ok()?;
    let url = parse_api_url(target).ok()?; // a path is none
    let place = |url: &Url| (url.host_str().map(str::to_owned), url.port_or_known_default());
    let open = |url: &Url| matches!(url.scheme(), "http" | "ws");
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let host = format!("{}{port}", url.host_str().unwrap_or_default());
    // The same host in the open, or by another default port, is another place, too.
    match url.host_str() == own.host_str() && port.is_empty() {
        _ if place(&url) == place(&own) && open(&url) == open(&own) => None,
        true => Some(format!("`{}://{host}`, which is not where `api_url` leads", url.scheme())),
        false => Some(format!("`{host}`, which is not the host of `api_url`")),
    }
}

/// A call of the API. A WebSocket takes the token as a subprotocol, because a browser could send no header.
///
/// # Errors
/// There is no such address, or the API key's source cannot be written as a command.
pub fn api_call(
    profile: &Profile,
    asked: &Asked,
    token: &Credential,
    api_key: &Credential,
) -> Result<Request, RequestError> {
    let at_home = stray(profile, &asked.target).is_none();
    let mut request = Request {
        method: asked.method.clone(),
        url: address(profile, &asked.address()?)?,
        body: asked.body.clone(),
        extra: asked.extra.clone(),
        ..transport(profile)
    };
    let bearer = bearer(profile, token);
    let mut headers = Vec::new();
    if request.is_websocket() {
        request.protocols = vec![Text::plain("choreo-oauth2-token"), bearer.into()];
    } else {
        headers.push(("Authorization".to_owned(), Text::new([Part::Plain("Bearer ".into()), bearer])));
    }
    if let Some(reference) = profile.api_key.as_ref().filter(|_| at_home) {
        let key = written(profile, Some(&reference.value), api_key, EXPORTED_API_KEY, "api-key")?;
        headers.push(("Choreo-API-Key".into(), key.ok_or_else(|| no_helper(profile, "api_key"))?));
    }
    let own = profile.headers.iter().map(|(name, value)| (name.clone(), Text::plain(value.clone())));
    headers.extend(own.filter(|_| at_home));
    request.headers = with_asked(headers, asked);
    Ok(request)
}

fn bearer(profile: &Profile, token: &Credential) -> Part {
    match token {
        Credential::Inline(token) => Part::Secret(token.clone()),
        Credential::Env => Part::Variable(EXPORTED_TOKEN.into()),
        Credential::Helper => output(["choreo-env", "token", profile.name.as_str()].map(str::to_owned), EXPORTED_TOKEN),
        Credential::Placeholder => Part::Placeholder("access-token".into()),
    }
}

/// What was asked for replaces what is there anyway.
fn with_asked(mut headers: Vec<(String, Text)>, asked: &Asked) -> Vec<(String, Text)> {
    let asked = asked.all_headers();
    headers.retain(|(name, _)| !asked.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)));
    headers.extend(asked.into_iter().map(|(name, value)| (name, Text::plain(value))));
    headers
}

fn output(command: impl Into<Vec<String>>, variable: &str) -> Part {
    Part::Output { command: command.into(), variable: variable.to_owned() }
}

/// How the profile's requests travel.
fn transport(profile: &Profile) -> Request {
    Request {
        insecure: profile.insecure,
        ca_file: profile.ca_file.clone(),
        proxy: profile.proxy.as_ref().map(ToString::to_string),
        ..Request::default()
    }
}

/// Key and secret as they go before base64, which curl does itself. Without a secret curl asks for it.
fn basic_user(profile: &Profile, credential: &Credential, key: Text, secret: Option<Text>) -> (Text, Option<Text>) {
    let encoding = profile.basic_encoding.value;
    match credential {
        Credential::Inline(plain) => {
            let (key, secret) = basic_pair(encoding, &profile.consumer_key.value, plain);
            (Part::Plain(key).into(), Some(Part::Secret(secret).into()))
        }
        Credential::Placeholder => (key, secret),
        Credential::Env | Credential::Helper => {
            let (key, _) = basic_pair(encoding, &profile.consumer_key.value, &SecretString::default());
            (Part::Plain(key).into(), secret)
        }
    }
}

fn no_helper(profile: &Profile, key: &'static str) -> RequestError {
    RequestError::NoHelper { profile: profile.name.clone(), key }
}

/// What stands for a secret; `None`: the person who runs the command is asked.
fn written(
    profile: &Profile,
    reference: Option<&SecretRef>,
    credential: &Credential,
    variable: &str,
    placeholder: &str,
) -> Result<Option<Text>, RequestError> {
    let part = match (credential, reference) {
        (Credential::Inline(secret), _) => Part::Secret(secret.clone()),
        (Credential::Placeholder, _) => Part::Placeholder(placeholder.into()),
        (Credential::Env | Credential::Helper, Some(SecretRef::Env(name))) => Part::Variable(name.clone()),
        (Credential::Env, _) => Part::Variable(variable.into()),
        (Credential::Helper, Some(SecretRef::File(path))) => {
            output(["cat".to_owned(), path.to_string_lossy().into()], variable)
        }
        (Credential::Helper, Some(SecretRef::Command(words))) => output(words.clone(), variable),
        (Credential::Helper, Some(SecretRef::Prompt)) => return Ok(None),
        (Credential::Helper, Some(SecretRef::Keyring | SecretRef::Value(_)) | None) => {
            let key = if placeholder == "api-key" { "api_key" } else { "consumer_secret" };
            return Err(no_helper(profile, key));
        }
    };
    Ok(Some(part.into()))
}

/// The address that a target means.
fn address(profile: &Profile, target: &str) -> Result<String, RequestError> {
    if target.contains("://") {
        return checked(target);
    }
    let base = profile.api_url.as_deref().ok_or_else(|| RequestError::NoApiUrl { profile: profile.name.clone() })?;
    let (base, query) = base.split_once('?').map_or((base, None), |(base, query)| (base, Some(query)));
    let target = match target {
        "" => base.to_owned(),
        query if query.starts_with('?') => format!("{base}{query}"),
        path => format!("{}{path}", base.trim_end_matches('/')),
    };
    match query {
        None => checked(&target),
        Some(query) => checked(&format!("{target}{}{query}", if target.contains('?') { '&' } else { '?' })),
    }
}

/// The address as it is sent: with blanks and the like percent-encoded.
fn checked(address: &str) -> Result<String, RequestError> {
    // The parser would take a tab or a line break out, and with it make another address of this one.
    let parsed = printable(address).and_then(|()| parse_api_url(address));
    let mut url = parsed.map_err(|wrong| RequestError::NoAddress { wrong })?;
    url.set_fragment(None); // it is never sent
    Ok(url.into())
}
