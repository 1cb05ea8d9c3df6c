//! Groups and their members. Each group needs at least one request; several are sent in parallel.

use super::super::fetched::{FetchError, Fetched, FetchedGroup, Outlet, addresses};
use super::api::GoogleSession;
use super::users::{Listed, Pages};
use serde::Deserialize;
use std::sync::{Mutex, PoisonError};

/// Google's maximum page size.
const PER_PAGE: &str = "200";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Groups {
    #[serde(default)]
    groups: Vec<Group>,
    next_page_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    non_editable_aliases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    #[serde(default)]
    members: Vec<Member>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Member {
    /// Missing for external members: Google knows only their addresses.
    id: Option<String>,
    #[serde(default, rename = "type")]
    kind: String,
}

impl Listed for Groups {
    fn next_page(&mut self) -> Option<String> {
        self.next_page_token.take()
    }
}

impl Listed for Members {
    fn next_page(&mut self) -> Option<String> {
        self.next_page_token.take()
    }
}

/// Fetches all groups with their members. `everybody`: the ids of all people.
pub(super) async fn fetch(session: &GoogleSession, everybody: &[String], outlet: &Outlet) -> Result<(), FetchError> {
    let mut pages = Pages::new(session, "groups", &[("customer", "my_customer"), ("maxResults", PER_PAGE)]);
    while let Some(page) = pages.next::<Groups>().await? {
        let ids: Vec<String> = page.groups.iter().map(|group| group.id.clone()).collect();
        outlet.send(page.groups.into_iter().map(Group::fetched).collect()).await?;
        // Four at once stay far below the 2,400 requests a minute that Google allows.
        let open = Mutex::new(ids);
        let lane = async || {
            while let Some(id) = take(&open) {
                members(session, &id, everybody, outlet).await?;
            }
            Ok::<_, FetchError>(())
        };
        tokio::try_join!(lane(), lane(), lane(), lane())?;
    }
    Ok(())
}

fn take(open: &Mutex<Vec<String>>) -> Option<String> {
    open.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

async fn members(
    session: &GoogleSession,
    group: &str,
    everybody: &[String],
    outlet: &Outlet,
) -> Result<(), FetchError> {
    let path: String = form_urlencoded::byte_serialize(group.as_bytes()).collect();
    let mut pages = Pages::new(session, &format!("groups/{path}/members"), &[("maxResults", PER_PAGE)]);
    // Deleted since it was listed: it has no members, and the next run does not find it.
    while let Some(page) = pages.next_if_there::<Members>().await? {
        let said = page.members.into_iter().flat_map(|member| member.fetched(group, everybody));
        outlet.send(said.collect()).await?;
    }
    Ok(())
}

impl Group {
    fn fetched(self) -> Fetched {
        let aliases = self.aliases.iter().chain(&self.non_editable_aliases);
        let addresses = addresses([&self.email].into_iter().chain(aliases).map(String::as_str));
        let name = self.name.trim();
        let name = if name.is_empty() { self.email } else { name.to_owned() };
        Fetched::Group { id: self.id, about: FetchedGroup { name: Some(name), addresses: Some(addresses) } }
    }
}

impl Member {
    fn fetched(self, group: &str, everybody: &[String]) -> Vec<Fetched> {
        let in_group = |member: &str, is_group| Fetched::Member {
            group: group.to_owned(),
            member: member.to_owned(),
            is_group,
            gone: false,
        };
        match (self.kind.as_str(), self.id) {
            // All users of the workspace, as one member.
            ("CUSTOMER", _) => everybody.iter().map(|id| in_group(id, false)).collect(),
            ("GROUP", Some(id)) => vec![in_group(&id, true)],
            ("USER", Some(id)) => vec![in_group(&id, false)],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_member_is_a_user_a_group_or_everybody() {
        let everybody = ["1".to_owned(), "2".to_owned()];
        let said = |member: serde_json::Value| {
            let member: Member = serde_json::from_value(member).unwrap();
            let said = member.fetched("g", &everybody);
            let short = said.into_iter().map(|said| match said {
                Fetched::Member { member, is_group, .. } => (member, is_group),
                other => panic!("{other:?}"),
            });
            short.collect::<Vec<_>>()
        };
        assert_eq!(said(json!({ "type": "USER", "id": "7" })), [("7".into(), false)]);
        assert_eq!(said(json!({ "type": "GROUP", "id": "h" })), [("h".into(), true)]);
        assert_eq!(said(json!({ "type": "CUSTOMER", "id": "C0" })), [("1".into(), false), ("2".into(), false)]);
        assert_eq!(said(json!({ "type": "EXTERNAL", "email": "a@b.example" })), []);
        assert_eq!(said(json!({ "type": "USER", "email": "a@b.example" })), []);
    }

    #[test]
    fn a_group_without_a_name_is_called_by_its_address() {
        let group = Group { id: "g".into(), name: " ".into(), email: "all@example.com".into(), ..Group::default() };
        let Fetched::Group { about, .. } = group.fetched() else { panic!("it is a group") };
        assert_eq!(about.name.as_deref(), Some("all@example.com"));
    }

    #[test]
    fn a_groups_aliases_are_its_addresses_too() {
        let group = json!({ "id": "g", "name": "All", "email": "All@example.com", "aliases": ["everyone@example.com"],
            "nonEditableAliases": ["all@example.com.test-google-a.com"] });
        let group: Group = serde_json::from_value(group).unwrap();
        let Fetched::Group { about, .. } = group.fetched() else { panic!("it is a group") };
        let expected = ["all@example.com", "everyone@example.com", "all@example.com.test-google-a.com"];
        assert_eq!(about.addresses.unwrap(), expected);
    }
}
