//! What is kept of the documents of authorization servers, beside the tokens.
//!
//! Owns the files and for how long they count. Never believes what it reads more than what comes over the network: an
//! entry goes through the same rules, and one that cannot be read is none. Which places are allowed is no part of it.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::metadata::Metadata;
use crate::notice::{Notice, Report};
use crate::profile::Profile;
use crate::store::PrivateDir;
use crate::token::access::Moment;
use crate::token::cache;

/// Who vouches for what an issuer's server says. A profile must not believe what another one has read otherwise.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    ca_file: Option<&'a Path>,
    insecure: bool,
}

impl<'a> Way<'a> {
    /// A profile's.
    pub(super) fn of(profile: &'a Profile) -> Self {
        Self { ca_file: profile.ca_file.as_deref(), insecure: profile.insecure }
    }
}

/// A day: how long a document counts where its server does not say less.
const LONGEST: i64 = 24 * 3600;
/// The length that an entry may have, in bytes; a document is 1 MiB at most, and little of it is kept.
const MOST: u64 = 64 * 1024;
/// Counts up when the form changes.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    version: u32,
    /// When it was read, in Unix seconds.
    read_at: i64,
    /// For how many seconds it counts.
    counts: i64,
    document: Map<String, Value>,
}

fn name(issuer: &str, way: Way) -> String {
    format!("{}{}", cache::issuer(issuer, way.ca_file, way.insecure), cache::DOCUMENT)
}

/// The document that is kept, while it counts.
pub(super) fn find(folder: &Path, issuer: &str, way: Way) -> Option<Metadata> {
    let content = PrivateDir::existing(folder).ok()?.read(&name(issuer, way), MOST).ok()?;
    read(&content, issuer, Moment::now().seconds())
}

fn read(content: &[u8], issuer: &str, now: i64) -> Option<Metadata> {
    let entry: Entry = serde_json::from_slice(content).ok()?;
    let age = now.checked_sub(entry.read_at)?;
    // Younger than nothing: the clock was set back, and says nothing about the age.
    let counts = entry.version == VERSION && (0..entry.counts.min(LONGEST)).contains(&age);
    counts.then(|| Metadata::read(&entry.document, issuer).ok())?
}

/// Keeps a document for as long as its server allows. What cannot be kept costs one more question.
pub(super) fn keep(folder: &Path, metadata: &Metadata, way: Way, cache_control: Option<&str>, report: Report) {
    let Some(content) = written(metadata, Moment::now().seconds(), counts(cache_control)) else { return };
    let kept = PrivateDir::open(folder).and_then(|dir| dir.write(&name(&metadata.issuer, way), &content));
    if let Err(error) = kept {
        report(Notice::detail(format!("the issuer's endpoints are not kept: `{}`: {error}", folder.display())));
    }
}

fn written(metadata: &Metadata, now: i64, counts: i64) -> Option<Vec<u8>> {
    let Value::Object(document) = metadata.written() else { return None };
    let entry = Entry { version: VERSION, read_at: now, counts, document };
    serde_json::to_vec(&entry).ok().filter(|content| counts > 0 && content.len() as u64 <= MOST)
}

/// Removes what is kept; that there is nothing is fine.
pub(super) fn forget(folder: &Path, issuer: &str, way: Way) {
    if let Ok(dir) = PrivateDir::existing(folder) {
        _ = dir.remove(&name(issuer, way)); // else it counts for a day at most
    }
}

/// For how many seconds a document may be kept (RFC 9111 §5.2.2): a day at most, and where nothing is said.
fn counts(cache_control: Option<&str>) -> i64 {
    let text = cache_control.unwrap_or_default().to_ascii_lowercase();
    let directives = || text.split(',').map(str::trim);
    if directives().any(|directive| matches!(directive, "no-store" | "no-cache")) {
        return 0;
    }
    let seconds = |directive: &str| directive.strip_prefix("max-age=")?.trim_matches('"').parse::<i64>().ok();
    directives().find_map(seconds).unwrap_or(LONGEST).clamp(0, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const ISSUER: &str = "https://idp.example";
    const NOW: i64 = 1_700_000_000;

    fn metadata() -> Metadata {
        let document = json!({ "issuer": ISSUER, "token_endpoint": "https://idp.example/token" });
        Metadata::read(document.as_object().expect("an object"), ISSUER).expect("a document")
    }

    #[test]
    fn a_document_counts_for_as_long_as_its_server_says_and_a_day_at_most() {
        for (header, seconds) in [
            (None, LONGEST),
            (Some("public"), LONGEST),
            (Some("public, max-age=15, must-revalidate"), 15),
            (Some("Max-Age=\"60\""), 60),
            (Some("max-age=99999999999"), LONGEST),
            (Some("max-age=-1"), 0),
            (Some("max-age=soon"), LONGEST),
            (Some("max-age=60, no-store"), 0),
            (Some("No-Cache"), 0),
        ] {
            assert_eq!(counts(header), seconds, "{header:?}");
        }
    }

    #[test]
    fn an_entry_ends_with_its_time_and_does_not_begin_in_the_future() {
        let content = written(&metadata(), NOW, 60).expect("kept");
        for (now, known) in [(NOW, true), (NOW + 59, true), (NOW + 60, false), (NOW - 1, false), (i64::MIN, false)] {
            assert_eq!(read(&content, ISSUER, now).is_some(), known, "{now}");
        }
        assert!(written(&metadata(), NOW, 0).is_none());
    }

    #[test]
    fn a_damaged_entry_and_one_of_another_issuer_are_none() {
        let good = written(&metadata(), NOW, 60).expect("kept");
        for length in 0..good.len() {
            assert!(read(&good[..length], ISSUER, NOW).is_none(), "{length}");
        }
        assert!(read(&good, "https://other.example", NOW).is_none());
        let text = String::from_utf8(good).expect("text");
        for (from, to) in
            [("\"version\":1", "\"version\":2"), ("https://idp.example/token", "http://idp.example/token")]
        {
            assert!(read(text.replace(from, to).as_bytes(), ISSUER, NOW).is_none(), "{from}");
        }
    }

    proptest! {
        #[test]
        fn no_content_breaks_it(content: Vec<u8>, now: i64) {
            prop_assert!(read(&content, ISSUER, now).is_none());
        }
    }
}
