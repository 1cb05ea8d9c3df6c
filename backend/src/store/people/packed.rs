//! Compact people: a tenant has thousands of them, all in memory.

use email_signature::{Address, Person};
use std::collections::{BTreeMap, HashSet};
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
    /// Id of their manager, as a directory has it.
    pub manager: Option<Box<str>>,
    /// The values in effect.
    pub fields: Fields,
}

/// Values by token, stored in one string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// Sorted; one list for all people with values for the same fields.
    tokens: Arc<[Arc<str>]>,
    /// Where the value of each ends in `text`.
    ends: Box<[u32]>,
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
    pub(in crate::store) fn pack(values: impl Iterator<Item = (String, String)>, shared: &mut Shared) -> Self {
        let (mut tokens, mut ends, mut text) = (Vec::new(), Vec::new(), String::new());
        for (token, value) in values {
            tokens.push(shared.share(token));
            text.push_str(&value);
            // Four gigabytes of fields do not come out of a database row.
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        Self { tokens: shared.share_list(tokens), ends: ends.into(), text: text.into() }
    }

    /// Tokens with their values, sorted by token.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.tokens.iter().zip(&self.ends).map(move |(token, end)| {
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

/// Strings, and lists of them, that many people have in common.
#[derive(Default)]
pub(in crate::store) struct Shared {
    texts: HashSet<Arc<str>>,
    lists: HashSet<Arc<[Arc<str>]>>,
}

impl Shared {
    pub(in crate::store) fn share(&mut self, text: String) -> Arc<str> {
        if let Some(known) = self.texts.get(text.as_str()) {
            return known.clone();
        }
        let text: Arc<str> = text.into();
        self.texts.insert(text.clone());
        text
    }

    fn share_list(&mut self, list: Vec<Arc<str>>) -> Arc<[Arc<str>]> {
        if let Some(known) = self.lists.get(list.as_slice()) {
            return known.clone();
        }
        let list: Arc<[Arc<str>]> = list.into();
        self.lists.insert(list.clone());
        list
    }
}
