//! The end of a token before its time (RFC 7009).
//!
//! Owns the order: the server first, then the cache, so that a token is never out of sight and still good. Never asks
//! for a new one.

use std::time::Instant;

use super::discovery::Office;
use super::fetch::Errand;
use super::{Moment, TokenError, folder, forget, peek};
use crate::environ::Environ;
use crate::notice::Report;
use crate::profile::Profile;

/// What became of the cached token. It is not cached any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The server ended it.
    Ended,
    /// It had no life left, so nobody was asked.
    HadExpired,
    /// None was cached.
    None,
}

/// Has the server end the cached token of a profile, and removes it from the cache. A server says yes to a token that
/// it does not know (RFC 7009 §2.2).
///
/// # Errors
/// Nobody says where tokens are revoked, or the server does not do it: then the token stays where it is.
pub fn revoke(profile: &Profile, environ: &Environ, report: Report) -> Result<Revoked, TokenError> {
    let Some(token) = peek(profile, environ) else { return Ok(Revoked::None) };
    if token.left(Moment::now()).is_none() {
        forget(profile, environ)?;
        return Ok(Revoked::HadExpired);
    }
    let (deadline, folder) = (Instant::now() + profile.timeout, folder(environ));
    let full = Office { environ, folder: folder.as_deref() }.complete(profile, deadline, report)?;
    let url = full.revoke_url.as_ref().ok_or_else(|| nowhere(&full))?;
    let failed = |unread: super::fetch::Unread| {
        let (what, hint, exit) = unread.told();
        let endpoint = super::fetch::shown(&url.value);
        TokenError::NotRevoked { profile: profile.name.clone(), endpoint, what, hint, exit }
    };
    let mut errand = Errand::to("revoke_url", &url.value, &url.origin, &full, environ, deadline).map_err(failed)?;
    errand.tell(&token, environ, report).map_err(failed)?;
    forget(profile, environ)?;
    Ok(Revoked::Ended)
}

fn nowhere(profile: &Profile) -> TokenError {
    let name = &profile.name;
    let why = if profile.issuer.is_some() {
        "its issuer names no revocation endpoint, and `revoke_url` is not set"
    } else {
        "neither `revoke_url` nor `issuer` is set"
    };
    // WSO2's servers have both side by side, and the portal shows both.
    let near = profile.token_url.value.as_str().strip_suffix("/oauth2/token");
    let place = match near.filter(|_| !profile.by_issuer) {
        Some(base) => {
            format!("WSO2's servers have it beside the token endpoint: `revoke_url = \"{base}/oauth2/revoke\"`")
        }
        None => "set `revoke_url`, if the server has such an endpoint".to_owned(),
    };
    let hint =
        format!("{place}; `choreo-env forget {name}` removes the token here, and leaves it good until it expires");
    TokenError::NoRevocation { profile: name.clone(), why, hint }
}
