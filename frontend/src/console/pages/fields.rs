//! Fields: their order, who may edit them, whose value wins.

use super::people::source_words;
use super::{page, tenant_crumb};
use crate::api::console::{Failure, Tagged, get_tagged, path, send_tagged};
use crate::console::{router, session, shell};
use crate::ui::{
    Button, Compare, Confirm, Dialog, Difference, Icon, Keep, Loaded, Look, Pill, Select, TextField, Tone, Value,
    count, form_error, icon, tell, text, when,
};
use ::api::console::{EditedBy, FieldDefinition, Fields, Role, Source, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;

/// The list as it is being edited, and what became of it.
#[derive(Clone, Copy)]
struct Form {
    found: Loaded<Tagged<Fields>>,
    path: StoredValue<String>,
    fields: RwSignal<Vec<FieldDefinition>>,
    may: bool,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
    differences: RwSignal<Vec<Difference>>,
    /// The field whose settings are open.
    editing: RwSignal<Option<String>>,
    removing: RwSignal<Option<FieldDefinition>>,
    dragged: RwSignal<Option<String>>,
}

/// `/console/tenants/TENANT/fields`.
pub fn fields(tenant: &str) -> AnyView {
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
        differences: RwSignal::new(Vec::new()),
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
            "What is known of people, in the order in which they are shown. The source that stands first and has a value wins."
        </p>
        {list}
        {bottom(form, changed)}
        {settings(form)}
        {add(form, adding)}
        {remove(form)}
        <Compare differences=form.differences on_choose=move |chosen| resolve(form, &chosen) />
    };
    page(&tenant_crumb(tenant), "Fields", actions.into_any(), content.into_any())
}

fn edited_by_words(edited_by: EditedBy) -> &'static str {
    match edited_by {
        EditedBy::Admin => "Admins",
        EditedBy::Editor => "Admins and editors",
        EditedBy::Person => "Everybody, for themselves",
    }
}

fn edited_by(text: &str) -> EditedBy {
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

fn save(form: Form) {
    let body = Fields { fields: form.fields.try_get_untracked().unwrap_or_default() };
    let etag = form.found.peek(|found| found.etag.clone());
    form.busy.set(true);
    form.error.set(String::new());
    spawn_local(async move {
        let path = form.path.get_value();
        match send_tagged::<Fields>("PUT", &path, &body, &etag).await {
            Ok(now) => {
                form.fields.set(now.value.fields.clone());
                form.found.value.set(Some(now));
                tell("Saved.");
            }
            Err(Failure::Changed) => compare(form, &path).await,
            Err(failure) => form.error.set(failure.text()),
        }
        form.busy.set(false);
    });
}

/// What a difference says of a field.
fn said(field: Option<&FieldDefinition>) -> String {
    let Some(field) = field else { return "(not there)".into() };
    let sources = field.precedence.iter().map(|source| source_words(*source).0).collect::<Vec<_>>().join(" › ");
    field.label.clone() + "\nEdited by: " + edited_by_words(field.edited_by) + "\n" + &sources
}

fn order(fields: &[FieldDefinition]) -> String {
    fields.iter().map(|field| field.label.as_str()).collect::<Vec<_>>().join(", ")
}

const ORDER: &str = " order";

async fn compare(form: Form, path: &str) {
    let before = form.found.peek(|found| found.value.fields.clone());
    let Ok(now) = get_tagged::<Fields>(path).await else {
        form.error.set(Failure::Changed.text());
        return;
    };
    let (theirs, mine) = (now.value.fields.clone(), form.fields.try_get_untracked().unwrap_or_default());
    let of = |all: &[FieldDefinition], token: &str| all.iter().find(|field| field.token == token).cloned();
    let mut tokens: Vec<String> = mine.iter().chain(&theirs).map(|field| field.token.clone()).collect();
    tokens.sort();
    tokens.dedup();
    let mut differences = Vec::new();
    for token in tokens {
        let (was, own, other) = (of(&before, &token), of(&mine, &token), of(&theirs, &token));
        let (said_was, said_own, said_other) = (said(was.as_ref()), said(own.as_ref()), said(other.as_ref()));
        if said_own == said_other || said_own == said_was || said_other == said_was {
            continue;
        }
        let label = own.or(other).map(|field| field.label).unwrap_or_default();
        differences.push(Difference { key: token, label, theirs: said_other, mine: said_own });
    }
    if order(&mine) != order(&theirs) {
        let label = "Order".to_owned();
        differences.push(Difference { key: ORDER.into(), label, theirs: order(&theirs), mine: order(&mine) });
    }
    form.fields.set(merged(&before, &mine, &theirs));
    form.found.value.set(Some(now));
    if differences.is_empty() {
        save(form);
    } else {
        form.differences.set(differences);
    }
}

/// Mine, with what only they changed.
fn merged(before: &[FieldDefinition], mine: &[FieldDefinition], theirs: &[FieldDefinition]) -> Vec<FieldDefinition> {
    let of = |all: &[FieldDefinition], token: &str| all.iter().find(|field| field.token == token).cloned();
    let mut out = Vec::new();
    for field in mine {
        let (was, other) = (of(before, &field.token), of(theirs, &field.token));
        match (was, other) {
            (Some(was), Some(other)) if said(Some(&was)) == said(Some(field)) => out.push(other),
            (Some(was), None) if said(Some(&was)) == said(Some(field)) => {}
            _ => out.push(field.clone()),
        }
    }
    let added = theirs.iter().filter(|field| of(before, &field.token).is_none() && of(mine, &field.token).is_none());
    out.extend(added.cloned());
    out
}

fn resolve(form: Form, chosen: &BTreeMap<String, Keep>) {
    let theirs = form.found.peek(|found| found.value.fields.clone());
    form.fields.update(|all| {
        for (token, _) in chosen.iter().filter(|(_, keep)| **keep == Keep::Theirs) {
            let other = theirs.iter().find(|field| field.token == *token);
            match (all.iter().position(|field| field.token == *token), other) {
                (Some(at), Some(other)) => all[at] = other.clone(),
                (Some(at), None) if token != ORDER => drop(all.remove(at)),
                (None, Some(other)) => all.push(other.clone()),
                _ => {}
            }
        }
        if chosen.get(ORDER) == Some(&Keep::Theirs) {
            all.sort_by_key(|field| theirs.iter().position(|other| other.token == field.token).unwrap_or(usize::MAX));
        }
    });
    form.differences.set(Vec::new());
    save(form);
}

fn settings(form: Form) -> AnyView {
    let open = RwSignal::new(false);
    Effect::new(move || open.set(form.editing.with(Option::is_some)));
    Effect::new(move || {
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
        if !label.required("Type a label.") {
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
                <legend>"Whose value wins, the highest first"</legend>
                <ol class="plain-list">{move || sources.get().into_iter().enumerate().map(source).collect_view()}</ol>
            </fieldset>
            <div class="row end">
                <Button on_press=move |()| form.editing.set(None)>"Cancel"</Button>
                <Button look=Look::Primary>"Done"</Button>
            </div>
        </form>
    }
    .into_any()
}

fn add(form: Form, open: RwSignal<bool>) -> AnyView {
    let (label, token) = (Value::new(""), Value::new(""));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let complete = [label.required("Type a label."), token.required("Type a token.")];
        let typed = token.trimmed();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !typed.chars().all(fits) {
            token.error.set("Only a to z, 0 to 9 and _: templates use it.".into());
            return;
        }
        if form.fields.with_untracked(|all| all.iter().any(|field| field.token == typed)) {
            token.error.set("There is a field with this token already: choose another.".into());
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
                <TextField label="Label" value=label longest=100_usize hint="What people see." focus=true />
                <TextField
                    label="Token"
                    value=token
                    longest=50_usize
                    hint="What templates use, such as badge_number. It stays as it is."
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

fn remove(form: Form) -> AnyView {
    let open = RwSignal::new(false);
    Effect::new(move || open.set(form.removing.with(Option::is_some)));
    Effect::new(move || {
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
        "When you save, ".to_owned() + &lost + " of it are gone for good, and templates that use it show nothing there."
    });
    view! {
        <Confirm open title action="Remove" on_confirm=confirmed>
            <p class="row">{icon(Icon::WARNING)} <span>{words}</span></p>
        </Confirm>
    }
    .into_any()
}
