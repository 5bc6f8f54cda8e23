//! `choreo-env secret`: secrets in the system's keyring, which are stored, removed and checked, and never printed.

use super::Context;
use crate::cli::{SecretKeyArgs, SecretSetArgs, SecretVerb};
use crate::config::{self, Loaded, ProfileName, SecretRef};
use crate::error::Error;
use crate::notice::Notice;
use crate::profile::{self, Chosen, Profile, ProfileError};
use crate::secret::keyring::{self, Entry};
use crate::secret::{self, Destination, What};

/// Does what is asked for.
pub(super) fn run(verb: &SecretVerb, context: &mut Context) -> Result<(), Error> {
    match verb {
        SecretVerb::Set(args) if args.rebind => rebind(&args.of, context),
        SecretVerb::Set(args) => set(args, context),
        SecretVerb::Remove(args) => remove(args, context),
        SecretVerb::Check(args) => check(args, context),
    }
}

fn set(args: &SecretSetArgs, context: &mut Context) -> Result<(), Error> {
    let (profile, what) = target(&args.of, context)?;
    let destination = Destination::of(&profile, what.key)?;
    let secret = secret::enter(&what)?;
    keyring::put(&Entry::of(&profile, what.key), &destination.origin, &secret)?;
    context.notice(&Notice::detail(format!("{what} is stored for `{}`", destination.origin)));
    if let Some(warning) = unused(&profile, &what) {
        context.notice(&warning);
    }
    Ok(())
}

/// What is stored does nothing where the profile takes the secret from elsewhere.
fn unused(profile: &Profile, what: &What) -> Option<Notice> {
    let key = what.key;
    let hint = format!("write `{key} = {{ keyring = true }}`");
    match secret::reference(profile, key) {
        Some(reference) if matches!(reference.value, SecretRef::Keyring) => None,
        Some(reference) => {
            let (source, origin) = (&reference.value, &reference.origin);
            let message = format!("{what} is stored, and not used: the profile takes it from `{source}` ({origin})");
            Some(Notice::warning_with_hint(message, hint))
        }
        None if key == "consumer_secret" => None,
        None => Some(Notice::warning_with_hint(format!("{what} is stored, and not used: nothing refers to it"), hint)),
    }
}

fn rebind(args: &SecretKeyArgs, context: &mut Context) -> Result<(), Error> {
    let (profile, what) = target(args, context)?;
    let (from, to) = secret::rebind(&profile, what.key, context.environ)?;
    let said = if from == to {
        format!("{what} is stored for `{to}` already")
    } else {
        format!("{what} was stored for `{from}`; from now on it is sent to `{to}`, and to no other place")
    };
    context.term.log(&said);
    Ok(())
}

fn remove(args: &SecretKeyArgs, context: &mut Context) -> Result<(), Error> {
    let entry = match &args.profile {
        Some(name) => entry(named(name)?, args.key.name(), context),
        None => Entry::of(&target(args, context)?.0, args.key.name()),
    };
    let said = if keyring::remove(&entry)? { "is removed from" } else { "was not in" };
    context.notice(&Notice::detail(format!("{} {said} the system's keyring", entry.what)));
    Ok(())
}

/// The entry of a profile that may be gone already, or have mistakes: then nobody may know its consumer key.
fn entry(profile: ProfileName, key: &'static str, context: &Context) -> Entry {
    let loaded = config::load(context.environ, &context.global.set, &mut |_| {}).ok();
    let lineage = |loaded: &Loaded| profile::lineage(&profile, loaded).unwrap_or_default();
    let merged = loaded.as_ref().map(|loaded| loaded.merged(&lineage(loaded)));
    let consumer_key = merged.and_then(|merged| merged.text("consumer_key")).map(|text| text.value);
    Entry { what: What { profile, key }, consumer_key }
}

fn named(name: &str) -> Result<ProfileName, Error> {
    let bad = |wrong| ProfileError::BadName { name: name.to_owned(), by: Chosen::Argument, wrong };
    Ok(ProfileName::parse(name).map_err(bad)?)
}

fn check(args: &SecretKeyArgs, context: &mut Context) -> Result<(), Error> {
    let (profile, what) = target(args, context)?;
    secret::check(&profile, what.key, context.environ, &mut |notice| context.term.notice(&notice))?;
    let reference = secret::reference(&profile, what.key);
    let source = reference.map_or_else(
        || "the system's keyring".to_owned(),
        |reference| format!("`{}` ({})", reference.value, reference.origin),
    );
    let stored = reference.is_none_or(|reference| matches!(reference.value, SecretRef::Keyring));
    let bound = if stored {
        let holder = keyring::holder(&Entry::of(&profile, what.key), context.environ)?;
        format!(", entry `{holder}`, stored for `{}`", Destination::of(&profile, what.key)?.origin)
    } else {
        String::new()
    };
    context.print(&format!("{what} is available from {source}{bound}\n"))
}

fn target(args: &SecretKeyArgs, context: &mut Context) -> Result<(Profile, What), Error> {
    let profile = context.profile(args.profile.as_deref())?;
    let what = What { profile: profile.name.clone(), key: args.key.name() };
    Ok((profile, what))
}
