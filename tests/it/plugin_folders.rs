//! The shell plugin's switch by folder, in bash and zsh: from trusted files only, and out again on the way out.

use std::fs;
use std::os::unix::fs::symlink;

use crate::plugin_posix::{init, open};
use crate::support::command::fine;
use crate::support::server::{Answer, OddServer};
use crate::support::terminal::Terminal;
use crate::support::toml::{profile, profile_with};
use crate::support::world::World;

const SHELLS: [&str; 2] = ["bash", "zsh"];

/// A world with the profiles `dev`, `prod` (protected), `typed` (whose secret has to be typed in) and `other`, and
/// below `home` the projects `a` (wants `dev`), `b` (wants `other`), `c` (wants `prod`), `d` (wants `typed`) and `e`
/// (wants nothing).
fn world() -> (World, OddServer) {
    let server = OddServer::start(|request, _| {
        let key = request.header("authorization").unwrap_or_default().to_owned();
        Answer::token(&format!("t{}", key.len()), 900)
    });
    let url = server.url("/token");
    let named = |name: &str, lines: &str| profile(name, &url, lines).replace("consumer-key", &format!("key-of-{name}"));
    let typed = profile_with("typed", &url, "{ prompt = true }", "").replace("consumer-key", "typed-key");
    let all = [named("dev", ""), named("other", ""), named("prod", "protected = true"), typed].concat();
    let world = World::with(all);
    for (folder, wanted) in [("a", "dev"), ("b", "other"), ("c", "prod"), ("d", "typed"), ("e", "")] {
        fs::create_dir_all(world.path(&format!("home/{folder}/sub/.git"))).unwrap();
        fs::create_dir_all(world.path(&format!("home/{folder}/deep/er"))).unwrap();
        let text = if wanted.is_empty() { String::new() } else { format!("default_profile = \"{wanted}\"\n") };
        let file = world.write(&format!("home/{folder}/.choreo-env.toml"), text);
        if folder != "b" {
            world.choreo_env(["trust", "--yes"]).args([file]).run().assert(&fine().stdout_has(["trusted: "]));
        }
    }
    (world, server)
}

#[track_caller]
fn follow(world: &World, shell: &str) -> Option<Terminal> {
    open(world, shell, &init(shell).replace(")\"", " --dir-switch)\""))
}

/// Goes to a folder below home; gives the profile that this leads to, and what came on the screen.
#[track_caller]
fn go(world: &World, terminal: &mut Terminal, folder: &str) -> (String, String) {
    let screen = terminal.types(&format!("cd '{}'", world.path("home").join(folder).display()));
    let file = world.path("profile");
    terminal.types(&format!("printf %s \"${{CHOREO_ENV_PROFILE-none}}\" >| '{}'", file.display()));
    (fs::read_to_string(file).unwrap(), screen)
}

#[track_caller]
fn profile_in(world: &World, terminal: &mut Terminal, folder: &str) -> String {
    let (profile, screen) = go(world, terminal, folder);
    assert!(!screen.contains("error") && !screen.contains("warning"), "{folder}: {screen}");
    profile
}

#[test]
fn a_trusted_project_is_entered_with_its_folder_and_left_with_it() {
    for shell in SHELLS {
        let (world, server) = world();
        let Some(mut terminal) = follow(&world, shell) else { continue };
        let ways =
            [("", "none"), ("a", "dev"), ("a/deep/er", "dev"), ("a/sub", "none"), ("a/deep", "dev"), ("e", "none")];
        for (folder, wanted) in ways {
            assert_eq!(profile_in(&world, &mut terminal, folder), wanted, "{shell}: {folder}");
        }
        terminal.types("choreo-env use other");
        for (folder, wanted) in [("a", "dev"), ("e", "other"), ("a/deep", "dev"), ("", "other")] {
            assert_eq!(profile_in(&world, &mut terminal, folder), wanted, "{shell}: {folder}");
        }
        assert_eq!(server.count(), 2, "{shell}");
    }
}

#[test]
fn what_was_said_by_hand_inside_stays() {
    for shell in SHELLS {
        let (world, _server) = world();
        let Some(mut terminal) = follow(&world, shell) else { continue };
        assert_eq!(profile_in(&world, &mut terminal, "a"), "dev", "{shell}");
        terminal.types("choreo-env use other");
        assert_eq!(profile_in(&world, &mut terminal, "a/deep"), "other", "{shell}");
        assert_eq!(profile_in(&world, &mut terminal, ""), "other", "{shell}");
        assert_eq!(profile_in(&world, &mut terminal, "a"), "dev", "{shell}");
        terminal.types("choreo-env off");
        assert_eq!(profile_in(&world, &mut terminal, "a/deep"), "none", "{shell}");
        assert_eq!(profile_in(&world, &mut terminal, ""), "none", "{shell}");
    }
}

#[test]
fn what_nobody_has_agreed_to_is_told_once_and_not_entered() {
    for shell in SHELLS {
        let (world, server) = world();
        let Some(mut terminal) = follow(&world, shell) else { continue };
        for (folder, message) in [
            ("b", "`[ROOT]/home/b/.choreo-env.toml` is ignored: it is not trusted"),
            ("c", "profile `prod` of this folder is protected, and is not entered by itself"),
            (
                "d",
                "profile `typed` of this folder needs a secret that has to be typed in, and is not entered by itself",
            ),
        ] {
            let (profile, screen) = go(&world, &mut terminal, folder);
            assert_eq!(profile, "none", "{shell}: {folder}");
            let screen = screen.replace(&world.path("").display().to_string(), "[ROOT]/");
            assert_eq!(screen.matches(message).count(), 1, "{shell}: {screen}");
            assert_eq!(profile_in(&world, &mut terminal, &format!("{folder}/deep")), "none", "{shell}: told once");
        }
        assert_eq!(server.count(), 0, "{shell}");
        assert_eq!(go(&world, &mut terminal, "b").0, "none");
        terminal.types("choreo-env trust --yes");
        assert_eq!(profile_in(&world, &mut terminal, "b"), "other", "{shell}: it is looked at again");
        terminal.types("CHOREO_ENV_ALLOW=prod; export CHOREO_ENV_ALLOW");
        assert_eq!(profile_in(&world, &mut terminal, "c"), "prod", "{shell}: somebody has agreed");
    }
}

#[test]
fn links_and_a_folder_that_is_gone_do_not_confuse() {
    for shell in SHELLS {
        let (world, _server) = world();
        symlink(world.path("home/a/deep"), world.path("home/link")).unwrap();
        let Some(mut terminal) = follow(&world, shell) else { continue };
        assert_eq!(profile_in(&world, &mut terminal, "link"), "dev", "{shell}: where it leads to counts");
        assert_eq!(profile_in(&world, &mut terminal, "a"), "dev", "{shell}");
        assert_eq!(profile_in(&world, &mut terminal, "link/er"), "dev", "{shell}");
        fs::remove_dir(world.path("home/a/deep/er")).unwrap();
        terminal.types("cd .");
        assert_eq!(profile_in(&world, &mut terminal, ""), "none", "{shell}");
    }
}

#[test]
fn a_project_that_fails_leaves_no_token_of_another_environment() {
    for shell in SHELLS {
        let (world, _server) = world();
        let refusing = OddServer::always(Answer::json(401, r#"{"error":"invalid_client"}"#));
        let Some(mut terminal) = follow(&world, shell) else { continue };
        terminal.types("choreo-env use other");
        let config = fs::read_to_string(world.config()).unwrap();
        let broken = profile("dev", &refusing.url("/token"), "");
        world.write_config(
            &(broken
                + config
                    .split_once("[profiles.other]")
                    .map(|(_, rest)| "[profiles.other]".to_owned() + rest)
                    .unwrap()
                    .as_str()),
        );
        let (profile, screen) = go(&world, &mut terminal, "a");
        assert_eq!(profile, "none", "{shell}");
        assert!(screen.contains("error: profile `dev`: no token"), "{shell}: {screen}");
        assert_eq!(profile_in(&world, &mut terminal, ""), "other", "{shell}: the state before comes back");
    }
}

#[test]
fn a_protected_profile_is_not_entered_again_on_the_way_out() {
    for shell in SHELLS {
        let (world, _server) = world();
        let Some(mut terminal) = follow(&world, shell) else { continue };
        terminal.types("choreo-env use prod --yes");
        assert_eq!(profile_in(&world, &mut terminal, "a"), "dev", "{shell}");
        let (profile, screen) = go(&world, &mut terminal, "");
        assert_eq!(profile, "none", "{shell}");
        assert!(screen.contains("hint: enter it by hand: `choreo-env use prod`"), "{shell}: {screen}");
    }
}
