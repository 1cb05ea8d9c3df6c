//! States and causes of runs.

/// State of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Data is being fetched from the source or uploaded by it.
    Fetching,
    /// The received data is being compared with the stored data.
    Planning,
    /// The plan can be reviewed.
    Planned,
    /// The plan is being applied.
    Applying,
    /// The plan was applied.
    Applied,
    /// The run was cancelled; nothing was changed.
    Cancelled,
    /// The run failed; nothing was changed.
    Failed,
}

impl RunState {
    const ALL: [Self; 7] =
        [Self::Fetching, Self::Planning, Self::Planned, Self::Applying, Self::Applied, Self::Cancelled, Self::Failed];

    /// Stored name.
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

/// Cause of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A user uploaded a file.
    File,
    /// The connector sent rows.
    Connector,
    /// The schedule.
    Schedule,
    /// A user pressed a button.
    Button,
    /// The command line.
    Cli,
}

impl Cause {
    const ALL: [Self; 5] = [Self::File, Self::Connector, Self::Schedule, Self::Button, Self::Cli];

    /// Stored name.
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
