//! The whole way to a token, against a real socket and a real folder.

mod failures;
mod flight;
mod rotation;
mod server;
mod tls;

use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;

use super::*;
use crate::config::{Origin, ProfileName, Sourced};
use crate::profile::{BasicEncoding, ClientAuth};

pub(in crate::token) use server::{Server, reply};

/// A token as most servers give it.
pub(in crate::token) const GRANTED: &str = r#"{"access_token":"tok-1","token_type":"Bearer","expires_in":900}"#;

/// A profile for the given token endpoint, with the key `key` and the secret `canary/secret`.
pub(crate) fn profile(url: &str) -> Profile {
    let flag = |name: &str| Origin::Flag(format!("--set {name}"));
    let secret = SecretRef::Value(SecretString::from("canary/secret"));
    Profile {
        name: ProfileName::parse("dev").expect("a name"),
        token_url: Sourced::new(url::Url::parse(url).expect("a URL"), flag("token_url")),
        issuer: None,
        by_issuer: false,
        endpoint_origins: Vec::new(),
        revoke_url: None,
        introspect_url: None,
        jwks_url: None,
        consumer_key: Sourced::new("key".into(), flag("consumer_key")),
        consumer_secret: Some(Sourced::new(secret, flag("consumer_secret"))),
        consumer_secret_next: None,
        client_auth: Sourced::new(ClientAuth::Basic, Origin::BuiltIn),
        basic_encoding: Sourced::new(BasicEncoding::Form, Origin::BuiltIn),
        private_key: None,
        private_key_passphrase: None,
        key_id: None,
        signing_algorithm: None,
        assertion_audience: None,
        client_certificate: None,
        scopes: Vec::new(),
        audience: None,
        resource: Vec::new(),
        params: std::collections::BTreeMap::new(),
        connection: None,
        api_url: None,
        api_key: None,
        headers: std::collections::BTreeMap::new(),
        vars: std::collections::BTreeMap::new(),
        ca_file: None,
        insecure: false,
        proxy: None,
        timeout: Duration::from_secs(10),
        protected: false,
        min_ttl: None,
    }
}

/// A cache of its own, and what was reported.
struct World {
    folder: TempDir,
    notices: Vec<Notice>,
}

impl World {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), notices: Vec::new() }
    }

    fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    fn obtain(&mut self, profile: &Profile) -> Result<AccessToken, TokenError> {
        self.obtain_wanted(profile, &Wanted::default())
    }

    fn obtain_wanted(&mut self, profile: &Profile, wanted: &Wanted) -> Result<AccessToken, TokenError> {
        let folder = self.cache();
        let notices = &mut self.notices;
        call(profile, wanted, &folder).answer(&mut |notice| notices.push(notice))
    }

    /// Puts a token into the cache that has the given life left, of 900 s.
    fn keep(&self, profile: &Profile, left: i64) {
        let now = Moment::now();
        let obtained = Moment::from_millis(now.millis() - (900 - left) * 1000);
        let token = AccessToken::new("old".into(), None, obtained).expect("VSCHAR");
        let key = cache::key(profile);
        let search = Search { key: &key, means: "", accept: &|_| false, began: now, patience: Duration::ZERO };
        match cache::lookup(Some(&self.cache()), &search, &mut |_| {}) {
            Lookup::Miss(flight) => flight.save(&token.expiring(now.seconds() + left, 900), &mut |_| {}),
            _ => panic!("the lock is held"),
        }
    }

    /// The file of a profile's entry, or of its lock.
    fn file(&self, profile: &Profile, ending: &str) -> PathBuf {
        self.cache().join(format!("{}.{ending}", cache::key(profile)))
    }

    fn warnings(&self) -> Vec<&str> {
        let warnings = self.notices.iter().filter_map(|notice| match notice {
            Notice::Warning { message, .. } => Some(message.as_str()),
            _ => None,
        });
        warnings.collect()
    }
}

fn call<'a>(profile: &'a Profile, wanted: &'a Wanted, folder: &'a Path) -> Call<'a> {
    static ENVIRON: std::sync::OnceLock<Environ> = std::sync::OnceLock::new();
    let environ = ENVIRON.get_or_init(Environ::default);
    let (began, patience) = (Moment::now(), Duration::from_secs(30));
    Call { profile, wanted, environ, folder: Some(folder), began, patience, trial: None, deadline: None }
}

fn value(token: &AccessToken) -> &str {
    token.value().expose_secret()
}

/// A token endpoint that numbers its tokens.
fn counting() -> Server {
    Server::start(|number, _, stream| {
        reply(stream, "200 OK", "", &format!(r#"{{"access_token":"tok-{}","expires_in":900}}"#, number + 1));
    })
}

/// Lets the clock, which counts milliseconds, go past a moment.
fn later_than(moment: Moment) {
    while Moment::now() <= moment {
        std::thread::yield_now();
    }
}

#[test]
fn a_token_is_asked_for_once_and_then_comes_from_the_cache() {
    let (server, mut world) = (counting(), World::new());
    let profile = profile(&server.url());
    for _ in 0..3 {
        let token = world.obtain(&profile).expect("a token");
        assert_eq!((value(&token), token.lifetime()), ("tok-1", Some(900)));
    }
    assert_eq!(server.count(), 1);
    assert_eq!(world.warnings(), [""; 0]);
}

#[test]
fn the_request_is_what_the_rfc_says() {
    let (server, mut world) = (counting(), World::new());
    let mut profile = profile(&server.url());
    profile.scopes = vec!["read".into(), "write".into()];
    world.obtain(&profile).expect("a token");
    let seen = &server.seen()[0];
    assert!(seen.head.starts_with("POST /oauth2/token HTTP/1.1\r\n"), "{}", seen.head);
    assert_eq!(seen.header("authorization"), Some("Basic a2V5OmNhbmFyeSUyRnNlY3JldA==")); // key:canary%2Fsecret
    assert_eq!(seen.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(seen.header("accept"), Some("application/json"));
    assert_eq!(seen.header("user-agent"), Some(concat!("choreo-env/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(seen.body, "grant_type=client_credentials&scope=read+write");
}

#[test]
fn post_sends_no_authorization_header() {
    let (server, mut world) = (counting(), World::new());
    let mut profile = profile(&server.url());
    profile.client_auth.value = ClientAuth::Post;
    world.obtain(&profile).expect("a token");
    let seen = &server.seen()[0];
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.body, "grant_type=client_credentials&client_id=key&client_secret=canary%2Fsecret");
}

#[test]
fn the_secret_is_not_looked_at_while_the_cache_has_a_token() {
    let (server, mut world) = (counting(), World::new());
    let mut profile = profile(&server.url());
    world.obtain(&profile).expect("a token");
    profile.consumer_secret = None;
    assert_eq!(value(&world.obtain(&profile).expect("a token")), "tok-1");
}

#[test]
fn a_missing_secret_is_an_error_with_a_hint_and_nothing_is_sent() {
    let (server, mut world) = (counting(), World::new());
    let mut profile = profile(&server.url());
    profile.consumer_secret = None;
    let error = world.obtain(&profile).expect_err("no secret");
    assert_eq!(error.exit(), Exit::Secret);
    assert!(error.hint().expect("a hint").contains("CHOREO_ENV_CONSUMER_SECRET"));
    assert_eq!(server.count(), 0);
}

#[test]
fn a_fresh_one_is_asked_for_whatever_the_cache_holds() {
    let (server, mut world) = (counting(), World::new());
    let profile = profile(&server.url());
    world.obtain(&profile).expect("a token");
    later_than(peek_in(&world, &profile).expect("kept").obtained_at());
    let fresh = Wanted { fresh: true, ..Wanted::default() };
    assert_eq!(value(&world.obtain_wanted(&profile, &fresh).expect("a token")), "tok-2");
    assert_eq!(value(&world.obtain(&profile).expect("a token")), "tok-2");
    assert_eq!(server.count(), 2);
}

#[test]
fn the_command_line_asks_for_more_life_than_the_profile() {
    let (server, mut world) = (counting(), World::new());
    let mut profile = profile(&server.url());
    profile.min_ttl = Some(Duration::from_secs(60));
    world.keep(&profile, 300);
    assert_eq!(value(&world.obtain(&profile).expect("a token")), "old");
    let wanted = Wanted { min_ttl: Some(Duration::from_secs(400)), ..Wanted::default() };
    assert_eq!(value(&world.obtain_wanted(&profile, &wanted).expect("a token")), "tok-1");
}

#[test]
fn a_new_token_that_lives_shorter_than_asked_is_given_with_a_warning() {
    let (server, mut world) = (counting(), World::new());
    let wanted = Wanted { min_ttl: Some(Duration::from_secs(3600)), ..Wanted::default() };
    world.obtain_wanted(&profile(&server.url()), &wanted).expect("a token");
    assert!(world.warnings()[0].contains("which is less than 1h"), "{:?}", world.warnings());
}

#[test]
fn a_token_without_a_known_end_is_given_and_not_kept() {
    let server = Server::answering("200 OK", r#"{"access_token":"opaque"}"#);
    let mut world = World::new();
    let profile = profile(&server.url());
    for count in 1..=2 {
        assert_eq!(value(&world.obtain(&profile).expect("a token")), "opaque");
        assert_eq!(server.count(), count);
    }
    assert!(peek_in(&world, &profile).is_none());
}

#[test]
fn a_new_token_that_is_not_kept_takes_the_place_of_the_old_one_all_the_same() {
    let server = Server::answering("200 OK", r#"{"access_token":"opaque"}"#);
    let mut world = World::new();
    let profile = profile(&server.url());
    world.keep(&profile, 800);
    let fresh = Wanted { fresh: true, ..Wanted::default() };
    assert_eq!(value(&world.obtain_wanted(&profile, &fresh).expect("a token")), "opaque");
    assert!(peek_in(&world, &profile).is_none());
}

#[test]
fn profiles_that_ask_for_the_same_share_it_and_others_do_not() {
    let (server, mut world) = (counting(), World::new());
    let mut other = profile(&server.url());
    other.name = ProfileName::parse("other").expect("a name");
    assert_eq!(value(&world.obtain(&profile(&server.url())).expect("a token")), "tok-1");
    assert_eq!(value(&world.obtain(&other).expect("a token")), "tok-1");
    other.scopes = vec!["read".into()];
    assert_eq!(value(&world.obtain(&other).expect("a token")), "tok-2");
}

fn peek_in(world: &World, profile: &Profile) -> Option<AccessToken> {
    cache::peek(&world.cache(), &cache::key(profile))
}

#[test]
fn a_peek_finds_a_token_of_any_age_and_makes_nothing() {
    let world = World::new();
    let profile = profile("http://127.0.0.1:1/token");
    assert!(peek_in(&world, &profile).is_none());
    assert!(!world.cache().exists());
    world.keep(&profile, -100);
    assert_eq!(value(&peek_in(&world, &profile).expect("kept")), "old");
}

#[test]
fn forgetting_removes_the_token_and_says_whether_there_was_one() {
    let world = World::new();
    let profile = profile("http://127.0.0.1:1/token");
    let forget = || cache::forget(&world.cache(), &cache::key(&profile)).expect("removed");
    assert!(!forget());
    world.keep(&profile, 100);
    assert!(forget());
    assert!(!forget());
    assert!(peek_in(&world, &profile).is_none());
}
