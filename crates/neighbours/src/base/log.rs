//! Log and counts of a neighbour's requests.

use std::collections::{HashMap, VecDeque};

/// Number of logged requests, limited because a demo runs for days.
const KEPT: usize = 10_000;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Name of the endpoint.
    pub door: &'static str,
    /// `GET`, `POST` and so on.
    pub method: String,
    /// Path and query as they were sent.
    pub target: String,
    /// The body's first 64 KiB as text.
    pub body: String,
}

/// Counts of an endpoint since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) asked: usize,
    pub(super) answered: usize,
}

#[derive(Default)]
pub(super) struct Log {
    asked: VecDeque<Asked>,
    counts: HashMap<&'static str, Count>,
}

impl Log {
    pub(super) fn ask(&mut self, asked: Asked) {
        self.counts.entry(asked.door).or_default().asked += 1;
        if self.asked.len() == KEPT {
            self.asked.pop_front();
        }
        self.asked.push_back(asked);
    }

    pub(super) fn answer(&mut self, door: &'static str) {
        self.counts.entry(door).or_default().answered += 1;
    }

    pub(super) fn take(&mut self) -> Vec<Asked> {
        std::mem::take(&mut self.asked).into()
    }

    pub(super) fn count(&self, door: &str) -> Count {
        self.counts.get(door).copied().unwrap_or_default()
    }
}
