//! ② What is configured, and by whom.
//!
//! Owns the layers, the grammar of files and values, and the origin of each value. Never asks for a secret: it holds
//! references. Never lets a secret pass through figment, which re-types text and prints values in its errors. Gives
//! [`Loaded`], in which every mistake that can be seen without choosing a profile has been found.

mod ambient;
pub mod checkout;
pub mod connection;
mod device;
mod edit;
mod error;
mod file;
mod item;
mod merge;
mod origin;
mod overview;
mod section;
mod suggest;
mod value;

pub mod manual;
pub mod schema;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use figment::value::Value;
use zeroize::Zeroizing;

pub use edit::{Setting, UserFile, check as check_text, read as read_text, write as write_text};
pub use error::{At, ConfigError, Mistake};
pub use merge::Merged;
pub use origin::{Origin, Place, Sourced};
pub use overview::overview;
pub use section::Section;
pub use suggest::{did_you_mean, nearest};
pub use value::{BasicEncoding, ClientAuth, Field, Issuer, Piece, ProfileName, SecretRef, SigningAlgorithm, Template};
pub use value::{api as parse_api_url, endpoint as parse_endpoint, origin as parse_origin, proxy as parse_proxy};

use crate::environ::{self, Environ};
use crate::notice::{Notice, Report};
use crate::store::{self, Access};

/// A configuration file is longer than any that people write: 1 MiB.
const MOST_BYTES: u64 = 1 << 20;

/// Everything that is configured, layer by layer.
#[derive(Debug, Default)]
pub struct Loaded {
    built_in: Section,
    files: Vec<file::Contents>,
    ignored: Vec<checkout::Ignored>,
    environment: Section,
    flags: Section,
    /// What the environment says about the connections that some section names.
    connections: BTreeMap<String, Section>,
    user_file: Option<PathBuf>,
    /// The name that this machine has in scopes, where some section wants it.
    device: Option<String>,
}

/// Reads all layers.
///
/// # Errors
/// Every mistake in them at once, or a file that cannot be read.
pub fn load(environ: &Environ, sets: &[String], report: Report) -> Result<Loaded, ConfigError> {
    let mut loaded = Loaded { built_in: built_in(), user_file: user_file(environ), ..Loaded::default() };
    let mut mistakes = Vec::new();
    let home = environ.home();
    for own in own_files(environ) {
        let path = &own.path;
        let Some((text, access)) = open(path, own.is_user && environ.get(environ::CONFIG).is_some())? else {
            report(Notice::Detail(format!("no configuration at {}", path.display())));
            continue;
        };
        report(Notice::Detail(format!("reading {}", path.display())));
        match file::read(&text, path, &own.rules(access, home.as_deref())) {
            Ok(contents) => loaded.files.push(contents),
            Err(more) => mistakes.extend(more),
        }
    }
    let (documents, ignored) = checkout::read(environ, report);
    loaded.ignored = ignored;
    for document in documents {
        document.contents(home.as_deref()).map_or_else(|more| mistakes.extend(more), |more| loaded.files.extend(more));
    }
    ambient::misspelt(environ).into_iter().for_each(&mut *report);
    ambient::environment(environ).map_or_else(|more| mistakes.extend(more), |section| loaded.environment = section);
    ambient::flags(sets, environ.working_dir())
        .map_or_else(|more| mistakes.extend(more), |section| loaded.flags = section);
    loaded.connections = loaded.connections(environ);
    loaded.device = loaded.wants_device().then(|| device::name(environ, report)).flatten();
    if mistakes.is_empty() { Ok(loaded) } else { Err(ConfigError::Mistakes(mistakes)) }
}

impl Loaded {
    /// `default_profile`, of the highest layer that has it.
    #[must_use]
    pub fn default_profile(&self) -> Option<&Sourced<ProfileName>> {
        self.files.iter().rev().find_map(|file| file.default_profile.as_ref())
    }

    /// The names of all profiles, sorted.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&ProfileName> {
        self.files.iter().flat_map(|file| file.profiles.keys()).collect()
    }

    /// Whether some file has a profile of that name.
    #[must_use]
    pub fn has(&self, name: &ProfileName) -> bool {
        self.files.iter().any(|file| file.profiles.contains_key(name))
    }

    /// The names of all profiles, for messages.
    #[must_use]
    pub fn names_as_text(&self) -> Vec<String> {
        self.names().into_iter().map(ToString::to_string).collect()
    }

    /// What the files say about a profile, lowest layer first.
    #[must_use]
    pub fn sections_of(&self, name: &ProfileName) -> impl DoubleEndedIterator<Item = &Section> {
        self.files.iter().filter_map(|file| file.profiles.get(name))
    }

    /// What the user's and the system's file say about a profile, lowest layer first.
    #[must_use]
    pub fn own_sections_of(&self, name: &ProfileName) -> impl DoubleEndedIterator<Item = &Section> {
        self.files.iter().filter(|file| !file.from_checkout).filter_map(|file| file.profiles.get(name))
    }

    /// The files of the checkout that do not count, lowest layer first.
    #[must_use]
    pub fn ignored(&self) -> &[checkout::Ignored] {
        &self.ignored
    }

    /// The trusted files of the checkout that say something about a profile, given with its ancestors, or about all
    /// profiles; lowest layer first.
    #[must_use]
    pub fn checkouts_of(&self, lineage: &[ProfileName]) -> Vec<String> {
        let says = |file: &&file::Contents| {
            !file.defaults.is_empty() || lineage.iter().any(|name| file.profiles.contains_key(name))
        };
        let files = self.files.iter().filter(|file| file.from_checkout).filter(says);
        files.map(|file| file.path.display().to_string()).collect()
    }

    /// The files that describe a profile, lowest layer first.
    #[must_use]
    pub fn places_of(&self, name: &ProfileName) -> Vec<String> {
        let files = self.files.iter().filter(|file| file.profiles.contains_key(name));
        files.map(|file| file.path.display().to_string()).collect()
    }

    /// Whether the environment or the command line describe a profile of their own: then no file is needed.
    #[must_use]
    pub fn is_ambient(&self) -> bool {
        let describes = |section: &Section| section.has("consumer_key") || section.has("connection");
        describes(&self.environment) || describes(&self.flags)
    }

    /// Whether the environment has a consumer secret, and nothing a key for it.
    #[must_use]
    pub fn lacks_only_the_key(&self) -> bool {
        self.environment.has("consumer_secret") && !self.is_ambient()
    }

    /// The effective values of a profile whose line of descent is given, the profile itself last.
    #[must_use]
    pub fn merged(&self, lineage: &[ProfileName]) -> Merged<'_> {
        self.merged_of(lineage, |_| true)
    }

    /// The same without what a checkout says.
    #[must_use]
    pub fn merged_without_checkout(&self, lineage: &[ProfileName]) -> Merged<'_> {
        self.merged_of(lineage, |file| !file.from_checkout)
    }

    fn merged_of(&self, lineage: &[ProfileName], counts: fn(&file::Contents) -> bool) -> Merged<'_> {
        let files = || self.files.iter().filter(|file| counts(file));
        let defaults = files().map(|file| &file.defaults);
        let own = lineage.iter().flat_map(|name| files().filter_map(move |file| file.profiles.get(name)));
        let ambient = [&self.environment, &self.flags];
        let sections: Vec<&Section> =
            std::iter::once(&self.built_in).chain(defaults).chain(own).chain(ambient).collect();
        // The last one that names a connection counts; what lies below it must not fill the connection's gaps.
        let named = |section: &&Section| self.connections.get(section.text("connection")?.0);
        match sections.iter().enumerate().rev().find_map(|(at, section)| Some((at, named(section)?))) {
            Some((at, connection)) => Merged::with_connection(sections, at, connection),
            None => Merged::new(sections),
        }
    }

    /// The name that this machine has in scopes (`device_…`).
    #[must_use]
    pub fn device(&self) -> Option<&str> {
        self.device.as_deref()
    }

    fn wants_device(&self) -> bool {
        let of_files = self.files.iter().flat_map(|file| file.profiles.values().chain([&file.defaults]));
        of_files.chain([&self.environment, &self.flags]).any(|section| section.has("device_scope"))
    }

    fn connections(&self, environ: &Environ) -> BTreeMap<String, Section> {
        let of_files = self.files.iter().flat_map(|file| file.profiles.values().chain([&file.defaults]));
        let names = of_files.chain([&self.environment, &self.flags]).filter_map(|section| section.text("connection"));
        names.map(|(name, _)| (name.to_owned(), connection::section(name, environ))).collect()
    }

    /// The user's file, whether or not it exists.
    #[must_use]
    pub fn user_file(&self) -> Option<&Path> {
        self.user_file.as_deref()
    }
}

/// A file that came with no checkout.
struct Own {
    path: PathBuf,
    origin: fn(Place) -> Origin,
    is_user: bool,
}

/// The system's file and the user's, lowest layer first.
fn own_files(environ: &Environ) -> impl Iterator<Item = Own> {
    let system = system_file(environ).map(|path| Own { path, origin: Origin::System, is_user: false });
    let user = user_file(environ).map(|path| Own { path, origin: Origin::User, is_user: true });
    system.into_iter().chain(user)
}

impl Own {
    fn rules<'a>(&self, access: Access, home: Option<&'a Path>) -> file::Rules<'a> {
        let bare_secrets = match access {
            _ if !self.is_user => Some(file::BareSecrets::NotHere),
            Access::Private => None,
            Access::Open(mode) => Some(file::BareSecrets::Exposed(mode)),
            Access::Foreign => Some(file::BareSecrets::Foreign),
        };
        file::Rules { origin: self.origin, bare_secrets, home, table: &[], from_checkout: false }
    }
}

/// The user's file: `CHOREO_ENV_CONFIG`, else the system's usual place.
#[must_use]
pub fn user_file(environ: &Environ) -> Option<PathBuf> {
    let named = environ.get(environ::CONFIG).map(PathBuf::from);
    named.or_else(|| Some(environ.config_home()?.join("choreo-env").join("config.toml")))
}

/// The system's file, which holds for all users.
#[must_use]
pub fn system_file(environ: &Environ) -> Option<PathBuf> {
    let folder = if cfg!(windows) { PathBuf::from(environ.get("PROGRAMDATA")?) } else { "/etc".into() };
    Some(folder.join("choreo-env").join("config.toml"))
}

fn built_in() -> Section {
    let mut section = Section::default();
    for (name, value) in schema::DEFAULTS {
        section.insert(name, Value::from(*value), Origin::BuiltIn);
    }
    section
}

/// Reads a file and who may get at it; one that is missing is `None`, unless it was asked for by name.
fn open(path: &Path, must_exist: bool) -> Result<Option<(Zeroizing<String>, Access)>, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), named: must_exist, source };
    let file = match store::open_plain(path) {
        Ok(file) => file,
        Err(error) if !must_exist && is_missing(&error) => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let access = store::access(&file).map_err(unreadable)?;
    let bytes = store::read_bounded(&file, MOST_BYTES).map_err(unreadable)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| unreadable(io::Error::other("it is not Unicode (UTF-8)")))?;
    Ok(Some((Zeroizing::new(text.to_owned()), access)))
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
