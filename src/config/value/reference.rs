//! Where a secret is, as plain data. The secret itself is fetched by the secret room, and only when it is needed.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;

/// A reference to a secret.
#[derive(Clone, Debug)] // `SecretString` prints as redacted
pub enum SecretRef {
    /// `{ env = "NAME" }`: an environment variable.
    Env(String),
    /// `{ file = "path" }`: a private file of one line; the path is absolute, or relative to the working directory.
    File(PathBuf),
    /// `{ command = ["program", "arg"] }`: what a program prints on one line; no shell is involved.
    Command(Vec<String>),
    /// `{ keyring = true }`: in the system's keyring, under the profile's name.
    Keyring,
    /// `{ prompt = true }`: asked on the terminal.
    Prompt,
    /// A bare string in the user's own private file.
    Value(SecretString),
}

impl fmt::Display for SecretRef {
    /// The reference as it would be written in a file; a bare value shows as `***`, and so do a command's arguments,
    /// which people do put passwords into.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "{{ env = \"{name}\" }}"),
            Self::File(path) => write!(f, "{{ file = \"{}\" }}", path.display()),
            Self::Command(words) => {
                write!(f, "{{ command = [\"{}\"", words.first().map_or("", String::as_str))?;
                if words.len() > 1 {
                    f.write_str(", …")?;
                }
                f.write_str("] }")
            }
            Self::Keyring => f.write_str("{ keyring = true }"),
            Self::Prompt => f.write_str("{ prompt = true }"),
            Self::Value(_) => f.write_str("***"),
        }
    }
}
