//! Whether changes may be published with what was found.

use ::api::console::{Readiness, ReadyFinding, ReadyLevel};

/// Why changes are not published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// They cannot be published like this.
    Blocked(String),
    /// Somebody has to accept the warnings.
    Unseen(String),
}

/// Whether changes may be published by somebody who accepts the warnings with this fingerprint.
///
/// # Errors
/// Why not, and what to do.
pub fn gate(readiness: &Readiness, accepted: Option<&str>) -> Result<(), Refused> {
    let worst = |level| readiness.findings.iter().filter(move |one| one.level == level);
    if let Some(error) = worst(ReadyLevel::Error).next() {
        return Err(Refused::Blocked(format!("{}. Nothing was published, and the changes are kept", words(error))));
    }
    let Some(warning) = worst(ReadyLevel::Warning).next() else { return Ok(()) };
    if accepted == Some(readiness.fingerprint.as_str()) {
        return Ok(());
    }
    let count = match worst(ReadyLevel::Warning).count() {
        1 => "there is 1 warning".to_owned(),
        count => format!("there are {count} warnings"),
    };
    let changed = if accepted.is_some() { "the warnings are not those that you accepted: " } else { "" };
    Err(Refused::Unseen(format!(
        "{changed}{count}, such as: {}. Check whether the changes are ready, and accept the warnings to publish anyway",
        words(warning)
    )))
}

fn words(finding: &ReadyFinding) -> String {
    let people = match (finding.people, finding.of) {
        (0, _) => String::new(),
        (1, 1) => " (for the one person who gets it)".to_owned(),
        (people, of) if people == of => format!(" (for all {of} people who get it)"),
        (people, of) => format!(" (for {people} of {of} people)"),
    };
    format!("the template “{}”{people}: {}", finding.name, finding.detail.trim_end_matches('.'))
}
