//! A tenant's own settings: its name and domains, and its end.

use super::tenants::{domains, may_restore};
use super::{page, tenant_crumb};
use crate::api::console::{Failure, Tagged, get_tagged, path, send, send_tagged};
use crate::console::{router, session};
use crate::ui::{
    Button, Compare, Confirm, Copy, Difference, Icon, Keep, Loaded, Look, TextField, Value, date, form_error,
    place_errors, tell, text,
};
use ::api::console::{DELETE_AFTER_DAYS, DeleteTenant, MAX_NAME, Role, Tenant, TenantChanges, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;

type Found = Loaded<Tagged<Tenant>>;

/// The form, and what became of it.
#[derive(Clone, Copy)]
struct Form {
    found: Found,
    path: StoredValue<String>,
    name: Value,
    domains: Value,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
    differences: RwSignal<Vec<Difference>>,
}

/// `/console/tenants/TENANT/settings`.
pub fn settings(tenant: &str) -> AnyView {
    let own = path(paths::TENANT, &[tenant]);
    let asked = own.clone();
    let found: Found = Loaded::new(move || {
        let path = asked.clone();
        async move { get_tagged(&path).await }
    });
    let crumbs = tenant_crumb(tenant);
    let tenant = tenant.to_owned();
    let content = found.view(move || {
        let may = session::may(&tenant, Role::Admin);
        let form = form(found, own.clone(), may);
        let end = session::may(&tenant, Role::Owner).then(|| end(found, own.clone()));
        view! { <div class="stack narrow-form">{form} {end}</div> }.into_any()
    });
    page(&crumbs, "Settings", ().into_any(), content)
}

fn form(found: Found, path: String, may: bool) -> AnyView {
    let tenant = found.value.get_untracked().map(|found| found.value);
    let Some(tenant) = tenant else { return ().into_any() };
    let form = Form {
        found,
        path: StoredValue::new(path),
        name: Value::new(&tenant.name),
        domains: Value::new(&tenant.domains.join("\n")),
        busy: RwSignal::new(false),
        error: RwSignal::new(String::new()),
        differences: RwSignal::new(Vec::new()),
    };
    let facts = view! {
        <dl class="facts-list">
            <dt>"Entra tenant id"</dt>
            <dd>
                <Copy value=tenant.entra_id what="the tenant id" />
            </dd>
            <dt>"Made on"</dt>
            <dd>{date(tenant.created_ms)}</dd>
        </dl>
    };
    if !may {
        return view! {
            <section class="card">
                <dl class="facts-list">
                    <dt>"Organisation"</dt>
                    <dd>{tenant.name}</dd>
                    <dt>"Mail domains"</dt>
                    <dd>{tenant.domains.join(", ")}</dd>
                </dl>
                {facts}
            </section>
        }
        .into_any();
    }
    let changed = Memo::new(move |_| {
        found.read(|found| {
            form.name.text.with(|name| *name != found.value.name)
                || form.domains.text.with(|typed| domains(typed) != found.value.domains)
        })
    });
    router::keep(changed.into());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let complete =
            [form.name.required("Type the organisation’s name."), form.domains.required("Type at least one domain.")];
        if !complete.contains(&false) && changed.get_untracked() && !form.busy.get_untracked() {
            save(form);
        }
    };
    view! {
        <section class="card">
            <form novalidate on:submit=submit>
                <TextField label="Organisation" value=form.name longest=MAX_NAME />
                <TextField
                    label="Mail domains"
                    value=form.domains
                    rows=4
                    hint="One a line. Mail between them counts as internal."
                />
                {form_error(form.error.into())}
                <Button look=Look::Primary busy=form.busy idle=Signal::derive(move || !changed.get())>
                    "Save"
                </Button>
            </form>
            {facts}
        </section>
        <Compare differences=form.differences on_choose=move |chosen| resolve(form, &chosen) />
    }
    .into_any()
}

fn save(form: Form) {
    let (etag, before) = form.found.peek(|found| (found.etag.clone(), Some(found.value.clone())));
    let name = form.name.trimmed();
    let typed = form.domains.text.with_untracked(|typed| domains(typed));
    let Some(before) = before else { return };
    let changes = TenantChanges {
        name: (name != before.name).then_some(name),
        domains: (typed != before.domains).then_some(typed),
    };
    form.busy.set(true);
    form.error.set(String::new());
    spawn_local(async move {
        let path = form.path.get_value();
        match send_tagged::<Tenant>("PATCH", &path, &changes, &etag).await {
            Ok(now) => {
                form.name.text.set(now.value.name.clone());
                form.domains.text.set(now.value.domains.join("\n"));
                form.found.value.set(Some(now));
                session::refresh().await;
                tell("Saved.");
            }
            Err(Failure::Changed) => compare(form, &path, &changes).await,
            Err(failure) => {
                form.error.set(place_errors(failure.errors(), &[("name", form.name), ("domains", form.domains)]));
            }
        }
        form.busy.set(false);
    });
}

async fn compare(form: Form, path: &str, changes: &TenantChanges) {
    let Ok(now) = get_tagged::<Tenant>(path).await else {
        form.error.set(Failure::Changed.text());
        return;
    };
    let mut differences = Vec::new();
    let mut differs = |key: &str, label: &str, theirs: String, mine: Option<String>| {
        if let Some(mine) = mine.filter(|mine| *mine != theirs) {
            differences.push(Difference { key: key.to_owned(), label: label.to_owned(), theirs, mine });
        }
    };
    differs("name", "Organisation", now.value.name.clone(), changes.name.clone());
    let mine = changes.domains.as_ref().map(|domains| domains.join("\n"));
    differs("domains", "Mail domains", now.value.domains.join("\n"), mine);
    // What was not touched here follows what is saved now.
    if changes.name.is_none() {
        form.name.text.set(now.value.name.clone());
    }
    if changes.domains.is_none() {
        form.domains.text.set(now.value.domains.join("\n"));
    }
    form.found.value.set(Some(now));
    form.differences.set(differences);
}

fn resolve(form: Form, chosen: &BTreeMap<String, Keep>) {
    let Some(now) = form.found.value.get_untracked() else { return };
    if chosen.get("name") == Some(&Keep::Theirs) {
        form.name.text.set(now.value.name);
    }
    if chosen.get("domains") == Some(&Keep::Theirs) {
        form.domains.text.set(now.value.domains.join("\n"));
    }
    form.differences.set(Vec::new());
    if chosen.values().any(|keep| *keep == Keep::Mine) {
        save(form);
    }
}

fn end(found: Found, path: String) -> AnyView {
    let (open, busy, error) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(String::new()));
    let name = text(move || found.read(|found| found.value.name.clone()));
    let path = StoredValue::new(path);
    let confirmed = move |()| {
        let body = DeleteTenant { name: name.get_untracked() };
        busy.set(true);
        spawn_local(async move {
            match send::<Tenant>("DELETE", &path.get_value(), &body).await {
                Ok(_) => {
                    found.retry();
                    open.set(false);
                    tell("The tenant will be deleted. Until then it can be restored.");
                }
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    let words = "Its people, fields, templates, rules and tokens go for good ".to_owned()
        + &DELETE_AFTER_DAYS.to_string()
        + " days later. Until then signatures go on, and an owner can restore it.";
    let explained = words.clone();
    let choice = move || {
        let tenant = found.value.get().map(|found| found.value)?;
        if tenant.delete_ms.is_some() {
            return Some(may_restore(&tenant));
        }
        Some(
            view! {
                <p>{explained.clone()}</p>
                <div class="row">
                    <Button icon=Icon::DELETE on_press=move |()| open.set(true)>
                        "Delete this tenant"
                    </Button>
                </div>
            }
            .into_any(),
        )
    };
    view! {
        <section class="card">
            <h2>"Delete"</h2>
            {choice}
        </section>
        <Confirm
            open
            title=text(move || "Delete ".to_owned() + &name.get() + "?")
            action="Delete"
            typed=name
            busy
            error
            on_confirm=confirmed
        >
            <p>{words.clone()}</p>
        </Confirm>
    }
    .into_any()
}
