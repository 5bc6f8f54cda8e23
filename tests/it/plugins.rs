//! The files that plugin managers load, loaded as they do it.
//!
//! What they evaluate is `choreo-env init SHELL`, which has tests of its own: here a program stands in for it, and says
//! what it was asked.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::support::command::{Run, fine};
use crate::support::tools;
use crate::support::world::{World, set_mode};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A world whose program says, as code for a shell, that it was asked for its plugin, and in what words.
fn world() -> World {
    let world = World::new();
    let program = world.path("bin/choreo-env");
    fs::remove_file(&program).unwrap();
    fs::write(&program, "#!/bin/sh\necho \"echo asked: $*\"\n").unwrap();
    set_mode(&program, 0o755);
    world
}

/// A world without the program.
fn bare() -> World {
    let world = World::new();
    fs::remove_file(world.path("bin/choreo-env")).unwrap();
    world
}

/// A folder as a plugin manager would have cloned it, under a name with a blank in it.
fn cloned(world: &World) -> PathBuf {
    let clone = world.path("home/plugin folder");
    symlink(repository(), &clone).unwrap();
    clone
}

fn zsh(world: &World, shell: &Path, script: &str) -> Run {
    let plugin = cloned(world).join("choreo-env.plugin.zsh");
    world.command(shell).args(["-fic", script]).env("PLUGIN", plugin).run()
}

#[test]
fn zsh_managers_that_source_the_file_get_the_plugin_and_the_completions() {
    let Some(shell) = tools::find("zsh") else { return };
    // antidote and zinit source it; then comes compinit.
    let script = "source \"$PLUGIN\"; autoload -Uz compinit && compinit -u -D; print -r -- $_comps[choreo-env]";
    zsh(&world(), &shell, script).assert(&fine().stdout("asked: init zsh\n_choreo-env\n"));
}

#[test]
fn oh_my_zsh_sources_the_file_after_compinit_and_with_options_of_its_own() {
    let Some(shell) = tools::find("zsh") else { return };
    let options = "ksh_arrays sh_word_split glob_subst no_unset err_return warn_create_global no_clobber extended_glob";
    let script = format!(
        "autoload -Uz compinit && compinit -u -D; setopt {options}; source \"$PLUGIN\"; emulate zsh; \
         print -rl -- ${{(M)fpath:#*/completions}}"
    );
    let folder = fs::canonicalize(repository()).unwrap().join("completions");
    zsh(&world(), &shell, &script).assert(&fine().stdout(format!("asked: init zsh\n{}\n", folder.display())));
}

#[test]
fn zsh_finds_the_completions_once_however_often_the_file_is_sourced() {
    let Some(shell) = tools::find("zsh") else { return };
    let script = "source \"$PLUGIN\"; source \"$PLUGIN\"; print -rl -- ${(M)fpath:#*/completions} | wc -l";
    zsh(&world(), &shell, script).assert(&fine().stdout("asked: init zsh\nasked: init zsh\n1\n"));
}

#[test]
fn nothing_is_said_where_the_program_is_not_installed() {
    if let Some(shell) = tools::find("zsh") {
        let world = bare();
        zsh(&world, &shell, "source \"$PLUGIN\"; print $?").assert(&fine().stdout("0\n"));
    }
    if let Some(shell) = tools::find("fish") {
        fish(&bare(), &shell, &["--interactive"]).assert(&fine());
    }
}

/// fisher copies `conf.d/*.fish` and `completions/*.fish` into the user's folders of the same names.
fn fish(world: &World, shell: &Path, flags: &[&str]) -> Run {
    for folder in ["conf.d", "completions"] {
        let to = world.path("config/fish").join(folder);
        fs::create_dir_all(&to).unwrap();
        for file in fs::read_dir(repository().join(folder)).unwrap().map(|entry| entry.unwrap().path()) {
            if file.extension().is_some_and(|end| end == "fish") {
                fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
            }
        }
    }
    world.command(shell).args(flags).args(["-c", "true"]).env("TERM", "xterm").run()
}

#[test]
fn fisher_s_copies_load_the_plugin_where_somebody_types_and_nowhere_else() {
    let Some(shell) = tools::find("fish") else { return };
    fish(&world(), &shell, &["--interactive"]).assert(&fine().stdout("asked: init fish\n"));
    fish(&world(), &shell, &[]).assert(&fine());
}
