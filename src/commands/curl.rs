//! `choreo-env curl`: the token request or a call of the API, for a program or a language, ready to run.

use secrecy::SecretString;

use super::Context;
use crate::cli::{CallArgs, CredentialsArg, CurlArgs};
use crate::config::{SecretRef, nearest};
use crate::error::Error;
use crate::notice::Notice;
use crate::profile::Profile;
use crate::render::call::RequestError;
use crate::render::call::{
    Asked, Body, Credential, Field, Request, Style, Target, api_call, file_or_text, name_and_value, render, sends_raw,
    stray, token_request,
};

/// Prints the request.
pub(super) fn run(args: &CurlArgs, context: &mut Context) -> Result<(), Error> {
    let words =
        args.parts().map_err(|message| Error::usage(message, "such as `choreo-env curl dev GET /pets`".to_owned()))?;
    let target = args.written.target.as_deref().map(target).transpose()?;
    let asked = words.call.map(|(method, path)| asked(args, method, path)).transpose()?;
    let profile = context.profile(words.profile)?;
    let request = match asked {
        None => Request { extra: args.extra.clone(), ..token_call(args, &profile, context)? },
        Some(asked) => call(args, &profile, &asked, context)?,
    };
    let target = target.unwrap_or(if request.is_websocket() { Target::Websocat } else { Target::Curl });
    let style = Style { short: args.written.short, one_line: args.written.one_line };
    if style != Style::default() && !target.is_command() {
        let message = format!("target `{}` is no command line: it has neither flags nor one line", target.name());
        context.notice(&Notice::warning(message));
    }
    let rendered = render(&request, target, style)?;
    rendered.warnings.iter().for_each(|warning| context.notice(warning));
    context.print(&rendered.text)
}

fn target(name: &str) -> Result<Target, Error> {
    Target::named(name).ok_or_else(|| {
        let names = Target::ALL.map(Target::name);
        let hint = match nearest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("one of {}", names.join(", ")),
        };
        Error::usage(format!("there is no target `{name}`"), hint)
    })
}

/// What the flags say of the call.
fn asked(args: &CurlArgs, method: Option<String>, target: &str) -> Result<Asked, Error> {
    let call = &args.call;
    let mut asked = Asked {
        method,
        target: target.to_owned(),
        path: pairs(&call.path, "--path")?,
        query: pairs(&call.query, "--query")?,
        headers: call.header.iter().map(|header| split_header(header)).collect::<Result<_, _>>()?,
        extra: args.extra.clone(),
        ..Asked::default()
    };
    body(call, &mut asked)?;
    asked.address().map_err(RequestError::from)?; // before a token is asked for
    Ok(asked)
}

fn pairs(words: &[String], flag: &str) -> Result<Vec<(String, String)>, Error> {
    let wrong = |word| Error::usage(format!("`{flag}` needs a name and a value"), format!("such as `{flag} {word}`"));
    words.iter().map(|word| name_and_value(word).ok_or_else(|| wrong("id=7"))).collect()
}

/// `Name: value`; `Name;` is curl's way to say that the value is empty, and `Name:` reads like it.
fn split_header(header: &str) -> Result<(String, String), Error> {
    let parts = header.split_once(':').or_else(|| header.strip_suffix(';').map(|name| (name, "")));
    let (name, value) = parts.ok_or_else(|| {
        Error::usage("`--header` needs a name and a value", "such as `--header 'Accept: text/plain'`".to_owned())
    })?;
    Ok((name.to_owned(), value.trim().to_owned()))
}

fn body(call: &CallArgs, asked: &mut Asked) -> Result<(), Error> {
    if let Some(query) = &call.graphql {
        asked.graphql(query, call.variables.as_deref()).map_err(RequestError::from)?;
    } else if let Some(json) = &call.json {
        asked.body = whole(json)?;
        asked.content_type = Some("application/json");
    } else if !call.form.is_empty() {
        let fields = pairs(&call.form, "--form")?.into_iter().map(|(name, value)| (name, file_or_text(&value)));
        let fields: Vec<_> = fields.collect();
        fields.iter().try_for_each(|(_, field)| has_a_path(field))?;
        asked.body = Body::Multipart(fields);
    } else if !call.data.is_empty() {
        if call.data.len() > 1 && call.data.iter().any(|data| data.starts_with('@')) {
            return Err(Error::usage("a body is one file or text, not both", None));
        }
        asked.body = whole(&call.data.join("&"))?;
        asked.content_type = Some("application/x-www-form-urlencoded"); // as curl has it
    }
    Ok(())
}

fn whole(data: &str) -> Result<Body, Error> {
    let field = file_or_text(data);
    has_a_path(&field)?;
    Ok(match field {
        Field::Text(text) => Body::Text(text),
        Field::File(path) => Body::File(path),
    })
}

/// Standard input, which curl would mean, is of the command that is run later, and not every target has one.
fn has_a_path(field: &Field) -> Result<(), Error> {
    match field {
        Field::File(path) if matches!(path.as_str(), "" | "-") => {
            Err(Error::usage(format!("`@{path}` names no file"), "such as `@body.json`".to_owned()))
        }
        _ => Ok(()),
    }
}

fn call(args: &CurlArgs, profile: &Profile, asked: &Asked, context: &mut Context) -> Result<Request, Error> {
    let stray = stray(profile, &asked.target);
    if let Some(place) = &stray {
        context.notice(&Notice::warning(elsewhere(profile, place)));
    }
    let token = credential(args, || Ok(context.token(profile, &args.freshness)?.value().clone()))?;
    // A key that does not go along is not asked for.
    let mut reveal = || if stray.is_some() { Ok(None) } else { context.api_key(profile) };
    let api_key = credential(args, || Ok(reveal()?.unwrap_or_default()))?;
    Ok(api_call(profile, asked, &token, &api_key)?)
}

fn token_call(args: &CurlArgs, profile: &Profile, context: &mut Context) -> Result<Request, Error> {
    let profile = &*context.settled(profile)?;
    let credential = credential(args, || context.consumer_secret(profile))?;
    if sends_raw(profile, &credential) && !is_plain_variable(profile, context) {
        context.notice(&Notice::warning_with_hint(
            "the request sends the secret as it is, where the profile has `basic_encoding = \"form\"`",
            "it works if the secret has only letters, digits, `-`, `.` and `_`",
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
