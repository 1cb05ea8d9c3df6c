//! *Your details*: the fields that the administrator lets the person edit.

use super::actions;
use super::state::State;
use crate::ui::{Icon, icon};
use ::api::{ErrorDetail, Field, FieldChanges, MAX_FIELD};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// One field being edited.
#[derive(Clone)]
struct Edited {
    field: Field,
    value: RwSignal<String>,
    error: RwSignal<String>,
}

/// The form; nothing where no field may be edited.
#[component]
pub fn Fields(state: State) -> impl IntoView {
    let fields = Memo::new(move |_| state.me.with(|me| me.as_ref().map(|me| me.fields.clone())).unwrap_or_default());
    let saved = RwSignal::new(false);
    move || {
        let edited: Vec<Edited> = fields.get().into_iter().map(edit).collect();
        if edited.is_empty() {
            return ().into_any();
        }
        form(state, edited, saved)
    }
}

fn edit(field: Field) -> Edited {
    Edited { value: RwSignal::new(field.value.clone()), error: RwSignal::new(String::new()), field }
}

fn form(state: State, edited: Vec<Edited>, saved: RwSignal<bool>) -> AnyView {
    let failed = RwSignal::new(String::new());
    let saving = RwSignal::new(false);
    let all = StoredValue::new(edited.clone());
    let changed = Memo::new(move |_| all.with_value(|all| all.iter().any(|one| one.value.get() != one.field.value)));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let changes = all.with_value(|all| changes(all));
        spawn_local(send(state, all, changes, saving, saved, failed));
    };
    let undo = move |token: String| {
        let changes = FieldChanges { fields: [(token, None)].into() };
        spawn_local(send(state, all, changes, saving, saved, failed));
    };
    view! {
        <details class="fold" open=move || saved.get_untracked()>
            <summary tabindex="0"><h2>"Your details"</h2>{icon(Icon::Chevron)}</summary>
            <p class="quiet">"They show in every signature of yours, at once."</p>
            <form on:submit=submit>
                {edited.into_iter().map(|one| input(one, undo, saving, saved)).collect_view()}
                <div role="status" aria-live="polite">
                    {move || (!failed.with(String::is_empty)).then(|| view! { <p class="wrong">{failed.get()}</p> })}
                    {move || (saved.get() && !changed.get()).then(|| view! { <p class="right">{icon(Icon::Check)}"Saved"</p> })}
                </div>
                <button type="submit" class="primary wide" disabled=move || saving.get() || !changed.get()>
                    {move || if saving.get() { "Saving…" } else { "Save" }}
                </button>
            </form>
        </details>
    }
    .into_any()
}

fn changes(all: &[Edited]) -> FieldChanges {
    let changed = all.iter().filter(|one| one.value.get_untracked() != one.field.value);
    FieldChanges { fields: changed.map(|one| (one.field.token.clone(), Some(one.value.get_untracked()))).collect() }
}

async fn send(
    state: State,
    all: StoredValue<Vec<Edited>>,
    changes: FieldChanges,
    saving: RwSignal<bool>,
    saved: RwSignal<bool>,
    failed: RwSignal<String>,
) {
    saving.set(true);
    saved.set(false);
    failed.set(String::new());
    all.with_value(|all| all.iter().for_each(|one| one.error.set(String::new())));
    // Before the answer: it replaces this form by a new one, which opens as saved.
    match actions::save(state, changes, saved).await {
        Ok(()) => {}
        Err(errors) => {
            saving.set(false);
            all.with_value(|all| show(all, errors, failed));
        }
    }
}

/// Puts each error under its field, and what belongs to none under the form.
fn show(all: &[Edited], errors: Vec<ErrorDetail>, failed: RwSignal<String>) {
    for error in errors {
        let at_fault = |one: &&Edited| error.field.as_ref().is_some_and(|path| path.rsplit('.').next() == Some(&one.field.token));
        match all.iter().find(at_fault) {
            Some(one) => one.error.set(error.detail),
            None => failed.update(|text| text.push_str(&error.detail)),
        }
    }
}

fn input(
    edited: Edited,
    undo: impl Fn(String) + Copy + Send + 'static,
    saving: RwSignal<bool>,
    saved: RwSignal<bool>,
) -> AnyView {
    let Edited { field, value, error } = edited;
    let id = "field-".to_owned() + &field.token;
    let error_id = id.clone() + "-error";
    let described = error_id.clone();
    let label = "Undo: use the directory’s ".to_owned() + &field.label;
    let token = field.token.clone();
    let typed = move |event| {
        value.set(event_target_value(&event));
        saved.set(false);
    };
    view! {
        <div class="field">
            <label for=id.clone()>{field.label.clone()}</label>
            <div class="row">
                <input
                    id=id
                    class="grow"
                    type="text"
                    dir="auto"
                    maxlength=MAX_FIELD.to_string()
                    aria-invalid=move || (!error.with(String::is_empty)).to_string()
                    aria-describedby=described
                    prop:value=move || value.get()
                    on:input=typed
                />
                {field.own.then(|| view! {
                    <button
                        type="button"
                        class="subtle"
                        title=label.clone()
                        aria-label=label
                        disabled=move || saving.get()
                        on:click=move |_| undo(token.clone())
                    >
                        {icon(Icon::Undo)}
                    </button>
                })}
            </div>
            <p id=error_id class="wrong">{move || error.get()}</p>
        </div>
    }
    .into_any()
}
