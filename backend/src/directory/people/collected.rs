//! What came, whatever its order: later words win over earlier ones.

use crate::directory::fetched::{Fetched, FetchedPerson, Manager};
use std::collections::BTreeMap;

/// Everything that came of a fetch. 100,000 people take some 100 MB until the plan is made.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// By what the source calls them; `None`: they are gone.
    pub(super) people: BTreeMap<String, Option<FetchedPerson>>,
    /// Names, by id; `None`: it is gone.
    pub(super) groups: BTreeMap<String, Option<String>>,
    /// Where somebody's photo is, and its `ETag`, by what the source calls them; no address: they have none.
    pub(super) photos: BTreeMap<String, (Option<String>, String)>,
    /// By group and member.
    pub(super) members: BTreeMap<(String, String), Membership>,
}

/// A membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Membership {
    /// Whether the member is a group.
    pub(super) is_group: bool,
    /// Whether it ended.
    pub(super) gone: bool,
}

impl Collected {
    /// Takes one more word.
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
            Fetched::Group { id, name } => {
                self.groups.insert(id, Some(name));
            }
            Fetched::GroupGone(id) => {
                self.members.retain(|(group, _), _| *group != id);
                self.groups.insert(id, None);
            }
            Fetched::Member { group, member, is_group, gone } => {
                self.members.insert((group, member), Membership { is_group, gone });
            }
        }
    }

    /// Takes what is said of somebody's photo: its address, `None` for none, and its `ETag`.
    pub fn add_photo(&mut self, external: String, url: Option<String>, etag: String) {
        self.photos.insert(external, (url, etag));
    }

    /// Whether something was said of somebody, be it that they are gone.
    pub fn speaks_of(&self, external: &str) -> bool {
        self.people.contains_key(external)
    }

    /// Whether the source has somebody.
    pub fn has(&self, external: &str) -> bool {
        self.people.get(external).is_some_and(Option::is_some)
    }

    /// What the source calls everybody whom it has.
    pub fn present(&self) -> impl Iterator<Item = &str> {
        self.people.iter().filter(|(_, said)| said.is_some()).map(|(external, _)| external.as_str())
    }

    /// How many people are there.
    pub fn here(&self) -> usize {
        self.people.values().flatten().count()
    }
}
