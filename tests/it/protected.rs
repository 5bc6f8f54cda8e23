//! Protected profiles: somebody has to agree before a token leaves the program.

use crate::support::command::{Command, ends, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::profile;
use crate::support::tools;
use crate::support::world::World;

fn world() -> (World, OddServer) {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let url = server.url("/token");
    let own = profile("prod", &url, "protected = true\napi_url = \"https://api.example\"");
    (World::with(own + "[profiles.copy]\nextends = \"prod\"\n"), server)
}

/// The program without a terminal: that of whoever runs the tests is none of its own.
fn alone(world: &World, arguments: &[&str]) -> Option<Command> {
    Some(world.command(tools::find("setsid")?).args(["-w", "choreo-env"]).args(arguments))
}

/// Everything that shows a credential or hands one on.
const WAYS: [&[&str]; 7] = [
    &["prod", "--format", "json"],
    &["env", "copy", "--format", "dotenv"],
    &["token", "prod"],
    &["token", "copy", "--json"],
    &["curl", "prod"],
    &["curl", "prod", "/pets"],
    &["exec", "prod", "--", "printenv", "CHOREO_ACCESS_TOKEN"],
];

#[test]
fn without_a_terminal_a_protected_profile_is_refused_and_nobody_is_asked() {
    let (world, server) = world();
    for arguments in WAYS {
        let name = if arguments.contains(&"copy") { "copy" } else { "prod" };
        let Some(command) = alone(&world, arguments) else { return };
        let run = command.stdin("y\ny\n").run();
        let message = format!("error: profile `{name}` is protected, and there is no terminal to ask on\n");
        let hint = format!("hint: allow it with `--yes`, or with CHOREO_ENV_ALLOW={name} in the environment\n");
        run.assert(&ends(4).stderr_has([&(message + &hint)]));
    }
    let Some(command) = alone(&world, &["prod", "--shell", "sh"]) else { return };
    let run = command.run();
    run.assert(&ends(4).stdout_has(["unset ", "false;"]).stderr_has(["error: "]));
    assert_eq!(server.count(), 0);
}

#[test]
fn a_flag_or_a_variable_allows_it() {
    let (world, _server) = world();
    for arguments in WAYS {
        // Before the `--` of `exec`.
        let run = world.choreo_env(["--yes"]).args(arguments).run();
        assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{run}");
    }
    let token = |allowed| Some(alone(&world, &["token", "prod"])?.env("CHOREO_ENV_ALLOW", allowed).run());
    for allowed in ["prod", "dev,prod", " prod , x"] {
        let Some(run) = token(allowed) else { return };
        run.assert(&fine().stdout("t0ken\n"));
    }
    for other in ["", "copy", "pro", "*", "all"] {
        let Some(run) = token(other) else { return };
        run.assert(&ends(4).stderr_has(["is protected"]));
    }
}

#[test]
fn what_shows_no_credential_asks_nobody() {
    let (world, server) = world();
    let run = world.choreo_env(["list"]).run();
    run.assert(&fine().stdout_has(["copy", "(protected)\n", "prod", "(protected)\n"]));
    world.choreo_env(["list", "--json"]).run().assert(&fine().stdout_has(["\"protected\": true"]));
    world.choreo_env(["show", "prod"]).run().assert(&fine().stdout_has(["protected", "true"]));
    world.choreo_env(["forget", "prod"]).run().assert(&fine());
    for kind in ["env", "helper", "placeholder"] {
        let run = world.choreo_env(["curl", "prod", "/pets", "--credentials", kind]).run();
        run.assert(&fine().stdout_has(["curl"]));
    }
    assert_eq!(server.count(), 0);
}

/// A command line on a terminal of its own, where those keys are typed.
fn on_a_terminal(world: &World, line: &str, keys: &str) -> Option<Command> {
    let script = tools::find("script")?;
    // The keys come when the question is there: what was typed before is no answer.
    let typing = format!(
        "mkfifo keys screen; {script} -qefc {line} /dev/null < keys > screen & exec 3> keys 4< screen; \
         asked=; while IFS= read -r -n 1 -u 4 c; do printf %s \"$c\"; asked=$asked$c; \
         case $asked in *'[y/N]') printf {keys} >&3; asked=;; esac; done; wait $!",
        script = script.display(),
        line = shell(line),
        keys = shell(keys),
    );
    Some(world.command("bash").args(["-c", &typing]))
}

fn shell(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[test]
fn on_a_terminal_a_person_is_asked_once_and_stdin_is_left_alone() {
    for (keys, agreed) in
        [("y\\r", true), ("yes\\r", true), ("n\\r", false), ("\\r", false), ("\\003", false), ("yy\\r", false)]
    {
        let (world, server) = world();
        let line = "echo y | choreo-env curl prod /pets; echo \"status $?\"";
        let Some(command) = on_a_terminal(&world, line, keys) else { return };
        let run = command.run();
        let questions = run.stdout.matches("profile `prod` is protected. Hand out its credentials? [y/N]").count();
        assert_eq!(questions, 1, "{keys}\n{run}");
        assert_eq!(run.stdout.contains("status 0"), agreed, "{keys}\n{run}");
        assert_eq!(run.stdout.contains("status 4"), !agreed, "{keys}\n{run}");
        assert_eq!(run.stdout.contains("is protected: you said no"), !agreed, "{keys}\n{run}");
        assert_eq!(server.count(), usize::from(agreed), "{keys}\n{run}");
    }
}

#[test]
fn a_no_makes_eval_fail() {
    let (world, _server) = world();
    let line = "eval \"$(choreo-env prod)\" && echo was deployed; echo \"token ${CHOREO_ACCESS_TOKEN-none}\"";
    for keys in ["n\\r", "\\003"] {
        let Some(command) = on_a_terminal(&world, line, keys) else { return };
        let run = command.env("CHOREO_ACCESS_TOKEN", "old").run();
        assert!(run.stdout.contains("token none") && !run.stdout.contains("was deployed"), "{keys}\n{run}");
        world.command("rm").args(["keys", "screen"]).run().assert(&fine());
    }
}

#[test]
fn trusting_a_file_that_decides_something_asks_on_a_terminal() {
    let (world, _server) = world();
    world.write("work/.choreo-env.toml", "[profiles.x]\nextends = \"prod\"\n");
    let Some(command) = on_a_terminal(&world, "choreo-env trust", "n\\r") else { return };
    let run = command.run();
    assert!(run.stdout.contains("extends = prod") && run.stdout.contains("Trust it? [y/N]"), "{run}");
    assert!(run.stdout.contains("nothing is trusted: you said no"), "{run}");
    world.choreo_env(["trust", "--list"]).run().assert(&fine().stderr_has([""]));
}
