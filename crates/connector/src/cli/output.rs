//! Output to standard output and standard error, which may be a full disk or a closed pipe.

use anyhow::Context as _;
use std::io::{self, ErrorKind, Write as _};

/// Prints a command's result.
///
/// # Errors
/// When it cannot be written. A closed pipe, as after `head`, is not an error.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("standard output cannot be written"),
        _ => Ok(()),
    }
}

/// Prints something optional to standard error, such as progress.
pub(super) fn hint(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}
