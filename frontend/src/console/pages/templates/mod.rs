//! Templates: the list, the gallery, and the editor.

use super::{page, tenant_crumb};
use crate::ui::{Empty, Icon};
use leptos::prelude::*;

/// `/console/tenants/TENANT/templates`.
pub fn templates(tenant: &str) -> AnyView {
    let content = view! {
        <Empty title="Not yet here" icon=Icon::INSERT>
            <p>"This page is being built."</p>
        </Empty>
    };
    page(&tenant_crumb(tenant), "Templates", ().into_any(), content.into_any())
}

/// `/console/tenants/TENANT/templates/TEMPLATE`.
pub fn template(tenant: &str, _id: &str) -> AnyView {
    templates(tenant)
}

/// `/console/tenants/TENANT/gallery`.
pub fn gallery(tenant: &str) -> AnyView {
    templates(tenant)
}
