//! `choreo-env remove`: a profile leaves the user's file, and its stored secrets and its cached token go with it.

use super::Context;
use super::keep::entry;
use crate::cli::RemoveArgs;
use crate::config::schema::{KEYS, Kind};
use crate::config::{ConfigError, Loaded, ProfileName, SecretRef, UserFile};
use crate::error::Error;
use crate::notice::Notice;
use crate::profile::{self, Asked, Profile};
use crate::secret::keyring::{self, Entry};
use crate::token;

/// Removes a profile.
pub(super) fn run(args: &RemoveArgs, context: &mut Context) -> Result<(), Error> {
    let loaded = context.load()?;
    let asked = Asked { argument: Some(&args.name), flag: None };
    let name = profile::choose(asked, &loaded, context.environ)?;
    nobody_extends(&name, &loaded)?;
    let mut file = UserFile::open(context.environ)?;
    if !file.remove(&name) {
        return Err(ConfigError::Elsewhere { places: loaded.places_of(&name), name }.into());
    }
    if !args.yes && !confirmed(&name, context)? {
        return Ok(());
    }
    // Both are looked up in what was loaded: after the next line, nothing knows the profile any more.
    let profile = profile::resolve(&name, &loaded).ok();
    let secrets = secrets(&name, &loaded);
    let merged = profile::lineage(&name, &loaded).map(|line| loaded.merged(&line)).ok();
    let consumer_key = merged.and_then(|merged| merged.text("consumer_key")).map(|text| text.value);
    file.save(context.environ)?;
    for secret in secrets {
        remove_secret(&entry(&name, secret.0, consumer_key.clone()), secret.1, context);
    }
    profile.map_or(Ok(()), |profile| forget(&profile, context))
}

fn nobody_extends(name: &ProfileName, loaded: &Loaded) -> Result<(), ConfigError> {
    let extends = |child: &ProfileName| {
        let parent = loaded.sections_of(child).rev().find_map(|section| Some(section.text("extends")?.0.to_owned()));
        parent.as_deref() == Some(name.as_str())
    };
    let by: Vec<String> = loaded.names().into_iter().filter(|child| extends(child)).map(ToString::to_string).collect();
    if by.is_empty() { Ok(()) } else { Err(ConfigError::Extended { name: name.clone(), by }) }
}

fn confirmed(name: &ProfileName, context: &mut Context) -> Result<bool, Error> {
    if !context.term.can_ask() {
        let message = format!("profile `{name}` would be removed, and nobody can be asked");
        return Err(Error::usage(message, "add `--yes`".to_owned()));
    }
    let question = format!("remove profile `{name}`, its stored secret and its cached token? [y/N]");
    Ok(matches!(context.ask(&question)?.to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// The keys that refer to a secret, and the reference; a consumer secret that is left out may be in the keyring.
fn secrets(name: &ProfileName, loaded: &Loaded) -> Vec<(&'static str, Option<SecretRef>)> {
    let own = |key: &'static str| loaded.sections_of(name).any(|section| section.has(key));
    let merged = profile::lineage(name, loaded).map(|line| loaded.merged(&line));
    let reference = |key| merged.as_ref().ok().and_then(|merged| merged.secret(key)).map(|secret| secret.value);
    let keys = KEYS.iter().filter(|key| matches!(key.kind, Kind::Secret)).map(|key| (key.name, reference(key.name)));
    keys.filter(|(key, reference)| match reference {
        Some(SecretRef::Keyring) => true,
        Some(_) => own(key),
        None => *key == "consumer_secret",
    })
    .collect()
}

fn remove_secret(entry: &Entry, reference: Option<SecretRef>, context: &mut Context) {
    let stored = || keyring::remove(entry);
    match reference {
        Some(SecretRef::File(path)) => {
            let message = format!("`{}`, which holds the secret, is left where it is", path.display());
            context.notice(&Notice::warning(message));
        }
        Some(SecretRef::Keyring) => {
            if let Err(error) = stored() {
                let message = format!("{error}: a stored secret may be left");
                context.notice(&Notice::Warning { message, hint: error.hint() });
            }
        }
        None => _ = stored(), // nothing says that there is one
        Some(_) => {}
    }
}

fn forget(profile: &Profile, context: &Context) -> Result<(), Error> {
    token::forget(profile, context.environ)?;
    Ok(())
}
