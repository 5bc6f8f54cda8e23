//! `choreo-env import`: a pasted cURL command, a connection's variables or a `component.yaml` becomes a profile.

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::Context;
use super::add::new_name;
use super::keep::{Kept, Place, entry};
use crate::cli::ImportArgs;
use crate::config::{Loaded, ProfileName, SecretRef, Setting, UserFile};
use crate::error::Error;
use crate::import::{self, Draft, ImportError};
use crate::notice::Notice;
use crate::{secret, store};

/// Longer than any command or file that people have: 1 MiB.
const MOST: u64 = 1 << 20;

/// Writes what was found into the user's file.
pub(super) fn run(args: &ImportArgs, context: &mut Context) -> Result<(), Error> {
    let loaded = context.load()?;
    let asked = Place::asked(&args.keep, context)?;
    if let (None, Some(name), true) = (&asked, &context.global.profile, is_pasted(args)) {
        Place::expect_keyring(&new_name(name, &loaded)?, context)?;
    }
    let drafts = drafts(args, context)?;
    drafts.iter().flat_map(|draft| &draft.remarks).for_each(|remark| context.notice(&Notice::warning(remark)));
    let named = names(&drafts, &loaded, context)?;
    let place = asked.unwrap_or(Place::Keyring);
    if drafts.len() > 1 && matches!(place, Place::File(_)) {
        let message = "`--secret-file` is for one secret, and there are several connections";
        return Err(Error::usage(message, "leave the other variables out of the file".to_owned()));
    }
    let mut file = UserFile::open(context.environ)?;
    let (path, mut kept) = (file.path().display().to_string(), Kept::default());
    let mut add_all = || -> Result<(), Error> {
        for (name, draft) in named.iter().zip(&drafts) {
            let settings = complete(name, draft, &place, &loaded, &mut kept, context)?;
            file.add(name, &settings)?;
        }
        Ok(())
    };
    let saved = add_all().and_then(|()| Ok(file.save(context.environ)?));
    if let Err(error) = saved {
        kept.undo();
        return Err(error);
    }
    for name in &named {
        context.notice(&Notice::detail(format!("profile `{name}` is now in {path}")));
    }
    Ok(())
}

fn drafts(args: &ImportArgs, context: &mut Context) -> Result<Vec<Draft>, Error> {
    let found = if args.from_env { import::from_environment(context.environ)? } else { read(args)? };
    let (drafts, useless): (Vec<Draft>, Vec<Draft>) =
        found.into_iter().partition(|draft| draft.by_reference || draft.consumer_key.is_some());
    for draft in useless {
        draft.remarks.iter().for_each(|remark| context.notice(&Notice::warning(remark)));
        if let Some(connection) = draft.connection {
            context.notice(&Notice::warning(format!("connection `{connection}` has no consumer key: left out")));
        }
    }
    if drafts.is_empty() { Err(ImportError::NoKey.into()) } else { Ok(drafts) }
}

/// Whether somebody is to paste something at a terminal.
fn is_pasted(args: &ImportArgs) -> bool {
    !args.from_env && args.file.as_deref().is_none_or(|file| file == Path::new("-")) && io::stdin().is_terminal()
}

fn read(args: &ImportArgs) -> Result<Vec<Draft>, Error> {
    let file = args.file.as_deref().filter(|file| *file != Path::new("-"));
    let bytes = match file {
        Some(path) => {
            from_file(path).map_err(|source| Error::Input { what: format!("`{}`", path.display()), source })?
        }
        None => from_stdin().map_err(|source| Error::Input { what: "standard input".into(), source })?,
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| ImportError::NothingKnown)?;
    Ok(import::read(text, file.and_then(Path::to_str))?)
}

fn from_file(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    store::read_bounded(&store::open_plain(path)?, MOST)
}

fn from_stdin() -> io::Result<Zeroizing<Vec<u8>>> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return secret::paste("paste the cURL command (it is not shown), and end with an empty line: ");
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
    stdin.lock().take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST { Err(io::Error::other("it is longer than 1 MiB")) } else { Ok(bytes) }
}

/// A name for each draft: `--profile`, else the connection's, else a question.
fn names(drafts: &[Draft], loaded: &Loaded, context: &mut Context) -> Result<Vec<ProfileName>, Error> {
    if let Some(name) = context.global.profile.clone() {
        if drafts.len() > 1 {
            let found: Vec<&str> = drafts.iter().filter_map(|draft| draft.connection.as_deref()).collect();
            let message = format!("`--profile` is for one profile, and there are {}", found.join(", "));
            return Err(Error::usage(message, "without it, each has its connection's name".to_owned()));
        }
        return Ok(vec![new_name(&name, loaded)?]);
    }
    let name = |draft: &Draft| match &draft.connection {
        Some(connection) => new_name(&connection.to_lowercase(), loaded),
        None if context.term.can_ask() => {
            let name = context.ask("name of the profile")?;
            new_name(&name, loaded)
        }
        None => Err(Error::usage("the profile has no name", "add `--profile NAME`".to_owned())),
    };
    drafts.iter().map(name).collect()
}

/// The lines of a profile, with its secrets in their place.
fn complete(
    name: &ProfileName,
    draft: &Draft,
    place: &Place,
    loaded: &Loaded,
    kept: &mut Kept,
    context: &mut Context,
) -> Result<Vec<Setting>, Error> {
    let mut settings = settings(draft, context);
    if draft.by_reference {
        return Ok(settings);
    }
    settings.iter().try_for_each(Setting::check)?;
    let entry = |key| entry(name, key, draft.consumer_key.clone());
    let usual = || loaded.merged(&[]).text("token_url").map(|text| text.value).unwrap_or_default();
    let address = draft.token_url.clone().unwrap_or_else(usual);
    match (&draft.consumer_secret, place) {
        (Some(secret), place) => {
            if !place.wants_secret() {
                let message = format!(
                    "profile `{name}`: the secret that was imported is not kept: put it where it will be looked for"
                );
                context.notice(&Notice::warning(message));
            }
            settings.push(kept.keep(place, &entry("consumer_secret"), &address, secret)?);
        }
        (None, Place::Elsewhere(reference)) => settings.push(Setting::Secret("consumer_secret", reference.clone())),
        (None, Place::File(path)) if path.exists() => {
            settings.push(Setting::Secret("consumer_secret", SecretRef::File(path.clone())));
        }
        (None, _) => return Err(ImportError::NoSecret.into()),
    }
    if let Some(key) = &draft.api_key {
        match (place, &draft.api_url) {
            (Place::Keyring, Some(address)) => {
                settings.push(kept.keep(place, &entry("api_key"), address, key)?);
            }
            _ => context.notice(&Notice::warning_with_hint(
                format!("profile `{name}`: the API key is not kept: only the keyring takes it, for the API's address"),
                "add `api_key = { env = \"NAME\" }` to the profile".to_owned(),
            )),
        }
    }
    Ok(settings)
}

/// The lines that hold no secret.
fn settings(draft: &Draft, context: &Context) -> Vec<Setting> {
    let folder = context.environ.working_dir().unwrap_or(Path::new(""));
    let absolute = |path: &String| folder.join(path).to_string_lossy().into_owned();
    let texts = [
        ("connection", draft.connection.clone().filter(|_| draft.by_reference)),
        ("token_url", draft.token_url.clone()),
        ("consumer_key", draft.consumer_key.clone()),
        ("client_auth", draft.client_auth.map(|auth| auth.name().to_owned())),
        ("basic_encoding", draft.basic_encoding.map(|encoding| encoding.name().to_owned())),
        ("audience", draft.audience.clone()),
        ("api_url", draft.api_url.clone()),
        ("ca_file", draft.ca_file.as_ref().map(absolute)),
        ("proxy", draft.proxy.clone()),
    ];
    let mut settings: Vec<Setting> =
        texts.into_iter().filter_map(|(key, text)| Some(Setting::Text(key, text?))).collect();
    let words = [("scopes", &draft.scopes), ("resource", &draft.resource)];
    settings.extend(
        words.into_iter().filter(|(_, words)| !words.is_empty()).map(|(key, words)| Setting::Words(key, words.clone())),
    );
    if !draft.params.is_empty() {
        settings.push(Setting::Table("params", draft.params.clone()));
    }
    settings
}
