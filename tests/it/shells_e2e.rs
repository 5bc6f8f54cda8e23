//! The main job in every shell: the variables that arrive are the ones that `choreo-env token` and the profile say.

use crate::support::command::fine;
use crate::support::oidc::{Client, Oidc};
use crate::support::toml::{KEY, SECRET, profile, quoted};
use crate::support::tools;
use crate::support::world::World;

/// Everything that splitting, globbing, quoting or history could spoil.
const HOSTILE: &str = r#"*  [a-z]? ~ #x  'q' "d" `id` $HOME $(id) !! a\b\\c ; & | < > {a,b} = % é 日本 -n \"#;
const API_URL: &str = "https://api.example:8443/pets/v1";

/// What every POSIX-like shell can be told before the evaluation.
const SETTINGS: [&str; 7] = [":", "IFS=:", "IFS=.-", "IFS=", "set -f", "set -eu", "IFS=,/+"];

/// A profile at the real server, in a folder whose files match what is printed.
struct Scene {
    world: World,
    server: Oidc,
}

impl Scene {
    #[track_caller]
    fn start() -> Option<Self> {
        let client = Client { id: KEY, secret: SECRET, auth: "client_secret_basic" };
        let server = Oidc::with(&[client], serde_json::json!({}))?;
        let hostile = quoted(&HOSTILE.replace('{', "{{").replace('}', "}}"));
        let lines = format!(
            "resource = \"urn:pets\"\nscopes = [\"read\"]\napi_url = \"{API_URL}\"\n\
             vars = {{ AUTH = \"Bearer {{token}}\", HOSTILE = {hostile} }}"
        );
        let world = World::with(profile("dev", &server.token_url(), &lines));
        for name in ["a", "b", "ab", "export", "CHOREO_ACCESS_TOKEN=x", "false;", "x.y-z", "'", "$'"] {
            world.write(&format!("work/{name}"), "");
        }
        Some(Self { world, server })
    }

    /// What `printenv` has to say of the five variables.
    #[track_caller]
    fn expected(&self) -> String {
        let token = self.world.choreo_env(["token", "dev"]).run();
        assert_eq!((token.status, token.stderr.as_str()), (Some(0), ""), "{token}");
        let token = token.value();
        assert_eq!(token.split('.').count(), 3, "the token is a JWT");
        format!("{token}\ndev\n{API_URL}\nBearer {token}\n{HOSTILE}\n")
    }

    /// Runs a script that evaluates the output, and compares what programs that the shell starts then see.
    #[track_caller]
    fn check(&self, shell: &[&str], script: &str) {
        let (program, arguments) = shell.split_first().unwrap();
        let script = format!("{script}\n{PRINT}");
        let run = self.world.command(program).args(arguments).args([&script]).run();
        run.assert(&fine().stdout(self.expected()));
        assert_eq!(self.server.count(), 1, "one token is enough for all of them");
    }
}

/// `env` in front, because tcsh has a `printenv` of its own.
const PRINT: &str = "env printenv CHOREO_ACCESS_TOKEN CHOREO_ENV_PROFILE CHOREO_API_URL AUTH HOSTILE";

/// `eval $(choreo-env dev)`, unquoted, under all settings that POSIX knows and those of this shell.
#[track_caller]
fn check_posix(shell: &str, arguments: &[&str], settings: &[&str]) {
    let Some(path) = tools::find(shell) else { return };
    let Some(scene) = Scene::start() else { return };
    let command = [&[path.to_str().unwrap()], arguments].concat();
    for setting in SETTINGS.iter().chain(settings) {
        scene.check(&command, &format!("{setting}\neval $(choreo-env dev)"));
        scene.check(&command, &format!("{setting}\neval \"$(choreo-env dev)\""));
    }
}

#[test]
fn bash_gets_the_token_unquoted_whatever_its_options() {
    let options = ["shopt -s failglob", "shopt -s nullglob", "shopt -s extglob dotglob", "set -o posix", "set -H"];
    check_posix("bash", &["-c"], &options);
}

#[test]
fn zsh_gets_the_token_unquoted_whatever_its_options() {
    let options = [
        "setopt GLOB_SUBST",
        "setopt GLOB_SUBST SH_WORD_SPLIT",
        "setopt GLOB_SUBST NULL_GLOB EXTENDED_GLOB",
        "setopt GLOB_SUBST SH_WORD_SPLIT CSH_NULL_GLOB; IFS=.-",
        "setopt SH_WORD_SPLIT; IFS=:",
        "setopt RC_QUOTES INTERACTIVE_COMMENTS BANG_HIST",
        "emulate sh",
        "emulate ksh",
    ];
    check_posix("zsh", &["-f", "-c"], &options);
}

#[test]
fn dash_gets_the_token_unquoted() {
    check_posix("dash", &["-c"], &[]);
}

#[test]
fn mksh_gets_the_token_unquoted() {
    check_posix("mksh", &["-c"], &["set -o posix"]);
}

#[test]
fn ksh93_gets_the_token_unquoted() {
    check_posix("ksh93", &["-c"], &["set -o globstar", "set -B"]);
}

#[test]
fn busybox_gets_the_token_unquoted() {
    check_posix("busybox", &["sh", "-c"], &[]);
}

#[test]
fn yash_gets_the_token_unquoted() {
    check_posix("yash", &["-c"], &["set -o nullglob", "set -o extendedglob", "set -o posix"]);
}

#[test]
fn posh_gets_the_token_unquoted() {
    check_posix("posh", &["-c"], &[]);
}

#[track_caller]
fn check_other(shell: &str, arguments: &[&str], scripts: &[&str]) {
    let Some(path) = tools::find(shell) else { return };
    let Some(scene) = Scene::start() else { return };
    let command = [&[path.to_str().unwrap()], arguments].concat();
    for script in scripts {
        scene.check(&command, script);
    }
}

#[test]
fn fish_gets_the_token_in_all_three_forms() {
    check_other(
        "fish",
        &["--no-config", "-c"],
        &["eval (choreo-env dev)", "choreo-env dev | source", "eval \"$(choreo-env dev)\""],
    );
}

#[test]
fn elvish_gets_the_token_from_eval_and_slurp() {
    check_other(
        "elvish",
        &["-norc", "-c"],
        &[
            "eval (choreo-env dev --shell elvish | slurp)",
            "eval ({ try { choreo-env dev --shell elvish } catch { } } | slurp)",
        ],
    );
}

#[test]
fn tcsh_gets_the_token_from_a_quoted_eval() {
    check_other("tcsh", &["-f", "-c"], &["eval \"`choreo-env dev`\"", "eval \"`choreo-env dev --shell tcsh`\""]);
}

#[test]
fn nu_gets_the_token_from_a_record() {
    check_other(
        "nu",
        &["--no-config-file", "-c"],
        &["choreo-env dev --shell nu | from json | load-env", "choreo-env dev --format json | from json | load-env"],
    );
}

#[test]
fn xonsh_gets_the_token_from_execx() {
    check_other("xonsh", &["--no-rc", "-c"], &["execx($(choreo-env dev --shell xonsh))"]);
}
