//! Distribution lists: a recipient whose address is a group's counts as the group's members.

use super::Tenant;
use crate::store::PersonRecord;
use email_signature::{Address, Recipient, RecipientCondition, RecipientType, Rule};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

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

/// Addresses of members that are no people of the directory, by the group's id.
pub(super) type Outsiders = BTreeMap<String, Vec<Address>>;

/// Members of lists, worked out when a draft first names one.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Places of the members of each group that is a list, among the people.
    places: OnceLock<HashMap<Arc<str>, Vec<usize>>>,
    /// Members as recipients, by the list's address.
    recipients: Mutex<HashMap<Address, Arc<[Recipient]>>>,
}

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
    /// The recipients that rules see for an address of a draft: the person with their groups or, if the address is a
    /// distribution list's, its members. Members whom no rule tells apart come once, because a list may have thousands.
    pub(crate) fn recipients(&self, address: &Address, kind: RecipientType) -> Vec<Recipient> {
        let asked = &self.design().asked;
        let plain = |groups| Recipient { address: address.clone(), kind, groups, list: None, aliases: Vec::new() };
        if !asked.recipients {
            return vec![plain(Vec::new())];
        }
        if let Some(record) = self.record_by_address(address.as_str()) {
            return vec![plain(asked.groups_of(record))];
        }
        let members = self.members_of(address);
        if members.is_empty() { vec![plain(Vec::new())] } else { members.to_vec() }
    }

    /// A group's mail addresses.
    pub fn group_addresses(&self, id: &str) -> impl Iterator<Item = &str> {
        let lists = self.design().lists.iter();
        lists.filter(move |(_, groups)| groups.iter().any(|group| group == id)).map(|(address, _)| address.as_str())
    }

    /// The members of the list with this address; nobody, if there is no such list or it has no known member.
    fn members_of(&self, list: &Address) -> Arc<[Recipient]> {
        let Some(groups) = self.design().lists.get(list.as_str()) else { return Arc::default() };
        let known = || self.members.recipients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(members) = known().get(list) {
            return Arc::clone(members);
        }
        let members = self.told_apart(list, groups);
        known().insert(list.clone(), Arc::clone(&members));
        members
    }

    fn told_apart(&self, list: &Address, groups: &[String]) -> Arc<[Recipient]> {
        let asked = &self.design().asked;
        let places = self.members.places.get_or_init(|| self.places_of_members());
        let places: BTreeSet<usize> =
            groups.iter().filter_map(|group| places.get(group.as_str())).flatten().copied().collect();
        let mut seen = HashSet::new();
        let mut members = Vec::new();
        // The first address is the one that gets the mail; a rule may name any of them.
        let mut add = |addresses: &[Address], groups: Vec<String>| {
            let Some(address) = addresses.first() else { return };
            let aliases: Vec<Address> =
                addresses.iter().filter(|address| asked.addresses.contains(*address)).cloned().collect();
            if seen.insert((address.domain().to_owned(), aliases.clone(), groups.clone())) {
                let (address, list) = (address.clone(), Some(list.clone()));
                members.push(Recipient { address, kind: RecipientType::Other, groups, list, aliases });
            }
        };
        for record in places.into_iter().filter_map(|place| self.record_at(place)) {
            add(&record.addresses, asked.groups_of(record));
        }
        for address in groups.iter().filter_map(|group| self.design().outsiders.get(group)).flatten() {
            match self.record_by_address(address.as_str()) {
                Some(record) => add(&record.addresses, asked.groups_of(record)),
                None => add(std::slice::from_ref(address), Vec::new()),
            }
        }
        members.into()
    }

    /// One pass over everyone, for all lists.
    fn places_of_members(&self) -> HashMap<Arc<str>, Vec<usize>> {
        let lists: HashSet<&str> = self.design().lists.values().flatten().map(String::as_str).collect();
        let mut places: HashMap<Arc<str>, Vec<usize>> = HashMap::new();
        for (place, record) in self.records().enumerate() {
            for group in record.groups.iter().filter(|group| lists.contains(&***group)) {
                places.entry(Arc::clone(group)).or_default().push(place);
            }
        }
        places
    }
}
