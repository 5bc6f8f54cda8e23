//! `choreo-env man`, as people meet it: in a pipe, on a terminal with and without a man program, and misspelt.

use std::fs;

use crate::support::command::{ends, fine};
use crate::support::tools;
use crate::support::world::{World, set_mode};

#[test]
fn in_a_pipe_it_is_plain_text_or_the_source() {
    let world = World::new();
    let run = world.choreo_env(["man", "token"]).run();
    assert!(run.status == Some(0) && run.stderr.is_empty(), "{run}");
    assert!(
        run.stdout.starts_with("CHOREO-ENV-TOKEN(1)  ")
            && run.stdout.contains("\nEXAMPLES\n       choreo-env token dev"),
        "{run}"
    );
    let source = fs::read_to_string(super::folder().join("choreo-env.5")).unwrap();
    world.choreo_env(["man", "config", "--roff"]).run().assert(&fine().stdout(source));
}

#[test]
fn a_misspelt_page_is_guessed_and_the_others_are_listed() {
    let world = World::new();
    world.choreo_env(["man", "tokn"]).run().assert(&ends(2).stderr_has([
        "error: there is no page `tokn` in the manual\n",
        "hint: did you mean `token`? the pages are: ",
        "secret-set,",
        "config\n",
    ]));
    world
        .choreo_env(["man", "--profile", "dev"])
        .run()
        .assert(&ends(2).stderr_has(["`choreo-env man` does not take `--profile`"]));
}

/// A terminal of a world in which only those programs can be found, and what is on it.
fn on_a_terminal(world: &World, programs: &[(&str, &str)]) -> Option<String> {
    let script = tools::find("script")?;
    for (name, code) in programs {
        let path = world.write(&format!("bin/{name}"), format!("#!/bin/sh\n{code}\n"));
        set_mode(&path, 0o700);
    }
    let path = world.path("bin");
    let command = format!("PATH='{}' choreo-env man token", path.display());
    let run = world.command(script).args(["-qec", &command, "/dev/null"]).run();
    assert_eq!(run.status, Some(0), "{run}");
    Some(run.stdout.replace('\r', ""))
}

#[test]
fn on_a_terminal_man_shows_the_page_else_mandoc_else_a_pager_else_nobody() {
    let show = "printf '%s: ' \"$0\"; for file; do :; done; read -r line <\"$file\"; echo \"$line\"; exec 2>/dev/null";
    let programs = [("less", show), ("mandoc", show), ("man", show)];
    let text = "CHOREO-ENV-TOKEN(1)";
    let world = World::new();
    let Some(seen) = on_a_terminal(&world, &[]) else { return };
    assert!(seen.starts_with(text) && seen.contains("EXAMPLES"), "{seen}");
    for ((name, _), begins) in programs.iter().zip([text, ".\\\"", ".\\\""]) {
        let at = programs.iter().position(|(known, _)| known == name).unwrap();
        let seen = on_a_terminal(&world, &programs[..=at]).unwrap();
        assert!(seen.contains(&format!("/bin/{name}: {begins}")), "{name}: {seen}");
        assert_eq!(seen.lines().count(), 1, "{seen}");
    }
    // A man that cannot do it stands in nobody's way.
    let seen = on_a_terminal(&world, &[("man", "exit 16"), ("mandoc", "exit 3")]).unwrap();
    assert!(seen.contains(&format!("/bin/less: {text}")), "{seen}");
}

#[test]
fn the_user_s_own_pager_shows_the_plain_text() {
    let Some(script) = tools::find("script") else { return };
    let world = World::new();
    let pager = world.write("bin/pager", "#!/bin/sh\necho \"$1 $#\"\n");
    set_mode(&pager, 0o700);
    let command = format!("PATH='{}' PAGER='pager -x' choreo-env man", world.path("bin").display());
    let run = world.command(script).args(["-qec", &command, "/dev/null"]).run();
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), "-x 2\r\n"), "{run}");
}
