//! Decides whether a plan removes so much that it must be confirmed. Pure, and the same for all sources.

use crate::store::{Held, LOST_FROM, Losses};
use std::collections::HashSet;

/// Reasons why a plan must be confirmed, as clauses; empty if it need not be. `percent`: the source's guard.
pub fn reasons(lost: &Losses, held: &Held, percent: u32) -> Vec<String> {
    if held.people > 0 && lost.whole && lost.kept == 0 {
        return vec![format!("the source returned none of the {} it had", people(held.people))];
    }
    if held.people > 0 && lost.emptied >= held.people {
        return vec![format!("nothing would be left from this source for the {} it had", people(held.people))];
    }
    let is_too_much = |lost: u64, held: u64| lost * 100 > held * u64::from(percent);
    let is_many = |lost: u64, held: u64| lost >= LOST_FROM && is_too_much(lost, held);
    let mut reasons = Vec::new();
    let lately = |now: &HashSet<String>, before: &HashSet<String>| {
        let all = before.union(now).count() as u64;
        (all, all - now.len() as u64)
    };
    let counting = |earlier: u64| match earlier {
        0 => String::new(),
        earlier => format!(", counting {earlier} in the last 7 days"),
    };
    let (all, earlier) = lately(&lost.people, &held.lost_lately);
    if !lost.people.is_empty() && is_too_much(all, held.people_lately) {
        let of = people(held.people_lately);
        reasons.push(format!("{all} of the {of} of this source would lose values or be removed{}", counting(earlier)));
    }
    for (token, lost) in &lost.fields {
        let had = held.fields.get(token).copied().unwrap_or(0);
        if is_many(*lost, had) {
            reasons.push(format!("{lost} of the {} with {token} from this source would lose it", people(had)));
        }
    }
    let (all, earlier) = lately(&lost.members, &held.left_lately);
    if !lost.members.is_empty() && is_many(all, held.members_lately) {
        let of = people(held.members_lately);
        reasons.push(format!(
            "{all} of the {of} in groups of this source would be removed from a group{}",
            counting(earlier)
        ));
    }
    if is_many(lost.groups, held.groups) {
        reasons.push(format!("{} of the {} groups of this source would be removed", lost.groups, held.groups));
    }
    if is_many(lost.nested, held.nested) {
        reasons.push(format!("{} of the {} groups within groups would be removed from them", lost.nested, held.nested));
    }
    reasons
}

fn people(count: u64) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: std::ops::Range<u32>) -> HashSet<String> {
        numbers.map(|number| number.to_string()).collect()
    }

    fn held(people: u64) -> Held {
        Held { people, people_lately: people, ..Held::default() }
    }

    fn ask(lost: &Losses, held: &Held, percent: u32) -> bool {
        !reasons(lost, held, percent).is_empty()
    }

    #[test]
    fn nobody_of_those_it_had_always_asks_whatever_the_guard() {
        let nobody = Losses { whole: true, people: ids(0..3), emptied: 3, ..Losses::default() };
        assert!(ask(&nobody, &held(3), 100));
        assert!(ask(&Losses { whole: true, ..Losses::default() }, &held(1), 100), "they have nothing to lose yet");
        let in_changes = Losses { people: ids(0..3), emptied: 3, ..Losses::default() };
        assert!(ask(&in_changes, &held(3), 100), "told one by one");
        assert!(!ask(&Losses { whole: true, ..Losses::default() }, &held(0), 20), "the first run of a source");
    }

    #[test]
    fn the_share_is_of_the_sources_own_people_with_those_who_left_lately() {
        let lost = |count| Losses { kept: 1, people: ids(0..count), emptied: count.into(), ..Losses::default() };
        assert!(ask(&lost(2), &held(3), 20));
        assert!(ask(&lost(1), &held(3), 20));
        assert!(!ask(&lost(1), &held(5), 20));
        assert!(!ask(&lost(2), &held(10), 20));
        let lately = Held { people: 9, people_lately: 10, lost_lately: ids(5..7), ..Held::default() };
        assert!(ask(&lost(1), &lately, 20), "the third of ten");
        assert!(!ask(&lost(1), &Held { lost_lately: ids(0..1), ..lately.clone() }, 20), "the same one again");
        assert!(!ask(&Losses { kept: 3, ..Losses::default() }, &lately, 1), "nobody loses anything now");
    }

    #[test]
    fn a_field_that_goes_from_those_who_have_it_asks_however_few_they_are_of_all() {
        let lost = |count| Losses {
            people: ids(0..2),
            fields: [("fax".to_owned(), count)].into(),
            kept: 100,
            ..Losses::default()
        };
        let held = |having| Held { fields: [("fax".to_owned(), having)].into(), ..held(100) };
        assert!(ask(&lost(2), &held(2), 20));
        assert!(!ask(&lost(1), &held(1), 20), "one person's fax number");
        assert!(!ask(&lost(2), &held(10), 20));
    }

    #[test]
    fn a_reason_says_how_many_of_how_many() {
        let says = |lost: &Losses, held: &Held, expected: &[&str]| assert_eq!(reasons(lost, held, 20), expected);
        let none = Losses { whole: true, ..Losses::default() };
        says(&none, &held(1), &["the source returned none of the 1 person it had"]);
        says(&none, &held(2), &["the source returned none of the 2 people it had"]);
        let emptied = Losses { people: ids(0..2), emptied: 2, ..Losses::default() };
        says(&emptied, &held(2), &["nothing would be left from this source for the 2 people it had"]);
        let lately = Held {
            people: 9,
            people_lately: 10,
            lost_lately: ids(1..4),
            left_lately: ids(0..1),
            members_lately: 8,
            groups: 5,
            nested: 6,
            fields: [("fax".to_owned(), 4)].into(),
        };
        let lost = Losses {
            kept: 1,
            people: ids(0..3),
            members: ids(2..4),
            fields: [("fax".to_owned(), 3)].into(),
            groups: 2,
            nested: 4,
            ..Losses::default()
        };
        let expected = [
            "4 of the 10 people of this source would lose values or be removed, counting 1 in the last 7 days",
            "3 of the 4 people with fax from this source would lose it",
            "3 of the 8 people in groups of this source would be removed from a group, counting 1 in the last 7 days",
            "2 of the 5 groups of this source would be removed",
            "4 of the 6 groups within groups would be removed from them",
        ];
        says(&lost, &lately, &expected);
        let now = Held { lost_lately: HashSet::new(), left_lately: HashSet::new(), ..lately };
        let [people, _, members, ..] = reasons(&lost, &now, 20).try_into().unwrap_or_else(|_| <[String; 5]>::default());
        assert_eq!(people, "3 of the 10 people of this source would lose values or be removed");
        assert_eq!(members, "2 of the 8 people in groups of this source would be removed from a group");
        assert_eq!(reasons(&lost, &now, 30).len(), 3, "three of ten, and two of eight, are no more than that");
    }

    #[test]
    fn groups_that_are_emptied_or_removed_ask_too() {
        let lost = Losses { kept: 10, members: ids(0..4), ..Losses::default() };
        assert!(ask(&lost, &Held { members_lately: 10, ..held(10) }, 20));
        assert!(!ask(&lost, &Held { members_lately: 20, ..held(20) }, 20));
        assert!(ask(&Losses { kept: 1, groups: 2, ..Losses::default() }, &Held { groups: 2, ..held(9) }, 20));
        assert!(ask(&Losses { kept: 1, nested: 2, ..Losses::default() }, &Held { nested: 3, ..held(9) }, 20));
        assert!(!ask(&Losses { kept: 1, groups: 1, ..Losses::default() }, &Held { groups: 1, ..held(9) }, 20));
    }
}
