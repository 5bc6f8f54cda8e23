//! The doorway of `choreo-env`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use choreo_env::environ::Environ;
use choreo_env::term::Term;

fn main() -> ExitCode {
    let environ = Environ::capture();
    let mut term = Term::standard(environ.wants_colour());
    choreo_env::run(std::env::args_os(), &environ, &mut term)
}
