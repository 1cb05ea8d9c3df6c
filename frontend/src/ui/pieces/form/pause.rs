//! Waiting for somebody who types to stop.

use leptos::prelude::*;
use std::time::Duration;

/// As long as somebody who types fast needs for a letter.
const PAUSE: Duration = Duration::from_millis(250);

/// Does something once nothing has happened for a moment.
#[derive(Clone, Copy)]
pub(crate) struct Pause(StoredValue<Option<TimeoutHandle>>);

impl Pause {
    pub(crate) fn new() -> Self {
        Self(StoredValue::new(None))
    }

    /// Does this after a pause, instead of what still waits.
    pub(crate) fn then(self, run: impl FnOnce() + 'static) {
        self.stop();
        self.0.set_value(set_timeout_with_handle(run, PAUSE).ok());
    }

    /// What still waits is not done.
    pub(crate) fn stop(self) {
        if let Some(timer) = self.0.get_value() {
            timer.clear();
        }
    }
}
