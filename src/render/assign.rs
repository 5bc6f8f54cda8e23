//! What is exported, from what was given: the contract's names first, then the profile's own `vars`.

use secrecy::{ExposeSecret, SecretString};

use super::undo::inherited;
use super::vars::{Assignments, Variable};
use crate::config::{Field, Piece, Template, connection};
use crate::environ::{
    self, EXPORTED, EXPORTED_API_KEY, EXPORTED_API_URL, EXPORTED_EXPIRES_AT, EXPORTED_NAMES, EXPORTED_TOKEN, Environ,
    IN_USE, IS_PROTECTED, RENEW_AT,
};
use crate::profile::Profile;
use crate::token::{self, AccessToken};

/// The secrets beside the token that an export hands out, where the profile has them.
#[derive(Default)]
pub struct Secrets {
    /// What goes with API calls.
    pub api_key: Option<SecretString>,
    /// The connection's own, where it is not in the environment already: a program that was written for Choreo fetches
    /// tokens of its own with it.
    pub consumer_secret: Option<SecretString>,
}

impl Assignments {
    /// The variables of a profile, and those that an earlier export left and this one does not set. `renew_at` is when
    /// the token should be renewed, in Unix seconds, where that is known.
    #[must_use]
    pub fn new(
        profile: &Profile,
        token: &AccessToken,
        secrets: &Secrets,
        renew_at: Option<i64>,
        environ: &Environ,
    ) -> Self {
        let values = Values { profile, token, secrets };
        let own = [
            (EXPORTED_TOKEN, Field::Token),
            (EXPORTED_EXPIRES_AT, Field::ExpiresAt),
            (EXPORTED_API_URL, Field::ApiUrl),
            (EXPORTED_API_KEY, Field::ApiKey),
            (environ::PROFILE, Field::Profile),
        ];
        let mut set: Vec<Variable> = own.iter().filter_map(|(name, field)| values.own(name, *field)).collect();
        let contract = set.len();
        set.extend(values.of_connection(environ));
        set.extend(profile.vars.iter().map(|(name, template)| values.filled(name, template)));
        if set.len() > contract {
            let names = set[contract..].iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(" ");
            set.push(plain(EXPORTED, names));
        }
        let for_everybody = set.len();
        set.extend(renew_at.map(|at| plain(RENEW_AT, at.to_string())));
        set.extend(profile.protected.then(|| plain(IS_PROTECTED, "1".into())));
        set.push(plain(IN_USE, token::environment(profile)));
        let for_prompts = set.len() - for_everybody;
        let unset = earlier(environ).into_iter().filter(|name| set.iter().all(|one| one.name != *name)).collect();
        Self { set, for_prompts, unset }
    }

    /// What is left to do where a renewal fails: the next one is due then, and a token whose life is over goes. The
    /// names of the profile's own variables stay known, and so does when the token ended.
    #[must_use]
    pub fn postponed(renew_at: i64, is_over: bool, environ: &Environ) -> Self {
        let unset = if is_over { added(environ).chain([EXPORTED_TOKEN.to_owned()]).collect() } else { Vec::new() };
        Self { set: vec![plain(RENEW_AT, renew_at.to_string())], for_prompts: 1, unset }
    }

    /// The names of all that changes.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.set.iter().map(|one| one.name.as_str()).chain(self.unset.iter().map(String::as_str))
    }
}

fn plain(name: &str, value: String) -> Variable {
    Variable { name: name.into(), value: value.into(), sensitive: false }
}

/// All that an export may have left in this environment, whatever it was an export of.
#[must_use]
pub fn leftovers(environ: &Environ) -> Vec<String> {
    EXPORTED_NAMES.map(str::to_owned).into_iter().chain(added(environ)).collect()
}

/// What an earlier export did leave in this environment. Without one, a variable of such a name is the user's own.
fn earlier(environ: &Environ) -> Vec<String> {
    inherited(environ).into_iter().filter(|name| environ.get(name).is_some()).collect()
}

/// The names that `vars` added. The variable is anybody's to write, so only names are taken from it.
fn added(environ: &Environ) -> impl Iterator<Item = String> {
    let word = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let names = environ.text(EXPORTED).unwrap_or_default().split(' ');
    let names = names.filter(word).filter(|name| !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()));
    names.map(str::to_owned)
}

/// What fields stand for.
struct Values<'a> {
    profile: &'a Profile,
    token: &'a AccessToken,
    secrets: &'a Secrets,
}

impl Values<'_> {
    fn own(&self, name: &str, field: Field) -> Option<Variable> {
        Some(Variable { name: name.into(), value: self.value(field)?, sensitive: is_sensitive(field) })
    }

    /// The connection's own variables, for programs that were written for Choreo. One that already has the value is left
    /// alone, so that it is not taken for ours, and removed, later.
    fn of_connection(&self, environ: &Environ) -> Vec<Variable> {
        let Some(connection) = &self.profile.connection else { return Vec::new() };
        let ours: Vec<String> = added(environ).collect();
        let parts = connection::PARTS.iter().filter_map(|(key, _)| {
            let name = connection::variable(connection, key)?;
            Some(Variable { name, value: self.part(key)?, sensitive: matches!(*key, "api_key" | "consumer_secret") })
        });
        let is_new = |one: &Variable| environ.text(&one.name) != Some(one.value.expose_secret());
        parts
            .filter(|one| !self.profile.vars.contains_key(&one.name))
            .filter(|one| is_new(one) || ours.contains(&one.name))
            .collect()
    }

    fn part(&self, key: &str) -> Option<SecretString> {
        match key {
            "token_url" if self.profile.by_issuer => None, // it would take a question to the server
            "token_url" => Some(self.profile.token_url.value.as_str().into()),
            "consumer_key" => Some(self.profile.consumer_key.value.as_str().into()),
            "api_url" => self.value(Field::ApiUrl),
            "api_key" => self.value(Field::ApiKey),
            "consumer_secret" => self.secrets.consumer_secret.clone(),
            _ => None,
        }
    }

    fn filled(&self, name: &str, template: &Template) -> Variable {
        let mut text = String::with_capacity(template.pieces().iter().map(|piece| self.length(piece)).sum());
        for piece in template.pieces() {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Field(field) => text.push_str(self.value(*field).unwrap_or_default().expose_secret()),
            }
        }
        let sensitive = Field::ALL.iter().any(|(_, field)| is_sensitive(*field) && template.uses(*field));
        Variable { name: name.into(), value: text.into(), sensitive }
    }

    /// Room for all of it at once: a buffer that grows leaves copies behind that nobody wipes.
    fn length(&self, piece: &Piece) -> usize {
        match piece {
            Piece::Text(plain) => plain.len(),
            Piece::Field(field) => self.value(*field).map_or(0, |value| value.expose_secret().len()),
        }
    }

    fn value(&self, field: Field) -> Option<SecretString> {
        match field {
            Field::Token => Some(self.token.value().clone()),
            Field::ExpiresAt => self.token.expires_at().map(|at| at.to_string().into()),
            Field::ApiUrl => self.profile.api_url.as_deref().map(SecretString::from),
            Field::ApiKey => self.secrets.api_key.clone(),
            Field::Profile => Some(self.profile.name.as_str().into()),
        }
    }
}

fn is_sensitive(field: Field) -> bool {
    matches!(field, Field::Token | Field::ApiKey)
}
