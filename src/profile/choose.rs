//! Which profile: explicit beats ambient, always.

use std::borrow::Cow;

use super::error::{Chosen, ProfileError};
use crate::config::{Loaded, ProfileName};
use crate::environ::{self, Environ};

/// What was asked for on the command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// The argument.
    pub argument: Option<&'a str>,
    /// `--profile`.
    pub flag: Option<&'a str>,
}

/// The profile that is meant: the argument, else `--profile`, else `CHOREO_ENV_PROFILE`, else `default_profile`, else
/// the only one there is.
///
/// # Errors
/// The name is not a profile's, or there is no telling which is meant.
pub fn choose(asked: Asked, loaded: &Loaded, environ: &Environ) -> Result<ProfileName, ProfileError> {
    chosen(asked, loaded, environ).map(|(name, _)| name)
}

/// The same, with what decided.
///
/// # Errors
/// The name is not a profile's, or there is no telling which is meant.
pub fn chosen(asked: Asked, loaded: &Loaded, environ: &Environ) -> Result<(ProfileName, Chosen), ProfileError> {
    let explicit = asked.argument.map(|name| (name, Chosen::Argument)).or(asked.flag.map(|name| (name, Chosen::Flag)));
    let explicit = explicit.map(|(name, by)| (Cow::from(name), by));
    // What is not Unicode is no name either, and must not be passed over: the default may be another environment.
    let ambient = || environ.get(environ::PROFILE).map(|name| (name.to_string_lossy(), Chosen::Environment));
    if let Some((name, by)) = explicit.or_else(ambient) {
        let name = ProfileName::parse(&name).map_err(|wrong| ProfileError::BadName { name: name.into(), by, wrong })?;
        return known(name, by, loaded).map(|name| (name, by));
    }
    if let Some(default) = loaded.default_profile() {
        let name = known(default.value.clone(), Chosen::Default, loaded)?;
        return Ok((name, Chosen::Default));
    }
    let names = loaded.names();
    match names.first() {
        Some(only) if names.len() == 1 => Ok(((*only).clone(), Chosen::Only)),
        Some(_) => Err(ProfileError::NotChosen { known: loaded.names_as_text() }),
        None if loaded.is_ambient() => Ok((known_name("default")?, Chosen::Only)),
        None => Err(none(loaded)),
    }
}

/// There is no profile: none that is known of, at least.
#[must_use]
pub fn none(loaded: &Loaded) -> ProfileError {
    let (file, lacks_only_the_key) = (loaded.user_file().map(Into::into), loaded.lacks_only_the_key());
    ProfileError::NoProfiles { file, lacks_only_the_key }.or_untrusted(loaded)
}

fn known_name(name: &str) -> Result<ProfileName, ProfileError> {
    let by = Chosen::Only;
    ProfileName::parse(name).map_err(|wrong| ProfileError::BadName { name: name.into(), by, wrong })
}

/// A name that no file has is fine where there are no files at all and the environment describes the profile, as in
/// a CI job.
fn known(name: ProfileName, by: Chosen, loaded: &Loaded) -> Result<ProfileName, ProfileError> {
    let names = loaded.names();
    if names.contains(&name) || (names.is_empty() && loaded.is_ambient()) {
        return Ok(name);
    }
    if names.is_empty() && loaded.ignored().is_empty() {
        return Err(none(loaded));
    }
    Err(ProfileError::Unknown { name, by, known: loaded.names_as_text() }.or_untrusted(loaded))
}
