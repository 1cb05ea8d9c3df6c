//! Which of the rules are shown.

use super::row::Line;
use crate::console::pages::finders;
use crate::console::pages::rules::concerns::{Concerned, concerned};
use crate::console::pages::rules::editing::Editing;
use crate::ui::{Choice, Choose, Loaded, Pick, Picks, Query, effect, search, when};
use ::api::console::{PersonKind, Templates};
use email_signature::Part;
use leptos::prelude::*;
use std::sync::Arc;

/// What is shown, as the address says.
#[derive(Clone, Copy)]
pub(crate) struct Narrowing {
    /// Search, and the filters `folder`, `gives`, `state` and `person`.
    pub(crate) query: Query,
    person: Loaded<Option<Concerned>>,
}

impl Narrowing {
    /// As the address says.
    pub(crate) fn new(editing: Editing) -> Self {
        let query = Query::new(&["folder", "gives", "state", "person"]);
        Self { query, person: concerned(editing.tenant, query.filter("person")) }
    }

    /// Ids of the rules to show, in their order.
    pub(crate) fn shown(self, lines: &[Arc<Line>]) -> Vec<String> {
        let words = self.query.search.get().to_lowercase();
        let [folder, gives, state] = ["folder", "gives", "state"].map(|name| self.query.filter(name).get());
        let person = self.person.read(Clone::clone);
        let fits = |line: &&Arc<Line>| {
            let rule = &line.rule;
            let gives_it = |part: Part| rule.templates(part).any(|id| id == gives);
            (folder.is_empty() || rule.folder == folder)
                && (gives.is_empty()
                    || Part::ALL.into_iter().any(|part| {
                        if gives == part.noun() { rule.templates(part).next().is_some() } else { gives_it(part) }
                    }))
                && match state.as_str() {
                    "on" => rule.enabled,
                    "off" => !rule.enabled,
                    "changed" => line.change.is_some(),
                    "odd" => !line.advice.is_empty(),
                    _ => true,
                }
                && person.as_ref().is_none_or(|person| person.is_meant_by(rule))
                && (words.is_empty()
                    || [&rule.name, &rule.folder].iter().any(|text| text.to_lowercase().contains(&words))
                    || line.words.iter().any(|text| text.to_lowercase().contains(&words)))
        };
        lines.iter().filter(fits).map(|line| line.rule.id.clone()).collect()
    }
}

/// Search and filters.
pub(crate) fn toolbar(narrowing: Narrowing, editing: Editing, templates: Loaded<Templates>) -> AnyView {
    let query = narrowing.query;
    let folders = Signal::derive(move || {
        let mut all: Vec<String> = editing.rules.with(|rules| rules.iter().map(|rule| rule.folder.clone()).collect());
        all.retain(|folder| !folder.is_empty());
        all.sort();
        all.dedup();
        let all = all.into_iter().map(|folder| (folder.clone(), folder));
        std::iter::once((String::new(), "All".to_owned())).chain(all).collect::<Vec<_>>()
    });
    let gives = Signal::derive(move || {
        let parts = Part::ALL.map(|part| (part.noun().to_owned(), "Any ".to_owned() + part.noun()));
        let one = |row: &::api::console::TemplateRow| (row.id.clone(), row.name.clone());
        let all = templates.read(|found| found.templates.iter().map(one).collect::<Vec<_>>());
        std::iter::once((String::new(), "All".to_owned())).chain(parts).chain(all).collect::<Vec<_>>()
    });
    let states = [("", "All"), ("on", "On"), ("off", "Off"), ("changed", "Not published"), ("odd", "To review")];
    let states = states.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    let typed = Callback::new(move |words| query.search.set(words));
    view! {
        <div class="toolbar">
            {search("rules", query.search, typed)}
            <Choose label="State" value=query.filter("state") options=Signal::stored(states) />
            <Choose label="Gives" value=query.filter("gives") options=gives />
            <div hidden=when(move || folders.with(|all| all.len() < 2))>
                <Choose label="Folder" value=query.filter("folder") options=folders />
            </div>
            {person(narrowing, editing)}
        </div>
    }
    .into_any()
}

fn person(narrowing: Narrowing, editing: Editing) -> AnyView {
    let id = narrowing.query.filter("person");
    let chosen = RwSignal::new(None::<Choice>);
    // What the address names has no name before the server says it.
    effect(move || {
        let known = narrowing.person.read(|person| person.as_ref().map(Concerned::choice));
        if known.is_some() && id.with_untracked(|id| !id.is_empty()) && chosen.read_untracked().is_none() {
            chosen.set(known);
        }
    });
    let was_chosen = StoredValue::new(false);
    effect(move || match chosen.get() {
        Some(one) => {
            was_chosen.set_value(true);
            if id.with_untracked(|id| *id != one.id) {
                id.set(one.id);
            }
        }
        None if was_chosen.get_value() => id.set(String::new()),
        None => {}
    });
    effect(move || {
        if id.with(String::is_empty) && was_chosen.get_value() {
            was_chosen.set_value(false);
            chosen.set(None);
        }
    });
    let find = finders::people(&editing.tenant.get_value(), PersonKind::Person);
    view! {
        <div class="concerns">
            <Pick label="Concerns" find picks=Picks::One(chosen) placeholder="Anybody" />
        </div>
    }
    .into_any()
}
