//! Sources of people: what they are asked, and what is understood of what they say.

mod entra;
mod google;
mod runs;

use paraph::directory::fetched::{Cursor, Extent, FetchError, Fetched, FetchedGroup, FetchedPerson, Manager, Outlet};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that can be fetched.
const EVERYTHING: Extent = Extent { guests: true, shared: true, groups: true };

/// What somebody knows who only listens to what is fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Mirror {
    people: BTreeMap<String, FetchedPerson>,
    groups: BTreeMap<String, FetchedGroup>,
    /// Group, member, and whether that is a group.
    members: BTreeSet<(String, String, bool)>,
    /// Group, and the address of a member who is no person of the directory.
    outsiders: BTreeSet<(String, String)>,
    /// How many things were said.
    said: usize,
}

impl Mirror {
    fn hear(&mut self, said: Fetched) {
        self.said += 1;
        match said {
            Fetched::Person(mut person) => {
                if person.manager == Manager::Unchanged {
                    let known = self.people.get(&person.id);
                    person.manager = known.map_or(Manager::Nobody, |known| known.manager.clone());
                }
                self.people.insert(person.id.clone(), person);
            }
            Fetched::PersonGone(id) => drop(self.people.remove(&id)),
            Fetched::Group { id, about } => self.groups.entry(id).or_default().update(about),
            Fetched::GroupGone(id) => {
                self.groups.remove(&id);
                self.members.retain(|(group, _, _)| *group != id);
                self.outsiders.retain(|(group, _)| *group != id);
            }
            Fetched::Member { group, member, is_group, gone: false } => {
                self.members.insert((group, member, is_group));
            }
            Fetched::Member { group, member, is_group, gone: true } => {
                self.members.remove(&(group, member, is_group));
            }
            Fetched::Outsider { group, address, gone: false } => _ = self.outsiders.insert((group, address)),
            Fetched::Outsider { group, address, gone: true } => _ = self.outsiders.remove(&(group, address)),
        }
    }

    /// Listens until the fetch ends.
    async fn listen<F: Future<Output = Result<Cursor, FetchError>>>(
        &mut self,
        fetch: impl FnOnce(Outlet) -> F,
    ) -> Result<Cursor, FetchError> {
        // The narrowest: every portion must be waited for.
        let (outlet, mut portions) = Outlet::new(1);
        let hear = async {
            while let Some(portion) = portions.recv().await {
                for said in portion {
                    self.hear(said);
                }
            }
        };
        let (ended, ()) = tokio::join!(fetch(outlet), hear);
        ended
    }

    /// The value of somebody's attribute; empty when there is none.
    fn value(&self, id: &str, attribute: &str) -> &str {
        let values = &self.people[id].values;
        values.iter().find(|(name, _)| name == attribute).map_or("", |(_, value)| value.as_str())
    }

    /// The ids of the people.
    fn ids(&self) -> Vec<&str> {
        self.people.keys().map(String::as_str).collect()
    }

    fn has_member(&self, group: &str, member: &str) -> bool {
        self.members.iter().any(|(in_group, who, _)| (in_group.as_str(), who.as_str()) == (group, member))
    }

    /// Knows nothing but what is there now.
    fn without_count(&self) -> Self {
        Self { said: 0, ..self.clone() }
    }
}
