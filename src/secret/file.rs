//! `{ file = "path" }`: a secret in a private file, of one line where it is no private key.
//!
//! Owns the checks on that file. Never reads one that others can read, and never shows what is in it: the permissions
//! are looked up on the opened file, so that nobody can exchange it in between.

use std::fs::File;
use std::io;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::line::Form;
use super::{Problem, line};
use crate::store::{self, Access};

/// Opens the file, if it is private; a relative path is taken from the working directory.
pub(super) fn open(path: &Path) -> Result<File, Problem> {
    let unreadable = |source: io::Error| Problem::FileUnreadable { path: path.to_owned(), source };
    let file = store::open_plain(path).map_err(unreadable)?;
    match store::access(&file).map_err(unreadable)? {
        Access::Private => Ok(file),
        Access::Open(mode) => Err(Problem::FileOpen { path: path.to_owned(), mode }),
        Access::Foreign => Err(Problem::FileForeign { path: path.to_owned() }),
    }
}

/// Reads the file.
pub(super) fn read(path: &Path, form: Form) -> Result<SecretString, Problem> {
    let unreadable = |source: io::Error| Problem::FileUnreadable { path: path.to_owned(), source };
    let file = open(path)?;
    // One byte more than allowed is enough to say "too long", so a huge file is never read.
    let flawed = |flaw| Problem::FileFlawed { path: path.to_owned(), flaw };
    if file.metadata().map_err(unreadable)?.len() > line::MOST as u64 {
        return Err(flawed(line::Flaw::TooLong));
    }
    let text = store::read_bounded(&file, line::MOST as u64).map_err(unreadable)?;
    form.read(&text).map_err(flawed)
}

/// Writes the file, which must not be there yet, so that nothing is lost.
pub(super) fn write(path: &Path, form: Form, secret: &SecretString) -> Result<(), Problem> {
    let secret = secret.expose_secret();
    // What could not be read again is not written.
    form.read(secret.as_bytes()).map_err(|flaw| Problem::NotOneLine { flaw })?;
    let mut text = Zeroizing::new(Vec::with_capacity(secret.len() + 1));
    text.extend_from_slice(secret.as_bytes());
    text.push(b'\n');
    store::create_private(path, &text).map_err(|source| Problem::FileNotWritten { path: path.to_owned(), source })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::secret::Flaw;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;
    use tempfile::TempDir;

    fn secret_file(content: &[u8], mode: u32) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("my secret");
        fs::write(&path, content).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("mode");
        (folder, path)
    }

    #[test]
    fn a_private_file_of_one_line_is_read() {
        for mode in [0o600, 0o400] {
            let (_folder, path) = secret_file("pässword\n".as_bytes(), mode);
            assert_eq!(read(&path, Form::Line).expect("readable").expose_secret(), "pässword");
        }
    }

    #[test]
    fn a_file_that_others_may_read_is_refused_with_the_command_that_closes_it() {
        for mode in [0o640, 0o604, 0o660, 0o601] {
            let (_folder, path) = secret_file(b"canary\n", mode);
            let problem = read(&path, Form::Line).expect_err("open to others");
            assert!(matches!(problem, Problem::FileOpen { mode: seen, .. } if seen == mode));
            assert_eq!(problem.hint(), Some(format!("run `chmod 600 '{}'`", path.display())));
        }
    }

    #[test]
    fn a_flawed_file_is_refused_and_its_content_is_not_shown() {
        let long = vec![b'x'; line::MOST + 1];
        let cases: [(&[u8], Flaw); 4] = [
            (b"", Flaw::Empty),
            (b"canary\nmore\n", Flaw::SeveralLines),
            (b"canary\xff", Flaw::NotText),
            (&long, Flaw::TooLong),
        ];
        for (content, expected) in cases {
            let (_folder, path) = secret_file(content, 0o600);
            let problem = read(&path, Form::Line).expect_err("flawed");
            assert!(matches!(problem, Problem::FileFlawed { flaw, .. } if flaw == expected), "{problem:?}");
            assert!(!format!("{problem} {problem:?}").contains("canary"));
        }
    }

    #[test]
    fn a_file_is_written_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        let secret = SecretString::from("canary");
        write(&path, Form::Line, &secret).expect("written");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(read(&path, Form::Line).expect("readable").expose_secret(), "canary");
        let problem = write(&path, Form::Line, &secret).expect_err("there already");
        assert!(problem.hint().is_some_and(|hint| hint.contains("never overwritten")), "{problem}");
        let problem =
            write(&folder.path().join("two"), Form::Line, &SecretString::from("a\nb")).expect_err("two lines");
        assert!(matches!(problem, Problem::NotOneLine { flaw: Flaw::SeveralLines }));
    }

    #[test]
    fn a_missing_file_and_a_folder_are_not_readable() {
        let folder = tempfile::tempdir().expect("a folder");
        for path in [folder.path().join("none"), folder.path().to_owned()] {
            assert!(matches!(read(&path, Form::Line), Err(Problem::FileUnreadable { .. })));
        }
    }
}
