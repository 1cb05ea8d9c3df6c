//! Words for sources and their runs.

use crate::ui::time::grouped;
use crate::ui::{Icon, Tone, count};
use ::api::console::{Cause, Run, RunPlan, RunState, Source, SourceDetail, SourceState};

/// Name of a source as a heading.
pub(crate) fn name(source: Source) -> &'static str {
    match source {
        Source::Entra => "Entra ID",
        Source::Google => "Google Workspace",
        Source::Database => "Database",
        Source::Csv => "CSV files",
        Source::Manual => "Admins",
        Source::Own => "People themselves",
    }
}

/// Name of a source within a sentence.
pub(crate) fn said(source: Source) -> &'static str {
    match source {
        Source::Database => "the database",
        Source::Csv => "files",
        other => name(other),
    }
}

pub(crate) fn drawn(source: Source) -> Icon {
    match source {
        Source::Database => Icon::DATABASE,
        Source::Csv => Icon::IMPORT,
        _ => Icon::BUILDING,
    }
}

/// Description of a source that is not connected.
pub(crate) fn about(source: Source) -> &'static str {
    match source {
        Source::Entra => "People, groups and photos from your Microsoft 365, fetched from Microsoft every hour.",
        Source::Google => "People and groups from your Google Workspace, fetched from Google every hour.",
        Source::Database => {
            "Rows from your own database, such as an HR database. A small program near it sends them here."
        }
        _ => "Files exported from another system and imported by hand.",
    }
}

/// State of a source, in a word.
pub(crate) fn standing(detail: &SourceDetail) -> (&'static str, Tone) {
    let on = if detail.source == Source::Database { "Connected" } else { "Runs" };
    match detail.state {
        // Files are uploaded by hand: there is nothing to connect.
        SourceState::Off | SourceState::On if detail.source == Source::Csv => ("By hand", Tone::Info),
        SourceState::Off => ("Not connected", Tone::Info),
        _ if detail.waiting.is_some() => ("Waits for you", Tone::Warning),
        _ if detail.problem.is_some() => ("Needs attention", Tone::Error),
        SourceState::Paused => ("Paused", Tone::Warning),
        SourceState::On => (on, Tone::Success),
    }
}

/// Whether the server is working on the run.
pub(crate) fn works(state: RunState) -> bool {
    matches!(state, RunState::Fetching | RunState::Planning | RunState::Applying)
}

/// Whether the run waits for confirmation.
pub(crate) fn waits(run: &Run) -> bool {
    run.state == RunState::Planned && !run.preview && run.cause != Cause::File
}

/// State of a run, in words.
pub(crate) fn state(run: &Run) -> (&'static str, Tone) {
    match run.state {
        RunState::Fetching => ("Fetching", Tone::Info),
        RunState::Planning => ("Comparing", Tone::Info),
        RunState::Planned if run.preview => ("Preview", Tone::Success),
        RunState::Planned if run.cause == Cause::File => ("To review", Tone::Warning),
        RunState::Planned => ("Waits for you", Tone::Warning),
        RunState::Applying => ("Applying", Tone::Info),
        RunState::Applied => ("Done", Tone::Success),
        RunState::Cancelled => ("Cancelled", Tone::Info),
        RunState::Failed => ("Failed", Tone::Error),
    }
}

/// What started a run.
pub(crate) fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::File => "A file",
        Cause::Connector => "The connector",
        Cause::Schedule => "The schedule",
        Cause::Button => "A button",
        Cause::Cli => "The command line",
    }
}

/// Current step of a run, for a progress bar.
pub(crate) fn progress(run: &Run) -> String {
    match run.state {
        RunState::Fetching if run.rows == 0 && run.done > 0 => {
            "Fetching: ".to_owned() + &grouped(run.done) + " received so far"
        }
        RunState::Fetching if run.cause == Cause::Connector => "The connector sends rows".to_owned(),
        RunState::Fetching => "Fetching from ".to_owned() + name(run.source),
        RunState::Planning => "Comparing with existing data".to_owned(),
        _ => "Applying".to_owned(),
    }
}

/// Summary of a plan, in one line.
pub(crate) fn summary(plan: &RunPlan) -> String {
    let counted = |number: u64, words: &str| (number > 0).then(|| grouped(number) + " " + words);
    let parts = [
        counted(plan.added, "new"),
        counted(plan.changed, "changed"),
        counted(plan.cleared, if plan.cleared == 1 { "loses values" } else { "lose values" }),
        counted(plan.removed, "of them removed"),
        (plan.groups > 0).then(|| count(plan.groups, "group")),
        (plan.members > 0).then(|| count(plan.members, "membership")),
        counted(plan.unchanged, "unchanged"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "Nothing changed".into() } else { parts.join(", ") }
}
