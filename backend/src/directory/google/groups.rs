//! Groups and their members. Each group needs at least one request; several are sent in parallel.

use super::super::fetched::{FetchError, Fetched, FetchedGroup, Outlet, addresses};
use super::api::GoogleSession;
use super::users::{Listed, Pages};
use serde::Deserialize;
use std::collections::HashSet;
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
    /// May be missing for external members: Google knows only their addresses.
    id: Option<String>,
    #[serde(default)]
    email: String,
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
pub(super) async fn fetch(
    session: &GoogleSession,
    everybody: &HashSet<String>,
    outlet: &Outlet,
) -> Result<(), FetchError> {
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
    everybody: &HashSet<String>,
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
    fn fetched(self, group: &str, everybody: &HashSet<String>) -> Vec<Fetched> {
        let in_group = |member: &str, is_group| Fetched::Member {
            group: group.to_owned(),
            member: member.to_owned(),
            is_group,
            gone: false,
        };
        let address = self.email.trim().to_lowercase();
        let outsider = (!address.is_empty()).then(|| Fetched::Outsider { group: group.into(), address, gone: false });
        match (self.kind.as_str(), self.id) {
            // All users of the workspace, as one member.
            ("CUSTOMER", _) => everybody.iter().map(|id| in_group(id, false)).collect(),
            ("GROUP", Some(id)) => vec![in_group(&id, true)],
            ("USER", Some(id)) if everybody.contains(&id) => vec![in_group(&id, false)],
            // Who is not included may be inside or outside: their address tells.
            ("USER", Some(id)) => [in_group(&id, false)].into_iter().chain(outsider).collect(),
            ("USER" | "EXTERNAL", _) => outsider.into_iter().collect(),
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
        let everybody = HashSet::from(["1".to_owned(), "7".to_owned()]);
        let said = |member: serde_json::Value| {
            let member: Member = serde_json::from_value(member).unwrap();
            let said = member.fetched("g", &everybody);
            let short = said.into_iter().map(|said| match said {
                Fetched::Member { member, is_group, .. } => (member, if is_group { "group" } else { "person" }),
                Fetched::Outsider { address, .. } => (address, "outsider"),
                other => panic!("{other:?}"),
            });
            let mut short: Vec<_> = short.collect();
            short.sort();
            short
        };
        let person = |id: &str| (id.to_owned(), "person");
        let outsider = || ("a@b.example".to_owned(), "outsider");
        assert_eq!(said(json!({ "type": "USER", "id": "7", "email": "seven@example.com" })), [person("7")]);
        assert_eq!(said(json!({ "type": "GROUP", "id": "h" })), [("h".into(), "group")]);
        assert_eq!(said(json!({ "type": "CUSTOMER", "id": "C0" })), [person("1"), person("7")]);
        assert_eq!(said(json!({ "type": "EXTERNAL", "email": "A@b.example" })), [outsider()]);
        assert_eq!(said(json!({ "type": "EXTERNAL", "id": "9", "email": "a@b.example" })), [outsider()]);
        assert_eq!(said(json!({ "type": "USER", "email": "a@b.example" })), [outsider()]);
        assert_eq!(said(json!({ "type": "USER", "id": "9", "email": "a@b.example" })), [person("9"), outsider()]);
        assert_eq!(said(json!({ "type": "USER" })), []);
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
