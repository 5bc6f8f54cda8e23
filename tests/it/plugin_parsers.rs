//! The templates of the plugin, each as the parser of its shell sees it. That a parser finds a mistake is seen, too.

use choreo_env::shell::Shell;
use choreo_env::shell::plugin::plugin;

use crate::support::world::World;
use crate::support::{powershell, tools};

/// Whether a shell's parser takes a template for good, with such a line below it; `None` where there is no such shell.
fn is_good(shell: Shell, below: &str, program: &str, arguments: &[&str]) -> Option<bool> {
    let program = tools::find(program)?;
    let world = World::new();
    let file = world.write("work/plugin", format!("{}{below}", plugin(shell).unwrap().template));
    let file = file.to_str().unwrap();
    let run = world.command(program).args(arguments.iter().map(|word| word.replace("FILE", file))).run();
    Some(run.status == Some(0) && run.stderr.is_empty() && !run.stdout.contains("\"severity\":\"Error\""))
}

#[track_caller]
fn check(shell: Shell, program: &str, arguments: &[&str], mistake: &str) {
    let Some(good) = is_good(shell, "", program, arguments) else { return };
    assert!(good, "{program} finds a mistake");
    assert_eq!(is_good(shell, mistake, program, arguments), Some(false), "{program} finds no mistake at all");
}

#[test]
fn fish_parses_its_template() {
    check(Shell::Fish, "fish", &["--no-config", "-n", "FILE"], "echo (\n");
}

#[test]
fn nu_parses_its_template() {
    check(Shell::Nu, "nu", &["--no-config-file", "--ide-check", "10", "FILE"], "let x = (\n");
}

#[test]
fn elvish_compiles_and_runs_its_template() {
    // `edit:` is there on a terminal only.
    let edit = "var edit: = (ns [&before-readline=[] &after-readline=[] &add-var~=$nop~])";
    check(Shell::Elvish, "elvish", &["-norc", "-c", &format!("{edit}; eval (slurp < FILE)")], "var x = $nothing\n");
}

#[test]
fn xonsh_compiles_its_template() {
    check(Shell::Xonsh, "xonsh", &["--no-rc", "-c", "compilex(open('FILE').read())"], "def x(:\n");
}

#[test]
fn tcsh_parses_its_template() {
    check(Shell::Tcsh, "tcsh", &["-f", "-n", "FILE"], "echo 'x\n");
}

#[test]
fn a_grammar_of_powershell_takes_its_template() {
    let plugin = plugin(Shell::PowerShell).unwrap();
    assert!([plugin.template, plugin.dir_switch, plugin.line].into_iter().all(powershell::parses));
    assert!(!powershell::parses(&format!("{}if ($true) {{\n", plugin.template)));
}
