//! Compact people: a tenant has thousands of them, all in memory.

use email_signature::{Address, Person};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A person, with the data that signing needs in addition to [`Person`]. In this form, 10,000 people with 15 fields take
/// about 10 MB; as [`Person`]s they would take four times as much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRecord {
    /// Stable id within the tenant.
    pub id: Box<str>,
    /// The primary address, then the aliases; never empty.
    pub addresses: Box<[Address]>,
    /// Ids of their direct and inherited groups, sorted.
    pub groups: Box<[Arc<str>]>,
    /// The inherited ones among these groups; usually none.
    pub inherited: Box<[Arc<str>]>,
    /// The Entra object id once they are linked, lower case.
    pub oid: Option<Box<str>>,
    /// Whether this is a shared mailbox.
    pub shared: bool,
    /// Their own values (source `self`), by token, whether in effect or not.
    pub own: BTreeMap<String, String>,
    /// Ids of the people who can send from this mailbox, sorted.
    pub send_as: Box<[Box<str>]>,
    /// The values in effect.
    pub fields: Fields,
}

/// Values by token, stored in one string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// Tokens, sorted, and where the value of each ends in `text`.
    ends: Box<[(Arc<str>, u32)]>,
    text: Box<str>,
}

impl PersonRecord {
    /// The primary address.
    pub fn address(&self) -> &str {
        self.addresses.first().map_or("", Address::as_str)
    }

    /// Display name, or the address if there is none.
    pub fn name(&self) -> &str {
        self.fields.get("display_name").filter(|name| !name.is_empty()).unwrap_or_else(|| self.address())
    }

    /// Ids of their direct groups.
    pub fn direct_groups(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().filter(|group| !self.inherited.contains(group)).map(|group| &**group)
    }

    /// The person in the form that rules and templates use.
    pub fn person(&self) -> Person {
        let mut addresses = self.addresses.iter().cloned();
        let Some(address) = addresses.next() else { unreachable!("nobody is loaded without an address") };
        Person {
            id: self.id.to_string(),
            address,
            aliases: addresses.collect(),
            groups: self.groups.iter().map(ToString::to_string).collect(),
            fields: self.fields.iter().map(|(token, value)| (token.to_owned(), value.to_owned())).collect(),
        }
    }
}

impl Fields {
    /// Packs values, sorted by token.
    pub(in crate::store) fn pack(values: &[(Arc<str>, String)]) -> Self {
        let mut text = String::with_capacity(values.iter().map(|(_, value)| value.len()).sum());
        let mut ends = Vec::with_capacity(values.len());
        for (token, value) in values {
            text.push_str(value);
            // Four gigabytes of fields do not come out of a database row.
            ends.push((token.clone(), u32::try_from(text.len()).unwrap_or(u32::MAX)));
        }
        Self { ends: ends.into(), text: text.into() }
    }

    /// Tokens with their values, sorted by token.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |(token, end)| {
            let value = self.text.get(start..*end as usize).unwrap_or_default();
            start = *end as usize;
            (&**token, value)
        })
    }

    /// One value.
    pub fn get(&self, token: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == token).map(|(_, value)| value)
    }
}
