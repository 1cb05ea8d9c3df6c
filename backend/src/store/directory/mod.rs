//! Sources and their runs: fetched, planned, applied.

pub(in crate::store) mod apply_run;
pub(in crate::store) mod clear_runs;
pub(in crate::store) mod losses;
pub(in crate::store) mod outcome;
pub(in crate::store) mod present;
pub(in crate::store) mod run_files;
pub(in crate::store) mod run_state;
pub(in crate::store) mod runs;
pub(in crate::store) mod source_settings;
pub(in crate::store) mod sources;
pub(in crate::store) mod step;
pub(in crate::store) mod steps;
