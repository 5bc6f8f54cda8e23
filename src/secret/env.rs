//! `{ env = "NAME" }`: a secret in an environment variable.
//!
//! Owns nothing: the variable is the user's, and it is taken exactly as it is. Never lists other variables.

use secrecy::SecretString;

use super::Problem;
use crate::environ::Environ;

/// Reads the variable.
pub(super) fn read(name: &str, environ: &Environ) -> Result<SecretString, Problem> {
    let name = name.to_owned();
    match (environ.get(&name), environ.text(&name)) {
        (_, Some(value)) => Ok(SecretString::from(value)),
        (Some(_), None) => Err(Problem::VariableNotText { name }),
        // The snapshot treats an empty variable as one that is not set; here people need to know which it is.
        (None, None) if environ.names().any(|known| known == name) => Err(Problem::VariableEmpty { name }),
        (None, None) => Err(Problem::VariableUnset { name }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_variable_is_taken_as_it_is() {
        let environ = Environ::from_iter([("KEY", " a\nb ")]);
        assert_eq!(read("KEY", &environ).expect("set").expose_secret(), " a\nb ");
    }

    #[test]
    fn unset_and_empty_are_told_apart() {
        let environ = Environ::from_iter([("EMPTY", "")]);
        assert!(matches!(read("EMPTY", &environ), Err(Problem::VariableEmpty { .. })));
        assert!(matches!(read("UNSET", &environ), Err(Problem::VariableUnset { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_are_refused() {
        use std::ffi::OsString;
        use std::os::unix::ffi::OsStringExt;
        let environ = Environ::from_iter([(OsString::from("KEY"), OsString::from_vec(vec![0xff]))]);
        assert!(matches!(read("KEY", &environ), Err(Problem::VariableNotText { .. })));
    }
}
