//! Console accounts, their credentials, roles and tokens.

pub(in crate::store) mod account;
pub(in crate::store) mod attempts;
pub(in crate::store) mod credentials;
pub(in crate::store) mod limits;
pub(in crate::store) mod makers;
pub(in crate::store) mod members;
pub(in crate::store) mod owners;
pub(in crate::store) mod role;
pub(in crate::store) mod scope;
pub(in crate::store) mod sessions;
pub(in crate::store) mod tokens;
