//! What a fetch of everybody corrects that the changes since the last run did not tell of.

use super::{How, Present};
use crate::directory::fetched::Fetched;
use crate::directory::staging::Staging;
use crate::store::{Drift, Link};
use std::collections::{HashMap, HashSet};

/// Most names that a report of drift has.
const MAX_SAMPLE: usize = 20;

/// Everything that a source said changed since the last run, by what the source calls it.
#[derive(Clone, Debug, Default)]
pub struct Told {
    people: HashSet<String>,
    groups: HashSet<String>,
    /// By group and member.
    members: HashSet<(String, String)>,
}

impl Told {
    /// Takes one more word.
    pub fn take(&mut self, said: Fetched) {
        match said {
            Fetched::Person(person) => _ = self.people.insert(person.id),
            Fetched::PersonGone(id) => _ = self.people.insert(id),
            Fetched::Group { id, .. } | Fetched::GroupGone(id) => _ = self.groups.insert(id),
            Fetched::Member { group, member, .. } => _ = self.members.insert((group, member)),
        }
    }

    fn of_person(&self, external: &str, manager: &str) -> bool {
        self.people.contains(external) || self.people.contains(manager)
    }
}

/// Counts what differs and was not told of. Does nothing in a run that reads changes alone.
pub(super) struct Drifts<'a> {
    told: Option<&'a Told>,
    /// What the source calls people, by their id here.
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

    /// Somebody differs.
    pub(super) fn person<Sink>(&self, external: &str, link: Option<&Link>, address: &str, to: &mut Staging<Sink>) {
        let manager = link.map_or("", |link| &link.manager);
        if self.told.is_some_and(|told| !told.of_person(external, manager)) {
            note(to, address, |drift| &mut drift.people);
        }
    }

    /// A group differs.
    pub(super) fn group<Sink>(&self, id: &str, name: &str, to: &mut Staging<Sink>) {
        if self.told.is_some_and(|told| !told.groups.contains(id)) {
            note(to, name, |drift| &mut drift.groups);
        }
    }

    /// A membership differs. `member`: what the source calls who or what is in the group.
    pub(super) fn member<Sink>(&self, group: &str, member: &str, to: &mut Staging<Sink>) {
        let Some(told) = self.told else { return };
        let is_told = told.people.contains(member) || told.members.contains(&(group.to_owned(), member.to_owned()));
        if !is_told && let Some(drift) = &mut to.plan.drift {
            drift.members += 1;
        }
    }

    /// The membership of somebody whom we know by id differs.
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
