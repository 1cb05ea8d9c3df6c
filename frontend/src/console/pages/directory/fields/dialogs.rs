//! The dialogs of the fields' page: settings of one, adding one, removing one.

use super::{Form, edited_by, edited_by_words};
use crate::console::pages::directory::people::source_words;
use crate::console::shell;
use crate::ui::{
    Button, Confirm, Dialog, Icon, Look, Pill, Select, TextField, Value, changing, count, effect, icon, text,
};
use ::api::console::{EditedBy, FieldDefinition, Source};
use leptos::prelude::*;

/// Label, editors and precedence of the field that is being edited.
pub(crate) fn settings(form: Form) -> AnyView {
    let open = RwSignal::new(false);
    effect(move || open.set(form.editing.with(Option::is_some)));
    effect(move || {
        if !open.get() && form.editing.with_untracked(Option::is_some) {
            form.editing.set(None);
        }
    });
    let inside = move || {
        let token = form.editing.get()?;
        let field = form.fields.with_untracked(|all| all.iter().find(|field| field.token == token).cloned())?;
        Some(one_field(form, field))
    };
    view! {
        <Dialog open title="Field">
            {inside}
        </Dialog>
    }
    .into_any()
}

fn one_field(form: Form, field: FieldDefinition) -> AnyView {
    let label = Value::new(&field.label);
    let by = Value::new(match field.edited_by {
        EditedBy::Admin => "admin",
        EditedBy::Editor => "editor",
        EditedBy::Person => "person",
    });
    let sources = RwSignal::new(field.precedence);
    let options = [EditedBy::Admin, EditedBy::Editor, EditedBy::Person].map(edited_by_words);
    let options: Vec<(String, String)> =
        ["admin", "editor", "person"].into_iter().zip(options).map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
    let token = field.token;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !label.required("Enter a label.") {
            return;
        }
        form.fields.update(|all| {
            if let Some(field) = all.iter_mut().find(|field| field.token == token) {
                field.label = label.trimmed();
                field.edited_by = by.text.with_untracked(|by| edited_by(by));
                field.precedence = sources.get_untracked();
            }
        });
        form.editing.set(None);
    };
    let source = move |(at, source): (usize, Source)| {
        let (words, tone) = source_words(source);
        let raise = move |()| {
            sources.update(|all| all.swap(at, at.saturating_sub(1)));
            request_animation_frame(move || {
                shell::focus(&("dialog [data-source=\"".to_owned() + source.as_str() + "\"] button"));
            });
        };
        view! {
            <li class="row" data-source=source.as_str()>
                <span class="grow">
                    <Pill text=words tone />
                </span>
                <Button
                    look=Look::Subtle
                    icon=Icon::UP
                    label="Let ".to_owned() + words + " count more"
                    idle=Signal::stored(at == 0)
                    on_press=raise
                />
            </li>
        }
    };
    view! {
        <form novalidate on:submit=submit>
            <TextField label="Label" value=label longest=100_usize />
            <Select label="Who may edit it" value=by options=Signal::stored(options) />
            <fieldset class="radios">
                <legend>"Order of precedence, the highest first"</legend>
                <ol class="plain-list">{changing(move || sources.get().into_iter().enumerate().map(source).collect_view())}</ol>
            </fieldset>
            <div class="row end">
                <Button on_press=move |()| form.editing.set(None)>"Cancel"</Button>
                <Button look=Look::Primary>"Done"</Button>
            </div>
        </form>
    }
    .into_any()
}

/// A field of the tenant's own.
pub(crate) fn add(form: Form, open: RwSignal<bool>) -> AnyView {
    let (label, token) = (Value::new(""), Value::new(""));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let complete = [label.required("Enter a label."), token.required("Enter a token.")];
        let typed = token.trimmed();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !typed.chars().all(fits) {
            token.error.set("Use only a to z, 0 to 9 and _.".into());
            return;
        }
        if form.fields.with_untracked(|all| all.iter().any(|field| field.token == typed)) {
            token.error.set("Another field has this token: choose a different one.".into());
            return;
        }
        if complete.contains(&false) {
            return;
        }
        form.fields.update(|all| {
            all.push(FieldDefinition {
                token: typed,
                label: label.trimmed(),
                built_in: false,
                edited_by: EditedBy::Editor,
                precedence: Source::ALL.to_vec(),
                people: 0,
            });
        });
        label.text.set(String::new());
        token.text.set(String::new());
        open.set(false);
    };
    view! {
        <Dialog open title="Add a field">
            <form novalidate on:submit=submit>
                <TextField label="Label" value=label longest=100_usize hint="The name that people see." focus=true />
                <TextField
                    label="Token"
                    value=token
                    longest=50_usize
                    hint="The name that templates use, such as badge_number. It cannot be changed later."
                />
                <div class="row end">
                    <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                    <Button look=Look::Primary icon=Icon::ADD>
                        "Add"
                    </Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

/// Asks before a field goes.
pub(crate) fn remove(form: Form) -> AnyView {
    let open = RwSignal::new(false);
    effect(move || open.set(form.removing.with(Option::is_some)));
    effect(move || {
        if !open.get() && form.removing.with_untracked(Option::is_some) {
            form.removing.set(None);
        }
    });
    let of = move |read: fn(&FieldDefinition) -> String| {
        form.removing.with(|field| field.as_ref().map(read)).unwrap_or_default()
    };
    let confirmed = move |()| {
        let token = of(|field| field.token.clone());
        form.fields.update(|all| all.retain(|field| field.token != token));
        form.removing.set(None);
    };
    let title = text(move || "Remove ".to_owned() + &of(|field| field.label.clone()) + "?");
    let words = text(move || {
        let lost = of(|field| count(field.people, "value"));
        "When you save, ".to_owned()
            + &lost
            + " of it are deleted permanently, and templates that use it show nothing in its place."
    });
    view! {
        <Confirm open title action="Remove" on_confirm=confirmed>
            <p class="row">{icon(Icon::WARNING)} <span>{words}</span></p>
        </Confirm>
    }
    .into_any()
}
