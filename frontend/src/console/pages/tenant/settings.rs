//! A tenant's own settings: its name and domains, and its end.

use crate::api::console::{Failure, Tagged, get_tagged, path, send, send_tagged};
use crate::console::pages::tenants::{ENTRA_HINT, domains, may_restore};
use crate::console::pages::{page, tenant_crumb};
use crate::console::{router, session};
use crate::ui::{
    Button, Confirm, Conflict, Copy, Icon, Loaded, Look, Radios, TextField, Value, date, differences, form_error,
    place_errors, tell, text,
};
use ::api::console::{DELETE_AFTER_DAYS, DeleteTenant, MAX_NAME, Role, Side, Tenant, TenantChanges, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

type Found = Loaded<Tagged<Tenant>>;

/// The form, and what became of it.
#[derive(Clone, Copy)]
struct Form {
    found: Found,
    path: StoredValue<String>,
    name: Value,
    domains: Value,
    /// Of a tenant that has none.
    entra_id: Value,
    /// `external` or `internal`.
    unread: RwSignal<String>,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
    conflict: Conflict<Tenant>,
}

/// `/console/tenants/TENANT/settings`.
pub(crate) fn settings(tenant: &str) -> AnyView {
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
        entra_id: Value::new(""),
        unread: RwSignal::new(side(tenant.unread_recipients).to_owned()),
        busy: RwSignal::new(false),
        error: RwSignal::new(String::new()),
        conflict: Conflict::default(),
    };
    let has_entra = tenant.entra_id.is_some();
    let entra = tenant.entra_id.map(|id| {
        view! {
            <dt>"Entra tenant id"</dt>
            <dd>
                <Copy value=id what="the tenant id" />
            </dd>
        }
    });
    let facts = view! {
        <dl class="facts-list">
            {entra}
            <dt>"Created on"</dt>
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
                || form.entra_id.text.with(|typed| !typed.trim().is_empty())
                || form.unread.with(|unread| *unread != side(found.value.unread_recipients))
        })
    });
    router::keep(changed.into());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let complete =
            [form.name.required("Enter the organisation’s name."), form.domains.required("Enter at least one domain.")];
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
                    hint="One per line. Mail between them counts as internal. *.example.com is example.com with its subdomains."
                />
                <Radios
                    label="Recipients that Outlook does not report in time"
                    value=form.unread
                    options=vec![
                        ("external", "Count as external", "A disclaimer for outsiders is added, at times to internal mail as well."),
                        ("internal", "Count as internal", "Mail to outsiders can leave without a disclaimer."),
                    ]
                />
                {(!has_entra).then(|| view! { <TextField label="Entra tenant id" value=form.entra_id hint=ENTRA_HINT /> })}
                {form_error(form.error.into())}
                <Button look=Look::Primary busy=form.busy idle=Signal::derive(move || !changed.get())>
                    "Save"
                </Button>
            </form>
            {facts}
        </section>
        {form
            .conflict
            .view(
                move |theirs| take(form, theirs),
                move |theirs| {
                    form.found.value.set(Some(theirs));
                    save(form);
                },
            )}
    }
    .into_any()
}

fn save(form: Form) {
    let (etag, before) = form.found.peek(|found| (found.etag.clone(), Some(found.value.clone())));
    let name = form.name.trimmed();
    let typed = form.domains.text.with_untracked(|typed| domains(typed));
    let Some(before) = before else { return };
    let unread = Side::of(form.unread.with_untracked(|unread| unread != "internal"));
    let changes = TenantChanges {
        name: (name != before.name).then(|| name.clone()),
        domains: (typed != before.domains).then(|| typed.clone()),
        entra_id: Some(form.entra_id.trimmed()).filter(|id| !id.is_empty()),
        unread_recipients: (unread != before.unread_recipients).then_some(unread),
    };
    form.busy.set(true);
    form.error.set(String::new());
    spawn_local(async move {
        let path = form.path.get_value();
        match send_tagged::<Tenant>("PATCH", &path, &changes, &etag).await {
            Ok(now) => {
                take(form, now);
                session::refresh().await;
                tell("Saved.");
            }
            Err(Failure::Changed) => match get_tagged::<Tenant>(&path).await {
                Ok(now) => {
                    let mine = said(&name, &typed, unread);
                    let found =
                        differences(&said(&now.value.name, &now.value.domains, now.value.unread_recipients), &mine);
                    if let Some(same) = form.conflict.meet(now, found) {
                        take(form, same);
                    }
                }
                Err(failure) => form.error.set(failure.text()),
            },
            Err(failure) => {
                form.error.set(place_errors(
                    failure.errors(),
                    &[("name", form.name), ("domains", form.domains), ("entra_id", form.entra_id)],
                ));
            }
        }
        form.busy.set(false);
    });
}

/// Takes what the server has in the place of what was typed.
fn take(form: Form, now: Tagged<Tenant>) {
    form.name.text.set(now.value.name.clone());
    form.domains.text.set(now.value.domains.join("\n"));
    form.entra_id.text.set(String::new());
    form.unread.set(side(now.value.unread_recipients).to_owned());
    form.found.value.set(Some(now));
}

/// What the dialog of two versions says.
fn said(name: &str, domains: &[String], unread: Side) -> Vec<(String, String)> {
    vec![
        ("Organisation".to_owned(), name.to_owned()),
        ("Mail domains".to_owned(), domains.join("\n")),
        ("Recipients that Outlook does not report in time".to_owned(), "Count as ".to_owned() + side(unread)),
    ]
}

fn side(side: Side) -> &'static str {
    match side {
        Side::External => "external",
        Side::Internal => "internal",
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
    let words = "Its people, fields, templates, rules and tokens are deleted permanently ".to_owned()
        + &DELETE_AFTER_DAYS.to_string()
        + " days later. Until then signatures keep working, and an owner can restore the tenant.";
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
