//! A plan while it is made: steps, handed on in portions, and what people see of it.

use super::losses::Losses;
use crate::store::Fields;
use api::console::{PlannedPerson, PlannedValue, RowIssue, RunPlan};
use std::collections::BTreeMap;
use std::mem;

/// Most issues and most changed people that a plan shows; it counts all.
const MAX_ISSUES: usize = 100;
const MAX_SAMPLE: usize = 20;
/// Steps that are handed on at once.
const BATCH: usize = 1_000;

/// One change of what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Somebody new, with the id that they have from now on.
    Person {
        /// Their id.
        person: String,
        /// Their Entra object id.
        oid: Option<String>,
    },
    /// Another Entra object id.
    Oid {
        /// Whose.
        person: String,
        /// It.
        oid: String,
    },
    /// Whether it is a shared mailbox.
    Shared {
        /// Which.
        person: String,
        /// Whether.
        shared: bool,
    },
    /// Nobody but hands knows them any more, or somebody does again.
    Gone {
        /// Who.
        person: String,
        /// Which of the two.
        gone: bool,
    },
    /// An address at another place; 0 is the primary one.
    Address {
        /// Whose.
        person: String,
        /// The address.
        address: String,
        /// Where it was; `None`: not theirs.
        old: Option<u32>,
        /// Where it is now; `None`: not theirs any more.
        new: Option<u32>,
    },
    /// What the source calls somebody.
    Link {
        /// Who.
        person: String,
        /// What it calls them.
        external: String,
        /// What it calls their manager, empty for nobody; `None`: it does not have them any more.
        manager: Option<String>,
        /// Whether the source itself added them; says nothing of a link that is there.
        made: bool,
    },
    /// What is known of somebody's photo from now on.
    Photo {
        /// What the source calls them.
        external: String,
        /// What to ask with next time; empty: they have none.
        etag: String,
    },
    /// A group.
    Group {
        /// Its id.
        id: String,
        /// Its name until now.
        old: Option<String>,
        /// Its name from now on; `None`: it is gone.
        new: Option<String>,
    },
    /// Somebody in a group.
    Member {
        /// Who.
        person: String,
        /// The group's id.
        group: String,
        /// Whether they are in it now.
        is_in: bool,
    },
    /// A group in a group.
    Nested {
        /// The outer one.
        group: String,
        /// The inner one.
        member: String,
        /// Whether it is in it now.
        is_in: bool,
    },
    /// Somebody in a group whom the source has not said anything of: should it ever, they are a member.
    Waiting {
        /// What the source calls them.
        external: String,
        /// The group's id.
        group: String,
        /// Whether they are in it now.
        is_in: bool,
    },
    /// Somebody to whom this source's guard counts a loss from now on.
    Loses {
        /// Person id.
        person: String,
        /// What they lose.
        what: Loss,
    },
    /// Other values, by token; at most once in a plan for the same person.
    Values {
        /// Whose.
        person: String,
        /// All that the source said until now.
        old: BTreeMap<String, String>,
        /// All that it says now.
        new: BTreeMap<String, String>,
    },
}

/// What somebody loses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A value, or their place in the directory.
    Values,
    /// A membership.
    Groups,
}

/// Token, until now, from now on.
pub(super) type Change = (String, Option<String>, Option<String>);

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

    /// Somebody's changes of values, shown while few are. `stored`: all that the source said until now.
    pub(super) fn change(
        &mut self,
        (person, address): (&str, &str),
        is_new: bool,
        stored: Option<&Fields>,
        changes: Vec<Change>,
    ) {
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
