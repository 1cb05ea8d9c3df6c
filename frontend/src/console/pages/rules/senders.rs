//! Whose mail a rule is for.

use super::conditions::{adding, conditions};
use super::editor::{Edit, add_button, section};
use super::words::{COMPARISONS, takes_value};
use crate::console::pages::finders;
use crate::ui::{Choice, Pick, Picks, Select, TextField, Value, tell_error, when};
use ::api::console::PersonKind;
use email_signature::{Address, BUILT_IN_FIELDS, Rule, SenderCondition};
use leptos::prelude::*;

/// Which of a rule's two lists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    AnyOf,
    Except,
}

impl Side {
    fn of(self, rule: &mut Rule) -> &mut Vec<SenderCondition> {
        if self == Self::AnyOf { &mut rule.senders.any_of } else { &mut rule.senders.except }
    }

    fn read(self, rule: &Rule) -> Vec<SenderCondition> {
        if self == Self::AnyOf { rule.senders.any_of.clone() } else { rule.senders.except.clone() }
    }
}

/// The section.
pub(super) fn senders(edit: Edit) -> AnyView {
    let content = view! {
        {list(edit, Side::AnyOf, "From any of these", "Everyone.", "Add to whose mail it is for")}
        {list(edit, Side::Except, "Except", "Nobody is left out.", "Add to whose mail is left out")}
    };
    section("Whose mail", "One of these must hold, and none of the exceptions.", content.into_any())
}

fn list(edit: Edit, side: Side, label: &'static str, none: &'static str, add: &'static str) -> AnyView {
    let items = Signal::derive(move || {
        let names = edit.draft.names.read();
        edit.read(|rule| side.read(rule)).iter().map(|one| names.sender(one)).collect::<Vec<_>>()
    });
    let remove = Callback::new(move |at: usize| {
        edit.change(|rule| {
            let all = side.of(rule);
            if at < all.len() {
                all.remove(at);
            }
        });
    });
    let kinds = [
        ("group", "A group"),
        ("person", "A person"),
        ("mailbox", "A shared mailbox"),
        ("field", "A field’s value"),
        ("domain", "A domain"),
    ];
    conditions(label, none, items, remove, adding(add, &kinds, move |kind| fields(edit, side, kind)))
}

fn push(edit: Edit, side: Side, condition: SenderCondition) {
    edit.change(|rule| {
        let all = side.of(rule);
        if !all.contains(&condition) {
            all.push(condition);
        }
    });
}

fn fields(edit: Edit, side: Side, kind: &str) -> AnyView {
    let tenant = edit.draft.tenant.get_value();
    match kind {
        "group" => {
            let add = Callback::new(move |choice: Choice| {
                edit.draft.names.update(|names| drop(names.groups.insert(choice.id.clone(), choice.name)));
                push(edit, side, SenderCondition::Group { id: choice.id });
            });
            view! { <Pick label="Group" find=finders::groups(&tenant) picks=Picks::Each(add) placeholder="Name of the group" /> }
                .into_any()
        }
        "domain" => domain(move |domain| push(edit, side, SenderCondition::Domain { domain })),
        "field" => field(edit, side),
        kind => {
            let kind = if kind == "person" { PersonKind::Person } else { PersonKind::SharedMailbox };
            let label = if kind == PersonKind::Person { "Person" } else { "Shared mailbox" };
            let add = Callback::new(move |choice: Choice| match Address::parse(&choice.hint) {
                Ok(address) => push(edit, side, SenderCondition::Person { address }),
                Err(_) => tell_error(choice.name + " has no address that a rule could name."),
            });
            view! { <Pick label find=finders::people(&tenant, kind) picks=Picks::Each(add) placeholder="Name or address" /> }
                .into_any()
        }
    }
}

/// A domain to type.
pub(super) fn domain(add: impl Fn(String) + Send + Sync + Copy + 'static) -> AnyView {
    let value = Value::new("");
    let done = move || {
        let typed = value.trimmed().trim_start_matches('@').to_lowercase();
        if typed.is_empty() || typed.contains(['@', ' ', '/']) || !typed.contains('.') {
            value.error.set("Type a domain, such as example.com.".to_owned());
            return;
        }
        value.text.set(String::new());
        add(typed);
    };
    view! {
        <form
            class="add-line"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                done();
            }
        >
            <TextField label="Domain" value longest=253usize />
            {add_button(done)}
        </form>
    }
    .into_any()
}

fn field(edit: Edit, side: Side) -> AnyView {
    let (field, comparison, value) = (Value::new("department"), Value::new("equals"), Value::new(""));
    let options = Signal::derive(move || {
        let named = edit.draft.names.with(|names| names.fields.clone());
        if named.is_empty() {
            return BUILT_IN_FIELDS.iter().map(|(token, label)| ((*token).to_owned(), (*label).to_owned())).collect();
        }
        let mut all: Vec<(String, String)> = named.into_iter().collect();
        all.sort_by_key(|(_, label)| label.to_lowercase());
        all
    });
    let comparisons = COMPARISONS.map(|(_, name, words)| (name.to_owned(), words.to_owned())).to_vec();
    let chosen = move || {
        let name = comparison.text.get();
        COMPARISONS.into_iter().find(|(_, own, _)| *own == name).map_or(COMPARISONS[0].0, |(own, ..)| own)
    };
    let needs = Memo::new(move |_| takes_value(chosen()));
    let done = move || {
        let comparison = untrack(chosen);
        let text = if takes_value(comparison) { value.trimmed() } else { String::new() };
        if takes_value(comparison) && !value.required("Type what to compare with.") {
            return;
        }
        value.text.set(String::new());
        push(edit, side, SenderCondition::Field { field: field.trimmed(), comparison, value: text });
    };
    view! {
        <form
            class="add-line"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                done();
            }
        >
            <Select label="Field" value=field options />
            <Select label="How to compare" value=comparison options=Signal::stored(comparisons) />
            <div hidden=when(move || !needs.get())>
                <TextField label="Value" value longest=300usize />
            </div>
            {add_button(done)}
        </form>
    }
    .into_any()
}
