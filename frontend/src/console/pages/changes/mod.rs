//! Unpublished changes.

use super::{page, tenant_crumb};
use crate::ui::{Empty, Icon};
use leptos::prelude::*;

/// `/console/tenants/TENANT/changes`.
pub fn changes(tenant: &str) -> AnyView {
    let content = view! {
        <Empty title="Not yet here" icon=Icon::PUBLISH>
            <p>"This page is being built."</p>
        </Empty>
    };
    page(&tenant_crumb(tenant), "Unpublished changes", ().into_any(), content.into_any())
}
