//! `choreo-env inspect`: what is in a token, how long it is good, and whether its server made it.
//!
//! Owns where the token comes from, and whom it may be shown to: one from standard input goes to no server, unless the
//! profile that it belongs to is named.

mod summary;
mod text;

use std::io::{self, Read};
use std::process::ExitCode;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::Context;
use crate::cli::{Freshness, InspectArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::profile::Profile;
use crate::token::{self, AccessToken, Look, Moment};

use summary::{Source, Summary};

/// The longest input that is read: a token of 64 KiB, in JSON that escapes each character.
const MOST: u64 = 512 * 1024;

/// Prints what is known of a token; the exit status says whether it is good.
pub(super) fn run(args: &InspectArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let (token, source, profile) = match args.what.as_deref() {
        Some("-") => (from_stdin()?, Source::Stdin, named(context)?),
        name => {
            let profile = context.profile(name)?;
            let (token, source) = of_profile(&profile, args, context)?;
            (token, source, Some(profile))
        }
    };
    let look = if args.offline { Look::Offline } else { Look::Server };
    let environ = context.environ;
    let inspection =
        token::inspect(&token, profile.as_ref(), look, environ, &mut |notice| context.term.notice(&notice));
    let summary = Summary::of(&token, source, profile.as_ref(), inspection);
    let text = if args.json {
        summary.json()
    } else {
        text::page(&summary, context.term.out_is_terminal(), context.term.out_paint())
    };
    context.print(&text)?;
    Ok(summary.exit().into())
}

/// The profile that a token from standard input belongs to: only one that is named. The one that would be chosen anyway
/// may be of another environment, whose server has no business with the token.
fn named(context: &mut Context) -> Result<Option<Profile>, Error> {
    if context.global.profile.is_none() { Ok(None) } else { context.profile(None).map(Some) }
}

/// The cached token while it lives: to look at a token is no reason to ask for another.
fn of_profile(profile: &Profile, args: &InspectArgs, context: &mut Context) -> Result<(AccessToken, Source), Error> {
    let cached = token::peek(profile, context.environ);
    let (now, began) = (Moment::now(), Moment::now());
    match cached {
        Some(token) if args.offline || token.left(now).is_some() => Ok((token, Source::Cache)),
        None if args.offline => Err(Error::NotCached { profile: profile.name.to_string() }),
        _ => {
            let token = context.token(profile, &Freshness::default())?;
            let source = if token.obtained_at() >= began { Source::Server } else { Source::Cache };
            Ok((token, source))
        }
    }
}

fn from_stdin() -> Result<AccessToken, Error> {
    let failed = |source: io::Error| Error::Input { what: "a token from standard input".into(), source };
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
    io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes).map_err(failed)?;
    let text = std::str::from_utf8(&bytes).ok().filter(|text| text.len() as u64 <= MOST);
    let token = text.and_then(found).and_then(|value| AccessToken::new(value, None, Moment::now()).ok());
    token.ok_or_else(|| failed(io::Error::other("it holds none: a token is one word of visible ASCII (RFC 6749 A.12)")))
}

/// The token in a text: bare, in a header line, or in the JSON of a token endpoint.
fn found(text: &str) -> Option<String> {
    let text = text.trim();
    if text.starts_with('{') {
        let fields: Map<String, Value> = serde_json::from_str(text).ok()?;
        return fields.get("access_token")?.as_str().map(str::to_owned);
    }
    let mut words = text.split_whitespace();
    let (last, before) = (words.next_back()?, words.collect::<Vec<_>>().join(" ").to_ascii_lowercase());
    matches!(before.as_str(), "" | "bearer" | "authorization: bearer").then(|| last.to_owned())
}

impl Summary {
    /// Not good is what its server did not make, or has ended; what is past its end comes after that.
    fn exit(&self) -> Exit {
        match (self.is_refused(), self.has_ended()) {
            (true, _) => Exit::Refused,
            (false, true) => Exit::Expired,
            (false, false) => Exit::Fine,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::found;

    #[test]
    fn a_token_is_found_in_every_form_that_the_tool_prints_it_in() {
        for text in [
            "abc\n",
            " abc ",
            "Bearer abc",
            "Authorization: Bearer abc\n",
            "authorization: bearer abc\r\n",
            "{\"access_token\":\"abc\",\"expires_in\":900}",
        ] {
            assert_eq!(found(text).as_deref(), Some("abc"), "{text}");
        }
        for text in ["", "\n", "{}", "{\"access_token\":5}", "Basic abc", "abc def", "{"] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
