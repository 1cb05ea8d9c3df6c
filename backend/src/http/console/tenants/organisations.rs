//! Tenants: which one may see, making, renaming and deleting them.

use crate::clock::DAY_MS;
use crate::config::is_guid;
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::console::account::session::checked_name;
use crate::http::request::access::{Access, ManageTenant, OwnTenant, ReadTenant, SignedIn};
use crate::http::request::io::{Created, IfMatch, Tagged, etag_of};
use crate::http::{Body, Error};
use crate::store::{self, By, Role, TenantChange, TenantOverview, TenantSummary};
use ::api::console::{
    DELETE_AFTER_DAYS, DeleteTenant, NewTenant, Side, Tenant, TenantChanges, TenantState, Tenants, paths,
};
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::Json;
use axum::extract::State;
use email_signature::DomainPattern;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most mail domains of one tenant.
const MAX_DOMAINS: usize = 200;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Tenants";
    ApiRouter::new()
        .api_route(
            paths::TENANTS,
            get_with(list, doc(tag, "The tenants that the account may see"))
                .post_with(create, doc(tag, "Creates a tenant; the account becomes its owner")),
        )
        .api_route(
            paths::TENANT,
            get_with(show, doc(tag, "A tenant"))
                .patch_with(change, doc(tag, "Changes name or domains, or adds the Entra tenant id"))
                .delete_with(delete, doc(tag, "Schedules the tenant's deletion in two weeks")),
        )
        .api_route(paths::RESTORE_TENANT, post_with(restore, doc(tag, "Cancels the deletion")))
}

async fn describe(app: &AppState, id: &str, role: Role) -> Result<Tenant, Error> {
    let found = app.store.tenant_overview(id).await?.ok_or(Error::NotFound)?;
    let state = state(app, &found).await?;
    let TenantOverview { tenant, created_ms, delete_ms, people, .. } = found;
    Ok(Tenant {
        id: tenant.id,
        name: tenant.name,
        entra_id: tenant.entra_id,
        domains: tenant.domains,
        unread_recipients: Side::of(tenant.unread_external),
        role: role.into(),
        people: u64::try_from(people).unwrap_or_default(),
        state,
        delete_ms,
        created_ms,
    })
}

async fn state(app: &AppState, found: &TenantOverview) -> Result<Vec<TenantState>, Error> {
    let has_clients = app.store.has_clients(&found.tenant.id).await?;
    let has_problems = app.tenants.at_hand(&found.tenant.id).is_some_and(|tenant| !tenant.problems().is_empty());
    let all = [
        (found.delete_ms.is_some(), TenantState::Deleting),
        (app.config.identity.client_id.is_empty(), TenantState::NoClientId),
        (found.people == 0, TenantState::NoPeople),
        (found.rules == 0, TenantState::NoRules),
        (has_problems, TenantState::Problems),
        (!has_clients, TenantState::NoClients),
        // Server-side mode is not built yet, so it is set up nowhere.
        (true, TenantState::ConnectorsPending),
    ];
    Ok(all.into_iter().filter(|(holds, _)| *holds).map(|(_, state)| state).collect())
}

/// With the `ETag` of what can be changed.
fn tagged(tenant: Tenant) -> Tagged<Tenant> {
    let external = tenant.unread_recipients == Side::External;
    let part = (tenant.name.clone(), tenant.domains.clone(), tenant.entra_id.clone(), external);
    Tagged::by(tenant, &part)
}

async fn list(State(app): State<Arc<AppState>>, who: SignedIn) -> Result<Json<Tenants>, Error> {
    let places = app.store.memberships(&who.session.account).await?;
    let may_create = places.iter().any(|place| place.standing.role == Role::Owner);
    let mut tenants = Vec::with_capacity(places.len());
    for place in places {
        match describe(&app, &place.tenant, place.standing.role).await {
            // Deleted since the list was read.
            Err(Error::NotFound) => {}
            described => tenants.push(described?),
        }
    }
    // The very first owner of a server without any tenant must be able to begin.
    let may_create = may_create || app.store.list_tenants().await?.is_empty();
    Ok(Json(Tenants { tenants, may_create }))
}

async fn create(
    State(app): State<Arc<AppState>>,
    who: SignedIn,
    Body(new): Body<NewTenant>,
) -> Result<Created<Tenant>, Error> {
    let account = &who.session.account;
    let owns = app.store.memberships(account).await?.iter().any(|place| place.standing.role == Role::Owner);
    if !owns && !app.store.list_tenants().await?.is_empty() {
        let detail = "only owners of a tenant may create another one: ask an owner".into();
        return Err(Error::Forbidden { detail, field: None });
    }
    let name = checked_name(&new.name)?;
    let entra_id = new.entra_id.as_deref().map(checked_entra_id).transpose()?;
    let domains = checked_domains(&new.domains)?;
    let new = store::NewTenant { entra_id: entra_id.as_deref(), name: &name, domains: &domains, owner: account };
    let made = app.store.create_tenant(new, By::new(who.actor, app.clock.now_ms()));
    Ok(Created(describe(&app, &made.await?, Role::Owner).await?))
}

fn checked_entra_id(id: &str) -> Result<String, Error> {
    if !is_guid(id) {
        let detail = "write the Entra tenant id, a GUID such as 11111111-2222-4333-8444-555555555555";
        return Err(Error::invalid("entra_id", detail));
    }
    Ok(id.to_lowercase())
}

fn checked_domains(domains: &[String]) -> Result<Vec<String>, Error> {
    if domains.is_empty() || domains.len() > MAX_DOMAINS {
        return Err(Error::invalid("domains", format!("write 1 to {MAX_DOMAINS} mail domains")));
    }
    let mut checked = Vec::with_capacity(domains.len());
    for (at, domain) in domains.iter().enumerate() {
        let domain = DomainPattern::read(domain);
        if !domain.is_valid() {
            let detail = "write a mail domain such as example.com, or *.example.com for its subdomains as well";
            return Err(Error::invalid(format!("domains[{at}]"), detail));
        }
        checked.push(domain.to_string());
    }
    let once: BTreeSet<_> = checked.iter().collect();
    if once.len() < checked.len() {
        return Err(Error::invalid("domains", "a domain occurs twice: remove one"));
    }
    Ok(checked)
}

async fn show(State(app): State<Arc<AppState>>, access: Access<ReadTenant>) -> Result<Tagged<Tenant>, Error> {
    Ok(tagged(describe(&app, &access.tenant.id, access.role).await?))
}

async fn change(
    State(app): State<Arc<AppState>>,
    access: Access<ManageTenant>,
    version: IfMatch,
    Body(changes): Body<TenantChanges>,
) -> Result<Tagged<Tenant>, Error> {
    let name = changes.name.as_deref().map(checked_name).transpose()?;
    let domains = changes.domains.as_deref().map(checked_domains).transpose()?;
    let entra_id = changes.entra_id.as_deref().map(checked_entra_id).transpose()?;
    let (id, role) = (access.tenant.id.clone(), access.role);
    let is_current =
        |of: &TenantSummary| version.names(&etag_of(&(&of.name, &of.domains, &of.entra_id, of.unread_external)));
    let change = TenantChange {
        name: name.as_deref(),
        domains: domains.as_deref(),
        entra_id: entra_id.as_deref(),
        unread_external: changes.unread_recipients.map(|side| side == Side::External),
    };
    if !app.store.change_tenant(&id, change, is_current, access.by(&app)).await? {
        return Err(Error::Changed);
    }
    app.tenants.forget(&access.tenant);
    Ok(tagged(describe(&app, &id, role).await?))
}

async fn delete(
    State(app): State<Arc<AppState>>,
    access: Access<OwnTenant>,
    Body(wish): Body<DeleteTenant>,
) -> Result<Tagged<Tenant>, Error> {
    let (id, now_ms) = (&access.tenant.id, app.clock.now_ms());
    let current = describe(&app, id, access.role).await?;
    if wish.name.trim() != current.name {
        return Err(Error::invalid("name", "enter the tenant's name exactly"));
    }
    app.store.set_deletion(id, Some(now_ms + DELETE_AFTER_DAYS * DAY_MS), access.by(&app)).await?;
    Ok(tagged(describe(&app, id, access.role).await?))
}

async fn restore(State(app): State<Arc<AppState>>, access: Access<OwnTenant>) -> Result<Tagged<Tenant>, Error> {
    app.store.set_deletion(&access.tenant.id, None, access.by(&app)).await?;
    Ok(tagged(describe(&app, &access.tenant.id, access.role).await?))
}
