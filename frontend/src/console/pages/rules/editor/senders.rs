//! Whose mail a rule is for.

use super::condition_list::{Condition, Lens, domain, group, list};
use super::conditions::add_line;
use super::{Edit, section};
use crate::console::pages::finders;
use crate::console::pages::rules::words::{COMPARISONS, Names, takes_value};
use crate::ui::{Choice, Pick, Picks, Select, TextField, Value, tell_error, when};
use ::api::console::PersonKind;
use email_signature::{Address, BUILT_IN_FIELDS, SenderCondition};
use leptos::prelude::*;

/// The section.
pub(crate) fn senders(edit: Edit) -> AnyView {
    let any_of = ["From any of these", "Everyone.", "Add a sender condition"];
    let except = ["Except", "Nobody is excluded.", "Add an excluded sender"];
    let content = view! {
        {list(edit, &Lens { read: |rule| &rule.senders.any_of, change: |rule| &mut rule.senders.any_of }, any_of)}
        {list(edit, &Lens { read: |rule| &rule.senders.except, change: |rule| &mut rule.senders.except }, except)}
    };
    section("Whose mail", "One of these must hold, and none of the exceptions.", content.into_any())
}

impl Condition for SenderCondition {
    const KINDS: &'static [(&'static str, &'static str)] = SENDER_KINDS;

    fn words(&self, names: &Names) -> String {
        names.sender(self)
    }

    fn fields(edit: Edit, add: Callback<Self>, kind: &str) -> AnyView {
        sender_fields(edit.editing.tenant, edit.editing.names, add, kind)
    }
}

/// What adds a condition on the sender of a kind.
pub(in crate::console::pages) fn sender_fields(
    tenant: StoredValue<String>,
    names: RwSignal<Names>,
    add: Callback<SenderCondition>,
    kind: &str,
) -> AnyView {
    match kind {
        "group" => group(tenant, names, move |id| add.run(SenderCondition::Group { id })),
        "domain" => domain(move |domain| add.run(SenderCondition::Domain { domain })),
        "field" => field(names, add),
        "person" => person(tenant, add, PersonKind::Person),
        _ => person(tenant, add, PersonKind::SharedMailbox),
    }
}

/// The kinds of conditions on the sender, with what people read.
pub(in crate::console::pages) const SENDER_KINDS: &[(&str, &str)] = &[
    ("group", "A group"),
    ("person", "A person"),
    ("mailbox", "A shared mailbox"),
    ("field", "A field’s value"),
    ("domain", "A domain"),
];

fn person(tenant: StoredValue<String>, add: Callback<SenderCondition>, kind: PersonKind) -> AnyView {
    let label = match kind {
        PersonKind::Person => "Person",
        PersonKind::SharedMailbox => "Shared mailbox",
    };
    let find = tenant.with_value(|tenant| finders::people(tenant, kind));
    let picked = Callback::new(move |choice: Choice| match Address::parse(&choice.hint) {
        Ok(address) => add.run(SenderCondition::Person { address }),
        Err(_) => tell_error(choice.name + " has no address for a rule to use."),
    });
    view! { <Pick label find picks=Picks::Each(picked) placeholder="Name or address" /> }.into_any()
}

fn field(names: RwSignal<Names>, add: Callback<SenderCondition>) -> AnyView {
    let (field, comparison, value) = (Value::new("department"), Value::new("equals"), Value::new(""));
    let options = Signal::derive(move || {
        let labels = names.with(|names| names.fields.clone());
        if labels.is_empty() {
            return BUILT_IN_FIELDS.iter().map(|(token, label)| ((*token).to_owned(), (*label).to_owned())).collect();
        }
        let mut all: Vec<(String, String)> = labels.into_iter().collect();
        all.sort_by_key(|(_, label)| label.to_lowercase());
        all
    });
    let comparisons = COMPARISONS.map(|(_, name, words)| (name.to_owned(), words.to_owned())).to_vec();
    let chosen = move || {
        let name = comparison.text.get();
        COMPARISONS.into_iter().find(|(_, own, _)| *own == name).map_or(COMPARISONS[0].0, |(own, ..)| own)
    };
    let needs = Memo::new(move |_| takes_value(chosen()));
    let done = move |()| {
        let comparison = untrack(chosen);
        let text = if takes_value(comparison) { value.trimmed() } else { String::new() };
        if takes_value(comparison) && !value.required("Enter a value to compare with.") {
            return;
        }
        value.text.set(String::new());
        add.run(SenderCondition::Field { field: field.trimmed(), comparison, value: text });
    };
    let fields = view! {
        <Select label="Field" value=field options />
        <Select label="How to compare" value=comparison options=Signal::stored(comparisons) />
        <div hidden=when(move || !needs.get())>
            <TextField label="Value" value longest=300usize />
        </div>
    };
    add_line(fields.into_any(), Callback::new(done))
}
