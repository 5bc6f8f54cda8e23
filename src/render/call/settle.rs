//! The request as one target can take it.
//!
//! Owns what is replaced before a target writes: programs to run for a value, and questions to the person who runs it,
//! become variables where the target has neither. Never changes what is sent. Gives the request, and says what it did.

use super::{Body, Part, Request, Target, Text};
use crate::environ::EXPORTED_TOKEN;
use crate::notice::Notice;
use crate::render::call::requests::SECRET_VARIABLE;

/// Replaces what the target cannot do.
pub(super) fn settle(request: &Request, target: Target, warnings: &mut Vec<Notice>) -> Request {
    let mut request = request.clone();
    if let Some((_, password @ None)) = &mut request.user
        && !target.asks()
    {
        *password = Some(Part::Variable(SECRET_VARIABLE.into()).into());
        warnings.push(reads(target, SECRET_VARIABLE, "ask for a password"));
    }
    if !target.runs_programs() {
        let mut names = Vec::new();
        every_text(&mut request, |text| {
            *text = text.map(|part| match part {
                Part::Output { variable, .. } => {
                    names.push(variable.clone());
                    Part::Variable(variable.clone())
                }
                other => other.clone(),
            });
        });
        names.dedup();
        warnings.extend(names.iter().map(|name| reads(target, name, "run a program for a value")));
    }
    request
}

fn reads(target: Target, variable: &str, cannot: &str) -> Notice {
    let message = format!("target `{}` cannot {cannot}: it reads the variable `{variable}`", target.name());
    let hint = match variable {
        EXPORTED_TOKEN => "`choreo-env exec PROFILE -- PROGRAM` runs a program that has it".to_owned(),
        _ => format!("set `{variable}` where it is run"),
    };
    Notice::warning_with_hint(message, hint)
}

fn every_text(request: &mut Request, mut change: impl FnMut(&mut Text)) {
    for (_, text) in &mut request.headers {
        change(text);
    }
    request.protocols.iter_mut().for_each(&mut change);
    if let Some((user, password)) = &mut request.user {
        change(user);
        password.iter_mut().for_each(&mut change);
    }
    if let Body::Form(fields) = &mut request.body {
        for (_, text) in fields {
            change(text);
        }
    }
}
