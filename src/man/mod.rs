//! The manual, as it goes with the program: a page for each command, and one for the configuration.
//!
//! Owns which page a word means, and a page as plain text. Never writes a page: `man/` holds them, generated from the
//! command line, the schema and the exit statuses by `tests/it/manual`. Gives the source, or text for any terminal.

mod pages;
mod plain;

use pages::PAGES;

/// A page of the manual.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// The name of its file in `man/`: `choreo-env-token.1`.
    pub file: &'static str,
    /// Its source, in roff with the man macros.
    pub roff: &'static str,
}

/// The overview.
const OVERVIEW: &str = "choreo-env.1";
/// The page of the configuration, and the words that mean it.
const CONFIGURATION: (&str, [&str; 3]) = ("choreo-env.5", ["config", "configuration", "5"]);

impl Page {
    /// The page that words mean: nothing or `1` the overview, `config` or `5` the configuration, `token`,
    /// `choreo-env-token` and `choreo-env-token.1` a command, `secret set` a command of a command.
    #[must_use]
    pub fn find(words: &[impl AsRef<str>]) -> Option<Self> {
        let word = words.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("-");
        let (configuration, names) = CONFIGURATION;
        let file = match word.as_str() {
            "" | "1" => OVERVIEW.to_owned(),
            name if names.contains(&name) => configuration.to_owned(),
            name => name.to_owned(),
        };
        let is_meant = |page: &&Self| page.file == file || page.name() == file || page.short() == file;
        PAGES.iter().find(is_meant).copied()
    }

    /// The shortest words for all pages, the overview's left out.
    pub fn words() -> impl Iterator<Item = &'static str> {
        let commands = PAGES.iter().map(|page| page.short()).filter(|short| *short != crate::cli::NAME);
        commands.chain([CONFIGURATION.1[0]])
    }

    /// The page as plain text, 78 columns wide.
    #[must_use]
    pub fn plain(self) -> String {
        plain::text(self.roff)
    }

    /// The file's name without the section.
    fn name(self) -> &'static str {
        self.file.rsplit_once('.').map_or(self.file, |(name, _)| name)
    }

    /// The command's name alone.
    fn short(self) -> &'static str {
        let name = self.name();
        name.strip_prefix(crate::cli::NAME).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_found_by_every_name_that_people_have_for_it() {
        let none: &[&str] = &[];
        let cases: [(&[&str], &str); 9] = [
            (none, "choreo-env.1"),
            (&["1"], "choreo-env.1"),
            (&["choreo-env"], "choreo-env.1"),
            (&["token"], "choreo-env-token.1"),
            (&["choreo-env-token"], "choreo-env-token.1"),
            (&["choreo-env-token.1"], "choreo-env-token.1"),
            (&["secret", "set"], "choreo-env-secret-set.1"),
            (&["config"], "choreo-env.5"),
            (&["5"], "choreo-env.5"),
        ];
        for (words, file) in cases {
            assert_eq!(Page::find(words).map(|page| page.file), Some(file), "{words:?}");
        }
        assert!(Page::find(&["tokn"]).is_none());
    }

    #[test]
    fn every_word_of_the_list_finds_a_page() {
        assert!(Page::words().all(|word| Page::find(&[word]).is_some()));
        assert!(Page::words().count() > 15);
    }
}
