//! The search index of people: case-folded texts in pieces that snapshots share until a person in them changes.
//!
//! The index is built on the first search. With 100,000 people of 15 fields it takes about 40 MB.

use super::order::{self, Order, fold};
use crate::store::PersonRecord;
use api::console::PersonKind;
use memchr::memmem::Finder;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Number of people in one piece of text.
const PIECE: usize = 512;
/// Maximum number of cached orders, each of which takes four bytes per person.
const MAX_ORDERS: usize = 6;

/// A search for people.
#[derive(Clone, Copy, Debug, Default)]
pub struct Search<'a> {
    /// Words that must all occur in a name, an address or a value.
    pub words: &'a str,
    /// Only members of this group, by id.
    pub group: Option<&'a str>,
    /// Only people, or only shared mailboxes.
    pub kind: Option<PersonKind>,
    /// Sort key: `name`, `address`, or a field's token; people without a value come last. Empty for `name`.
    pub sort: &'a str,
    /// Whether to sort in descending order.
    pub descending: bool,
    /// Number of people to skip.
    pub offset: usize,
    /// Maximum number of people to return.
    pub limit: usize,
}

/// A page of people.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The people of the page.
    pub people: Vec<Arc<PersonRecord>>,
    /// Total number of people.
    pub total: usize,
}

/// Index for searches.
#[derive(Debug)]
pub struct PeopleIndex {
    /// Sorted by id.
    records: Vec<Arc<PersonRecord>>,
    pieces: Vec<Arc<Piece>>,
    /// Positions of the members, by group.
    groups: HashMap<Arc<str>, Vec<u32>>,
    orders: Mutex<Vec<(String, Order)>>,
    /// How many people have a value, by token.
    values: OnceLock<BTreeMap<String, u64>>,
}

/// The concatenated case-folded texts of some people.
#[derive(Debug)]
struct Piece {
    text: String,
    /// End of each person's text.
    ends: Vec<u32>,
}

/// An index that is built on first use, from the previous one if there is one.
#[derive(Debug, Default)]
pub(super) struct Lazy {
    made: OnceLock<Arc<PeopleIndex>>,
    before: Mutex<Option<Arc<PeopleIndex>>>,
}

impl Lazy {
    /// The index for the next snapshot.
    pub(super) fn after(before: &Self) -> Self {
        let known = before.made.get().cloned().or_else(|| before.before().clone());
        Self { made: OnceLock::new(), before: Mutex::new(known) }
    }

    pub(super) fn get(&self, records: impl FnOnce() -> Vec<Arc<PersonRecord>>) -> &PeopleIndex {
        self.made.get_or_init(|| Arc::new(PeopleIndex::new(records(), self.before().take().as_deref())))
    }

    fn before(&self) -> MutexGuard<'_, Option<Arc<PeopleIndex>>> {
        self.before.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PeopleIndex {
    fn new(records: Vec<Arc<PersonRecord>>, before: Option<&Self>) -> Self {
        let old = |piece: usize| before?.piece(piece).map(|(records, text)| (records, Arc::clone(text)));
        let pieces = records.chunks(PIECE).enumerate().map(|(at, now)| match old(at) {
            Some((then, piece)) if same(then, now) => piece,
            _ => Arc::new(Piece::new(now)),
        });
        let pieces = pieces.collect();
        let mut groups: HashMap<Arc<str>, Vec<u32>> = HashMap::new();
        for (at, record) in (0..).zip(&records) {
            for group in &record.groups {
                groups.entry(Arc::clone(group)).or_default().push(at);
            }
        }
        let orders = before.map(|before| order::repair(&before.orders().clone(), &before.records, &records));
        Self { records, pieces, groups, orders: Mutex::new(orders.unwrap_or_default()), values: OnceLock::new() }
    }

    fn piece(&self, at: usize) -> Option<(&[Arc<PersonRecord>], &Arc<Piece>)> {
        Some((self.records.chunks(PIECE).nth(at)?, self.pieces.get(at)?))
    }

    /// A page of people.
    pub fn search(&self, search: &Search<'_>) -> Page {
        let order = self.order(if search.sort.is_empty() { "name" } else { search.sort });
        let wanted = self.wanted(search);
        let total = wanted.as_ref().map_or(self.records.len(), |wanted| wanted.iter().filter(|found| **found).count());
        let is_wanted = |at: &u32| wanted.as_ref().is_none_or(|wanted| wanted[*at as usize]);
        let people = |order: &mut dyn Iterator<Item = u32>| {
            let page = order.filter(is_wanted).skip(search.offset).take(search.limit);
            page.map(|at| Arc::clone(&self.records[at as usize])).collect()
        };
        let people = if search.descending {
            people(&mut order.iter().rev().copied())
        } else {
            people(&mut order.iter().copied())
        };
        Page { people, total }
    }

    /// Matching people by position; `None` for everyone.
    fn wanted(&self, search: &Search<'_>) -> Option<Vec<bool>> {
        let mut wanted = None;
        if let Some(group) = search.group {
            let mut members = vec![false; self.records.len()];
            for at in self.groups.get(group).into_iter().flatten() {
                members[*at as usize] = true;
            }
            wanted = Some(members);
        }
        let mut words: Vec<String> = search.words.split_whitespace().map(fold).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.dedup();
        if let Some((first, rest)) = words.split_first() {
            let found = self.matching(first, rest);
            wanted = Some(match wanted {
                Some(before) => before.iter().zip(found).map(|(before, found)| *before && found).collect(),
                None => found,
            });
        }
        if let Some(kind) = search.kind {
            let mut before = wanted.unwrap_or_else(|| vec![true; self.records.len()]);
            for (wanted, record) in before.iter_mut().zip(&self.records).filter(|(wanted, _)| **wanted) {
                *wanted = record.shared == (kind == PersonKind::SharedMailbox);
            }
            wanted = Some(before);
        }
        wanted
    }

    fn matching(&self, first: &str, rest: &[String]) -> Vec<bool> {
        let first = Finder::new(first);
        let rest: Vec<_> = rest.iter().map(Finder::new).collect();
        let mut found = Vec::with_capacity(self.records.len());
        for piece in &self.pieces {
            piece.search(&first, &rest, &mut found);
        }
        found
    }

    /// All positions in the order of `sort`, cached.
    fn order(&self, sort: &str) -> Order {
        if let Some((_, order)) = self.orders().iter().find(|(known, _)| known == sort) {
            return Arc::clone(order);
        }
        let order = order::order(&self.records, sort);
        let mut orders = self.orders();
        if orders.len() >= MAX_ORDERS {
            orders.remove(0);
        }
        orders.push((sort.to_owned(), Arc::clone(&order)));
        order
    }

    fn orders(&self) -> MutexGuard<'_, Vec<(String, Order)>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of members of a group.
    pub fn members(&self, group: &str) -> usize {
        self.groups.get(group).map_or(0, Vec::len)
    }

    /// Number of people with a value, by token.
    pub fn values(&self) -> &BTreeMap<String, u64> {
        self.values.get_or_init(|| {
            let mut counts: HashMap<&str, u64> = HashMap::new();
            for record in &self.records {
                for (token, _) in record.fields.iter() {
                    *counts.entry(token).or_default() += 1;
                }
            }
            counts.into_iter().map(|(token, count)| (token.to_owned(), count)).collect()
        })
    }
}

fn same(then: &[Arc<PersonRecord>], now: &[Arc<PersonRecord>]) -> bool {
    then.len() == now.len() && then.iter().zip(now).all(|(then, now)| Arc::ptr_eq(then, now))
}

impl Piece {
    fn new(records: &[Arc<PersonRecord>]) -> Self {
        let mut text = String::new();
        let mut ends = Vec::with_capacity(records.len());
        for record in records {
            let addresses = record.addresses.iter().map(email_signature::Address::as_str);
            for part in addresses.chain(record.fields.iter().map(|(_, value)| value)) {
                order::fold_into(part, &mut text);
                // No word holds it, so none is found across two values.
                text.push('\n');
            }
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        text.shrink_to_fit();
        Self { text, ends }
    }

    /// Adds for each person whether all words occur.
    fn search(&self, first: &Finder<'_>, rest: &[Finder<'_>], found: &mut Vec<bool>) {
        let text = self.text.as_bytes();
        let (mut person, mut start) = (0, 0);
        while let Some(at) = first.find(&text[start..]).map(|at| start + at) {
            while self.ends[person] as usize <= at {
                found.push(false);
                person += 1;
            }
            let begin = person.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
            let end = self.ends[person] as usize;
            found.push(rest.iter().all(|word| word.find(&text[begin..end]).is_some()));
            person += 1;
            start = end;
        }
        found.resize(found.len() + self.ends.len() - person, false);
    }
}
