//! Rules.

use super::{page, tenant_crumb};
use crate::ui::{Empty, Icon};
use leptos::prelude::*;

/// `/console/tenants/TENANT/rules`.
pub fn rules(tenant: &str) -> AnyView {
    let content = view! {
        <Empty title="Not yet here" icon=Icon::RULES>
            <p>"This page is being built."</p>
        </Empty>
    };
    page(&tenant_crumb(tenant), "Rules", ().into_any(), content.into_any())
}
