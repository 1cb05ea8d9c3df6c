//! What can be picked by searching on the server.

use crate::api::console::{get, path, with_query};
use crate::ui::{Choice, Finder, Found};
use ::api::console::{Group, Groups, GroupsQuery, People, PeopleQuery, PersonKind, PersonRow, paths};

/// As many as somebody looks through before they type more.
const FEW: u32 = 20;

/// People, or shared mailboxes, by name, address or a value.
pub(super) fn people(tenant: &str, kind: PersonKind) -> Finder {
    let path = path(paths::PEOPLE, &[tenant]);
    Finder::new(move |search| {
        let query = PeopleQuery { search, kind: Some(kind), limit: Some(FEW), ..PeopleQuery::default() };
        let path = with_query(&path, &query);
        async move {
            let found = get::<People>(&path).await?;
            let choice = |row: PersonRow| Choice { id: row.id, name: row.name, hint: row.address };
            Ok(Found { total: found.total, choices: found.people.into_iter().map(choice).collect() })
        }
    })
}

/// Groups, by name.
pub(super) fn groups(tenant: &str) -> Finder {
    let path = path(paths::GROUPS, &[tenant]);
    Finder::new(move |search| {
        let path = with_query(&path, &GroupsQuery { search, limit: Some(FEW), ..GroupsQuery::default() });
        async move {
            let found = get::<Groups>(&path).await?;
            Ok(Found { total: found.total, choices: found.groups.into_iter().map(group).collect() })
        }
    })
}

/// A group, to be picked.
pub(super) fn group(group: Group) -> Choice {
    Choice { hint: crate::ui::count(group.members, "member"), id: group.id, name: group.name }
}
