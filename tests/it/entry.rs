//! Profiles that come into the user's file, change there, and leave it.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::command::{ends, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::profile_with;
use crate::support::tools;
use crate::support::world::{World, mode, set_mode};

const COMMAND: &str = "curl -u key:canary -d grant_type=client_credentials https://sts.example/token";

const CONFIG: &str = "# of mine\ndefault_profile = \"one\"   # the usual one\n\n[defaults]\nscopes = ['read']\n\n\
                      # one and only\n[profiles.one]\nconsumer_key='k'\nconsumer_secret = { env = 'S' }  # elsewhere\n\n# the end\n";

fn config(world: &World) -> String {
    fs::read_to_string(world.config()).unwrap()
}

/// Nothing of the secret is in any file of the world but the named ones.
#[track_caller]
fn canary_only_in(world: &World, names: &[&str]) {
    for (path, content) in world.files() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let has = String::from_utf8_lossy(&content).contains("canary");
        assert!(!has || names.contains(&name), "the secret is in {}", path.display());
    }
}

#[test]
fn the_rest_of_the_file_stays_as_it_is_and_a_link_stays_a_link() {
    let world = World::with(CONFIG);
    let target = world.path("home/dotfile.toml");
    fs::rename(world.config(), &target).unwrap();
    set_mode(&target, 0o640);
    symlink(&target, world.config()).unwrap();
    let run = world.choreo_env(["import", "--profile", "two", "--secret-env", "TWO"]).stdin(COMMAND).run();
    run.assert(&fine().stderr_has(["profile `two`: the secret that was imported is not kept"]));
    let added = "[profiles.two]\ntoken_url = \"https://sts.example/token\"\nconsumer_key = \"key\"\n\
                 consumer_secret = { env = \"TWO\" }\n";
    assert_eq!(config(&world), format!("{CONFIG}\n{added}"));
    assert!(fs::symlink_metadata(world.config()).unwrap().is_symlink());
    assert_eq!(mode(&target), 0o640);
    world.choreo_env(["remove", "two", "--yes"]).run().assert(&fine());
    assert_eq!(config(&world), CONFIG);
    canary_only_in(&world, &[]);
}

#[test]
fn without_a_keyring_nothing_is_written_and_other_places_are_named() {
    let world = World::new();
    let run = world.choreo_env(["import", "--profile", "dev"]).stdin(COMMAND).run();
    let run = run.assert(&ends(5).stderr_has([
        "error: profile `dev`: `consumer_secret`: ",
        "keyring",
        "hint: keep it elsewhere: `--secret-file PATH`, `--secret-env NAME`, `--secret-command 'PROGRAM ARG'` or",
    ]));
    assert!(!run.stderr.contains("canary") && !world.config().exists(), "{run}");
    canary_only_in(&world, &[]);
}

#[test]
fn a_name_that_is_taken_or_no_name_is_refused_before_anything_happens() {
    let world = World::with(CONFIG);
    let import =
        |name: &str| world.choreo_env(["import", "--profile", name, "--secret-file", "s"]).stdin(COMMAND).run();
    import("one").assert(&ends(3).stderr_has(["error: there is a profile `one` already (", "config.toml)", "hint: "]));
    import("token").assert(&ends(2).stderr_has(["`token` is the name of a command"]));
    import("a b").assert(&ends(2).stderr_has(["`a b` is no profile name"]));
    let run = world.choreo_env(["import", "--secret-file", "s"]).stdin(COMMAND).run();
    run.assert(&ends(2).stderr_has(["the profile has no name", "`--profile NAME`"]));
    let run = world.choreo_env(["add", "one", "--consumer-key", "k", "--secret-prompt"]).run();
    run.assert(&ends(3).stderr_has(["there is a profile `one` already"]));
    assert_eq!(config(&world), CONFIG);
    assert!(!world.path("work/s").exists());
}

#[test]
fn what_is_no_token_request_is_refused_with_the_reason() {
    let world = World::new();
    for (text, reason) in [
        ("hello", "this is no cURL command"),
        ("curl 'https://h/t", "a quote is not closed"),
        ("curl https://h/pets -H 'Authorization: Bearer canary'", "its `Authorization` header is not Basic"),
        ("curl https://h/t", "it has no `grant_type`"),
        ("curl https://h/t -d grant_type=password -d password=canary", "by password"),
        ("curl https://h/t -d grant_type=canary", "by another grant"),
        ("curl -d grant_type=client_credentials", "no address"),
        ("curl <token_endpoint> -u k:canary -d grant_type=client_credentials", "no address"),
        ("curl \"$URL\" -u k:canary -d grant_type=client_credentials", "no address"),
        ("curl https://h/t -u \"$KEY:canary\" -d grant_type=client_credentials", "no consumer key"),
        ("curl https://h/t -u key -d grant_type=client_credentials", "no consumer secret"),
        ("curl http://sts.example/t -u k:canary -d grant_type=client_credentials", "`token_url` must use https"),
        ("curl https://h/t -u k:canary -d grant_type=client_credentials -d scope='a\"b'", "`scopes` has a scope"),
        ("curl https://h/t -u $'k:canary\\nx' -d grant_type=client_credentials", "the secret has more than one line"),
    ] {
        let run = world.choreo_env(["import", "--profile", "dev", "--secret-file", "s"]).stdin(text).run();
        let status = if reason.starts_with("the secret") { 5 } else { 3 };
        assert!(run.status == Some(status) && run.stderr.contains(reason) && run.stdout.is_empty(), "{text}\n{run}");
        assert!(!run.stderr.contains("canary"), "{run}");
        assert!(!world.config().exists() && !world.path("work/s").exists(), "{text}");
    }
}

#[test]
fn hostile_input_ends_with_a_message() {
    let world = World::new();
    let import =
        |args: &[&str], input: Vec<u8>| world.choreo_env(["import", "--profile", "dev"]).args(args).stdin(input).run();
    import(&[], vec![b'x'; (1 << 20) + 1]).assert(&ends(3).stderr_has(["standard input", "longer than"]));
    import(&[], vec![0xff, 0xfe]).assert(&ends(3).stderr_has(["this is no cURL command"]));
    import(&["/dev/zero"], Vec::new()).assert(&ends(3).stderr_has(["cannot read `/dev/zero`", "plain file"]));
    import(&["none.txt"], Vec::new()).assert(&ends(3).stderr_has(["cannot read `none.txt`"]));
    let escapes = "curl https://h/t --\u{1b}[31m -u 'k:s' -d grant_type=client_credentials -d $'a\u{1b}=b'";
    let run = import(&["--secret-file", "s"], escapes.into());
    assert!(run.status == Some(3) && !run.stderr.contains('\u{1b}'), "{run}");
    assert!(!world.path("work/s").exists() && !world.config().exists());
}

#[test]
fn a_file_of_secrets_is_never_overwritten() {
    let world = World::new();
    world.write("work/s", "before\n");
    let run = world.choreo_env(["import", "--profile", "dev", "--secret-file", "s"]).stdin(COMMAND).run();
    run.assert(&ends(5).stderr_has(["cannot be written", "hint: a file is never overwritten"]));
    assert_eq!(fs::read_to_string(world.path("work/s")).unwrap(), "before\n");
    assert!(!world.config().exists());
}

#[test]
fn a_secret_is_taken_back_where_the_profile_cannot_be_written() {
    let world = World::with("profiles = { one = { consumer_key = \"k\" } }\n");
    let run = world.choreo_env(["import", "--profile", "dev", "--secret-file", "s"]).stdin(COMMAND).run();
    run.assert(&ends(3).stderr_has(["cannot write the configuration", "use `choreo-env edit`"]));
    assert!(!world.path("work/s").exists());
}

#[test]
fn variables_of_connections_become_profiles() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let url = server.url("/token");
    let world = World::new();
    let of = |name: &str| {
        format!(
            "CHOREO_{name}_TOKENURL={url}\nCHOREO_{name}_CONSUMERKEY=key\nexport CHOREO_{name}_CONSUMERSECRET='canary'\n"
        )
    };
    let file = world.write("work/.env", of("PETSTORE") + "CHOREO_PETSTORE_SERVICEURL=https://api.example/v1\n");
    world.choreo_env(["import", ".env", "--secret-file", "s"]).run().assert(&fine());
    world.choreo_env(["token", "petstore"]).run().assert(&fine().stdout("t0ken\n"));
    assert!(server.requests()[0].header("authorization").is_some_and(|sent| sent == "Basic a2V5OmNhbmFyeQ=="));
    assert!(config(&world).contains("api_url = \"https://api.example/v1\""));
    canary_only_in(&world, &[".env", "s"]);
    fs::write(file, of("A") + &of("B_C") + "CHOREO_D_SERVICEURL=https://d.example\n").unwrap();
    let run = world.choreo_env(["import", ".env", "--secret-file", "t"]).run();
    run.assert(
        &ends(2).stderr_has(["connection `D` has no consumer key: left out", "`--secret-file` is for one secret"]),
    );
    world.choreo_env(["import", ".env", "--secret-prompt", "--quiet"]).run().assert(&fine());
    let run = world.choreo_env(["list"]).run();
    run.assert(&fine().stdout_has(["  a  ", "  b_c ", "  petstore "]));
    let run = world.choreo_env(["import", "--from-env", "--profile", "x", "--secret-prompt", "--quiet"]);
    let run = run.env("CHOREO_Z_TOKENURL", &url).env("CHOREO_Z_CONSUMERKEY", "canary").run();
    run.assert(&fine());
    assert!(config(&world).contains("[profiles.x]"));
    let run = world.choreo_env(["import", "--from-env"]).run();
    run.assert(&ends(3).stderr_has(["there are no `CHOREO_<CONNECTION>_*` variables"]));
}

#[test]
fn connections_of_a_component_become_profiles_without_values() {
    let world = World::new();
    fs::create_dir(world.path("work/.choreo")).unwrap();
    world.write(
        "work/.choreo/component.yaml",
        "schemaVersion: \"1.1\"\ndependencies:\n  connectionReferences:\n    - name: petstore\n      resourceRef: service:/a/b/v1\n",
    );
    world.choreo_env(["import", ".choreo/component.yaml"]).run().assert(&fine());
    assert_eq!(config(&world), "[profiles.petstore]\nconnection = \"PETSTORE\"\n");
}

#[test]
fn add_writes_what_its_flags_say() {
    let world = World::new();
    let run = world.choreo_env(["add", "dev", "--consumer-key", "k", "--token-url", "https://sts.example/token"]);
    let run = run.args(["--scopes", "a b", "--param", "orgHandle=acme", "--client-auth", "client_secret_post"]);
    run.args(["--secret-command", "pass 'choreo dev'"]).run().assert(&fine());
    world.choreo_env(["add", "child", "--extends", "dev", "--audience", "x"]).run().assert(&fine());
    world.choreo_env(["add", "pets", "--connection", "PETSTORE"]).run().assert(&fine());
    assert_eq!(
        config(&world),
        "[profiles.dev]\ntoken_url = \"https://sts.example/token\"\nconsumer_key = \"k\"\n\
         client_auth = \"client_secret_post\"\nscopes = [\"a\", \"b\"]\nparams = { orgHandle = \"acme\" }\n\
         consumer_secret = { command = [\"pass\", \"choreo dev\"] }\n\n\
         [profiles.child]\nextends = \"dev\"\naudience = \"x\"\n\n[profiles.pets]\nconnection = \"PETSTORE\"\n"
    );
    assert_eq!((mode(&world.config()), mode(world.config().parent().unwrap())), (0o600, 0o700));
}

#[test]
fn add_reads_the_secret_from_a_pipe() {
    let world = World::new();
    let add = |name: &str| world.choreo_env(["add", name, "--consumer-key", "k", "--secret-file", "s"]);
    add("dev").stdin("canary\n").run().assert(&fine());
    assert_eq!(fs::read_to_string(world.path("work/s")).unwrap(), "canary\n");
    add("same").run().assert(&fine()); // the file is there already, and is only referred to
    canary_only_in(&world, &["s"]);
    let run = world.choreo_env(["add", "other", "--consumer-key", "k", "--secret-file", "t"]).run();
    run.assert(&ends(5).stderr_has(["profile `other`: `consumer_secret`: "]));
    let run = world.choreo_env(["add", "other"]).stdin("canary\n").run();
    run.assert(&ends(2).stderr_has(["`--consumer-key` is missing", "hint: "]));
    let run = world.choreo_env(["add", "other", "--consumer-key", "k", "--secret-command", "pass | head"]).run();
    run.assert(
        &ends(2).stderr_has(["`--secret-command` cannot be used: it has something that only a shell understands"]),
    );
    let run = world
        .choreo_env(["add", "other", "--consumer-key", "k", "--token-url", "http://h.example/t"])
        .stdin("canary\n")
        .run();
    run.assert(&ends(3).stderr_has(["error: `token_url` must use https"]));
    assert!(!config(&world).contains("other") && !world.path("work/t").exists());
}

#[test]
fn add_asks_at_a_terminal() {
    let Some(script) = tools::find("script") else { return };
    let world = World::new();
    let answers = "key\nhttp://bad.example/t\nhttps://sts.example/token\n\nread write\n";
    let command = "choreo-env add dev --secret-env DEV_SECRET";
    let run = world.command(script).args(["-qec", command, "/dev/null"]).env("NO_COLOR", "1").stdin(answers).run();
    assert!(run.status == Some(0) && run.stdout.contains("consumer key: "), "{run}");
    assert!(
        run.stdout.contains("error: `token_url` must use https") && run.stdout.contains("scopes [none]: "),
        "{run}"
    );
    assert_eq!(
        config(&world),
        "[profiles.dev]\nconsumer_key = \"key\"\ntoken_url = \"https://sts.example/token\"\nscopes = [\"read\", \"write\"]\n\
         consumer_secret = { env = \"DEV_SECRET\" }\n"
    );
}

#[test]
fn a_command_can_be_pasted_at_a_terminal() {
    let Some(script) = tools::find("script") else { return };
    let world = World::new();
    let pasted = format!("{COMMAND} \\\n -d scope=last\n\n");
    let command = "choreo-env import --profile dev --secret-file s";
    let run = world.command(script).args(["-qec", command, "/dev/null"]).stdin(pasted).run();
    assert!(run.status == Some(0) && run.stdout.contains("paste the cURL command (it is not shown)"), "{run}");
    assert_eq!(fs::read_to_string(world.path("work/s")).unwrap(), "canary\n");
    assert!(config(&world).contains("scopes = [\"last\"]"));
}

#[test]
fn edit_saves_what_has_no_mistakes() {
    let world = World::with(CONFIG);
    let run = world.choreo_env(["edit"]).env("VISUAL", "sed -i s/read/write/").env("EDITOR", "false").run();
    run.assert(&fine());
    assert_eq!(config(&world), CONFIG.replace("read", "write"));
    assert_eq!(mode(&world.config()), 0o600);
    world.choreo_env(["edit"]).env("EDITOR", "true").run().assert(&fine());
    let left = fs::read_dir(world.config().parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "no copy is left");
    let new = World::new();
    new.choreo_env(["edit"]).env("EDITOR", "sed -i 1a[profiles.dev]").run().assert(&fine());
    assert!(config(&new).contains("\n[profiles.dev]\n"));
    assert_eq!(mode(&new.config()), 0o600);
}

#[test]
fn edit_leaves_the_file_alone_where_there_are_mistakes() {
    let world = World::with(CONFIG);
    let run = world.choreo_env(["edit"]).env("EDITOR", "sed -i s/scopes/scops/").run();
    let run = run.assert(&ends(3).stderr_has([
        "warning: nothing is changed; your text is kept in `[ROOT]/config/choreo-env/edit-",
        "error: `defaults`: unknown key `scops` ([ROOT]/config/choreo-env/edit-",
        "hint: did you mean `scopes`?",
    ]));
    assert_eq!(config(&world), CONFIG);
    let kept = run.stderr.split('`').nth(1).unwrap();
    assert_eq!((fs::read_to_string(kept).unwrap(), mode(kept.as_ref())), (CONFIG.replace("scopes", "scops"), 0o600));
    for (editor, reason) in [
        ("false", "the editor ended with an error"),
        ("rm", "the editor removed the file"),
        ("sed -i s/a/b/; true", "`EDITOR` cannot be used: it has something that only a shell understands"),
    ] {
        let run = world.choreo_env(["edit"]).env("EDITOR", editor).run();
        run.assert(&ends(2).stderr_has([reason]));
        assert_eq!(config(&world), CONFIG);
    }
    let run = world.choreo_env(["edit"]).env("EDITOR", "no-such-editor").run();
    run.assert(&ends(127).stderr_has(["cannot run `no-such-editor`"]));
}

#[test]
fn edit_does_not_overwrite_what_somebody_else_wrote() {
    let world = World::with(CONFIG);
    world.write("bin/slow", format!("#!/bin/sh\necho >>{}; echo >>\"$1\"; echo >>\"$1\"\n", world.config().display()));
    set_mode(&world.path("bin/slow"), 0o700);
    let run = world.choreo_env(["edit"]).env("EDITOR", "slow").run();
    run.assert(&ends(3).stderr_has(["your text is kept in", "error: cannot write", "somebody else changed it"]));
    assert_eq!(config(&world), format!("{CONFIG}\n"));
}

#[test]
fn edit_works_on_a_file_with_mistakes_and_offers_to_go_on_at_a_terminal() {
    let Some(script) = tools::find("script") else { return };
    let world = World::with("scops = 1\n");
    world
        .write("bin/once", "#!/bin/sh\nif [ -e done ]; then echo >\"$1\"; else touch done; echo 'x = 1' >\"$1\"; fi\n");
    set_mode(&world.path("bin/once"), 0o700);
    let run =
        world.command(script).args(["-qec", "choreo-env edit", "/dev/null"]).env("EDITOR", "once").stdin("y\n").run();
    assert!(
        run.status == Some(0) && run.stdout.contains("unknown key `x`") && run.stdout.contains("edit again?"),
        "{run}"
    );
    assert_eq!(config(&world), "\n");
}

#[test]
fn remove_takes_the_token_along_and_spares_what_others_need() {
    let server = OddServer::always(Answer::token("t0ken", 900));
    let url = server.url("/token");
    let secret = "{ file = \"secret\" }";
    let child = "[profiles.child]\nextends = \"dev\"\n";
    let world = World::with(format!("default_profile = \"dev\"\n{}{child}", profile_with("dev", &url, secret, "")));
    world.write("config/choreo-env/secret", "canary\n");
    world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
    let run = world.choreo_env(["remove", "dev", "--yes"]).run();
    run.assert(
        &ends(3).stderr_has(["error: profile `dev` cannot be removed: `child` extends it", "hint: change child first"]),
    );
    let run = world.choreo_env(["remove", "nope", "--yes"]).run();
    run.assert(&ends(3).stderr_has(["no profile is called `nope`"]));
    let run = world.choreo_env(["remove", "child"]).run();
    run.assert(&ends(2).stderr_has(["profile `child` would be removed, and nobody can be asked", "add `--yes`"]));
    world.choreo_env(["remove", "child", "--yes"]).run().assert(&fine());
    let run = world.choreo_env(["remove", "dev", "--yes"]).run();
    run.assert(&fine().stderr_has(["config/choreo-env/secret`, which holds the secret, is left where it is"]));
    assert_eq!(config(&world), "");
    let tokens = world.files().into_iter().filter(|(_, content)| String::from_utf8_lossy(content).contains("t0ken"));
    assert_eq!(tokens.count(), 0);
}

#[test]
fn remove_asks_at_a_terminal() {
    let Some(script) = tools::find("script") else { return };
    let world = World::with(CONFIG);
    let ask = |answer: &str| {
        let command =
            world.command(&script).args(["-qec", "choreo-env remove one", "/dev/null"]).stdin(answer.to_owned());
        let run = command.run();
        assert!(run.status == Some(0) && run.stdout.contains("remove profile `one`"), "{run}");
    };
    ask("n\n");
    assert_eq!(config(&world), CONFIG);
    ask("y\n");
    assert_eq!(config(&world), "# of mine\n\n[defaults]\nscopes = ['read']\n\n# the end\n");
}

#[cfg(all(target_os = "linux", feature = "keyring"))]
mod in_the_keyring {
    //! Secrets that go straight into a real keyring.

    use super::*;
    use crate::support::session::{Session, keyring_files};

    #[test]
    fn an_imported_secret_goes_into_the_keyring_and_is_removed_with_the_profile() {
        let server = OddServer::always(Answer::token("t0ken", 900));
        let world = World::new();
        let Some(_session) = Session::with_keyring(&world) else { return };
        let command = COMMAND.replace("https://sts.example/token", &server.url("/token"));
        world.choreo_env(["import", "--profile", "dev"]).stdin(command).run().assert(&fine());
        assert!(config(&world).ends_with("consumer_secret = { keyring = true }\n") && keyring_files(&world) > 0);
        world.choreo_env(["token", "dev"]).run().assert(&fine().stdout("t0ken\n"));
        assert_eq!(server.requests()[0].header("authorization"), Some("Basic a2V5OmNhbmFyeQ=="), "key:canary");
        canary_only_in(&world, &[]);
        let elsewhere = world.choreo_env(["token", "dev", "--set", "token_url=http://127.0.0.1:9/token"]);
        elsewhere.run().assert(&ends(4).stderr_has(["`consumer_secret` was stored for `http://127.0.0.1:"]));
        world.choreo_env(["remove", "dev", "--yes"]).run().assert(&fine());
        let set = ["consumer_key=key", "token_url=https://sts.example/token", "consumer_secret.keyring=true"];
        let run = world.choreo_env(["token", "--profile", "dev"]).args(set.iter().flat_map(|set| ["--set", set])).run();
        run.assert(&ends(5).stderr_has(["nothing is stored for it in the system's keyring"]));
    }

    #[test]
    fn add_stores_what_is_piped_and_connections_bring_their_api_keys() {
        let world = World::new();
        let Some(_session) = Session::with_keyring(&world) else { return };
        world.choreo_env(["add", "dev", "--consumer-key", "k"]).stdin("canary\n").run().assert(&fine());
        world.choreo_env(["secret", "check", "dev"]).run().assert(&fine().stdout_has([""]));
        let of = |name: &str| {
            format!(
                "CHOREO_{name}_TOKENURL=https://sts.example/token\nCHOREO_{name}_CONSUMERKEY=key\n\
                 CHOREO_{name}_CONSUMERSECRET=canary\nCHOREO_{name}_SERVICEURL=https://api.example/v1\n\
                 CHOREO_{name}_CHOREOAPIKEY=canary2\n"
            )
        };
        world.choreo_env(["import"]).stdin(of("A") + &of("B")).run().assert(&fine());
        assert_eq!(config(&world).matches("api_key = { keyring = true }").count(), 2);
        world.choreo_env(["secret", "check", "b", "--key", "api_key"]).run().assert(&fine().stdout_has([""]));
        canary_only_in(&world, &[]);
    }

    #[test]
    fn what_was_stored_is_taken_back_where_the_profile_cannot_be_written() {
        let world = World::with("profiles = { one = { consumer_key = \"k\" } }\n");
        let Some(_session) = Session::with_keyring(&world) else { return };
        let run = world.choreo_env(["import", "--profile", "dev"]).stdin(COMMAND).run();
        run.assert(&ends(3).stderr_has(["cannot write the configuration"]));
        let set = ["consumer_key=key", "token_url=https://sts.example/token", "consumer_secret.keyring=true"];
        world.write_config("[profiles.dev]\n");
        let run = world.choreo_env(["token", "dev"]).args(set.iter().flat_map(|set| ["--set", set])).run();
        run.assert(&ends(5).stderr_has(["nothing is stored for it in the system's keyring"]));
    }
}
