//! The database: its connector and how to install it, secrets, and where its columns go.

mod columns;
mod install;
mod secrets;

use super::runs;
use super::sources::{Desk, card, dialogs};
use crate::console::pages::{page, tenant_crumb};
use ::api::console::{Source, SourceState};
use leptos::prelude::*;

/// `/console/tenants/TENANT/database`.
pub(crate) fn database(tenant: &str) -> AnyView {
    let desk = Desk::new(tenant);
    let id = tenant.to_owned();
    let standing = desk.found.view(move || card(desk, Source::Database));
    // Who has no connector yet begins with its installation; everybody else seldom looks at it again.
    let is_new = Memo::new(move |_| desk.read(Source::Database, |one| Some(one.state == SourceState::Off)));
    let content = view! {
        <p class="lead">
            "The connector, a small program near your database, runs a query there and sends the rows here. Their \
             values take precedence over Entra ID and Google, unless you change the order in Fields."
        </p>
        {standing}
        {crate::ui::changing(move || match is_new.get() {
            None => ().into_any(),
            Some(true) => install::install(true),
            Some(false) => columns::columns(&id, desk),
        })}
        {secrets::secrets(tenant, desk)}
        {crate::ui::changing(move || (is_new.get() == Some(false)).then(|| install::install(false)))}
        {dialogs(desk)}
        {runs::list(tenant, desk, Some(Source::Database))}
    };
    page(&tenant_crumb(tenant), "Database", ().into_any(), content.into_any())
}
