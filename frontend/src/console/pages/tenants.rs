//! Every tenant that one may see.

use super::{at, page};
use crate::api::console::{act, get, path, send};
use crate::console::session;
use crate::ui::{
    Button, Cell, Column, Dialog, Hint, Icon, Listing, Loaded, Look, Notice, Row, Table, TextField, Tone, Value, date,
    form_error, place_errors, tell, tell_error,
};
use ::api::console::pages::Page;
use ::api::console::{MAX_NAME, NewTenant, Role, Tenant, TenantState, Tenants, paths};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// `/console/tenants`.
pub fn tenants() -> AnyView {
    let may_create = RwSignal::new(false);
    let creating = RwSignal::new(false);
    let rows = Loaded::new(move || async move {
        let answer = get::<Tenants>(paths::TENANTS).await?;
        may_create.set(answer.may_create);
        Ok(Listing { total: answer.tenants.len() as u64, rows: answer.tenants.iter().map(row).collect() })
    });
    let columns = vec![
        Column::new("name", "Name"),
        Column::new("state", "State"),
        Column::new("domains", "Mail domains"),
        Column::new("people", "People"),
        Column::new("role", "Your role"),
    ];
    // The empty table has its own.
    let new = move || {
        let any = rows.read(|listing| listing.total > 0);
        (may_create.get() && any).then(|| {
            view! {
                <Button look=Look::Primary icon=Icon::ADD on_press=move |()| creating.set(true)>
                    "New tenant"
                </Button>
            }
        })
    };
    let content = view! {
        <Table
            id="tenants"
            what="tenants"
            columns=Signal::stored(columns)
            rows
            icon=Icon::BUILDING
            empty=empty(may_create, creating)
        />
        {create(creating)}
    };
    page(&[], "Tenants", new.into_any(), content.into_any())
}

/// What somebody without a tenant can do.
fn empty(may_create: RwSignal<bool>, creating: RwSignal<bool>) -> Hint {
    Hint::new(move || {
        if may_create.get() {
            view! {
                <p>"A tenant is one organisation: its people, templates and rules. Create yours to get started."</p>
                <Button look=Look::Primary icon=Icon::ADD on_press=move |()| creating.set(true)>
                    "New tenant"
                </Button>
            }
            .into_any()
        } else {
            view! { <p>"Ask an admin of your organisation’s tenant to invite you."</p> }.into_any()
        }
    })
}

/// What is still to be done in a tenant, or wrong, in words.
pub(super) fn states(tenant: &Tenant) -> Vec<(String, Tone)> {
    if tenant.state.is_empty() {
        return vec![("Everything is set up".into(), Tone::Success)];
    }
    tenant.state.iter().map(|state| state_words(*state, tenant)).collect()
}

/// What lets an owner keep a tenant that will be deleted.
pub(super) fn may_restore(tenant: &Tenant) -> AnyView {
    let Some(day) = tenant.delete_ms.map(date) else { return ().into_any() };
    let path = path(paths::RESTORE_TENANT, &[&tenant.id]);
    let is_owner = tenant.role == Role::Owner;
    let busy = RwSignal::new(false);
    let restore = move |()| {
        let path = path.clone();
        busy.set(true);
        spawn_local(async move {
            match act("POST", &path, None::<&()>, "").await {
                Ok(()) => drop(window().location().reload()),
                Err(failure) => tell_error(failure.text()),
            }
            busy.set(false);
        });
    };
    view! {
        <Notice tone=Tone::Warning>
            <p>{"This tenant will be deleted on ".to_owned() + &day + "."}</p>
            {is_owner
                .then(|| {
                    view! {
                        <div class="row">
                            <Button busy icon=Icon::UNDO on_press=restore>
                                "Restore"
                            </Button>
                        </div>
                    }
                })}
        </Notice>
    }
    .into_any()
}

/// One thing that is to be done, or wrong, in words.
pub(super) fn state_words(state: TenantState, tenant: &Tenant) -> (String, Tone) {
    let (words, tone) = match state {
        TenantState::Deleting => {
            let day = tenant.delete_ms.map(date).unwrap_or_default();
            return ("Will be deleted on ".to_owned() + &day, Tone::Error);
        }
        TenantState::NoPeople => ("Nobody is in the directory", Tone::Warning),
        TenantState::NoRules => ("No rule gives a signature", Tone::Warning),
        TenantState::NoClientId => ("App registration is missing", Tone::Warning),
        TenantState::NoClients => ("No Outlook has called in yet", Tone::Info),
        TenantState::ConnectorsPending => ("Connectors configuration is pending", Tone::Info),
        TenantState::Problems => ("Templates or rules have problems", Tone::Warning),
    };
    (words.to_owned(), tone)
}

/// What people read of a role.
pub(super) fn role_words(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Editor => "Editor",
        Role::Admin => "Admin",
        Role::Owner => "Owner",
    }
}

fn row(tenant: &Tenant) -> Row {
    let cells = [
        ("name", Cell::Text(tenant.name.clone())),
        ("state", Cell::Pills(states(tenant))),
        ("domains", Cell::Text(tenant.domains.join(", "))),
        ("people", Cell::Text(crate::ui::time::grouped(tenant.people))),
        ("role", Cell::Text(role_words(tenant.role).to_owned())),
    ];
    Row {
        key: tenant.id.clone(),
        href: at(&tenant.id, Page::Overview),
        cells: cells.into_iter().map(|(key, cell)| (key.to_owned(), cell)).collect(),
    }
}

/// Mail domains as somebody typed them: one a line, or with commas or spaces between.
pub(super) fn domains(typed: &str) -> Vec<String> {
    let parts = typed.split([',', ';', ' ', '\n', '\t']).map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect()
}

/// Where the Entra tenant id is found, and who has none.
pub(super) const ENTRA_HINT: &str = "Microsoft Entra admin center › Overview › Tenant ID: 36 characters with hyphens. Leave it \
    empty if the organisation does not use Microsoft 365.";

fn create(open: RwSignal<bool>) -> AnyView {
    let (name, entra, typed) = (Value::new(""), Value::new(""), Value::new(""));
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let complete = [name.required("Enter the organisation’s name."), typed.required("Enter at least one domain.")];
        if complete.contains(&false) || busy.get_untracked() {
            return;
        }
        let entra_id = Some(entra.trimmed()).filter(|id| !id.is_empty());
        let body = NewTenant { name: name.trimmed(), entra_id, domains: domains(&typed.trimmed()) };
        busy.set(true);
        spawn_local(async move {
            match send::<Tenant>("POST", paths::TENANTS, &body).await {
                Ok(tenant) => {
                    session::refresh().await;
                    tell(tenant.name + " is created.");
                    open.set(false);
                    crate::console::router::go(&at(&tenant.id, Page::Overview));
                }
                Err(failure) => {
                    let fields = [("name", name), ("entra_id", entra), ("domains", typed)];
                    error.set(place_errors(failure.errors(), &fields));
                }
            }
            busy.set(false);
        });
    };
    view! {
        <Dialog open title="New tenant">
            <form novalidate on:submit=submit>
                <TextField label="Organisation" value=name longest=MAX_NAME />
                <TextField
                    label="Entra tenant id"
                    value=entra
                    hint=ENTRA_HINT
                />
                <TextField
                    label="Mail domains"
                    value=typed
                    rows=3
                    hint="One per line, such as example.com. Mail between them counts as internal."
                />
                {form_error(error.into())}
                <div class="row end">
                    <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                    <Button look=Look::Primary busy>
                        "Create the tenant"
                    </Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
