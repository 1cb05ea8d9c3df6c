//! Collected entries of a fetch, in any order: later entries replace earlier ones.

use crate::directory::fetched::{Fetched, FetchedGroup, FetchedPerson, Manager};
use std::collections::BTreeMap;

/// All entries of a fetch. 100,000 people take about 100 MB until the plan is made.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// People by the source's id; `None` if they no longer exist.
    pub(super) people: BTreeMap<String, Option<FetchedPerson>>,
    /// Groups by id; `None` if the group no longer exists.
    pub(super) groups: BTreeMap<String, Option<FetchedGroup>>,
    /// Address of each person's photo and its `ETag`, by the source's id; no address if there is no photo.
    pub(super) photos: BTreeMap<String, (Option<String>, String)>,
    /// Whether memberships exist, by group and member.
    pub(super) members: BTreeMap<(String, String), bool>,
    /// The same of groups within groups.
    pub(super) nested: BTreeMap<(String, String), bool>,
    /// The same of members that are no people of the directory, by group and address.
    pub(super) outsiders: BTreeMap<(String, String), bool>,
}

impl Collected {
    /// Adds an entry.
    pub fn take(&mut self, said: Fetched) {
        match said {
            Fetched::Person(mut person) => {
                let earlier = self.people.get(&person.id).and_then(Option::as_ref);
                if let (Manager::Unchanged, Some(earlier)) = (&person.manager, earlier) {
                    person.manager = earlier.manager.clone();
                }
                self.people.insert(person.id.clone(), Some(person));
            }
            Fetched::PersonGone(id) => {
                self.people.insert(id, None);
            }
            Fetched::Group { id, about } => {
                self.groups.entry(id).or_default().get_or_insert_default().update(about);
            }
            Fetched::GroupGone(id) => {
                for all in [&mut self.members, &mut self.nested, &mut self.outsiders] {
                    all.retain(|(group, _), _| *group != id);
                }
                self.groups.insert(id, None);
            }
            Fetched::Member { group, member, is_group, gone } => {
                let all = if is_group { &mut self.nested } else { &mut self.members };
                all.insert((group, member), !gone);
            }
            Fetched::Outsider { group, address, gone } => _ = self.outsiders.insert((group, address), !gone),
        }
    }

    /// Adds the state of a person's photo: its address, `None` if there is none, and its `ETag`.
    pub fn add_photo(&mut self, external: String, url: Option<String>, etag: String) {
        self.photos.insert(external, (url, etag));
    }

    /// Whether there is an entry for a person, including that they no longer exist.
    pub fn speaks_of(&self, external: &str) -> bool {
        self.people.contains_key(external)
    }

    /// Whether there is a group that the source named: one that is not known yet cannot be added without its name.
    pub(super) fn has_group(&self, id: &str) -> bool {
        self.groups.get(id).is_some_and(|group| group.as_ref().is_some_and(|about| about.name.is_some()))
    }

    /// Whether the source has a person.
    pub fn has(&self, external: &str) -> bool {
        self.people.get(external).is_some_and(Option::is_some)
    }

    /// The source's ids of all people it has.
    pub fn present(&self) -> impl Iterator<Item = &str> {
        self.people.iter().filter(|(_, said)| said.is_some()).map(|(external, _)| external.as_str())
    }

    /// Number of people that the source has.
    pub fn here(&self) -> usize {
        self.people.values().flatten().count()
    }
}
