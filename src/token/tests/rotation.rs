//! Two consumer secrets, while one takes the place of the other.

use super::*;

/// `Basic` with `key:next-canary`.
const NEXT: &str = "Basic a2V5Om5leHQtY2FuYXJ5";

const REFUSED: &str = r#"{"error":"invalid_client"}"#;

fn rotating(url: &str) -> Profile {
    let mut profile = profile(url);
    let next = SecretRef::Value(SecretString::from("next-canary"));
    profile.consumer_secret_next = Some(Sourced::new(next, Origin::Flag("--set consumer_secret_next".into())));
    profile
}

/// A server that knows the second secret only, and answers it as given.
fn knows_next(status: &'static str, answer: &'static str) -> Server {
    Server::start(move |_, seen, stream| match seen.header("authorization") {
        Some(NEXT) => reply(stream, status, "", answer),
        _ => reply(stream, "401 Unauthorized", "", REFUSED),
    })
}

fn warnings(world: &World) -> Vec<String> {
    let told = |notice: &Notice| match notice {
        Notice::Warning { message, hint } => Some(format!("{message}; {}", hint.as_deref().unwrap_or_default())),
        _ => None,
    };
    world.notices.iter().filter_map(told).collect()
}

#[test]
fn the_second_secret_is_used_where_the_first_is_refused_and_the_user_is_told_to_swap_them() {
    let (server, mut world) = (knows_next("200 OK", GRANTED), World::new());
    let token = world.obtain(&rotating(&server.url())).expect("a token");
    assert_eq!((value(&token), server.count()), ("tok-1", 2));
    assert_eq!(
        warnings(&world),
        ["profile `dev`: the server refuses `consumer_secret`, from `***` (--set consumer_secret), and accepts \
          `consumer_secret_next`, from `***` (--set consumer_secret_next); make that one the `consumer_secret`, and \
          remove `consumer_secret_next`: until then every new token takes a request that is refused"]
    );
    assert!(!format!("{:?}", world.notices).contains("canary"));
    world.obtain(&rotating(&server.url())).expect("the same from the cache");
    assert_eq!(server.count(), 2);
}

#[test]
fn where_both_are_refused_three_requests_are_sent_and_no_more() {
    let (server, mut world) = (Server::answering("401 Unauthorized", REFUSED), World::new());
    let error = world.obtain(&rotating(&server.url())).expect_err("refused");
    let hint = error.hint().expect("a hint");
    assert!(
        hint.starts_with("`consumer_secret_next`, from `***` (--set consumer_secret_next), is refused, too"),
        "{hint}"
    );
    assert!(hint.contains("`basic_encoding = \"raw\"`, is refused, too"), "{hint}");
    assert_eq!((error.exit(), server.count()), (Exit::Refused, 3));
    let sent: Vec<_> = server.seen().iter().map(|seen| seen.header("authorization").map(str::to_owned)).collect();
    assert_eq!(sent.iter().filter(|sent| sent.as_deref() == Some(NEXT)).count(), 1);
    assert!(!format!("{error} {error:?} {hint} {:?}", world.notices).contains("canary"));
}

#[test]
fn another_complaint_about_the_second_says_that_it_is_the_one_that_works() {
    let server = knows_next("400 Bad Request", r#"{"error":"invalid_scope","error_description":"next-canary"}"#);
    let mut world = World::new();
    let error = world.obtain(&rotating(&server.url())).expect_err("refused");
    assert!(error.to_string().contains("`invalid_scope`, HTTP 400, \"***\""), "{error}");
    assert_eq!((warnings(&world).len(), server.count()), (1, 2));
}

#[test]
fn the_second_secret_is_not_looked_at_while_the_first_is_good_or_the_trouble_is_another() {
    let mut profile = rotating("http://127.0.0.1:1/token");
    profile.consumer_secret_next = Some(Sourced::new(SecretRef::Env("NOPE".into()), Origin::BuiltIn));
    for (status, answer, fine) in
        [("200 OK", GRANTED, true), ("400 Bad Request", r#"{"error":"invalid_scope"}"#, false)]
    {
        let (server, mut world) = (Server::answering(status, answer), World::new());
        profile.token_url.value = url::Url::parse(&server.url()).expect("a URL");
        assert_eq!(world.obtain(&profile).is_ok(), fine);
        assert_eq!((warnings(&world), server.count()), (Vec::new(), 1));
    }
}

#[test]
fn a_second_secret_that_is_not_available_is_a_warning_and_the_refusal_stands() {
    let (server, mut world) = (Server::answering("401 Unauthorized", REFUSED), World::new());
    let mut profile = rotating(&server.url());
    profile.consumer_secret_next = Some(Sourced::new(SecretRef::Env("NOPE".into()), Origin::BuiltIn));
    let error = world.obtain(&profile).expect_err("refused");
    assert!(error.to_string().contains("`invalid_client`") && !error.hint().expect("a hint").contains("_next"));
    let told = warnings(&world);
    assert!(told.len() == 1 && told[0].contains("`consumer_secret_next`: the environment variable `NOPE`"), "{told:?}");
    assert_eq!(server.count(), 2);
}

#[test]
fn the_same_secret_is_not_sent_twice() {
    let (server, mut world) = (Server::answering("401 Unauthorized", REFUSED), World::new());
    let mut profile = rotating(&server.url());
    profile.consumer_secret_next = profile.consumer_secret.clone();
    world.obtain(&profile).expect_err("refused");
    assert_eq!(server.count(), 2); // the second asks for the other encoding
}
