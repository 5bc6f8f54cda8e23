//! The hidden `use --here`: which profile the project of this folder wants, for the plugin's switch by folder.
//!
//! A project that is not trusted has no say, which is told. What would need a person's word is told, too, and not
//! entered: nobody has asked for it.

use super::Context;
use crate::config::{Origin, SecretRef};
use crate::error::Error;
use crate::notice::Notice;
use crate::profile::{self, Profile};
use crate::token::{self, Moment};

/// Prints the profile's name, or nothing.
pub(super) fn run(context: &mut Context) -> Result<(), Error> {
    let loaded = context.load()?;
    let Some(wanted) = loaded.default_profile().filter(|name| matches!(name.origin, Origin::Project(_))) else {
        return Ok(());
    };
    let profile = profile::resolve(&wanted.value, &loaded)?;
    let name = &profile.name;
    let why = match context.permit(&profile) {
        Ok(()) if needs_a_person(&profile, context) => "needs a secret that has to be typed in",
        Ok(()) => return context.print(&format!("{name}\n")),
        Err(_) => "is protected",
    };
    let message = format!("profile `{name}` of this folder {why}, and is not entered by itself");
    context.notice(&Notice::warning_with_hint(message, format!("enter it by hand: `choreo-env use {name}`")));
    Ok(())
}

fn needs_a_person(profile: &Profile, context: &Context) -> bool {
    let typed = profile.consumer_secret.as_ref().is_some_and(|secret| matches!(secret.value, SecretRef::Prompt));
    let fresh = |token: token::AccessToken| token.freshness(Moment::now(), profile.min_ttl).is_fresh();
    typed && !token::peek(profile, context.environ).is_some_and(fresh)
}
