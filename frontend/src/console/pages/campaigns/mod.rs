//! Campaigns.

use super::{page, tenant_crumb};
use crate::ui::{Empty, Icon};
use leptos::prelude::*;

/// `/console/tenants/TENANT/campaigns`.
pub fn campaigns(tenant: &str) -> AnyView {
    let content = view! {
        <Empty title="Not yet here" icon=Icon::MEGAPHONE>
            <p>"This page is being built."</p>
        </Empty>
    };
    page(&tenant_crumb(tenant), "Campaigns", ().into_any(), content.into_any())
}
