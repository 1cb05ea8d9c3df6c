//! Users of the Directory API, and whether they are included as people.

use super::attributes::values_of;
use crate::directory::fetched::{Extent, Fetched, FetchedPerson, Manager, addresses};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Domain of the test addresses that Google adds to every user, and nobody uses.
const TEST_DOMAIN: &str = ".test-google-a.com";

/// A user: <https://developers.google.com/workspace/admin/directory/reference/rest/v1/users>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: String,
    primary_email: Option<String>,
    aliases: Option<Vec<String>>,
    non_editable_aliases: Option<Vec<String>>,
    #[serde(default)]
    suspended: bool,
    #[serde(default)]
    archived: bool,
    #[serde(default, rename = "isGuestUser")]
    is_guest: bool,
    #[serde(default)]
    pub(super) name: Name,
    pub(super) organizations: Option<Vec<Entry>>,
    pub(super) phones: Option<Vec<Entry>>,
    pub(super) addresses: Option<Vec<Entry>>,
    pub(super) locations: Option<Vec<Entry>>,
    pub(super) websites: Option<Vec<Entry>>,
    pub(super) external_ids: Option<Vec<Entry>>,
    pub(super) languages: Option<Vec<Entry>>,
    relations: Option<Vec<Entry>>,
    pub(super) gender: Option<Gender>,
    pub(super) org_unit_path: Option<String>,
    pub(super) custom_schemas: Option<BTreeMap<String, BTreeMap<String, Value>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Name {
    #[serde(rename = "fullName")]
    pub(super) full: Option<String>,
    #[serde(rename = "givenName")]
    pub(super) given: Option<String>,
    #[serde(rename = "familyName")]
    pub(super) family: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Gender {
    pub(super) address_me_as: Option<String>,
}

/// An entry of a list property; each kind of list has some of these properties.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    primary: bool,
    pub(super) value: Option<String>,
    pub(super) title: Option<String>,
    pub(super) department: Option<String>,
    pub(super) name: Option<String>,
    pub(super) cost_center: Option<String>,
    pub(super) description: Option<String>,
    pub(super) building_id: Option<String>,
    pub(super) floor_name: Option<String>,
    pub(super) formatted: Option<String>,
    pub(super) street_address: Option<String>,
    pub(super) locality: Option<String>,
    pub(super) region: Option<String>,
    pub(super) postal_code: Option<String>,
    pub(super) country: Option<String>,
    pub(super) country_code: Option<String>,
    pub(super) language_code: Option<String>,
}

/// The entry with one of `kinds`, in their order (any if empty); of several, the primary one, else the first.
pub(super) fn pick<'a>(entries: Option<&'a [Entry]>, kinds: &[&str]) -> Option<&'a Entry> {
    let entries = entries.unwrap_or_default();
    let best = |of_kind: &dyn Fn(&Entry) -> bool| {
        let mut found = entries.iter().filter(|entry| of_kind(entry));
        let first = found.clone().next();
        found.find(|entry| entry.primary).or(first)
    };
    match kinds {
        [] => best(&|_| true),
        kinds => kinds.iter().find_map(|kind| best(&|entry| entry.kind.as_deref() == Some(kind))),
    }
}

impl User {
    /// Converts the user.
    pub(super) fn fetched(self, extent: Extent) -> Fetched {
        let aliases = self.aliases.iter().chain(&self.non_editable_aliases).flatten();
        let real = aliases.map(String::as_str).filter(|alias| !alias.ends_with(TEST_DOMAIN));
        let addresses = addresses(self.primary_email.as_deref().into_iter().chain(real));
        let counts = !self.suspended && !self.archived && (extent.guests || !self.is_guest);
        if addresses.is_empty() || !counts {
            return Fetched::PersonGone(self.id);
        }
        // The admin console asks for an address, the API takes any text.
        let said = pick(self.relations.as_deref(), &["manager"]).and_then(|relation| relation.value.as_deref());
        let (manager, name) = match said.map(str::trim).filter(|said| !said.is_empty()) {
            Some(said) if said.contains('@') => (Manager::Address(said.to_lowercase()), None),
            name => (Manager::Nobody, name),
        };
        let values = values_of(&self, name);
        Fetched::Person(FetchedPerson { id: self.id, addresses, shared: false, values, manager })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const EXTENT: Extent = Extent { guests: false, shared: true, groups: true };

    fn person(properties: &Value) -> Option<FetchedPerson> {
        let mut user = json!({ "id": "1", "primaryEmail": "Ada@example.com" });
        for (name, value) in properties.as_object().unwrap() {
            user[name] = value.clone();
        }
        match serde_json::from_value::<User>(user).unwrap().fetched(EXTENT) {
            Fetched::Person(person) => Some(person),
            other => {
                assert_eq!(other, Fetched::PersonGone("1".into()));
                None
            }
        }
    }

    #[test]
    fn the_primary_address_comes_first_and_googles_own_are_left_out() {
        let aliases = json!({ "aliases": ["countess@example.com", "ada@EXAMPLE.com"],
            "nonEditableAliases": ["ada@example.org", "ada@example.com.test-google-a.com"] });
        let person = person(&aliases).unwrap();
        assert_eq!(person.addresses, ["ada@example.com", "countess@example.com", "ada@example.org"]);
    }

    #[test]
    fn who_is_suspended_or_archived_or_a_guest_does_not_count() {
        assert!(person(&json!({ "suspended": false, "archived": false })).is_some());
        for property in ["suspended", "archived", "isGuestUser"] {
            assert_eq!(person(&json!({ property: true })), None, "{property}");
        }
    }

    #[test]
    fn a_manager_is_an_address_or_a_name() {
        let of = |value: &str| person(&json!({ "relations": [{ "type": "manager", "value": value }] })).unwrap();
        assert_eq!(of(" Grace@example.com").manager, Manager::Address("grace@example.com".into()));
        let named = of("Grace Hopper");
        assert_eq!((named.manager, named.values), (Manager::Nobody, vec![("manager".into(), "Grace Hopper".into())]));
        assert_eq!(of(" ").manager, Manager::Nobody);
        let other = json!({ "relations": [{ "type": "assistant", "value": "alan@example.com" }] });
        assert_eq!(person(&other).unwrap().manager, Manager::Nobody);
    }
}
