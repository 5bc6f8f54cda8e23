//! The shell plugin in bash and zsh: interactive shells on a terminal, as people have them, and scripts where the
//! environment is compared to the byte.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use choreo_env::environ::Environ;
use choreo_env::render::Undo;
use choreo_env::render::vars::{self, Assignments, Variable};
use choreo_env::shell::Shell;
use proptest::test_runner::{Config, TestRunner};

use crate::support::command::{Run, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::terminal::Terminal;
use crate::support::toml::profile;
use crate::support::tools;
use crate::support::world::World;

const SHELLS: [&str; 2] = ["bash", "zsh"];

/// How one has the shell say a word without a process.
fn say(number: usize) -> String {
    format!("\\printf '%s-%s.\\n' word {number}")
}

/// An interactive shell with those lines in its own file.
#[track_caller]
pub(crate) fn open(world: &World, shell: &str, lines: &str) -> Option<Terminal> {
    let path = tools::find(shell)?;
    let path = path.to_str().unwrap();
    let rc = world.write(if shell == "zsh" { "home/.zshrc" } else { "home/.bashrc" }, lines);
    let command: &[&str] =
        if shell == "zsh" { &[path, "-d", "-i"] } else { &[path, "--rcfile", rc.to_str().unwrap(), "-i"] };
    Terminal::start(world, command, say)
}

/// The line of the README.
pub(crate) fn init(shell: &str) -> String {
    format!("eval \"$(choreo-env init {shell})\"\n")
}

/// A server that gives `t1`, `t2` and so on, each for so many seconds, and can be told to refuse.
pub(crate) struct Issuer {
    /// The server itself.
    pub(crate) server: OddServer,
    refuses: Arc<AtomicBool>,
}

impl Issuer {
    /// Starts it.
    pub(crate) fn new(seconds: u64) -> Self {
        let refuses = Arc::new(AtomicBool::new(false));
        let no = Arc::clone(&refuses);
        let server = OddServer::start(move |_, before| {
            if no.load(Ordering::SeqCst) {
                return Answer::json(401, r#"{"error":"invalid_client"}"#);
            }
            Answer::token(&format!("t{}", before + 1), seconds)
        });
        Self { server, refuses }
    }

    /// Says whether it refuses from now on.
    pub(crate) fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }
}

/// Profiles `dev` and `prod` of one server; `prod` has variables of its own.
pub(crate) fn world(issuer: &Issuer, lines: &str) -> World {
    let url = issuer.server.url("/token");
    let prod = "vars = { PETSTORE_TOKEN = \"{token}\", code = \"{profile}\", path_of = \"x\" }\napi_url = \"https://p.example\"";
    // Another key, or both would share a token.
    let prod = profile("prod", &url, prod).replace("consumer-key", "prod-key");
    World::with(profile("dev", &url, lines) + &prod)
}

/// The value of a variable, as a program sees it that the shell starts.
#[track_caller]
pub(crate) fn seen(world: &World, terminal: &mut Terminal, name: &str) -> String {
    let file = world.path("seen");
    terminal.types(&format!("\\command env > '{}'", file.display()).replace(" > ", " >| "));
    let text = fs::read_to_string(file).unwrap();
    let value = text.lines().find_map(|line| line.strip_prefix(&format!("{name}=")).map(str::to_owned));
    value.unwrap_or_else(|| "unset".into())
}

/// What a person reads of the program.
#[track_caller]
pub(crate) fn assert_silent(screen: &str) {
    for word in ["error", "warning", "hint", "not found", "parameter", "unbound"] {
        assert!(!screen.contains(word), "{word}: {screen}");
    }
}

#[test]
fn a_shell_left_open_past_expiry_goes_on_with_a_fresh_token_without_a_word() {
    for shell in SHELLS {
        let issuer = Issuer::new(3);
        let world = world(&issuer, "min_ttl = \"1s\"");
        let Some(mut terminal) = open(&world, shell, &init(shell)) else { continue };
        terminal.types("choreo-env use dev");
        assert_eq!(seen(&world, &mut terminal, "CHOREO_ACCESS_TOKEN"), "t1", "{shell}");
        let mut token = String::new();
        while !matches!(token.as_str(), "t2" | "t3") {
            terminal.types("");
            token = seen(&world, &mut terminal, "CHOREO_ACCESS_TOKEN");
            assert!(["t1", "t2", "t3"].contains(&token.as_str()), "{shell}: {token}");
        }
        assert_silent(&terminal.screen());
        terminal.types("choreo-env off");
        assert_eq!(seen(&world, &mut terminal, "CHOREO_ACCESS_TOKEN"), "unset", "{shell}");
    }
}

/// The processes that a shell starts while so many empty lines are typed.
#[track_caller]
fn processes(world: &World, shell: &str, lines: &str) -> Option<usize> {
    let strace = tools::find("strace")?;
    let log = world.path("strace.log");
    let rc = if shell == "zsh" { "home/.zshrc" } else { "home/.bashrc" };
    let rc = world.write(rc, lines);
    let path = tools::find(shell)?;
    let calls = "trace=execve,execveat,clone,clone3,fork,vfork,chdir";
    let strace = [strace.to_str().unwrap(), "-f", "-qq", "-e", calls, "-o", log.to_str().unwrap()];
    let own: &[&str] = if shell == "zsh" { &["-d", "-i"] } else { &["--rcfile", rc.to_str().unwrap(), "-i"] };
    let command = [&strace[..], &[path.to_str().unwrap()], own].concat();
    let mut terminal = Terminal::start(world, &command, say)?;
    terminal.types("choreo-env use dev");
    terminal.types(&format!("\\builtin cd '{}'", world.path("home").display()));
    for _ in 0..10 {
        terminal.types("");
    }
    assert_silent(&terminal.types(&format!("\\builtin cd '{}'", world.path("bin").display())));
    terminal.until("the log", || fs::read_to_string(&log).unwrap().contains("/bin\")"));
    let log = fs::read_to_string(&log).unwrap();
    assert!(log.contains("execve") && log.contains("init"), "the log has what the shell did before: {log}");
    let (_, after) = log.split_once("/home\")").unwrap();
    let (quiet, _) = after.split_once("/bin\")").unwrap();
    Some(quiet.lines().filter(|line| line.contains("exec") || line.contains("clone") || line.contains("fork")).count())
}

#[test]
fn prompts_start_no_process_while_the_token_is_good() {
    for shell in SHELLS {
        for flags in ["", " --dir-switch"] {
            let issuer = Issuer::new(900);
            let world = world(&issuer, "");
            let prompt = if shell == "zsh" {
                "setopt prompt_subst\nPROMPT='$choreo_env_prompt> '\n"
            } else {
                "PS1='${choreo_env_prompt:+$choreo_env_prompt }> '\n"
            };
            let lines = format!("{prompt}eval \"$(choreo-env init {shell}{flags})\"\n");
            let Some(count) = processes(&world, shell, &lines) else { return };
            assert_eq!(count, 0, "{shell}{flags}");
            assert_eq!(issuer.server.count(), 1);
        }
    }
}

#[test]
fn a_failed_renewal_is_told_once_and_a_good_one_after_it_not_at_all() {
    for shell in SHELLS {
        let issuer = Issuer::new(900);
        let world = world(&issuer, "");
        let Some(mut terminal) = open(&world, shell, &init(shell)) else { continue };
        terminal.types("choreo-env use dev");
        world.choreo_env(["forget", "dev"]).run().assert(&fine());
        issuer.refuse(true);
        let due = "export CHOREO_ENV_RENEW_AT=1 CHOREO_ACCESS_TOKEN_EXPIRES_AT=2";
        let screen = terminal.types(due);
        assert_eq!(screen.matches("error: ").count(), 1, "{shell}: {screen}");
        assert!(screen.contains("tried again in 30s, silently until it works"), "{shell}: {screen}");
        assert_eq!(seen(&world, &mut terminal, "CHOREO_ACCESS_TOKEN"), "unset", "{shell}");
        assert_eq!(seen(&world, &mut terminal, "CHOREO_ENV_PROFILE"), "dev", "{shell}");
        let asked = issuer.server.count();
        for _ in 0..3 {
            assert_silent(&terminal.types(""));
        }
        assert_eq!(issuer.server.count(), asked, "{shell}: not before the next try is due");
        assert_silent(&terminal.types(due));
        assert!(issuer.server.count() > asked, "{shell}: the second try is silent");
        issuer.refuse(false);
        assert_silent(&terminal.types(due));
        assert!(seen(&world, &mut terminal, "CHOREO_ACCESS_TOKEN").starts_with('t'), "{shell}");
        assert_silent(&terminal.types(""));
    }
}

#[test]
fn ctrl_c_ends_a_renewal_and_the_next_prompt_does_not_begin_it_again() {
    for shell in SHELLS {
        let server = OddServer::start(|_, before| match before {
            0 => Answer::token("t1", 900),
            _ => Answer::nothing().then_silence(),
        });
        let world = World::with(profile("dev", &server.url("/token"), ""));
        let Some(mut terminal) = open(&world, shell, &init(shell)) else { continue };
        terminal.types("choreo-env use dev");
        world.choreo_env(["forget", "dev"]).run().assert(&fine());
        terminal.press("export CHOREO_ENV_RENEW_AT=1\n");
        terminal.until("the renewal", || server.count() == 2);
        terminal.press("\x03");
        assert_silent(&terminal.types(""));
        assert_silent(&terminal.types(""));
        assert_eq!(server.count(), 2, "{shell}");
        assert_eq!(seen(&world, &mut terminal, "CHOREO_ACCESS_TOKEN"), "t1", "{shell}");
        terminal.types("choreo-env off");
        assert_eq!(seen(&world, &mut terminal, "CHOREO_ENV_RENEW_AT"), "unset", "{shell}");
    }
}

#[test]
fn a_prompt_is_calm_under_odd_options_and_hooks() {
    let bash = [
        "set -u",
        "set -e",
        "set -o noclobber",
        "set -a",
        "IFS=_-",
        "shopt -s failglob nullglob",
        "set -o posix",
        "PROMPT_COMMAND='history -a;'",
        "PROMPT_COMMAND=' '",
        "PROMPT_COMMAND=(true 'false; true ; ')",
        "unset PROMPT_COMMAND",
        "unset EPOCHSECONDS",
        "set -T; trap : DEBUG",
        "alias command=false builtin=false eval=false unset=false export=false cd=false choreo-env='choreo-env'",
    ];
    let zsh = [
        "set -u",
        "set -e",
        "set -o noclobber",
        "set -a",
        "IFS=_-",
        "setopt ksh_arrays sh_word_split glob_subst",
        "setopt warn_create_global null_glob",
        "precmd() { : }",
        "precmd_functions=()",
        "unset EPOCHSECONDS",
        "alias command=false builtin=false eval=false unset=false export=false cd=false",
    ];
    let all = bash.iter().map(|line| ("bash", line)).chain(zsh.iter().map(|line| ("zsh", line)));
    for (shell, setting) in all {
        let issuer = Issuer::new(900);
        let world = world(&issuer, "");
        // Before the plugin and after it, and the plugin twice.
        let twice = init(shell).repeat(2);
        let before = setting.replace("eval=false", ""); // or the line itself would do nothing
        for lines in [format!("{before}\n{twice}"), format!("{twice}{setting}\n")] {
            let Some(mut terminal) = open(&world, shell, &lines) else { return };
            terminal.types("choreo-env use dev");
            terminal.types("export CHOREO_ENV_RENEW_AT=1");
            assert_silent(&terminal.screen());
            // zsh has another hook before each command.
            let hook = shell == "zsh" || lines.ends_with(&twice) || !setting.contains("PROMPT_COMMAND");
            let renewed = seen(&world, &mut terminal, "CHOREO_ENV_RENEW_AT") != "1";
            assert_eq!(renewed, hook, "{shell}: {setting}\n{}", terminal.screen());
            terminal.types("choreo-env use prod");
            let token = seen(&world, &mut terminal, "PETSTORE_TOKEN");
            assert!(token.starts_with('t'), "{shell}: {setting}: {token}\n{}", terminal.screen());
            terminal.types("choreo-env off");
            assert_eq!(seen(&world, &mut terminal, "PETSTORE_TOKEN"), "unset", "{shell}: {setting}");
            let state = seen(&world, &mut terminal, "__choreo_env_undo");
            assert_eq!(state, "unset", "{shell}: {setting}: nothing of the state is exported");
            assert_silent(&terminal.screen());
        }
    }
}

#[test]
fn a_trace_shows_no_token() {
    for (shell, hook) in [("bash", "__choreo_env_hook"), ("zsh", "__choreo_env_hook"), ("fish", "emit fish_prompt")] {
        let Some(path) = tools::find(shell) else { continue };
        let server = OddServer::start(|_, before| Answer::token(&format!("canary{before}"), 900));
        let world = World::with(profile("dev", &server.url("/token"), ""));
        let (load, trace, check) = match shell {
            "fish" => ("choreo-env init fish | source\n".to_owned(), "set -g fish_trace 1", "set -e fish_trace"),
            _ => (init(shell), "set -xv", "case $- in *x*v* | *v*x*) echo still traced ;; esac; set +xv"),
        };
        let text = format!(
            "{load}{trace}\nchoreo-env use dev\n{hook}\nexport CHOREO_ENV_RENEW_AT=1\n{hook}\n{check}\n\
             printenv CHOREO_ACCESS_TOKEN | tr a-z A-Z\n"
        );
        let file = world.write("work/script", text);
        let run = world.command(path).args([file]).run();
        assert!(run.stdout.contains("CANARY0\n"), "{shell}: {run}");
        assert!(run.stdout.contains("still traced") || shell == "fish", "{shell}: {run}");
        assert!(!run.stderr.contains("canary") && !run.stdout.contains("canary"), "{shell}: {run}");
    }
}

#[test]
fn the_status_of_the_last_command_is_there_for_prompts_and_other_hooks() {
    for (shell, other) in [
        ("bash", "PROMPT_COMMAND='__seen=$?:$_'"),
        ("bash", "PROMPT_COMMAND=('__seen=$?:${PIPESTATUS[*]}')"),
        ("zsh", "precmd() { __seen=$?:${(j: :)pipestatus} }"),
    ] {
        let issuer = Issuer::new(900);
        let world = world(&issuer, "");
        let Some(mut terminal) = open(&world, shell, &format!("{other}\n{}", init(shell))) else { continue };
        terminal.types("choreo-env use dev");
        let file = world.path("said");
        let say = format!("echo \"<$?:$__seen>\" >| '{}'", file.display());
        terminal.types(&format!("(exit 3) | (exit 7)\n{say}"));
        let said = fs::read_to_string(&file).unwrap();
        let wanted = if other.contains('$') && other.contains("$_'") { "<7:7:" } else { "<7:7:3 7>" };
        assert!(said.starts_with(wanted), "{shell}: {other}: {said}");
    }
}

#[test]
fn set_e_is_no_end_at_a_prompt() {
    for shell in SHELLS {
        let issuer = Issuer::new(900);
        let world = world(&issuer, "");
        let Some(mut terminal) = open(&world, shell, &(init(shell) + "set -e\n")) else { continue };
        // A list may fail there; the hook that comes after it must not.
        terminal.types("choreo-env use dev; false && true");
        world.choreo_env(["forget", "dev"]).run().assert(&fine());
        issuer.refuse(true);
        assert!(terminal.types("export CHOREO_ENV_RENEW_AT=1").contains("is not renewed"), "{shell}");
        assert_eq!(seen(&world, &mut terminal, "CHOREO_ENV_PROFILE"), "dev", "{shell}");
        terminal.types("choreo-env off");
    }
}

#[test]
fn the_segment_shows_profile_and_minutes_and_is_red_where_that_matters() {
    for (shell, red) in [("bash", "\u{1}\u{1b}[31m\u{2}dev 14m\u{1}\u{1b}[0m\u{2}"), ("zsh", "%F{red}dev 14m%f")] {
        let issuer = Issuer::new(890);
        let world = world(&issuer, "protected = true");
        let Some(mut terminal) = open(&world, shell, &init(shell)) else { continue };
        let file = world.path("segment");
        let mut segment = |before: &str| {
            terminal.types(&format!("{before}\nprintf %s \"$choreo_env_prompt\" >| '{}'", file.display()));
            fs::read_to_string(&file).unwrap()
        };
        assert_eq!(segment(""), "", "{shell}");
        assert_eq!(segment("choreo-env use dev --yes"), red, "{shell}");
        assert_eq!(segment("export NO_COLOR=1"), "dev 14m", "{shell}");
        let end = |expression: &str| format!("export CHOREO_ACCESS_TOKEN_EXPIRES_AT={expression}");
        assert_eq!(segment(&end("$((CHOREO_ACCESS_TOKEN_EXPIRES_AT - 850))")), "dev <1m", "{shell}");
        assert_eq!(segment(&end("1")), "dev expired", "{shell}");
        assert_eq!(segment(&end("'a[$(id>&2)]'")), "dev", "{shell}");
        assert_eq!(segment("CHOREO_ENV_PROFILE='%F{red}$(id)'"), "", "{shell}");
        assert_eq!(segment("CHOREO_ENV_PROFILE=dev; CHOREO_ENV_RENEW_AT='a[$(id>&2)]'"), "dev", "{shell}");
        assert!(!terminal.screen().contains("uid="), "{shell}: {}", terminal.screen());
    }
}

#[test]
fn the_clock_of_old_bash_is_as_good() {
    let template = include_str!("../../src/shell/plugin/plugin.bash");
    // `printf` has had the time since bash 4.2.
    for text in [template.to_owned(), template.replace("%(%s)T", "%!")] {
        let issuer = Issuer::new(890);
        let world = world(&issuer, "");
        let Some(mut terminal) = open(&world, "bash", &text) else { return };
        terminal.types("choreo-env use dev");
        let file = world.path("segment");
        terminal.types(&format!("printf %s \"$choreo_env_prompt\" >| '{}'", file.display()));
        assert_eq!(fs::read_to_string(&file).unwrap(), "dev 14m", "{}", terminal.screen());
        let clock = terminal.types("declare -f __choreo_env_now");
        assert!(clock.contains(if text.contains("%(%s)T") { "printf -v" } else { "SECONDS" }), "{clock}");
        terminal.types("export CHOREO_ENV_RENEW_AT=1");
        assert_ne!(seen(&world, &mut terminal, "CHOREO_ENV_RENEW_AT"), "1");
        assert_silent(&terminal.screen());
    }
}

/// Runs a script with the plugin, in an environment that has values of its own for what is exported.
#[track_caller]
pub(crate) fn script(world: &World, shell: &str, text: &str) -> Option<Run> {
    let path = tools::find(shell)?;
    let flags: &[&str] = if shell == "zsh" { &["-f", "-c"] } else { &["-c"] };
    let run = world.command(path).args(flags).args([format!("{}{text}", init(shell))]);
    let hostile = "*  [a-z]? ~ #x  'q' \"d\" `id` $HOME $(id) !! a\\b\\\\c ; & | < > {a,b} = % é\n\t-n \\";
    let run = run.env("PETSTORE_TOKEN", hostile).env("CHOREO_API_URL", "").env("code", "mine\n");
    Some(run.env("CHOREO_ENV_PROFILE", "dev").run())
}

const COMPARE: &str = "\ncmp before after && echo same\n";

fn kept(file: &str) -> String {
    format!("command env -0 | command sort -z | command grep -zv '^_=' >| {file}\n")
}

#[test]
fn dev_prod_back_and_off_leave_exactly_the_environment_of_the_beginning() {
    let bash = ["", "set -eu", "set -o posix", "shopt -s failglob", "IFS=:_", "set -o noclobber", "set -a"];
    let zsh = ["", "set -eu", "setopt rc_quotes bang_hist glob_subst sh_word_split", "IFS=:_", "emulate sh", "set -a"];
    let all = bash.iter().map(|line| ("bash", line)).chain(zsh.iter().map(|line| ("zsh", line)));
    for (shell, setting) in all {
        let issuer = Issuer::new(900);
        let world = world(&issuer, "");
        let text = format!(
            "{setting}\n{}choreo-env use dev\nprintf '%s ' \"$CHOREO_ENV_PROFILE\" \"$CHOREO_ACCESS_TOKEN\"\n\
             choreo-env use prod\nprintf '%s ' \"$CHOREO_ENV_PROFILE\" \"$PETSTORE_TOKEN\" \"$CHOREO_API_URL\"\n\
             choreo-env use -\nprintf '%s ' \"$CHOREO_ENV_PROFILE\" \"$CHOREO_API_URL\"\n\
             choreo-env use\nprintf '%s ' \"$CHOREO_ENV_PROFILE\"\nchoreo-env off\n{}{COMPARE}",
            kept("before"),
            kept("after")
        );
        let Some(run) = script(&world, shell, &text) else { continue };
        run.assert(&fine().stdout("dev t1 prod t2 https://p.example dev  dev same\n"));
    }
}

/// What a shell's variable had before, and has again after the change and the way back.
#[track_caller]
fn check_way_back(world: &World, shell: &str, value: &str) {
    let set = vec![Variable { name: "MINE".into(), value: "other".into(), sensitive: false }];
    let change = Assignments { set, unset: vec!["ALSO_MINE".into()], ..Assignments::default() };
    let environ: Environ = [("MINE", value), ("ALSO_MINE", value)].into_iter().collect();
    let undo = Undo::of(&change, &environ).unwrap();
    let code = vars::change(Shell::parse(shell).unwrap(), &change, &undo).unwrap();
    let file = world.write("code", code.as_bytes());
    let script = format!(
        "eval \"$(cat '{}')\"; printf '%s %s\\n' \"$MINE\" \"${{ALSO_MINE-none}}\"; eval \"$__choreo_env_undo\"\n\
         env printenv -0 MINE ALSO_MINE",
        file.display()
    );
    let flags: &[&str] = if shell == "zsh" { &["-f", "-c"] } else { &["-c"] };
    let run = world.command(shell).args(flags).args([script]).env("MINE", value).env("ALSO_MINE", value).run();
    run.assert(&fine().stdout(format!("other none\n{value}\0{value}\0")));
}

#[test]
fn every_old_value_comes_back_whatever_it_is() {
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    for shell in SHELLS {
        if tools::find(shell).is_none() {
            continue;
        }
        let world = World::new();
        for value in
            ["", "\n", "'", "\\", "a\nb\n\n", "\u{1}\u{7f}\t", "é 日本", "''", "$(id)", "!!", "=x", "~", "-n", "\\'"]
        {
            check_way_back(&world, shell, value);
        }
        let text = "[ -~\n\t'\"\\\\$`!é]{0,40}";
        runner
            .run(&text, |value| {
                check_way_back(&world, shell, &value);
                Ok(())
            })
            .unwrap();
    }
}
