//! A preview or a run that was started on the page. It continues when the page is left.

use crate::run::{self, Done, Needs, Purpose, Step, Stopped};
use crate::service;
use std::sync::{Arc, Mutex, PoisonError};

/// The last preview or run.
#[derive(Clone, Default)]
pub(super) struct Work(Arc<Mutex<State>>);

/// State of a preview or run.
#[derive(Clone, Debug, Default)]
pub(super) enum State {
    /// Not started.
    #[default]
    Idle,
    /// In progress.
    Going(Step),
    /// Ended, with Paraph's answer or the reason why it stopped.
    Ended(Result<Box<Done>, String>),
}

impl Work {
    pub(super) fn state(&self) -> State {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, state: State) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Starts, unless one is in progress already.
    pub(super) fn begin(&self, needs: &Needs, purpose: Purpose) {
        {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if matches!(*state, State::Going(..)) {
                return;
            }
            *state = State::Going(Step::Querying(0));
        }
        let (work, needs) = (self.clone(), needs.clone());
        tokio::spawn(async move {
            let began_ms = needs.clock.now_ms();
            let progress = work.clone();
            let ended = run::run(&needs, purpose, &mut |step| progress.set(State::Going(step))).await;
            if purpose == Purpose::Apply {
                service::note_run(&needs, began_ms, &ended);
            }
            work.set(State::Ended(ended.map(Box::new).map_err(|stopped: Stopped| format!("{stopped:#}"))));
        });
    }
}
