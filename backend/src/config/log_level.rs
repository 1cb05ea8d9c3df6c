//! `log.level`: its words checked, and changed while the server runs.

use anyhow::Context as _;
use std::sync::OnceLock;
use tracing_subscriber::EnvFilter;

/// What a level may be called.
const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];

/// Gives the running log another filter.
type Change = Box<dyn Fn(EnvFilter) -> anyhow::Result<()> + Send + Sync>;

static CHANGE: OnceLock<Change> = OnceLock::new();

/// Checks a level, or a list of levels by target such as `info,paraph=debug`.
///
/// # Errors
/// When the level is not valid; the error follows the setting's name and says what to write. Without this check, a
/// filter would treat any other word as a target's name and silence everything else.
pub fn check(level: &str) -> Result<(), String> {
    for part in level.split(',') {
        let (target, word) = part.split_once('=').unwrap_or(("paraph", part));
        let is_target = |c: char| c.is_ascii_alphanumeric() || "_:-".contains(c);
        let is_level = LEVELS.iter().any(|level| word.trim().eq_ignore_ascii_case(level));
        if !is_level || target.trim().is_empty() || !target.trim().chars().all(is_target) {
            let meant = match word.trim().to_lowercase().as_str() {
                "warning" => " for \"warning\", warn",
                "verbose" => " for \"verbose\", debug or trace",
                "none" | "silent" | "quiet" => " for silence, off",
                _ => "",
            };
            let meant = if meant.is_empty() { String::new() } else { format!(";{meant}") };
            return Err(format!(
                "is {level:?}: write {}, or a list by target such as \"info,paraph=debug\"{meant}",
                LEVELS.join(", ")
            ));
        }
    }
    Ok(())
}

/// The filter of a level.
///
/// # Errors
/// As [`check`].
pub fn filter(level: &str) -> anyhow::Result<EnvFilter> {
    check(level).map_err(|error| anyhow::anyhow!("log.level {error}"))?;
    let level = level.split(',').map(str::trim).collect::<Vec<_>>().join(",");
    let filter = EnvFilter::try_new(level).context("log.level cannot be used")?;
    // It warns of every tag in a template that stands where it should not; the editor's advice says so.
    Ok(filter.add_directive("html5ever=error".parse().context("a directive")?))
}

/// Keeps how the running log's filter is changed.
pub(crate) fn remember(change: Change) {
    // There is one log in a process.
    let _ = CHANGE.set(change);
}

/// Gives the running log another level; without a log, nothing happens.
///
/// # Errors
/// As [`check`].
pub fn change(level: &str) -> anyhow::Result<()> {
    let filter = filter(level)?;
    CHANGE.get().map_or(Ok(()), |change| change(filter))
}

#[cfg(test)]
mod tests {
    use super::{check, filter};

    #[test]
    fn levels_and_targets_are_taken_and_other_words_are_not() {
        for good in [
            "error",
            "WARN",
            "info",
            "debug",
            "trace",
            "off",
            "info,paraph=debug",
            "warn, hyper=off",
            "paraph::http=trace",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
            filter(good).unwrap();
        }
        for bad in [
            "",
            "warning",
            "verbose",
            "inof",
            "info,",
            "info,paraph",
            "paraph=",
            "=info",
            "paraph=loud",
            "3",
            "a b=info",
        ] {
            let refusal = check(bad).unwrap_err();
            assert!(refusal.contains("error, warn, info, debug, trace, off"), "{bad}: {refusal}");
        }
        assert!(check("warning").unwrap_err().ends_with("for \"warning\", warn"));
    }
}
