//! What words become at the press of a key, in every shell: driven through each shell's own machinery.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::command::{Run, fine, program};
use crate::support::typing::Terminal;
use crate::support::world::{World, set_mode};
use crate::support::{powershell, tools};

/// The files that packages install, each with the shell that the program prints it for.
const FILES: [(&str, &str); 6] = [
    ("choreo-env.bash", "bash"),
    ("_choreo-env", "zsh"),
    ("choreo-env.fish", "fish"),
    ("choreo-env.ps1", "powershell"),
    ("choreo-env.elv", "elvish"),
    ("choreo-env.nu", "nu"),
];

/// A host that no shell may read, though each could: its words are a program that leaves a trace. Those of POSIX, and
/// those of the others.
const HOSTILE: [&str; 2] = ["x$(pwned)`pwned`;pwned;'$(pwned)'&\"$(pwned)\"&pwned", "y(pwned);pwned;z(pwned)"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("completions")
}

/// A user with three profiles, of whom one has an address made by somebody else; a program and a file to be found.
fn world() -> World {
    let [hostile, too] = HOSTILE.map(|host| serde_json::to_string(&format!("https://{host}/v1")).unwrap());
    let world = World::with(format!(
        "default_profile = \"dev\"\n[profiles.dev]\napi_url = \"https://api.dev.example/pets/v1\"\n\
         [profiles.odd]\napi_url = {hostile}\n[profiles.odder]\napi_url = {too}\n\
         [profiles.prod]\ntoken_url = \"https://sts.prod.example:8443/token\"\nprotected = true\n"
    ));
    for (name, script) in [("pwned", "#!/bin/sh\n: >pwned-was-run\n"), ("zz-program", "#!/bin/sh\n")] {
        world.write(&format!("bin/{name}"), script);
        set_mode(&world.path("bin").join(name), 0o700);
    }
    world.write("work/one file", "");
    world
}

/// What the program says that the last of these words may become.
fn asked(world: &World, words: &[&str]) -> Run {
    let (last, before) = words.split_last().unwrap();
    world.choreo_env(["completions", "bash", &format!("--word={last}"), "--"]).args(before).run()
}

/// The values alone.
#[track_caller]
fn values(world: &World, words: &[&str]) -> String {
    let run = asked(world, words);
    assert!(run.status == Some(0) && run.stderr.is_empty(), "{run}");
    let values: Vec<&str> = run.stdout.lines().map(|line| line.split('\t').next().unwrap()).collect();
    values.join(" ")
}

#[test]
fn the_program_prints_the_files_that_packages_install() {
    let world = World::new();
    for (file, shell) in FILES {
        let code = fs::read_to_string(folder().join(file)).unwrap();
        world.choreo_env(["completions", shell]).run().assert(&fine().stdout(code));
    }
    let mut names: Vec<_> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let mut known: Vec<_> = FILES.map(|(file, _)| file).into_iter().chain(["_cargo-choreo-env"]).collect();
    known.sort_unstable();
    assert_eq!(names, known);
}

#[test]
fn profiles_come_with_their_host_and_what_is_special_about_them() {
    let [hostile, too] = HOSTILE;
    asked(&world(), &["token", ""]).assert(&fine().stdout(format!(
        "dev\tprofiles\tapi.dev.example, default\nodd\tprofiles\t{hostile}\nodder\tprofiles\t{too}\n\
         prod\tprofiles\tsts.prod.example:8443, protected\n"
    )));
}

#[test]
fn every_place_of_the_command_line_has_its_candidates() {
    let world = world();
    for (words, expected) in [
        (&["to"][..], "token"),
        (&["d"], "doctor demo dev"),
        (&["dev", "d"], ""),
        (&["--fresh", "tok"], ""),
        (&["--profile", "dev", "tok"], "token"),
        (&["token", "dev", "--f"], "--fresh"),
        (&["token", "--fresh", "--f"], ""),
        (&["token", "-"], "--header --profile --json --set --fresh --yes --min-ttl --quiet --verbose --help"),
        (&["token", "--profile=p"], "--profile=prod"),
        (&["show", "--profile", "p"], "prod"),
        (&["secret", "set", "p"], "prod"),
        (&["secret", "set", "prod", "--key", "a"], "api_key"),
        (&["remove", "p"], "prod"),
        (&["add", "p"], ""),
        (&["add", "new", "--extends", "p"], "prod"),
        (&["add", "new", "--secret-env", "XDG_CO"], "XDG_CONFIG_HOME"),
        (&["env", "--shell", "f"], "fish"),
        (&["env", "--format", "e"], "elvish exec-credential"),
        (&["curl", ""], "dev odd odder prod GET HEAD POST PUT DELETE OPTIONS PATCH TRACE"),
        (&["curl", "dev", "P"], "POST PUT PATCH"),
        (&["curl", "--min-ttl", "5m", "dev", "P"], "POST PUT PATCH"),
        (&["curl", "POST", "P"], ""),
        (&["curl", "dev", "POST", "P"], ""),
        (&["curl", "--credentials", "p"], "placeholder"),
        (&["token", "--set", "ap"], "api_url= api_key.env= api_key.file= api_key.keyring=true api_key.prompt=true"),
        (&["token", "--set", "par"], "params."),
        (&["token", "--set", "extends"], ""),
        (&["token", "--set", "protected="], "protected=true protected=false"),
        (&["token", "--set=protected=t"], "--set=protected=true"),
        (&["token", "--set", "client_auth=client_secret_b"], "client_auth=client_secret_basic"),
        (&["exec", "dev", ""], "--"),
        (&["list", "dev", "--", ""], ""),
        (&["no-such", "command", "--", "x", ""], ""),
        (&["completions", "p"], "powershell"),
        (&["curl", "dev", "-t", "py"], "python python-httpx"),
        (&["man", "tok"], "token"),
        (&["init", "t"], "tcsh"),
        (&["init", "d"], ""),
        (&["completions", "bash", "--w"], ""),
        (&["help", "tok"], "token"),
    ] {
        assert_eq!(values(&world, words), expected, "{words:?}");
    }
    for (words, expected) in [
        (&["import", ""][..], "\tfiles\t\n"),
        (&["add", "new", "--secret-file=o"], "\tfiles\t--secret-file=\n"),
        (&["token", "--set", "ca_file=o"], "\tfiles\tca_file=\n"),
        (&["exec", "dev", "--", ""], "\tcommand\t1\n"),
        (&["exec", "--", "npm", "run", "--", "t"], "\tcommand\t4\n"),
    ] {
        asked(&world, words).assert(&fine().stdout(expected));
    }
}

#[test]
fn connections_are_known_by_their_variables_and_no_value_is_told() {
    let world = World::new();
    let run = world.choreo_env(["completions", "bash", "--word=", "--", "add", "new", "--connection"]);
    let run = run.env("CHOREO_PETS_CONSUMERSECRET", "canary").env("CHOREO_PETS_TOKENURL", "canary").run();
    run.assert(&fine().stdout("PETS\tvalues\t\n"));
}

#[test]
fn a_broken_configuration_is_no_reason_to_speak_and_what_can_be_read_is_offered() {
    let world = World::new();
    for (config, expected) in [
        ("[profiles.dev]\nscops = 1\n[profiles.prod]\n", "dev prod"),
        ("[profiles.dev]\nextends = \"nobody\"\n", "dev"),
        ("[profiles.dev]\nconsumer_key = \"k\"\n[profiles.prod\n", "dev prod"),
        ("[profiles.dev]\nconsumer_secret = 7\napi_url = \"\u{7f}\"\n", "dev"),
        ("default_profile = 1\nprofiles = 2\n", ""),
        ("\0\u{1}", ""),
    ] {
        world.write_config(config);
        assert_eq!(values(&world, &["show", ""]).replace("--json", "").split(" --").next(), Some(expected), "{config}");
    }
    fs::write(world.config(), b"\xff").unwrap();
    assert_eq!(values(&world, &["show", "d"]), "");
    fs::remove_file(world.config()).unwrap();
    fs::create_dir(world.config()).unwrap();
    assert_eq!(values(&world, &["show", "d"]), "");
    assert_eq!(values(&world, &["sho"]), "show");
    let odd = world.choreo_env(["completions", "zsh", "--word=d", "--", "show"]);
    odd.env("CHOREO_ENV_CONFIG", "/no/such").env("CHOREO_ENV_TIMEOUT", "x").run().assert(&fine());
}

#[test]
fn completion_connects_to_nobody_and_opens_no_untrusted_file() {
    let Some(strace) = tools::find("strace") else { return };
    let world = world();
    let ours = world.write("work/.choreo-env.toml", "[profiles.checkout]\n");
    let manifest = "[package.metadata.choreo-env.profiles.manifest]\n[workspace]\n";
    world.write("work/Cargo.toml", manifest);
    let traced = |word: &str| {
        let log = world.path("strace.log");
        let calls = "trace=%network,%file,clone,?clone3,?fork,?vfork,flock";
        let traced = world.command(&strace).args(["-f", "-qq", "-e", calls, "-o"]).args([&log]);
        let run = traced.args(["choreo-env", "completions", "bash", word, "--", "token"]).run();
        assert!(run.status == Some(0) && run.stderr.is_empty(), "{run}");
        (run.stdout, fs::read_to_string(&log).unwrap())
    };
    let (out, log) = traced("--word=");
    assert!(out.starts_with("dev\t") && !out.contains("checkout") && !out.contains("manifest"), "{out}");
    for call in ["socket(", "connect(", "clone", "fork(", "flock("] {
        assert!(!log.contains(call), "{log}");
    }
    let opens = |log: &str, name: &str| log.lines().any(|line| line.contains("open") && line.contains(name));
    assert!(!opens(&log, "work/.choreo-env.toml") && !opens(&log, "Cargo.toml"), "{log}");
    world.choreo_env(["trust", "--yes", "."]).run();
    let (out, log) = traced("--word=");
    assert!(out.contains("checkout\tprofiles\tsts.choreo.dev\n") && out.contains("manifest\t"), "{out}");
    assert!(opens(&log, "work/.choreo-env.toml") && opens(&log, "Cargo.toml"), "the test looks at nothing");
    fs::write(ours, "[profiles.changed]\n").unwrap();
    let (out, _) = traced("--word=c");
    assert_eq!(out, "");
}

/// A shell that is set up for typing: `choreo-env` and `cargo` are functions of its user's, as `init` makes one, and show
/// what they are given. What completes them asks the program all the same.
struct Shell {
    name: &'static str,
    arguments: &'static [&'static str],
    /// What takes the one candidate and runs the command.
    enter: &'static str,
    /// The file that the shell reads first, below the home folder.
    file: &'static str,
    /// What stands in it, before and after the code of `completions`.
    setup: [&'static str; 2],
}

const BASH: Shell = Shell {
    name: "bash",
    arguments: &["--noprofile", "-i"],
    enter: "\r",
    file: ".bashrc",
    setup: [
        "PS1='ready> '; bind 'set bell-style none'; bind 'set enable-bracketed-paste off'\n",
        "\nchoreo-env() { printf '<%s>' \"$@\"; echo; }\ncargo() { choreo-env \"$@\"; }\n",
    ],
};

const ZSH: Shell = Shell {
    name: "zsh",
    arguments: &["-i"],
    enter: "\r",
    file: ".zshrc",
    setup: [
        "PS1='ready> '; unset zle_bracketed_paste; unsetopt beep\nautoload -Uz compinit; compinit -u -D\n",
        "\nchoreo-env() { printf '<%s>' \"$@\"; echo }\ncargo() { choreo-env \"$@\" }\n",
    ],
};

const FISH: Shell = Shell {
    name: "fish",
    arguments: &["-i"],
    enter: "\r",
    file: "../config/fish/config.fish",
    setup: [
        "set fish_greeting; set fish_autosuggestion_enabled 0; function fish_prompt; echo -n 'ready> '; end\n",
        "\nfunction choreo-env; printf '<%s>' $argv; echo; end\nfunction cargo; choreo-env $argv; end\n",
    ],
};

const ELVISH: Shell = Shell {
    name: "elvish",
    arguments: &["-i"],
    enter: "\r\r", // a word that elvish quotes is offered in a list, even if it is the only one
    file: "../config/elvish/rc.elv",
    setup: [
        "use str; set edit:prompt = { put 'ready> ' }; set edit:rprompt = { }\n",
        "\nfn choreo-env {|@a| echo '<'(str:join '><' $a)'>' }\nfn cargo {|@a| choreo-env $@a }\n",
    ],
};

const NU: Shell = Shell {
    name: "nu",
    arguments: &["-i", "--no-std-lib"],
    enter: "\r",
    file: "../config/nushell/config.nu",
    setup: [
        "$env.config.show_banner = false; $env.PROMPT_COMMAND = 'ready'; $env.PROMPT_COMMAND_RIGHT = ''\n\
         $env.config.shell_integration = { osc2: false osc7: false osc8: false osc9_9: false osc133: false osc633: false \
         reset_application_mode: false }\n$env.config.completions.partial = true\n",
        "\n@complete external\ndef --wrapped choreo-env [...rest] { print ($rest | each {|word| $\"<($word)>\" } | str join) }\n\
         @complete external\ndef --wrapped cargo [...rest] { choreo-env ...$rest }\n",
    ],
};

impl Shell {
    /// The shell on a terminal, ready.
    fn open(&self, world: &World) -> Option<Terminal> {
        self.open_as(world, "", "completions")
    }

    /// The same with something that comes first.
    fn open_as(&self, world: &World, first: &str, command: &str) -> Option<Terminal> {
        let tool = tools::find(self.name)?;
        let code = world.process(program()).args([command, self.name]).output().unwrap().stdout;
        // The plugin has a function of that name itself.
        let [before, after] = if command == "init" { [self.setup[0], ""] } else { self.setup };
        let file = world.path("home").join(self.file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, format!("{first}{before}{}{after}", String::from_utf8(code).unwrap())).unwrap();
        let mut process = world.process(tool);
        process.args(self.arguments).env("XDG_DATA_HOME", world.path("cache"));
        let mut terminal = Terminal::start(&process)?;
        terminal.sees("ready");
        Some(terminal)
    }
}

/// What is typed before TAB, and the words that the command then has.
const TYPED: [(&str, &str); 12] = [
    ("choreo-env tok", "<token>"),
    ("choreo-env token pr", "<token><prod>"),
    ("choreo-env token --profile=pr", "<token><--profile=prod>"),
    ("choreo-env env --format exec-c", "<env><--format><exec-credential>"),
    ("choreo-env curl dev PA", "<curl><dev><PATCH>"),
    ("choreo-env curl dev --credentials pl", "<curl><dev><--credentials><placeholder>"),
    ("choreo-env secret set dev --key consumer_secret_", "<secret><set><dev><--key><consumer_secret_next>"),
    ("choreo-env show --set client_auth=client_secret_p", "<show><--set><client_auth=client_secret_post>"),
    ("choreo-env exec dev -- zz-pro", "<exec><dev><--><zz-program>"),
    ("choreo-env import one", "<import><one file>"),
    ("choreo-env exec dev -- choreo-env tok", "<exec><dev><--><choreo-env><token>"),
    ("cargo choreo-env token pr", "<choreo-env><token><prod>"),
];

/// Types all that, and then looks at a list with an address that somebody else made.
#[track_caller]
fn at_the_keyboard(shell: &Shell, skipped: &[&str]) {
    let world = world();
    let Some(mut terminal) = shell.open(&world) else { return };
    for (typed, words) in TYPED.iter().filter(|(typed, _)| !skipped.contains(typed)) {
        terminal.types(&format!("{typed}\t"));
        terminal.types(shell.enter);
        terminal.sees(words);
        terminal.sees("ready");
    }
    terminal.types("choreo-env token odd\t\t");
    for host in HOSTILE {
        terminal.sees(host);
    }
    terminal.types("\x03");
    assert!(!world.path("work/pwned-was-run").exists(), "a description was evaluated");
}

#[test]
fn bash_completes_at_the_keyboard() {
    at_the_keyboard(&BASH, &[]);
}

#[test]
fn zsh_completes_at_the_keyboard() {
    at_the_keyboard(&ZSH, &[]);
}

#[test]
fn fish_completes_at_the_keyboard() {
    at_the_keyboard(&FISH, &[]);
}

#[test]
fn elvish_completes_at_the_keyboard() {
    at_the_keyboard(&ELVISH, &[]);
}

#[test]
fn nu_completes_at_the_keyboard() {
    // nu has no completer of other commands that could be asked.
    at_the_keyboard(&NU, &["choreo-env exec dev -- choreo-env tok"]);
}

#[test]
fn zsh_finds_the_files_in_fpath_and_what_cargo_brings_calls_ours() {
    let world = world();
    let cargo = Path::new(env!("CARGO")).ancestors().nth(2).unwrap().join("share/zsh/site-functions/_cargo");
    let functions = world.path("home/functions");
    fs::create_dir(&functions).unwrap();
    for file in ["_choreo-env", "_cargo-choreo-env"] {
        fs::copy(folder().join(file), functions.join(file)).unwrap();
    }
    let Ok(_) = fs::copy(cargo, functions.join("_cargo")) else {
        return tools::skip("_cargo", "use a toolchain that has cargo's own completion for zsh");
    };
    let Some(zsh) = tools::find("zsh") else { return };
    let [_, after] = ZSH.setup;
    let setup = "PS1='ready> '; fpath=(~/functions $fpath)\nautoload -Uz compinit; compinit -u -D";
    world.write("home/.zshrc", format!("{setup}{after}"));
    let mut process = world.process(zsh);
    process.arg("-i");
    let Some(mut terminal) = Terminal::start(&process) else { return };
    for (typed, words) in [
        ("choreo-env token pr", "<token><prod>"),
        ("cargo choreo-env token pr", "<choreo-env><token><prod>"),
        ("cargo +nightly choreo-env exec dev -- zz-p", "<+nightly><choreo-env><exec><dev><--><zz-program>"),
    ] {
        terminal.sees("ready");
        terminal.types(&format!("{typed}\t\r"));
        terminal.sees(words);
    }
}

#[test]
fn bash_leaves_all_else_of_cargo_to_what_completed_it_before() {
    let world = world();
    let theirs = "_theirs() { COMPREPLY=(\"its-own-$2\"); }; complete -o nospace -F _theirs cargo\n";
    let Some(mut terminal) =
        (Shell { setup: [theirs, BASH.setup[1]], ..BASH }).open_as(&world, "PS1='ready> '\n", "completions")
    else {
        return;
    };
    for (typed, words) in [
        ("cargo --quiet bui", "<--quiet><its-own-bui"),
        ("cargo choreo-env token pr", "<choreo-env><token><prod>"),
        ("cargo choreo", "<its-own-choreo"),
    ] {
        terminal.types(&format!("{typed}\t\r"));
        terminal.sees(words);
    }
    terminal.types("complete -p cargo\r");
    terminal.sees("complete -o nospace -F _choreo_env_cargo cargo");
}

#[test]
fn the_code_can_be_read_under_every_strict_option() {
    let world = World::new();
    for (shell, file, options) in
        [("bash", "choreo-env.bash", "set -eufo pipefail"), ("zsh", "_choreo-env", "setopt err_exit no_unset")]
    {
        let Some(tool) = tools::find(shell) else { continue };
        let path = folder().join(file);
        let script = format!("{options}; source {0}; source {0}; echo still here", path.display());
        world.command(tool).args(["-c", &script]).run().assert(&fine().stdout("still here\n"));
    }
}

#[test]
fn shellcheck_has_nothing_to_say() {
    let Some(shellcheck) = tools::find("shellcheck") else { return };
    let world = World::new();
    world.command(shellcheck).args(["--shell=bash"]).args([folder().join("choreo-env.bash")]).run().assert(&fine());
}

#[test]
fn powershell_s_grammar_has_no_error_in_it() {
    let code = fs::read_to_string(folder().join("choreo-env.ps1")).unwrap();
    assert!(powershell::parses(&code));
    assert!(!powershell::parses(&(code + "if ($true) {\n")));
}

#[test]
fn the_plugin_has_completion_in_it() {
    for shell in [BASH, ZSH, FISH, NU, ELVISH] {
        let world = world();
        let Some(mut terminal) = shell.open_as(&world, "", "init") else { continue };
        for (typed, shown) in [("choreo-env lis", "odder"), ("choreo-env show pro", "consumer_key")] {
            terminal.types(&format!("{typed}\t{}", shell.enter));
            terminal.sees(shown);
        }
    }
}
