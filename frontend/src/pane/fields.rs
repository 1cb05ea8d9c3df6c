//! *Your details*: the fields that the administrator lets the person edit.

use super::actions;
use super::signature::insert_button;
use super::state::State;
use crate::ui::{Icon, icon, text, when};
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

/// What becomes of a save.
#[derive(Clone, Copy)]
struct Saving {
    busy: RwSignal<bool>,
    done: RwSignal<bool>,
    /// What went wrong and belongs to no field.
    failed: RwSignal<String>,
}

/// The form; nothing where no field may be edited.
pub fn fields(state: State) -> impl IntoView {
    let all = RwSignal::new(Vec::<Edited>::new());
    let saving =
        Saving { busy: RwSignal::new(false), done: RwSignal::new(false), failed: RwSignal::new(String::new()) };
    // What an effect owns ends with its next run, and what was typed has to outlive it.
    let owner = Owner::current().map(|owner| owner.downgrade());
    Effect::new(move || {
        let fields = state.me.with(|me| me.as_ref().map(|me| me.fields.clone())).unwrap_or_default();
        let merged = || all.with_untracked(|old| fields.into_iter().map(|field| edit(field, old)).collect());
        if let Some(owner) = owner.as_ref().and_then(WeakOwner::upgrade) {
            all.set(owner.with(merged));
        }
    });
    let changed = move || all.with(|all| all.iter().any(|one| one.value.get() != one.field.value));
    let idle = when(move || saving.busy.get() || !changed());
    let unsaved = when(move || !saving.done.get() || changed());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !idle.get_untracked() {
            spawn_local(send(state, all, all.with_untracked(|all| changes(all)), saving));
        }
    };
    view! {
        <details class="fold" hidden=when(move || all.with(Vec::is_empty))>
            <summary tabindex="0"><h2>"Your details"</h2>{icon(Icon::CHEVRON)}</summary>
            <p class="quiet">"They appear in your signature in every new mail."</p>
            <form on:submit=submit>
                <div class="fields">{move || inputs(state, all, saving)}</div>
                <div role="status" aria-live="polite">
                    <p class="wrong">{saving.failed}</p>
                    <p class="right" hidden=unsaved>{icon(Icon::CHECK)}"Saved"</p>
                </div>
                {insert_button(state, "Update this draft", when(move || unsaved.get() || !state.outdated()))}
                // Not disabled: that would take the focus away from who just pressed it.
                <button type="submit" class="primary wide" aria-disabled=text(move || idle.get().to_string())>
                    "Save"
                </button>
            </form>
        </details>
    }
}

/// The field with what was typed into it so far.
fn edit(field: Field, old: &[Edited]) -> Edited {
    let Some(one) = old.iter().find(|one| one.field.token == field.token) else {
        return Edited { value: RwSignal::new(field.value.clone()), error: RwSignal::new(String::new()), field };
    };
    if one.value.with_untracked(|typed| *typed == one.field.value) {
        one.value.set(field.value.clone());
    }
    Edited { field, ..*one }
}

fn inputs(state: State, all: RwSignal<Vec<Edited>>, saving: Saving) -> impl IntoView {
    all.get().into_iter().map(|one| input(state, all, one, saving)).collect::<Vec<_>>()
}

fn changes(all: &[Edited]) -> FieldChanges {
    let mut changes = FieldChanges::default();
    for one in all {
        let value = one.value.get_untracked();
        if value != one.field.value {
            // Not collected: that would bring a sort of its own into the WASM.
            changes.fields.insert(one.field.token.clone(), Some(value));
        }
    }
    changes
}

async fn send(state: State, all: RwSignal<Vec<Edited>>, changes: FieldChanges, saving: Saving) {
    saving.busy.set(true);
    saving.done.set(false);
    saving.failed.set(String::new());
    all.with_untracked(|all| all.iter().for_each(|one| one.error.set(String::new())));
    match actions::save(state, &changes).await {
        Ok(()) => {
            saving.done.set(true);
            all.with_untracked(|all| all.iter().for_each(|one| settle(one, &changes)));
        }
        Err(errors) => all.with_untracked(|all| show(all, errors, saving.failed)),
    }
    saving.busy.set(false);
}

/// What was saved or undone gives way to what the server made of it; what was typed since then stays.
fn settle(one: &Edited, changes: &FieldChanges) {
    if let Some(sent) = changes.fields.get(&one.field.token)
        && sent.as_ref().is_none_or(|sent| *sent == one.value.get_untracked())
    {
        one.value.set(one.field.value.clone());
    }
}

/// Puts each error under its field, and what belongs to none under the form.
fn show(all: &[Edited], errors: Vec<ErrorDetail>, failed: RwSignal<String>) {
    for error in errors {
        let at_fault =
            |one: &&Edited| error.field.as_ref().is_some_and(|path| path.rsplit('.').next() == Some(&one.field.token));
        match all.iter().find(at_fault) {
            Some(one) => one.error.set(error.detail),
            None => failed.update(|text| text.push_str(&error.detail)),
        }
    }
}

fn input(state: State, all: RwSignal<Vec<Edited>>, edited: Edited, saving: Saving) -> impl IntoView {
    let Edited { field, value, error } = edited;
    let Field { token, label, own, .. } = field;
    let id = "field-".to_owned() + &token;
    let error_id = id.clone() + "-error";
    let undo_label = "Undo: use the directory’s ".to_owned() + &label;
    let typed = move |event| {
        value.set(event_target_value(&event));
        saving.done.set(false);
    };
    let undo = move |_| {
        let mut changes = FieldChanges::default();
        changes.fields.insert(token.clone(), None);
        spawn_local(send(state, all, changes, saving));
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <div class="row">
                <input
                    id=id
                    class="grow"
                    type="text"
                    dir="auto"
                    maxlength=MAX_FIELD.to_string()
                    aria-invalid=text(move || (!error.with(String::is_empty)).to_string())
                    aria-describedby=error_id.clone()
                    prop:value=value
                    on:input=typed
                />
                <button
                    type="button"
                    class="subtle"
                    hidden=!own
                    title=undo_label.clone()
                    aria-label=undo_label
                    disabled=saving.busy
                    on:click=undo
                >
                    {icon(Icon::UNDO)}
                </button>
            </div>
            <p id=error_id class="wrong">{error}</p>
        </div>
    }
}
