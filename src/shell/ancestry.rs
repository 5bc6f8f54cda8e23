//! The shell that started this program, however indirectly.
//!
//! Owns the look at the processes above this one. Never looks further than a wrapper or two (`sudo`, `cargo run`,
//! `direnv`) would put between. Gives the nearest process that is a shell.

use super::Shell;

/// How many processes above this one are looked at.
const LEVELS: usize = 4;

/// The nearest shell above this process, and the number of its process.
pub(super) fn nearest_shell() -> Option<(Shell, u32)> {
    let mut parent = system::Process::parent_of_this()?;
    for _ in 1..LEVELS {
        match parent.shell() {
            Some(shell) => return Some((shell, parent.number())),
            None => parent = parent.parent()?,
        }
    }
    Some((parent.shell()?, parent.number()))
}

/// Linux: two or three system calls for each process, no crate.
#[cfg(target_os = "linux")]
mod system {
    use std::fs;

    use super::Shell;

    /// A process, by its number.
    pub(super) struct Process(u32);

    impl Process {
        pub(super) fn parent_of_this() -> Option<Self> {
            Some(Self(std::os::unix::process::parent_id())).filter(Self::is_visible)
        }

        pub(super) fn number(&self) -> u32 {
            self.0
        }

        /// The parent may live outside the container, and then has no number in it.
        fn is_visible(&self) -> bool {
            self.0 != 0
        }

        /// By the program's file; a script's own name, which the kernel gives to the process, says nothing about its
        /// shell. Where the file cannot be seen (another user's process) or is an interpreter (xonsh), by that name.
        pub(super) fn shell(&self) -> Option<Shell> {
            let file = fs::read_link(format!("/proc/{}/exe", self.0)).ok();
            let file = file.as_ref().and_then(|path| path.to_str());
            // an upgraded shell that still runs
            let by_file = file.and_then(|path| Shell::parse(path.strip_suffix(" (deleted)").unwrap_or(path)));
            by_file.or_else(|| Shell::parse(name_of(&self.stat()?)?))
        }

        pub(super) fn parent(&self) -> Option<Self> {
            parent_of(&self.stat()?).map(Self)
        }

        fn stat(&self) -> Option<String> {
            let bytes = fs::read(format!("/proc/{}/stat", self.0)).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }
    }

    /// `proc_pid_stat(5)`: `pid (name) state ppid …`; the name may itself hold blanks and brackets.
    fn name_of(stat: &str) -> Option<&str> {
        Some(stat.split_once('(')?.1.rsplit_once(')')?.0)
    }

    fn parent_of(stat: &str) -> Option<u32> {
        let parent = stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(1)?.parse().ok()?;
        Some(parent).filter(|parent| *parent != 0)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_name_with_brackets_and_blanks_does_not_hide_the_parent() {
            let stat = "42 (od) d (x) S 7 42 42 0 -1";
            assert_eq!(name_of(stat), Some("od) d (x"));
            assert_eq!(parent_of(stat), Some(7));
        }

        #[test]
        fn the_first_process_has_no_parent() {
            assert_eq!(parent_of("1 (init) S 0 1 1"), None);
            assert_eq!(parent_of("nonsense"), None);
        }
    }
}

/// Other systems: through `sysinfo`, which knows how each of them lists its processes.
#[cfg(not(target_os = "linux"))]
mod system {
    use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

    use super::Shell;

    /// A process, and what has been learnt about the processes so far.
    pub(super) struct Process {
        system: System,
        pid: Pid,
    }

    impl Process {
        pub(super) fn parent_of_this() -> Option<Self> {
            Self { system: System::new(), pid: sysinfo::get_current_pid().ok()? }.refreshed().parent()
        }

        pub(super) fn number(&self) -> u32 {
            self.pid.as_u32()
        }

        pub(super) fn shell(&self) -> Option<Shell> {
            let process = self.system.process(self.pid)?;
            let by_file = process.exe().and_then(|path| Shell::parse(path.to_str()?));
            by_file.or_else(|| Shell::parse(process.name().to_str()?))
        }

        pub(super) fn parent(self) -> Option<Self> {
            let pid = self.system.process(self.pid)?.parent()?;
            Some(Self { pid, ..self }.refreshed())
        }

        fn refreshed(mut self) -> Self {
            let wanted = ProcessRefreshKind::nothing().with_exe(UpdateKind::Always);
            self.system.refresh_processes_specifics(ProcessesToUpdate::Some(&[self.pid]), false, wanted);
            self
        }
    }
}
