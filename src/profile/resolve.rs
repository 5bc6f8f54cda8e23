//! A name and the layers become a [`Profile`]: inheritance, then the types, then the rules between keys.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

use super::error::ProfileError;
use super::{BasicEncoding, ClientAuth, Profile, SigningAlgorithm};
use super::{proof, redirect};
use crate::config::{
    Field, Issuer, Loaded, Merged, Mistake, Origin, ProfileName, Section, Sourced, Template, connection,
    parse_endpoint, parse_origin, parse_proxy, schema,
};
use crate::span;

/// Makes a profile complete.
///
/// # Errors
/// What is missing or does not fit.
pub fn resolve(name: &ProfileName, loaded: &Loaded) -> Result<Profile, ProfileError> {
    complete(name, loaded).map_err(|error| error.or_untrusted(loaded))
}

fn complete(name: &ProfileName, loaded: &Loaded) -> Result<Profile, ProfileError> {
    let lineage = lineage(name, loaded)?;
    let merged = loaded.merged(&lineage);
    redirect::check(&lineage, loaded, &merged)?;
    let place = loaded.sections_of(name).next_back().and_then(Section::head);
    let take = Take { name, merged: &merged, place };
    let Server { token_url, issuer, by_issuer } = take.server()?;
    let mut profile = Profile {
        name: name.clone(),
        token_url,
        issuer,
        by_issuer,
        endpoint_origins: take.words("endpoint_origins").iter().filter_map(|text| parse_origin(text).ok()).collect(),
        revoke_url: take.parsed("revoke_url", parse_endpoint)?,
        introspect_url: take.parsed("introspect_url", parse_endpoint)?,
        jwks_url: take.parsed("jwks_url", parse_endpoint)?,
        consumer_key: take.checked("consumer_key")?.ok_or_else(|| take.missing("consumer_key"))?,
        consumer_secret: merged.secret("consumer_secret"),
        consumer_secret_next: merged.secret("consumer_secret_next"),
        client_auth: take.one_of("client_auth", &ClientAuth::ALL, ClientAuth::Basic),
        basic_encoding: take.one_of("basic_encoding", &BasicEncoding::ALL, BasicEncoding::Form),
        private_key: merged.secret("private_key"),
        private_key_passphrase: merged.secret("private_key_passphrase"),
        key_id: merged.text("key_id").map(|text| text.value),
        signing_algorithm: merged.text("signing_algorithm").and_then(|text| SigningAlgorithm::named(&text.value)),
        assertion_audience: merged.text("assertion_audience").map(|text| text.value),
        client_certificate: merged.text("client_certificate").map(|text| text.map(Into::into)),
        scopes: take.scopes(loaded),
        audience: merged.text("audience").map(|text| text.value),
        resource: take.words("resource"),
        params: take.table("params"),
        connection: merged.text("connection").map(|text| text.value),
        api_url: take.checked("api_url")?.map(|text| text.value),
        api_key: merged.secret("api_key"),
        headers: take.table("headers"),
        vars: take.templates()?,
        ca_file: merged.text("ca_file").map(|text| text.value.into()),
        insecure: merged.flag("insecure").is_some_and(|flag| flag.value),
        proxy: take.parsed("proxy", parse_proxy)?.map(|proxy| proxy.value),
        timeout: take.span("timeout")?.unwrap_or(Duration::from_secs(10)),
        protected: merged.flag("protected").is_some_and(|flag| flag.value),
        min_ttl: take.span("min_ttl")?,
    };
    profile.client_auth.value = proof::presumed(&profile);
    check(&profile, &merged)?;
    Ok(profile)
}

/// The profile and all that it extends, the profile itself last.
///
/// # Errors
/// A profile extends one that does not exist, or itself by a detour.
pub fn lineage(name: &ProfileName, loaded: &Loaded) -> Result<Vec<ProfileName>, ProfileError> {
    let mut line = vec![name.clone()];
    let mut youngest = name.clone();
    while let Some((parent, origin)) = parent_of(&youngest, loaded) {
        let known = ProfileName::parse(&parent).ok().filter(|parent| loaded.has(parent));
        let Some(parent) = known else {
            let known = loaded.names_as_text();
            return Err(ProfileError::NoParent { child: youngest, parent, origin, known }.or_untrusted(loaded));
        };
        if line.contains(&parent) {
            let circle = line.iter().chain([&parent]).map(ToString::to_string).collect();
            return Err(ProfileError::Circle { name: name.clone(), circle, origin });
        }
        line.push(parent.clone());
        youngest = parent;
    }
    line.reverse();
    Ok(line)
}

fn parent_of(name: &ProfileName, loaded: &Loaded) -> Option<(String, Origin)> {
    let (parent, origin) = loaded.sections_of(name).rev().find_map(|section| section.text("extends"))?;
    Some((parent.to_owned(), origin))
}

/// Takes values out of the layers. The values were checked where they were read; what could still fail says so.
struct Take<'a> {
    name: &'a ProfileName,
    merged: &'a Merged<'a>,
    /// Where the profile stands, if a file has it.
    place: Option<&'a Origin>,
}

/// Where tokens come from.
struct Server {
    token_url: Sourced<Url>,
    issuer: Option<Sourced<Issuer>>,
    by_issuer: bool,
}

impl Take<'_> {
    /// The token endpoint and the issuer. Of the two, the higher layer counts, and the other is not mixed in: a secret
    /// must not go to the server of a parent profile. Side by side they are about one server, and `token_url` says
    /// which of its addresses is the endpoint.
    fn server(&self) -> Result<Server, ProfileError> {
        let token_url = self.parsed("token_url", parse_endpoint)?;
        let issuer = self.merged.text("issuer").map(|text| match Issuer::parse(&text.value) {
            Ok(issuer) => Ok(Sourced::new(issuer, text.origin)),
            Err(wrong) => Err(self.mismatch(text.origin, format!("`issuer` {wrong}"))),
        });
        let missing = || self.missing("token_url");
        match (token_url, issuer.transpose()?, self.merged.compare("issuer", "token_url")) {
            (None, Some(issuer), _) | (Some(_), Some(issuer), Ordering::Greater) => {
                let token_url = Sourced::new(issuer.value.url().clone(), issuer.origin.clone());
                Ok(Server { token_url, issuer: Some(issuer), by_issuer: true })
            }
            (Some(token_url), issuer, Ordering::Equal) => Ok(Server { token_url, issuer, by_issuer: false }),
            (token_url, ..) => Ok(Server { token_url: token_url.ok_or_else(missing)?, issuer: None, by_issuer: false }),
        }
    }

    fn parsed(
        &self,
        key: &'static str,
        parse: fn(&str) -> Result<Url, String>,
    ) -> Result<Option<Sourced<Url>>, ProfileError> {
        let parsed = |text: Sourced<String>| match parse(&text.value) {
            Ok(url) => Ok(Sourced::new(url, text.origin)),
            Err(wrong) => Err(self.mismatch(text.origin, format!("`{key}` {wrong}"))),
        };
        self.merged.text(key).map(parsed).transpose()
    }

    /// A text that may come from a connection's variable, which nobody has checked yet.
    fn checked(&self, key: &'static str) -> Result<Option<Sourced<String>>, ProfileError> {
        let Some(text) = self.merged.text(key) else { return Ok(None) };
        let check = match schema::key(key).map(|key| key.kind) {
            Some(schema::Kind::Text(check)) => check,
            _ => schema::printable,
        };
        match schema::printable(&text.value).and_then(|()| check(&text.value)) {
            Ok(()) => Ok(Some(text)),
            Err(wrong) => Err(self.mismatch(text.origin, format!("`{key}` {wrong}"))),
        }
    }

    fn span(&self, key: &'static str) -> Result<Option<Duration>, ProfileError> {
        let parsed = |text: Sourced<String>| {
            span::parse(&text.value).map_err(|wrong| self.mismatch(text.origin, format!("`{key}` {wrong}")))
        };
        self.merged.text(key).map(parsed).transpose()
    }

    fn one_of<T: Copy>(&self, key: &'static str, all: &[(&str, T)], default: T) -> Sourced<T> {
        let known = |text: Sourced<String>| {
            let (_, value) = all.iter().find(|(name, _)| *name == text.value)?;
            Some(Sourced::new(*value, text.origin))
        };
        self.merged.text(key).and_then(known).unwrap_or_else(|| Sourced::new(default, Origin::BuiltIn))
    }

    fn words(&self, key: &'static str) -> Vec<String> {
        self.merged.words(key).map(|words| words.value).unwrap_or_default()
    }

    /// The scopes, with that of this machine where it is asked for.
    fn scopes(&self, loaded: &Loaded) -> Vec<String> {
        let mut scopes = self.words("scopes");
        if self.merged.flag("device_scope").is_some_and(|flag| flag.value) {
            scopes.extend(loaded.device().map(|name| format!("device_{name}")));
        }
        scopes
    }

    fn table(&self, key: &'static str) -> BTreeMap<String, String> {
        self.merged.table(key).into_iter().map(|(name, text)| (name, text.value)).collect()
    }

    fn templates(&self) -> Result<BTreeMap<String, Template>, ProfileError> {
        let parsed = |(name, text): (String, Sourced<String>)| match Template::parse(&text.value) {
            Ok(template) => Ok((name, template)),
            Err(wrong) => Err(self.mismatch(text.origin, format!("`vars` at `{name}` {wrong}"))),
        };
        self.merged.table("vars").into_iter().map(parsed).collect()
    }

    fn missing(&self, key: &'static str) -> ProfileError {
        let name = self.name.clone();
        let named = self.merged.text("connection");
        match named.and_then(|text| Some((connection::variable(&text.value, key)?, text.origin))) {
            Some((variable, origin)) => ProfileError::NoVariable { name, key, variable, origin },
            None => ProfileError::Missing { name, key, place: self.place.cloned() },
        }
    }

    fn mismatch(&self, origin: Origin, message: String) -> ProfileError {
        ProfileError::Mismatch { name: self.name.clone(), mistake: Mistake::new(origin, message) }
    }
}

/// The rules that concern more than one key.
fn check(profile: &Profile, merged: &Merged) -> Result<(), ProfileError> {
    let take = Take { name: &profile.name, merged, place: None };
    let colon = profile.consumer_key.value.contains(':');
    if colon && profile.client_auth.value == ClientAuth::Basic && profile.basic_encoding.value == BasicEncoding::Raw {
        let message = "`consumer_key` has a `:`, which the raw Basic encoding cannot express (RFC 7617)".into();
        return Err(take.mismatch(profile.consumer_key.origin.clone(), message));
    }
    let endpoints = [
        ("revoke_url", &profile.revoke_url),
        ("introspect_url", &profile.introspect_url),
        ("jwks_url", &profile.jwks_url),
    ];
    for (key, url) in endpoints.into_iter().filter_map(|(key, url)| Some((key, url.as_ref()?))) {
        if !profile.allows_endpoint(&url.value) {
            let place = url.value.origin().ascii_serialization();
            let server = if profile.by_issuer { "`issuer`" } else { "`token_url`" };
            let message = format!("`{key}` is at `{place}`, and {server} is not");
            let mut mistake = Mistake::new(url.origin.clone(), message);
            mistake.hint = Some(format!("if that is where it is, allow it: `endpoint_origins = [\"{place}\"]`"));
            return Err(ProfileError::Mismatch { name: profile.name.clone(), mistake });
        }
    }
    proof::check(profile, merged)?;
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, text) in merged.table("headers") {
        // RFC 9110 §5.1: the case does not matter. Which of the two was meant to win is not known here.
        if let Some(same) = headers.insert(name.to_ascii_lowercase(), name.clone()) {
            return Err(take.mismatch(text.origin, format!("`headers`: `{same}` and `{name}` are the same header")));
        }
    }
    for (name, text) in merged.table("vars") {
        let uses = |field| profile.vars.get(&name).is_some_and(|template| template.uses(field));
        let lacks = [
            (Field::ApiUrl, profile.api_url.is_none(), "api_url"),
            (Field::ApiKey, profile.api_key.is_none(), "api_key"),
        ];
        if let Some((_, _, key)) = lacks.into_iter().find(|(field, missing, _)| *missing && uses(*field)) {
            return Err(
                take.mismatch(text.origin, format!("`vars` at `{name}` uses {{{key}}}, and `{key}` is not set"))
            );
        }
    }
    Ok(())
}
