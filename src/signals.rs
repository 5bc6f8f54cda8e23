//! Signals that end the program.
//!
//! Owns the chance to do one last thing when such a signal comes. Never keeps the program alive: it ends by the signal
//! all the same, so that a shell sees what ended it, and a second signal ends it at once. Knows nothing of what is done.
//!
//! It costs a thread, so it is begun only before work that may take long.

use std::any::Any;
use std::sync::{Mutex, PoisonError};

/// Something to be done before the end. What it gives is held until then, such as a lock.
type Act = Box<dyn FnOnce() -> Box<dyn Any> + Send>;

/// What is to be done, each with the number by which it can be called off.
static ACTS: Mutex<Vec<(usize, Act)>> = Mutex::new(Vec::new());

/// Calls an act off when it is dropped.
#[derive(Debug)]
#[must_use]
pub struct Watch(usize);

impl Watch {
    /// Never calls it off.
    pub fn for_good(self) {
        std::mem::forget(self); // nothing but a number
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        acts(|acts| acts.retain(|(number, _)| *number != self.0));
    }
}

/// Does something when a signal is about to end the program. The last one that was asked for is done first. Where
/// signals cannot be watched, they end the program as ever.
pub fn before_the_end<T: 'static>(act: impl FnOnce() -> T + Send + 'static) -> Watch {
    let act: Act = Box::new(move || Box::new(act()));
    let number = acts(|acts| {
        let number = acts.last().map_or(0, |(last, _)| last + 1);
        acts.push((number, act));
        number
    });
    system::watch();
    Watch(number)
}

fn acts<T>(change: impl FnOnce(&mut Vec<(usize, Act)>) -> T) -> T {
    change(&mut ACTS.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(unix)]
mod system {
    use std::io;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Once};
    use std::thread;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::{flag, low_level};

    /// Begins to watch, once.
    pub(super) fn watch() {
        static BEGUN: Once = Once::new();
        BEGUN.call_once(|| {
            // Once nobody watches, a signal does what it does by itself.
            let unwatched = Arc::new(AtomicBool::new(false));
            if begin(&unwatched).is_err() {
                unwatched.store(true, Ordering::SeqCst);
            }
        });
    }

    fn begin(unwatched: &Arc<AtomicBool>) -> io::Result<()> {
        let ignored = ignored();
        let heeded: Vec<i32> =
            [SIGHUP, SIGINT, SIGQUIT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0).collect();
        for signal in &heeded {
            flag::register_conditional_default(*signal, Arc::clone(unwatched))?;
        }
        let mut signals = Signals::new(&heeded)?;
        let unwatched = Arc::clone(unwatched);
        let wait = move || {
            if let Some(signal) = signals.forever().next() {
                unwatched.store(true, Ordering::SeqCst);
                let acts = super::acts(std::mem::take);
                let _held: Vec<_> = acts.into_iter().rev().map(|(_, act)| act()).collect();
                _ = low_level::emulate_default_handler(signal); // does not come back
            }
        };
        thread::Builder::new().spawn(wait).map(drop)
    }

    /// The signals that this process was started to ignore, such as by `nohup`, as a set of bits: they stay ignored.
    /// Nothing but Linux tells without unsafe code.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }
}

#[cfg(not(unix))]
mod system {
    /// Consoles end programs in ways of their own.
    pub(super) fn watch() {}
}
