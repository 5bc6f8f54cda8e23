//! Many callers, one request; and a cache that is in the way.

use std::fs;
use std::sync::Arc;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::*;
use crate::store::PrivateDir;

/// Lets many callers begin at once, and gives what each of them got.
fn together(count: usize, folder: &Path, profile: &Profile, wanted: &Wanted) -> Vec<Result<AccessToken, TokenError>> {
    let barrier = Barrier::new(count);
    let began = Moment::from_millis(Moment::now().millis() - 1);
    thread::scope(|scope| {
        let calls: Vec<_> = (0..count)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    Call { began, ..call(profile, wanted, folder) }.answer(&mut |_| {})
                })
            })
            .collect();
        calls.into_iter().map(|call| call.join().expect("no panic")).collect()
    })
}

#[test]
fn many_callers_make_one_request() {
    let (server, world) = (counting(), World::new());
    for fresh in [false, true] {
        let wanted = Wanted { fresh, ..Wanted::default() };
        let before = server.count();
        let tokens = together(40, &world.cache(), &profile(&server.url()), &wanted);
        let expected = format!("tok-{}", before + 1);
        assert!(tokens.iter().all(|token| token.as_ref().is_ok_and(|token| value(token) == expected)), "{tokens:?}");
        assert_eq!(server.count(), before + 1);
        let kept = peek_in(&world, &profile(&server.url())).expect("kept").obtained_at();
        later_than(Moment::from_millis(kept.millis() + 1)); // the next round begins after this one's token
    }
}

#[test]
fn callers_who_want_more_life_than_there_is_share_a_new_token_all_the_same() {
    let (server, world) = (counting(), World::new());
    let wanted = Wanted { min_ttl: Some(Duration::from_secs(3600)), ..Wanted::default() };
    let tokens = together(20, &world.cache(), &profile(&server.url()), &wanted);
    assert!(tokens.iter().all(|token| token.as_ref().is_ok_and(|token| value(token) == "tok-1")), "{tokens:?}");
    assert_eq!(server.count(), 1);
}

#[test]
fn those_who_waited_share_a_failure_and_those_who_come_later_ask_again() {
    let server = Server::answering("400 Bad Request", r#"{"error":"invalid_scope"}"#);
    let world = World::new();
    let profile = profile(&server.url());
    let results = together(20, &world.cache(), &profile, &Wanted::default());
    let mut shared = 0;
    for result in results {
        let error = result.expect_err("refused");
        assert_eq!(error.exit(), Exit::Refused);
        assert!(error.to_string().contains("`invalid_scope`") && error.hint().is_some(), "{error}");
        shared += usize::from(matches!(error, TokenError::Shared { .. }));
    }
    assert_eq!((server.count(), shared), (1, 19));
    later_than(Moment::now());
    let later = call(&profile, &Wanted::default(), &world.cache()).answer(&mut |_| {});
    assert!(matches!(later, Err(TokenError::Fetch(_))));
    assert_eq!(server.count(), 2);
}

#[test]
fn a_failure_is_not_shared_with_who_uses_another_secret() {
    let server = Server::start(|number, _, stream| match number {
        0 => reply(stream, "400 Bad Request", "", r#"{"error":"invalid_request"}"#),
        _ => reply(stream, "200 OK", "", GRANTED),
    });
    let world = World::new();
    let wrong = profile(&server.url());
    let mut right = profile(&server.url());
    right.basic_encoding.value = BasicEncoding::Raw;
    let began = Moment::from_millis(Moment::now().millis() - 1000);
    let ask = |profile| Call { began, ..call(profile, &Wanted::default(), &world.cache()) }.answer(&mut |_| {});
    assert!(ask(&wrong).is_err());
    assert!(matches!(ask(&wrong), Err(TokenError::Shared { .. })));
    assert!(ask(&right).is_ok());
}

#[test]
fn a_missing_variable_is_nobody_elses_failure() {
    let (server, world) = (counting(), World::new());
    let mut profile = profile(&server.url());
    profile.consumer_secret = Some(Sourced::new(SecretRef::Env("NOPE".into()), Origin::BuiltIn));
    for result in together(5, &world.cache(), &profile, &Wanted::default()) {
        assert!(matches!(result, Err(TokenError::Secret(_))));
    }
}

/// Holds a profile's lock, as another process would.
fn hold(world: &World, profile: &Profile) -> crate::store::Lock {
    let dir = PrivateDir::open(&world.cache()).expect("a folder");
    let name = world.file(profile, "lock").file_name().expect("a name").to_string_lossy().into_owned();
    dir.try_lock(&name).expect("locks").expect("not held")
}

fn impatient<'a>(profile: &'a Profile, wanted: &'a Wanted, folder: &'a Path) -> Call<'a> {
    Call { patience: Duration::from_millis(20), ..call(profile, wanted, folder) }
}

#[test]
fn a_lock_that_is_never_released_ends_in_an_error_that_names_it() {
    let (server, world) = (counting(), World::new());
    let profile = profile(&server.url());
    let _lock = hold(&world, &profile);
    let error = impatient(&profile, &Wanted::default(), &world.cache()).answer(&mut |_| {}).expect_err("held");
    assert_eq!(error.exit(), Exit::Cache);
    assert!(error.to_string().contains(&world.file(&profile, "lock").display().to_string()), "{error}");
    assert_eq!(server.count(), 0);
}

#[test]
fn a_living_token_is_served_when_the_lock_is_never_released_but_not_to_who_wants_a_fresh_one() {
    let (server, world) = (counting(), World::new());
    let profile = profile(&server.url());
    world.keep(&profile, 30);
    let _lock = hold(&world, &profile);
    let mut warnings = Vec::new();
    let token = impatient(&profile, &Wanted::default(), &world.cache()).answer(&mut |notice| warnings.push(notice));
    assert_eq!(value(&token.expect("the old one")), "old");
    assert!(
        matches!(&warnings[..], [.., Notice::Warning { message, .. }] if message.contains("cached token is served"))
    );
    let fresh = Wanted { fresh: true, ..Wanted::default() };
    assert!(impatient(&profile, &fresh, &world.cache()).answer(&mut |_| {}).is_err());
}

#[test]
fn who_waits_is_served_as_soon_as_the_token_is_there_while_the_lock_is_held() {
    let (server, world) = (counting(), World::new());
    let profile = profile(&server.url());
    world.keep(&profile, 900);
    let entry = world.file(&profile, "json");
    let content = fs::read(&entry).expect("an entry");
    fs::remove_file(&entry).expect("removed");
    let _lock = hold(&world, &profile);
    let looked = Arc::new(AtomicUsize::new(0));
    thread::scope(|scope| {
        let waiting = Arc::clone(&looked);
        let (world, profile) = (&world, &profile);
        let caller = scope.spawn(move || {
            let wanted = Wanted::default();
            call(profile, &wanted, &world.cache()).answer(&mut |notice| {
                if matches!(notice, Notice::Waiting(_)) {
                    waiting.fetch_add(1, Ordering::SeqCst);
                }
            })
        });
        while looked.load(Ordering::SeqCst) == 0 {
            thread::yield_now();
        }
        let dir = PrivateDir::open(&world.cache()).expect("a folder");
        dir.write(&entry.file_name().expect("a name").to_string_lossy(), &content).expect("written");
        assert_eq!(value(&caller.join().expect("no panic").expect("a token")), "old");
    });
    assert_eq!((server.count(), looked.load(Ordering::SeqCst)), (0, 1));
}

#[test]
fn a_cache_that_cannot_be_used_costs_a_warning_and_not_the_token() {
    let (server, mut world) = (counting(), World::new());
    fs::write(world.cache(), "a file in the folder's place").expect("written");
    let token = world.obtain(&profile(&server.url())).expect("a token");
    assert_eq!(value(&token), "tok-1");
    assert!(world.warnings()[0].contains("the token cache cannot be used"), "{:?}", world.warnings());
}

#[test]
fn no_folder_at_all_costs_a_warning_and_not_the_token() {
    let server = counting();
    let (profile, wanted) = (profile(&server.url()), Wanted::default());
    let mut notices = Vec::new();
    let call = Call { folder: None, ..call(&profile, &wanted, Path::new("/")) };
    assert!(call.answer(&mut |notice| notices.push(notice)).is_ok());
    assert!(notices.iter().any(|notice| matches!(notice, Notice::Warning { .. })));
}

#[cfg(unix)]
#[test]
fn a_lock_file_that_is_a_link_is_not_followed_and_an_entry_is_still_served() {
    let (server, mut world) = (counting(), World::new());
    let profile = profile(&server.url());
    let victim = world.folder.path().join("victim");
    fs::create_dir_all(world.cache()).expect("a folder");
    std::os::unix::fs::symlink(&victim, world.file(&profile, "lock")).expect("a link");
    assert_eq!(value(&world.obtain(&profile).expect("a token")), "tok-1");
    assert_eq!(world.warnings().len(), 1);
    assert!(!victim.exists());
}

#[test]
fn a_damaged_entry_is_a_miss_and_is_replaced() {
    let (server, mut world) = (counting(), World::new());
    let profile = profile(&server.url());
    world.keep(&profile, 900);
    let entry = world.file(&profile, "json");
    let whole = fs::read(&entry).expect("an entry");
    for damage in [&b""[..], b"{", b"\xff\0", &whole[..whole.len() / 2]] {
        fs::write(&entry, damage).expect("written");
        assert!(value(&world.obtain(&profile).expect("a token")).starts_with("tok-"));
        assert!(cache::peek(&world.cache(), &cache::key(&profile)).is_some());
    }
    assert_eq!((server.count(), world.warnings().len()), (4, 0));
}

#[cfg(unix)]
#[test]
fn an_entry_that_others_can_read_is_a_miss_and_entries_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let (server, mut world) = (counting(), World::new());
    let profile = profile(&server.url());
    world.keep(&profile, 900);
    let entry = world.file(&profile, "json");
    fs::set_permissions(&entry, fs::Permissions::from_mode(0o644)).expect("mode");
    assert_eq!(value(&world.obtain(&profile).expect("a token")), "tok-1");
    for (path, expected) in [(entry, 0o600), (world.file(&profile, "lock"), 0o600), (world.cache(), 0o700)] {
        let mode = fs::metadata(&path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode, expected, "{}", path.display());
    }
}

#[test]
fn tokens_that_are_long_gone_are_swept_away_when_another_is_kept() {
    let (server, mut world) = (counting(), World::new());
    let [gone, recent] = ["http://127.0.0.1:1/gone", "http://127.0.0.1:1/recent"].map(profile);
    world.keep(&gone, -2 * 24 * 3600);
    world.keep(&recent, -60);
    world.obtain(&profile(&server.url())).expect("a token");
    assert!(!world.file(&gone, "json").exists());
    assert!(world.file(&recent, "json").exists());
}

#[test]
fn a_clock_that_was_set_back_leads_to_a_new_token() {
    let (server, mut world) = (counting(), World::new());
    let profile = profile(&server.url());
    world.keep(&profile, 2000); // obtained 1100 s from now
    assert_eq!(value(&world.obtain(&profile).expect("a token")), "tok-1");
}
