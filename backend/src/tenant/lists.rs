//! Distribution lists: a recipient whose address is a group's counts as the group's members.

use super::Tenant;
use crate::store::PersonRecord;
use email_signature::{Address, Recipient, RecipientCondition, RecipientType, Rule};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// What rules ask about recipients.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// Whether any rule has a condition on recipients.
    recipients: bool,
    /// Ids of the groups that rules name.
    groups: BTreeSet<String>,
    /// The addresses that rules name.
    addresses: BTreeSet<Address>,
}

/// Ids of the groups that have an address, by address.
pub(super) type Lists = BTreeMap<String, Vec<String>>;

/// Members of lists as recipients, by the list's address, worked out when a draft first names it.
pub(super) type Known = Mutex<HashMap<Address, Arc<[Recipient]>>>;

impl Asked {
    pub(super) fn of(rules: &[Rule]) -> Self {
        let mut asked = Self::default();
        for condition in rules.iter().flat_map(|rule| rule.recipients.of.iter().chain(&rule.recipients.except)) {
            asked.recipients = true;
            match condition {
                RecipientCondition::Group { id } => _ = asked.groups.insert(id.clone()),
                RecipientCondition::Address { address } => _ = asked.addresses.insert(address.clone()),
                RecipientCondition::Internal | RecipientCondition::External | RecipientCondition::Domain { .. } => {}
            }
        }
        asked
    }

    /// What either asks.
    pub(super) fn or(mut self, other: &Self) -> Self {
        self.recipients |= other.recipients;
        self.groups.extend(other.groups.iter().cloned());
        self.addresses.extend(other.addresses.iter().cloned());
        self
    }

    /// The groups of a person that rules name.
    fn groups_of(&self, record: &PersonRecord) -> Vec<String> {
        let is_in = |group: &&String| record.groups.binary_search_by(|one| (**one).cmp(group.as_str())).is_ok();
        self.groups.iter().filter(is_in).cloned().collect()
    }
}

impl Tenant {
    /// Whom the rules see behind an address that a draft is sent to: the recipient with their groups or, if the address is a
    /// distribution list's, its members. Members whom no rule tells apart come once, because a list may have thousands.
    pub(crate) fn recipients(&self, address: Address, kind: RecipientType) -> Vec<Recipient> {
        let asked = &self.design().asked;
        let plain = |groups| Recipient { address: address.clone(), kind, groups, list: None };
        if !asked.recipients {
            return vec![plain(Vec::new())];
        }
        if let Some(record) = self.record_by_address(address.as_str()) {
            return vec![plain(asked.groups_of(record))];
        }
        let members = self.members_of(&address);
        if members.is_empty() { vec![plain(Vec::new())] } else { members.to_vec() }
    }

    /// A group's mail addresses.
    pub fn group_addresses(&self, id: &str) -> impl Iterator<Item = &str> {
        let lists = self.design().lists.iter();
        lists.filter(move |(_, groups)| groups.iter().any(|group| group == id)).map(|(address, _)| address.as_str())
    }

    /// The members of the list with this address; nobody, if there is no such list or the directory knows no member.
    fn members_of(&self, list: &Address) -> Arc<[Recipient]> {
        let Some(groups) = self.design().lists.get(list.as_str()) else { return Arc::default() };
        let known = || self.members.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(members) = known().get(list) {
            return Arc::clone(members);
        }
        let members = self.told_apart(list, groups);
        known().insert(list.clone(), Arc::clone(&members));
        members
    }

    fn told_apart(&self, list: &Address, groups: &[String]) -> Arc<[Recipient]> {
        let asked = &self.design().asked;
        let is_member =
            |record: &&Arc<PersonRecord>| record.groups.iter().any(|group| groups.iter().any(|id| **id == **group));
        let mut seen = HashSet::new();
        let mut members = Vec::new();
        for record in self.records().filter(is_member) {
            let groups = asked.groups_of(record);
            // The primary address is the one that gets the mail; a rule may name any of them.
            let named = record.addresses.iter().find(|address| asked.addresses.contains(*address));
            let Some(address) = named.or(record.addresses.first()) else { continue };
            if seen.insert((address.domain(), named, groups.clone())) {
                let list = Some(list.clone());
                members.push(Recipient { address: address.clone(), kind: RecipientType::Other, groups, list });
            }
        }
        members.into()
    }
}
