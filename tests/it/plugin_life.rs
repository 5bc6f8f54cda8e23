//! The shell plugin in bash and zsh beside others: child shells, other people's hooks, questions, failures.

use std::fs;

use crate::plugin_posix::{Issuer, assert_silent, init, open, script, seen, world};
use crate::support::command::fine;
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{profile, profile_with, quoted};
use crate::support::tools;
use crate::support::world::World;

const SHELLS: [&str; 2] = ["bash", "zsh"];

#[test]
fn a_failing_use_removes_what_was_there_and_fails_with_the_programs_status() {
    for shell in SHELLS {
        let issuer = Issuer::new(900);
        let world = world(&issuer, "");
        let text = "choreo-env use prod\nchoreo-env use nope && echo no\n\
                    printf '%s\\n' \"$? ${CHOREO_ACCESS_TOKEN-removed} $CHOREO_ENV_PROFILE ${code%?}\"\n\
                    choreo-env use -\nprintf '%s\\n' \"$? $CHOREO_ENV_PROFILE $code\"\n\
                    choreo-env use one two\nprintf '%s\\n' \"$? $CHOREO_ENV_PROFILE\"\n\
                    (set -e; choreo-env use nope; echo no)\nprintf '%s\\n' \"$?\"";
        let Some(run) = script(&world, shell, text) else { continue };
        let out = "3 removed dev mine\n0 prod prod\n2 dev\n3\n"; // `dev` is what the user's own variable names
        run.assert(&fine().stdout(out).stderr_has([
            "error: no profile is called `nope`",
            "error: `two` is one word too many",
            "error: no profile is called `nope`",
        ]));
    }
}

#[test]
fn use_without_a_profile_before_and_help_change_nothing() {
    for shell in SHELLS {
        let issuer = Issuer::new(890);
        let world = world(&issuer, "");
        let text = "choreo-env use -\nprintf '%s\\n' \"$?\"\nchoreo-env use prod\n\
                    choreo-env use --help | grep -c Usage:\nchoreo-env off -h | grep -c Usage:\n\
                    choreo-env off now\nprintf '%s\\n' \"$? $CHOREO_ENV_PROFILE\"\n\
                    choreo-env status --short; choreo-env token dev";
        let Some(run) = script(&world, shell, text) else { continue };
        run.assert(&fine().stdout("2\n1\n1\n2 prod\nprod 14m\nt2\n").stderr_has([
            "error: this shell has had no other profile before\nhint: name one: `choreo-env use NAME`\n",
            "error: `now` is one word too many",
        ]));
    }
}

#[test]
fn a_child_shell_renews_what_it_inherited_and_off_removes_it_there() {
    for shell in SHELLS {
        let issuer = Issuer::new(900);
        let world = world(&issuer, "");
        let Some(mut terminal) = open(&world, shell, &init(shell)) else { continue };
        terminal.types("set -a; choreo-env use prod; set +a");
        terminal.types(if shell == "zsh" { "zsh -d -i" } else { "bash --rcfile ~/.bashrc -i" });
        terminal.types("export CHOREO_ENV_RENEW_AT=1");
        assert_ne!(seen(&world, &mut terminal, "CHOREO_ENV_RENEW_AT"), "1", "{shell}");
        terminal.types("choreo-env use dev");
        assert_eq!(seen(&world, &mut terminal, "PETSTORE_TOKEN"), "unset", "{shell}");
        terminal.types("choreo-env off");
        for name in ["CHOREO_ACCESS_TOKEN", "CHOREO_ENV_PROFILE", "CHOREO_ENV_RENEW_AT", "PETSTORE_TOKEN"] {
            assert_eq!(seen(&world, &mut terminal, name), "unset", "{shell}: {name}");
        }
        terminal.types("exit");
        assert_eq!(seen(&world, &mut terminal, "PETSTORE_TOKEN"), "t1", "{shell}: the parent keeps its own");
        terminal.types(if shell == "zsh" { "zsh -d -i" } else { "bash --rcfile ~/.bashrc -i" });
        terminal.types("choreo-env off");
        assert_eq!(seen(&world, &mut terminal, "PETSTORE_TOKEN"), "unset", "{shell}");
        assert_silent(&terminal.screen());
    }
}

#[test]
fn a_renewal_means_the_profile_as_it_was_entered() {
    for shell in SHELLS {
        let issuer = Issuer::new(900);
        let world = World::new();
        fs::create_dir_all(world.path("home/project/deep")).unwrap();
        let own = profile_with("team", &issuer.server.url("/token"), "{ file = \"secret\" }", "");
        let file = world.write("home/project/.choreo-env.toml", own);
        world.write("home/project/secret", "s3cret\n");
        world.choreo_env(["trust", "--yes"]).args([file]).run().assert(&fine().stdout_has(["trusted: "]));
        let Some(mut terminal) = open(&world, shell, &init(shell)) else { continue };
        terminal.types("cd ~/project/deep; choreo-env use team; cd /");
        world.command("rm").args(["-r"]).args([world.cache()]).run().assert(&fine());
        terminal.types("export CHOREO_ENV_RENEW_AT=1");
        assert_eq!(seen(&world, &mut terminal, "CHOREO_ACCESS_TOKEN"), "t2", "{shell}\n{}", terminal.screen());
        assert_silent(&terminal.screen());
    }
}

#[test]
fn zsh_does_not_run_a_command_with_a_token_that_is_over() {
    let issuer = Issuer::new(3);
    let world = world(&issuer, "min_ttl = \"1s\"");
    let Some(mut terminal) = open(&world, "zsh", &init("zsh")) else { return };
    terminal.types("choreo-env use dev");
    let expires_at =
        |terminal: &mut _| seen(&world, terminal, "CHOREO_ACCESS_TOKEN_EXPIRES_AT").parse::<u64>().unwrap();
    let end = expires_at(&mut terminal);
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    terminal.until("the end of the token", || now() > end);
    // The prompt is there already, and has been for long.
    assert!(expires_at(&mut terminal) >= now(), "{}", terminal.screen());
    assert_silent(&terminal.screen());
}

#[test]
fn questions_reach_the_person_and_their_answers_the_program() {
    for shell in SHELLS {
        let server = OddServer::always(Answer::token("t0ken", 900));
        let own = profile("prod", &server.url("/token"), "protected = true");
        let world = World::with(own + &profile_with("typed", &server.url("/token"), "{ prompt = true }", ""));
        let Some(mut terminal) = open(&world, shell, &init(shell)) else { continue };
        for (command, question, answer, wanted) in [
            ("choreo-env use prod", "Hand out its credentials? [y/N]", "y\r", "t0ken"),
            ("choreo-env use prod", "Hand out its credentials? [y/N]", "n\r", "unset"),
            ("choreo-env use prod", "Hand out its credentials? [y/N]", "\x03", "unset"),
            ("choreo-env forget --all; choreo-env use typed", "`consumer_secret`: ", "s3cret\r", "t0ken"),
            ("choreo-env forget --all; choreo-env use typed", "`consumer_secret`: ", "\x03", "unset"),
        ] {
            let before = terminal.screen().len();
            terminal.press(&format!("{command}\n"));
            terminal.until(question, || terminal.screen()[before..].contains(question));
            terminal.press(answer);
            terminal.types("");
            assert_eq!(seen(&world, &mut terminal, "CHOREO_ACCESS_TOKEN"), wanted, "{shell}: {command} {answer:?}");
        }
    }
}

#[test]
fn a_protected_profile_that_is_here_is_renewed_without_a_question() {
    for shell in SHELLS {
        let issuer = Issuer::new(900);
        let world = world(&issuer, "protected = true");
        let Some(mut terminal) = open(&world, shell, &init(shell)) else { continue };
        terminal.types("choreo-env use dev --yes");
        world.choreo_env(["forget", "dev"]).run().assert(&fine());
        terminal.types("export CHOREO_ENV_RENEW_AT=1");
        assert_eq!(seen(&world, &mut terminal, "CHOREO_ACCESS_TOKEN"), "t2", "{shell}\n{}", terminal.screen());
        assert!(!terminal.screen().contains("Hand out"), "{shell}");
    }
}

#[test]
fn direnv_and_the_plugin_leave_each_other_alone() {
    let Some(direnv) = tools::find("direnv") else { return };
    for shell in SHELLS {
        for direnv_first in [true, false] {
            let issuer = Issuer::new(900);
            let world = world(&issuer, "");
            fs::create_dir(world.path("home/project")).unwrap();
            world.write("home/project/.envrc", "export OF_DIRENV=1 CHOREO_API_URL=of-direnv\n");
            let allow = world.command(&direnv).args(["allow"]).args([world.path("home/project")]).run();
            assert_eq!(allow.status, Some(0), "{allow}");
            let hook = format!("eval \"$({} hook {shell})\"\n", direnv.display());
            let ours = init(shell);
            let lines = if direnv_first { hook + &ours } else { ours + &hook };
            let Some(mut terminal) = open(&world, shell, &lines) else { continue };
            terminal.types("choreo-env use dev; cd ~/project");
            assert_eq!(seen(&world, &mut terminal, "OF_DIRENV"), "1", "{shell}");
            terminal.types("choreo-env use prod");
            assert_eq!(seen(&world, &mut terminal, "CHOREO_API_URL"), "https://p.example", "{shell}");
            terminal.types("export CHOREO_ENV_RENEW_AT=1");
            assert_ne!(seen(&world, &mut terminal, "CHOREO_ENV_RENEW_AT"), "1", "{shell}");
            terminal.types("choreo-env off");
            assert_eq!(seen(&world, &mut terminal, "CHOREO_API_URL"), "of-direnv", "{shell}");
            terminal.types("cd /");
            assert_eq!(seen(&world, &mut terminal, "OF_DIRENV"), "unset", "{shell}");
            assert_silent(&terminal.screen().replace("direnv: error", ""));
        }
    }
}

/// The hooks as starship, mise and oh-my-zsh install them, and what they want to see.
const OTHERS: [(&str, &str); 5] = [
    // starship: replaces PROMPT_COMMAND by its own, and runs the one before from there.
    (
        "bash",
        "starship_precmd() { STARSHIP_CMD_STATUS=$? STARSHIP_PIPE_STATUS=(${PIPESTATUS[@]}); \
         eval \"${_PRESERVED_PROMPT_COMMAND-}\"; PS1=\"<$STARSHIP_CMD_STATUS:${CHOREO_ENV_PROFILE-}> \"; }\n\
         _PRESERVED_PROMPT_COMMAND=\"${PROMPT_COMMAND-}\"\nPROMPT_COMMAND=starship_precmd\n",
    ),
    // mise: before what is there.
    (
        "bash",
        "_mise_hook() { local previous_exit_status=$?; PS1=\"<$previous_exit_status:${CHOREO_ENV_PROFILE-}> \"; \
         return $previous_exit_status; }\n\
         if [[ \";${PROMPT_COMMAND:-};\" != *\";_mise_hook;\"* ]]; then \
         PROMPT_COMMAND=\"_mise_hook${PROMPT_COMMAND:+;$PROMPT_COMMAND}\"; fi\n",
    ),
    // bash-preexec: wraps what is there, and is installed at the first prompt.
    (
        "bash",
        "__bp_precmd() { local status=$?; PS1=\"<$status:${CHOREO_ENV_PROFILE-}> \"; return $status; }\n\
         PROMPT_COMMAND=\"${PROMPT_COMMAND:+$PROMPT_COMMAND$'\\n'}__bp_precmd\"\n",
    ),
    // starship in zsh.
    (
        "zsh",
        "autoload -Uz add-zsh-hook\nstarship_precmd() { STARSHIP_CMD_STATUS=$?; }\nadd-zsh-hook precmd starship_precmd\n\
         setopt promptsubst\nPROMPT='<${STARSHIP_CMD_STATUS-}:${CHOREO_ENV_PROFILE-}> '\n",
    ),
    // oh-my-zsh: vcs_info and a prompt of its own, options of its own.
    (
        "zsh",
        "setopt auto_cd multios prompt_subst extended_history hist_ignore_dups share_history auto_pushd\n\
         autoload -Uz vcs_info add-zsh-hook compinit; compinit -u\nadd-zsh-hook precmd vcs_info\n\
         omz_status() { echo $? }\nPROMPT='<%?:${CHOREO_ENV_PROFILE-}> '\n",
    ),
];

#[test]
fn other_peoples_hooks_go_on_and_see_the_status() {
    for (shell, others) in OTHERS {
        for ours_first in [true, false] {
            let issuer = Issuer::new(900);
            let world = world(&issuer, "");
            let lines = if ours_first { init(shell) + others } else { others.to_owned() + &init(shell) };
            let Some(mut terminal) = open(&world, shell, &lines) else { continue };
            terminal.types("choreo-env use dev");
            let screen = terminal.types("(exit 7)");
            assert!(screen.contains("<7:dev> "), "{shell}, {ours_first}: {others}\n{screen}");
            terminal.types("export CHOREO_ENV_RENEW_AT=1");
            assert_ne!(seen(&world, &mut terminal, "CHOREO_ENV_RENEW_AT"), "1", "{shell}: {others}");
            terminal.types("choreo-env off");
            assert!(terminal.types("").contains("<0:> "), "{shell}: {others}\n{}", terminal.screen());
            assert_silent(&terminal.screen());
        }
    }
}

#[test]
fn a_program_that_has_vanished_is_no_news_at_a_prompt() {
    for shell in SHELLS {
        let issuer = Issuer::new(900);
        let world = world(&issuer, "");
        let Some(mut terminal) = open(&world, shell, &init(shell)) else { continue };
        terminal.types("choreo-env use dev");
        fs::remove_file(world.path("bin/choreo-env")).unwrap();
        terminal.types("hash -r; export CHOREO_ENV_RENEW_AT=1");
        assert_silent(&terminal.types(""));
        assert_eq!(seen(&world, &mut terminal, "CHOREO_ACCESS_TOKEN"), "t1", "{shell}");
        terminal.types("choreo-env off");
        assert_eq!(seen(&world, &mut terminal, "CHOREO_ACCESS_TOKEN"), "unset", "{shell}: needs no program");
        assert_silent(&terminal.screen());
    }
}

#[test]
fn a_signal_that_ends_the_program_leaves_no_token() {
    for shell in SHELLS {
        let server = OddServer::always(Answer::token("t0ken", 900));
        let killing = "exec >/dev/null 2>&1; kill -TERM $PPID; while kill -0 $PPID; do read x </dev/null; done";
        let secret = format!("{{ command = [\"sh\", \"-c\", {}] }}", quoted(killing));
        let dying = profile_with("dying", "http://127.0.0.1:9/token", &secret, "");
        let world = World::with(profile("dev", &server.url("/token"), "") + &dying);
        let look = "printf '%s\\n' \"$? ${CHOREO_ACCESS_TOKEN-removed} ${__choreo_env_undo:-nothing}\"\n";
        // The second time in a shell that has inherited the variables, and knows no way back.
        let text = format!(
            "choreo-env use dev\nchoreo-env use dying && echo no\n{look}\
             eval \"$(choreo-env dev)\"\nchoreo-env use dying && echo no\n{look}"
        );
        let Some(run) = script(&world, shell, &text) else { continue };
        run.assert(&fine().stdout("143 removed nothing\n143 removed nothing\n"));
    }
}

#[test]
fn a_token_that_still_lives_is_kept_while_the_server_is_away_and_that_is_told_once() {
    for shell in SHELLS {
        let issuer = Issuer::new(60);
        let world = world(&issuer, "");
        let Some(mut terminal) = open(&world, shell, &init(shell)) else { continue };
        terminal.types("choreo-env use dev");
        // From now on the token in the cache is not good enough.
        let config = fs::read_to_string(world.config()).unwrap();
        world.write_config(&config.replacen("[profiles.dev]", "[profiles.dev]\nmin_ttl = \"5m\"", 1));
        issuer.refuse(true);
        let screen = terminal.types("export CHOREO_ENV_RENEW_AT=1");
        assert_eq!(screen.matches("the cached token is served").count(), 1, "{shell}: {screen}");
        assert_eq!(screen.matches("the token of this shell is not renewed").count(), 1, "{shell}: {screen}");
        assert_silent(&terminal.types("export CHOREO_ENV_RENEW_AT=1"));
        assert_eq!(seen(&world, &mut terminal, "CHOREO_ACCESS_TOKEN"), "t1", "{shell}");
        let next: u64 = seen(&world, &mut terminal, "CHOREO_ENV_RENEW_AT").parse().unwrap();
        let end: u64 = seen(&world, &mut terminal, "CHOREO_ACCESS_TOKEN_EXPIRES_AT").parse().unwrap();
        assert!(next <= end && next + 60 > end, "{shell}: {next} {end}");
    }
}
