//! Where a run is, and what began it.

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// The source is being asked, or sends what it has.
    Fetching,
    /// What came is being compared with what is there.
    Planning,
    /// The plan can be looked at.
    Planned,
    /// The plan is being applied.
    Applying,
    /// Done.
    Applied,
    /// Somebody cancelled it; nothing was changed.
    Cancelled,
    /// It could not be done; nothing was changed.
    Failed,
}

impl RunState {
    const ALL: [Self; 7] =
        [Self::Fetching, Self::Planning, Self::Planned, Self::Applying, Self::Applied, Self::Cancelled, Self::Failed];

    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fetching => "fetching",
            Self::Planning => "planning",
            Self::Planned => "planned",
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// The state with this name.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What began a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Somebody sent a file.
    File,
    /// The connector sent rows.
    Connector,
    /// It was time.
    Schedule,
    /// Somebody asked for it.
    Button,
    /// The command line.
    Cli,
}

impl Cause {
    const ALL: [Self; 5] = [Self::File, Self::Connector, Self::Schedule, Self::Button, Self::Cli];

    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Connector => "connector",
            Self::Schedule => "schedule",
            Self::Button => "button",
            Self::Cli => "cli",
        }
    }

    /// The cause with this name.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text)
    }
}
