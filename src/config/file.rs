//! A configuration file becomes sections. Every mistake in it is collected; none stops the reading.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use figment::value::Value;
use toml::de::{DeTable, DeValue};

use super::error::At;
use super::item::{Item, Wrong, in_order, span, text, texts, unknown_source, words};
use super::schema::{self, Key, Kind};
use super::suggest::did_you_mean;
use super::{Mistake, Origin, Place, ProfileName, SecretRef, Section, Sourced};

/// How many syntax errors are told at once: a missing quote brings many after it.
const MOST_SYNTAX_ERRORS: usize = 5;

/// What a file looks like.
const LOOK: &str =
    "a file has `default_profile = \"dev\"`, `[defaults]`, and a table such as `[profiles.dev]` for each profile";

/// What the grammar of a file is.
const GRAMMAR: &str = "this is TOML: one `key = value` a line, texts in quotes, each key once";

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The file.
    pub path: PathBuf,
    /// `default_profile`.
    pub default_profile: Option<Sourced<ProfileName>>,
    /// `[defaults]`.
    pub defaults: Section,
    /// `[profiles.*]`.
    pub profiles: BTreeMap<ProfileName, Section>,
    /// Whether the file came with a checkout.
    pub from_checkout: bool,
}

/// What a file may say, by the layer that it is.
pub(super) struct Rules<'a> {
    /// Makes an origin of a place.
    pub origin: fn(Place) -> Origin,
    /// Why a bare secret is not accepted here, and what to do; `None`: it is accepted.
    pub bare_secrets: Option<BareSecrets>,
    /// The home folder, for `~/`.
    pub home: Option<&'a Path>,
    /// The table that the configuration stands in; empty where it is the whole file.
    pub table: &'static [&'static str],
    /// Whether the file came with a checkout.
    pub from_checkout: bool,
}

/// Why a bare secret is not accepted in a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum BareSecrets {
    /// The file is not the user's own configuration.
    NotHere,
    /// Others can read the file; its mode is given.
    Exposed(u32),
    /// The file belongs to somebody else.
    Foreign,
}

/// Reads the text of a file.
///
/// # Errors
/// All mistakes of the file.
pub(super) fn read(text: &str, path: &Path, rules: &Rules) -> Result<Contents, Vec<Mistake>> {
    let (contents, mistakes) = read_leniently(text, path, rules);
    if mistakes.is_empty() { Ok(contents) } else { Err(mistakes) }
}

/// Reads the text of a file as far as it can be read, with all mistakes of the file.
pub(super) fn read_leniently(text: &str, path: &Path, rules: &Rules) -> (Contents, Vec<Mistake>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let mut reader = Reader { text, lines, path: path.into(), rules, mistakes: Vec::new() };
    let contents = reader.found(table.get_ref());
    if errors.is_empty() {
        return (contents, reader.mistakes);
    }
    // The parser's own words only: its full report repeats the line, which may hold a secret.
    let told = errors.iter().take(MOST_SYNTAX_ERRORS).map(|error| {
        let at = At::Syntax(reader.place(&error.span().unwrap_or(0..0)));
        Mistake { at, message: error.message().replace('\n', ", "), hint: Some(GRAMMAR.into()) }
    });
    (contents, told.collect())
}

struct Reader<'a> {
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
    path: Arc<Path>,
    rules: &'a Rules<'a>,
    mistakes: Vec<Mistake>,
}

type Table<'t> = DeTable<'t>;

impl Reader<'_> {
    /// What stands in our table, if the file has it.
    fn found(&mut self, whole: &Table) -> Contents {
        let mut table = whole;
        for name in self.rules.table {
            match table.get(*name).map(|item| (item.get_ref(), item.span())) {
                Some((DeValue::Table(inner), _)) => table = inner,
                Some((_, span)) => {
                    self.mistake(&span, format!("`{}` must be a table", self.rules.table.join(".")), LOOK);
                    return self.empty();
                }
                None => return self.empty(),
            }
        }
        self.document(table)
    }

    fn empty(&self) -> Contents {
        let from_checkout = self.rules.from_checkout;
        Contents { path: self.path.to_path_buf(), from_checkout, ..Contents::default() }
    }

    fn document(&mut self, table: &Table) -> Contents {
        let mut contents = self.empty();
        for (name, item) in in_order(table) {
            match (name.get_ref().as_ref(), item.get_ref()) {
                ("default_profile", DeValue::String(text)) => {
                    let named = self.name(text, &item.span(), "`default_profile`");
                    contents.default_profile = named.map(|name| Sourced::new(name, self.origin(&item.span())));
                }
                ("defaults", DeValue::Table(table)) => contents.defaults = self.section(table, "`defaults`"),
                ("profiles", DeValue::Table(table)) => contents.profiles = self.profiles(table),
                (known @ ("default_profile" | "defaults" | "profiles"), _) => {
                    let form = if known == "default_profile" { "text" } else { "a table" };
                    self.mistake(&item.span(), format!("`{known}` must be {form}"), LOOK);
                }
                (unknown, _) => self.unknown(unknown, &name.span(), None),
            }
        }
        if let Some(extends) = contents.defaults.text("extends") {
            let mistake = Mistake::new(extends.1, "`defaults`: `extends` is for profiles");
            self.mistakes.push(
                mistake.hint("write it into `[profiles.NAME]`: defaults hold for every profile anyway".to_owned()),
            );
        }
        contents
    }

    fn profiles(&mut self, table: &Table) -> BTreeMap<ProfileName, Section> {
        let mut profiles = BTreeMap::new();
        for (name, item) in in_order(table) {
            let text = name.get_ref().as_ref();
            let parsed = self.name(text, &name.span(), &format!("`{}`", crate::notice::plain(text)));
            let head = self.origin(&name.span());
            let DeValue::Table(table) = item.get_ref() else {
                self.mistake(&item.span(), "`profiles` must hold tables, such as `[profiles.dev]`", LOOK);
                continue;
            };
            let section = self.section(table, &format!("profile `{}`", crate::notice::plain(text)));
            if let Some(name) = parsed {
                profiles.insert(name, section.at(head));
            }
        }
        profiles
    }

    fn name(&mut self, text: &str, span: &Range<usize>, whose: &str) -> Option<ProfileName> {
        ProfileName::parse(text)
            .map_err(|wrong| self.mistake(span, format!("{whose} {wrong}"), "give it a name such as `dev`"))
            .ok()
    }

    fn section(&mut self, table: &Table, whose: &str) -> Section {
        let mut section = Section::default();
        for (name, item) in in_order(table) {
            let Some(key) = schema::key(name.get_ref()) else {
                self.unknown(name.get_ref(), &name.span(), Some(whose));
                continue;
            };
            if section.has(key.name) {
                let alias = key.alias.unwrap_or_default();
                self.mistake(
                    &name.span(),
                    format!("{whose}: `{}` and `{alias}` are the same key", key.name),
                    "keep one",
                );
                continue;
            }
            for wrong in self.entry(key, item, &mut section).err().into_iter().flatten() {
                let mistake =
                    Mistake::new(self.origin(&wrong.span), format!("{whose}: `{}` {}", name.get_ref(), wrong.what));
                // Where nothing better is known, what the key is for.
                self.mistakes
                    .push(mistake.hint(wrong.hint.unwrap_or_else(|| format!("`{}`: {}", key.name, key.about))));
            }
        }
        section
    }

    fn entry(&mut self, key: &Key, item: &Item, section: &mut Section) -> Result<(), Vec<Wrong>> {
        let origin = self.origin(&item.span());
        let one = |wrong: Wrong| vec![wrong];
        let at = |what: String| vec![Wrong::at(item.span(), what)];
        match key.kind {
            Kind::Text(check) => section.insert(key.name, Value::from(text(item, check).map_err(at)?), origin),
            Kind::Path => {
                let path = self.absolute(&text(item, |_| Ok(())).map_err(at)?);
                section.insert(key.name, Value::from(path), origin);
            }
            Kind::Words(check) => section.insert(key.name, Value::from(words(item, check)?), origin),
            Kind::Flag => {
                let flag = item.get_ref().as_bool().ok_or_else(|| at("must be true or false".into()))?;
                section.insert(key.name, Value::from(flag), origin);
            }
            Kind::Span => section.insert(key.name, Value::from(span(item).map_err(at)?), origin),
            Kind::Table(names, values) => {
                let (entries, wrong) = texts(item, names, values);
                for entry in entries {
                    section.insert_in(key.name, entry.name, Value::from(entry.text), self.origin(&entry.span));
                }
                return if wrong.is_empty() { Ok(()) } else { Err(wrong) };
            }
            Kind::Secret => section.insert_secret(key.name, self.secret(item).map_err(one)?, origin),
        }
        Ok(())
    }

    fn secret(&mut self, item: &Item) -> Result<SecretRef, Wrong> {
        let at = |what: &str| Wrong::at(item.span(), what);
        let table = match item.get_ref() {
            DeValue::String(text) => {
                return self.bare_secret(text).map_err(|(what, hint)| Wrong { hint, ..at(what) });
            }
            DeValue::Table(table) => table,
            _ => return Err(at("must be a reference such as { env = \"NAME\" }, or text")),
        };
        let one = table.iter().next().filter(|_| table.len() == 1);
        let (source, item) = one.ok_or_else(|| at("must name one source: env, file, command, keyring or prompt"))?;
        let at = |what: &str| Wrong::at(item.span(), what);
        match (source.get_ref().as_ref(), item.get_ref()) {
            ("env", DeValue::String(name)) if !name.is_empty() && !name.contains(['=', '\0']) => {
                Ok(SecretRef::Env(name.clone().into_owned()))
            }
            ("file", DeValue::String(path)) if !path.is_empty() => Ok(SecretRef::File(self.absolute(path).into())),
            ("command", DeValue::Array(words)) => {
                let words: Option<Vec<_>> =
                    words.iter().map(|word| word.get_ref().as_str().map(str::to_owned)).collect();
                let words = words.filter(|words| words.first().is_some_and(|program| !program.is_empty()));
                words
                    .map(|words| self.command(words))
                    .ok_or_else(|| at("must have `command = [\"program\", \"argument\"]`"))
            }
            ("keyring", DeValue::Boolean(true)) => Ok(SecretRef::Keyring),
            ("prompt", DeValue::Boolean(true)) => Ok(SecretRef::Prompt),
            ("env", _) => Err(at("must have `env = \"NAME\"`")),
            ("file", _) => Err(at("must have `file = \"path\"`")),
            ("command", _) => Err(at("must have `command = [\"program\", \"argument\"]`")),
            ("keyring", _) => Err(at("must have `keyring = true`")),
            ("prompt", _) => Err(at("must have `prompt = true`")),
            (unknown, _) => Err(unknown_source(unknown, source.span())),
        }
    }

    /// A program that a checkout names with a slash is the one beside the file, wherever one works: otherwise a trusted
    /// file would run another program in another folder.
    fn command(&self, mut words: Vec<String>) -> SecretRef {
        if let Some(program) = words.first_mut().filter(|program| program.contains(std::path::is_separator))
            && self.rules.from_checkout
        {
            *program = self.absolute(program);
        }
        SecretRef::Command(words)
    }

    fn bare_secret(&self, text: &str) -> Result<SecretRef, (&'static str, Option<String>)> {
        match self.rules.bare_secrets {
            None if text.is_empty() => Err(("must not be empty", None)),
            None if schema::printable(text).is_err() => Err(("must not contain control characters", None)),
            None => Ok(SecretRef::Value(text.into())),
            Some(BareSecrets::NotHere) => {
                let hint = "name where it is, such as { env = \"NAME\" }, or put it into your own configuration";
                Err(("must be a reference in this file", Some(hint.into())))
            }
            Some(BareSecrets::Exposed(mode)) => {
                let path = crate::notice::pasted(&self.path);
                let hint = format!("run `chmod 600 {path}` (its mode is {mode:04o})");
                Err(("is a bare secret in a file that others may read", Some(hint)))
            }
            Some(BareSecrets::Foreign) => Err(("is a bare secret in a file of another user", None)),
        }
    }

    /// A path as the file means it: from its own folder, or from the home folder with `~/`.
    fn absolute(&self, text: &str) -> String {
        let at_home = text.strip_prefix("~/").zip(self.rules.home).map(|(rest, home)| home.join(rest));
        let folder = self.path.parent().unwrap_or(Path::new(""));
        at_home.unwrap_or_else(|| folder.join(text)).to_string_lossy().into_owned()
    }

    fn unknown(&mut self, name: &str, span: &Range<usize>, whose: Option<&str>) {
        let hint = match whose {
            Some(_) => did_you_mean(name, schema::names()).or_else(|| {
                Some(format!(
                    "known are {}",
                    schema::names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
                ))
            }),
            None if schema::key(name).is_some() => Some("a profile's keys belong into `[profiles.NAME]`".into()),
            None => did_you_mean(name, ["default_profile", "defaults", "profiles"]).or_else(|| Some(LOOK.into())),
        };
        let prefix = whose.map(|whose| format!("{whose}: ")).unwrap_or_default();
        let name = crate::notice::plain(name);
        let mistake = Mistake::new(self.origin(span), format!("{prefix}unknown key `{name}`"));
        self.mistakes.push(mistake.hint(hint));
    }

    fn mistake(&mut self, span: &Range<usize>, message: impl Into<String>, hint: &str) {
        let mistake = Mistake::new(self.origin(span), message).hint(hint.to_owned());
        self.mistakes.push(mistake);
    }

    fn origin(&self, span: &Range<usize>) -> Origin {
        (self.rules.origin)(self.place(span))
    }

    fn place(&self, span: &Range<usize>) -> Place {
        let line = self.lines.partition_point(|begin| *begin <= span.start);
        let begin = self.lines.get(line - 1).copied().unwrap_or(0);
        let column = self.text.get(begin..span.start).map_or(0, |before| before.chars().count()) + 1;
        Place { path: self.path.clone(), line, column }
    }
}
