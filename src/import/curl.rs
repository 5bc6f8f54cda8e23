//! A cURL command becomes a draft of a profile.
//!
//! Owns the search for the command, its words, and what each option means. Never runs the command.

use zeroize::Zeroizing;

use super::basic;
use super::body;
use super::options::{self, Meaning};
use super::request::Request;
use super::{Draft, ImportError, is_placeholder, windows};
use crate::words::{self, Unclosed, Word};

/// Reads a command, wherever it stands in the text.
pub(super) fn read(text: &str) -> Result<Draft, ImportError> {
    let words = command(text, 0)?.ok_or(ImportError::NothingKnown)?;
    Request::of(words).draft()
}

/// The words after `curl`. The command may stand in a `$(…)` of another one.
fn command(text: &str, depth: usize) -> Result<Option<Vec<Word>>, ImportError> {
    const DEEPEST: usize = 3;
    if !text.contains("curl") {
        return Ok(None);
    }
    for mut words in split(text)? {
        if let Some(at) = words.iter().position(|word| is_curl(&word.text)) {
            return Ok(Some(words.split_off(at + 1)));
        }
        for word in words.iter().filter(|word| word.expands && depth < DEEPEST) {
            let inner = word.text.split_once("$(").and_then(|(_, rest)| Some(rest.rsplit_once(')')?.0));
            let inner =
                inner.or_else(|| word.text.split_once('`').and_then(|(_, rest)| Some(rest.rsplit_once('`')?.0)));
            if let Some(found) = inner.map(|inner| command(inner, depth + 1)).transpose()?.flatten() {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

fn is_curl(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word).to_ascii_lowercase();
    name == "curl" || name == "curl.exe"
}

/// Splits the text as the shell does that it was written for: each has its own sign for a line that goes on.
fn split(text: &str) -> Result<Vec<Vec<Word>>, Unclosed> {
    let goes_on = |sign: char| text.lines().rev().skip(1).any(|line| line.trim_end().ends_with(sign));
    if goes_on('^') || text.contains("^\"") || (text.contains("\"%") && !text.contains('\'')) {
        windows::cmd(text)
    } else if goes_on('`') || text.to_ascii_lowercase().contains("curl.exe") {
        windows::powershell(text)
    } else {
        words::posix(text)
    }
}

impl Request {
    fn of(words: Vec<Word>) -> Self {
        let mut request = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if !word.quoted && is_redirection(&word.text) {
                if word.text.ends_with(['>', '<']) {
                    words.next();
                }
                continue;
            }
            match dashes(&word.text) {
                Some(Dashes::Long(name)) => request.long(&name, &mut words),
                Some(Dashes::Short(letters)) => request.short(&letters, &word, &mut words),
                None => request.address(word),
            }
        }
        request
    }

    fn long(&mut self, name: &str, words: &mut dyn Iterator<Item = Word>) {
        match options::meaning(name) {
            Some((name, meaning)) => {
                let value = if meaning.takes_value() { words.next() } else { None };
                self.option(&format!("--{name}"), meaning, value.unwrap_or_default());
            }
            // Not named: without a name that is known, it may be anything.
            None => self.draft.remark("an option is not known here: left out"),
        }
    }

    /// Short options stand together, and a value may follow at once: `-sSku key:secret`, `-XPOST`.
    fn short(&mut self, letters: &str, word: &Word, words: &mut dyn Iterator<Item = Word>) {
        for (at, letter) in letters.char_indices() {
            let Some((name, meaning)) = options::long(letter).and_then(options::meaning) else {
                self.draft.remark("an option is not known here: left out");
                return;
            };
            if !meaning.takes_value() {
                self.option(&format!("-{letter}"), meaning, Word::default());
                continue;
            }
            let rest = &letters[at + letter.len_utf8()..];
            let value = if rest.is_empty() {
                words.next().unwrap_or_default()
            } else {
                Word { text: Zeroizing::new(rest.to_owned()), expands: word.expands, quoted: word.quoted }
            };
            self.option(&format!("--{name}"), meaning, value);
            return;
        }
    }

    fn option(&mut self, shown: &str, meaning: Meaning, value: Word) {
        match meaning {
            Meaning::Url => self.address(value),
            Meaning::Header => self.header(&value),
            Meaning::User => self.user(&value),
            Meaning::Data | Meaning::Json => self.body(body::data(&value, true)),
            Meaning::DataRaw => self.body(body::data(&value, false)),
            Meaning::DataUrlencode => self.body(body::data_urlencode(&value)),
            Meaning::Form => {
                self.draft.remark("the body was multipart: it will be sent as a form, as RFC 6749 wants it");
                self.body(body::form(&value, shown == "--form-string"));
            }
            Meaning::Method => {
                if !value.text.eq_ignore_ascii_case("post") {
                    self.draft.remark("the method is left out: token requests are sent with POST (RFC 6749 section 3.2)");
                }
            }
            Meaning::Get => {
                self.draft.remark("`-G` is left out: token requests are sent with POST (RFC 6749 section 3.2)");
            }
            Meaning::CaFile => self.draft.ca_file = Some(value.text.to_string()).filter(|_| !value.expands),
            Meaning::Proxy => self.proxy(&value),
            Meaning::Insecure => self.draft.remark(
                "`-k` is not taken over: certificates will be checked (`insecure = true` turns that off, `ca_file` trusts one more)",
            ),
            Meaning::Location => {
                self.draft.remark("`--location` is left out: a token request never follows a redirect");
            }
            Meaning::Silent | Meaning::SilentValue => {}
            Meaning::Other | Meaning::OtherValue => {
                if shown == "--oauth2-bearer" {
                    self.calls_api = Some("it has a token already");
                }
                self.draft.remark(format!("`{shown}` is not supported: left out"));
            }
        }
    }

    fn address(&mut self, word: Word) {
        // A real address comes before a word that only might be one, such as the value of an unknown option.
        let is_real = |word: &Word| word.text.contains("://");
        if self.address.as_ref().is_none_or(|before| !is_real(before) && is_real(&word)) {
            self.address = Some(word);
        } else {
            self.draft.remark("there is more than one address: the first is taken");
        }
    }

    fn header(&mut self, word: &Word) {
        let Some((name, value)) = word.text.split_once(':') else { return };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "authorization" => match value.split_once(char::is_whitespace) {
                Some((scheme, rest)) if scheme.eq_ignore_ascii_case("basic") => {
                    let pair = basic::read(rest, word.expands);
                    self.basic(pair);
                }
                _ => self.calls_api = Some("its `Authorization` header is not Basic"),
            },
            "content-type" if value.to_ascii_lowercase().starts_with("application/json") => {
                self.draft.remark("the body was JSON: it will be sent as a form, as RFC 6749 wants it");
            }
            // What every client sends, and the tool itself as it needs to.
            "content-type" | "accept" | "user-agent" | "cache-control" | "content-length" | "host" | "connection"
            | "accept-encoding" | "accept-language" | "postman-token" => {}
            "cookie" => self.draft.remark("cookies are not supported: left out"),
            name if KNOWN_HEADERS.contains(&name) => {
                self.draft.remark(format!("the header `{name}` is not sent with a token request: left out"));
            }
            _ => self.draft.remark("a header is not sent with a token request: left out"),
        }
    }

    fn user(&mut self, word: &Word) {
        if word.expands {
            self.draft.remark("`-u` has shell variables, which cannot be looked up here: left out");
        } else if word.text.contains(':') {
            let pair = basic::raw(&word.text);
            self.basic(pair);
        } else if !is_placeholder(&word.text) {
            self.draft.consumer_key = Some(word.text.to_string());
        }
    }

    fn proxy(&mut self, word: &Word) {
        let text = word.text.as_str();
        let address = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        match crate::config::parse_proxy(&address) {
            Ok(_) if !word.expands => self.draft.proxy = Some(address),
            _ => {
                self.draft
                    .remark("the proxy is left out: it cannot be used as it stands (a password is not supported)");
            }
        }
    }
}

/// Headers that may be named in a remark.
const KNOWN_HEADERS: [&str; 6] = ["choreo-api-key", "apikey", "x-api-key", "origin", "referer", "x-requested-with"];

enum Dashes {
    Long(String),
    Short(String),
}

/// An option, also with the dash that a word processor made of one or two hyphens.
fn dashes(word: &str) -> Option<Dashes> {
    if let Some(name) = word.strip_prefix("--") {
        return Some(Dashes::Long(name.to_owned()));
    }
    if let Some(rest) = word.strip_prefix(['\u{2013}', '\u{2014}']) {
        let rest = rest.trim_start_matches(['-', '\u{2013}', '\u{2014}']);
        let is_long = options::meaning(rest).is_some();
        return Some(if is_long { Dashes::Long(rest.to_owned()) } else { Dashes::Short(rest.to_owned()) });
    }
    word.strip_prefix('-').filter(|letters| !letters.is_empty()).map(|letters| Dashes::Short(letters.to_owned()))
}

/// `>file`, `2>/dev/null`, `<file`; but `<token_endpoint>` is what a page has in place of an address.
fn is_redirection(word: &str) -> bool {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.starts_with('>') || (rest.starts_with('<') && !rest.ends_with('>'))
}
