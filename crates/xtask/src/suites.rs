//! Every test suite one after the other, and one closing line with the totals.

use crate::{dist, shell};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// What a suite's closing lines say.
#[derive(Clone, Copy, Default)]
struct Totals {
    passed: u64,
    failed: u64,
}

/// Runs all suites, also behind one that fails.
pub(crate) fn run() -> Result<()> {
    dist::build()?;
    dist::pieces()?;
    let mut totals = weigh()?;
    for (name, mut command) in suites() {
        eprintln!("\ntest: {name}");
        let (counted, success) = run_suite(&mut command)?;
        totals.passed += counted.passed;
        totals.failed += counted.failed;
        if !success && counted.failed == 0 {
            // It did not build, or died: that is a failure even though no test says so.
            eprintln!("test: {name} did not finish");
            totals.failed += 1;
        }
        if success && counted.passed == 0 {
            eprintln!("test: {name} ran no test");
            totals.failed += 1;
        }
    }
    println!("\n{} passed, {} failed", totals.passed, totals.failed);
    if totals.failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

/// Whether every page and part is within its budget: each is a test.
fn weigh() -> Result<Totals> {
    let mut totals = Totals::default();
    eprintln!("\ntest: what pages and parts weigh");
    for load in dist::sizes::loads()? {
        let fits = load.bytes <= load.most;
        let words = if fits { "ok" } else { "TOO LARGE" };
        println!("{}: {} bytes of at most {} … {words}", load.name, load.bytes, load.most);
        totals.passed += u64::from(fits);
        totals.failed += u64::from(!fits);
    }
    Ok(totals)
}

/// Runs the long faults against the release server, one after the other: each wants the machine for itself. Then hands every
/// payload to the browser.
pub(crate) fn faults(only: Option<&str>) -> Result<()> {
    dist::build()?;
    let server = dist::server()?;
    let mut faults = shell::cargo();
    faults.args(["test", "--test", "faults"]).args(only);
    shell::run(faults.env("PARAPH_BIN", &server).args(["--", "--test-threads=1", "--nocapture"]))?;
    // Every payload, of which `test` looks at some.
    let mut payloads = shell::cargo();
    payloads.args(["test", "--test", "browser", "--"]).arg(only.unwrap_or("payloads::"));
    shell::run(payloads.env("PARAPH_BIN", &server).env("PARAPH_PAYLOADS", "all"))
}

fn suites() -> Vec<(&'static str, Command)> {
    let mut rust = shell::cargo();
    rust.args(["test", "--no-fail-fast"]);
    let mut browser = shell::cargo();
    // Two browsers for the simulator and console, one for payloads and one for Microsoft's own scripts: mostly they wait.
    browser.args(["test", "--test", "browser", "--", "--test-threads=4"]);
    let mut components = shell::command("wasm-pack");
    // Twenty seconds, its default, is short for a browser that starts on a busy machine.
    components.env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    components.args(["test", "--headless", "--chrome", "--mode", "no-install", "--chromedriver"]);
    components.arg(driver()).arg("frontend");
    vec![("Rust", rust), ("the pane's components, in the browser", components), ("end to end, in the browser", browser)]
}

fn driver() -> String {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("chromedriver")).find(|file| file.is_file());
    found.map_or_else(|| "chromedriver".into(), |file| file.to_string_lossy().into_owned())
}

/// Runs one suite, passing its output on while counting its `test result:` lines.
fn run_suite(command: &mut Command) -> Result<(Totals, bool)> {
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("{command:?} does not start"))?;
    let Some(out) = child.stdout.take() else { bail!("a suite without output") };
    let mut totals = Totals::default();
    for line in BufReader::new(out).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        if let Some((_, result)) = line.split_once("test result:") {
            totals.passed += count(result, "passed");
            totals.failed += count(result, "failed");
        }
    }
    Ok((totals, child.wait()?.success()))
}

/// The number before `word`, as in `12 passed; 0 failed;`.
fn count(result: &str, word: &str) -> u64 {
    let words: Vec<&str> = result.split_whitespace().collect();
    let at = words.iter().position(|w| w.trim_end_matches(';') == word);
    at.and_then(|at| words.get(at.checked_sub(1)?)?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn the_totals_of_a_suite_are_read_from_its_closing_line() {
        let result = " FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.52s";
        assert_eq!((count(result, "passed"), count(result, "failed"), count(result, "absent")), (12, 3, 0));
    }
}
