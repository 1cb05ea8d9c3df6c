//! A plan while it is made: steps, handed on in portions, and what people see of it.

use crate::store::Losses;
use crate::store::{Fields, Loss, PlannedPerson, PlannedValue, RowIssue, RunPlan, Step};
use std::collections::BTreeMap;
use std::mem;

/// Most issues and most changed people that a plan shows; it counts all.
const MAX_ISSUES: usize = 100;
const MAX_SAMPLE: usize = 20;
/// Steps that are handed on at once.
const BATCH: usize = 1_000;

/// Token, until now, from now on.
pub(super) type Change = (String, Option<String>, Option<String>);

/// Somebody whose values change.
#[derive(Clone, Copy)]
pub(super) struct Whom<'a> {
    /// Their id.
    pub(super) person: &'a str,
    /// Their primary address.
    pub(super) address: &'a str,
    pub(super) is_new: bool,
    /// All that the source said of them until now.
    pub(super) stored: Option<&'a Fields>,
}

/// Takes what a planner finds. `Sink` takes steps in portions, with how far the planner is; `false` stops it.
pub(super) struct Staging<Sink> {
    sink: Sink,
    steps: Vec<Step>,
    /// What people see.
    pub(super) plan: RunPlan,
    /// What it takes away.
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

    /// Notes what cannot be taken over.
    pub(super) fn issue(&mut self, issue: RowIssue) {
        self.plan.wrong += 1;
        if self.plan.issues.len() < MAX_ISSUES {
            self.plan.issues.push(issue);
        }
    }

    /// How many steps there are that were not handed on.
    pub(super) fn staged(&self) -> usize {
        self.steps.len()
    }

    pub(super) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Somebody's changes of values, shown while few are.
    pub(super) fn change(&mut self, whom: Whom<'_>, changes: Vec<Change>) {
        let Whom { person, address, is_new, stored } = whom;
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

    /// Counts somebody's loss, once for each kind.
    pub(super) fn loses(&mut self, person: &str, what: Loss) {
        let losers = match what {
            Loss::Values => &mut self.lost.people,
            Loss::Groups => &mut self.lost.members,
        };
        if losers.insert(person.to_owned()) {
            self.steps.push(Step::Loses { person: person.to_owned(), what });
        }
    }

    /// Hands on what is there once it is a portion. `done`: how far the planner is.
    pub(super) fn keep_up(&mut self, done: u64) {
        if self.steps.len() >= BATCH {
            self.hand_on(done);
        }
    }

    fn hand_on(&mut self, done: u64) {
        let steps = mem::replace(&mut self.steps, Vec::with_capacity(BATCH));
        self.goes_on = self.goes_on && (self.sink)(steps, done);
    }

    /// The plan and what it takes away; `None` when the sink stopped it.
    pub(super) fn finish(mut self, done: u64) -> Option<(RunPlan, Losses)> {
        self.hand_on(done);
        self.goes_on.then_some((self.plan, self.lost))
    }
}
