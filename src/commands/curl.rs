//! `choreo-env curl`: the token request or a call of the API, as a command that runs as printed.

use secrecy::SecretString;

use super::Context;
use crate::cli::{CredentialsArg, CurlArgs};
use crate::config::SecretRef;
use crate::error::Error;
use crate::notice::Notice;
use crate::profile::Profile;
use crate::render::call::{Credential, HttpCall, api_call, curl, sends_raw, stray, token_request};

/// Prints the command.
pub(super) fn run(args: &CurlArgs, context: &mut Context) -> Result<(), Error> {
    let words =
        args.parts().map_err(|message| Error::usage(message, "such as `choreo-env curl dev GET /pets`".to_owned()))?;
    let profile = context.profile(words.profile)?;
    let call = match words.call {
        None => token_call(args, &profile, context)?,
        Some((method, target)) => {
            let stray = stray(&profile, target);
            if let Some(place) = &stray {
                context.notice(&Notice::warning(elsewhere(&profile, place)));
            }
            let token = credential(args, || Ok(context.token(&profile, &args.freshness)?.value().clone()))?;
            // A key that does not go along is not asked for.
            let mut reveal = || if stray.is_some() { Ok(None) } else { context.api_key(&profile) };
            let api_key = credential(args, || Ok(reveal()?.unwrap_or_default()))?;
            api_call(&profile, &method, target, &token, &api_key)?
        }
    };
    context.print(&curl(&call)?)
}

fn token_call(args: &CurlArgs, profile: &Profile, context: &mut Context) -> Result<HttpCall, Error> {
    let profile = &*context.settled(profile)?;
    let credential = credential(args, || context.consumer_secret(profile))?;
    if sends_raw(profile, &credential) && !is_plain_variable(profile, context) {
        context.notice(&Notice::warning_with_hint(
            "curl sends the secret as it is, where the profile has `basic_encoding = \"form\"`",
            "the command works if the secret has only letters, digits, `-`, `.` and `_`",
        ));
    }
    Ok(token_request(profile, &credential)?)
}

/// What is to be known of a call that leaves the API's own place.
fn elsewhere(profile: &Profile, place: &str) -> String {
    let left_out = match (profile.api_key.is_some(), profile.headers.is_empty()) {
        (true, false) => "; `api_key` and `headers` are left out",
        (true, true) => "; `api_key` is left out",
        (false, false) => "; `headers` are left out",
        (false, true) => "",
    };
    format!("profile `{}`: its token goes to {place}{left_out}", profile.name)
}

/// What stands for a credential; the real one is asked for only where it is to be printed.
fn credential(args: &CurlArgs, reveal: impl FnOnce() -> Result<SecretString, Error>) -> Result<Credential, Error> {
    Ok(match args.credentials {
        CredentialsArg::Inline => Credential::Inline(reveal()?),
        CredentialsArg::Env => Credential::Env,
        CredentialsArg::Helper => Credential::Helper,
        CredentialsArg::Placeholder => Credential::Placeholder,
    })
}

/// Whether the secret comes from a variable whose value reads alike in both encodings, so that no warning is due.
fn is_plain_variable(profile: &Profile, context: &Context) -> bool {
    let Some(SecretRef::Env(name)) = profile.consumer_secret.as_ref().map(|secret| &secret.value) else {
        return false;
    };
    let same = |byte: u8| byte.is_ascii_alphanumeric() || b"-._*".contains(&byte);
    context.environ.text(name).is_some_and(|value| value.bytes().all(same))
}
