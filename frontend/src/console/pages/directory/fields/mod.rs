//! Fields: their order, who may edit them, whose value wins.

mod dialogs;
mod saving;

use self::dialogs::{add, remove, settings};
use self::saving::{save, take};
use super::people::source_words;
use crate::api::console::{Tagged, get_tagged, path};
use crate::console::pages::{page, tenant_crumb};
use crate::console::{router, session, shell};
use crate::ui::{Button, Conflict, Icon, Loaded, Look, Pill, Tone, count, form_error, when};
use ::api::console::{EditedBy, FieldDefinition, Fields, Role, paths};
use leptos::prelude::*;

/// The list as it is being edited, and what became of it.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    /// As the server has it.
    pub(crate) found: Loaded<Tagged<Fields>>,
    /// Its path.
    pub(crate) path: StoredValue<String>,
    /// As it is here.
    pub(crate) fields: RwSignal<Vec<FieldDefinition>>,
    /// Whether one may change it.
    pub(crate) may: bool,
    /// Whether it is being saved.
    pub(crate) busy: RwSignal<bool>,
    /// What went wrong.
    pub(crate) error: RwSignal<String>,
    /// Both versions, where somebody else changed them meanwhile.
    pub(crate) conflict: Conflict<Fields>,
    /// The field whose settings are open.
    pub(crate) editing: RwSignal<Option<String>>,
    /// The field that is to go, while that is asked.
    pub(crate) removing: RwSignal<Option<FieldDefinition>>,
    /// The field that is being dragged.
    pub(crate) dragged: RwSignal<Option<String>>,
}

/// `/console/tenants/TENANT/fields`.
pub(crate) fn fields(tenant: &str) -> AnyView {
    let own = path(paths::FIELDS, &[tenant]);
    let asked = own.clone();
    let found = Loaded::new(move || {
        let path = asked.clone();
        async move { get_tagged::<Fields>(&path).await }
    });
    let form = Form {
        found,
        path: StoredValue::new(own),
        fields: RwSignal::new(Vec::new()),
        may: session::may(tenant, Role::Admin),
        busy: RwSignal::new(false),
        error: RwSignal::new(String::new()),
        conflict: Conflict::default(),
        editing: RwSignal::new(None),
        removing: RwSignal::new(None),
        dragged: RwSignal::new(None),
    };
    let adding = RwSignal::new(false);
    // Once: what is being edited here must not be replaced by an answer that comes later.
    Effect::new(move |done: Option<bool>| {
        let there = found.value.with(Option::is_some);
        if there && done != Some(true) {
            form.fields.set(found.peek(|found| found.value.fields.clone()));
        }
        there
    });
    let changed = Memo::new(move |_| {
        found.value.with(|saved| saved.as_ref().is_some_and(|s| form.fields.with(|f| *f != s.value.fields)))
    });
    router::keep(changed.into());
    let actions = form.may.then(|| {
        view! {
            <Button look=Look::Primary icon=Icon::ADD on_press=move |()| adding.set(true)>
                "Add a field"
            </Button>
        }
    });
    let list = found.view(move || {
        let rows = move || form.fields.get().into_iter().map(|field| row(form, field)).collect_view();
        view! {
            <section class="card" aria-label="Fields">
                <div>{rows}</div>
            </section>
        }
        .into_any()
    });
    let content = view! {
        <p class="lead">
            "The details about people, in the order in which they are shown. The first source that has a value wins."
        </p>
        {list}
        {bottom(form, changed)}
        {settings(form)}
        {add(form, adding)}
        {remove(form)}
        {form
            .conflict
            .view(
                move |theirs| take(form, theirs),
                move |theirs| {
                    form.found.value.set(Some(theirs));
                    save(form);
                },
            )}
    };
    page(&tenant_crumb(tenant), "Fields", actions.into_any(), content.into_any())
}

pub(crate) fn edited_by_words(edited_by: EditedBy) -> &'static str {
    match edited_by {
        EditedBy::Admin => "Admins",
        EditedBy::Editor => "Admins and editors",
        EditedBy::Person => "Everyone, for themselves",
    }
}

pub(crate) fn edited_by(text: &str) -> EditedBy {
    match text {
        "person" => EditedBy::Person,
        "editor" => EditedBy::Editor,
        _ => EditedBy::Admin,
    }
}

fn move_to(form: Form, token: &str, to: usize) {
    form.fields.update(|all| {
        if let Some(at) = all.iter().position(|field| field.token == token) {
            let field = all.remove(at);
            all.insert(to.min(all.len()), field);
        }
    });
}

fn row(form: Form, field: FieldDefinition) -> AnyView {
    let FieldDefinition { token, label, built_in, edited_by, precedence, people } = field.clone();
    let at = {
        let token = token.clone();
        move || form.fields.with_untracked(|all| all.iter().position(|field| field.token == token)).unwrap_or(0)
    };
    let step = |name: &'static str, icon: Icon, by: isize| {
        let (token, at) = (token.clone(), at.clone());
        let class = "move-".to_owned() + name;
        let label = "Move ".to_owned() + &label + " " + name;
        let press = move |()| {
            move_to(form, &token, at().saturating_add_signed(by));
            // The row is built anew: the button that was pressed stays where the focus is.
            let again = "[data-field=\"".to_owned() + &token + "\"] ." + &class + " button";
            request_animation_frame(move || shell::focus(&again));
        };
        let wrapper = "move-".to_owned() + name;
        view! { <span class=wrapper><Button look=Look::Subtle icon label on_press=press /></span> }.into_any()
    };
    let edit = {
        let token = token.clone();
        move |()| form.editing.set(Some(token.clone()))
    };
    let buttons = form.may.then(|| {
        let remove = move |()| form.removing.set(Some(field.clone()));
        view! {
            {step("up", Icon::UP, -1)}
            {step("down", Icon::DOWN, 1)}
            <Button look=Look::Subtle icon=Icon::EDIT label="Edit ".to_owned() + &label on_press=edit />
            {(!built_in)
                .then(|| {
                    view! {
                        <Button look=Look::Subtle icon=Icon::DELETE label="Remove ".to_owned() + &label on_press=remove />
                    }
                })}
        }
    });
    let named = token.clone();
    let sources = precedence.iter().map(|source| source_words(*source).0).collect::<Vec<_>>().join(" › ");
    let (own, over) = (token.clone(), token.clone());
    let drop_here = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        if let Some(dragged) = form.dragged.get_untracked() {
            move_to(form, &dragged, at());
        }
        form.dragged.set(None);
    };
    view! {
        <div
            class="property"
            data-field=named
            draggable=form.may.to_string()
            on:dragstart=move |_| form.dragged.set(Some(own.clone()))
            on:dragover=move |event| event.prevent_default()
            on:drop=drop_here
            on:dragend=move |_| form.dragged.set(None)
            class:dropped=when(move || form.dragged.with(|dragged| dragged.as_ref() == Some(&over)))
        >
            <div class="name">
                <strong>{label.clone()}</strong>
                <br />
                <code>{token}</code>
            </div>
            <div class="what">
                <div class="row wrap">
                    {(!built_in).then(|| view! { <Pill text="Custom" tone=Tone::Info /> })}
                    <span>{"Edited by: ".to_owned() + edited_by_words(edited_by)}</span>
                    <span class="quiet">{count(people, "value")}</span>
                </div>
                <p class="quiet">{sources}</p>
            </div>
            <div class="row">{buttons}</div>
        </div>
    }
    .into_any()
}

fn bottom(form: Form, changed: Memo<bool>) -> AnyView {
    let discard = move |()| form.fields.set(form.found.peek(|found| found.value.fields.clone()));
    view! {
        <div class="bottom" hidden=when(move || !changed.get())>
            <p class="grow" role="status">
                "Changes are not saved yet."
            </p>
            {form_error(form.error.into())}
            <Button on_press=discard>"Discard"</Button>
            <Button look=Look::Primary busy=form.busy on_press=move |()| save(form)>
                "Save"
            </Button>
        </div>
    }
    .into_any()
}
