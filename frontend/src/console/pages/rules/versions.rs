//! Rules as they were: what is different now, and taking a version back.

use super::editing::{Editing, full_words};
use super::merge::is_reordered;
use crate::api::console::{get, path};
use crate::ui::{Button, Dialog, Icon, Loaded, Look, Notice, ago, changing, text};
use ::api::console::{RulesVersion, VersionRow, Versions, paths};
use email_signature::Rule;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The dialog that lists them.
pub(crate) fn versions(open: RwSignal<bool>, editing: Editing) -> AnyView {
    view! {
        <Dialog open title="Versions of the rules" wide=true>
            {move || inside(open, editing)}
        </Dialog>
    }
    .into_any()
}

fn inside(open: RwSignal<bool>, editing: Editing) -> AnyView {
    let own = editing.tenant.with_value(|tenant| path(paths::RULES_VERSIONS, &[tenant]));
    let all = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Versions>(&path).await }
    });
    let chosen = RwSignal::new(None::<i64>);
    let row = move |row: VersionRow| {
        let (version, by) = (row.version, row.by);
        view! {
            <li>
                <button
                    type="button"
                    class="version-row"
                    aria-pressed=text(move || (chosen.get() == Some(version)).to_string())
                    on:click=move |_| chosen.set(Some(version))
                >
                    <strong>"Version " {version}</strong>
                    <span class="quiet">{ago(row.at_ms)} ", " {by}</span>
                </button>
            </li>
        }
    };
    let list = move || {
        let rows = all.read(|all| all.versions.clone());
        if rows.is_empty() {
            return view! { <Notice>"Nothing has been published here yet. Each time you publish, a version is created."</Notice> }
            .into_any();
        }
        view! { <ul class="version-list">{rows.into_iter().map(row).collect_view()}</ul> }.into_any()
    };
    view! {
        {all
            .view(move || {
                view! {
                    <div class="version-pair">
                        {changing(list)} <div class="stack">{changing(move || chosen.get().map(|version| one(version, editing, open)))}</div>
                    </div>
                }
                    .into_any()
            })}
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
        let words = "Version ".to_owned() + &version.to_string() + " is restored, but not published yet.";
        editing.change(words, |all| *all = rules);
        open.set(false);
    };
    let inside = move || {
        let now = editing.rules.get();
        let then = found.read(|found| found.rules.clone());
        let differs = differences(&then, &now, editing);
        let same = differs.is_empty();
        let list = if same {
            view! { <Notice>"The rules are the same as in this version."</Notice> }.into_any()
        } else {
            view! { <ul class="plain-list">{differs.into_iter().map(difference).collect_view()}</ul> }.into_any()
        };
        view! {
            <div class="row wrap">
                <h3 class="grow">"Version " {version} " and now"</h3>
                {(editing.may && !same)
                    .then(|| {
                        view! {
                            <Button look=Look::Primary icon=Icon::UNDO on_press=restore>
                                "Restore this version"
                            </Button>
                        }
                    })}
            </div>
            {list}
        }
    };
    found.view(move || changing(inside))
}

/// What a rule said and says; empty where it was not there.
struct Both {
    name: String,
    then: Vec<String>,
    now: Vec<String>,
}

fn differences(then: &[Rule], now: &[Rule], editing: Editing) -> Vec<Both> {
    let names = editing.names.get();
    let now_of: BTreeMap<&str, &Rule> = now.iter().map(|rule| (rule.id.as_str(), rule)).collect();
    let then_of: BTreeMap<&str, &Rule> = then.iter().map(|rule| (rule.id.as_str(), rule)).collect();
    let say = |rule: Option<&&Rule>| rule.map(|rule| full_words(&names, rule)).unwrap_or_default();
    let mut all = Vec::new();
    for rule in now.iter().chain(then.iter().filter(|rule| !now_of.contains_key(rule.id.as_str()))) {
        let (before, after) = (then_of.get(rule.id.as_str()), now_of.get(rule.id.as_str()));
        if before != after {
            all.push(Both { name: rule.name.clone(), then: say(before), now: say(after) });
        }
    }
    if is_reordered(then, now) {
        let order = |rules: &[Rule]| rules.iter().map(|rule| rule.name.clone()).collect();
        all.push(Both { name: "The order".to_owned(), then: order(then), now: order(now) });
    }
    all
}

fn difference(both: Both) -> AnyView {
    let Both { name, then, now } = both;
    let side = |words: &'static str, lines: Vec<String>| {
        let lines = if lines.is_empty() { vec!["Not there.".to_owned()] } else { lines };
        view! {
            <div class="side-of">
                <p class="quiet">{words}</p>
                {lines.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
            </div>
        }
    };
    view! {
        <li class="both">
            <h4>{name}</h4>
            {side("Then", then)}
            {side("Now", now)}
        </li>
    }
    .into_any()
}
