//! `choreo-env add`: a new profile, from flags or from a short dialogue. The secret goes into its place at once.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::Path;

use super::Context;
use super::keep::{Kept, Place, entry};
use crate::cli::AddArgs;
use crate::config::{Loaded, ProfileName, Setting, UserFile};
use crate::error::Error;
use crate::notice::Notice;
use crate::profile::{self, ClientAuth};
use crate::secret;
use crate::secret::keyring::Entry;

/// Adds a profile.
pub(super) fn run(args: &AddArgs, context: &mut Context) -> Result<(), Error> {
    let loaded = context.load()?;
    let name = new_name(&args.name, &loaded)?;
    let mut file = UserFile::open(context.environ)?;
    let mut settings = flags(args, context)?;
    let usual_url = usual_token_url(args.extends.as_deref(), &loaded)?;
    let on_its_own = args.connection.is_none() && args.extends.is_none();
    let asked = Place::asked(&args.keep, context)?;
    if on_its_own && args.consumer_key.is_none() {
        if asked.is_none() && io::stdin().is_terminal() {
            Place::expect_keyring(&name, context)?;
        }
        dialogue(args, &usual_url, &mut settings, context)?;
    }
    settings.iter().try_for_each(Setting::check)?;
    let method = text(&settings, "client_auth").and_then(|name| ClientAuth::named(&name)).unwrap_or(ClientAuth::Basic);
    if on_its_own && method.is_tls() && args.client_certificate.is_none() {
        let message = format!("`--client-certificate` is missing, which `--client-auth {}` shows", method.name());
        return Err(Error::usage(message, None));
    }
    let usual = on_its_own && method.secret_key().is_some();
    let place = asked.or(usual.then_some(Place::Keyring));
    let mut kept = Kept::default();
    if let Some(place) = place {
        let address = text(&settings, "token_url").unwrap_or(usual_url);
        let entry = entry(&name, secret_key(method)?, text(&settings, "consumer_key"));
        settings.push(secret(&entry, &place, &address, &mut kept)?);
    }
    let path = file.path().display().to_string();
    let saved = file.add(&name, &settings).and_then(|()| file.save(context.environ));
    if let Err(error) = saved {
        kept.undo();
        return Err(error.into());
    }
    context.notice(&Notice::detail(format!("profile `{name}` is now in {path}")));
    Ok(())
}

/// The secret's place in the profile. A file that is there already is only referred to.
fn secret(entry: &Entry, place: &Place, address: &str, kept: &mut Kept) -> Result<Setting, Error> {
    let what = &entry.what;
    match place {
        Place::Elsewhere(reference) => Ok(Setting::Secret(what.key, reference.clone())),
        Place::File(path) if path.exists() => {
            Ok(Setting::Secret(what.key, crate::config::SecretRef::File(path.clone())))
        }
        _ => kept.keep(place, entry, address, &secret::enter(what)?),
    }
}

/// The key of a profile that the secret of a method belongs to.
fn secret_key(method: ClientAuth) -> Result<&'static str, Error> {
    match method.secret_key() {
        Some(key) => Ok(key),
        None if method.is_tls() => Ok("private_key"),
        None => Err(Error::usage("`--client-auth none` has no secret to be kept", None)),
    }
}

fn flags(args: &AddArgs, context: &Context) -> Result<Vec<Setting>, Error> {
    let folder = context.environ.working_dir().unwrap_or(Path::new(""));
    let certificate = args.client_certificate.as_ref().map(|path| folder.join(path).to_string_lossy().into_owned());
    let texts = [
        ("extends", &args.extends),
        ("connection", &args.connection),
        ("token_url", &args.token_url),
        ("consumer_key", &args.consumer_key),
        ("client_auth", &args.client_auth),
        ("basic_encoding", &args.basic_encoding),
        ("key_id", &args.key_id),
        ("client_certificate", &certificate),
        ("audience", &args.audience),
        ("api_url", &args.api_url),
    ];
    let mut settings: Vec<Setting> =
        texts.into_iter().filter_map(|(key, text)| Some(Setting::Text(key, text.clone()?))).collect();
    settings.extend(args.scopes.as_deref().map(scopes));
    let mut params = BTreeMap::new();
    for param in &args.params {
        let pair = param.split_once('=');
        let (name, value) = pair.ok_or_else(|| Error::usage("`--param` must look like `name=value`", None))?;
        params.insert(name.to_owned(), value.to_owned());
    }
    if !params.is_empty() {
        settings.push(Setting::Table("params", params));
    }
    Ok(settings)
}

fn scopes(text: &str) -> Setting {
    Setting::Words("scopes", text.split_whitespace().map(str::to_owned).collect())
}

fn text(settings: &[Setting], key: &str) -> Option<String> {
    settings.iter().find_map(|setting| match setting {
        Setting::Text(known, text) if *known == key => Some(text.clone()),
        _ => None,
    })
}

/// The token endpoint that the profile has without one of its own.
fn usual_token_url(extends: Option<&str>, loaded: &Loaded) -> Result<String, Error> {
    let parent = extends.and_then(|parent| ProfileName::parse(parent).ok());
    let line = match parent.filter(|parent| loaded.names().contains(parent)) {
        Some(parent) => profile::lineage(&parent, loaded)?,
        None if extends.is_some() => {
            return Err(Error::usage("`--extends` names a profile that does not exist", "choreo-env list".to_owned()));
        }
        None => Vec::new(),
    };
    Ok(loaded.merged(&line).text("token_url").map(|text| text.value).unwrap_or_default())
}

/// Asks for what the flags did not say.
fn dialogue(args: &AddArgs, usual_url: &str, settings: &mut Vec<Setting>, context: &mut Context) -> Result<(), Error> {
    if !context.term.can_ask() {
        let hint = "add `--consumer-key KEY`; the secret is then read from standard input, or see `--secret-env`";
        return Err(Error::usage("`--consumer-key` is missing", hint.to_owned()));
    }
    settings.push(context.ask_for("consumer key", |text| Some(Setting::Text("consumer_key", text.into())))?);
    let optional = |key| move |text: &str| (!text.is_empty()).then(|| Setting::Text(key, text.into()));
    if args.token_url.is_none() {
        let question = format!("token endpoint [{usual_url}]");
        settings.extend(context.ask_unless_empty(&question, optional("token_url"))?);
    }
    if args.api_url.is_none() {
        settings.extend(context.ask_unless_empty("address of the API [none]", optional("api_url"))?);
    }
    if args.scopes.is_none() {
        let words = |text: &str| (!text.is_empty()).then(|| scopes(text));
        settings.extend(context.ask_unless_empty("scopes [none]", words)?);
    }
    Ok(())
}

/// The name of a profile that is to come.
pub(super) fn new_name(text: &str, loaded: &Loaded) -> Result<ProfileName, Error> {
    let name = ProfileName::parse(text).map_err(|wrong| {
        let text = crate::notice::plain(text);
        Error::usage(format!("`{text}` {wrong}"), None)
    })?;
    if crate::cli::Command::NAMES.contains(&name.as_str()) {
        return Err(Error::usage(format!("`{name}` is the name of a command"), "choose another one".to_owned()));
    }
    if loaded.names().contains(&name) {
        let places = loaded.places_of(&name);
        return Err(crate::config::ConfigError::Exists { name, places }.into());
    }
    Ok(name)
}

impl Context<'_, '_> {
    /// Asks until the answer is fit.
    fn ask_for(&mut self, question: &str, setting: impl Fn(&str) -> Option<Setting>) -> Result<Setting, Error> {
        loop {
            if let Some(setting) = self.ask_unless_empty(question, &setting)? {
                return Ok(setting);
            }
        }
    }

    /// Asks until the answer is fit, or none.
    fn ask_unless_empty(
        &mut self,
        question: &str,
        setting: impl Fn(&str) -> Option<Setting>,
    ) -> Result<Option<Setting>, Error> {
        loop {
            let setting = setting(&self.ask(question)?);
            match setting.as_ref().map(Setting::check) {
                Some(Err(error)) => self.term.error(&error.to_string(), None),
                Some(Ok(())) | None => return Ok(setting),
            }
        }
    }

    /// Asks a person, who may also leave.
    pub(super) fn ask(&mut self, question: &str) -> Result<String, Error> {
        let answer = self.term.ask(question).map_err(|source| super::output("the question", source))?;
        answer.ok_or_else(|| Error::usage("nothing was entered, and nothing is changed", None))
    }
}
