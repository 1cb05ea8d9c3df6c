//! Matching a source's people to people here: by the source's id, by their account, by address; otherwise they are new.

use super::{Collected, Person, Present, issue};
use crate::directory::staging::Staging;
use crate::store::Step;
use crate::store::{PersonRecord, Source};
use crate::tenant::Tenant;
use email_signature::Address;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The matched people.
pub(super) struct Matched<'a> {
    /// People, sorted by the source's id.
    pub(super) people: Vec<Person<'a>>,
    /// Person ids, by the source's id.
    pub(super) ids: HashMap<&'a str, String>,
    /// Person ids.
    pub(super) here: HashSet<String>,
    /// People who are skipped because of a problem, although the source still has them.
    pub(super) left_out: HashSet<&'a str>,
}

pub(super) fn matched<'a, Sink: FnMut(Vec<Step>, u64) -> bool>(
    present: &Present<'a>,
    came: &'a Collected,
    new_id: &mut impl FnMut() -> String,
    to: &mut Staging<Sink>,
) -> Matched<'a> {
    let by_oid = if present.source == Source::Entra { oids(present.tenant) } else { HashMap::new() };
    let linked: HashSet<&str> = present.record.links.values().map(|link| link.person.as_str()).collect();
    let mut matched =
        Matched { people: Vec::new(), ids: HashMap::new(), here: HashSet::new(), left_out: HashSet::new() };
    for (external, fetched) in &came.people {
        let Some(fetched) = fetched else { continue };
        let addresses = valid(fetched, to);
        let Some(primary) = addresses.first() else {
            matched.left_out.insert(external);
            continue;
        };
        let link = present.record.links.get(external);
        let record = match link {
            Some(link) => present.tenant.record(&link.person),
            None => by_oid.get(external.to_lowercase().as_str()).copied().or_else(|| {
                let found = present.tenant.record_by_address(primary)?;
                let is_theirs = |oid: &str| present.source == Source::Entra && oid != external;
                let is_taken = linked.contains(&*found.id) || found.oid.as_deref().is_some_and(is_theirs);
                (!is_taken).then_some(found)
            }),
        };
        let id = match (link, record) {
            (Some(link), _) => link.person.clone(),
            (None, Some(record)) => record.id.to_string(),
            (None, None) => new_id(),
        };
        if !matched.here.insert(id.clone()) {
            let detail = "another person in this source has the same addresses: correct one of the two in the source";
            to.issue(issue(primary, None, detail));
            matched.left_out.insert(external);
            continue;
        }
        matched.ids.insert(external, id.clone());
        matched.people.push(Person { fetched, id, record: record.map(|record| &**record), link, addresses });
    }
    settle(present, came, &mut matched, to);
    matched
}

/// People by Entra object id.
pub(super) fn oids(tenant: &Tenant) -> HashMap<&str, &Arc<PersonRecord>> {
    tenant.records().filter_map(|record| Some((record.oid.as_deref()?, record))).collect()
}

/// The valid addresses; empty if the primary one is invalid.
fn valid<Sink: FnMut(Vec<Step>, u64) -> bool>(fetched: &super::FetchedPerson, to: &mut Staging<Sink>) -> Vec<String> {
    let mut valid = Vec::with_capacity(fetched.addresses.len());
    for (at, address) in fetched.addresses.iter().enumerate() {
        match Address::parse(address) {
            Ok(address) => valid.push(address.as_str().to_owned()),
            Err(error) if at == 0 => {
                to.issue(issue(
                    address,
                    Some("address"),
                    format!("{error}: correct it in the source; until then this person is skipped"),
                ));
                return Vec::new();
            }
            Err(error) => to.issue(issue(address, Some("address"), format!("{error}: this address is ignored"))),
        }
    }
    valid
}

/// Ensures that every address belongs to one person: the person who has it here and keeps it, otherwise the first one.
fn settle<'a, Sink: FnMut(Vec<Step>, u64) -> bool>(
    present: &Present<'a>,
    came: &'a Collected,
    matched: &mut Matched<'a>,
    to: &mut Staging<Sink>,
) {
    let coming = &matched.here;
    let leaving: HashSet<&str> = present
        .record
        .links
        .iter()
        .filter(|(external, link)| link.made && came.people.get(*external).is_some_and(Option::is_none))
        .map(|(_, link)| link.person.as_str())
        .collect();
    let kept = |address: &str, id: &str| {
        let holder = present.tenant.record_by_address(address).map(|record| &*record.id)?;
        (holder != id && !coming.contains(holder) && !leaving.contains(holder)).then(|| holder.to_owned())
    };
    let mut owners: HashMap<String, String> = HashMap::new();
    let mut out: HashSet<String> = HashSet::new();
    for person in &mut matched.people {
        let mut mine = Vec::with_capacity(person.addresses.len());
        for (at, address) in std::mem::take(&mut person.addresses).into_iter().enumerate() {
            let other = kept(&address, &person.id).or_else(|| owners.get(&address).cloned());
            let Some(other) = other else {
                owners.insert(address.clone(), person.id.clone());
                mine.push(address);
                continue;
            };
            let name = present.tenant.record(&other).map_or("another person in this source", |other| other.address());
            let what = if at == 0 { "until then this person is skipped" } else { "it is ignored" };
            let detail = format!("the address belongs to {name}: remove it from one of the two; {what}");
            to.issue(issue(&address, Some("address"), detail));
            if at == 0 {
                out.insert(person.fetched.id.clone());
                break;
            }
        }
        person.addresses = mine;
    }
    if !out.is_empty() {
        matched.left_out.extend(came.people.keys().map(String::as_str).filter(|external| out.contains(*external)));
        matched.ids.retain(|external, _| !out.contains(*external));
        matched.people.retain(|person| !out.contains(&person.fetched.id));
    }
}
