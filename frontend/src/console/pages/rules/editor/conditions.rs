//! Conditions of a rule, as a list that one adds to and takes away from.

use crate::ui::{Button, Icon, Look, TextField, Value, changing, new_id, when};
use leptos::prelude::*;

/// What is there, each with a button that takes it away, and below it what adds more.
pub(in crate::console::pages) fn conditions(
    label: &'static str,
    none: &'static str,
    items: Signal<Vec<String>>,
    remove: Callback<usize>,
    add: AnyView,
) -> AnyView {
    let id = new_id("conditions");
    let labelled = id.clone();
    let one = move |(at, words): (usize, String)| {
        let label = "Remove: ".to_owned() + &words;
        view! {
            <li class="chip">
                <span>{words}</span>
                <Button look=Look::Subtle icon=Icon::CLOSE label on_press=move |()| remove.run(at) />
            </li>
        }
    };
    view! {
        <div class="conditions" role="group" aria-labelledby=labelled>
            <p id=id>
                <strong>{label}</strong>
            </p>
            <p class="quiet" hidden=when(move || items.with(|items| !items.is_empty()))>
                {none}
            </p>
            <ul class="chips">{changing(move || items.get().into_iter().enumerate().map(one).collect_view())}</ul>
            {add}
        </div>
    }
    .into_any()
}

/// What kind of condition to add, and the fields of that kind.
pub(crate) fn adding(
    label: &'static str,
    options: &[(&'static str, &'static str)],
    fields: impl Fn(&str) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let kind = RwSignal::new(String::new());
    let mut all = vec![(String::new(), "Add …".to_owned())];
    all.extend(options.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())));
    view! {
        <div class="adding">
            <crate::ui::Choose label value=kind options=Signal::stored(all) unlabelled=true />
            {changing(move || kind.with(|kind| (!kind.is_empty()).then(|| fields(kind))))}
        </div>
    }
    .into_any()
}

/// One line to type; `add` gets it without spaces around it, and says what is wrong with it.
pub(crate) fn typing(
    label: &'static str,
    kind: &'static str,
    longest: usize,
    add: Callback<String, Result<(), &'static str>>,
) -> AnyView {
    let value = Value::new("");
    let done = Callback::new(move |()| match add.run(value.trimmed()) {
        Ok(()) => value.text.set(String::new()),
        Err(wrong) => value.error.set(wrong.to_owned()),
    });
    add_line(view! { <TextField label value kind longest /> }.into_any(), done)
}

/// Fields with a button that adds what was typed in them, as the enter key does.
pub(crate) fn add_line(fields: AnyView, done: Callback<()>) -> AnyView {
    view! {
        <form
            class="add-line"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                done.run(());
            }
        >
            {fields} {add_button(done)}
        </form>
    }
    .into_any()
}

/// A button that adds something.
pub(crate) fn add_button(run: Callback<()>) -> AnyView {
    view! { <Button look=Look::Plain icon=Icon::ADD on_press=run>"Add"</Button> }.into_any()
}
