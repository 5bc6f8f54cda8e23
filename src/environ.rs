//! The environment, read once.
//!
//! Owns every look at the process's environment: variables, working directory, own path, the user's folders. Never
//! prints a value: a variable may hold a secret. Gives the rooms a snapshot, so that they can be tested in parallel.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A variable that the tool reads, with what it is for.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it does, as one phrase for the help and the man page.
    pub about: &'static str,
}

/// Names the profile; the exported code sets it too, so that a bare `choreo-env` renews the shell's current profile.
pub const PROFILE: &str = "CHOREO_ENV_PROFILE";
/// Replaces the user's configuration file.
pub const CONFIG: &str = "CHOREO_ENV_CONFIG";
/// What the name of the folder of a sandbox's own configuration begins with.
pub const SANDBOX_FOLDER: &str = "choreo-env-sandbox-";
/// Names the shell that the output is for.
pub const SHELL: &str = "CHOREO_ENV_SHELL";
/// Holds the names (never the values) of what `vars` added to this shell, so that a later run can remove them.
pub const EXPORTED: &str = "CHOREO_ENV_EXPORTED";
/// Holds the access token; set by the exported code.
pub const EXPORTED_TOKEN: &str = "CHOREO_ACCESS_TOKEN";
/// Holds when the token expires, in Unix seconds; set by the exported code.
pub const EXPORTED_EXPIRES_AT: &str = "CHOREO_ACCESS_TOKEN_EXPIRES_AT";
/// Holds the API's address; set by the exported code.
pub const EXPORTED_API_URL: &str = "CHOREO_API_URL";
/// Holds the API key; set by the exported code.
pub const EXPORTED_API_KEY: &str = "CHOREO_API_KEY";
/// Holds from when on the token should be renewed, in Unix seconds by this machine's clock; set by the exported code,
/// so that a shell's prompt has only to compare two numbers.
pub const RENEW_AT: &str = "CHOREO_ENV_RENEW_AT";
/// Is `1` where the profile is protected; set by the exported code, for prompts. `CHOREO_ENV_PROTECTED` would be a key.
pub const IS_PROTECTED: &str = "CHOREO_ENV_IS_PROTECTED";
/// What the profile meant when it was entered.
pub const IN_USE: &str = "CHOREO_ENV_IN_USE";
/// Every name that the exported code can set by itself (product contract, section 3), whatever `vars` adds.
pub const EXPORTED_NAMES: [&str; 9] = [
    EXPORTED_TOKEN,
    EXPORTED_EXPIRES_AT,
    EXPORTED_API_URL,
    EXPORTED_API_KEY,
    PROFILE,
    EXPORTED,
    RENEW_AT,
    IS_PROTECTED,
    IN_USE,
];
/// Names files of a checkout, or their folders, that are trusted whatever they hold: for CI.
pub const TRUSTED_PATHS: &str = "CHOREO_ENV_TRUSTED_PATHS";
/// Names protected profiles whose tokens are handed out without a question.
pub const ALLOW: &str = "CHOREO_ENV_ALLOW";
/// Names the user's folder in memory.
pub const RUNTIME_DIR: &str = "XDG_RUNTIME_DIR";
/// Names the session's D-Bus, on which the system's keyring is.
pub const SESSION_BUS: &str = "DBUS_SESSION_BUS_ADDRESS";
/// Names the pager.
pub const PAGER: &str = "PAGER";
/// What the variables of layer 6 begin with: `CHOREO_ENV_TOKEN_URL` sets the key `token_url`.
pub const KEY_PREFIX: &str = "CHOREO_ENV_";

/// Every variable that the tool itself reads, but for `CHOREO_ENV_<KEY>`, which the configuration's schema lists.
pub const VARIABLES: &[Variable] = &[
    Variable { name: PROFILE, about: "the profile, where no argument names one" },
    Variable { name: CONFIG, about: "replaces the user's configuration file" },
    Variable { name: SHELL, about: "the shell that the output is for, where --shell does not say" },
    Variable { name: EXPORTED, about: "names of the variables that the last export added; set by the exported code" },
    Variable { name: RENEW_AT, about: "when the token should be renewed, in Unix seconds; set by the exported code" },
    Variable { name: IS_PROTECTED, about: "`1` where the profile is protected; set by the exported code" },
    Variable { name: IN_USE, about: "what the profile meant then, as a digest; set by the exported code" },
    Variable {
        name: TRUSTED_PATHS,
        about: "files of a checkout, or their folders, that are trusted as they are, for CI",
    },
    Variable { name: ALLOW, about: "protected profiles that need no question, with commas between them" },
    Variable { name: RUNTIME_DIR, about: "where the token cache lives, if it is the user's own folder" },
    Variable { name: SESSION_BUS, about: "the session's D-Bus, on which the system's keyring is" },
    Variable { name: "VISUAL", about: "the editor that `edit` starts, else EDITOR" },
    Variable { name: "EDITOR", about: "the editor that `edit` starts, where VISUAL is not set" },
    Variable { name: PAGER, about: "the pager of `man`, where there is no man program; else less" },
    Variable { name: "NO_COLOR", about: "no colour in messages" },
    Variable { name: "TERM", about: "no colour in messages where it is `dumb`" },
    Variable { name: "HTTPS_PROXY", about: "proxy for token requests, with NO_PROXY and ALL_PROXY as usual" },
    Variable { name: "SSL_CERT_FILE", about: "replaces the system's trust store, with SSL_CERT_DIR" },
    Variable { name: "GITHUB_ACTIONS", about: "must be `true` for --format github, which writes to GITHUB_ENV" },
    Variable { name: "GITHUB_ENV", about: "the file that --format github appends to" },
    Variable { name: "KUBERNETES_EXEC_INFO", about: "the API version that --format exec-credential answers in" },
];

/// A snapshot of the process's environment. Has no `Debug`: a value may be a secret.
#[derive(Default)]
pub struct Environ {
    vars: Arc<HashMap<OsString, OsString>>,
    working_dir: Option<PathBuf>,
}

impl Environ {
    /// Reads the environment of this process.
    #[must_use]
    pub fn capture() -> Self {
        Self { vars: Arc::new(std::env::vars_os().collect()), working_dir: std::env::current_dir().ok() }
    }

    /// The same environment in another folder.
    #[must_use]
    pub fn at(&self, folder: &Path) -> Self {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        Self { vars: Arc::clone(&self.vars), working_dir: Some(folder) }
    }

    /// The value of a variable; an empty one counts as not set, as shells have no good way to say "unset".
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.vars.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The value as it is, an empty one too: what has to come back exactly.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&OsStr> {
        self.vars.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// The value as text; `None` also where it is not Unicode.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(OsStr::to_str)
    }

    /// Whether people here want colour where there is a terminal (<https://no-color.org>), and the terminal has any.
    #[must_use]
    pub fn wants_colour(&self) -> bool {
        self.get("NO_COLOR").is_none() && self.text("TERM") != Some("dumb")
    }

    /// All names that are Unicode, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.vars.keys().filter_map(|name| name.to_str())
    }

    /// The paths of a variable that holds several, as PATH does.
    pub fn paths(&self, name: &str) -> impl Iterator<Item = PathBuf> {
        std::env::split_paths(self.get(name).unwrap_or_default()).filter(|path| !path.as_os_str().is_empty())
    }

    /// The folder that relative paths of the command line refer to, and where the search for a checkout's files
    /// begins. An environment that was made up, as the demo's is, has none: it is no place in anybody's checkout.
    #[must_use]
    pub fn working_dir(&self) -> Option<&Path> {
        self.working_dir.as_deref()
    }

    /// The path of the running program.
    #[must_use]
    pub fn program(&self) -> Option<PathBuf> {
        std::env::current_exe().ok()
    }

    /// The user's home folder.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        dirs::home_dir()
    }

    /// Where users keep configuration on this system (`$XDG_CONFIG_HOME`, `~/Library/Application Support`, `%APPDATA%`).
    #[must_use]
    pub fn config_home(&self) -> Option<PathBuf> {
        dirs::config_dir()
    }

    /// Where users keep what can be made anew (`$XDG_CACHE_HOME`, `~/Library/Caches`, `%LOCALAPPDATA%`).
    #[must_use]
    pub fn cache_home(&self) -> Option<PathBuf> {
        dirs::cache_dir()
    }

    /// Where users keep what cannot be made anew and is of this machine (`$XDG_DATA_HOME`, `~/Library/Application
    /// Support`, `%LOCALAPPDATA%`).
    #[must_use]
    pub fn data_home(&self) -> Option<PathBuf> {
        dirs::data_local_dir()
    }

    /// The user's folder in memory, where the system has one (`$XDG_RUNTIME_DIR`).
    #[must_use]
    pub fn runtime_dir(&self) -> Option<PathBuf> {
        self.get(RUNTIME_DIR).map(PathBuf::from).filter(|path| path.is_absolute())
    }
}

impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Environ {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let vars = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { vars: Arc::new(vars), working_dir: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_that_have_it_and_people_who_want_it() {
        for (name, value, wanted) in
            [("TERM", "xterm", true), ("TERM", "dumb", false), ("NO_COLOR", "1", false), ("NO_COLOR", "", true)]
        {
            let environ: Environ = [(name, value)].into_iter().collect();
            assert_eq!(environ.wants_colour(), wanted, "{name}={value}");
        }
    }
}
