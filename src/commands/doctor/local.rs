//! Checks of what is on this machine: configuration, profile, secrets, cache.

use std::io;
use std::path::Path;

use super::case::Case;
use super::finding::Finding;
use super::network::date;
use crate::commands::standing::{Standing, State};
use crate::config::{self, ConfigError, Loaded};
use crate::environ::{self, Environ};
use crate::exit::Exit;
use crate::profile::Profile;
use crate::secret;
use crate::store::{self, Access};
use crate::token::{self, Moment, Passport};

/// The configuration files: there, readable, nobody else's, and without mistakes.
pub(super) fn configuration(case: &Case) -> Vec<Finding> {
    let system = config::system_file(case.environ).map(|path| system_file(&path));
    let user = config::user_file(case.environ).map(|path| user_file(&path, case.environ));
    system.into_iter().chain(user).chain(mistakes(case)).collect()
}

fn system_file(path: &Path) -> Finding {
    match store::open_plain(path).and_then(|file| store::access(&file)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Finding::ok(format!("no system file `{}`", path.display()))
        }
        Err(error) => unreadable(path, &error),
        Ok(access) => judged(path, access),
    }
}

fn user_file(path: &Path, environ: &Environ) -> Finding {
    let named = environ.get(environ::CONFIG).is_some();
    match store::open_plain(path).and_then(|file| store::access(&file)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !named => {
            Finding::note(format!("you have no file `{}`", path.display()))
        }
        Err(error) => unreadable(path, &error),
        Ok(Access::Foreign) => {
            Finding::note(format!("`{}` belongs to another user, who may change it", path.display()))
        }
        Ok(access) => judged(path, access),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Finding {
    Finding::problem(format!("`{}` cannot be read: {error}", path.display()), Exit::Config)
}

/// Whoever may write a configuration file may send the secret elsewhere.
fn judged(path: &Path, access: Access) -> Finding {
    const OTHERS_WRITE: u32 = 0o022;
    match access {
        Access::Open(mode) if mode & OTHERS_WRITE != 0 => {
            let message = format!("`{}` can be changed by others (mode {mode:04o})", path.display());
            Finding::problem(message, Exit::Config).advice(format!("run `chmod go-w {}`", path.display()))
        }
        Access::Private => Finding::ok(format!("`{}` is there, and only you can read it", path.display())),
        Access::Open(_) | Access::Foreign => Finding::ok(format!("`{}` is there, and readable", path.display())),
    }
}

fn mistakes(case: &Case) -> Vec<Finding> {
    match &case.loaded {
        Ok(_) => Vec::new(),
        // The file itself was looked at; what is left is what shows only when it is read.
        Err(ConfigError::Unreadable { path, source, .. }) => {
            store::open_plain(path).is_ok().then(|| unreadable(path, source)).into_iter().collect()
        }
        Err(ConfigError::Mistakes(mistakes)) => mistakes
            .iter()
            .map(|mistake| Finding::problem(mistake.to_string(), Exit::Config).advice(mistake.hint.clone()))
            .collect(),
        Err(error) => vec![Finding::problem(error.to_string(), error.exit()).advice(error.hint())],
    }
}

/// What came with a checkout and does not count, and why.
pub(super) fn checkout(case: &Case) -> Vec<Finding> {
    let ignored = case.loaded.as_ref().map(Loaded::ignored).unwrap_or_default();
    ignored.iter().map(|file| Finding::note(file.to_string()).advice(file.hint())).collect()
}

/// Which profile, and whether it is complete and valid.
pub(super) fn profile(case: &Case) -> Vec<Finding> {
    let (choice, profile) = match (&case.choice, &case.profile) {
        (None, _) => return Finding::not_checked("the configuration has mistakes"),
        (Some(Err(error)), _) | (_, Some(Err(error))) => {
            return vec![Finding::problem(error.to_string(), Exit::Config).advice(error.hint())];
        }
        (Some(Ok((_, by))), Some(Ok(profile))) => (by, profile),
        (Some(Ok(_)), None) => return Finding::not_checked("no profile is chosen"),
    };
    let Profile { name, token_url, consumer_key, .. } = profile;
    let message = format!(
        "`{name}` ({choice}), consumer key `{}` ({}), token endpoint from {}",
        consumer_key.value, consumer_key.origin, token_url.origin
    );
    vec![Finding::ok(message)]
}

/// The keys that refer to a secret.
const SECRETS: [&str; 5] =
    ["consumer_secret", "consumer_secret_next", "private_key", "private_key_passphrase", "api_key"];

/// Where the secrets are, without reading them.
pub(super) fn secrets(case: &Case) -> Vec<Finding> {
    let Some(profile) = case.valid() else { return Finding::not_checked("there is no valid profile") };
    let method = profile.client_auth.value;
    let named = |key: &&str| method.secret_key() == Some(*key) || secret::reference(profile, key).is_some();
    let found: Vec<_> = SECRETS.into_iter().filter(named).map(|key| located(profile, key, case.environ)).collect();
    if found.is_empty() {
        return vec![Finding::ok(format!("`client_auth = \"{}\"` needs none of its own", method.name()))];
    }
    found
}

/// The client's own certificate, where the profile has one: whose it is, and how long it is good for.
pub(super) fn client_certificate(case: &Case) -> Vec<Finding> {
    const SOON: i64 = 14 * 24 * 3600;
    let Some(profile) = case.valid() else { return Vec::new() };
    let Some(path) = &profile.client_certificate else { return Vec::new() };
    let path = format!("`{}` ({})", path.value.display(), path.origin);
    let now = Moment::now().seconds();
    vec![match token::passport(profile) {
        None => Finding::note(format!("{path} is read with a passphrase only, when a token is asked for")),
        Some(Err(error)) => Finding::problem(error.to_string(), error.exit()).advice(error.hint()),
        Some(Ok(Passport { subject, begins, ends })) => {
            let message = format!("{path}: `{subject}`, from {} to {}", date(begins), date(ends));
            let problem = |why| Finding::problem(format!("{message}: {why}"), Exit::Config);
            match () {
                () if ends < now => problem("it has ended").advice("ask for a new one where it came from".to_owned()),
                () if begins > now => {
                    problem("it is not valid yet").advice("is this machine's clock right?".to_owned())
                }
                () if ends - now < SOON => Finding::note(message),
                () => Finding::ok(message),
            }
        }
    }]
}

fn located(profile: &Profile, key: &'static str, environ: &Environ) -> Finding {
    let origin = secret::reference(profile, key).map(|reference| format!(" ({})", reference.origin));
    match secret::locate(profile, key, environ) {
        Ok(place) => Finding::ok(format!("`{key}`: {place}{}", origin.unwrap_or_default())),
        Err(error) => Finding::problem(error.to_string(), error.exit()).advice(error.hint()),
    }
}

/// The system's keyring, of which no entry is looked at. It is a problem only where a secret would come from it.
pub(super) fn keyring(case: &Case) -> Vec<Finding> {
    let Err(fault) = &case.keyring else { return vec![Finding::ok("the system's keyring can be reached")] };
    let uses = |profile| SECRETS.iter().any(|key| secret::is_in_keyring(profile, key));
    vec![match case.valid() {
        Some(profile) if uses(profile) => Finding::problem(fault.to_string(), Exit::Secret).advice(fault.hint()),
        Some(profile) => Finding::note(format!("{fault}; profile `{}` does not use it", profile.name)),
        None => Finding::note(fault.to_string()).advice(fault.hint()),
    }]
}

/// The folder of the token cache.
pub(super) fn cache(case: &Case) -> Vec<Finding> {
    let Some(folder) = token::folder(case.environ) else {
        let problem = Finding::problem("there is no folder for the token cache: no token is kept", Exit::Cache);
        return vec![problem.advice("set HOME, or XDG_CACHE_HOME".to_owned())];
    };
    vec![folder_state(&folder).unwrap_or_else(|error| {
        let message = format!("the token cache cannot be used: `{}`: {error}", folder.display());
        let advice = "a token is delivered all the same, but every call asks for a new one";
        Finding::problem(message, Exit::Cache).advice(advice.to_owned())
    })]
}

fn folder_state(folder: &Path) -> io::Result<Finding> {
    let shown = folder.display();
    match store::folder_access(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let parent = folder.ancestors().skip(1).find(|path| path.exists());
            parent.map_or(Ok(()), store::may_write)?;
            Ok(Finding::ok(format!("`{shown}` is made when the first token is kept")))
        }
        Err(error) => Err(error),
        Ok(Access::Foreign) => Err(io::Error::other("it belongs to another user")),
        Ok(Access::Open(mode)) => {
            store::may_write(folder)?;
            Ok(Finding::note(format!("`{shown}` is open to others (mode {mode:04o}), and is closed at its next use")))
        }
        Ok(Access::Private) => {
            store::may_write(folder)?;
            Ok(Finding::ok(format!("`{shown}` is private and writable")))
        }
    }
}

/// What is kept for the profile.
pub(super) fn cached_token(case: &Case) -> Vec<Finding> {
    let (Ok(loaded), Some(profile)) = (&case.loaded, case.valid()) else {
        return Finding::not_checked("there is no valid profile");
    };
    let standing = Standing::of(&profile.name, loaded, case.environ);
    vec![match standing.state {
        State::Usable => Finding::ok(standing.reason),
        _ => Finding::note(format!("{}; the next call asks for one", standing.reason)),
    }]
}
