//! People's values, their sources and runs, as they are sent.

use crate::store::{
    ByHand, Cause, Drift, EditedBy, FileColumn, Mapped, PlannedPerson, PlannedValue, RowIssue, RunPlan, RunState,
    SentColumn, Source, SourceSettings, SourceState,
};
use ::api::connector::UploadColumn;
use ::api::console as api;

impl From<Source> for api::Source {
    fn from(source: Source) -> Self {
        match source {
            Source::Own => Self::Own,
            Source::Manual => Self::Manual,
            Source::Database => Self::Database,
            Source::Entra => Self::Entra,
            Source::Google => Self::Google,
            Source::Csv => Self::Csv,
        }
    }
}

impl From<api::Source> for Source {
    fn from(source: api::Source) -> Self {
        match source {
            api::Source::Own => Self::Own,
            api::Source::Manual => Self::Manual,
            api::Source::Database => Self::Database,
            api::Source::Entra => Self::Entra,
            api::Source::Google => Self::Google,
            api::Source::Csv => Self::Csv,
        }
    }
}

impl From<EditedBy> for api::EditedBy {
    fn from(who: EditedBy) -> Self {
        match who {
            EditedBy::Admin => Self::Admin,
            EditedBy::Editor => Self::Editor,
            EditedBy::Person => Self::Person,
        }
    }
}

impl From<api::EditedBy> for EditedBy {
    fn from(who: api::EditedBy) -> Self {
        match who {
            api::EditedBy::Admin => Self::Admin,
            api::EditedBy::Editor => Self::Editor,
            api::EditedBy::Person => Self::Person,
        }
    }
}

impl From<api::Override> for ByHand {
    fn from(value: api::Override) -> Self {
        Self { value: value.value, locked: value.locked }
    }
}

impl From<Cause> for api::Cause {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::File => Self::File,
            Cause::Connector => Self::Connector,
            Cause::Schedule => Self::Schedule,
            Cause::Button => Self::Button,
            Cause::Cli => Self::Cli,
        }
    }
}

impl From<RunState> for api::RunState {
    fn from(state: RunState) -> Self {
        match state {
            RunState::Fetching => Self::Fetching,
            RunState::Planning => Self::Planning,
            RunState::Planned => Self::Planned,
            RunState::Applying => Self::Applying,
            RunState::Applied => Self::Applied,
            RunState::Cancelled => Self::Cancelled,
            RunState::Failed => Self::Failed,
        }
    }
}

impl From<FileColumn> for api::FileColumn {
    fn from(FileColumn { name, samples, field }: FileColumn) -> Self {
        Self { name, samples, field }
    }
}

impl From<RunPlan> for api::RunPlan {
    fn from(plan: RunPlan) -> Self {
        Self {
            added: plan.added,
            changed: plan.changed,
            unchanged: plan.unchanged,
            cleared: plan.cleared,
            removed: plan.removed,
            groups: plan.groups,
            members: plan.members,
            unmatched: plan.unmatched,
            wrong: plan.wrong,
            drift: plan.drift.map(Into::into),
            issues: plan.issues.into_iter().map(Into::into).collect(),
            sample: plan.sample.into_iter().map(Into::into).collect(),
            needs_confirmation: plan.needs_confirmation,
            reasons: plan.reasons,
        }
    }
}

impl From<Drift> for api::Drift {
    fn from(Drift { people, groups, members, sample }: Drift) -> Self {
        Self { people, groups, members, sample }
    }
}

impl From<RowIssue> for api::RowIssue {
    fn from(RowIssue { line, subject, column, detail }: RowIssue) -> Self {
        Self { line, subject, column, detail }
    }
}

impl From<PlannedPerson> for api::PlannedPerson {
    fn from(PlannedPerson { address, is_new, changes }: PlannedPerson) -> Self {
        Self { address, is_new, changes: changes.into_iter().map(Into::into).collect() }
    }
}

impl From<PlannedValue> for api::PlannedValue {
    fn from(PlannedValue { token, from, to }: PlannedValue) -> Self {
        Self { token, from, to }
    }
}

impl From<SourceState> for api::SourceState {
    fn from(state: SourceState) -> Self {
        match state {
            SourceState::Off => Self::Off,
            SourceState::On => Self::On,
            SourceState::Paused => Self::Paused,
        }
    }
}

impl From<SourceSettings> for api::SourceSettings {
    fn from(settings: SourceSettings) -> Self {
        let SourceSettings { every_minutes, guard_percent, mapping, guests, shared, photos, groups, add } = settings;
        let mapping = mapping.into_iter().map(|Mapped { attribute, field }| api::Mapped { attribute, field }).collect();
        Self { every_minutes, guard_percent, mapping, guests, shared, photos, groups, add }
    }
}

impl From<api::SourceSettings> for SourceSettings {
    fn from(settings: api::SourceSettings) -> Self {
        let api::SourceSettings { every_minutes, guard_percent, mapping, guests, shared, photos, groups, add } =
            settings;
        let mapping = mapping.into_iter().map(|api::Mapped { attribute, field }| Mapped { attribute, field }).collect();
        Self { every_minutes, guard_percent, mapping, guests, shared, photos, groups, add }
    }
}

impl From<SentColumn> for UploadColumn {
    fn from(SentColumn { name, field }: SentColumn) -> Self {
        Self { name, field }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_sent_by_the_names_they_are_stored_by() {
        for source in Source::ALL {
            let sent = api::Source::from(source);
            assert_eq!((sent.as_str(), Source::from(sent)), (source.as_str(), source));
        }
        assert_eq!(api::Source::ALL.map(Source::from), Source::ALL, "the same precedence");
    }

    #[test]
    fn settings_are_sent_as_they_are_stored() {
        let (sent, stored) = (api::SourceSettings::default(), SourceSettings::default());
        assert_eq!(api::SourceSettings::from(stored.clone()), sent);
        assert_eq!(serde_json::to_value(sent).ok(), serde_json::to_value(stored).ok());
    }
}
