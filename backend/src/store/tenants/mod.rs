//! Tenants: their records, loading and changes.

pub(in crate::store) mod changes;
pub(in crate::store) mod load;
pub(in crate::store) mod record;
pub(in crate::store) mod tenant_changes;
