//! Programs and languages that send requests, and how a request that was written for one of them is run.
//!
//! Never changes what was written. Gives the program that runs it, or says that the test is skipped.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use choreo_env::render::call::Target;

use super::tools;

/// A crate that has reqwest compiled.
const RUST_FOLDER: &str = "target/ci/rust-client";

/// Mono's compiler is too old for a `Main` that is a task.
const START: &str = "class Start { static void Main() { Call.Main().GetAwaiter().GetResult(); } }\n";

/// There is one crate for all requests in Rust: whoever uses it is alone.
pub(crate) fn alone(target: Target) -> Option<MutexGuard<'static, ()>> {
    static CRATE: Mutex<()> = Mutex::new(());
    (target == Target::Rust).then(|| CRATE.lock().unwrap_or_else(PoisonError::into_inner))
}

/// What runs the text, in that folder; several programs where it has to be compiled first.
#[track_caller]
pub(crate) fn runner(target: Target, text: &str, folder: &Path) -> Option<Command> {
    let write = |name: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path
    };
    match target {
        Target::Curl => shell(&["curl"], text),
        Target::Httpie => shell(&["http"], text),
        Target::Xh => shell(&["xh"], text),
        Target::Wget => shell(&["wget"], text),
        Target::Websocat => shell(&["websocat"], text),
        Target::Wscat => shell(&["wscat", "node"], text),
        Target::Hurl => Some(with("hurl", &[], &write("call.hurl"))?),
        Target::HttpFile => {
            tools::find("node")?;
            Some(with("httpyac", &["send", "--all", "--no-color"], &write("call.http"))?)
        }
        Target::Javascript => Some(with("node", &[], &write("call.mjs"))?),
        Target::Python => python("requests", &write("call.py")),
        Target::PythonHttpx => python("httpx", &write("call.py")),
        Target::Go => Some(with("go", &["run"], &write("call.go"))?),
        Target::Java => Some(with("java", &[], &write("Call.java"))?),
        Target::Csharp => {
            write("call.cs");
            fs::write(folder.join("start.cs"), START).unwrap();
            let mut command = Command::new(tools::find("bash")?);
            let (mcs, mono) = (tools::find("mcs")?, tools::find("mono")?);
            command
                .args([
                    "-c",
                    "\"$0\" -nowarn:CS0028 -main:Start -r:System.Net.Http.dll call.cs start.cs && exec \"$1\" call.exe",
                ])
                .arg(mcs)
                .arg(mono);
            Some(command)
        }
        Target::Rust => {
            let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(RUST_FOLDER);
            if !crate_folder.join("target").is_dir() {
                tools::skip("reqwest", "run tests/clients/slow.sh");
                return None;
            }
            write("call.rs");
            let mut command = Command::new(tools::find("bash")?);
            let script = "cp call.rs \"$0/src/main.rs\" && cargo run --quiet --offline --manifest-path \"$0/Cargo.toml\" --target-dir \"$0/target\"";
            command.args(["-c", script]).arg(crate_folder);
            Some(command)
        }
        Target::CurlPowershell | Target::CurlPowershell5 | Target::CurlCmd | Target::Powershell | Target::Ballerina => {
            None
        }
    }
}

/// A command line, in bash, which finds the program by its name.
#[track_caller]
fn shell(programs: &[&str], text: &str) -> Option<Command> {
    let mut command = Command::new(tools::find("bash")?);
    let mut folders: Vec<PathBuf> = Vec::new();
    for program in programs {
        folders.push(tools::find(program)?.parent()?.to_owned());
    }
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    command.args(["-c", text]).env("PATH", std::env::join_paths(folders).unwrap());
    Some(command)
}

#[track_caller]
fn with(program: &str, arguments: &[&str], file: &Path) -> Option<Command> {
    let mut command = Command::new(tools::find(program)?);
    command.args(arguments).arg(file);
    Some(command)
}

/// Python, where it has that library.
#[track_caller]
fn python(library: &str, file: &Path) -> Option<Command> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ci/clients/bin/python");
    let python = if installed.is_file() { installed } else { tools::find("python3")? };
    let known = Command::new(&python).args(["-c", &format!("import {library}")]).output().unwrap();
    if !known.status.success() {
        tools::skip(library, &format!("install the Python package `{library}`"));
        return None;
    }
    let mut command = Command::new(python);
    command.arg(file);
    Some(command)
}
