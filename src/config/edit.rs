//! The user's own file, changed by the program: profiles that come and go.
//!
//! Owns the way a profile is written. Comments, order and layout of the rest stay as they are. Never writes a secret, and
//! never a file that could not be read again: the whole text is checked first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value, value};
use zeroize::Zeroizing;

use super::schema::{self, Kind};
use super::{ConfigError, Origin, ProfileName, SecretRef, file, open, user_file};
use crate::environ::Environ;
use crate::store;

/// A key of a profile that is to be written, and its value.
#[derive(Clone, Debug)]
pub enum Setting {
    /// A text, or a path.
    Text(&'static str, String),
    /// Several texts.
    Words(&'static str, Vec<String>),
    /// A table of texts.
    Table(&'static str, BTreeMap<String, String>),
    /// Where a secret is.
    Secret(&'static str, SecretRef),
}

impl Setting {
    /// The key.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Text(key, _) | Self::Words(key, _) | Self::Table(key, _) | Self::Secret(key, _) => key,
        }
    }

    /// Checks the value, as a file's value is checked.
    ///
    /// # Errors
    /// What is wrong with it; never the value.
    pub fn check(&self) -> Result<(), ConfigError> {
        let each = |texts: &[&str], check: schema::Check| {
            texts.iter().try_for_each(|text| schema::printable(text).and_then(|()| check(text)))
        };
        let checked = match (self, schema::key(self.key()).map(|key| key.kind)) {
            (Self::Text(_, text), Some(Kind::Text(check))) => each(&[text], check),
            (Self::Text(_, text), Some(Kind::Path)) => each(&[text], |_| Ok(())),
            (Self::Words(_, words), Some(Kind::Words(check))) => {
                each(&words.iter().map(String::as_str).collect::<Vec<_>>(), check)
            }
            (Self::Table(_, table), Some(Kind::Table(names, values))) => {
                table.iter().try_for_each(|(name, text)| each(&[name], names).and_then(|()| each(&[text], values)))
            }
            (Self::Secret(_, SecretRef::Value(_)), _) => Err("is never written into a file".into()),
            (Self::Secret(_, SecretRef::File(path)), _) if path.to_str().is_none() => {
                Err("has a path that is not Unicode".into())
            }
            (Self::Secret(..), Some(Kind::Secret)) => Ok(()),
            _ => Err("has a value of another kind".into()),
        };
        checked.map_err(|wrong| ConfigError::Setting { key: self.key(), wrong })
    }

    fn item(&self) -> Item {
        match self {
            Self::Text(_, text) => value(text),
            Self::Words(_, words) => value(words.iter().collect::<Array>()),
            Self::Table(_, table) => value(table.iter().collect::<InlineTable>()),
            Self::Secret(_, reference) => value(written(reference)),
        }
    }
}

/// A reference as a file has it.
fn written(reference: &SecretRef) -> InlineTable {
    let mut table = InlineTable::new();
    let (source, place): (&str, Value) = match reference {
        SecretRef::Env(name) => ("env", name.into()),
        SecretRef::File(path) => ("file", path.to_string_lossy().as_ref().into()),
        SecretRef::Command(words) => ("command", words.iter().collect::<Array>().into()),
        SecretRef::Keyring => ("keyring", true.into()),
        SecretRef::Prompt | SecretRef::Value(_) => ("prompt", true.into()),
    };
    table.insert(source, place);
    table
}

/// The user's file, open for changes.
pub struct UserFile {
    path: PathBuf,
    before: Option<Zeroizing<String>>,
    document: DocumentMut,
}

impl UserFile {
    /// Opens the file, which need not exist.
    ///
    /// # Errors
    /// It cannot be read, or there is no place for it.
    pub fn open(environ: &Environ) -> Result<Self, ConfigError> {
        let path = user_file(environ).ok_or(ConfigError::NoPlace)?;
        let before = read(&path)?;
        let text = before.as_ref().map_or("", |text| text.as_str());
        // The text has been read before: what is wrong with it was told with its place.
        let document = text.parse().map_err(|_| not_written(&path, "it is no TOML"))?;
        Ok(Self { path, before, document })
    }

    /// Where it is, or will be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a profile at the end.
    ///
    /// # Errors
    /// A value is not fit for its key, or the file's form has no place for the profile.
    pub fn add(&mut self, name: &ProfileName, settings: &[Setting]) -> Result<(), ConfigError> {
        let mut table = Table::new();
        for setting in settings {
            setting.check()?;
            table.insert(setting.key(), setting.item());
        }
        let last = positions(self.document.as_table()).into_iter().max();
        table.set_position(Some(last.map_or(0, |last| last + 1)));
        let trailing = self.document.trailing().as_str().unwrap_or_default().to_owned();
        // What stands at the end of the file belongs to what is before it, and stays there.
        let gap = if self.document.is_empty() && trailing.is_empty() { "" } else { "\n" };
        let end = if trailing.is_empty() || trailing.ends_with('\n') { "" } else { "\n" };
        table.decor_mut().set_prefix(format!("{trailing}{end}{gap}"));
        let implicit = || {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        };
        let profiles = self.document.entry("profiles").or_insert_with(implicit);
        let Some(profiles) = profiles.as_table_mut() else {
            return Err(not_written(&self.path, "`profiles` is no table of its own lines: use `choreo-env edit`"));
        };
        profiles.insert(name.as_str(), Item::Table(table));
        self.document.set_trailing("");
        Ok(())
    }

    /// Removes a profile with all that is below it, and says whether there was one. What stands above its first line
    /// and is set apart by an empty line stays.
    pub fn remove(&mut self, name: &ProfileName) -> bool {
        let profiles = self.document.get_mut("profiles").and_then(Item::as_table_like_mut);
        let Some(removed) = profiles.and_then(|profiles| profiles.remove(name.as_str())) else { return false };
        if let Some(table) = removed.as_table() {
            let prefix = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
            let kept = prefix.rfind("\n\n").map_or("", |at| &prefix[..=at]);
            if !kept.trim().is_empty() {
                self.keep(kept, table.position());
            }
        }
        let default = self.document.get("default_profile").and_then(Item::as_str);
        if default == Some(name.as_str()) {
            let removed = self.document.remove_entry("default_profile");
            let above = removed.and_then(|(key, _)| Some(key.leaf_decor().prefix()?.as_str()?.to_owned()));
            self.keep(&above.unwrap_or_default(), None);
        }
        true
    }

    /// Puts comments before the table that now stands where they stood, or at the end.
    fn keep(&mut self, text: &str, position: Option<isize>) {
        let later = positions(self.document.as_table()).into_iter().filter(|at| Some(*at) > position).min();
        let next = later.and_then(|later| at_position(self.document.as_table_mut(), later));
        if let Some(table) = next {
            let prefix = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned();
            table.decor_mut().set_prefix(format!("{text}{prefix}"));
        } else {
            let trailing = self.document.trailing().as_str().unwrap_or_default().to_owned();
            self.document.set_trailing(format!("{text}{trailing}"));
        }
    }

    /// Writes the file, if it is one that can be read again and nobody else has changed it meanwhile.
    ///
    /// # Errors
    /// Why it was not written; then it is as it was.
    pub fn save(self, environ: &Environ) -> Result<(), ConfigError> {
        let text = Zeroizing::new(self.document.to_string());
        check(&text, &self.path, environ)?;
        write(&self.path, self.before.as_ref().map(|text| text.as_str()), &text)
    }
}

/// Checks a text as one of the user's own file.
///
/// # Errors
/// Every mistake in it.
pub fn check(text: &str, path: &Path, environ: &Environ) -> Result<(), ConfigError> {
    let home = environ.home();
    let rules = file::Rules {
        origin: Origin::User,
        bare_secrets: None,
        home: home.as_deref(),
        from_checkout: false,
        table: &[],
    };
    file::read(text, path, &rules).map(drop).map_err(ConfigError::Mistakes)
}

/// Reads the text of a file that is to be edited; `None`: there is none.
///
/// # Errors
/// It cannot be read.
pub fn read(path: &Path) -> Result<Option<Zeroizing<String>>, ConfigError> {
    Ok(open(path, false)?.map(|(text, _)| text))
}

/// Replaces the text of the user's file.
///
/// # Errors
/// Why it was not written.
pub fn write(path: &Path, before: Option<&str>, after: &str) -> Result<(), ConfigError> {
    store::replace(path, before.map(str::as_bytes), after.as_bytes())
        .map_err(|source| ConfigError::NotWritten { path: path.to_owned(), source })
}

fn not_written(path: &Path, why: &str) -> ConfigError {
    ConfigError::NotWritten { path: path.to_owned(), source: std::io::Error::other(why) }
}

/// The places of all tables in the file.
fn positions(table: &Table) -> Vec<isize> {
    let below = table.iter().filter_map(|(_, item)| item.as_table()).flat_map(positions);
    below.chain(table.position()).collect()
}

fn at_position(table: &mut Table, position: isize) -> Option<&mut Table> {
    if table.position() == Some(position) {
        return Some(table);
    }
    table.iter_mut().filter_map(|(_, item)| item.as_table_mut()).find_map(|table| at_position(table, position))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> UserFile {
        UserFile { path: "config.toml".into(), before: None, document: text.parse().expect("TOML") }
    }

    fn name(text: &str) -> ProfileName {
        ProfileName::parse(text).expect("a name")
    }

    fn added(text: &str) -> String {
        let mut file = file(text);
        let settings = [
            Setting::Text("consumer_key", "k\"ey".into()),
            Setting::Secret("consumer_secret", SecretRef::Env("S".into())),
            Setting::Words("scopes", vec!["a".into(), "b".into()]),
            Setting::Table("params", BTreeMap::from([("org".to_owned(), "x y".to_owned())])),
        ];
        file.add(&name("new.one"), &settings).expect("added");
        file.document.to_string()
    }

    const NEW: &str = "[profiles.\"new.one\"]\nconsumer_key = 'k\"ey'\nconsumer_secret = { env = \"S\" }\n\
                       scopes = [\"a\", \"b\"]\nparams = { org = \"x y\" }\n";

    #[test]
    fn a_profile_is_added_at_the_end_and_nothing_else_changes() {
        assert_eq!(added(""), NEW);
        for text in [
            "# mine\n",
            "# mine\ndefault_profile = \"a\" # the first\n\n[profiles.a]\nconsumer_key='x'   # odd   layout\n\n# scopes = []\n",
            "[profiles.a]\nconsumer_key = \"x\"\n[profiles.a.vars]\nX = \"1\"\n[defaults]\nscopes = \"s\"\n",
            "profiles.a.consumer_key = \"x\"\n",
        ] {
            assert_eq!(added(text), format!("{text}\n{NEW}"), "{text}");
        }
    }

    #[test]
    fn a_profile_is_removed_and_the_comments_of_others_stay() {
        let text = "# my file\n\n# about a\n[profiles.a]\nconsumer_key = \"x\"\n[profiles.a.vars]\nX = \"1\"\n\n# about b\n[profiles.b]\nconsumer_key = \"y\" # why\n";
        let mut one = file(text);
        assert!(one.remove(&name("a")) && !one.remove(&name("a")));
        assert_eq!(one.document.to_string(), "# my file\n\n# about b\n[profiles.b]\nconsumer_key = \"y\" # why\n");
        let mut two = file(text);
        assert!(two.remove(&name("b")));
        assert_eq!(two.document.to_string(), text.split("\n# about b").next().expect("the first part"));
        let mut both = file(text);
        assert!(both.remove(&name("b")) && both.remove(&name("a")));
        assert_eq!(both.document.to_string(), "# my file\n");
        let mut default = file("default_profile = \"a\"\n[profiles]\na = { consumer_key = \"x\" }\n");
        assert!(default.remove(&name("a")));
        assert_eq!(default.document.to_string(), "[profiles]\n");
        let mut commented = file("# mine\ndefault_profile = \"a\" # the first\n[defaults]\n[profiles.a]\n");
        assert!(commented.remove(&name("a")));
        assert_eq!(commented.document.to_string(), "# mine\n[defaults]\n");
    }

    #[test]
    fn no_secret_and_no_unfit_value_is_written() {
        let unfit = [
            Setting::Secret("consumer_secret", SecretRef::Value("canary".into())),
            Setting::Text("token_url", "http://canary.example/t".into()),
            Setting::Text("consumer_key", "can\nary".into()),
            Setting::Words("scopes", vec!["can\"ary".into()]),
            Setting::Table("params", BTreeMap::from([("scope".to_owned(), "canary".to_owned())])),
            Setting::Text("scopes", "canary".into()),
        ];
        for setting in unfit {
            let mut file = file("");
            let error = file.add(&name("a"), std::slice::from_ref(&setting)).expect_err("unfit");
            assert!(error.to_string().starts_with(&format!("`{}` ", setting.key())), "{error}");
            assert!(!error.to_string().contains("canary") && file.document.to_string().is_empty(), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_added_is_read_again(key in "[^\\p{Cc}]{1,40}", path in "[^\\p{Cc}]{1,20}", name in "[a-z0-9._]{1,10}") {
            let mut file = file("# a comment\n");
            let settings = [
                Setting::Text("consumer_key", key.clone()),
                Setting::Secret("consumer_secret", SecretRef::File(format!("/{path}").into())),
            ];
            file.add(&ProfileName::parse(&name).expect("a name"), &settings).expect("added");
            let text = file.document.to_string();
            check(&text, Path::new("config.toml"), &Environ::default()).expect("valid");
            let table: toml::Table = text.parse().expect("TOML");
            proptest::prop_assert_eq!(table["profiles"][&name]["consumer_key"].as_str(), Some(key.as_str()));
        }
    }
}
