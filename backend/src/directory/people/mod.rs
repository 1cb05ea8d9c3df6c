//! Compares a source's people and groups with stored data. Pure, and the same for all directories.
//!
//! Entries are first `Collected`, because their order has no meaning; then people are `matched`, and their addresses, values,
//! groups and departures become steps.

mod collected;
mod departures;
mod drift;
mod groups;
mod matching;
mod values;

pub use collected::Collected;
pub use drift::Told;

use super::fetched::FetchedPerson;
use super::staging::{ChangedPerson, Staging};
use crate::store::Losses;
use crate::store::Step;
use crate::store::{Fields, Link, Mapped, PersonRecord, PresentRecord, RowIssue, RunPlan, Source};
use crate::tenant::Tenant;
use drift::Drifts;
use matching::Matched;
use std::collections::{HashMap, HashSet};
use values::Names;

/// Stored data to compare with.
#[derive(Clone, Copy, Debug)]
pub struct Present<'a> {
    /// All people, with the values in effect.
    pub tenant: &'a Tenant,
    /// The source of the data.
    pub source: Source,
    /// The source's stored people, groups and memberships.
    pub record: &'a PresentRecord,
    /// The source's stored values by person, for people who may be affected.
    pub values: &'a HashMap<Box<str>, Fields>,
}

/// How to interpret the collected entries.
#[derive(Clone, Debug)]
pub struct How<'a> {
    /// Whether they are complete, so that missing people and groups are removed.
    pub whole: bool,
    /// Mapping of attributes to fields.
    pub mapping: &'a [Mapped],
    /// Fields that this fetch does not contain; they are unchanged.
    pub kept: &'a [&'a str],
    /// The reported changes since the last run, if this full fetch should detect drift.
    pub told: Option<&'a Told>,
}

/// What steps are made from: what is there, what came, and who is who.
struct Basis<'a> {
    present: &'a Present<'a>,
    came: &'a Collected,
    how: &'a How<'a>,
    matched: Matched<'a>,
    names: Names<'a>,
    drifts: Drifts<'a>,
}

impl Basis<'_> {
    /// How far the planner is once it has been through everybody who came.
    fn done(&self) -> u64 {
        self.matched.people.len() as u64
    }
}

/// Plans the changes. `sink` receives steps in portions with the number of processed people; `None` if it stopped.
pub fn plan<Id: FnMut() -> String, Sink: FnMut(Vec<Step>, u64) -> bool>(
    present: &Present<'_>,
    came: &Collected,
    how: &How<'_>,
    mut new_id: Id,
    sink: Sink,
) -> Option<(RunPlan, Losses)> {
    let mut to = Staging::new(sink);
    let matched = matching::matched(present, came, &mut new_id, &mut to);
    to.lost.whole = how.whole;
    to.lost.kept = matched.left_out.len() as u64
        + matched.people.iter().filter(|person| was_there(present, person)).count() as u64;
    let names = Names::new(present, came, how.mapping, &matched);
    let drifts = Drifts::new(present, how, &mut to);
    let basis = Basis { present, came, how, matched, names, drifts };
    for (done, person) in (1..).zip(&basis.matched.people) {
        take(&basis, person, &mut to);
        to.keep_up(done);
        if !to.goes_on {
            return None;
        }
    }
    values::of_others(&basis, &mut to);
    departures::plan(&basis, &mut to);
    groups::plan(&basis, &mut to);
    to.finish(basis.done())
}

/// Whether the source had the person before.
fn was_there(present: &Present<'_>, person: &Person<'_>) -> bool {
    person.link.is_some() || present.values.contains_key(person.id.as_str())
}

/// Ids of existing people whom a plan may affect.
pub fn touched<'a>(tenant: &'a Tenant, source: Source, present: &'a PresentRecord, came: &Collected) -> Vec<&'a str> {
    let oids = if source == Source::Entra { matching::oids(tenant) } else { HashMap::new() };
    let mut touched = HashSet::new();
    for (external, said) in &came.people {
        let linked = present.links.get(external).map(|link| link.person.as_str());
        let by_address = || {
            let address = said.as_ref()?.addresses.first()?;
            tenant.record_by_address(address).map(|record| &*record.id)
        };
        let by_oid = || oids.get(external.to_lowercase().as_str()).map(|record| &*record.id);
        touched.extend(linked.or_else(by_oid).or_else(by_address));
    }
    let photos = came.photos.keys().filter_map(|external| present.links.get(external));
    touched.extend(photos.map(|link| link.person.as_str()));
    let reports = present.links.values().filter(|link| came.people.contains_key(&link.manager));
    touched.extend(reports.map(|link| link.person.as_str()));
    touched.into_iter().collect()
}

/// A person of the source, matched to a person here.
pub(super) struct Person<'a> {
    /// The person's data from the source.
    fetched: &'a FetchedPerson,
    /// Person id.
    id: String,
    /// The stored person; `None` if they are new or were removed before.
    record: Option<&'a PersonRecord>,
    link: Option<&'a Link>,
    /// New addresses, primary first.
    addresses: Vec<String>,
}

impl Person<'_> {
    fn is_new(&self) -> bool {
        self.record.is_none() && self.link.is_none()
    }

    fn address(&self) -> &str {
        self.addresses.first().map_or("", String::as_str)
    }
}

fn take<Sink: FnMut(Vec<Step>, u64) -> bool>(basis: &Basis<'_>, person: &Person<'_>, to: &mut Staging<Sink>) {
    let before = to.staged();
    identity(basis.present, person, to);
    addresses(person, to);
    let changes = values::changes(basis, person, to);
    let differs = to.staged() > before || !changes.is_empty();
    if person.is_new() {
        to.plan.added += 1;
    } else if differs {
        to.plan.changed += 1;
    } else {
        to.plan.unchanged += 1;
    }
    link(person, to);
    if differs {
        basis.drifts.person(&person.fetched.id, person.link, person.address(), to);
        let stored = basis.present.values.get(person.id.as_str());
        let whom = ChangedPerson { person: &person.id, address: person.address(), is_new: person.is_new(), stored };
        to.change(whom, changes);
    }
}

/// Plans adding the person and linking the account.
fn identity<Sink: FnMut(Vec<Step>, u64) -> bool>(present: &Present<'_>, person: &Person<'_>, to: &mut Staging<Sink>) {
    let id = || person.id.clone();
    let oid = (present.source == Source::Entra).then(|| person.fetched.id.to_lowercase());
    let was_shared = person.record.is_some_and(|record| record.shared);
    if person.is_new() {
        to.push(Step::Person { person: id(), oid });
    } else {
        if person.record.is_none() {
            to.push(Step::Gone { person: id(), gone: false });
        }
        if let Some(oid) = oid.filter(|oid| person.record.is_some_and(|record| record.oid.as_deref() != Some(oid))) {
            to.push(Step::Oid { person: id(), oid });
        }
    }
    // The stored kind of a person who is back may be outdated.
    if person.fetched.shared != was_shared || person.record.is_none() && !person.is_new() {
        to.push(Step::Shared { person: id(), shared: person.fetched.shared });
    }
}

fn addresses<Sink: FnMut(Vec<Step>, u64) -> bool>(person: &Person<'_>, to: &mut Staging<Sink>) {
    let position = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let before: Vec<&str> =
        person.record.iter().flat_map(|record| record.addresses.iter()).map(email_signature::Address::as_str).collect();
    let step =
        |address: &str, old, new| Step::Address { person: person.id.clone(), address: address.to_owned(), old, new };
    for (at, address) in before.iter().enumerate() {
        let new = person.addresses.iter().position(|wanted| wanted == address);
        if new != Some(at) {
            to.push(step(address, Some(position(at)), new.map(position)));
        }
    }
    for (at, address) in person.addresses.iter().enumerate().filter(|(_, address)| !before.contains(&address.as_str()))
    {
        to.push(step(address, None, Some(position(at))));
    }
}

fn link<Sink: FnMut(Vec<Step>, u64) -> bool>(person: &Person<'_>, to: &mut Staging<Sink>) {
    let manager = values::manager(person.fetched, person.link);
    if person.link.is_none_or(|link| link.manager != manager || link.person != person.id) {
        to.push(Step::Link {
            person: person.id.clone(),
            external: person.fetched.id.clone(),
            manager: Some(manager.to_owned()),
            made: person.is_new(),
        });
    }
}

/// An issue with data that cannot be imported.
fn issue(subject: &str, column: Option<&str>, detail: impl Into<String>) -> RowIssue {
    RowIssue { line: 0, subject: Some(subject.to_owned()), column: column.map(str::to_owned), detail: detail.into() }
}
