//! The name of a cache entry.
//!
//! Owns what makes two requests the same request. Never uses the profile's name, which can be given to another
//! environment at any time, and never a secret. Gives a digest in hexadecimal digits.

use std::fmt::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::profile::{Profile, SigningAlgorithm};

/// Counts up when the fields below change, so that no old entry is taken for a new one.
const VERSION: &str = "choreo-env token 2";

/// The digest of everything that changes the server's answer.
pub(in crate::token) fn key(profile: &Profile) -> String {
    let mut scopes = profile.scopes.clone();
    scopes.sort(); // a set (RFC 6749 §3.3)
    let certificate = profile.client_certificate.as_ref().filter(|_| profile.client_auth.value.is_tls());
    let mut fields = Fields::new(VERSION);
    // By what is configured and never by what was discovered: a token is found without asking anybody.
    match profile.issuer.as_ref().filter(|_| profile.by_issuer) {
        Some(issuer) => {
            fields.one("issuer"); // no token endpoint looks like that
            fields.one(issuer.value.text());
            fields.all(profile.endpoint_origins.iter().map(String::as_str));
        }
        None => fields.one(profile.token_url.value.as_str()),
    }
    fields.one(&profile.consumer_key.value);
    fields.one(if profile.leaves_client_auth_open() { "open" } else { profile.client_auth.value.name() });
    fields.all(scopes.iter().map(String::as_str));
    fields.all(profile.audience.as_deref());
    fields.all(profile.resource.iter().map(String::as_str));
    fields.all(profile.params.iter().flat_map(|(name, value)| [name.as_str(), value]));
    // RFC 8705 §3: a token may be bound to the certificate that was shown for it.
    fields.all(certificate.map(|path| path.value.display().to_string()).as_deref());
    // A token that came over an unchecked connection is not handed to somebody who asks for a checked one.
    fields.one(if profile.insecure { "insecure" } else { "verified" });
    if let Some(path) = &profile.ca_file {
        fields.one(&path.display().to_string()); // nor one from a server that only this file vouches for
    }
    fields.digest()
}

/// The digest of what a profile means to who works with it: whose token it gives, for which API. Scopes may change.
#[must_use]
pub fn environment(profile: &Profile) -> String {
    let mut fields = Fields::new("choreo-env environment 1");
    fields.one(profile.name.as_str());
    fields.one(&key(&Profile { scopes: Vec::new(), ..profile.clone() }));
    fields.all(profile.api_url.as_deref());
    fields.one(if profile.protected { "protected" } else { "open" });
    fields.digest().split_off(48) // short: it stands in everybody's environment, and nobody gains from a collision
}

/// The digest of what an authorization server's own document is kept by.
///
/// A certificate authority that one profile trusts, a checkout's perhaps, has no say about another profile.
pub(in crate::token) fn issuer(issuer: &str, ca_file: Option<&Path>, insecure: bool) -> String {
    let mut fields = Fields::new("choreo-env issuer 2");
    fields.one(issuer);
    fields.all(ca_file.map(|path| path.display().to_string()).as_deref());
    fields.one(if insecure { "insecure" } else { "verified" });
    fields.digest()
}

/// The digest of what decides, beside the key, whether a request succeeds from here: where the secret comes from, how
/// it is written, and the way to the server. A failure is shared only between callers that agree in all of it.
pub(in crate::token) fn means(profile: &Profile) -> String {
    let secrets = [
        &profile.consumer_secret,
        &profile.consumer_secret_next,
        &profile.private_key,
        &profile.private_key_passphrase,
    ];
    let proxy = profile.proxy.as_ref();
    let mut fields = Fields::new("choreo-env means 3");
    fields.one(profile.name.as_str());
    for secret in secrets.map(Option::as_ref) {
        fields.all(secret.map(|secret| secret.value.to_string()).as_deref());
        fields.all(secret.map(|secret| secret.origin.to_string()).as_deref());
    }
    fields.one(profile.basic_encoding.value.name());
    fields.all(profile.key_id.as_deref());
    fields.all(profile.signing_algorithm.map(SigningAlgorithm::name));
    fields.all(profile.assertion_audience.as_deref());
    fields.all(profile.client_certificate.as_ref().map(|path| path.value.display().to_string()).as_deref());
    fields.all(profile.ca_file.as_ref().map(|path| path.display().to_string()).as_deref());
    fields.all(proxy.map(|proxy| proxy.origin().ascii_serialization()).as_deref());
    fields.one(&profile.timeout.as_millis().to_string());
    fields.digest()
}

/// A digest over fields, each with its length before it: no two lists of fields look the same.
struct Fields(Sha256);

impl Fields {
    fn new(version: &str) -> Self {
        let mut fields = Self(Sha256::new());
        fields.one(version);
        fields
    }

    fn one(&mut self, field: &str) {
        self.0.update((field.len() as u64).to_be_bytes());
        self.0.update(field);
    }

    fn all<'a>(&mut self, list: impl IntoIterator<Item = &'a str>) {
        let list: Vec<&str> = list.into_iter().collect();
        self.0.update((list.len() as u64).to_be_bytes());
        for field in list {
            self.one(field);
        }
    }

    fn digest(self) -> String {
        self.0.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Origin, SecretRef, Sourced};
    use crate::profile::{BasicEncoding, ClientAuth};
    use crate::token::tests::profile;

    fn changed(change: impl FnOnce(&mut Profile)) -> String {
        let mut profile = profile("http://127.0.0.1:1/token");
        change(&mut profile);
        key(&profile)
    }

    #[test]
    fn it_is_64_hexadecimal_digits_and_always_the_same() {
        let name = changed(|_| {});
        assert_eq!(name, changed(|_| {}));
        assert!(name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }

    #[test]
    fn a_document_is_for_those_who_believe_the_same_certificates() {
        let names = [(None, false), (Some("/ca.pem"), false), (None, true)];
        let names = names.map(|(ca_file, insecure)| issuer("https://idp.example", ca_file.map(Path::new), insecure));
        assert!(names[0] != names[1] && names[0] != names[2] && names[1] != names[2]);
    }

    #[test]
    fn an_environment_is_another_one_by_name_server_key_api_and_protection_and_not_by_scopes() {
        let changed = |change: fn(&mut Profile)| {
            let mut profile = profile("http://127.0.0.1:1/token");
            change(&mut profile);
            environment(&profile)
        };
        let same = changed(|_| {});
        assert_eq!((same.len(), same == changed(|p| p.scopes = vec!["more".into()])), (16, true));
        let others: [fn(&mut Profile); 5] = [
            |p| p.name = crate::config::ProfileName::parse("other").expect("a name"),
            |p| p.token_url.value = url::Url::parse("http://127.0.0.1:2/token").expect("a URL"),
            |p| p.consumer_key.value = "other".into(),
            |p| p.api_url = Some("https://other.example".into()),
            |p| p.protected = true,
        ];
        assert!(others.into_iter().all(|other| changed(other) != same));
    }

    #[test]
    fn everything_that_changes_the_answer_changes_it() {
        let names = [
            changed(|_| {}),
            changed(|p| p.ca_file = Some("/ca.pem".into())),
            changed(|p| p.token_url.value = url::Url::parse("http://127.0.0.1:1/token2").expect("a URL")),
            changed(|p| p.consumer_key.value.push('x')),
            changed(|p| p.client_auth.value = ClientAuth::Post),
            changed(|p| p.scopes = vec!["read".into()]),
            changed(|p| p.audience = Some("read".into())),
            changed(|p| p.resource = vec!["read".into()]),
            changed(|p| p.params = [("read".to_owned(), String::new())].into()),
            changed(|p| p.params = [("a".to_owned(), "b".to_owned())].into()),
            changed(|p| p.insecure = true),
            changed(|p| p.client_auth.value = ClientAuth::Tls),
            changed(|p| {
                p.client_auth.value = ClientAuth::Tls;
                p.client_certificate = Some(Sourced::new("/a.pem".into(), Origin::BuiltIn));
            }),
            changed(|p| {
                p.client_auth.value = ClientAuth::Tls;
                p.client_certificate = Some(Sourced::new("/b.pem".into(), Origin::BuiltIn));
            }),
        ];
        for (at, name) in names.iter().enumerate() {
            assert!(!names[at + 1..].contains(name), "{at}");
        }
    }

    #[test]
    fn what_does_not_change_the_answer_does_not_change_it() {
        let scopes = |list: [&str; 2]| list.map(str::to_owned).to_vec();
        assert_eq!(changed(|p| p.scopes = scopes(["a", "b"])), changed(|p| p.scopes = scopes(["b", "a"])));
        assert_eq!(
            changed(|_| {}),
            changed(|p| {
                p.name = crate::config::ProfileName::parse("other").expect("a name");
                p.basic_encoding.value = BasicEncoding::Raw;
                p.consumer_secret = None;
                p.key_id = Some("k1".into());
                p.assertion_audience = Some("issuer".into());
                p.client_certificate = Some(Sourced::new("/unused.pem".into(), Origin::BuiltIn));
                p.min_ttl = Some(std::time::Duration::from_secs(1));
            })
        );
    }

    #[test]
    fn the_bounds_of_fields_cannot_be_confused() {
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
        assert_ne!(changed(|p| p.scopes = list(&["ab", "c"])), changed(|p| p.scopes = list(&["a", "bc"])));
        assert_ne!(changed(|p| p.resource = list(&["a", "b"])), changed(|p| p.resource = list(&["ab"])));
        assert_ne!(changed(|p| p.scopes = list(&["a"])), changed(|p| p.resource = list(&["a"])));
        assert_ne!(
            changed(|p| p.params = [("a".to_owned(), "bc".to_owned())].into()),
            changed(|p| p.params = [("ab".to_owned(), "c".to_owned())].into())
        );
        assert_ne!(changed(|p| p.audience = Some(String::new())), changed(|p| p.audience = None));
    }

    #[test]
    fn a_failure_is_not_shared_with_another_secret_or_encoding() {
        let base = profile("http://127.0.0.1:1/token");
        let mut encoding = profile("http://127.0.0.1:1/token");
        encoding.basic_encoding.value = BasicEncoding::Raw;
        let mut secret = profile("http://127.0.0.1:1/token");
        secret.consumer_secret = None;
        assert!(means(&base) != means(&encoding) && means(&base) != means(&secret));
        let changed = |change: &dyn Fn(&mut Profile)| {
            let mut profile = profile("http://127.0.0.1:1/token");
            change(&mut profile);
            means(&profile)
        };
        let reference = |name: &str| Some(Sourced::new(SecretRef::Env(name.into()), Origin::BuiltIn));
        let all = [
            means(&base),
            changed(&|p| p.private_key = reference("A")),
            changed(&|p| p.private_key = reference("B")),
            changed(&|p| p.private_key_passphrase = reference("A")),
            changed(&|p| p.key_id = Some("A".into())),
            changed(&|p| p.signing_algorithm = Some(SigningAlgorithm::Ps256)),
            changed(&|p| p.assertion_audience = Some("A".into())),
            changed(&|p| p.client_certificate = Some(Sourced::new("A".into(), Origin::BuiltIn))),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(one), "{at}");
        }
    }
}
