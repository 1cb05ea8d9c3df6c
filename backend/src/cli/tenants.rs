//! Which tenant `--tenant` names.

use crate::store::TenantSummary;

/// The tenant with this Entra tenant id, id, name or mail domain, in any case.
///
/// # Errors
/// When there is none, or several.
pub(in crate::cli) fn find<'a>(tenants: &'a [TenantSummary], wanted: &str) -> anyhow::Result<&'a TenantSummary> {
    let wanted = wanted.trim();
    let is_called = |tenant: &&TenantSummary| {
        let mut names = [&tenant.id, &tenant.name].into_iter().chain(&tenant.entra_id).chain(&tenant.domains);
        names.any(|name| name.eq_ignore_ascii_case(wanted))
    };
    let mut found = tenants.iter().filter(is_called);
    match (found.next(), found.next()) {
        (Some(tenant), None) => Ok(tenant),
        (None, _) => {
            anyhow::bail!("no tenant has the id, name or domain {wanted}: the tenants are {}", listed(tenants))
        }
        (Some(_), Some(_)) => {
            anyhow::bail!("several tenants have the name or domain {wanted}: use the id of one: {}", listed(tenants))
        }
    }
}

/// The tenants' names, each with what names it and no other.
pub(in crate::cli) fn listed(tenants: &[TenantSummary]) -> String {
    let words: Vec<_> = tenants.iter().map(|tenant| format!("{} ({})", tenant.name, tenant.handle())).collect();
    words.join(", ")
}
