//! People who are no longer in the source.

use super::{Basis, Present};
use crate::directory::staging::{ChangedPerson, Staging};
use crate::store::{Link, Loss, Step};
use std::collections::HashSet;

pub(super) fn plan<Sink: FnMut(Vec<Step>, u64) -> bool>(basis: &Basis<'_>, to: &mut Staging<Sink>) {
    let Basis { present, came, how, matched, drifts, .. } = basis;
    let mut gone: Vec<(&String, &Link)> = present
        .record
        .links
        .iter()
        .filter(|(external, _)| match came.people.get(*external) {
            Some(said) => said.is_none(),
            None => how.whole,
        })
        .collect();
    gone.sort_by(|one, other| one.0.cmp(other.0));
    for (external, link) in gone {
        // A person with a new id at the source was not removed.
        if !matched.here.contains(&link.person) && !matched.left_out.contains(external.as_str()) {
            let leaves = link.made && !present.record.elsewhere.contains(&link.person);
            let before = to.plan.cleared;
            goes(present, &link.person, leaves, to);
            if to.plan.cleared > before {
                let address = present.tenant.record(&link.person).map_or("", |record| record.address());
                drifts.person(external, Some(link), address, to);
            }
            to.keep_up(basis.done());
        }
    }
    if how.whole {
        unlinked(basis, to);
    }
}

/// People with stored values of the source but without a link to it, because a company document set them.
fn unlinked<Sink: FnMut(Vec<Step>, u64) -> bool>(basis: &Basis<'_>, to: &mut Staging<Sink>) {
    let Basis { present, came, matched, .. } = basis;
    let linked: HashSet<&str> = present.record.links.values().map(|link| link.person.as_str()).collect();
    let left_out = matched.left_out.iter().filter_map(|external| came.people.get(*external)?.as_ref());
    let left_out: HashSet<&str> = left_out
        .flat_map(|fetched| &fetched.addresses)
        .filter_map(|address| Some(&*present.tenant.record_by_address(address)?.id))
        .collect();
    let mut people: Vec<&str> = present.values.keys().map(|person| &**person).collect();
    people.retain(|person| !matched.here.contains(*person) && !linked.contains(person) && !left_out.contains(person));
    people.sort_unstable();
    for person in people {
        goes(present, person, false, to);
        to.keep_up(basis.done());
    }
}

/// Removes a person's values from the source and, if they are removed, their addresses.
fn goes<Sink: FnMut(Vec<Step>, u64) -> bool>(
    present: &Present<'_>,
    person: &str,
    leaves: bool,
    to: &mut Staging<Sink>,
) {
    let Some(record) = present.tenant.record(person) else { return };
    let stored = present.values.get(person);
    let values = stored.iter().flat_map(|stored| stored.iter());
    let values: Vec<_> = values.map(|(token, old)| (token.to_owned(), Some(old.to_owned()), None)).collect();
    if values.is_empty() && !leaves {
        return;
    }
    to.plan.cleared += 1;
    if leaves {
        to.plan.removed += 1;
        to.loses(person, Loss::Values);
        to.lost.emptied += u64::from(values.is_empty());
        to.push(Step::Gone { person: person.to_owned(), gone: true });
        for (at, address) in (0..).zip(&record.addresses) {
            let address = address.as_str().to_owned();
            to.push(Step::Address { person: person.to_owned(), address, old: Some(at), new: None });
        }
    }
    to.change(ChangedPerson { person, address: record.address(), is_new: false, stored }, values);
}
