//! Users of Microsoft Graph, and whether they are included as people.

use super::attributes::values_of;
use crate::directory::fetched::{Extent, Fetched, FetchedPerson, Manager, addresses};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Properties to select for each user, besides `manager` and directory extensions.
pub(super) const SELECTED: &str = "id,userPrincipalName,mail,proxyAddresses,displayName,givenName,surname,jobTitle,\
    department,companyName,officeLocation,businessPhones,mobilePhone,faxNumber,streetAddress,city,state,postalCode,\
    country,preferredLanguage,accountEnabled,userType,employeeId,onPremisesExtensionAttributes,otherMails";

/// A user: <https://learn.microsoft.com/graph/api/resources/user>.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: String,
    /// Present if the user was deleted.
    #[serde(rename = "@removed")]
    removed: Option<serde::de::IgnoredAny>,
    #[serde(rename = "userPrincipalName")]
    pub(super) principal_name: Option<String>,
    mail: Option<String>,
    proxy_addresses: Option<Vec<String>>,
    account_enabled: Option<bool>,
    #[serde(rename = "userType")]
    kind: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) given_name: Option<String>,
    pub(super) surname: Option<String>,
    pub(super) job_title: Option<String>,
    pub(super) department: Option<String>,
    pub(super) company_name: Option<String>,
    pub(super) office_location: Option<String>,
    pub(super) business_phones: Option<Vec<String>>,
    pub(super) mobile_phone: Option<String>,
    pub(super) fax_number: Option<String>,
    pub(super) street_address: Option<String>,
    pub(super) city: Option<String>,
    pub(super) state: Option<String>,
    pub(super) postal_code: Option<String>,
    pub(super) country: Option<String>,
    pub(super) preferred_language: Option<String>,
    pub(super) employee_id: Option<String>,
    pub(super) on_premises_extension_attributes: Option<HashMap<String, Option<String>>>,
    pub(super) other_mails: Option<Vec<String>>,
    /// Directory extensions, and other properties that were not requested.
    #[serde(flatten)]
    pub(super) others: BTreeMap<String, Value>,
    /// In delta queries: added and removed managers.
    #[serde(rename = "manager@delta")]
    manager_delta: Option<Vec<Reference>>,
    /// In other queries: the manager.
    manager: Option<Reference>,
}

/// Reference to another user.
#[derive(Debug, Deserialize)]
struct Reference {
    id: String,
    #[serde(rename = "@removed")]
    removed: Option<serde::de::IgnoredAny>,
}

impl User {
    /// Whether this is an incomplete user. A delta query guarantees only "at least the properties that have been updated";
    /// every complete user has these two.
    pub(super) fn is_partial(&self) -> bool {
        self.removed.is_none() && (self.principal_name.is_none() || self.account_enabled.is_none())
    }

    /// Converts a user of a delta query.
    pub(super) fn said_in_delta(self, extent: Extent) -> Fetched {
        let manager = match self.manager_delta.as_deref() {
            None => Manager::Unchanged,
            Some(changes) => {
                let added = changes.iter().rfind(|change| change.removed.is_none());
                added.map_or(Manager::Nobody, |change| Manager::Id(change.id.clone()))
            }
        };
        self.into_fetched(extent, manager)
    }

    /// Converts a user of a query for this single user.
    pub(super) fn said_alone(self, extent: Extent) -> Fetched {
        let manager = self.manager.as_ref().map_or(Manager::Nobody, |manager| Manager::Id(manager.id.clone()));
        self.into_fetched(extent, manager)
    }

    fn into_fetched(self, extent: Extent, manager: Manager) -> Fetched {
        let addresses = self.addresses();
        let is_enabled = self.account_enabled.unwrap_or(true);
        // The property did not exist before 2014: users without it are members.
        let is_guest = self.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("guest"));
        let counts = if is_guest { extent.guests && is_enabled } else { extent.shared || is_enabled };
        if self.removed.is_some() || addresses.is_empty() || !counts {
            return Fetched::PersonGone(self.id);
        }
        let values = values_of(&self);
        Fetched::Person(FetchedPerson { id: self.id, addresses, shared: !is_enabled, values, manager })
    }

    fn addresses(&self) -> Vec<String> {
        mail_addresses(self.mail.as_deref(), self.proxy_addresses.as_deref().unwrap_or_default())
    }
}

/// `mail`, then `SMTP:` (the primary one), then `smtp:` (further ones); other kinds (SIP, X500, SPO …) receive no mail.
pub(super) fn mail_addresses(mail: Option<&str>, proxies: &[String]) -> Vec<String> {
    let of_kind = |kind: &'static str| proxies.iter().filter_map(move |proxy| proxy.strip_prefix(kind));
    addresses(mail.into_iter().chain(of_kind("SMTP:")).chain(of_kind("smtp:")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const MEMBERS: Extent = Extent { guests: false, shared: false, groups: false };

    fn user(changes: &Value) -> User {
        let mut user = json!({ "id": "1", "userPrincipalName": "ada@example.onmicrosoft.com", "accountEnabled": true,
            "userType": "Member", "mail": "Ada@example.com" });
        for (name, value) in changes.as_object().unwrap() {
            user[name] = value.clone();
        }
        serde_json::from_value(user).unwrap()
    }

    fn person(changes: &Value, extent: Extent) -> Option<FetchedPerson> {
        match user(changes).said_in_delta(extent) {
            Fetched::Person(person) => Some(person),
            other => {
                assert_eq!(other, Fetched::PersonGone("1".into()));
                None
            }
        }
    }

    #[test]
    fn mail_comes_first_and_smtp_addresses_alone_are_addresses() {
        let proxies = json!([
            "smtp:countess@example.com",
            "SMTP:ada.lovelace@example.com",
            "X500:/o=x",
            "SIP:a@b",
            "smtp:ADA@example.com"
        ]);
        for (mail, expected) in [
            (json!("Ada@example.com"), &["ada@example.com", "ada.lovelace@example.com", "countess@example.com"][..]),
            (Value::Null, &["ada.lovelace@example.com", "countess@example.com", "ada@example.com"]),
            (json!(" "), &["ada.lovelace@example.com", "countess@example.com", "ada@example.com"]),
        ] {
            let person = person(&json!({ "mail": mail, "proxyAddresses": proxies }), MEMBERS).unwrap();
            assert_eq!(person.addresses, expected, "{mail}");
        }
        assert_eq!(person(&json!({ "mail": null, "proxyAddresses": ["SIP:a@b"] }), MEMBERS), None);
        assert_eq!(person(&json!({ "mail": null, "proxyAddresses": null }), MEMBERS), None);
    }

    #[test]
    fn who_counts_follows_from_kind_state_and_settings() {
        let counts = |kind: &Value, enabled: bool, guests: bool, shared: bool| {
            let extent = Extent { guests, shared, groups: false };
            person(&json!({ "userType": kind, "accountEnabled": enabled }), extent).map(|person| person.shared)
        };
        let (member, guest) = (json!("Member"), json!("Guest"));
        assert_eq!(counts(&member, true, false, false), Some(false));
        assert_eq!(counts(&Value::Null, true, false, false), Some(false), "older than the property");
        assert_eq!(counts(&member, false, false, false), None);
        assert_eq!(counts(&member, false, false, true), Some(true));
        assert_eq!(counts(&guest, true, false, true), None);
        assert_eq!(counts(&guest, true, true, false), Some(false));
        assert_eq!(counts(&guest, false, true, true), None, "a guest is no shared mailbox");
    }

    #[test]
    fn who_was_removed_is_gone_whatever_else_is_said() {
        let extent = Extent { guests: true, shared: true, groups: true };
        assert_eq!(person(&json!({ "@removed": { "reason": "changed" } }), extent), None);
        let bare: User = serde_json::from_value(json!({ "id": "1", "@removed": { "reason": "deleted" } })).unwrap();
        assert!(!bare.is_partial());
        assert_eq!(bare.said_in_delta(extent), Fetched::PersonGone("1".into()));
    }

    #[test]
    fn the_manager_is_whoever_was_added_last() {
        let of = |delta: Value| person(&json!({ "manager@delta": delta }), MEMBERS).unwrap().manager;
        let gone = json!({ "id": "2", "@removed": { "reason": "deleted" } });
        assert_eq!(of(json!([{ "id": "2" }])), Manager::Id("2".into()));
        assert_eq!(of(json!([{ "id": "3" }, gone])), Manager::Id("3".into()));
        assert_eq!(of(json!([gone])), Manager::Nobody);
        assert_eq!(of(json!([])), Manager::Nobody);
        assert_eq!(person(&json!({}), MEMBERS).unwrap().manager, Manager::Unchanged);
    }

    #[test]
    fn a_user_with_less_than_every_user_has_is_partial() {
        let partial: User = serde_json::from_value(json!({ "id": "1", "manager@delta": [] })).unwrap();
        assert!(partial.is_partial());
        assert!(!user(&json!({ "mail": null })).is_partial());
    }
}
