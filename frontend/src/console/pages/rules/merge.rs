//! Lists of rules that two people changed at once, brought together rule by rule.

use super::compare::Keep;
use crate::ui::Difference;
use email_signature::Rule;
use std::collections::BTreeMap;

/// Stands for the order in [`conflicts`]; no rule has this id.
pub(crate) const ORDER: &str = "~order";

/// Most names of an order that are said.
const NAMES: usize = 12;

/// What was changed from `base` to `mine`, done to `theirs`. Where both changed the same, `keep` says by the rule's id
/// whose stays; mine where it does not say.
pub(crate) fn merge(base: &[Rule], mine: &[Rule], theirs: &[Rule], keep: &BTreeMap<String, Keep>) -> Vec<Rule> {
    let base_of = index(base);
    let (mine_of, theirs_of) = (index(mine), index(theirs));
    let pick = |id: &str| -> Option<Rule> {
        let (before, here, there) = (base_of.get(id), mine_of.get(id), theirs_of.get(id));
        let take_theirs = here == before || (there != before && keep.get(id) == Some(&Keep::Theirs));
        let picked = if take_theirs { there } else { here };
        picked.map(|rule| (*rule).clone())
    };
    let mine_leads = is_reordered(base, mine) && keep.get(ORDER) != Some(&Keep::Theirs);
    let (leader, other) = if mine_leads { (mine, theirs) } else { (theirs, mine) };
    let mut order: Vec<&str> = leader.iter().map(|rule| rule.id.as_str()).collect();
    // What the leading list has not comes behind the rule that it stands behind in the other one.
    let mut before: Option<&str> = None;
    for rule in other {
        let id = rule.id.as_str();
        if !order.contains(&id) {
            let place = before.and_then(|before| order.iter().position(|own| *own == before)).map_or(0, |at| at + 1);
            order.insert(place, id);
        }
        before = Some(id);
    }
    order.into_iter().filter_map(pick).collect()
}

/// What both changed, each differently, since `base`. `words` says a rule.
pub(crate) fn conflicts(
    base: &[Rule],
    mine: &[Rule],
    theirs: &[Rule],
    words: impl Fn(&Rule) -> String,
) -> Vec<Difference> {
    let base_of = index(base);
    let (mine_of, theirs_of) = (index(mine), index(theirs));
    let say = |rule: Option<&&Rule>| rule.map_or_else(|| "Deleted".to_owned(), |rule| words(rule));
    let mut ids: Vec<&str> = mine.iter().chain(base).map(|rule| rule.id.as_str()).collect();
    let mut known = std::collections::BTreeSet::new();
    ids.retain(|id| known.insert(*id));
    let mut found = Vec::new();
    for id in ids {
        let (before, here, there) = (base_of.get(id), mine_of.get(id), theirs_of.get(id));
        if here != before && there != before && here != there {
            let name = here.or(there).or(before).map(|rule| rule.name.clone()).unwrap_or_default();
            found.push(Difference { key: id.to_owned(), label: name, theirs: say(there), mine: say(here) });
        }
    }
    if is_reordered(base, mine) && is_reordered(base, theirs) && is_reordered(mine, theirs) {
        let (theirs, mine) = (order_words(theirs), order_words(mine));
        found.push(Difference { key: ORDER.to_owned(), label: "The order".to_owned(), theirs, mine });
    }
    found
}

/// Whether the rules that both have stand in another order.
pub(crate) fn is_reordered(before: &[Rule], after: &[Rule]) -> bool {
    let (before_of, after_of) = (index(before), index(after));
    let shared = |rules: &[Rule], other: &BTreeMap<&str, &Rule>| -> Vec<String> {
        rules.iter().filter(|rule| other.contains_key(rule.id.as_str())).map(|rule| rule.id.clone()).collect()
    };
    shared(before, &after_of) != shared(after, &before_of)
}

fn order_words(rules: &[Rule]) -> String {
    let names: Vec<String> =
        rules.iter().take(NAMES).enumerate().map(|(at, rule)| (at + 1).to_string() + ". " + &rule.name).collect();
    names.join("\n") + if rules.len() > NAMES { "\n…" } else { "" }
}

fn index(rules: &[Rule]) -> BTreeMap<&str, &Rule> {
    rules.iter().map(|rule| (rule.id.as_str(), rule)).collect()
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn rules(names: &str) -> Vec<Rule> {
        let rule = |name: &str| {
            // `a:x` is the rule `a` with another name.
            let id = name.split(':').next().unwrap_or(name);
            let document = r#"{"id":"ID","name":"NAME","gives":{}}"#.replace("ID", id).replace("NAME", name);
            serde_json::from_str(&document).expect("a rule")
        };
        names.split_whitespace().map(rule).collect()
    }

    fn names(rules: &[Rule]) -> String {
        rules.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn merged(base: &str, mine: &str, theirs: &str, keep: &[(&str, Keep)]) -> String {
        let keep = keep.iter().map(|(id, keep)| ((*id).to_owned(), *keep)).collect();
        names(&merge(&rules(base), &rules(mine), &rules(theirs), &keep))
    }

    fn asked(base: &str, mine: &str, theirs: &str) -> Vec<String> {
        let found = conflicts(&rules(base), &rules(mine), &rules(theirs), |rule| rule.name.clone());
        found.into_iter().map(|one| one.key).collect()
    }

    #[wasm_bindgen_test]
    fn what_one_alone_changed_added_or_deleted_is_kept() {
        assert_eq!(merged("a b c", "a:1 b c d", "a b:2", &[]), "a:1 b:2 d");
        assert!(asked("a b c", "a:1 b c d", "a b:2").is_empty());
    }

    #[wasm_bindgen_test]
    fn what_both_changed_is_asked_and_mine_unless_theirs_is_chosen() {
        assert_eq!(asked("a b", "a:1 b", "a:2 b"), ["a"]);
        assert_eq!(merged("a b", "a:1 b", "a:2 b", &[]), "a:1 b");
        assert_eq!(merged("a b", "a:1 b", "a:2 b", &[("a", Keep::Theirs)]), "a:2 b");
        // One deleted what the other changed.
        assert_eq!(asked("a b", "a:1 b", "b"), ["a"]);
        assert_eq!(merged("a b", "a:1 b", "b", &[("a", Keep::Theirs)]), "b");
        assert_eq!(merged("a b", "a:1 b", "b", &[]), "a:1 b");
    }

    #[wasm_bindgen_test]
    fn an_order_is_mine_where_i_moved_something() {
        assert_eq!(merged("a b c", "c a b", "a b c d", &[]), "c d a b");
        assert_eq!(merged("a b c", "a b c", "c b a", &[]), "c b a");
        assert_eq!(asked("a b c", "c a b", "b a c"), [ORDER]);
        assert_eq!(merged("a b c", "c a b", "b a c", &[(ORDER, Keep::Theirs)]), "b a c");
    }
}
