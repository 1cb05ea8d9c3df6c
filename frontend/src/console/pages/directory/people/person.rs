//! Somebody: every field with its source, and an admin's values over them.

use super::lists::{addresses, groups};
use super::senders::mailboxes;
use super::signature::signature;
use super::{kind_words, source_words};
use crate::api::console::{Failure, Tagged, delete, get_tagged, path, send_tagged};
use crate::console::pages::{at, page, tenant_crumb};
use crate::console::{router, session, shell};
use crate::ui::{
    Button, Check, Confirm, Conflict, Difference, Icon, Loaded, Look, Pill, TextField, Tone, Value, changing, count,
    effect, form_error, icon, place_errors, tell, text, when,
};
use ::api::MAX_FIELD;
use ::api::console::pages::Directory;
use ::api::console::{FieldDetail, Override, PersonChanges, PersonDetail, Role, Source, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;

/// The person with the tag that a change has to name.
pub(crate) type Person = Loaded<Tagged<PersonDetail>>;

/// An admin's value of one field, while it is being edited.
#[derive(Clone, Copy)]
struct Edit {
    token: StoredValue<String>,
    editing: RwSignal<bool>,
    value: Value,
    locked: RwSignal<bool>,
    /// Whether what the other sources say is wanted again.
    restore: RwSignal<bool>,
}

/// What is being edited on the page, and what became of it.
#[derive(Clone, Copy)]
struct Editing {
    person: Person,
    path: StoredValue<String>,
    edits: StoredValue<Vec<Edit>>,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
    conflict: Conflict<PersonDetail>,
}

/// `/console/tenants/TENANT/people/PERSON`.
pub(crate) fn person(tenant: &str, id: &str) -> AnyView {
    let (tenant, id) = (tenant.to_owned(), id.to_owned());
    let own = path(paths::PERSON, &[&tenant, &id]);
    let asked = own.clone();
    let person: Person = Loaded::new(move || {
        let path = asked.clone();
        async move { get_tagged(&path).await }
    });
    let name = Memo::new(move |_| person.read(|found| found.value.name.clone()));
    let named = session::tenant_name(&tenant);
    effect(move || {
        if name.with(|name| !name.is_empty()) {
            shell::name_page(&name.get(), Some(&named));
        }
    });
    let mut crumbs = tenant_crumb(&tenant);
    crumbs.push((at(&tenant, Directory::People), "People"));
    let heading = move || if name.with(String::is_empty) { "Person".to_owned() } else { name.get() };
    let content = {
        let tenant = tenant.clone();
        person.view(move || content(person, own.clone(), &tenant, &id))
    };
    page(&crumbs, text(heading), remove(person, tenant), content)
}

fn content(person: Person, path: String, tenant: &str, id: &str) -> AnyView {
    let edit = |field: &FieldDetail| Edit {
        token: StoredValue::new(field.token.clone()),
        editing: RwSignal::new(false),
        value: Value::new(""),
        locked: RwSignal::new(false),
        restore: RwSignal::new(false),
    };
    let edits: Vec<Edit> = person.peek(|found| found.value.fields.iter().map(edit).collect());
    let editing = Editing {
        person,
        path: StoredValue::new(path),
        edits: StoredValue::new(edits.clone()),
        busy: RwSignal::new(false),
        error: RwSignal::new(String::new()),
        conflict: Conflict::default(),
    };
    let changed =
        Memo::new(move |_| editing.edits.with_value(|all| all.iter().filter(|one| one.editing.get()).count()));
    router::keep(Signal::derive(move || changed.get() > 0));
    view! {
        <p class="lead row wrap">
            <span>{text(move || person.read(|found| found.value.address.clone()))}</span>
            {changing(move || person.read(|found| Some(found.value.kind)).map(|kind| view! { <Pill text=kind_words(kind) /> }))}
        </p>
        <div class="halves">
            <div class="stack">
                <section class="card" aria-labelledby="fields-heading">
                    <h2 id="fields-heading">"Fields"</h2>
                    <div>{edits.into_iter().map(|one| property(editing, one)).collect_view()}</div>
                </section>
                {bottom(editing, changed)}
            </div>
            <div class="stack">
                {signature(tenant, id, person)} {addresses(person, tenant, id)} {mailboxes(person, tenant, id)}
                {groups(person, tenant, id)}
            </div>
        </div>
        {editing
            .conflict
            .view(
                move |theirs| took(editing, theirs),
                move |theirs| {
                    editing.person.value.set(Some(theirs));
                    save(editing);
                },
            )}
    }
    .into_any()
}

fn of(person: Person, token: StoredValue<String>) -> Option<FieldDetail> {
    let token = token.get_value();
    person.read(|found| found.value.fields.iter().find(|field| field.token == token).cloned())
}

fn property(editing: Editing, one: Edit) -> AnyView {
    let field = Memo::new(move |_| of(editing.person, one.token));
    let label = field.get_untracked().map(|field| field.label).unwrap_or_default();
    let begin = move |()| {
        let Some(field) = field.get_untracked() else { return };
        one.value.text.set(field.value);
        one.locked.set(field.locked);
        one.restore.set(false);
        one.editing.set(true);
    };
    let restore = move |()| {
        one.restore.set(true);
        one.editing.set(true);
    };
    let is_ours = move || {
        field.with(|field| field.as_ref().is_some_and(|f| f.values.iter().any(|one| one.source == Source::Manual)))
    };
    let may_edit = move || field.with(|field| field.as_ref().is_some_and(|field| field.may_edit));
    let (edit_label, restore_label) = ("Edit ".to_owned() + &label, "Restore ".to_owned() + &label);
    let shown = move || field.get().map(|field| shown(&field));
    let buttons = move || {
        (may_edit() && !one.editing.get()).then(|| {
            view! {
                {is_ours()
                    .then(|| {
                        view! {
                            <Button look=Look::Subtle icon=Icon::UNDO label=restore_label.clone() on_press=restore />
                        }
                    })}
                <Button look=Look::Subtle icon=Icon::EDIT label=edit_label.clone() on_press=begin />
            }
        })
    };
    let named = label.clone();
    view! {
        <div class="property">
            <div class="name">{label}</div>
            <div class="what">
                {changing(move || {
                    if one.editing.get() {
                        editor(one, named.clone())
                    } else {
                        shown().into_any()
                    }
                })}
            </div>
            <div class="row">{buttons}</div>
        </div>
    }
    .into_any()
}

fn shown(field: &FieldDetail) -> AnyView {
    let value = if field.value.is_empty() {
        view! { <span class="quiet">"(empty)"</span> }.into_any()
    } else {
        view! { <span class="said">{field.value.clone()}</span> }.into_any()
    };
    let source = field.source.map(|source| {
        let (text, tone) = source_words(source);
        view! { <Pill text tone /> }
    });
    let others: Vec<_> = field.values.iter().filter(|one| Some(one.source) != field.source).cloned().collect();
    let more = (!others.is_empty()).then(|| {
        let number = count(others.len() as u64, "other source") + if others.len() == 1 { " says" } else { " say" };
        let one = |one: ::api::console::SourceValue| {
            let (text, tone) = source_words(one.source);
            view! {
                <li class="row wrap">
                    <Pill text tone />
                    <span class="said">{one.value}</span>
                </li>
            }
        };
        view! {
            <details>
                <summary>{number} {icon(Icon::CHEVRON)}</summary>
                <ul class="plain-list">{others.into_iter().map(one).collect_view()}</ul>
            </details>
        }
    });
    view! {
        <div class="row wrap">
            {value} {source} {field.locked.then(|| view! { <Pill text="Locked" tone=Tone::Warning /> })}
        </div>
        {more}
    }
    .into_any()
}

fn editor(one: Edit, label: String) -> AnyView {
    let cancel = move |()| one.editing.set(false);
    if one.restore.get_untracked() {
        return view! {
            <div class="row wrap">
                <span class="grow">"The admin’s value will be removed, and the other sources apply again."</span>
                <Button on_press=cancel>"Keep it"</Button>
            </div>
        }
        .into_any();
    }
    view! {
        <TextField
            label
            value=one.value
            longest=MAX_FIELD
            focus=true
            optional=true
            hint="Overrides every source except the person’s own value. If empty, nothing is shown."
        />
        <Check label="Lock it" checked=one.locked hint="A locked value also overrides the person’s own value." />
        <div class="row">
            <Button on_press=cancel>"Cancel"</Button>
        </div>
    }
    .into_any()
}

fn bottom(editing: Editing, changed: Memo<usize>) -> AnyView {
    let words = move || count(changed.get() as u64, "change") + " not saved yet";
    let discard = move |()| editing.edits.with_value(|all| all.iter().for_each(|one| one.editing.set(false)));
    view! {
        <div class="bottom" hidden=when(move || changed.get() == 0)>
            <p class="grow" role="status">
                {text(words)}
            </p>
            {form_error(editing.error.into())}
            <Button on_press=discard>"Discard"</Button>
            <Button look=Look::Primary busy=editing.busy on_press=move |()| save(editing)>
                "Save"
            </Button>
        </div>
    }
    .into_any()
}

fn save(editing: Editing) {
    let changes = PersonChanges { fields: overrides(editing), ..PersonChanges::default() };
    if changes.fields.is_empty() {
        return;
    }
    let etag = editing.person.peek(|found| found.etag.clone());
    editing.busy.set(true);
    editing.error.set(String::new());
    spawn_local(async move {
        let path = editing.path.try_get_value().unwrap_or_default();
        match send_tagged::<PersonDetail>("PATCH", &path, &changes, &etag).await {
            Ok(now) => {
                took(editing, now);
                tell("Saved.");
            }
            Err(Failure::Changed) => compare(editing, &path, &changes).await,
            Err(failure) => {
                let of_edit = |one: &Edit| ("fields.".to_owned() + &one.token.get_value(), one.value);
                let named: Vec<(String, Value)> =
                    editing.edits.try_with_value(|all| all.iter().map(of_edit).collect()).unwrap_or_default();
                let named: Vec<(&str, Value)> = named.iter().map(|(name, value)| (name.as_str(), *value)).collect();
                editing.error.set(place_errors(failure.errors(), &named));
            }
        }
        editing.busy.set(false);
    });
}

fn overrides(editing: Editing) -> BTreeMap<String, Option<Override>> {
    let of_edit = |one: &Edit| {
        let value = Override { value: one.value.text.get_untracked(), locked: one.locked.get_untracked() };
        (one.token.get_value(), (!one.restore.get_untracked()).then_some(value))
    };
    editing
        .edits
        .try_with_value(|all| all.iter().filter(|one| one.editing.get_untracked()).map(of_edit).collect())
        .unwrap_or_default()
}

/// Somebody else was faster: shows both versions where they changed the same, and saves at once where they did not.
async fn compare(editing: Editing, path: &str, changes: &PersonChanges) {
    let Ok(now) = get_tagged::<PersonDetail>(path).await else {
        editing.error.set(Failure::Changed.text());
        return;
    };
    let before = editing.person.peek(|found| found.value.fields.clone());
    let differs = |field: &&FieldDetail| {
        let was = before.iter().find(|old| old.token == field.token);
        changes.fields.contains_key(&field.token)
            && was.is_none_or(|old| old.value != field.value || old.locked != field.locked)
    };
    let difference = |field: &FieldDetail| {
        let mine = match changes.fields.get(&field.token) {
            Some(Some(mine)) => mine.value.clone() + if mine.locked { " (locked)" } else { "" },
            _ => "Values from the other sources".to_owned(),
        };
        let theirs = field.value.clone() + if field.locked { " (locked)" } else { "" };
        Difference { key: field.token.clone(), label: field.label.clone(), theirs, mine }
    };
    let differences: Vec<Difference> = now.value.fields.iter().filter(differs).map(difference).collect();
    if let Some(same) = editing.conflict.meet(now, differences) {
        // Something else of the person was changed: what was edited here is saved with the new tag.
        editing.person.value.set(Some(same));
        save(editing);
    }
}

/// Takes what the server has in the place of everything that was edited.
fn took(editing: Editing, now: Tagged<PersonDetail>) {
    editing.person.value.set(Some(now));
    let _ = editing.edits.try_with_value(|all| all.iter().for_each(|one| one.editing.set(false)));
}

fn remove(person: Person, tenant: String) -> AnyView {
    if !session::may(&tenant, Role::Admin) {
        return ().into_any();
    }
    let (open, busy, error) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(String::new()));
    let name = text(move || person.read(|found| found.value.name.clone()));
    let confirmed = move |()| {
        let tenant = tenant.clone();
        let id = person.peek(|found| found.value.id.clone());
        busy.set(true);
        spawn_local(async move {
            match delete(&path(paths::PERSON, &[&tenant, &id])).await {
                Ok(()) => {
                    tell("Removed from the directory.");
                    open.set(false);
                    router::go(&at(&tenant, Directory::People));
                }
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    view! {
        <Button icon=Icon::DELETE on_press=move |()| open.set(true)>
            "Remove"
        </Button>
        <Confirm
            open
            title=text(move || "Remove ".to_owned() + &name.get() + "?")
            action="Remove"
            busy
            error
            on_confirm=confirmed
        >
            <p>
                "They no longer get a signature, and every value that an admin or they themselves entered is deleted. \
                 If a directory still contains them, its next run adds them again."
            </p>
        </Confirm>
    }
    .into_any()
}
