//! Sort order for people: ignores case and accents; missing values come last.

use crate::store::PersonRecord;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Positions of all people in some order.
pub(super) type Order = Arc<[u32]>;

/// Maximum number of changed people to move one by one; beyond it, sorting again is faster.
const MAX_MOVED: usize = 1_000;

/// A text in lower case and without accents, so that `MULLER` finds `Müller`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

pub(super) fn fold_into(text: &str, folded: &mut String) {
    if text.is_ascii() {
        let start = folded.len();
        folded.push_str(text);
        folded[start..].make_ascii_lowercase();
        return;
    }
    for letter in text.chars().flat_map(char::to_lowercase).nfd().filter(|letter| !is_combining_mark(*letter)) {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            other => folded.push(other),
        }
    }
}

/// Sort key of a person.
fn key(record: &PersonRecord, sort: &str) -> String {
    fold(match sort {
        "name" => record.name(),
        "address" => record.address(),
        token => record.fields.get(token).unwrap_or_default(),
    })
}

/// Somebody's place in an order: who has no text last, ties by position.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    is_empty: bool,
    text: String,
    at: u32,
}

impl Place {
    fn new(record: &PersonRecord, sort: &str, at: u32) -> Self {
        let text = key(record, sort);
        Self { is_empty: text.is_empty(), text, at }
    }
}

/// All people in the order of `sort`: `name`, `address` or a token; ties by id.
pub(super) fn order(records: &[Arc<PersonRecord>], sort: &str) -> Order {
    let mut places: Vec<_> = (0..).zip(records).map(|(at, record)| Place::new(record, sort, at)).collect();
    places.sort_unstable();
    places.into_iter().map(|place| place.at).collect()
}

/// Updates the orders of `then` for `now` if only a few people changed and none were added or removed; otherwise empty.
pub(super) fn repair(
    orders: &[(String, Order)],
    then: &[Arc<PersonRecord>],
    now: &[Arc<PersonRecord>],
) -> Vec<(String, Order)> {
    let pairs = then.iter().zip(now).enumerate().filter(|(_, (then, now))| !Arc::ptr_eq(then, now));
    let moved: Vec<_> = pairs.take(MAX_MOVED + 1).collect();
    if then.len() != now.len() || moved.len() > MAX_MOVED || moved.iter().any(|(_, (then, now))| then.id != now.id) {
        return Vec::new();
    }
    let moved: Vec<u32> = moved.into_iter().filter_map(|(at, _)| u32::try_from(at).ok()).collect();
    let repair = |(sort, order): &(String, Order)| {
        let is_moved = |at: &u32| moved.binary_search(at).is_ok();
        let mut order: Vec<u32> = order.iter().copied().filter(|at| !is_moved(at)).collect();
        for at in &moved {
            let place_of = |at: u32| Place::new(&now[at as usize], sort, at);
            let own = place_of(*at);
            let place = order.partition_point(|other| place_of(*other) < own);
            order.insert(place, *at);
        }
        (sort.clone(), order.into())
    };
    orders.iter().map(repair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_make_no_difference() {
        for (text, folded) in [
            ("Müller", "muller"),
            ("MU\u{308}LLER", "muller"),
            ("Straße", "strasse"),
            ("ΟΔΟΣ", "οδοσ"),
            ("οδός", "οδοσ"),
            ("İstanbul", "istanbul"),
            ("Łódź", "lodz"),
            ("Grace", "grace"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }
}
