//! Planning of field values.

use super::matching::Matched;
use super::{Basis, Collected, Person, Present, issue};
use crate::directory::check_value;
use crate::directory::fetched::{FetchedPerson, Manager};
use crate::directory::staging::{Change, ChangedPerson, Staging};
use crate::store::{Link, Mapped, Step};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// The attribute with the manager's name.
const MANAGER: &str = "manager";
/// The field for photos.
const PHOTO: &str = "photo";
/// The field with a person's name.
const NAME: &str = "display_name";

/// Names of managers, by the source's id and by address.
pub(super) struct Names<'a>(HashMap<Cow<'a, str>, Cow<'a, str>>);

impl<'a> Names<'a> {
    /// Names of all the source's people, if a field needs them.
    pub(super) fn new(present: &Present<'a>, came: &'a Collected, mapping: &[Mapped], matched: &Matched<'a>) -> Self {
        let mut names = HashMap::new();
        if !mapping.iter().any(|mapped| mapped.attribute == MANAGER) {
            return Self(names);
        }
        for (external, link) in &present.record.links {
            let Some(record) = present.tenant.record(&link.person) else { continue };
            names.insert(Cow::Owned(external.clone()), Cow::Borrowed(record.name()));
            names.insert(Cow::Borrowed(record.address()), Cow::Borrowed(record.name()));
        }
        let by_name = mapping.iter().find(|mapped| mapped.field == NAME);
        for person in &matched.people {
            let called = by_name
                .and_then(|mapped| value(person.fetched, &mapped.attribute))
                .unwrap_or(person.fetched.addresses[0].as_str());
            names.insert(Cow::Borrowed(person.fetched.id.as_str()), Cow::Borrowed(called));
            for address in &person.fetched.addresses {
                names.insert(Cow::Borrowed(address.as_str()), Cow::Borrowed(called));
            }
        }
        for (external, said) in &came.people {
            if said.is_none() {
                names.remove(external.as_str());
            }
        }
        Self(names)
    }

    fn of(&self, manager: &str) -> Option<&str> {
        self.0.get(manager).map(|name| &**name)
    }
}

fn value<'a>(person: &'a FetchedPerson, attribute: &str) -> Option<&'a str> {
    person.values.iter().find(|(name, _)| name == attribute).map(|(_, value)| value.as_str())
}

/// The source's id of a person's manager; empty if there is none.
pub(super) fn manager<'a>(fetched: &'a FetchedPerson, link: Option<&'a Link>) -> &'a str {
    match &fetched.manager {
        Manager::Id(manager) | Manager::Address(manager) => manager,
        Manager::Nobody => "",
        Manager::Unchanged => link.map_or("", |link| &link.manager),
    }
}

/// Plans changes to a person's values.
pub(super) fn changes<Sink: FnMut(Vec<Step>, u64) -> bool>(
    basis: &Basis<'_>,
    person: &Person<'_>,
    to: &mut Staging<Sink>,
) -> Vec<Change> {
    let Basis { present, came, how, names, .. } = basis;
    let stored = present.values.get(person.id.as_str());
    let mut changes = Vec::new();
    for mapped in how.mapping {
        let new = if mapped.attribute == MANAGER {
            names.of(manager(person.fetched, person.link))
        } else {
            value(person.fetched, &mapped.attribute)
        };
        let old = stored.and_then(|stored| stored.get(&mapped.field));
        if let Some(Err(detail)) = new.map(check_value) {
            let detail =
                format!("{detail}: shorten or clean the value in the source; until then the field is not updated");
            to.issue(issue(person.address(), Some(&mapped.attribute), detail));
        } else if old != new {
            changes.push((mapped.field.clone(), old.map(str::to_owned), new.map(str::to_owned)));
        }
    }
    if let Some((new, _)) = came.photos.get(&person.fetched.id) {
        let old = stored.and_then(|stored| stored.get(PHOTO));
        if old != new.as_deref() {
            changes.push((PHOTO.to_owned(), old.map(str::to_owned), new.clone()));
        }
    }
    let goes = |token: &str| !how.kept.contains(&token) && how.mapping.iter().all(|mapped| mapped.field != token);
    let gone = stored.iter().flat_map(|stored| stored.iter()).filter(|(token, _)| goes(token));
    changes.extend(gone.map(|(token, old)| (token.to_owned(), Some(old.to_owned()), None)));
    changes
}

/// Plans changes for people without an entry whose manager was renamed or removed, or whose photo changed; and the new photo
/// state of all people.
pub(super) fn of_others<Sink: FnMut(Vec<Step>, u64) -> bool>(basis: &Basis<'_>, to: &mut Staging<Sink>) {
    let Basis { present, came, how, matched, names, .. } = basis;
    let done = basis.done();
    for (external, (_, etag)) in &came.photos {
        to.push(Step::Photo { external: external.clone(), etag: etag.clone() });
        to.keep_up(done);
    }
    if how.whole {
        // People who are missing from a full fetch were removed.
        return;
    }
    let mapped = how.mapping.iter().find(|mapped| mapped.attribute == MANAGER);
    let links = &present.record.links;
    let leaves = came.people.iter().filter(|(_, said)| said.is_none()).filter_map(|(external, _)| links.get(external));
    let leaves: HashSet<&str> = leaves.map(|link| link.person.as_str()).collect();
    let is_other = |(external, link): &(&String, &Link)| {
        let is_told = came.photos.contains_key(*external) || mapped.is_some() && came.speaks_of(&link.manager);
        // Somebody may have two names there, after their Entra account was changed here.
        let came = came.speaks_of(external) || matched.here.contains(&link.person);
        is_told && !came && !leaves.contains(link.person.as_str())
    };
    let mut others: Vec<_> = links.iter().filter(is_other).collect();
    others.sort_by(|one, other| (&one.1.person, one.0).cmp(&(&other.1.person, other.0)));
    others.dedup_by(|one, other| one.1.person == other.1.person);
    for (external, link) in others {
        let Some(record) = present.tenant.record(&link.person) else { continue };
        let stored = present.values.get(&record.id);
        let mut changes = Vec::new();
        let mut note = |token: &str, new: Option<&str>| {
            let old = stored.and_then(|stored| stored.get(token));
            if old != new && new.is_none_or(|new| check_value(new).is_ok()) {
                changes.push((token.to_owned(), old.map(str::to_owned), new.map(str::to_owned)));
            }
        };
        if let Some(mapped) = mapped.filter(|_| came.speaks_of(&link.manager)) {
            note(&mapped.field, names.of(&link.manager));
        }
        if let Some((url, _)) = came.photos.get(external) {
            note(PHOTO, url.as_deref());
        }
        if !changes.is_empty() {
            to.plan.changed += 1;
            to.change(ChangedPerson { person: &record.id, address: record.address(), is_new: false, stored }, changes);
            to.keep_up(done);
        }
    }
}
