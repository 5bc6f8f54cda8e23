//! What comes with a checkout: the layers, their trust, and hostile checkouts, one by one.

use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use choreo_env::config::{Origin, Place};

use crate::support::command::{Run, ends, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{profile, profile_with, quoted};
use crate::support::world::{World, set_mode};

const PROJECT: &str = "[ROOT]/work/.choreo-env.toml";

/// A world whose user has a profile `dev` with a secret, and the server that this secret is meant for.
fn world() -> (World, OddServer) {
    let server = OddServer::always(Answer::token("t0ken", 900));
    (World::with(profile("dev", &server.url("/token"), "")), server)
}

/// A profile of a checkout: it names where the secret is.
fn team(name: &str, token_url: &str) -> String {
    profile_with(name, token_url, "{ env = \"TEAM_SECRET\" }", "")
}

fn trust(world: &World, arguments: &[&str]) -> Run {
    world.choreo_env(["trust"]).args(arguments).run()
}

#[track_caller]
fn trusted(world: &World) {
    trust(world, &[]).assert(&fine().stdout_has(["trusted: "]));
}

fn told(world: &World, run: &Run) -> String {
    run.stderr.replace(&world.path("").display().to_string(), "[ROOT]/")
}

#[test]
fn layers_have_the_order_of_the_contract() {
    let place = || Place { path: Path::new("file").into(), line: 1, column: 1 };
    let mut layers = [
        Origin::Flag("flag".into()),
        Origin::Environment("NAME".into()),
        Origin::Project(place()),
        Origin::Cargo(place()),
        Origin::User(place()),
        Origin::System(place()),
        Origin::BuiltIn,
    ];
    layers.sort();
    let names = layers.map(|layer| format!("{layer:?}").split('(').next().unwrap_or_default().to_owned());
    println!("{}", names.join(" < "));
    assert_eq!(names, ["BuiltIn", "System", "User", "Cargo", "Project", "Environment", "Flag"]);
}

#[test]
fn each_layer_wins_over_those_before_it() {
    let world = World::with("[profiles.dev]\nconsumer_key = \"k\"\n");
    let winner = |layer: &str| {
        let mut command = world.choreo_env(["show", "dev"]);
        if layer == "environment" || layer == "flag" {
            command = command.env("CHOREO_ENV_TIMEOUT", "6s");
        }
        if layer == "flag" {
            command = command.args(["--set", "timeout=7s"]);
        }
        let run = command.run();
        let line = run.stdout.lines().find(|line| line.starts_with("timeout ")).unwrap_or_default();
        line.split('"').nth(1).unwrap_or_default().to_owned() + line.split('#').nth(1).unwrap_or_default()
    };
    let table = |seconds: u8| format!("profiles.dev.timeout = {seconds}\n");
    assert_eq!(winner("built-in"), "10s built-in default");
    world.write_config("[profiles.dev]\nconsumer_key = \"k\"\ntimeout = \"2s\"\n");
    assert!(winner("user").ends_with("config.toml:3"));
    fs::create_dir(world.path("work/.git")).unwrap();
    let workspace = format!("[workspace]\n[workspace.metadata.choreo-env]\n{}", table(3));
    world.write("work/Cargo.toml", &workspace);
    trusted(&world);
    assert!(winner("workspace").ends_with("Cargo.toml:3"));
    world.write("work/Cargo.toml", format!("[package.metadata.choreo-env]\n{}{workspace}", table(4)));
    trusted(&world);
    assert!(winner("package").ends_with("Cargo.toml:2"));
    world.write("work/.choreo-env.toml", table(5));
    trusted(&world);
    assert!(winner("project").ends_with(".choreo-env.toml:1"));
    assert_eq!(winner("environment"), "6s environment variable CHOREO_ENV_TIMEOUT");
    assert_eq!(winner("flag"), "7s --set timeout");
}

#[test]
fn a_member_of_a_workspace_has_both_manifests() {
    let world = World::with("[profiles.dev]\nconsumer_key = \"k\"\n");
    let member = world.path("work/member");
    fs::create_dir(&member).unwrap();
    set_mode(&member, 0o755);
    world.write("work/member/Cargo.toml", "[package.metadata.choreo-env.profiles.dev]\nscopes = [\"package\"]\n");
    let both = "[workspace.metadata.choreo-env.profiles.dev]\nscopes = [\"workspace\"]\naudience = \"team\"\n";
    world.write("work/Cargo.toml", both);
    let run = |arguments: &[&str]| {
        let mut process = world.process(crate::support::command::program());
        let output = process.args(arguments).current_dir(&member).output().unwrap();
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    };
    assert!(run(&["trust"]).contains("trusted: "));
    let shown = run(&["show", "dev"]);
    assert!(shown.contains("[\"package\"]") && shown.contains("\"team\""), "{shown}");
}

#[test]
fn a_file_that_is_not_trusted_is_ignored_with_one_notice_and_never_parsed() {
    let (world, server) = world();
    world.write("work/.choreo-env.toml", "this is [ no TOML\n\"\"\"");
    let run = world.choreo_env(["token", "dev"]).run();
    let notice = format!(
        "warning: `{PROJECT}` is ignored: it is not trusted\nhint: read it, then run `choreo-env trust {PROJECT}`\n"
    );
    assert_eq!(told(&world, &run), notice);
    run.assert(&fine().stdout("t0ken\n").stderr_has(["warning: "]));
    world.choreo_env(["token", "dev", "--quiet"]).run().assert(&fine().stdout("t0ken\n"));
    assert_eq!(server.count(), 1);
}

#[test]
fn show_tells_what_does_not_count_and_why() {
    let (world, _server) = world();
    world.write("work/.choreo-env.toml", team("team", "https://team.example/t"));
    let text = world.choreo_env(["show", "dev", "--quiet"]).run();
    text.assert(&fine().stdout_has(["[profiles.dev]\n", &format!("# `{PROJECT}` is ignored: it is not trusted\n")]));
    let json = world.choreo_env(["show", "dev", "--quiet", "--json"]).run();
    json.assert(
        &fine().stdout_has(["\"ignored\": [\n    \"`[ROOT]/work/.choreo-env.toml` is ignored: it is not trusted\""]),
    );
}

#[test]
fn a_profile_that_only_an_untrusted_file_may_have_is_not_trusted() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let world = World::new();
    world.write("work/.choreo-env.toml", team("dev", &server.url("/token")));
    let hint = format!("hint: read it, then run `choreo-env trust {PROJECT}`");
    for arguments in [&["token", "dev"][..], &["token"], &["list"]] {
        let run = world.choreo_env(arguments).run();
        let named = format!("`{PROJECT}` is ignored: it is not trusted");
        run.assert(&ends(4).stderr_has(["error: no profile is ", &named, &hint]));
    }
    let run = world.choreo_env(["env", "dev", "--shell", "sh"]).run();
    run.assert(&ends(4).stdout_has(["unset ", "false;"]).stderr_has(["error: "]));
    assert_eq!(server.count(), 0);
}

#[test]
fn what_is_missing_may_be_in_the_file_that_nobody_trusts() {
    let world = World::with("[profiles.dev]\naudience = \"a\"\n[profiles.child]\nextends = \"base\"\n");
    world.write("work/.choreo-env.toml", "");
    let named = format!(", and `{PROJECT}` is ignored: it is not trusted\nhint: read it, then run `choreo-env trust");
    for (name, missing) in [
        ("dev", "error: profile `dev`: `consumer_key` is not set"),
        ("child", "error: profile `child`: `extends` names `base`, which does not exist ("),
        ("other", "error: no profile is called `other` (from the command line)"),
    ] {
        world.choreo_env(["token", name, "-q"]).run().assert(&ends(4).stderr_has([missing, &named]));
    }
    let run = world.choreo_env(["token", "chlid", "-q"]).run();
    run.assert(&ends(4).stderr_has(["`chlid`", "is not trusted\nhint: did you mean `child`?"]));
}

#[cfg(feature = "sandbox")]
#[test]
fn the_demo_is_in_nobodys_checkout() {
    let world = World::new();
    world.write("work/.choreo-env.toml", "");
    let run = world.choreo_env(["demo"]).run();
    assert!(run.status == Some(0) && !run.stdout.contains("is ignored"), "{run}");
}

#[test]
fn a_trusted_file_counts_until_it_changes() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let world = World::new();
    let file = world.write("work/.choreo-env.toml", team("dev", &server.url("/token")));
    let run = trust(&world, &[]);
    run.assert(&fine().stdout_has([
        &format!("{PROJECT} decides:\n  profile `dev`: token_url = http://"),
        &format!("  profile `dev`: consumer_secret = {{ env = \"TEAM_SECRET\" }}   ({PROJECT}:4)\n"),
        &format!("trusted: {PROJECT}\n"),
    ]));
    let token = || world.choreo_env(["token", "dev"]).env("TEAM_SECRET", "x").run();
    token().assert(&fine().stdout("t0ken\n"));
    fs::write(&file, fs::read_to_string(&file).unwrap() + "# harmless\n").unwrap();
    let changed = format!("`{PROJECT}` is ignored: it has changed since it was trusted");
    token().assert(&ends(4).stderr_has(["warning: ", &changed, "error: ", &changed, "hint: "]));
    trusted(&world);
    token().assert(&fine().stdout("t0ken\n"));
}

#[test]
fn trusted_files_are_listed_and_can_be_revoked() {
    let world = World::with("[profiles.dev]\nconsumer_key = \"k\"\n");
    trust(&world, &["--list"]).assert(&fine());
    let file = world.write("work/.choreo-env.toml", "profiles.x.audience = \"a\"\n");
    trusted(&world);
    trust(&world, &["--list"]).assert(&fine().stdout(format!("trusted  {PROJECT}\n")));
    fs::write(&file, "other").unwrap();
    trust(&world, &["--list"]).assert(&fine().stdout(format!("changed  {PROJECT}\n")));
    fs::remove_file(&file).unwrap();
    trust(&world, &["--list"]).assert(&fine().stdout(format!("missing  {PROJECT}\n")));
    let run = trust(&world, &["--revoke", ".choreo-env.toml"]);
    run.assert(&fine().stdout(format!("no longer trusted: {PROJECT}\n")));
    trust(&world, &["--list"]).assert(&fine());
    trust(&world, &["--revoke", "."]).assert(&fine().stderr_has(["warning: nothing was trusted there"]));
    for arguments in [&["--revoke"][..], &["--revoke", "."], &["--revoke", ".choreo-env.toml"]] {
        world.write("work/.choreo-env.toml", "profiles.x.audience = \"a\"\n");
        trusted(&world);
        trust(&world, arguments).assert(&fine().stdout(format!("no longer trusted: {PROJECT}\n")));
        world.choreo_env(["list"]).run().assert(&fine().stdout_has(["dev"]).stderr_has(["is not trusted"]));
    }
}

#[test]
fn where_there_is_nothing_to_trust_it_is_said() {
    let world = World::new();
    trust(&world, &[]).assert(&ends(3).stderr_has(["error: there is nothing to trust here", "hint: "]));
    world.write("work/Cargo.toml", "[package]\nname = \"choreo-env\"\n");
    trust(&world, &["Cargo.toml"]).assert(&ends(3).stderr_has(["error: there is nothing to trust at `Cargo.toml`"]));
    trust(&world, &["none.toml"]).assert(&ends(3).stderr_has(["error: ", "`none.toml`"]));
    assert!(!world.path("home/.local/share/choreo-env").exists());
}

#[test]
fn a_file_with_mistakes_is_not_trusted_and_all_of_them_are_told() {
    let (world, _server) = world();
    world.write("work/.choreo-env.toml", "[profiles.x]\ntimeot = 3\nproxy = \"ftp://p\"\n");
    let run = trust(&world, &[]);
    run.assert(&ends(3).stderr_has([&format!("`timeot` ({PROJECT}:2:1)"), &format!("({PROJECT}:3:9)")]));
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n").stderr_has(["is not trusted"]));
}

#[test]
fn no_secret_stands_in_a_checkout_trusted_or_not() {
    let (world, _server) = world();
    let bare = profile_with("x", "https://sts.example/token", "\"c4nary\"", "api_key = \"c4nary\"");
    for (file, text) in [
        (".choreo-env.toml", bare.clone()),
        ("Cargo.toml", bare.replace("[profiles", "[package.metadata.choreo-env.profiles")),
        (
            "Cargo.toml",
            "[workspace]\n".to_owned() + &bare.replace("[profiles", "[workspace.metadata.choreo-env.profiles"),
        ),
    ] {
        world.write(&format!("work/{file}"), text);
        let run = trust(&world, &[file]);
        let run =
            run.assert(&ends(3).stderr_has(["`consumer_secret` must be a reference", file, "`api_key` must be", file]));
        assert!(!run.stderr.contains("c4nary"), "{run}");
        let run = world.choreo_env(["token", "dev"]).env("CHOREO_ENV_TRUSTED_PATHS", world.work()).run();
        let run = run.assert(&ends(3).stderr_has(["`api_key` must be a reference", file]));
        assert!(!run.stderr.contains("c4nary"), "{run}");
        fs::remove_file(world.path("work").join(file)).unwrap();
    }
}

#[test]
fn ci_names_what_it_trusts_and_has_no_other_exemption() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let world = World::new();
    let file = world.write("work/.choreo-env.toml", team("dev", &server.url("/token")));
    let token = |paths: &str| {
        let command = world.choreo_env(["token", "dev"]).env("TEAM_SECRET", "x").env("CI", "true");
        command.env("GITHUB_ACTIONS", "true").env("CHOREO_ENV_TRUSTED_PATHS", paths).run()
    };
    let (file, work, root) = (file.display().to_string(), world.work().display().to_string(), world.path(""));
    for exact in [file.clone(), work.clone(), format!("/nowhere:{work}/")] {
        token(&exact).assert(&fine().stdout("t0ken\n"));
    }
    for other in ["", "/", &root.display().to_string(), &format!("{work}/.git")] {
        token(other).assert(&ends(4).stderr_has(["is not trusted"]));
    }
    token(".").assert(&ends(4).stderr_has(["CHOREO_ENV_TRUSTED_PATHS: `.` is ignored: it is no full path", "error: "]));
    assert!(!world.path("home/.local/share/choreo-env").exists(), "nothing is recorded");
}

#[test]
fn the_search_ends_at_the_root_of_the_repository() {
    let (world, _server) = world();
    fs::create_dir(world.path("work/.git")).unwrap();
    world.write(".choreo-env.toml", "");
    world.write("Cargo.toml", "[workspace.metadata.choreo-env]\n");
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
    fs::remove_dir(world.path("work/.git")).unwrap();
    let wanted = fine().stdout("t0ken\n").stderr_has(["[ROOT]/Cargo.toml", "[ROOT]/.choreo-env.toml"]);
    world.choreo_env(["token", "dev"]).run().assert(&wanted);
}

#[test]
fn a_crate_that_merely_has_the_name_is_left_alone() {
    let (world, _server) = world();
    world.write("work/Cargo.toml", "[dependencies]\nchoreo-env = \"1\"\n[package.metadata.docs.rs]\nall = true\n");
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
}

#[test]
fn a_file_that_others_may_write_does_not_count() {
    let (world, _server) = world();
    let file = world.write("work/.choreo-env.toml", "");
    trusted(&world);
    set_mode(&file, 0o646);
    let refused = format!("`{PROJECT}` is ignored: others may write `{PROJECT}` (mode 0646)");
    let hint = format!("hint: run `chmod go-w {PROJECT}`");
    let token = |folder: &str| world.choreo_env(["token", "dev"]).env("CHOREO_ENV_TRUSTED_PATHS", folder).run();
    token("").assert(&fine().stdout("t0ken\n").stderr_has([&refused, &hint]));
    token(world.work().to_str().unwrap()).assert(&fine().stdout("t0ken\n").stderr_has([&refused, &hint]));
    trust(&world, &[]).assert(&ends(4).stderr_has([&refused, &hint]));
}

#[test]
fn a_file_in_a_folder_that_others_may_write_does_not_count() {
    let (world, _server) = world();
    world.write("work/.choreo-env.toml", "");
    trusted(&world);
    for folder in ["work", ""] {
        let place = format!("[ROOT]/{folder}");
        let place = place.trim_end_matches('/');
        set_mode(&world.path(folder), 0o757);
        let refused = format!("`{PROJECT}` is ignored: others may write `{place}` (mode 0757)");
        let run = world.choreo_env(["token", "dev"]).run();
        run.assert(&fine().stdout("t0ken\n").stderr_has([&refused, &format!("hint: run `chmod go-w {place}`")]));
        trust(&world, &[]).assert(&ends(4).stderr_has([&refused]));
        set_mode(&world.path(folder), 0o1777);
        world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
        set_mode(&world.path(folder), 0o700);
    }
}

#[test]
fn a_file_of_another_user_does_not_count() {
    let (world, _server) = world();
    let file = world.write("work/.choreo-env.toml", "");
    trusted(&world);
    if chown(&file, Some(4711), None).is_err() {
        return crate::support::tools::skip("root", "run the test as root, who can give files away");
    }
    let refused = format!("`{PROJECT}` is ignored: `{PROJECT}` belongs to another user (4711)");
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n").stderr_has([&refused]));
    trust(&world, &[]).assert(&ends(4).stderr_has([&refused]));
}

#[test]
fn a_symlinked_file_is_trusted_as_what_it_leads_to() {
    let (world, _server) = world();
    fs::create_dir(world.path("team")).unwrap();
    set_mode(&world.path("team"), 0o755);
    let target = world.write("team/choreo.toml", "profiles.x.audience = \"a\"\n");
    symlink(&target, world.path("work/.choreo-env.toml")).unwrap();
    let run = trust(&world, &[]);
    run.assert(&fine().stdout_has(["trusted: [ROOT]/team/choreo.toml\n"]));
    world.choreo_env(["list"]).run().assert(&fine().stdout_has(["x "]));
    // Another file in its place, with the very same content.
    let other = world.write("team/other.toml", "profiles.x.audience = \"a\"\n");
    fs::remove_file(world.path("work/.choreo-env.toml")).unwrap();
    symlink(&other, world.path("work/.choreo-env.toml")).unwrap();
    let wanted = fine().stdout_has(["dev"]).stderr_has([PROJECT, "is not trusted"]);
    world.choreo_env(["list"]).run().assert(&wanted);
    // The folder of the target counts, too.
    trusted(&world);
    set_mode(&world.path("team"), 0o777);
    let wanted = fine().stdout_has(["dev"]).stderr_has([PROJECT, "others may write `[ROOT]/team`"]);
    world.choreo_env(["list"]).run().assert(&wanted);
}

#[test]
fn a_link_to_a_trusted_file_gives_its_paths_no_other_meaning() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let world = World::new();
    fs::create_dir(world.path("team")).unwrap();
    set_mode(&world.path("team"), 0o755);
    let script = "#!/bin/sh\necho good\n";
    set_mode(&world.write("team/secret.sh", script), 0o700);
    let secret = "{ command = [\"./secret.sh\"] }";
    let file = world.write("team/.choreo-env.toml", profile_with("dev", &server.url("/token"), secret, ""));
    trust(&world, &[file.to_str().unwrap()]).assert(&fine().stdout_has(["runs \"[ROOT]/team/./secret.sh\""]));
    // A hostile checkout with a link to the trusted file, and a program of the same name.
    set_mode(&world.write("work/secret.sh", "#!/bin/sh\ntouch hostile\necho bad\n"), 0o700);
    symlink(&file, world.path("work/.choreo-env.toml")).unwrap();
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
    assert!(!world.path("work/hostile").exists());
}

#[test]
fn a_link_that_leads_nowhere_and_a_pipe_are_told_and_hold_nobody_up() {
    let (world, _server) = world();
    symlink("nowhere", world.path("work/.choreo-env.toml")).unwrap();
    let wanted = fine().stdout("t0ken\n").stderr_has([&format!("warning: `{PROJECT}` is ignored: ")]);
    world.choreo_env(["token", "dev"]).run().assert(&wanted);
    fs::remove_file(world.path("work/.choreo-env.toml")).unwrap();
    world.command("mkfifo").args([".choreo-env.toml"]).run().assert(&fine());
    world.choreo_env(["token", "dev"]).run().assert(&wanted);
}

#[test]
fn a_file_that_is_swapped_after_it_was_trusted_is_ignored_by_name() {
    let (world, server) = world();
    let evil = OddServer::always(Answer::token("stolen", 900));
    let file = world.write("work/.choreo-env.toml", "[profiles.dev]\nscopes = [\"a\"]\n");
    trusted(&world);
    let hostile = world.write("work/hostile", format!("[profiles.dev]\ntoken_url = {}\n", quoted(&evil.url("/token"))));
    fs::rename(hostile, file).unwrap();
    let wanted = fine().stdout("t0ken\n").stderr_has([&format!("`{PROJECT}` is ignored: it has changed")]);
    world.choreo_env(["token", "dev"]).run().assert(&wanted);
    assert_eq!((server.count(), evil.count()), (1, 0));
}

#[test]
fn a_file_that_is_swapped_all_the_time_counts_as_it_was_trusted_or_not_at_all() {
    let good = OddServer::always(Answer::token("good", 900));
    let evil = OddServer::always(Answer::token("evil", 900));
    let world = World::new();
    world.write("work/.choreo-env.toml", team("dev", &good.url("/token")));
    trusted(&world);
    let over = AtomicBool::new(false);
    let mut ends_seen = [0, 0];
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                for server in [&evil, &good] {
                    let aside = world.write("work/aside", team("dev", &server.url("/token")));
                    fs::rename(aside, world.path("work/.choreo-env.toml")).unwrap();
                }
            }
        });
        for _ in 0..100 {
            let run = world.choreo_env(["token", "dev", "--fresh", "-q"]).env("TEAM_SECRET", "x").run();
            match (run.status, run.stdout.as_str()) {
                (Some(0), "good\n") => ends_seen[0] += 1,
                (Some(4), "") => ends_seen[1] += 1,
                _ => {
                    over.store(true, Ordering::Relaxed);
                    panic!("{run}");
                }
            }
        }
        over.store(true, Ordering::Relaxed);
    });
    assert_eq!(evil.count(), 0, "{ends_seen:?}");
    println!("trusted and not: {ends_seen:?}");
}

/// What a hostile checkout says about the user's profile `dev`, by the key that does the harm.
fn attacks(evil: &str) -> Vec<(&'static str, String)> {
    let evil = quoted(evil);
    vec![
        ("token_url", format!("[profiles.dev]\ntoken_url = {evil}\n")),
        ("proxy", format!("[profiles.dev]\nproxy = {evil}\n")),
        ("proxy", format!("[defaults]\nproxy = {evil}\n")),
        ("ca_file", "[profiles.dev]\nca_file = \"ca.pem\"\n".into()),
        ("insecure", "[profiles.dev]\ninsecure = true\n".into()),
        ("token_url", format!("default_profile = \"x\"\n[profiles.x]\nextends = \"dev\"\ntoken_url = {evil}\n")),
    ]
}

/// The same in a manifest.
fn in_manifest(table: &str, text: &str) -> String {
    let inside =
        text.replace("[profiles", &format!("[{table}.profiles")).replace("[defaults", &format!("[{table}.defaults"));
    if text.starts_with('[') { inside } else { format!("[{table}]\n{inside}") }
}

#[test]
fn a_hostile_checkout_that_nobody_trusts_reaches_nothing() {
    let evil = OddServer::always(Answer::token("stolen", 900));
    let command = "[profiles.dev]\nconsumer_secret = { command = [\"touch\", \"was-run\"] }\n".to_owned();
    for (_, text) in attacks(&evil.url("/token")).into_iter().chain([("consumer_secret", command)]) {
        for file in [".choreo-env.toml", "Cargo.toml"] {
            let (world, server) = world();
            let text =
                if file == "Cargo.toml" { in_manifest("package.metadata.choreo-env", &text) } else { text.clone() };
            world.write(&format!("work/{file}"), text);
            let ignored = format!("`[ROOT]/work/{file}` is ignored: it is not trusted");
            let run = world.choreo_env(["token", "dev"]).run();
            run.assert(&fine().stdout("t0ken\n").stderr_has([&ignored, "hint: "]));
            assert_eq!((server.count(), evil.count()), (1, 0));
            assert!(!world.path("work/was-run").exists());
        }
    }
}

#[test]
fn a_checkout_that_is_trusted_by_mistake_still_cannot_redirect_a_secret_of_the_users_own() {
    let evil = OddServer::always(Answer::token("stolen", 900));
    for (key, text) in attacks(&evil.url("/token")) {
        for (file, table) in [
            (".choreo-env.toml", None),
            ("Cargo.toml", Some("package.metadata.choreo-env")),
            ("Cargo.toml", Some("workspace.metadata.choreo-env")),
        ] {
            let (world, server) = world();
            let text = table.map_or(text.clone(), |table| in_manifest(table, &text));
            world.write(&format!("work/{file}"), &text);
            trust(&world, &[]).assert(&fine().stdout_has([&format!("{key} = "), "trusted: "]));
            let name = if text.contains("extends") { "x" } else { "dev" };
            let message = format!("error: profile `{name}`: `{key}` is set by the checkout ([ROOT]/work/{file}:");
            let own = "and `consumer_secret` is your own ([ROOT]/config/choreo-env/config.toml:4)";
            for arguments in [["token", name, "-q"], ["curl", name, "--quiet"]] {
                let run = world.choreo_env(arguments).run();
                run.assert(&ends(4).stderr_has([&message, own, "hint: a checkout must not decide"]));
            }
            assert_eq!((server.count(), evil.count()), (0, 0), "{text}");
        }
    }
}

#[test]
fn a_checkout_cannot_have_a_secret_sent_that_the_users_own_profile_only_signs_with() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let url = server.url("/token");
    let own = profile("dev", &url, "client_auth = \"client_secret_jwt\"");
    // Without a reference, the secret is in the keyring, which is the user's, too.
    let in_keyring = own.lines().filter(|line| !line.starts_with("consumer_secret")).collect::<Vec<_>>().join("\n");
    for own in [own.clone(), in_keyring] {
        let world = World::with(own);
        for method in ["client_secret_basic", "client_secret_post"] {
            world.write("work/.choreo-env.toml", format!("[profiles.dev]\nclient_auth = \"{method}\"\n"));
            trusted(&world);
            let message = format!("error: profile `dev`: `client_auth` is set by the checkout ({PROJECT}:2)");
            let run = world.choreo_env(["token", "dev"]).run();
            run.assert(&ends(4).stderr_has([&message, "`client_auth` is your own", "hint: "]));
        }
    }
    assert_eq!(server.count(), 0);
    // What sends no more than before is the checkout's to say; so is how a secret of its own is sent.
    let world = World::with(own);
    world.write("work/.choreo-env.toml", "[profiles.dev]\nkey_id = \"k\"\nsigning_algorithm = \"HS512\"\n");
    trusted(&world);
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
    let text = "[profiles.dev]\nclient_auth = \"client_secret_post\"\nconsumer_secret = { env = \"TEAM_SECRET\" }\n";
    world.write("work/.choreo-env.toml", text);
    trusted(&world);
    let run = world.choreo_env(["token", "dev", "--fresh", "-q"]).env("TEAM_SECRET", "x").run();
    run.assert(&fine().stdout("t0ken\n"));
    assert!(server.requests()[1].body.contains("client_secret=x"));
}

#[test]
fn a_checkout_cannot_turn_a_key_or_a_certificate_of_the_users_own_to_another_use() {
    let evil = OddServer::always(Answer::token("stolen", 900));
    let url = quoted(&evil.url("/token"));
    let key = "client_auth = \"private_key_jwt\"\nprivate_key = { file = \"/own.pem\" }";
    let certificate = "client_auth = \"tls_client_auth\"\nclient_certificate = \"/own.p12\"";
    for (own, kept, attack, changed) in [
        (key, "private_key", "assertion_audience = \"https://other.example\"".to_owned(), "assertion_audience"),
        (key, "private_key", format!("token_url = {url}"), "token_url"),
        (key, "private_key", "client_certificate = \"x.pem\"".to_owned(), "client_certificate"),
        (certificate, "client_certificate", format!("token_url = {url}"), "token_url"),
        (certificate, "client_certificate", "insecure = true".to_owned(), "insecure"),
    ] {
        let own = format!("[profiles.dev]\ntoken_url = \"https://127.0.0.1:1/token\"\nconsumer_key = \"k\"\n{own}\n");
        let world = World::with(own);
        world.write("work/.choreo-env.toml", format!("[profiles.dev]\n{attack}\n"));
        trust(&world, &[]).assert(&fine().stdout_has([&format!("{changed} = "), "trusted: "]));
        let message = format!("error: profile `dev`: `{changed}` is set by the checkout ({PROJECT}:2)");
        let own = format!("and `{kept}` is your own");
        world.choreo_env(["token", "dev"]).run().assert(&ends(4).stderr_has([&message, &own, "hint: "]));
    }
    assert_eq!(evil.count(), 0);
}

#[test]
fn a_secret_in_the_users_defaults_is_not_for_the_profiles_of_a_checkout() {
    let evil = OddServer::always(Answer::token("stolen", 900));
    let world = World::with("[defaults]\nconsumer_secret = \"s\"\napi_key = { env = \"KEY\" }\n");
    let text = format!("[profiles.x]\nconsumer_key = \"k\"\ntoken_url = {}\n", quoted(&evil.url("/token")));
    world.write("work/.choreo-env.toml", text);
    trusted(&world);
    let run = world.choreo_env(["token", "x"]).run();
    run.assert(&ends(4).stderr_has(["`token_url` is set by the checkout", "config.toml:2)"]));
    world.write("work/.choreo-env.toml", "[profiles.x]\nconsumer_key = \"k\"\napi_url = \"https://evil.example\"\n");
    trusted(&world);
    let run = world.choreo_env(["curl", "x", "/"]).run();
    run.assert(&ends(4).stderr_has(["`api_url` is set by the checkout", "`api_key` is your own", "config.toml:3)"]));
    assert_eq!(evil.count(), 0);
}

#[test]
fn a_checkout_does_not_put_one_of_the_users_profiles_in_place_of_another() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let url = server.url("/token");
    let own = profile("prod", &url, "")
        + &profile("test", &url, "")
        + "[profiles.dev]\nextends = \"test\"\n[profiles.bare]\n";
    let world = World::with(own);
    for name in ["dev", "bare"] {
        world.write("work/.choreo-env.toml", format!("[profiles.{name}]\nextends = \"prod\"\n"));
        trust(&world, &[]).assert(&fine().stdout_has(["extends = prod"]));
        let message = format!("error: profile `{name}`: `extends` is set by the checkout ({PROJECT}:2)");
        let run = world.choreo_env(["token", name]).run();
        match name {
            "dev" => _ = run.assert(&ends(4).stderr_has([&message, "`extends` is your own", "hint: "])),
            // There is nothing of the user's own in it.
            _ => _ = run.assert(&fine().stdout("t0ken\n")),
        }
    }
    world.write_config(&(profile("prod", &url, "") + "[profiles.bare]\naudience = \"test\"\n"));
    let run = world.choreo_env(["token", "bare"]).run();
    run.assert(&ends(4).stderr_has(["`extends` is set by the checkout", "`extends` is your own"]));
}

#[test]
fn a_checkout_cannot_take_the_guard_from_a_protected_profile() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let world = World::with(profile("prod", &server.url("/token"), "protected = true"));
    for (name, text) in [
        ("prod", "[profiles.prod]\nprotected = false\n"),
        ("x", "[profiles.x]\nextends = \"prod\"\nprotected = false\n"),
    ] {
        world.write("work/.choreo-env.toml", text);
        trust(&world, &[]).assert(&fine().stdout_has(["protected = false"]));
        let message = format!("error: profile `{name}`: `protected` is set by the checkout ({PROJECT}:");
        world.choreo_env(["token", name]).run().assert(&ends(4).stderr_has([&message, "hint: "]));
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn a_team_describes_its_environments_and_the_user_keeps_the_secret() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let url = server.url("/token");
    // The user's own file has endpoint and secret; the checkout may repeat the one, and add what is harmless.
    let world = World::with(profile("dev", &url, ""));
    let text = format!("[profiles.dev]\ntoken_url = {}\nscopes = [\"read\"]\nprotected = false\n", quoted(&url));
    world.write("work/.choreo-env.toml", text);
    trusted(&world);
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
    // The checkout has all of it but the secret, which comes from the environment or from where the checkout says.
    let world = World::new();
    let text = format!("[profiles.dev]\ntoken_url = {}\nconsumer_key = \"k\"\n", quoted(&url));
    world.write("work/.choreo-env.toml", text);
    trusted(&world);
    let run = world.choreo_env(["token", "dev"]).env("CHOREO_ENV_CONSUMER_SECRET", "x").run();
    run.assert(&fine().stdout("t0ken\n"));
    world.write("work/.choreo-env.toml", team("dev", &url));
    trusted(&world);
    let run = world.choreo_env(["token", "dev"]).env("TEAM_SECRET", "x").run();
    run.assert(&fine().stdout("t0ken\n"));
}

#[test]
fn trusting_shows_every_value_that_decides_something_whole() {
    let (world, _server) = world();
    world.write(
        "work/.choreo-env.toml",
        "default_profile = \"x\"\n[defaults]\ninsecure = true\n[profiles.x]\nextends = \"dev\"\nscopes = \"quiet\"\n\
         consumer_secret = { command = [\"sh\", \"-c\", \"echo $(id) \\u202E\"] }\nvars = { LD_PRELOAD = \"./x.so\" }\n",
    );
    let run = trust(&world, &[]);
    let run = run.assert(&fine().stdout_has([
        &format!("default_profile = x   ({PROJECT}:1)"),
        &format!("defaults: insecure = true   ({PROJECT}:3)"),
        &format!("profile `x`: extends = dev   ({PROJECT}:5)"),
        "profile `x`: consumer_secret = runs \"sh\" \"-c\" \"echo $(id) ",
        &format!("profile `x`: vars.LD_PRELOAD = ./x.so   ({PROJECT}:8)"),
    ]));
    assert!(!run.stdout.contains("quiet") && !run.stdout.contains('\u{202E}'), "{run}");
}

#[test]
fn a_damaged_list_trusts_nothing_and_is_not_overwritten() {
    let (world, _server) = world();
    world.write("work/.choreo-env.toml", "");
    trusted(&world);
    let list = world.path("home/.local/share/choreo-env/trusted.json");
    for damage in ["", "{", "{\"version\":2,\"files\":[]}", "\u{0}"] {
        fs::write(&list, damage).unwrap();
        let wanted = "the list of trusted files cannot be used: `[ROOT]/home/.local/share/choreo-env/trusted.json`";
        let run = world.choreo_env(["token", "dev"]).run();
        run.assert(&fine().stdout("t0ken\n").stderr_has(["warning: ", wanted, "hint: ", "rm ", "is not trusted"]));
        for arguments in [&[][..], &["--list"], &["--revoke"]] {
            let run = trust(&world, arguments);
            assert_eq!(run.status, Some(3), "{run}");
            assert!(told(&world, &run).contains(wanted), "{run}");
        }
        assert_eq!(fs::read_to_string(&list).unwrap(), damage);
    }
    fs::write(&list, "{\"version\":1,\"files\":[]}").unwrap();
    set_mode(&list, 0o644);
    let run = trust(&world, &[]);
    run.assert(&ends(3).stdout_has(["decides nothing"]).stderr_has(["others may read it"]));
}

#[test]
fn the_list_is_private_and_survives_many_who_trust_at_once() {
    let world = World::new();
    let folders: Vec<_> = (0..20).map(|number| format!("work/{number}")).collect();
    let processes: Vec<_> = folders
        .iter()
        .map(|folder| {
            fs::create_dir(world.path(folder)).unwrap();
            set_mode(&world.path(folder), 0o700);
            world.write(&format!("{folder}/.choreo-env.toml"), "");
            let mut process = world.process(crate::support::command::program());
            process.arg("trust").current_dir(world.path(folder)).stdout(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    let run = trust(&world, &["--list"]);
    assert_eq!(run.stdout.matches("trusted  ").count(), folders.len(), "{run}");
    let folder = world.path("home/.local/share/choreo-env");
    assert_eq!(crate::support::world::mode(&folder), 0o700);
    assert_eq!(crate::support::world::mode(&folder.join("trusted.json")), 0o600);
}

#[test]
fn list_marks_what_a_trusted_checkout_decides_and_shows_nothing_of_another() {
    let (world, server) = world();
    let project = |lines: &str| fs::write(world.work().join(".choreo-env.toml"), lines).unwrap();
    let marks = || {
        let run = world.choreo_env(["list", "--quiet"]).run();
        assert!(run.status == Some(0) && run.stderr.is_empty(), "{run}");
        let mark = |line: &str| {
            let name = line.split_whitespace().next().unwrap_or_default().to_owned();
            format!("{name}{}", line.rsplit_once(" cached").map(|(_, mark)| mark).unwrap_or_default())
        };
        run.stdout.lines().map(mark).collect::<Vec<_>>()
    };
    project(&team("team", &server.url("/token")));
    assert_eq!(marks(), ["dev"], "nothing of it is read");
    trusted(&world);
    assert_eq!(marks(), ["dev", "team  (from a trusted checkout)"]);
    let run = world.choreo_env(["list", "--json"]).run();
    let said: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(said[0]["from_checkout"], serde_json::json!([]), "{run}");
    assert_eq!(said[1]["from_checkout"], said[1]["defined_in"], "{run}");
    project("[profiles.dev]\nscopes = [\"x\"]\n");
    trusted(&world);
    assert_eq!(marks(), ["dev  (changed by a trusted checkout)"]);
    project("[defaults]\nscopes = [\"x\"]\n");
    trusted(&world);
    assert_eq!(marks(), ["dev  (changed by a trusted checkout)"]);
}
