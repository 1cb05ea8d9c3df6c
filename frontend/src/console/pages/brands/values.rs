//! A brand's own values: name and text of each.

use crate::ui::{Button, Icon, Look, TextField, Value, changing};
use ::api::console::{MAX_BRAND_TEXT, MAX_BRAND_VALUES, MAX_NAME};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The values as they are typed.
#[derive(Clone, Copy)]
pub(crate) struct Rows(RwSignal<Vec<(Value, Value)>>);

impl Rows {
    pub(crate) fn new(values: &BTreeMap<String, String>) -> Self {
        Self(RwSignal::new(values.iter().map(|(token, value)| (Value::new(token), Value::new(value))).collect()))
    }

    /// The values by token; follows changes.
    pub(crate) fn all(self) -> BTreeMap<String, String> {
        let rows = self.0.get();
        let typed = rows.into_iter().map(|(token, value)| (token.text.get().trim().to_owned(), value.text.get()));
        typed.filter(|(token, _)| !token.is_empty()).collect()
    }

    /// Whether every value has a name of its own; says where not.
    pub(crate) fn are_named(self) -> bool {
        let rows = self.0.get_untracked();
        let names: Vec<String> = rows.iter().map(|(token, _)| token.trimmed()).collect();
        let mut good = true;
        for (at, (token, value)) in rows.iter().enumerate() {
            let name = &names[at];
            let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            let starts = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
            let error = match name.as_str() {
                "" if value.trimmed().is_empty() => "",
                "" => "Enter a name.",
                _ if !starts || !name.chars().all(is_plain) => {
                    "Use only lower-case letters, digits and _, such as slogan."
                }
                _ if names[..at].contains(name) => "Another value has this name.",
                _ => "",
            };
            token.error.set(error.to_owned());
            good &= error.is_empty();
        }
        good
    }
}

/// The list.
pub(crate) fn values(rows: Rows, is_default: bool) -> AnyView {
    let one = move |(at, (token, value)): (usize, (Value, Value))| {
        let remove = move |()| {
            rows.0.update(|all| {
                if at < all.len() {
                    all.remove(at);
                }
            });
        };
        let label = "Remove value ".to_owned() + &(at + 1).to_string();
        view! {
            <li class="row">
                <TextField label="Name" value=token longest=MAX_NAME />
                <div class="grow">
                    <TextField label="Text" value longest=MAX_BRAND_TEXT optional=true />
                </div>
                <Button look=Look::Subtle icon=Icon::CLOSE label on_press=remove />
            </li>
        }
    };
    let add = move |()| rows.0.update(|all| all.push((Value::new(""), Value::new(""))));
    let full = crate::ui::when(move || rows.0.with(|all| all.len() >= MAX_BRAND_VALUES));
    let hint = if is_default {
        "A value named slogan is {{ brand.slogan }} in templates. Brands without it get it from this default brand."
    } else {
        "A value named slogan is {{ brand.slogan }} in templates. What is not here comes from the default brand."
    };
    view! {
        <fieldset class="stack">
            <legend>"Values"</legend>
            <p class="quiet">{hint}</p>
            <ul class="plain-list">{changing(move || rows.0.get().into_iter().enumerate().map(one).collect_view())}</ul>
            <div class="row">
                <Button icon=Icon::ADD idle=full on_press=add>
                    "Add a value"
                </Button>
            </div>
        </fieldset>
    }
    .into_any()
}
