//! Runs: what sources and files brought in the last days, one of them, and a new file.

mod changes;
mod columns;
mod decide;
mod list;
mod run;
mod upload;

pub(crate) use list::list;
pub(crate) use run::run;

use crate::console::pages::directory::sources::Desk;
use crate::console::pages::{page, tenant_crumb};
use crate::console::session;
use ::api::console::Role;
use leptos::prelude::*;

/// `/console/tenants/TENANT/runs`.
pub(crate) fn runs(tenant: &str) -> AnyView {
    let content = view! {
        {session::may(tenant, Role::Editor).then(|| upload::upload(tenant))}
        {list(tenant, Desk::new(tenant), None)}
    };
    page(&tenant_crumb(tenant), "Runs", ().into_any(), content.into_any())
}
