//! Groups and their direct members by delta query. A group may come any number of times, with some of its members each.

use super::super::fetched::{FetchError, Fetched, FetchedGroup, Outlet};
use super::graph::GraphSession;
use super::pages::Pages;
use super::user::mail_addresses;
use email_signature::Recipient;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

/// The application permission for reading groups and memberships.
pub(super) const NEEDS: &str = "GroupMember.Read.All";

#[derive(Deserialize)]
struct Group {
    id: String,
    #[serde(rename = "@removed")]
    removed: Option<IgnoredAny>,
    #[serde(rename = "displayName")]
    name: Option<String>,
    /// One or none; `None`: not reported.
    #[serde(default, deserialize_with = "one")]
    mail: Option<Vec<String>>,
    /// The same.
    #[serde(default, rename = "proxyAddresses", deserialize_with = "many")]
    proxy_addresses: Option<Vec<String>>,
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
        None => Pages::from_start(session, NEEDS, "/v1.0/groups/delta?$select=displayName,mail,proxyAddresses,members"),
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
        let known = |is_group| Fetched::Member { group: group.id.clone(), member: member.id.clone(), is_group, gone };
        // Of a contact, Graph reports the id alone.
        let address = || format!("{}@{}", member.id, Recipient::UNNAMED);
        let contact = || Fetched::Outsider { group: group.id.clone(), address: address(), gone };
        match member.kind.as_deref() {
            Some("#microsoft.graph.user") => said.push(known(false)),
            Some("#microsoft.graph.group") => said.push(known(true)),
            Some("#microsoft.graph.orgContact") => said.push(contact()),
            // Devices and applications get no mail.
            Some(_) => {}
            // Ids are unique, so the membership has ended for any type of member.
            None if gone => said.extend([known(false), known(true), contact()]),
            None => said.push(known(false)),
        }
    }
    // Where memberships alone changed, the rest may not be repeated. Both properties change when a group loses its mailbox.
    let is_reported = group.mail.is_some() || group.proxy_addresses.is_some();
    let (mail, proxies) = (group.mail.unwrap_or_default(), group.proxy_addresses.unwrap_or_default());
    let about = FetchedGroup {
        name: group.name.map(|name| name.trim().to_owned()),
        addresses: is_reported.then(|| mail_addresses(mail.first().map(String::as_str), &proxies)),
    };
    if about != FetchedGroup::default() {
        said.push(Fetched::Group { id: group.id, about });
    }
    said
}

/// A property that is there, even if it is null.
fn one<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    Ok(Some(Option::<String>::deserialize(from)?.into_iter().collect()))
}

/// The same for a list.
fn many<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    Ok(Some(Option::<Vec<String>>::deserialize(from)?.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn about(name: Option<&str>, addresses: Option<&[&str]>) -> Fetched {
        let addresses = addresses.map(|addresses| addresses.iter().map(|&address| address.to_owned()).collect());
        Fetched::Group { id: "g".into(), about: FetchedGroup { name: name.map(str::to_owned), addresses } }
    }

    fn said(group: serde_json::Value) -> Vec<Fetched> {
        fetched(serde_json::from_value(group).unwrap())
    }

    #[test]
    fn users_groups_and_contacts_are_members_and_nothing_else_is() {
        let kind = |name: &str, id: &str| json!({ "@odata.type": format!("#microsoft.graph.{name}"), "id": id });
        let mut left = kind("user", "2");
        left["@removed"] = json!({ "reason": "deleted" });
        let group = json!({ "id": "g", "displayName": " Engine room ",
            "members@delta": [kind("user", "1"), left, kind("group", "h"), kind("device", "d"), kind("orgContact", "c")] });
        let member =
            |member: &str, is_group, gone| Fetched::Member { group: "g".into(), member: member.into(), is_group, gone };
        let name = about(Some("Engine room"), None);
        let outsider =
            |id: &str, gone| Fetched::Outsider { group: "g".into(), address: format!("{id}@contacts.invalid"), gone };
        let expected =
            [member("1", false, false), member("2", false, true), member("h", true, false), outsider("c", false), name];
        assert_eq!(said(group), expected);
        let gone = json!({ "id": "g", "members@delta": [{ "id": "x", "@removed": { "reason": "deleted" } }] });
        assert_eq!(said(gone), [member("x", false, true), member("x", true, true), outsider("x", true)]);
    }

    #[test]
    fn a_group_without_its_name_keeps_it() {
        assert_eq!(said(json!({ "id": "g", "members@delta": [] })), []);
    }

    #[test]
    fn a_groups_addresses_are_those_that_get_mail() {
        for (reported, addresses) in [
            (
                json!({ "mail": "Sales@example.com", "proxyAddresses": ["smtp:Vertrieb@example.com", "SMTP:sales@example.com",
                "X500:/o=Example/cn=sales", "SPO:SPO_1@SPO_2"] }),
                Some(&["sales@example.com", "vertrieb@example.com"][..]),
            ),
            (json!({ "mail": "sales@example.com" }), Some(&["sales@example.com"][..])),
            (json!({ "proxyAddresses": ["SMTP:sales@example.com"] }), Some(&["sales@example.com"][..])),
            (json!({ "mail": null, "proxyAddresses": [] }), Some(&[][..])),
            (json!({ "mail": null, "proxyAddresses": null }), Some(&[][..])),
        ] {
            let mut group = reported;
            group["id"] = json!("g");
            assert_eq!(said(group), [about(None, addresses)]);
        }
    }

    #[test]
    fn a_removed_group_is_gone_with_all_its_memberships() {
        let group = json!({ "id": "g", "displayName": "Old", "@removed": { "reason": "changed" } });
        assert_eq!(said(group), [Fetched::GroupGone("g".into())]);
    }
}
