//! The doorway of `cargo choreo-env`: cargo puts the word `choreo-env` before the arguments, and it is dropped here.
//! Whoever runs this program by its file's name hears of `cargo choreo-env` as well: that is the command to type.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use choreo_env::cli::CARGO;
use choreo_env::environ::Environ;
use choreo_env::term::Term;

fn main() -> ExitCode {
    let environ = Environ::capture();
    let mut term = Term::standard(environ.wants_colour());
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|word| word == "choreo-env") {
        arguments.remove(1);
    }
    arguments.splice(..1.min(arguments.len()), [CARGO.into()]);
    choreo_env::run(arguments, &environ, &mut term)
}
