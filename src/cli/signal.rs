//! Ctrl-C: the first asks a command to come to its end, the second ends the process.

/// Calls `ask` at each Ctrl-C; it tells whether it was asked before. Where no handler can be set, Ctrl-C ends the process
/// at once, which loses nothing that is finished.
pub fn on_interrupt(ask: impl Fn() -> bool + Send + 'static) {
    let handler = move || {
        if ask() {
            std::process::exit(130);
        }
    };
    drop(ctrlc::set_handler(handler));
}
