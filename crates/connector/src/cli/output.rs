//! Standard output and standard error, which may be a full disk or a program that has ended.

use anyhow::Context as _;
use std::io::{self, ErrorKind, Write as _};

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
