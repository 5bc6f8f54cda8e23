//! A checkout must not turn a secret of the user's own against the user, trusted or not.
//!
//! What really protects: a trusted file may describe environments, and name its own references to secrets, which
//! `choreo-env trust` has shown. But when a secret is named in the user's (or the system's) file, the user meant it for
//! the server that these files name, and nobody re-reads a long file of a project for one line that moves it. So where
//! the secret is the user's, everything that decides where it goes, and who can read it on the way, has to be the
//! user's as well; equal values are no change. Secrets of the environment and of the command line are not bound: in CI
//! they are given to just this checkout.

use super::{ClientAuth, ProfileError, Redirect};
use crate::config::schema::{HARMLESS, KEYS, Kind};
use crate::config::{Loaded, Merged, Origin, ProfileName, Section, Sourced};

/// Checks what a checkout says about a profile against what is the user's own.
pub(super) fn check(lineage: &[ProfileName], loaded: &Loaded, merged: &Merged) -> Result<(), ProfileError> {
    lineage.iter().try_for_each(|name| descent(name, loaded))?;
    let Some(name) = lineage.last() else { return Ok(()) };
    let own = loaded.merged_without_checkout(lineage);
    if let Some((origin, own)) = changed("protected", Kind::Flag, merged, &own) {
        return Err(redirected(name, ("protected", origin), ("protected", own.unwrap_or(Origin::BuiltIn))));
    }
    if let Some((origin, own)) = told_instead_of_signed(merged, &own) {
        return Err(redirected(name, ("client_auth", origin), ("client_auth", own)));
    }
    for secret in KEYS {
        // A certificate's file may hold its key.
        let origin = match secret.kind {
            Kind::Secret => merged.secret(secret.name).map(|secret| secret.origin),
            Kind::Path if secret.name == "client_certificate" => merged.text(secret.name).map(|path| path.origin),
            _ => continue,
        };
        let Some(origin) = origin.filter(Origin::is_own_file) else { continue };
        let mut deciding = KEYS.iter().filter(|key| decides(key.name, secret.name));
        let worse = deciding.find_map(|key| Some((key.name, changed(key.name, key.kind, merged, &own)?.0)));
        if let Some(worse) = worse {
            return Err(redirected(name, worse, (secret.name, origin)));
        }
    }
    Ok(())
}

/// Where a checkout has a secret sent that the user's own method only signs with, or does not use at all, and where
/// that method stands. A secret that is not the user's may be sent as the checkout likes.
fn told_instead_of_signed(merged: &Merged, own: &Merged) -> Option<(Origin, Origin)> {
    let method = |text: &Sourced<String>| ClientAuth::named(&text.value);
    let (now, own) = (merged.text("client_auth")?, own.text("client_auth")?);
    let worse = now.origin.is_checkout() && method(&now)?.sends_secret() && !method(&own)?.sends_secret();
    // Left out, it is in the keyring, which is the user's, too.
    let secret = merged.secret("consumer_secret").map(|secret| secret.origin);
    (worse && secret.is_none_or(|origin| origin.is_own_file())).then_some((now.origin, own.origin))
}

/// Whether a key decides where a secret goes. The API's address decides it for the API key; a token is worth less, and
/// the same application's token for another API is what teams write profiles for.
fn decides(key: &str, secret: &str) -> bool {
    match secret {
        "api_key" => key == "api_url",
        _ => !HARMLESS.contains(&key) && !["extends", "api_url"].contains(&key),
    }
}

/// Where a checkout changes a value for the worse, and where the user's own stands, if there is one.
fn changed(key: &'static str, kind: Kind, merged: &Merged, own: &Merged) -> Option<(Origin, Option<Origin>)> {
    match kind {
        Kind::Text(_) | Kind::Path => differs(merged.text(key)?, own.text(key)),
        Kind::Flag => {
            // To be asked, or to be checked more strictly than by oneself, is no harm.
            let harm = key != "protected";
            let flag = merged.flag(key)?;
            let before = own.flag(key);
            let unset = Sourced::new(false, Origin::BuiltIn);
            (flag.value == harm).then(|| differs(flag, Some(before.unwrap_or(unset))))?
        }
        Kind::Words(_) => differs(merged.words(key)?, own.words(key)),
        _ => None, // tables say nothing about where a secret goes
    }
}

fn differs<T: PartialEq>(now: Sourced<T>, own: Option<Sourced<T>>) -> Option<(Origin, Option<Origin>)> {
    let same = own.as_ref().is_some_and(|own| own.value == now.value);
    (now.origin.is_checkout() && !same).then(|| (now.origin, own.map(|own| own.origin)))
}

/// A profile of the user's own has the user's own parents: a checkout must not put one of the user's environments in
/// place of another. A profile of the checkout may extend the user's, and a profile that the user merely adds to may
/// extend one of the checkout.
fn descent(name: &ProfileName, loaded: &Loaded) -> Result<(), ProfileError> {
    let extends = |section: &Section| section.text("extends").map(|(parent, at)| (parent.to_owned(), at));
    let Some((parent, origin)) = loaded.sections_of(name).rev().find_map(extends) else { return Ok(()) };
    if !origin.is_checkout() {
        return Ok(());
    }
    let own = loaded.own_sections_of(name).rev().find_map(extends);
    let parent_is_own = || {
        let parent = ProfileName::parse(&parent).ok()?;
        let place = loaded.own_sections_of(name).next_back()?.first_origin()?;
        loaded.own_sections_of(&parent).next().map(|_| place)
    };
    let own = match own {
        Some((same, _)) if same == parent => None,
        Some((_, at)) => Some(at),
        None => parent_is_own(),
    };
    own.map_or(Ok(()), |kept_origin| Err(redirected(name, ("extends", origin), ("extends", kept_origin))))
}

fn redirected(
    name: &ProfileName,
    (key, origin): (&'static str, Origin),
    (kept, kept_origin): (&'static str, Origin),
) -> ProfileError {
    ProfileError::Redirected(Box::new(Redirect { name: name.clone(), key, origin, kept, kept_origin }))
}
