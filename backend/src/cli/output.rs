//! Standard output, which may be a full disk or a program that has ended.

use anyhow::Context as _;
use std::io::{self, ErrorKind, Write as _};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Prints what a command found out.
///
/// # Errors
/// When it cannot be written; a reader that has seen enough, such as `head`, is no failure.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("standard output cannot be written"),
        _ => Ok(()),
    }
}

/// Prints to standard error what a command would do without.
pub(super) fn hint(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// How long [`announce`] waits for a reader.
const PATIENCE: Duration = Duration::from_secs(1);

/// Prints what a server shows once. The server starts whatever becomes of it, also when nobody reads.
pub(super) fn announce(text: String) {
    let (shown, wait) = mpsc::channel();
    let started = thread::Builder::new().spawn(move || {
        let mut output = io::stdout().lock();
        if let Err(error) = output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
            tracing::warn!(%error, "standard output cannot be written, so its messages are lost: restart Paraph with \
                                    a different standard output");
        }
        let _ = shown.send(());
    });
    if started.is_ok() {
        let _ = wait.recv_timeout(PATIENCE);
    }
}
