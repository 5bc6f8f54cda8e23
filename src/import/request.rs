//! A token request, as a command describes it, becomes a draft.
//!
//! Owns what each field and each credential means for a profile. Never names a field that is not known: where a quote is
//! missing, it may be a piece of a secret.

use zeroize::Zeroizing;

use super::basic::{self, Pair};
use super::body::{self, Field, Left};
use super::{Draft, ImportError, is_placeholder};
use crate::config::ClientAuth;
use crate::words::Word;

/// What a command says, option by option.
#[derive(Default)]
pub(super) struct Request {
    pub(super) draft: Draft,
    pub(super) address: Option<Word>,
    pub(super) fields: Vec<Field>,
    pub(super) basic: Option<Pair>,
    /// The header or option that shows that an API is called.
    pub(super) calls_api: Option<&'static str>,
}

impl Request {
    pub(super) fn basic(&mut self, pair: Result<Pair, &'static str>) {
        match pair {
            Ok(pair) => {
                if let Some(remark) = pair.remark {
                    self.draft.remark(remark);
                }
                self.basic = Some(pair);
            }
            Err(why) => self.draft.remark(format!("{why}: left out")),
        }
    }

    pub(super) fn body(&mut self, fields: Vec<Result<Field, Left>>) {
        for field in fields {
            match field {
                Ok(field) => self.fields.push(field),
                Err(why) => self.draft.remark(why),
            }
        }
    }

    /// The draft of a profile.
    pub(super) fn draft(mut self) -> Result<Draft, ImportError> {
        self.take_address()?;
        self.take_grant()?;
        let mut in_body = Credentials::default();
        for field in std::mem::take(&mut self.fields) {
            take_field(&mut self.draft, &mut in_body, field);
        }
        self.take_credentials(in_body);
        Ok(self.draft)
    }

    /// The address, without what does not belong into it: a password, and the fields of the form.
    fn take_address(&mut self) -> Result<(), ImportError> {
        let word = self.address.take().ok_or(ImportError::NoAddress)?;
        if word.expands || is_placeholder(&word.text) {
            return Err(ImportError::NoAddress);
        }
        let text = if word.text.contains("://") { word.text.to_string() } else { format!("https://{}", *word.text) };
        let mut url = url::Url::parse(&text).map_err(|_| ImportError::NoAddress)?;
        if !url.username().is_empty() || url.password().is_some() {
            let pair = format!("{}:{}", url.username(), url.password().unwrap_or_default());
            let pair = basic::read_userinfo(&Zeroizing::new(pair));
            self.basic(pair);
            // Neither fails for an address that has a password.
            _ = url.set_username("");
            _ = url.set_password(None);
        }
        if let Some(query) = url.query().map(str::to_owned) {
            let (ours, theirs): (Vec<&str>, Vec<&str>) = query.split('&').partition(|piece| is_field(piece));
            for piece in &ours {
                self.body(body::encoded(piece, false));
            }
            if !ours.is_empty() {
                self.draft.remark("fields of the address will be sent in the body (RFC 6749 section 3.2)");
            }
            url.set_query(Some(theirs.join("&").as_str()).filter(|rest| !rest.is_empty()));
        }
        url.set_fragment(None);
        self.draft.token_url = Some(url.into());
        Ok(())
    }

    fn take_grant(&mut self) -> Result<(), ImportError> {
        let at = self.fields.iter().position(|field| *field.name == "grant_type");
        let grant = at.map(|at| self.fields.remove(at));
        match grant.as_ref().map(|field| field.value.trim()) {
            Some("client_credentials") => Ok(()),
            Some(other) => Err(ImportError::OtherGrant {
                grant: GRANTS.iter().find(|known| **known == other).copied().unwrap_or("another grant"),
            }),
            None => Err(ImportError::NotATokenRequest { why: self.calls_api.unwrap_or("it has no `grant_type`") }),
        }
    }

    fn take_credentials(&mut self, in_body: Credentials) {
        let draft = &mut self.draft;
        let Some(pair) = self.basic.take() else {
            draft.consumer_key = in_body.key.or(draft.consumer_key.take());
            if let Some(secret) = in_body.secret {
                draft.consumer_secret = Some(secret.as_str().into());
                draft.client_auth = Some(ClientAuth::Post);
            }
            return;
        };
        if in_body.secret.is_some() {
            draft.remark("the secret stands in the header and in the body: the header's is taken");
        }
        if !is_placeholder(&pair.key) {
            draft.consumer_key = Some(pair.key.to_string());
        }
        if is_placeholder(&pair.secret) {
            draft.remark("the consumer secret is a placeholder: left out");
        } else if !pair.secret.is_empty() {
            draft.consumer_secret = Some(pair.secret.as_str().into());
            draft.basic_encoding = pair.encoding;
        }
    }
}

#[derive(Default)]
struct Credentials {
    key: Option<String>,
    secret: Option<Zeroizing<String>>,
}

fn take_field(draft: &mut Draft, credentials: &mut Credentials, field: Field) {
    let known = OWN_FIELDS.contains(&field.name.as_str());
    let name = if known { format!("`{}`", *field.name) } else { "a field of the body".into() };
    if field.expands {
        return draft.remark(format!("{name} has a shell variable, which cannot be looked up here: left out"));
    }
    if is_placeholder(&field.value) {
        return draft.remark(format!("{name} is a placeholder: left out"));
    }
    let text = || field.value.to_string();
    match field.name.as_str() {
        _ if field.value.is_empty() => {}
        "client_id" => credentials.key = Some(text()),
        "client_secret" => credentials.secret = Some(field.value),
        "scope" => draft.scopes.extend(field.value.split_whitespace().map(str::to_owned)),
        "audience" => draft.audience = Some(text()),
        "resource" => draft.resource.push(text()),
        other if is_sensitive(other) => {
            draft.remark("a field of the body may be a secret, and `params` would hold it in the open: left out");
        }
        other => drop(draft.params.insert(other.to_owned(), text())),
    }
}

/// A field that would be a secret in an open place.
fn is_sensitive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["secret", "password", "passwd", "assertion", "token", "api_key", "apikey", "code"]
        .iter()
        .any(|word| name.contains(word))
}

const OWN_FIELDS: [&str; 6] = ["grant_type", "client_id", "client_secret", "scope", "audience", "resource"];

/// Whether a piece of a query is a field of the form.
fn is_field(piece: &str) -> bool {
    OWN_FIELDS.contains(&piece.split('=').next().unwrap_or_default())
}

/// The ways to a token that are no secret to name.
const GRANTS: [&str; 6] = [
    "password",
    "authorization_code",
    "refresh_token",
    "implicit",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
];
