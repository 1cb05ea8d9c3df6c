//! Results as text for the terminal. Pure.

use crate::journal::{Entry, Journal, Outcome};
use crate::source::Look;
use api::connector::{Target, Upload};
use api::console::{RunPlan, RunState};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Write as _;

/// The columns and first rows of a query.
pub fn look(look: &Look) -> String {
    let mut text = format!(
        "connected, and the query returns {}: {}\n",
        count(look.columns.len(), "column"),
        names(&look.columns).join(", ")
    );
    if look.sample.is_empty() {
        text.push_str("no rows: a run would clear the values of everyone whose values came from this database\n");
    }
    for (number, row) in (1..).zip(&look.sample) {
        let _ = writeln!(text, "row {number}:");
        for (name, cell) in names(&look.columns).iter().zip(row) {
            let _ = writeln!(text, "  {name}: {}", cell.as_deref().map_or("(NULL)".into(), short));
        }
    }
    text + &warnings(&look.warnings)
}

/// Column names, with a placeholder for unnamed ones.
fn names(columns: &[String]) -> Vec<String> {
    columns.iter().map(|name| if name.is_empty() { "(no name)".into() } else { name.clone() }).collect()
}

/// Warnings, one per line.
pub fn warnings(warnings: &[String]) -> String {
    warnings.iter().fold(String::new(), |text, warning| text + "warning: " + warning + "\n")
}

/// The tenant that rows go to.
pub fn target(target: &Target) -> String {
    format!("Paraph answers: rows go to {}, with the secret \"{}\"\n", target.tenant, target.secret)
}

/// The fields that columns can be mapped to.
pub fn fields(target: &Target) -> String {
    target.fields.iter().fold(String::new(), |mut text, field| {
        let _ = writeln!(text, "{:24} {}", field.token, field.label);
        text
    })
}

/// The changes that Paraph would apply, or has applied.
pub fn upload(upload: &Upload) -> String {
    let mut text = format!("{}: {}\n", count(upload.rows, "row"), state(upload));
    if let Some(plan) = &upload.plan {
        let _ = write!(text, "{plan}");
    }
    if let Some(failure) = &upload.failure {
        let _ = writeln!(text, "{failure}");
    }
    text
}

fn state(upload: &Upload) -> &'static str {
    match upload.state {
        RunState::Applied => "applied",
        RunState::Planned if upload.failure.is_some() => "waits for an admin to confirm it in Paraph's console",
        RunState::Planned => "preview only; nothing was changed",
        RunState::Cancelled => "cancelled by an admin; nothing was changed",
        RunState::Failed => "failed; nothing was changed",
        RunState::Fetching | RunState::Planning | RunState::Applying => "in progress",
    }
}

/// The non-zero counts of a plan, in one line.
pub fn counts(plan: &RunPlan) -> String {
    let each = [
        (plan.added, "added"),
        (plan.changed, "changed"),
        (plan.unchanged, "unchanged"),
        (plan.cleared, "cleared"),
        (plan.removed, "of these removed"),
        (plan.unmatched, "unmatched (Paraph has no person with that address)"),
        (plan.wrong, "invalid"),
    ];
    let each = each.into_iter().filter(|(count, _)| *count > 0);
    let mut text = each.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ");
    if text.is_empty() {
        text = "nothing to change".into();
    }
    text + if plan.needs_confirmation { "; so many changes that an admin must confirm them\n" } else { "\n" }
}

/// The last runs and the next one.
pub fn journal(journal: &Journal, now_ms: i64) -> String {
    let mut text = String::new();
    if let Some(since) = journal.away_since_ms {
        let _ =
            writeln!(text, "Paraph has been unavailable since {}; the connector retries at each interval", time(since));
    }
    match (journal.running_ms, journal.next_ms) {
        (Some(began), _) => _ = writeln!(text, "a run has been in progress since {}", time(began)),
        (None, Some(next)) if next > now_ms => _ = writeln!(text, "next run: {}", time(next)),
        _ => text.push_str("the service is not running: start it, or run paraph-connector run\n"),
    }
    if journal.runs.is_empty() {
        text.push_str("no runs yet\n");
    }
    for run in &journal.runs {
        let _ = writeln!(text, "{}  {}", time(run.began_ms), entry(run));
    }
    text
}

/// A run in one line.
pub fn entry(entry: &Entry) -> String {
    let outcome = match entry.outcome {
        Outcome::Applied => "applied",
        Outcome::Waiting => "waiting for an admin",
        Outcome::Cancelled => "cancelled",
        Outcome::Away => "Paraph was unavailable",
        Outcome::Failed => "failed",
    };
    let plan = entry.plan.as_ref().map(|plan| format!(": {}, {}", count(entry.rows, "row"), counts(plan).trim_end()));
    let detail = entry.detail.as_ref().map(|detail| format!(": {detail}"));
    format!("{outcome}{}{}", plan.unwrap_or_default(), detail.unwrap_or_default())
}

/// A time in this machine's time zone.
pub fn time(ms: i64) -> String {
    let zoned = Timestamp::from_millisecond(ms).map(|moment| moment.to_zoned(TimeZone::system()));
    zoned.map_or_else(|_| "–".into(), |zoned| zoned.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// A count with its noun in singular or plural.
pub fn count(number: impl TryInto<u64>, what: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// A value shortened to one line.
fn short(value: &str) -> String {
    const LONGEST: usize = 60;
    let line = value.replace(['\r', '\n', '\t'], " ");
    if line.chars().count() <= LONGEST { line } else { line.chars().take(LONGEST).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::console::{PlannedPerson, PlannedValue, RowIssue};

    #[test]
    fn a_preview_shows_who_changes_how_and_which_rows_are_wrong() {
        let value = |from: Option<&str>, to: Option<&str>| PlannedValue {
            token: "title".into(),
            from: from.map(Into::into),
            to: to.map(Into::into),
        };
        let plan = RunPlan {
            added: 1,
            changed: 2,
            wrong: 1,
            sample: vec![
                PlannedPerson {
                    address: "ada@example.com".into(),
                    is_new: true,
                    changes: vec![value(None, Some("Countess\nof Lovelace"))],
                },
                PlannedPerson {
                    address: "grace@example.com".into(),
                    is_new: false,
                    changes: vec![value(Some("Admiral"), None)],
                },
            ],
            issues: vec![RowIssue {
                line: 7,
                subject: None,
                column: Some("mail".into()),
                detail: "no e-mail address".into(),
            }],
            ..RunPlan::default()
        };
        let shown = upload(&Upload {
            id: String::new(),
            state: RunState::Planned,
            received: 1,
            parts: 1,
            done: 0,
            rows: 3,
            plan: Some(plan),
            failure: None,
        });
        assert_eq!(
            shown,
            "3 rows: preview only; nothing was changed\nnew people: 1\nchanged people: 2\n\
             rows or values that cannot be imported: 1\nada@example.com (new)\n    title: nothing -> \"Countess\\nof \
             Lovelace\"\n\
             grace@example.com\n    title: \"Admiral\" -> nothing\nrow 7, mail: no e-mail address\n"
        );
    }

    #[test]
    fn a_look_names_the_columns() {
        let looked = Look {
            columns: vec!["mail".into(), String::new()],
            warnings: vec!["careful".into()],
            sample: vec![vec![Some("a@example.com".into()), None]],
        };
        assert_eq!(
            look(&looked),
            "connected, and the query returns 2 columns: mail, (no name)\nrow 1:\n  mail: a@example.com\n  (no name): \
             (NULL)\nwarning: careful\n"
        );
    }
}
