//! A plan in progress: steps, passed on in portions, and the summary for people.

use crate::store::Losses;
use crate::store::{Fields, Loss, PlannedPerson, PlannedValue, RowIssue, RunPlan, Step};
use std::collections::BTreeMap;
use std::mem;

/// Maximum number of issues and of changed people that a plan lists; all are counted.
const MAX_ISSUES: usize = 100;
const MAX_SAMPLE: usize = 20;
/// Number of steps in a portion.
const BATCH: usize = 1_000;

/// Token, old value, new value.
pub(super) type Change = (String, Option<String>, Option<String>);

/// Somebody whose values change.
#[derive(Clone, Copy)]
pub(super) struct ChangedPerson<'a> {
    /// Their id.
    pub(super) person: &'a str,
    /// Their primary address.
    pub(super) address: &'a str,
    pub(super) is_new: bool,
    /// All that the source said of them until now.
    pub(super) stored: Option<&'a Fields>,
}

/// Collects the results of a planner. `Sink` receives steps in portions, with the planner's progress; `false` stops it.
pub(super) struct Staging<Sink> {
    sink: Sink,
    steps: Vec<Step>,
    /// Summary for people.
    pub(super) plan: RunPlan,
    /// Losses of the plan.
    pub(super) lost: Losses,
    pub(super) goes_on: bool,
}

impl<Sink: FnMut(Vec<Step>, u64) -> bool> Staging<Sink> {
    pub(super) fn new(sink: Sink) -> Self {
        Self {
            sink,
            steps: Vec::with_capacity(BATCH),
            plan: RunPlan::default(),
            lost: Losses::default(),
            goes_on: true,
        }
    }

    /// Adds an issue.
    pub(super) fn issue(&mut self, issue: RowIssue) {
        self.plan.wrong += 1;
        if self.plan.issues.len() < MAX_ISSUES {
            self.plan.issues.push(issue);
        }
    }

    /// Number of steps that are not passed on yet.
    pub(super) fn staged(&self) -> usize {
        self.steps.len()
    }

    pub(super) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Adds a person's changed values, listed while there are few.
    pub(super) fn change(&mut self, whom: ChangedPerson<'_>, changes: Vec<Change>) {
        let ChangedPerson { person, address, is_new, stored } = whom;
        if self.plan.sample.len() < MAX_SAMPLE {
            let values = changes.iter().cloned().map(|(token, from, to)| PlannedValue { token, from, to });
            let changes = values.collect();
            self.plan.sample.push(PlannedPerson { address: address.to_owned(), is_new, changes });
        }
        if changes.is_empty() {
            return;
        }
        let stored = stored.iter().flat_map(|stored| stored.iter());
        let old: BTreeMap<_, _> = stored.map(|(token, value)| (token.to_owned(), value.to_owned())).collect();
        let mut new = old.clone();
        let mut lost = Vec::new();
        for (token, _, value) in changes {
            match value {
                Some(value) => _ = new.insert(token, value),
                None if new.remove(&token).is_some() => lost.push(token),
                None => {}
            }
        }
        if !lost.is_empty() {
            self.loses(person, Loss::Values);
            if new.is_empty() {
                self.lost.emptied += 1;
            } else {
                for token in lost {
                    *self.lost.fields.entry(token).or_default() += 1;
                }
            }
        }
        self.steps.push(Step::Values { person: person.to_owned(), old, new });
    }

    /// Counts a person's loss, once for each kind.
    pub(super) fn loses(&mut self, person: &str, what: Loss) {
        let losers = match what {
            Loss::Values => &mut self.lost.people,
            Loss::Groups => &mut self.lost.members,
        };
        if losers.insert(person.to_owned()) {
            self.steps.push(Step::Loses { person: person.to_owned(), what });
        }
    }

    /// Passes on the steps once they are a portion. `done`: the planner's progress.
    pub(super) fn keep_up(&mut self, done: u64) {
        if self.steps.len() >= BATCH {
            self.hand_on(done);
        }
    }

    fn hand_on(&mut self, done: u64) {
        let steps = mem::replace(&mut self.steps, Vec::with_capacity(BATCH));
        self.goes_on = self.goes_on && (self.sink)(steps, done);
    }

    /// Returns the plan and its losses; `None` if the sink stopped.
    pub(super) fn finish(mut self, done: u64) -> Option<(RunPlan, Losses)> {
        self.hand_on(done);
        self.goes_on.then_some((self.plan, self.lost))
    }
}
