//! Groups and their direct members by delta query. A group may come any number of times, with some of its members each.

use super::super::fetched::{FetchError, Fetched, Outlet};
use super::graph::GraphSession;
use super::pages::Pages;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The application permission for reading groups and memberships.
pub(super) const NEEDS: &str = "GroupMember.Read.All";

#[derive(Deserialize)]
struct Group {
    id: String,
    #[serde(rename = "@removed")]
    removed: Option<IgnoredAny>,
    #[serde(rename = "displayName")]
    name: Option<String>,
    #[serde(default, rename = "members@delta")]
    members: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    id: String,
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    #[serde(rename = "@removed")]
    removed: Option<IgnoredAny>,
}

/// Fetches all groups, or changes since `link`; returns the next delta link.
pub(super) async fn fetch(session: &GraphSession, link: Option<String>, outlet: &Outlet) -> Result<String, FetchError> {
    let mut pages = match link {
        Some(link) => Pages::from_link(session, NEEDS, link)?,
        None => Pages::from_start(session, NEEDS, "/v1.0/groups/delta?$select=displayName,members"),
    };
    while let Some(page) = pages.next::<Group>().await? {
        outlet.send(page.into_iter().flat_map(fetched).collect()).await?;
    }
    Ok(pages.into_delta_link())
}

fn fetched(group: Group) -> Vec<Fetched> {
    if group.removed.is_some() {
        return vec![Fetched::GroupGone(group.id)];
    }
    let mut said = Vec::with_capacity(group.members.len() + 1);
    for member in group.members {
        let gone = member.removed.is_some();
        let kinds: &[bool] = match member.kind.as_deref() {
            Some("#microsoft.graph.user") => &[false],
            Some("#microsoft.graph.group") => &[true],
            // Devices, contacts and applications write no mail.
            Some(_) => &[],
            // Ids are unique, so the membership has ended for any type of member.
            None if gone => &[false, true],
            None => &[false],
        };
        said.extend(kinds.iter().map(|is_group| Fetched::Member {
            group: group.id.clone(),
            member: member.id.clone(),
            is_group: *is_group,
            gone,
        }));
    }
    // Where memberships alone changed, the name may not be repeated.
    said.extend(group.name.map(|name| Fetched::Group { id: group.id, name: name.trim().to_owned() }));
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(group: serde_json::Value) -> Vec<Fetched> {
        fetched(serde_json::from_value(group).unwrap())
    }

    #[test]
    fn users_and_groups_are_members_and_nothing_else_is() {
        let kind = |name: &str, id: &str| json!({ "@odata.type": format!("#microsoft.graph.{name}"), "id": id });
        let mut left = kind("user", "2");
        left["@removed"] = json!({ "reason": "deleted" });
        let group = json!({ "id": "g", "displayName": " Engine room ",
            "members@delta": [kind("user", "1"), left, kind("group", "h"), kind("device", "d"), kind("orgContact", "c")] });
        let member =
            |member: &str, is_group, gone| Fetched::Member { group: "g".into(), member: member.into(), is_group, gone };
        let name = Fetched::Group { id: "g".into(), name: "Engine room".into() };
        assert_eq!(said(group), [member("1", false, false), member("2", false, true), member("h", true, false), name]);
    }

    #[test]
    fn a_group_without_its_name_keeps_it() {
        assert_eq!(said(json!({ "id": "g", "members@delta": [] })), []);
    }

    #[test]
    fn a_removed_group_is_gone_with_all_its_memberships() {
        let group = json!({ "id": "g", "displayName": "Old", "@removed": { "reason": "changed" } });
        assert_eq!(said(group), [Fetched::GroupGone("g".into())]);
    }
}
