//! The picture of the README: a terminal, drawn from a real run against the sandbox.
//!
//! Every line of the scene is run by a real bash on a real terminal (`script` makes one), with the plugin loaded. What
//! differs from run to run is made alike; nothing else is touched. `CHOREO_ENV_UPDATE=1 cargo test picture` draws it
//! anew.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anstyle_svg::{Term, WIN10_CONSOLE};
use choreo_env::sandbox::{Environment, Options, Sandbox};

use crate::support::tools;
use crate::support::world::World;

/// Not a full minute, so that the minutes stay the same while the scene is played.
const LIFETIME: Duration = Duration::from_secs(14 * 60 + 50);

/// What is typed.
const SCENE: &str = r#"
choreo-env use dev
curl -w '\n' -H "Authorization: Bearer $CHOREO_ACCESS_TOKEN" "$CHOREO_API_URL/pets/2"
choreo-env curl GET /pets --credentials helper
choreo-env use prod --yes
choreo-env status --all
choreo-env off
"#;

/// Types each line behind the prompt that bash would show, the plugin's segment in it, and does what it says.
const TYPIST: &str = r#"
eval "$(choreo-env init bash)"
PS1='\[\e[36m\]~/petstore\[\e[0m\] ${choreo_env_prompt:+$choreo_env_prompt }\[\e[32m\]❯\[\e[0m\] '
prompt() {
  eval "$PROMPT_COMMAND"
  local prompt=${PS1@P}
  printf %s "${prompt//[$'\001\002']/}"
}
while prompt && IFS= read -r line <&3; do
  printf '%s\n' "$line"
  eval "$line"
done 3< scene
"#;

/// What the terminal shows, with its colours.
fn played() -> Option<String> {
    let script = tools::find("script")?;
    tools::find("bash").and(tools::find("curl"))?;
    let sandbox = Sandbox::spawn(Options { lifetime: LIFETIME, ..Options::default() }).expect("a sandbox");
    // The last table of the file is the one of `prod`.
    let world = World::with(sandbox.site().profile_toml() + "protected       = true\n");
    world.write("work/scene", SCENE.trim_start());
    world.write("work/typist", TYPIST);
    let run = world.command(script).args(["-qec", "bash --norc --noprofile typist", "/dev/null"]);
    let run = run.env("TERM", "xterm-256color").env("SHELL", "/bin/sh").run();
    let dev = sandbox.site().api_url(Environment::Dev);
    let host = dev.split('/').nth(2).expect("a host").to_owned();
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{run}");
    Some(run.stdout.replace('\r', "").replace(&host, "localhost:8080").trim_end().to_owned() + "\n")
}

/// The time that a token has left is counted in seconds, and the run takes some of them.
fn alike(shown: &str) -> String {
    (30..49).fold(shown.to_owned(), |shown, second| shown.replace(&format!("14m {second}s"), "14m 49s"))
}

#[test]
fn the_picture_of_the_readme_shows_what_happens() {
    let Some(shown) = played() else { return };
    let drawn = Term::new().palette(WIN10_CONSOLE).render_svg(&alike(&shown));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/terminal.svg");
    if std::env::var_os("CHOREO_ENV_UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, drawn).unwrap();
    } else {
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(committed, drawn, "run `CHOREO_ENV_UPDATE=1 cargo test picture`\n{shown}");
    }
}
