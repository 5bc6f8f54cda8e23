//! Where the values of arguments come from, for those that the grammar of the command line does not list.
//!
//! Owns the rule that says which argument takes which values: by the name of the argument or of its value, so that a
//! new command has them without a word here. Never runs in the ordinary course of the program: a source is asked when a
//! word at the cursor is its argument's.

use std::ffi::OsStr;

use clap::{Arg, Command, ValueHint};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use url::Url;

use super::Line;
use super::place::Place;
use crate::cli::METHODS;
use crate::config::schema::{KEYS, Key, Kind};
use crate::config::{BasicEncoding, ClientAuth, Loaded, ProfileName, connection, overview};
use crate::environ::Environ;
use crate::man::Page;
use crate::profile;
use crate::render::call::Target;
use crate::render::vars::Format;
use crate::shell::Shell;
use crate::shell::plugin::PLUGINS;

/// A source of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The profiles.
    Profiles,
    /// The methods of a call: see [`Source::lines`].
    Methods,
    /// The shells.
    Shells,
    /// The shells, and the forms that are no shell's.
    Formats,
    /// `key=value`.
    Keys,
    /// Names of environment variables.
    Variables,
    /// Names of Choreo's connections.
    Connections,
    /// What a request is written for.
    Targets,
    /// Pages of the manual.
    Pages,
    /// The shells that have a plugin.
    Plugins,
    /// Paths, which the shell knows better.
    Files,
}

impl Source {
    const ALL: [Self; 11] = [
        Self::Profiles,
        Self::Methods,
        Self::Shells,
        Self::Formats,
        Self::Keys,
        Self::Variables,
        Self::Connections,
        Self::Targets,
        Self::Pages,
        Self::Plugins,
        Self::Files,
    ];

    /// The sources of an argument's values.
    fn of_arg(arg: &Arg, command: &str) -> &'static [Self] {
        let value = arg.get_value_names().and_then(<[_]>::first).map_or("", |name| name.as_str());
        match (arg.get_id().as_str(), value) {
            ("words", _) if command == "curl" => &[Self::Profiles, Self::Methods],
            ("profile" | "profile-flag" | "extends", _) | (_, "PROFILE") => &[Self::Profiles],
            ("name", _) if command != "add" => &[Self::Profiles],
            ("shell", _) if command == "init" => &[Self::Plugins],
            (_, "SHELL") => &[Self::Shells],
            ("target", _) => &[Self::Targets],
            (_, "PAGE") => &[Self::Pages],
            (_, "FORMAT") => &[Self::Formats],
            (_, "KEY=VALUE") => &[Self::Keys],
            ("secret_env", _) => &[Self::Variables],
            ("connection", _) => &[Self::Connections],
            _ if arg.get_value_hint() == ValueHint::AnyPath => &[Self::Files],
            _ => &[],
        }
    }

    /// The source that a candidate stands for.
    pub(super) fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.id() == id)
    }

    fn id(self) -> String {
        format!("source::{self:?}")
    }

    /// The candidates that begin as the word does, each with what stands before it.
    pub(super) fn lines(self, before: &str, word: &str, place: &Place, environ: &Environ) -> Vec<Line> {
        let line = |group: &'static str| move |(value, about): (String, String)| Line { value, group, about };
        let plainly = |name: &str| (name.to_owned(), String::new());
        let shells = Shell::ALL.iter().map(|(name, _)| plainly(name));
        let (group, values): (_, Vec<(String, String)>) = match self {
            Self::Profiles if place.words("words").is_empty() => ("profiles", profiles(&overview(environ))),
            Self::Methods if !place.words("words").iter().any(|word| is_call(word)) => {
                ("values", METHODS.iter().map(|method| plainly(method)).collect())
            }
            Self::Profiles | Self::Methods => ("values", Vec::new()),
            Self::Shells => ("values", shells.collect()),
            Self::Formats => ("values", shells.chain(Format::DATA.iter().map(|name| plainly(name))).collect()),
            Self::Keys => return keys(before, word),
            Self::Variables => ("values", environ.names().filter(|name| is_name(name)).map(plainly).collect()),
            Self::Connections => ("values", connections(environ)),
            Self::Targets => {
                ("values", Target::ALL.iter().map(|one| (one.name().to_owned(), one.about().to_owned())).collect())
            }
            Self::Pages => ("values", Page::words().map(plainly).collect()),
            Self::Plugins => ("values", PLUGINS.iter().map(|one| plainly(one.shell.name())).collect()),
            Self::Files => return vec![Line { value: String::new(), group: "files", about: before.to_owned() }],
        };
        let fitting = values.into_iter().filter(|(value, _)| value.starts_with(word));
        fitting.map(|(value, about)| (format!("{before}{value}"), about)).map(line(group)).collect()
    }
}

/// Makes every argument's values known to the engine: by a candidate that stands for its source.
pub(super) fn taught(command: Command) -> Command {
    let name = command.get_name().to_owned();
    let teach = |arg: Arg| {
        let listed = !arg.get_possible_values().is_empty();
        let sources = if listed { &[] } else { Source::of_arg(&arg, &name) };
        let stand_in = |source: &Source| CompletionCandidate::new("").id(Some(source.id()));
        if sources.is_empty() {
            return arg;
        }
        // What begins with a dash is an option, which the engine does not say.
        let asked = move |word: &OsStr| match word.as_encoded_bytes() {
            [b'-', ..] => Vec::new(),
            _ => sources.iter().map(stand_in).collect(),
        };
        arg.add(ArgValueCompleter::new(asked))
    };
    command.mut_args(teach).mut_subcommands(taught)
}

/// The profiles, each with where it leads, and what is special about it.
fn profiles(loaded: &Loaded) -> Vec<(String, String)> {
    loaded.names().into_iter().map(|name| (name.to_string(), about(name, loaded))).collect()
}

fn about(name: &ProfileName, loaded: &Loaded) -> String {
    // Of a profile whose ancestors are not to be found, what it says itself.
    let lineage = profile::lineage(name, loaded).unwrap_or_else(|_| vec![name.clone()]);
    let merged = loaded.merged(&lineage);
    let host = ["api_url", "token_url"].into_iter().find_map(|key| host(&merged.text(key)?.value));
    let protected = merged.flag("protected").is_some_and(|flag| flag.value).then(|| "protected".to_owned());
    let default = loaded.default_profile().is_some_and(|default| default.value == *name).then(|| "default".to_owned());
    host.into_iter().chain(protected).chain(default).collect::<Vec<_>>().join(", ")
}

/// Host and port of an address, and nothing else: the rest may hold a password.
fn host(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// Whether a word of `curl` says that a call is meant, and which.
fn is_call(word: &str) -> bool {
    METHODS.contains(&word) || word.starts_with('/') || word.contains("://")
}

/// `key=`, and after it the values that are known.
fn keys(before: &str, word: &str) -> Vec<Line> {
    if let Some((path, _)) = word.split_once('=') {
        let (name, inner) = path.split_once('.').map_or((path, None), |(name, inner)| (name, Some(inner)));
        let key = KEYS.iter().find(|key| key.name == name);
        return key
            .map(|key| values(key, inner, &format!("{before}{path}="), &format!("{before}{word}")))
            .unwrap_or_default();
    }
    // A line of descent is drawn before these layers count.
    let known = KEYS.iter().filter(|key| key.name != "extends");
    let lines = known.flat_map(|key| {
        let ends: &[&str] = match key.kind {
            Kind::Secret => &[".env=", ".file=", ".keyring=true", ".prompt=true"],
            Kind::Table(..) => &["."],
            _ => &["="],
        };
        ends.iter().map(move |end| (format!("{}{end}", key.name), key.about.to_owned()))
    });
    let fitting = lines.filter(|(value, _)| value.starts_with(word));
    fitting.map(|(value, about)| Line { value: format!("{before}{value}"), group: "keys", about }).collect()
}

/// The values of a key, where they are few.
fn values(key: &Key, inner: Option<&str>, before: &str, word: &str) -> Vec<Line> {
    let names: Vec<&str> = match (key.kind, inner) {
        (Kind::Path, None) | (Kind::Secret, Some("file")) => {
            return vec![Line { value: String::new(), group: "files", about: before.to_owned() }];
        }
        (Kind::Flag, None) => vec!["true", "false"],
        (Kind::Secret, Some("keyring" | "prompt")) => vec!["true"],
        _ if key.name == "client_auth" => ClientAuth::ALL.map(|(name, _)| name).to_vec(),
        _ if key.name == "basic_encoding" => BasicEncoding::ALL.map(|(name, _)| name).to_vec(),
        _ => Vec::new(),
    };
    let values = names.into_iter().map(|name| format!("{before}{name}")).filter(|value| value.starts_with(word));
    values.map(|value| Line { value, group: "values", about: String::new() }).collect()
}

/// The connections whose variables are there; of the variables, only their names are looked at.
fn connections(environ: &Environ) -> Vec<(String, String)> {
    let mut names: Vec<&str> = environ.names().filter_map(|name| Some(connection::part(name)?.0)).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| (name.to_owned(), String::new())).collect()
}

/// Bash exports functions under names that nobody types.
fn is_name(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
