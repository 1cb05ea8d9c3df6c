//! Who mail must go to for a rule to apply.

use super::condition_list::{Condition, Lens, domain, group, list};
use super::conditions::{add_button, typing};
use super::{Edit, section};
use crate::console::pages::rules::words::Names;
use crate::ui::{Radios, changing, effect};
use email_signature::{Address, Matching, RecipientCondition};
use leptos::prelude::*;

/// The section.
pub(crate) fn recipients(edit: Edit) -> AnyView {
    let matching = RwSignal::new(
        if edit.peek(|rule| rule.recipients.matching == Matching::All) { "all" } else { "any" }.to_owned(),
    );
    effect(move || {
        let all = matching.with(|matching| matching == "all");
        edit.change(|rule| rule.recipients.matching = if all { Matching::All } else { Matching::Any });
    });
    let many = Memo::new(move |_| !edit.read(|rule| rule.recipients.of.is_empty()));
    let of = ["To any of these", "Any recipient, and drafts without recipients.", "Add a recipient condition"];
    let except = ["Except mail to", "Nobody is excluded.", "Add an excluded recipient"];
    let content = view! {
        {list(edit, &Lens { read: |rule| &rule.recipients.of, change: |rule| &mut rule.recipients.of }, of)}
        {changing(move || {
            many.get()
                .then(|| {
                    view! {
                        <Radios
                            label="How many of the recipients"
                            value=matching
                            options=vec![
                                ("any", "One is enough", ""),
                                ("all", "Every one", "The mail goes only to these recipients."),
                            ]
                        />
                    }
                })
        })}
        {list(edit, &Lens { read: |rule| &rule.recipients.except, change: |rule| &mut rule.recipients.except }, except)}
    };
    section("Recipients", "To, Cc and Bcc are treated the same.", content.into_any())
}

impl Condition for RecipientCondition {
    const KINDS: &'static [(&'static str, &'static str)] = &[
        ("external", "External recipients"),
        ("internal", "Internal recipients"),
        ("address", "An address"),
        ("group", "A group"),
        ("domain", "A domain"),
    ];

    fn words(&self, names: &Names) -> String {
        names.recipient(self)
    }

    fn fields(edit: Edit, add: Callback<Self>, kind: &str) -> AnyView {
        match kind {
            "group" => group(edit.editing.tenant, edit.editing.names, move |id| add.run(Self::Group { id })),
            "domain" => domain(move |domain| add.run(Self::Domain { domain })),
            "address" => address(add),
            "internal" => known("In one of your domains, or a mailbox of your Exchange organisation.", move || {
                add.run(Self::Internal);
            }),
            _ => known("Everyone who is not internal.", move || add.run(Self::External)),
        }
    }
}

/// Something that needs no more to be said.
fn known(hint: &'static str, add: impl Fn() + Send + Sync + 'static) -> AnyView {
    view! {
        <p class="quiet">{hint}</p>
        {add_button(Callback::new(move |()| add()))}
    }
    .into_any()
}

fn address(add: Callback<RecipientCondition>) -> AnyView {
    let done = move |typed: String| {
        let address = Address::parse(&typed).map_err(|_| "Enter the whole address, with the domain.")?;
        add.run(RecipientCondition::Address { address });
        Ok(())
    };
    typing("Address", "email", 254, Callback::new(done))
}
