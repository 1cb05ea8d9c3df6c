//! Log lines, written by a thread of their own: a log that cannot be written, or that nobody reads, holds nothing up.

use std::fs::File;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};
use tracing_subscriber::fmt::MakeWriter;

/// Most lines that wait for a slow reader; further ones are lost.
const WAITING: usize = 4096;
/// How long [`LogLines::flush`] waits at most.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it looks for room in a full queue meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Counts lines that were lost.
pub(crate) const LOST: &str = "paraph_log_lines_lost_total";

/// Takes log lines and never waits, nor fails: what cannot be written is counted instead. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LogLines {
    lines: SyncSender<Message>,
    /// Lines lost since the last one that was written.
    lost: Arc<AtomicU64>,
}

enum Message {
    Line(Vec<u8>),
    /// Answered when every line before it is written.
    Flush(SyncSender<()>),
}

impl LogLines {
    /// The lines of this process's standard error, the same for every caller.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn of_standard_error() -> io::Result<&'static Self> {
        static LINES: OnceLock<LogLines> = OnceLock::new();
        if let Some(lines) = LINES.get() {
            return Ok(lines);
        }
        let lines = Self::start(standard_error()?)?;
        Ok(LINES.get_or_init(|| lines))
    }

    /// Starts a thread that writes lines to `output`, each with one call.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(output: impl Write + Send + 'static) -> io::Result<Self> {
        let (lines, waiting) = sync_channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let started = Self { lines, lost: Arc::clone(&lost) };
        thread::Builder::new().name("log".into()).spawn(move || write_all(output, &waiting, &lost))?;
        Ok(started)
    }

    /// Waits until what was logged is written, for a second at most.
    pub fn flush(&self) {
        let deadline = Instant::now() + PATIENCE;
        let (written, wait) = sync_channel(1);
        while self.lines.try_send(Message::Flush(written.clone())).is_err() {
            if Instant::now() >= deadline {
                return;
            }
            thread::sleep(LOOK_EVERY);
        }
        let _ = wait.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    }
}

fn write_all(mut output: impl Write, waiting: &Receiver<Message>, lost: &AtomicU64) {
    for message in waiting {
        match message {
            Message::Line(line) if output.write_all(&line).is_ok() => {
                let lines = lost.swap(0, Ordering::Relaxed);
                if lines > 0 {
                    tracing::warn!(lines, "log lines were lost: the log could not be written, or nobody read it");
                }
            }
            Message::Line(_) => lose(lost),
            // Who asked may have given up.
            Message::Flush(written) => _ = written.try_send(()),
        }
    }
}

fn lose(lost: &AtomicU64) {
    lost.fetch_add(1, Ordering::Relaxed);
    metrics::counter!(LOST).increment(1);
}

/// Standard error without the lock of the standard library: a write that hangs must not hang others, such as a panic's.
#[cfg(unix)]
fn standard_error() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    Ok(File::from(io::stderr().as_fd().try_clone_to_owned()?))
}

#[cfg(not(unix))]
fn standard_error() -> io::Result<io::Stderr> {
    Ok(io::stderr())
}

impl Write for &LogLines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.lines.try_send(Message::Line(line.to_vec())).is_err() {
            lose(&self.lost);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogLines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Where a test's lines go.
    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_is_written_in_order() {
        let output = Output::default();
        let lines = LogLines::start(output.clone()).unwrap();
        for number in 0..100 {
            writeln!(&lines, "{number}").unwrap();
        }
        lines.flush();
        let expected: String = (0..100).map(|number: u8| number.to_string() + "\n").collect();
        assert_eq!(String::from_utf8(output.0.lock().unwrap().clone()).unwrap(), expected);
    }

    #[test]
    fn lines_that_nobody_reads_are_lost_and_counted_without_waiting() {
        let output = Output::default();
        let lines = LogLines::start(output.clone()).unwrap();
        // The writer waits for this, as for a full pipe.
        let stopped = output.0.lock().unwrap();
        for _ in 0..WAITING + 100 {
            (&lines).write_all(b"line\n").unwrap();
        }
        // One line may be on its way already.
        assert!(lines.lost.load(Ordering::Relaxed) >= 99);
        drop(stopped);
        lines.flush();
        assert!(output.0.lock().unwrap().len() >= WAITING * 5);
    }
}
