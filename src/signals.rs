//! Signals that end the program.
//!
//! Owns the chance to do one last thing when such a signal comes. Never keeps the program alive: it ends by the signal
//! all the same, so that a shell sees what ended it, and a second signal ends it at once. Knows nothing of what is done.
//!
//! It costs a thread, so it is begun only before work that may take long.

/// Does something when a signal is about to end the program, which then ends; what it gives is held until then.
///
/// # Errors
/// Why signals cannot be watched; they then end the program as ever.
#[cfg(unix)]
pub(crate) fn before_the_end<T>(last: impl FnOnce() -> T + Send + 'static) -> std::io::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::{flag, low_level};

    let ignored = ignored();
    let heeded: Vec<i32> =
        [SIGHUP, SIGINT, SIGQUIT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0).collect();
    // Once nobody watches, a signal does what it does by itself.
    let unwatched = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&unwatched);
    let watch = || {
        for signal in &heeded {
            flag::register_conditional_default(*signal, Arc::clone(&unwatched))?;
        }
        let mut signals = Signals::new(&heeded)?;
        std::thread::Builder::new().spawn(move || {
            if let Some(signal) = signals.forever().next() {
                over.store(true, Ordering::SeqCst);
                let _held = last();
                _ = low_level::emulate_default_handler(signal); // does not come back
            }
        })
    };
    watch().map(drop).inspect_err(|_| unwatched.store(true, Ordering::SeqCst))
}

/// Elsewhere consoles end programs in ways of their own.
#[cfg(not(unix))]
pub(crate) fn before_the_end<T>(_last: impl FnOnce() -> T + Send + 'static) -> std::io::Result<()> {
    Ok(())
}

/// The signals that this process was started to ignore, such as by `nohup`, as a set of bits: they stay ignored.
/// Nothing but Linux tells without unsafe code.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
