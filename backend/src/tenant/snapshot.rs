//! A tenant in memory.

use super::design::{Design, Prepared};
use super::index::{Lazy, PeopleIndex};
use super::lists::Known;
use super::made::Made;
use crate::store::{FieldDefinition, PersonRecord, TenantSummary};
use email_signature::{Address, DomainPattern, ImageUrls, Organisation, Person, Problem, Rules};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything of one tenant that signatures need, ready to use. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Tenant id, as in image addresses and the store.
    pub id: String,
    /// The Entra tenant id, lower case.
    pub entra_id: Option<String>,
    /// The organisation's name.
    pub name: String,
    /// Its mail domains, as [`DomainPattern`](email_signature::DomainPattern) reads them.
    pub domains: Vec<String>,
    /// Whether recipients whom Outlook does not name in time count as external.
    pub unread_external: bool,
    /// Version of the tenant.
    pub version: i64,
    design: Arc<Design>,
    /// People, sorted by id. The indexes below contain positions instead of texts, which saves megabytes with 10,000 people.
    people: Arc<Vec<Entry>>,
    /// Positions in `people`, sorted by object id.
    by_oid: Arc<[u32]>,
    /// Pairs of position in `people` and index of the address, sorted by address.
    by_address: Arc<[AddressAt]>,
    /// Search index, built on the first search.
    index: Arc<Lazy>,
    /// Members of distribution lists that drafts named.
    pub(super) members: Arc<Known>,
}

/// A person, shared by snapshots until they change.
#[derive(Clone, Debug)]
struct Entry {
    record: Arc<PersonRecord>,
    /// Positions of the mailboxes that the person can send from.
    may_send_as: Arc<[u32]>,
}

/// Where an address is.
#[derive(Clone, Copy, Debug)]
struct AddressAt {
    /// The position of whose it is.
    person: u32,
    /// Its position among theirs.
    which: u32,
}

/// People, and indexes by object id and by address.
type Shape = (Vec<Entry>, Arc<[u32]>, Arc<[AddressAt]>);

impl Tenant {
    /// Builds a snapshot.
    pub(super) fn new(tenant: TenantSummary, design: Arc<Design>, people: Vec<PersonRecord>) -> Self {
        let people = entries(people.into_iter().map(Arc::new).collect());
        Self {
            design,
            id: tenant.id,
            entra_id: tenant.entra_id,
            name: tenant.name,
            domains: tenant.domains,
            unread_external: tenant.unread_external,
            version: tenant.version,
            by_oid: index_oids(&people),
            by_address: index_addresses(&people),
            index: Arc::default(),
            members: Arc::default(),
            people: Arc::new(people),
        }
    }

    /// The tenant after a change of only these people, with `None` for removed ones. Returns `None` if the complete tenant
    /// must be loaded again.
    pub(super) fn with_people(&self, changed: Vec<(String, Option<PersonRecord>)>) -> Option<Self> {
        if changed.is_empty() {
            return Some(self.clone());
        }
        let (people, by_oid, by_address) = if changed.iter().all(|(id, record)| self.keeps_shape(id, record.as_ref())) {
            let mut people = Vec::clone(&self.people);
            let mut relinked = false;
            for record in changed.into_iter().filter_map(|(_, record)| record) {
                let at = self.position(&record.id)?;
                relinked |= people[at].record.oid != record.oid || people[at].record.shared != record.shared;
                people[at].record = Arc::new(record);
            }
            let by_oid = if relinked { index_oids(&people) } else { Arc::clone(&self.by_oid) };
            (people, by_oid, Arc::clone(&self.by_address))
        } else {
            self.reshape(changed)?
        };
        let index = Arc::new(Lazy::after(&self.index));
        let members = Arc::default();
        Some(Self { people: Arc::new(people), by_oid, by_address, index, members, ..self.clone() })
    }

    /// The same people with another design.
    pub(super) fn with_design(&self, design: Arc<Design>) -> Self {
        Self { design, members: Arc::default(), ..self.clone() }
    }

    /// Whether a change leaves the indexes unchanged.
    fn keeps_shape(&self, id: &str, record: Option<&PersonRecord>) -> bool {
        let old = self.record(id);
        matches!((old, record), (Some(old), Some(new)) if old.addresses == new.addresses && old.send_as == new.send_as)
    }

    /// People and indexes after people were added or removed, or their addresses or senders changed.
    fn reshape(&self, changed: Vec<(String, Option<PersonRecord>)>) -> Option<Shape> {
        let touched: BTreeSet<String> = changed.iter().map(|(id, _)| id.clone()).collect();
        let mut records: Vec<_> = self.people.iter().map(|entry| Arc::clone(&entry.record)).collect();
        for (id, record) in changed {
            let at = records.binary_search_by(|known| (*known.id).cmp(id.as_str()));
            match (at, record) {
                (Ok(at), Some(record)) => records[at] = Arc::new(record),
                (Err(at), Some(record)) => records.insert(at, Arc::new(record)),
                (Ok(at), None) => {
                    // Mailboxes name who may send from them: theirs are to be read again too.
                    if self.position(&id).is_some_and(|at| !self.people[at].may_send_as.is_empty()) {
                        return None;
                    }
                    records.remove(at);
                }
                (Err(_), None) => {}
            }
        }
        let people = entries(records);
        let find = |id: &str| people.binary_search_by(|entry| (*entry.record.id).cmp(id)).ok();
        let old = self.by_address.iter().filter_map(|AddressAt { person, which }| {
            let id = &*self.entry(*person).record.id;
            if touched.contains(id) {
                return None;
            }
            Some(AddressAt { person: u32::try_from(find(id)?).ok()?, which: *which })
        });
        let new = touched.iter().filter_map(|id| find(id)).flat_map(|at| addresses_of(at, &people[at]));
        // Nearly sorted, which costs next to nothing to sort.
        let by_address = sort_addresses(&people, old.chain(new).collect());
        Some((index_oids(&people), by_address)).map(|(by_oid, by_address)| (people, by_oid, by_address))
    }

    /// The record of the person with this Entra object id. Shared mailboxes do not sign in.
    pub fn record_by_oid(&self, oid: &str) -> Option<&Arc<PersonRecord>> {
        let oid = oid.to_lowercase();
        let compare = |at: &u32| self.entry(*at).record.oid.as_deref().cmp(&Some(oid.as_str()));
        let found = self.by_oid.binary_search_by(compare).ok()?;
        Some(&self.entry(self.by_oid[found]).record).filter(|record| !record.shared)
    }

    /// Whether an address in `domain` is one of the tenant's.
    pub fn is_ours(&self, domain: &str) -> bool {
        self.domains.iter().any(|ours| DomainPattern::read(ours).holds(domain))
    }

    /// The person or shared mailbox with this primary or alias address, in any case.
    pub fn person_by_address(&self, address: &str) -> Option<Person> {
        let address = Address::parse(address).ok()?;
        self.entry_by_address(address.as_str()).map(|entry| entry.record.person())
    }

    /// The record of the person with this primary address who has no Entra object id yet, for the first sign-in by address.
    pub fn unlinked_record_by_address(&self, address: &str) -> Option<&Arc<PersonRecord>> {
        let address = Address::parse(address).ok()?;
        let record = &self.entry_by_address(address.as_str())?.record;
        let primary = record.addresses.first().is_some_and(|primary| *primary == address);
        (primary && !record.shared && record.oid.is_none()).then_some(record)
    }

    /// A person's record, by id.
    pub fn record(&self, id: &str) -> Option<&Arc<PersonRecord>> {
        self.position(id).map(|at| &self.people[at].record)
    }

    /// A person's record, by their primary or another address in lower case.
    pub fn record_by_address(&self, address: &str) -> Option<&Arc<PersonRecord>> {
        self.entry_by_address(address).map(|entry| &entry.record)
    }

    /// All records, by id.
    pub fn records(&self) -> impl ExactSizeIterator<Item = &Arc<PersonRecord>> {
        self.people.iter().map(|entry| &entry.record)
    }

    /// The search index, built on the first search after a change. With 100,000 people this takes a tenth of a second.
    pub fn index(&self) -> &PeopleIndex {
        self.index.get(|| self.records().cloned().collect())
    }

    /// Ids and names of the groups.
    pub fn groups(&self) -> &BTreeMap<String, String> {
        &self.design.organisation.groups
    }

    /// All people and shared mailboxes, sorted by id.
    pub fn people(&self) -> impl ExactSizeIterator<Item = Person> {
        self.people.iter().map(|entry| entry.record.person())
    }

    /// Whether this is a shared mailbox.
    pub fn is_shared(&self, person: &Person) -> bool {
        self.entry_of(person).is_some_and(|entry| entry.record.shared)
    }

    /// Entra object id, if the person is linked.
    pub fn oid(&self, person: &Person) -> Option<&str> {
        self.entry_of(person)?.record.oid.as_deref()
    }

    /// Name of a group.
    pub fn group_name(&self, id: &str) -> Option<&str> {
        self.design.organisation.groups.get(id).map(String::as_str)
    }

    /// All addresses that the person can send from: their own, their aliases, and mailboxes that they are allowed to use.
    pub fn senders(&self, person: &Person) -> Vec<Address> {
        let mut senders = vec![person.address.clone()];
        senders.extend(person.aliases.iter().cloned());
        if let Some(entry) = self.entry_of(person) {
            senders.extend(entry.may_send_as.iter().filter_map(|at| self.entry(*at).record.addresses.first().cloned()));
        }
        senders
    }

    /// The person's manager: the one that a directory names, or whose address is in a field `manager`.
    pub fn manager(&self, person: &Person) -> Option<&Arc<PersonRecord>> {
        let named = self.entry_of(person).and_then(|entry| entry.record.manager.as_deref());
        let by_field = || self.record_by_address(&person.fields.get("manager")?.trim().to_lowercase());
        named.and_then(|id| self.record(id)).or_else(by_field).filter(|manager| *manager.id != *person.id)
    }

    /// Whether the person can send from a mailbox.
    pub(crate) fn may_send_as(&self, person: &Person, mailbox: &str) -> bool {
        let is_it = |at: &u32| &*self.entry(*at).record.id == mailbox;
        self.entry_of(person).is_some_and(|entry| entry.may_send_as.iter().any(is_it))
    }

    /// Fields that are custom or editable, in the admin's order.
    pub fn fields(&self) -> &[FieldDefinition] {
        &self.design.fields
    }

    /// The person's own value (source `self`) of a field.
    pub fn own_value(&self, person: &Person, token: &str) -> Option<&str> {
        self.entry_of(person)?.record.own.get(token).map(String::as_str)
    }

    /// Bytes of an attached image.
    pub fn image_bytes(&self, hash: &str) -> Option<Arc<[u8]>> {
        self.design.files.get(hash).cloned()
    }

    /// Problems with templates and rules, for an admin.
    pub fn problems(&self) -> Vec<Problem> {
        self.design.problems()
    }

    /// A published template's name.
    pub fn template_name(&self, id: &str) -> Option<&str> {
        self.template(id).map(|template| template.compiled.name())
    }

    /// A published rule's name.
    pub fn rule_name(&self, id: &str) -> Option<&str> {
        self.rules().iter().find(|rule| rule.id == id).map(|rule| rule.name.as_str())
    }

    /// Number of templates.
    pub fn template_count(&self) -> usize {
        self.design.templates.len()
    }

    /// Values that the server creates in addition to directory data.
    pub(crate) fn made(&self) -> &Made {
        &self.design.made
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.design.rules
    }

    /// Domains and groups.
    pub fn organisation(&self) -> &Organisation {
        &self.design.organisation
    }

    pub(crate) fn template(&self, id: &str) -> Option<&Prepared> {
        self.prepared(id).map(Arc::as_ref)
    }

    pub(super) fn prepared(&self, id: &str) -> Option<&Arc<Prepared>> {
        self.design.templates.get(id)
    }

    pub(super) fn design(&self) -> &Design {
        &self.design
    }

    /// Addresses of hosted images by the name that templates use.
    pub fn image_urls(&self) -> &ImageUrls {
        &self.design.urls
    }

    pub(crate) fn templates(&self) -> impl Iterator<Item = &Prepared> {
        self.design.templates.values().map(Arc::as_ref)
    }

    /// Tokens of the fields that published templates write as phone numbers.
    pub fn number_fields(&self) -> impl Iterator<Item = &str> {
        self.templates().flat_map(|template| template.compiled.numbers())
    }

    /// The file of an attached image, by name.
    pub(crate) fn image_file(&self, name: &str) -> Option<Arc<[u8]>> {
        self.design.image_file(name)
    }

    fn entry(&self, at: u32) -> &Entry {
        &self.people[at as usize]
    }

    /// The record at this index.
    pub fn record_at(&self, place: usize) -> Option<&Arc<PersonRecord>> {
        self.people.get(place).map(|entry| &entry.record)
    }

    /// A person's index among the records.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.position(id)
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.people.binary_search_by(|entry| (*entry.record.id).cmp(id)).ok()
    }

    fn entry_of(&self, person: &Person) -> Option<&Entry> {
        self.people.get(self.position(&person.id)?)
    }

    /// `address` in lower case.
    fn entry_by_address(&self, address: &str) -> Option<&Entry> {
        let found = self.by_address.binary_search_by(|at| address_at(&self.people, *at).cmp(address)).ok()?;
        Some(self.entry(self.by_address[found].person))
    }
}

fn entries(records: Vec<Arc<PersonRecord>>) -> Vec<Entry> {
    let mut mailboxes: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for (mailbox, record) in (0..).zip(&records) {
        for id in &record.send_as {
            if let Ok(person) = records.binary_search_by(|other| other.id.cmp(id)) {
                mailboxes.entry(person).or_default().push(mailbox);
            }
        }
    }
    // Nearly everybody has none: one empty list for all of them.
    let none: Arc<[u32]> = Arc::new([]);
    let entry = |(at, record): (usize, Arc<PersonRecord>)| Entry {
        record,
        may_send_as: mailboxes.remove(&at).map_or_else(|| Arc::clone(&none), Arc::from),
    };
    records.into_iter().enumerate().map(entry).collect()
}

fn index_oids(people: &[Entry]) -> Arc<[u32]> {
    let linked = (0..).zip(people).filter(|(_, entry)| entry.record.oid.is_some());
    let mut index: Vec<u32> = linked.map(|(at, _)| at).collect();
    index.sort_by(|a, b| people[*a as usize].record.oid.cmp(&people[*b as usize].record.oid));
    index.into()
}

fn index_addresses(people: &[Entry]) -> Arc<[AddressAt]> {
    sort_addresses(people, people.iter().enumerate().flat_map(|(at, entry)| addresses_of(at, entry)).collect())
}

/// `at`: the position of whose they are.
fn addresses_of(at: usize, entry: &Entry) -> impl Iterator<Item = AddressAt> {
    let person = u32::try_from(at).unwrap_or(u32::MAX);
    (0..).take(entry.record.addresses.len()).map(move |which| AddressAt { person, which })
}

fn sort_addresses(people: &[Entry], mut index: Vec<AddressAt>) -> Arc<[AddressAt]> {
    index.sort_by(|a, b| address_at(people, *a).cmp(address_at(people, *b)));
    index.into()
}

fn address_at(people: &[Entry], at: AddressAt) -> &str {
    people[at.person as usize].record.addresses[at.which as usize].as_str()
}
