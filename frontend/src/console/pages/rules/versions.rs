//! Rules as they were: what is different now, and restoring a version.

use super::editing::{Editing, full_words};
use super::merge::is_reordered;
use crate::api::console::{get, path};
use crate::console::pages::versions::{self, Difference};
use crate::ui::{Dialog, Loaded, changing};
use ::api::console::{RulesVersion, paths};
use email_signature::Rule;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The dialog that lists them.
pub(crate) fn versions(open: RwSignal<bool>, editing: Editing) -> AnyView {
    let all = move || {
        let one = move |version| one(version, editing, open);
        editing.tenant.with_value(|tenant| versions::list(tenant, paths::RULES_VERSIONS, one))
    };
    view! {
        <Dialog open title="Versions of the rules" wide=true>
            {all}
        </Dialog>
    }
    .into_any()
}

fn one(version: i64, editing: Editing, open: RwSignal<bool>) -> AnyView {
    let own = editing.tenant.with_value(|tenant| path(paths::RULES_VERSION, &[tenant, &version.to_string()]));
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<RulesVersion>(&path).await }
    });
    let restore = move |()| {
        let rules = found.peek(|found| found.rules.clone());
        editing.change(versions::restored(version), |all| *all = rules);
        open.set(false);
    };
    let inside = move || {
        let now = editing.rules.get();
        let then = found.read(|found| found.rules.clone());
        versions::beside(version, "rules", differences(&then, &now, editing), editing.may.then_some(restore))
    };
    found.view(move || changing(inside))
}

fn differences(then: &[Rule], now: &[Rule], editing: Editing) -> Vec<Difference> {
    let names = editing.names.get();
    let now_of: BTreeMap<&str, &Rule> = now.iter().map(|rule| (rule.id.as_str(), rule)).collect();
    let then_of: BTreeMap<&str, &Rule> = then.iter().map(|rule| (rule.id.as_str(), rule)).collect();
    let say = |rule: Option<&&Rule>| rule.map(|rule| full_words(&names, rule)).unwrap_or_default();
    let mut all = Vec::new();
    for rule in now.iter().chain(then.iter().filter(|rule| !now_of.contains_key(rule.id.as_str()))) {
        let (before, after) = (then_of.get(rule.id.as_str()), now_of.get(rule.id.as_str()));
        if before != after {
            all.push(Difference { name: rule.name.clone(), then: say(before), now: say(after) });
        }
    }
    if is_reordered(then, now) {
        let order = |rules: &[Rule]| rules.iter().map(|rule| rule.name.clone()).collect();
        all.push(Difference { name: "The order".to_owned(), then: order(then), now: order(now) });
    }
    all
}
