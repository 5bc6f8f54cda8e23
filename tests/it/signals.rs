//! Signals that end the program while it waits: `eval` of nothing succeeds, so something has to be left for it.

use std::fs::{File, OpenOptions};
use std::os::fd::OwnedFd;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Instant;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, SpecialCodeIndex, tcgetattr};

use crate::support::command::{self, fine};
use crate::support::server::{Answer, OddServer};
use crate::support::toml::{profile, profile_with, quoted};
use crate::support::tools;
use crate::support::world::World;

const SIGNALS: [(&str, i32); 4] = [("HUP", 1), ("INT", 2), ("QUIT", 3), ("TERM", 15)];

/// A profile whose secret comes from a program that sends a signal to its caller, and lives until that is gone.
fn signalled(signal: &str) -> World {
    let script = format!(
        "exec >/dev/null 2>&1; kill -{signal} $PPID; while kill -0 $PPID; do read x </dev/null; sleep 0.02; done"
    );
    let secret = format!("{{ command = [\"sh\", \"-c\", {}] }}", quoted(&script));
    let lines = "vars = { MINE = \"{token}\" }";
    World::with(profile_with("prod", "http://127.0.0.1:9/token", &secret, lines))
}

/// Runs a script in a shell that holds the variables of another environment; the signal must stop it.
#[track_caller]
fn check(shell: &str, arguments: &[&str], signals: &[&str], script: &str, wanted: &str) {
    let Some(path) = tools::find(shell) else { return };
    for signal in signals {
        let world = signalled(signal);
        let run = world.command(&path).args(arguments).args([script]);
        let run = run.env("CHOREO_ACCESS_TOKEN", "of dev").env("MINE", "of dev").run();
        assert_eq!((run.status, run.stdout.as_str()), (Some(0), wanted), "SIG{signal}\n{run}");
    }
}

const POSIX: &str = "eval $(choreo-env prod) && echo no\n\
                     printf '%s\\n' \"${CHOREO_ACCESS_TOKEN-removed}\" \"${MINE-removed}\"\n";

#[test]
fn a_signal_stops_the_evaluation_in_posix_shells_and_leaves_no_token() {
    // Where a program dies of an interrupt, bash and zsh end the whole script; fish does for SIGQUIT, too.
    let others = ["HUP", "QUIT", "TERM"];
    let all = ["HUP", "INT", "QUIT", "TERM"];
    check("bash", &["-c"], &others, POSIX, "removed\nremoved\n");
    check("zsh", &["-f", "-c"], &others, POSIX, "removed\nremoved\n");
    check("dash", &["-c"], &all, POSIX, "removed\nremoved\n");
    check("mksh", &["-c"], &all, POSIX, "removed\nremoved\n");
    check("busybox", &["sh", "-c"], &all, POSIX, "removed\nremoved\n");
}

#[test]
fn a_signal_stops_the_evaluation_in_fish() {
    let script = "choreo-env prod | source; and echo no\nset -q CHOREO_ACCESS_TOKEN; or echo removed\n";
    check("fish", &["--no-config", "-c"], &["HUP", "TERM"], script, "removed\n");
}

#[test]
fn a_signal_that_ends_the_program_is_still_what_ended_it() {
    use std::os::unix::process::ExitStatusExt;
    for (signal, number) in SIGNALS {
        let world = signalled(signal);
        let mut process = world.process(command::program());
        let output = process.args(["prod", "--shell", "sh"]).stdin(Stdio::null()).output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.signal(), Some(number), "SIG{signal}");
        assert!(stdout.starts_with("unset ") && stdout.ends_with(" MINE;\nfalse;\n"), "SIG{signal}: {stdout}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "SIG{signal}");
    }
}

#[test]
fn what_no_shell_evaluates_stays_empty() {
    for arguments in [&["prod", "--format", "json"][..], &["token", "prod"], &["exec", "prod", "--", "true"]] {
        let world = signalled("TERM");
        let run = world.choreo_env(arguments).run();
        assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (None, "", ""), "{run}");
    }
}

#[test]
fn a_signal_that_was_ignored_from_the_start_stays_ignored() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let script = "kill -HUP $PPID; echo s3cret";
    let secret = format!("{{ command = [\"sh\", \"-c\", {}] }}", quoted(script));
    let server = OddServer::always(Answer::token("t0ken", 900));
    let world = World::with(profile_with("dev", &server.url("/token"), &secret, ""));
    let run = world.command("/bin/sh").args(["-c", "trap '' HUP; eval $(choreo-env dev); echo $CHOREO_ACCESS_TOKEN"]);
    run.run().assert(&fine().stdout("t0ken\n"));
}

/// Starts `choreo-env dev`.
fn start(world: &World) -> Child {
    let mut process = world.process(command::program());
    process.args(["dev", "--shell", "sh"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    process.spawn().unwrap()
}

/// Waits until that is so; fails the test where it takes too long.
#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + command::PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        thread::yield_now();
    }
}

/// Ends a process by SIGTERM, and looks at what it left.
#[track_caller]
fn terminated(process: Child) {
    let number = process.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &number]).status().unwrap().success());
    let output = process.wait_with_output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), None);
    assert!(stdout.starts_with("unset ") && stdout.ends_with(";\nfalse;\n"), "{stdout}");
}

#[test]
fn a_signal_during_a_slow_request_or_a_wait_for_the_lock_stops_the_evaluation() {
    let server = OddServer::always(Answer::nothing().then_silence());
    let world = World::with(profile("dev", &server.url("/token"), "timeout = \"30s\""));
    let holder = start(&world);
    until("the holder's request", || server.count() == 1);
    if cfg!(target_os = "linux") {
        let waiting = start(&world);
        let threads = format!("/proc/{}/task", waiting.id());
        until("the watch for signals", || std::fs::read_dir(&threads).unwrap().count() > 1);
        terminated(waiting);
    }
    terminated(holder);
    assert_eq!(server.count(), 1);
}

/// A terminal of which the test is the person, and a program that asks there for the secret.
struct Asked {
    person: OwnedFd,
    keyboard: File,
    _world: World,
    process: Child,
}

impl Asked {
    fn start() -> Option<Self> {
        let setsid = tools::find("setsid")?;
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let name = ptsname(&person, Vec::new()).unwrap().into_string().unwrap();
        let keyboard = OpenOptions::new().read(true).write(true).open(name).unwrap();
        let world = World::with(profile_with("dev", "http://127.0.0.1:9/token", "{ prompt = true }", ""));
        let mut process = world.process(setsid);
        process.arg("--ctty").arg(command::program()).args(["dev", "--shell", "sh"]);
        process.stdin(keyboard.try_clone().unwrap()).stdout(Stdio::piped()).stderr(Stdio::piped());
        assert!(is_usual(&keyboard));
        let process = process.spawn().unwrap();
        until("the question", || !is_usual(&keyboard));
        Some(Self { person, keyboard, _world: world, process })
    }
}

/// Whether the terminal shows what is typed, and knows Ctrl-C and Ctrl-Z.
fn is_usual(keyboard: &File) -> bool {
    let state = tcgetattr(keyboard).unwrap();
    let suspends = state.special_codes[SpecialCodeIndex::VSUSP] == 26;
    suspends && state.local_modes.contains(LocalModes::ECHO | LocalModes::ISIG)
}

#[test]
fn a_signal_during_a_question_leaves_the_terminal_as_it_was() {
    let Some(asked) = Asked::start() else { return };
    terminated(asked.process);
    assert!(is_usual(&asked.keyboard));
}

#[test]
fn ctrl_c_at_a_question_ends_the_program_as_an_interrupt_does_and_the_evaluation_fails() {
    use std::os::unix::process::ExitStatusExt;
    let Some(asked) = Asked::start() else { return };
    rustix::io::write(&asked.person, b"s3cr\x03").unwrap();
    let output = asked.process.wait_with_output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!((output.status.signal(), &output.stderr[..]), (Some(2), &b""[..]), "{stdout}");
    assert!(stdout.starts_with("unset ") && stdout.ends_with(";\nfalse;\n"), "{stdout}");
    assert!(is_usual(&asked.keyboard));
}

#[test]
fn ctrl_z_at_a_question_does_not_leave_a_terminal_that_shows_the_secret() {
    let Some(asked) = Asked::start() else { return };
    rustix::io::write(&asked.person, b"a\x1ab\n").unwrap(); // not a stop, but a key
    let output = asked.process.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("127.0.0.1:9"), "the key was taken for the secret: {stderr}");
    assert!(is_usual(&asked.keyboard));
}
