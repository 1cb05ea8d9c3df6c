//! One of a rule's lists of conditions, on senders or on recipients: what is in it, and what adds to it.

use super::Edit;
use super::conditions::{adding, conditions, typing};
use crate::console::pages::finders;
use crate::console::pages::rules::words::Names;
use crate::ui::{Choice, Pick, Picks};
use email_signature::{DomainPattern, Rule};
use leptos::prelude::*;

/// What a list is of.
pub(crate) trait Condition: PartialEq + Send + Sync + Sized + 'static {
    /// Every kind to add, with what people read.
    const KINDS: &'static [(&'static str, &'static str)];

    /// In words.
    fn words(&self, names: &Names) -> String;

    /// What adds one of a kind.
    fn fields(edit: Edit, add: Callback<Self>, kind: &str) -> AnyView;
}

/// Where in a rule a list is.
pub(crate) struct Lens<T> {
    pub(crate) read: fn(&Rule) -> &Vec<T>,
    pub(crate) change: fn(&mut Rule) -> &mut Vec<T>,
}

/// A list. `words` are its name, what holds while it is empty, and the name of what adds to it.
pub(crate) fn list<T: Condition>(edit: Edit, lens: &Lens<T>, words: [&'static str; 3]) -> AnyView {
    let Lens { read, change } = *lens;
    let items = Signal::derive(move || {
        let names = edit.editing.names.read();
        edit.read(|rule| read(rule).iter().map(|one| one.words(&names)).collect::<Vec<_>>())
    });
    let remove = Callback::new(move |at: usize| {
        edit.change(|rule| {
            let all = change(rule);
            if at < all.len() {
                all.remove(at);
            }
        });
    });
    let add = Callback::new(move |condition: T| {
        edit.change(|rule| {
            let all = change(rule);
            if !all.contains(&condition) {
                all.push(condition);
            }
        });
    });
    let [label, none, more] = words;
    conditions(label, none, items, remove, adding(more, T::KINDS, move |kind| T::fields(edit, add, kind)))
}

/// A group to pick; `add` gets its id.
pub(crate) fn group(
    tenant: StoredValue<String>,
    names: RwSignal<Names>,
    add: impl Fn(String) + Send + Sync + 'static,
) -> AnyView {
    let find = tenant.with_value(|tenant| finders::groups(tenant));
    let picked = Callback::new(move |Choice { id, name, .. }: Choice| {
        names.update(|names| drop(names.groups.insert(id.clone(), name)));
        add(id);
    });
    view! { <Pick label="Group" find picks=Picks::Each(picked) placeholder="Name of the group" /> }.into_any()
}

/// A domain to type.
pub(crate) fn domain(add: impl Fn(String) + Send + Sync + 'static) -> AnyView {
    let done = move |typed: String| {
        let domain = DomainPattern::read(&typed);
        if !domain.is_valid() {
            return Err("Enter a domain such as example.com, or *.example.com for its subdomains as well.");
        }
        add(domain.to_string());
        Ok(())
    };
    view! {
        <p class="quiet">"example.com is this domain alone, *.example.com has its subdomains as well."</p>
        {typing("Domain", "text", 255, Callback::new(done))}
    }
    .into_any()
}
