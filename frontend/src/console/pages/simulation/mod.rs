//! Who gets what.

use super::{page, tenant_crumb};
use crate::ui::{Empty, Icon};
use leptos::prelude::*;

/// `/console/tenants/TENANT/simulation`.
pub fn simulation(tenant: &str) -> AnyView {
    let content = view! {
        <Empty title="Not yet here" icon=Icon::SEARCH>
            <p>"This page is being built."</p>
        </Empty>
    };
    page(&tenant_crumb(tenant), "Who gets what", ().into_any(), content.into_any())
}
