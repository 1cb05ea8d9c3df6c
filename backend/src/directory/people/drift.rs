//! Drift: differences that a full fetch corrects and that the reported changes did not contain.

use super::{How, Present};
use crate::directory::fetched::Fetched;
use crate::directory::staging::Staging;
use crate::store::{Drift, Link};
use std::collections::{HashMap, HashSet};

/// Maximum number of names in a report of drift.
const MAX_SAMPLE: usize = 20;

/// Changes that a source reported since the last run, by the source's ids.
#[derive(Clone, Debug, Default)]
pub struct Told {
    people: HashSet<String>,
    groups: HashSet<String>,
    /// Memberships by group and member.
    members: HashSet<(String, String)>,
}

impl Told {
    /// Adds an entry.
    pub fn take(&mut self, said: Fetched) {
        match said {
            Fetched::Person(person) => _ = self.people.insert(person.id),
            Fetched::PersonGone(id) => _ = self.people.insert(id),
            Fetched::Group { id, .. } | Fetched::GroupGone(id) => _ = self.groups.insert(id),
            Fetched::Member { group, member, .. } | Fetched::Outsider { group, address: member, .. } => {
                self.members.insert((group, member));
            }
        }
    }

    fn of_person(&self, external: &str, manager: &str) -> bool {
        self.people.contains(external) || self.people.contains(manager)
    }
}

/// Counts differences that were not reported. Does nothing in a run that fetches only changes.
pub(super) struct Drifts<'a> {
    told: Option<&'a Told>,
    /// The source's ids of people, by person id.
    externals: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Drifts<'a> {
    pub(super) fn new<Sink>(present: &Present<'a>, how: &How<'a>, to: &mut Staging<Sink>) -> Self {
        let mut externals: HashMap<&str, Vec<&str>> = HashMap::new();
        if how.told.is_some() {
            to.plan.drift = Some(Drift::default());
            for (external, link) in &present.record.links {
                externals.entry(&link.person).or_default().push(external);
            }
        }
        Self { told: how.told, externals }
    }

    /// Counts a person who differs.
    pub(super) fn person<Sink>(&self, external: &str, link: Option<&Link>, address: &str, to: &mut Staging<Sink>) {
        let manager = link.map_or("", |link| &link.manager);
        if self.told.is_some_and(|told| !told.of_person(external, manager)) {
            note(to, address, |drift| &mut drift.people);
        }
    }

    /// Counts a group that differs.
    pub(super) fn group<Sink>(&self, id: &str, name: &str, to: &mut Staging<Sink>) {
        if self.told.is_some_and(|told| !told.groups.contains(id)) {
            note(to, name, |drift| &mut drift.groups);
        }
    }

    /// Counts a membership that differs. `member`: the source's id of the member.
    pub(super) fn member<Sink>(&self, group: &str, member: &str, to: &mut Staging<Sink>) {
        let Some(told) = self.told else { return };
        let is_told = told.people.contains(member) || told.members.contains(&(group.to_owned(), member.to_owned()));
        if !is_told && let Some(drift) = &mut to.plan.drift {
            drift.members += 1;
        }
    }

    /// Counts a membership that differs, of a person by id.
    pub(super) fn member_here<Sink>(&self, group: &str, person: &str, to: &mut Staging<Sink>) {
        let Some(told) = self.told else { return };
        let names = self.externals.get(person).map(Vec::as_slice).unwrap_or_default();
        let is_told = |name: &&&str| told.members.contains(&(group.to_owned(), (**name).to_owned()));
        let name = names.iter().find(is_told).or(names.first()).copied().unwrap_or_default();
        self.member(group, name, to);
    }
}

fn note<Sink>(to: &mut Staging<Sink>, name: &str, count: fn(&mut Drift) -> &mut u64) {
    if let Some(drift) = &mut to.plan.drift {
        *count(drift) += 1;
        if drift.sample.len() < MAX_SAMPLE {
            drift.sample.push(name.to_owned());
        }
    }
}
