//! Where a new profile's secrets are kept: the system's keyring, a private file, or a place that the user looks after.
//!
//! There is no plain text among them, and no way to it: where the keyring is missing, that is an error that names the
//! other places.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use url::Url;

use super::Context;
use crate::cli::KeepArgs;
use crate::config::{ProfileName, SecretRef, Setting};
use crate::error::Error;
use crate::secret::keyring::{self, Entry};
use crate::secret::{self, What};
use crate::words;

/// Where a secret is kept.
pub(super) enum Place {
    /// The system's keyring.
    Keyring,
    /// A file of its own.
    File(PathBuf),
    /// Where the user put it, or will: it is only referred to.
    Elsewhere(SecretRef),
}

impl Place {
    /// The place that was asked for; `None`: nothing was said.
    pub(super) fn asked(args: &KeepArgs, context: &Context) -> Result<Option<Self>, Error> {
        if let Some(path) = &args.secret_file {
            let folder = context.environ.working_dir().unwrap_or(Path::new(""));
            return Ok(Some(Self::File(folder.join(path))));
        }
        if let Some(command) = &args.secret_command {
            let words = words::program(command);
            let words = words.map_err(|why| Error::usage(format!("`--secret-command` cannot be used: {why}"), None))?;
            return Ok(Some(Self::Elsewhere(SecretRef::Command(words))));
        }
        let variable = args.secret_env.as_ref().map(|name| SecretRef::Env(name.clone()));
        let prompt = args.secret_prompt.then_some(SecretRef::Prompt);
        Ok(variable.or(prompt).map(Self::Elsewhere))
    }

    /// Fails where the keyring cannot keep a profile's secret, before somebody types what would be lost then.
    pub(super) fn expect_keyring(profile: &ProfileName, context: &Context) -> Result<(), Error> {
        keyring::ready(&entry(profile, "consumer_secret", None), context.environ).map_err(Error::NotKept)
    }

    /// Whether the secret has to be handed over.
    pub(super) fn wants_secret(&self) -> bool {
        !matches!(self, Self::Elsewhere(_))
    }
}

/// What has been kept in this run, so that it can be taken back where the profile cannot be written.
#[derive(Default)]
pub(super) struct Kept {
    entries: Vec<Entry>,
    files: Vec<PathBuf>,
}

impl Kept {
    /// Keeps a secret that may be sent to that address only, and gives the line of the profile that refers to it.
    pub(super) fn keep(
        &mut self,
        place: &Place,
        entry: &Entry,
        address: &str,
        secret: &SecretString,
    ) -> Result<Setting, Error> {
        let reference = match place {
            Place::Keyring => {
                let origin = Url::parse(address).map(|url| secret::origin_of(&url)).unwrap_or_default();
                keyring::put(entry, &origin, secret).map_err(Error::NotKept)?;
                self.entries.push(entry.clone());
                SecretRef::Keyring
            }
            Place::File(path) => {
                secret::write_file(&entry.what, path, secret)?;
                self.files.push(path.clone());
                SecretRef::File(path.clone())
            }
            Place::Elsewhere(reference) => reference.clone(),
        };
        Ok(Setting::Secret(entry.what.key, reference))
    }

    /// Takes everything back.
    pub(super) fn undo(self) {
        for entry in &self.entries {
            _ = keyring::remove(entry); // the error that is told is the one that led here
        }
        for file in &self.files {
            _ = std::fs::remove_file(file);
        }
    }
}

/// The entry for a profile's key.
pub(super) fn entry(profile: &ProfileName, key: &'static str, consumer_key: Option<String>) -> Entry {
    Entry { what: What { profile: profile.clone(), key }, consumer_key }
}
