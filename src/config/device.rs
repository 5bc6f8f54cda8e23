//! The name that this machine has in scopes: WSO2's servers keep one token for an application and a set of scopes, and a
//! scope that begins with `device_` makes the set another one.
//!
//! Owns the file that it is kept in. Never tells anything about the machine or its user: the name is random.

use std::fmt::Write;
use std::iter;
use std::path::Path;

use crate::environ::Environ;
use crate::notice::{Notice, Report};
use crate::store::PrivateDir;

/// The file's name, in the folder for what is of this machine.
const FILE: &str = "device";
/// How many hexadecimal digits it has: enough that two machines never share one.
const LENGTH: usize = 16;

/// The name, which is made at its first use. `None`: it cannot be kept, and one that changes would be of no use.
pub(super) fn name(environ: &Environ, report: Report) -> Option<String> {
    let folder = environ.data_home()?.join("choreo-env");
    kept(&folder).or_else(|| match make(&folder) {
        Ok(name) => Some(name),
        Err(error) => {
            let message = format!("`device_scope` does nothing: `{}` cannot be used: {error}", folder.display());
            report(Notice::warning(message));
            None
        }
    })
}

fn kept(folder: &Path) -> Option<String> {
    let content = PrivateDir::existing(folder).ok()?.read(FILE, 64).ok()?;
    let name = std::str::from_utf8(&content).ok()?.trim();
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (name.len() == LENGTH && name.bytes().all(hex)).then(|| name.to_owned())
}

fn make(folder: &Path) -> std::io::Result<String> {
    let dir = PrivateDir::open(folder)?;
    // One of several that begin at once makes it; the others read what it made.
    let _lock = iter::repeat_with(|| dir.try_lock("device.lock")).take(1000).find_map(|lock| match lock {
        Ok(None) => {
            std::thread::sleep(std::time::Duration::from_millis(1));
            None
        }
        taken => Some(taken),
    });
    if let Some(name) = kept(folder) {
        return Ok(name);
    }
    let mut name = String::with_capacity(LENGTH);
    _ = write!(name, "{:016x}", fastrand::u64(..)); // writing to a String cannot fail
    dir.write(FILE, format!("{name}\n").as_bytes())?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_made_once_and_a_damaged_one_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("choreo-env");
        assert_eq!(kept(&path), None);
        let name = make(&path).expect("made");
        assert_eq!((kept(&path).as_ref(), make(&path).as_ref().ok()), (Some(&name), Some(&name)));
        std::fs::write(path.join(FILE), "../../x").expect("written");
        assert_eq!(kept(&path), None);
        assert_ne!(make(&path).expect("made"), name);
    }
}
