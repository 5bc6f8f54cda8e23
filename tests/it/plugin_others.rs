//! The shell plugin in fish, nu, elvish, xonsh and tcsh: each loaded as its user would, on a terminal, with a sandbox.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use choreo_env::sandbox::{Options, Running, Sandbox};
use choreo_env::shell::Shell as Kind;
use choreo_env::shell::plugin::plugin;

use crate::support::command::fine;
use crate::support::terminal::Terminal;
use crate::support::tools;
use crate::support::world::{World, set_mode};

/// A shell, and how its user lives with it.
struct Shell {
    kind: Kind,
    program: &'static str,
    /// Its own file, below the world's root.
    file: &'static str,
    /// What else the user has, in this file: a prompt with the segment between `<` and `>`.
    prompt: (&'static str, &'static str),
    /// Prints `word-N.`, without a process and without having typed just that.
    say: fn(usize) -> String,
    /// Whether it loses what is typed before it reads a line.
    waits: bool,
    /// What a failing `use` is followed by, and what the screen has then.
    failed: (&'static str, &'static str),
    /// How many seconds the shell's idea of the time may be behind.
    late: u64,
}

const FISH: Shell = Shell {
    kind: Kind::Fish,
    program: "fish",
    file: "config/fish/config.fish",
    prompt: ("config/fish/config.fish", "\nfunction fish_prompt\n  echo -n \"<$(choreo_env_prompt)> \"\nend\n"),
    say: |number| format!("echo word'-'{number}."),
    waits: false,
    failed: ("echo '<'$status'>'", "<3>"),
    late: 0,
};
const NU: Shell = Shell {
    kind: Kind::Nu,
    program: "nu",
    file: "config/nushell/config.nu",
    prompt: (
        "config/nushell/autoload/prompt.nu",
        "$env.PROMPT_COMMAND = {|| $\"<(choreo_env_prompt)> \" }\n$env.PROMPT_COMMAND_RIGHT = \"\"\n",
    ),
    say: |number| format!("print ('word' + '-{number}.')"),
    waits: true,
    failed: ("print ('<' + ($env.LAST_EXIT_CODE | into string) + '>')", "<1>"),
    late: 0,
};
const ELVISH: Shell = Shell {
    kind: Kind::Elvish,
    program: "elvish",
    file: "config/elvish/rc.elv",
    prompt: (
        "config/elvish/rc.elv",
        " &on-end={|plugin| set edit:prompt = { put '<'; $plugin[choreo_env_prompt~]; put '> ' } }\n\
         set edit:rprompt = { }\n",
    ),
    say: |number| format!("echo word'-'{number}."),
    waits: true,
    failed: ("", "choreo-env exited with 3"),
    late: 1,
};
const XONSH: Shell = Shell {
    kind: Kind::Xonsh,
    program: "xonsh",
    file: "config/xonsh/rc.xsh",
    prompt: (
        "config/xonsh/rc.xsh",
        "\n$PROMPT = '<{choreo_env}> '\n$XONSH_HISTORY_BACKEND = 'dummy'\n$AUTO_SUGGEST = False\n",
    ),
    say: |number| format!("print('word' + '-{number}.')"),
    waits: true,
    failed: ("print(f'<{__xonsh__.last.rtn}>')", "<3>"),
    late: 0,
};
const TCSH: Shell = Shell {
    kind: Kind::Tcsh,
    program: "tcsh",
    file: "home/.tcshrc",
    prompt: ("home/.tcshrc", "\nset prompt = '<%$choreo_env_prompt> '\n"),
    say: |number| format!("echo word'-'{number}."),
    waits: false,
    failed: ("echo '<'$status'>'", "<3>"),
    late: 8,
};

/// What the user had in a variable that the profile `dev` replaces.
const MINE: &str = r#"my own: it's "here" $HOME \ * `id` !x"#;

/// A user at a shell with the plugin, and the servers.
struct Scene {
    world: World,
    running: Option<Running>,
    terminal: Terminal,
    snaps: usize,
}

impl Scene {
    /// Tokens live for that many seconds; `init` has those arguments.
    #[track_caller]
    fn start(shell: &Shell, lifetime: u64, arguments: &[&str]) -> Option<Self> {
        Self::with(shell, lifetime, arguments, &[], |_| Some(Vec::new()))
    }

    /// The same with variables, and below another program, such as strace.
    #[track_caller]
    fn with(
        shell: &Shell,
        lifetime: u64,
        arguments: &[&str],
        variables: &[(&str, &str)],
        above: impl FnOnce(&World) -> Option<Vec<String>>,
    ) -> Option<Self> {
        let program = tools::find(shell.program)?.to_str().unwrap().to_owned();
        let lifetime = Duration::from_secs(lifetime);
        let running = Sandbox::spawn(Options { lifetime, ..Options::default() }).unwrap();
        let config = running.site().profile_toml();
        let world = World::with(format!("{config}\n[profiles.dev.vars]\nMINE = \"{{token}} it's\"\nNEW = \"x\"\n"));
        install(shell, &world, arguments);
        let mut command = above(&world)?;
        command.push(program);
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let change = |process: &mut Command| _ = process.env("MINE", MINE).envs(variables.iter().copied());
        let start = if shell.waits { Terminal::waiting } else { Terminal::with };
        let terminal = start(&world, &words, shell.say, change)?;
        Some(Self { world, running: Some(running), terminal, snaps: 0 })
    }

    #[track_caller]
    fn types(&mut self, line: &str) -> String {
        self.terminal.types(line)
    }

    /// The environment of what the shell starts.
    #[track_caller]
    fn environment(&mut self) -> BTreeMap<String, String> {
        self.snaps += 1;
        let file = self.world.path(&format!("snap-{}", self.snaps));
        self.types(&format!("snap {}", file.display()));
        let text = fs::read_to_string(&file).unwrap();
        let pairs = text.split_terminator('\0').filter_map(|line| line.split_once('='));
        // What shells export of their own accord.
        let own = |name: &str| ["_", "CMD_DURATION_MS", "LAST_RETURN_CODE"].contains(&name);
        pairs.filter(|(name, _)| !own(name)).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The profile that the shell is in, or nothing.
    #[track_caller]
    fn profile(&mut self) -> String {
        self.environment().remove("CHOREO_ENV_PROFILE").unwrap_or_default()
    }

    /// Goes to a profile, and waits until a renewal is due, for the shell too. Gives the environment before that.
    #[track_caller]
    fn use_until_due(&mut self, shell: &Shell) -> BTreeMap<String, String> {
        self.types("choreo-env use dev");
        let before = self.environment();
        let due: u64 = before["CHOREO_ENV_RENEW_AT"].parse().unwrap();
        self.terminal.until("the time of the renewal", || now() > due + shell.late);
        before
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// What a user does once: the plugin's line in the shell's file, and a prompt.
fn install(shell: &Shell, world: &World, arguments: &[&str]) {
    let init = format!("init {}", shell.kind.name());
    let line = plugin(shell.kind).unwrap().line.replace(&init, &[&[init.as_str()], arguments].concat().join(" "));
    let (file, prompt) = shell.prompt;
    for (file, text) in [(shell.file, line), (file, prompt.to_owned())] {
        let path = world.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let before = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, before + &text).unwrap();
    }
    // Where this is missing, fish starts programs that make it, in the background.
    fs::create_dir_all(world.path("home/.local/share/fish/generated_completions")).unwrap();
    let snap = world.write("bin/snap", "#!/bin/sh\nexec /usr/bin/env -0 >\"$1\"\n");
    set_mode(&snap, 0o700);
}

fn changed<'a>(before: &'a BTreeMap<String, String>, after: &'a BTreeMap<String, String>) -> BTreeSet<&'a str> {
    let differs = |name: &&String| before.get(*name) != after.get(*name);
    before.keys().chain(after.keys()).filter(differs).map(String::as_str).collect()
}

/// The same test in each shell.
macro_rules! in_each_shell {
    ($($sentence:ident: $check:ident;)*) => {$(
        mod $sentence {
            #[test]
            fn in_fish() {
                super::$check(&super::FISH);
            }

            #[test]
            fn in_nu() {
                super::$check(&super::NU);
            }

            #[test]
            fn in_elvish() {
                super::$check(&super::ELVISH);
            }

            #[test]
            fn in_xonsh() {
                super::$check(&super::XONSH);
            }

            #[test]
            fn in_tcsh() {
                super::$check(&super::TCSH);
            }
        }
    )*};
}

in_each_shell! {
    the_way_back_leads_to_exactly_what_was_there: there_and_back;
    a_shell_left_open_past_expiry_goes_on_with_a_fresh_token_without_a_word: renews;
    a_failed_renewal_is_told_once: fails_to_renew;
    prompts_start_no_process_while_the_token_is_good: counts_processes;
    a_use_that_fails_leaves_nothing_and_says_so: fails;
    folders_of_trusted_projects_are_entered_and_left: follows_folders;
    everything_else_is_the_program_itself: passes_through;
    variables_are_never_code: is_no_code;
    an_inherited_profile_can_be_left_and_renewed: inherits;
}

#[track_caller]
fn there_and_back(shell: &Shell) {
    let Some(mut scene) = Scene::start(shell, 900, &[]) else { return };
    let before = scene.environment();
    assert_eq!(before["MINE"], MINE);
    let screen = scene.types("choreo-env use dev");
    let dev = scene.environment();
    assert_eq!(dev.get("CHOREO_ENV_PROFILE").map(String::as_str), Some("dev"), "{screen}");
    assert_eq!(dev["MINE"], format!("{} it's", dev["CHOREO_ACCESS_TOKEN"]));
    assert!(scene.types("").contains("<dev 1"), "{}", scene.terminal.screen());
    scene.types("choreo-env use prod");
    let prod = scene.environment();
    assert_eq!((prod["CHOREO_ENV_PROFILE"].as_str(), prod["MINE"].as_str(), prod.get("NEW")), ("prod", MINE, None));
    scene.types("choreo-env use -");
    assert_eq!(changed(&dev, &scene.environment()), BTreeSet::new());
    scene.types("choreo-env off");
    assert_eq!(changed(&before, &scene.environment()), BTreeSet::new(), "{}", scene.terminal.screen());
    assert!(scene.types("").contains("<> "), "{}", scene.terminal.screen());
    scene.types("choreo-env use -");
    assert_eq!(scene.profile(), "dev");
}

/// Whether nobody has complained.
#[track_caller]
fn assert_silent(screen: &str) {
    for word in ["error", "warning", "hint", "not found", "Exception", "Traceback", "fail"] {
        assert!(!screen.contains(word), "{word}: {screen}");
    }
}

#[track_caller]
fn renews(shell: &Shell) {
    let Some(mut scene) = Scene::start(shell, 12, &[]) else { return };
    let before = scene.environment();
    let old = scene.use_until_due(shell);
    let mut screen = String::new();
    if shell.kind == Kind::Tcsh {
        screen += &scene.types(""); // the others need no prompt: the first command after a pause has it already
    }
    let new = scene.environment();
    screen += &scene.types("");
    assert_ne!(old["CHOREO_ACCESS_TOKEN"], new["CHOREO_ACCESS_TOKEN"], "{screen}");
    assert_eq!(new["MINE"], format!("{} it's", new["CHOREO_ACCESS_TOKEN"]));
    assert_eq!(new["CHOREO_ENV_PROFILE"], "dev");
    assert_silent(&screen);
    scene.types("choreo-env off");
    assert_eq!(changed(&before, &scene.environment()), BTreeSet::new(), "{}", scene.terminal.screen());
}

#[track_caller]
fn fails_to_renew(shell: &Shell) {
    const TOLD: &str = "the token of this shell is not renewed";
    let Some(mut scene) = Scene::start(shell, 12, &[]) else { return };
    let before = scene.environment();
    scene.use_until_due(shell);
    scene.running = None;
    let began = now();
    let screen = scene.types("");
    assert!(screen.contains("no token from"), "{screen}");
    let after = scene.environment();
    assert!(after["CHOREO_ENV_RENEW_AT"].parse::<u64>().unwrap() > began, "{screen}");
    assert_eq!(after["CHOREO_ENV_PROFILE"], "dev");
    scene.types("");
    let screen = scene.terminal.screen();
    assert_eq!(screen.matches(TOLD).count(), 1, "{screen}");
    scene.types("choreo-env off");
    assert_eq!(changed(&before, &scene.environment()), BTreeSet::new(), "{}", scene.terminal.screen());
}

#[track_caller]
fn counts_processes(shell: &Shell) {
    for arguments in [&[][..], &["--dir-switch"]] {
        let above = |world: &World| {
            let strace = tools::find("strace")?.to_str().unwrap().to_owned();
            let log = world.path("strace.log").to_str().unwrap().to_owned();
            let calls = "trace=execve,execveat,clone,clone3,fork,vfork".to_owned();
            Some(vec![strace, "-f".into(), "-qq".into(), "-e".into(), calls, "-o".into(), log])
        };
        let Some(mut scene) = Scene::with(shell, 900, arguments, &[], above) else { return };
        scene.types("choreo-env use dev");
        assert_eq!(scene.profile(), "dev");
        for _ in 0..5 {
            scene.types("");
        }
        scene.environment();
        let log = fs::read_to_string(scene.world.path("strace.log")).unwrap();
        let (_, after) = log.split_once("snap-1\"").unwrap();
        let (quiet, _) = after.split_once("snap-2\"").unwrap();
        let is_thread = |line: &&str| line.contains("CLONE_THREAD") || line.contains("resumed");
        let is_look =
            |line: &&str| ["/usr/bin/env", "bin/sn", "ENOENT", "resumed"].iter().any(|word| line.contains(word));
        let starts = |line: &&str| line.contains("clone") || line.contains("fork");
        let processes = quiet.lines().filter(|line| starts(line) && !is_thread(line));
        // One is for the second look.
        assert_eq!(processes.count(), 1, "{quiet}");
        assert_eq!(quiet.lines().filter(|line| line.contains("exec") && !is_look(line)).count(), 0, "{quiet}");
    }
}

#[track_caller]
fn fails(shell: &Shell) {
    let Some(mut scene) = Scene::start(shell, 900, &[]) else { return };
    let before = scene.environment();
    scene.types("choreo-env use dev");
    let (ask, wanted) = shell.failed;
    let screen = scene.types(&format!("choreo-env use nope\n{ask}"));
    assert!(screen.contains(wanted), "{screen}");
    assert_eq!(screen.matches("error: no profile is called `nope`").count(), 1, "{screen}");
    assert_eq!(changed(&before, &scene.environment()), BTreeSet::new(), "{}", scene.terminal.screen());
    scene.types("choreo-env use -");
    assert_eq!(scene.profile(), "dev");
}

/// A project's file in a folder of the home, which names that profile.
fn project(world: &World, folder: &str, profile: &str) -> String {
    let path = world.path(&format!("home/{folder}"));
    fs::create_dir_all(path.join("sub")).unwrap();
    let file = world.write(&format!("home/{folder}/.choreo-env.toml"), format!("default_profile = \"{profile}\"\n"));
    file.to_str().unwrap().to_owned()
}

#[track_caller]
fn follows_folders(shell: &Shell) {
    let Some(mut scene) = Scene::start(shell, 900, &["--dir-switch"]) else { return };
    for (folder, profile) in [("one", "dev"), ("two", "prod")] {
        let file = project(&scene.world, folder, profile);
        scene.world.choreo_env(["trust", "--yes", &file]).run().assert(&fine().stdout_has(["trusted: "]));
    }
    project(&scene.world, "strange", "prod");
    let home = scene.world.path("home");
    let before = scene.environment();
    let goes_to = |scene: &mut Scene, folder: &str| {
        let screen = scene.types(&format!("cd {}/{folder}", home.display()));
        (scene.profile(), screen)
    };
    assert_eq!(goes_to(&mut scene, "one/sub").0, "dev", "{}", scene.terminal.screen());
    assert_eq!(goes_to(&mut scene, "one").0, "dev");
    assert_eq!(goes_to(&mut scene, "two/sub").0, "prod");
    assert_eq!(goes_to(&mut scene, "").0, "");
    let after = scene.environment();
    assert!(changed(&before, &after).iter().all(|name| name.ends_with("PWD") || *name == "dirstack"), "{after:?}");
    let (profile, screen) = goes_to(&mut scene, "strange");
    assert_eq!(profile, "");
    assert!(screen.contains("not trusted") || scene.terminal.screen().contains("not trusted"), "{screen}");
    // Where the user was before is where the way out leads; what the user says inside stays.
    goes_to(&mut scene, "");
    scene.types("choreo-env use dev");
    assert_eq!(goes_to(&mut scene, "two").0, "prod");
    assert_eq!(goes_to(&mut scene, "").0, "dev");
    goes_to(&mut scene, "two");
    scene.types("choreo-env off");
    assert_eq!(goes_to(&mut scene, "").0, "");
    goes_to(&mut scene, "strange");
    scene.types("choreo-env trust --yes");
    assert_eq!(goes_to(&mut scene, "strange/sub").0, "prod", "{}", scene.terminal.screen());
}

#[track_caller]
fn passes_through(shell: &Shell) {
    let Some(mut scene) = Scene::start(shell, 900, &[]) else { return };
    let before = scene.environment();
    let file = scene.world.path("of-exec");
    scene.types(&format!("choreo-env exec dev -- sh -c \"printenv CHOREO_ENV_PROFILE NEW >{}\"", file.display()));
    assert_eq!(fs::read_to_string(&file).unwrap(), "dev\nx\n", "{}", scene.terminal.screen());
    let screen = scene.types("choreo-env token dev | tr a-z A-Z");
    assert!(screen.contains("EYJ"), "{screen}");
    let screen = scene.types("choreo-env use --help");
    assert!(screen.contains("choreo-env use - "), "{screen}");
    assert_eq!(changed(&before, &scene.environment()), BTreeSet::new(), "{}", scene.terminal.screen());
}

#[track_caller]
fn is_no_code(shell: &Shell) {
    let hostile = "9; touch hit1; `touch hit2`$(touch hit3)(touch hit4)'\"";
    let variables = [
        ("CHOREO_ENV_PROFILE", hostile),
        ("CHOREO_ENV_RENEW_AT", hostile),
        ("CHOREO_ACCESS_TOKEN", hostile),
        ("CHOREO_ACCESS_TOKEN_EXPIRES_AT", hostile),
        ("CHOREO_ENV_IS_PROTECTED", hostile),
        // What the plugins themselves remember, which a shell may inherit from anybody.
        ("__choreo_env", hostile),
        ("__choreo_env_undo", "touch hit6"),
        ("__choreo_env_before", "--quiet"),
        ("__choreo_env_failures", "1`touch hit7`"),
        ("__choreo_env_folder", hostile),
        ("__choreo_env_entered", "1"),
        ("__choreo_env_base", "--quiet"),
    ];
    let Some(mut scene) = Scene::with(shell, 900, &["--dir-switch"], &variables, |_| Some(Vec::new())) else { return };
    for line in ["", "choreo-env use 'dev;touch hit5'", "choreo-env use dev", "choreo-env use -", "choreo-env off"] {
        scene.types(line);
    }
    assert_eq!(fs::read_dir(scene.world.work()).unwrap().count(), 0, "{}", scene.terminal.screen());
    scene.types("choreo-env use dev");
    assert_eq!(scene.profile(), "dev", "{}", scene.terminal.screen());
}

#[track_caller]
fn inherits(shell: &Shell) {
    let inherited = [
        ("CHOREO_ENV_PROFILE", "dev"),
        ("CHOREO_ENV_RENEW_AT", "12"),
        ("CHOREO_ACCESS_TOKEN", "old"),
        ("CHOREO_ENV_EXPORTED", "OLD"),
        ("OLD", "old"),
    ];
    let Some(mut scene) = Scene::with(shell, 900, &[], &inherited, |_| Some(Vec::new())) else { return };
    let renewed = scene.environment();
    assert_ne!(renewed["CHOREO_ACCESS_TOKEN"], "old", "{}", scene.terminal.screen());
    assert_eq!(renewed.get("OLD"), None);
    scene.types("choreo-env off");
    let after = scene.environment();
    let ours = after.keys().filter(|name| name.starts_with("CHOREO_") || ["NEW", "MINE"].contains(&name.as_str()));
    assert_eq!(ours.count(), 0, "{after:?}");
}
