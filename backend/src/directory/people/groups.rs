//! Planning of groups, memberships and nested groups.

use super::{Basis, Present};
use crate::directory::fetched::FetchedGroup;
use crate::directory::staging::Staging;
use crate::store::{Loss, Step};
use email_signature::Address;
use std::collections::{BTreeSet, HashSet};

pub(super) fn plan<Sink: FnMut(Vec<Step>, u64) -> bool>(basis: &Basis<'_>, to: &mut Staging<Sink>) {
    let gone = groups(basis, to);
    members(basis, &gone, to);
    nested(basis, &gone, to);
    outsiders(basis, &gone, to);
    newcomers(basis, &gone, to);
    if basis.how.whole {
        leavers(basis, &gone, to);
    }
}

/// Plans groups that are added, changed or removed; returns the ids of removed ones.
fn groups<'a, Sink: FnMut(Vec<Step>, u64) -> bool>(basis: &Basis<'a>, to: &mut Staging<Sink>) -> HashSet<&'a str> {
    let Basis { present, came, how, drifts, .. } = basis;
    for (id, about) in &came.groups {
        let (Some(about), old) = (about, present.record.groups.get(id)) else { continue };
        let Some(name) = about.name.as_ref().or(old.map(|(name, _)| name)) else { continue };
        let is_new = old.is_none_or(|(old, source)| old != name || *source != Some(present.source));
        let addresses = addresses(present, id, about);
        if is_new || !addresses.is_empty() {
            to.plan.groups += 1;
            drifts.group(id, name, to);
        }
        if is_new {
            to.push(Step::Group { id: id.clone(), old: old.map(|(old, _)| old.clone()), new: Some(name.clone()) });
        }
        for step in addresses {
            to.push(step);
        }
    }
    let mut gone: Vec<_> = present
        .record
        .groups
        .iter()
        .filter(|(id, (_, source))| {
            *source == Some(present.source) && came.groups.get(*id).map_or(how.whole, Option::is_none)
        })
        .collect();
    gone.sort_by(|one, other| one.0.cmp(other.0));
    for (id, (name, _)) in &gone {
        to.plan.groups += 1;
        to.lost.groups += 1;
        drifts.group(id, name, to);
        to.push(Step::Group { id: (*id).clone(), old: Some(name.clone()), new: None });
    }
    let gone: HashSet<&str> = gone.into_iter().map(|(id, _)| id.as_str()).collect();
    for record in present.tenant.records().filter(|_| !gone.is_empty()) {
        if record.direct_groups().any(|group| gone.contains(group)) {
            to.loses(&record.id, Loss::Groups);
        }
    }
    gone
}

/// The mail addresses that a group gets or loses. Those of a removed group go with it.
fn addresses(present: &Present<'_>, group: &str, about: &FetchedGroup) -> Vec<Step> {
    let Some(now) = &about.addresses else { return Vec::new() };
    let before: BTreeSet<&str> = present.record.addresses_of(group).collect();
    let now: BTreeSet<&str> =
        now.iter().map(String::as_str).filter(|address| Address::parse(address).is_ok()).collect();
    let step = |address: &&str, is_in| Step::GroupAddress { group: group.into(), address: (*address).into(), is_in };
    let lost = before.difference(&now).map(|address| step(address, false));
    lost.chain(now.difference(&before).map(|address| step(address, true))).collect()
}

fn members<Sink: FnMut(Vec<Step>, u64) -> bool>(basis: &Basis<'_>, gone: &HashSet<&str>, to: &mut Staging<Sink>) {
    let Basis { present, came, matched, drifts, .. } = basis;
    for ((group, member), &is_in) in &came.members {
        if !is_known(basis, gone, group) {
            continue;
        }
        let person = matched.ids.get(member.as_str()).map(String::as_str);
        let person = person.or_else(|| present.record.links.get(member).map(|link| link.person.as_str()));
        if let Some(person) = person {
            // The memberships of a removed person are unknown, so all are added again.
            let record = present.tenant.record(person);
            let was_in = record.is_some_and(|record| record.groups.iter().any(|known| **known == **group));
            if record.is_none() || was_in != is_in {
                to.plan.members += 1;
                if was_in {
                    to.loses(person, Loss::Groups);
                }
                drifts.member(group, member, to);
                to.push(Step::Member { person: person.to_owned(), group: group.clone(), is_in });
            }
        } else if present.record.waiting.get(member).is_some_and(|groups| groups.contains(group)) != is_in {
            to.push(Step::Waiting { external: member.clone(), group: group.clone(), is_in });
        }
        to.keep_up(basis.done());
    }
}

/// Whether there is a group once the plan is carried out. `gone`: the ids of those that it removes.
fn is_known(basis: &Basis<'_>, gone: &HashSet<&str>, group: &str) -> bool {
    !gone.contains(group) && (basis.present.record.groups.contains_key(group) || basis.came.has_group(group))
}

fn nested<Sink: FnMut(Vec<Step>, u64) -> bool>(basis: &Basis<'_>, gone: &HashSet<&str>, to: &mut Staging<Sink>) {
    let Basis { present, came, drifts, .. } = basis;
    for (pair, &is_in) in &came.nested {
        let (group, member) = pair;
        let are_known = is_known(basis, gone, group) && is_known(basis, gone, member);
        if are_known && present.record.nested.contains(pair) != is_in {
            to.plan.members += 1;
            to.lost.nested += u64::from(!is_in);
            drifts.member(group, member, to);
            to.push(Step::Nested { group: group.clone(), member: member.clone(), is_in });
        }
    }
}

fn outsiders<Sink: FnMut(Vec<Step>, u64) -> bool>(basis: &Basis<'_>, gone: &HashSet<&str>, to: &mut Staging<Sink>) {
    let Basis { present, came, drifts, .. } = basis;
    for (pair, &is_in) in &came.outsiders {
        let (group, address) = pair;
        let is_address = !is_in || Address::parse(address).is_ok();
        if is_known(basis, gone, group) && is_address && present.record.group_outsiders.contains(pair) != is_in {
            to.plan.members += 1;
            drifts.member(group, address, to);
            to.push(Step::Outsider { group: group.clone(), address: address.clone(), is_in });
        }
    }
}

/// Plans memberships of people who appeared in groups of the source before the source returned them.
fn newcomers<Sink: FnMut(Vec<Step>, u64) -> bool>(basis: &Basis<'_>, gone: &HashSet<&str>, to: &mut Staging<Sink>) {
    let Basis { present, came, matched, .. } = basis;
    for person in matched.people.iter().filter(|person| person.link.is_none()) {
        let external = person.fetched.id.as_str();
        for group in present.record.waiting.get(external).into_iter().flatten() {
            to.push(Step::Waiting { external: external.to_owned(), group: group.clone(), is_in: false });
            let said = came.members.contains_key(&(group.clone(), external.to_owned()));
            let is_in = person.record.is_some_and(|record| record.groups.iter().any(|known| **known == **group));
            if !said && !is_in && !gone.contains(group.as_str()) {
                to.plan.members += 1;
                to.push(Step::Member { person: person.id.clone(), group: group.clone(), is_in: true });
            }
        }
    }
}

/// Plans the removal of memberships that the source no longer has.
fn leavers<Sink: FnMut(Vec<Step>, u64) -> bool>(basis: &Basis<'_>, gone: &HashSet<&str>, to: &mut Staging<Sink>) {
    let Basis { present, came, matched, drifts, .. } = basis;
    let ours = |group: &str| {
        !gone.contains(group)
            && present.record.groups.get(group).is_some_and(|(_, source)| *source == Some(present.source))
    };
    let mut named: HashSet<(&str, &str)> = HashSet::new();
    for ((group, member), _) in came.members.iter().filter(|(_, is_in)| **is_in) {
        let person = matched.ids.get(member.as_str()).map(String::as_str);
        let person = person.or_else(|| present.record.links.get(member).map(|link| link.person.as_str()));
        named.insert((group, person.unwrap_or(member)));
    }
    for record in present.tenant.records() {
        for group in record.direct_groups().filter(|group| ours(group) && !named.contains(&(*group, &*record.id))) {
            to.plan.members += 1;
            to.loses(&record.id, Loss::Groups);
            drifts.member_here(group, &record.id, to);
            to.push(Step::Member { person: record.id.to_string(), group: group.to_owned(), is_in: false });
        }
        to.keep_up(basis.done());
    }
    for (group, member) in &present.record.nested {
        let is_named = came.nested.get(&(group.clone(), member.clone())).is_some_and(|is_in| *is_in);
        if ours(group) && !is_named && !gone.contains(member.as_str()) {
            to.plan.members += 1;
            to.lost.nested += 1;
            drifts.member(group, member, to);
            to.push(Step::Nested { group: group.clone(), member: member.clone(), is_in: false });
        }
    }
    for pair in &present.record.group_outsiders {
        let (group, address) = pair;
        // What is reported as ended is planned already.
        if ours(group) && !came.outsiders.contains_key(pair) {
            to.plan.members += 1;
            drifts.member(group, address, to);
            to.push(Step::Outsider { group: group.clone(), address: address.clone(), is_in: false });
        }
    }
}
