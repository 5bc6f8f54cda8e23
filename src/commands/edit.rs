//! `choreo-env edit`: the user's file in the user's editor, checked before it is saved.

use super::Context;
use crate::config::{self, ConfigError};
use crate::error::Error;
use crate::exec;
use crate::notice::Notice;
use crate::{store, words};

/// What a new file begins with.
const NEW: &str = "# choreo-env: a profile for each environment\n#\n# [profiles.dev]\n# consumer_key    = \"…\"\n\
                   # consumer_secret = { keyring = true }\n";

/// Lets the user edit a private copy, and takes it over when it has no mistakes.
pub(super) fn run(context: &mut Context) -> Result<(), Error> {
    let editor = editor(context)?;
    let path = config::user_file(context.environ).ok_or(ConfigError::NoPlace)?;
    let before = config::read_text(&path)?;
    let text = before.as_ref().map_or(NEW, |text| text.as_str());
    let folder = path.parent().unwrap_or(&path);
    let copy = store::private_copy(folder, text.as_bytes());
    let copy = copy.map_err(|source| ConfigError::NotWritten { path: folder.join("edit-….toml"), source })?;
    loop {
        if !exec::open(&editor, &copy)? {
            return Err(Error::usage("the editor ended with an error, and nothing is changed", None));
        }
        let Some(after) = config::read_text(&copy)? else {
            return Err(Error::usage("the editor removed the file, and nothing is changed", None));
        };
        if after.as_str() == text {
            context.notice(&Notice::detail("nothing is changed"));
            return Ok(());
        }
        let saved = config::check_text(&after, &copy, context.environ)
            .and_then(|()| config::write_text(&path, before.as_ref().map(|text| text.as_str()), &after));
        let Err(error) = saved else { return Ok(()) };
        let is_mistake = matches!(error, ConfigError::Mistakes(_));
        if !(is_mistake && again(error_reports(&error), context)?) {
            let kept = copy.keep().map_err(|error| ConfigError::NotWritten { path, source: error.error })?;
            let message = format!("nothing is changed; your text is kept in `{}`", kept.display());
            context.notice(&Notice::warning(message));
            return Err(error.into());
        }
    }
}

fn error_reports(error: &ConfigError) -> Vec<(String, Option<String>)> {
    match error {
        ConfigError::Mistakes(mistakes) => mistakes.iter().map(|one| (one.to_string(), one.hint.clone())).collect(),
        other => vec![(other.to_string(), None)],
    }
}

/// Shows the mistakes to a person, and asks. Where nobody can be asked, nothing is shown: it is told at the end.
fn again(mistakes: Vec<(String, Option<String>)>, context: &mut Context) -> Result<bool, Error> {
    if !context.term.can_ask() {
        return Ok(false);
    }
    for (message, hint) in mistakes {
        context.term.error(&message, hint.as_deref());
    }
    let answer = context.ask("edit again? [Y/n]");
    Ok(matches!(answer?.to_ascii_lowercase().as_str(), "" | "y" | "yes"))
}

/// The words of the editor's command.
fn editor(context: &Context) -> Result<Vec<String>, Error> {
    let usual = if cfg!(windows) { "notepad" } else { "vi" };
    let named = ["VISUAL", "EDITOR"].into_iter().find_map(|name| Some((name, context.environ.text(name)?)));
    let (name, text) = named.unwrap_or(("EDITOR", usual));
    words::program(text).map_err(|why| Error::usage(format!("`{name}` cannot be used: {why}"), None))
}
