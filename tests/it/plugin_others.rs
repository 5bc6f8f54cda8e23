//! The shell plugin in fish, nu, elvish, xonsh and tcsh: each loaded as its user would, on a terminal, with a sandbox.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
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
    /// What else the user has: a prompt with the segment in it, between `«` and `»` where the shell can say so.
    also: (&'static str, &'static str),
    /// Whether it loses what is typed before there is a prompt.
    asks: bool,
    /// Prints the status of the last command.
    status: &'static str,
}

const FISH: Shell = Shell {
    kind: Kind::Fish,
    program: "fish",
    file: "config/fish/config.fish",
    also: ("config/fish/config.fish", "\nfunction fish_prompt\n  echo -n '<'(choreo_env_prompt)'> '\nend\n"),
    asks: false,
    status: "echo \"<status $status>\"",
};
const NU: Shell = Shell {
    kind: Kind::Nu,
    program: "nu",
    file: "config/nushell/config.nu",
    also: (
        "config/nushell/autoload/prompt.nu",
        "$env.PROMPT_COMMAND = {|| $\"<(choreo_env_prompt)> \" }\n$env.PROMPT_COMMAND_RIGHT = \"\"\n",
    ),
    asks: true,
    status: "print $\"<status ($env.LAST_EXIT_CODE)>\"",
};
const ELVISH: Shell = Shell {
    kind: Kind::Elvish,
    program: "elvish",
    file: "config/elvish/rc.elv",
    also: (
        "config/elvish/rc.elv",
        " &on-end={|plugin| set edit:prompt = { put '<'; $plugin[choreo_env_prompt~]; put '> ' }; set edit:rprompt = { } }\n",
    ),
    asks: true,
    status: "nop",
};
const XONSH: Shell = Shell {
    kind: Kind::Xonsh,
    program: "xonsh",
    file: "config/xonsh/rc.xsh",
    also: (
        "config/xonsh/rc.xsh",
        "\n$SHELL_TYPE = 'readline'\n$PROMPT = '<{choreo_env}> '\n$XONSH_HISTORY_BACKEND = 'dummy'\n\
         $XONSH_SUBPROC_RAISE_ERROR = False\n",
    ),
    asks: true,
    status: "print(f'<status {__xonsh__.last.rtn}>')",
};
const TCSH: Shell = Shell {
    kind: Kind::Tcsh,
    program: "tcsh",
    file: "home/.tcshrc",
    also: ("home/.tcshrc", "\nset prompt = '<%$choreo_env_prompt> '\n"),
    asks: false,
    status: "echo \"<status $status>\"",
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
    #[track_caller]
    fn start(shell: &Shell, lifetime: u64, arguments: &[&str]) -> Option<Self> {
        Self::under(shell, lifetime, arguments, |_| Some(Vec::new()))
    }

    /// The same below another program, such as strace.
    #[track_caller]
    fn under(
        shell: &Shell,
        lifetime: u64,
        arguments: &[&str],
        above: impl FnOnce(&World) -> Option<Vec<String>>,
    ) -> Option<Self> {
        let program = tools::find(shell.program)?.to_str().unwrap().to_owned();
        let lifetime = Duration::from_secs(lifetime);
        let running = Sandbox::spawn(Options { lifetime, ..Options::default() }).unwrap();
        let config = running.site().profile_toml();
        let world = World::with(format!("{config}\n[profiles.dev.vars]\nMINE = \"{{token}} it's\"\nNEW = \"{{profile}}\"\n"));
        install(shell, &world, arguments);
        let mut command = above(&world)?;
        command.push(program);
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let change = |process: &mut std::process::Command| {
            process.env("MINE", MINE).env("TERM", "xterm");
        };
        let mark = |file: &Path| format!("touch {}", file.display());
        let start = if shell.asks { Terminal::asking } else { Terminal::with };
        let terminal = start(&world, &words, mark, change)?;
        Some(Self { world, running: Some(running), terminal, snaps: 0 })
    }

    /// The environment of what the shell starts.
    #[track_caller]
    fn environment(&mut self) -> BTreeMap<String, String> {
        self.snaps += 1;
        let file = self.world.path(&format!("snap-{}", self.snaps));
        self.terminal.types(&format!("snap {}", file.display()));
        let text = fs::read_to_string(&file).unwrap();
        let pairs = text.split_terminator('\0').filter_map(|line| line.split_once('='));
        // What shells export of their own accord.
        let own = |name: &str| ["_", "CMD_DURATION_MS", "LAST_RETURN_CODE"].contains(&name);
        pairs.filter(|(name, _)| !own(name)).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

/// What a user does once: the plugin's line in the shell's file, and a prompt.
fn install(shell: &Shell, world: &World, arguments: &[&str]) {
    let init = format!("init {}", shell.kind.name());
    let line = plugin(shell.kind).unwrap().line.replace(&init, &[&[init.as_str()], arguments].concat().join(" "));
    let (file, also) = shell.also;
    for (file, text) in [(shell.file, line), (file, also.to_owned())] {
        let path = world.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let before = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, before + &text).unwrap();
    }
    let snap = world.write("bin/snap", "#!/bin/sh\nenv -0 >\"$1\"\n");
    set_mode(&snap, 0o700);
}

fn changed<'a>(before: &'a BTreeMap<String, String>, after: &'a BTreeMap<String, String>) -> BTreeSet<&'a str> {
    let differs = |name: &&String| before.get(*name) != after.get(*name);
    before.keys().chain(after.keys()).filter(differs).map(String::as_str).collect()
}

#[track_caller]
fn goes_and_comes_back(shell: &Shell) {
    let Some(mut scene) = Scene::start(shell, 900, &[]) else { return };
    let before = scene.environment();
    assert_eq!(before["MINE"], MINE);
    let screen = scene.terminal.types("choreo-env use dev");
    let dev = scene.environment();
    assert_eq!(dev.get("CHOREO_ENV_PROFILE").map(String::as_str), Some("dev"), "{screen}");
    assert_eq!(dev["MINE"], format!("{} it's", dev["CHOREO_ACCESS_TOKEN"]));
    scene.terminal.types("choreo-env use prod");
    let prod = scene.environment();
    assert_eq!((prod["CHOREO_ENV_PROFILE"].as_str(), prod["MINE"].as_str(), prod.get("NEW")), ("prod", MINE, None));
    scene.terminal.types("choreo-env use -");
    assert_eq!(changed(&dev, &scene.environment()), BTreeSet::new());
    scene.terminal.types("choreo-env off");
    let after = scene.environment();
    assert_eq!(changed(&before, &after), BTreeSet::new(), "{}", scene.terminal.screen());
    scene.terminal.types("choreo-env use -");
    assert_eq!(scene.environment()["CHOREO_ENV_PROFILE"], "dev");
}

#[test]
fn fish_goes_to_a_profile_and_back_to_exactly_what_was_there() {
    goes_and_comes_back(&FISH);
}

#[test]
fn nu_goes_to_a_profile_and_back_to_exactly_what_was_there() {
    goes_and_comes_back(&NU);
}

#[test]
fn elvish_goes_to_a_profile_and_back_to_exactly_what_was_there() {
    goes_and_comes_back(&ELVISH);
}

#[test]
fn xonsh_goes_to_a_profile_and_back_to_exactly_what_was_there() {
    goes_and_comes_back(&XONSH);
}

#[test]
fn tcsh_goes_to_a_profile_and_back_to_exactly_what_was_there() {
    goes_and_comes_back(&TCSH);
}
