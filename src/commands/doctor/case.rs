//! The facts that the checks judge.
//!
//! Owns what is looked up, and in which order. Stops at nothing: what cannot be had is a fact, too. The secret is
//! touched only where a token request was asked for, and the network only where it was not forbidden.

use std::borrow::Cow;

use crate::cli::DoctorArgs;
use crate::commands::Context;
use crate::config::{self, ConfigError, Loaded, ProfileName};
use crate::environ::Environ;
use crate::error::Error;
use crate::notice::Notice;
use crate::profile::{self, Asked, Chosen, Profile, ProfileError};
use crate::secret::keyring;
use crate::token::{self, AccessToken, Other, Probed, Reach, Reached, TokenError};

/// What is known.
pub(super) struct Case<'a> {
    pub(super) environ: &'a Environ,
    pub(super) loaded: Result<Loaded, ConfigError>,
    /// What the rooms warned of: messages and hints.
    pub(super) warnings: Vec<(String, Option<String>)>,
    /// Which profile, and why that one; `None` where no configuration is to be had.
    pub(super) choice: Option<Result<(ProfileName, Chosen), ProfileError>>,
    /// The profile, where one is chosen.
    pub(super) profile: Option<Result<Profile, ProfileError>>,
    /// Whether the system's keyring can be reached.
    pub(super) keyring: Result<(), keyring::Fault>,
    /// The profile with its token endpoint; `None` where the configuration names it, and where nobody asked.
    pub(super) settled: Option<Result<Profile, TokenError>>,
    /// The way to its token endpoint; `None` where nobody went.
    pub(super) reach: Option<Reach>,
    /// What a token request came to; `None` where none was asked for.
    pub(super) request: Option<Result<AccessToken, Error>>,
    /// What the server says to the other Basic encoding, where that was asked, and makes a difference.
    pub(super) other: Option<Other>,
    /// What two token requests showed; `None` where none were asked for.
    pub(super) probe: Option<Result<Probed, Error>>,
}

impl<'a> Case<'a> {
    /// Looks at everything.
    pub(super) fn gather(args: &DoctorArgs, context: &mut Context<'a, '_>) -> Self {
        let environ = context.environ;
        let mut warnings = Vec::new();
        let mut report = |notice: Notice| match notice {
            Notice::Warning { message, hint } => warnings.push((message, hint)),
            other => context.term.notice(&other),
        };
        let loaded = config::load(environ, &context.global.set, &mut report);
        let asked = Asked { argument: args.profile.as_deref(), flag: context.global.profile.as_deref() };
        let choice = loaded.as_ref().ok().map(|loaded| profile::chosen(asked, loaded, environ));
        let profile = match (&loaded, &choice) {
            (Ok(loaded), Some(Ok((name, _)))) => Some(profile::resolve(name, loaded)),
            _ => None,
        };
        let known = profile.as_ref().and_then(|profile| profile.as_ref().ok());
        let keyring = keyring::reach(environ);
        let settled = known.filter(|profile| profile.by_issuer && !args.offline).map(|profile| {
            report(Notice::Waiting(format!("asking the issuer of profile `{}`", profile.name)));
            token::settle(profile, environ, &mut report).map(Cow::into_owned)
        });
        let place = settled.as_ref().and_then(|settled| settled.as_ref().ok()).or(known);
        let reach = place.filter(|_| !args.offline).map(|profile| {
            report(Notice::Waiting(format!("trying the way to the token endpoint of profile `{}`", profile.name)));
            token::reach(profile, environ)
        });
        let asked = known.filter(|_| args.token).map(|profile| token::examine(profile, environ, &mut report));
        let (request, other) = asked.map_or((None, None), |(token, other)| (Some(token.map_err(Error::from)), other));
        let probe = known
            .filter(|_| args.probe_reissue)
            .map(|it| token::probe_reissue(it, environ, &mut report).map_err(Error::from));
        Self { environ, loaded, warnings, choice, profile, keyring, settled, reach, request, other, probe }
    }

    /// The profile, if it is complete and valid.
    pub(super) fn valid(&self) -> Option<&Profile> {
        self.profile.as_ref()?.as_ref().ok()
    }

    /// The name of the profile, if one is chosen.
    pub(super) fn name(&self) -> Option<&str> {
        Some(self.choice.as_ref()?.as_ref().ok()?.0.as_str())
    }

    /// The answer that came on the way to the token endpoint.
    pub(super) fn reached(&self) -> Option<&Reached> {
        self.reach.as_ref()?.connection.as_ref()?.as_ref().ok()
    }
}
