//! Programs that never outlive the test program, however it ends.

use anyhow::{Context as _, bail};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Ends its program, and removes what it leaves, when the other end of its standard input is closed: that happens when
/// the test program is gone too. (Statics are not dropped at the end of a test program.) The program's own children may
/// still write for seconds after it, and nobody waits for that.
const WATCH: &str = r#"
leaves=$1; shift
"$@" & child=$!
exec 2>/dev/null
read -r _
kill -TERM "$child"; wait "$child"
[ -n "$leaves" ] || exit 0
(for _ in 1 2 3 4 5 6 7 8; do rm -rf "$leaves"; sleep 0.5; done) >/dev/null &
"#;

/// A running program; it is ended when this is dropped.
#[derive(Debug)]
pub struct Program {
    shell: Child,
}

impl Program {
    /// Starts `program` and reads its standard output until `find` has found what it looks for in a line. The folder
    /// `leaves` is removed after it.
    pub fn start<T>(
        program: &Path,
        args: &[&str],
        leaves: Option<&Path>,
        find: impl Fn(&str) -> Option<T>,
    ) -> anyhow::Result<(Self, T)> {
        let mut shell = Command::new("sh")
            .args(["-c", WATCH, "sh"])
            .arg(leaves.unwrap_or(Path::new("")))
            .arg(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut output = BufReader::new(shell.stdout.take().context("no output")?);
        let program = Self { shell };
        let mut line = String::new();
        loop {
            line.clear();
            if output.read_line(&mut line)? == 0 {
                bail!("the program ended before it was ready; what it says stands above");
            }
            if let Some(found) = find(&line) {
                // What it prints from now on must not fill the pipe.
                std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
                return Ok((program, found));
            }
        }
    }
}

impl Program {
    /// The program's process id, while it runs.
    pub fn id(&self) -> Option<u32> {
        let shell = self.shell.id();
        let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}
