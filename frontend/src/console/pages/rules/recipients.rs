//! Who mail must go to for a rule to apply.

use super::conditions::{adding, conditions};
use super::editor::{Edit, add_button, section};
use super::senders::domain;
use crate::console::pages::finders;
use crate::ui::{Choice, Pick, Picks, Radios, TextField, Value, changing, effect};
use email_signature::{Address, Matching, RecipientCondition, Rule};
use leptos::prelude::*;

/// Which of a rule's two lists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Of,
    Except,
}

impl Side {
    fn of(self, rule: &mut Rule) -> &mut Vec<RecipientCondition> {
        if self == Self::Of { &mut rule.recipients.of } else { &mut rule.recipients.except }
    }

    fn read(self, rule: &Rule) -> Vec<RecipientCondition> {
        if self == Self::Of { rule.recipients.of.clone() } else { rule.recipients.except.clone() }
    }
}

/// The section.
pub(super) fn recipients(edit: Edit) -> AnyView {
    let matching = RwSignal::new(
        if edit.peek(|rule| rule.recipients.matching == Matching::All) { "all" } else { "any" }.to_owned(),
    );
    effect(move || {
        let all = matching.with(|matching| matching == "all");
        edit.change(|rule| rule.recipients.matching = if all { Matching::All } else { Matching::Any });
    });
    let many = Memo::new(move |_| !edit.read(|rule| rule.recipients.of.is_empty()));
    let content = view! {
        {list(edit, Side::Of, "To any of these", "Whoever it goes to, and while there are no recipients yet.", "Add to whom it is for")}
        {changing(move || {
            many.get()
                .then(|| {
                    view! {
                        <Radios
                            label="How many of the recipients"
                            value=matching
                            options=vec![
                                ("any", "One is enough", ""),
                                ("all", "Every one", "The mail goes solely to these."),
                            ]
                        />
                    }
                })
        })}
        {list(edit, Side::Except, "Except mail to", "Nobody is left out.", "Add to whom it is not for")}
    };
    section("Recipients", "To, Cc and Bcc count alike.", content.into_any())
}

fn list(edit: Edit, side: Side, label: &'static str, none: &'static str, add: &'static str) -> AnyView {
    let items = Signal::derive(move || {
        let names = edit.draft.names.read();
        edit.read(|rule| side.read(rule)).iter().map(|one| names.recipient(one)).collect::<Vec<_>>()
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
        ("external", "External recipients"),
        ("internal", "Internal recipients"),
        ("address", "An address"),
        ("group", "A group"),
        ("domain", "A domain"),
    ];
    conditions(label, none, items, remove, adding(add, &kinds, move |kind| fields(edit, side, kind)))
}

fn push(edit: Edit, side: Side, condition: RecipientCondition) {
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
                push(edit, side, RecipientCondition::Group { id: choice.id });
            });
            view! { <Pick label="Group" find=finders::groups(&tenant) picks=Picks::Each(add) placeholder="Name of the group" /> }
                .into_any()
        }
        "domain" => domain(move |domain| push(edit, side, RecipientCondition::Domain { domain })),
        "address" => address(edit, side),
        "internal" => view! {
            <p class="quiet">"In one of your domains, or a mailbox of your Exchange organisation."</p>
            {add_button(move || push(edit, side, RecipientCondition::Internal))}
        }
        .into_any(),
        _ => view! {
            <p class="quiet">"Everybody who is not internal."</p>
            {add_button(move || push(edit, side, RecipientCondition::External))}
        }
        .into_any(),
    }
}

fn address(edit: Edit, side: Side) -> AnyView {
    let value = Value::new("");
    let done = move || match Address::parse(&value.trimmed()) {
        Ok(address) => {
            value.text.set(String::new());
            push(edit, side, RecipientCondition::Address { address });
        }
        Err(_) => value.error.set("Type the whole address, with the domain.".to_owned()),
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
            <TextField label="Address" value kind="email" longest=254usize />
            {add_button(done)}
        </form>
    }
    .into_any()
}
