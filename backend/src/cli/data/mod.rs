//! What changes the database: backups, imports, keys, accounts.

/// `paraph backup`, `paraph restore` and `paraph copy`: the whole database.
pub mod backup;
/// `paraph grant`: makes an account an owner.
pub mod grant;
/// `paraph import`: a company document into the database.
pub mod import;
/// `paraph key`: the key that seals secrets.
pub mod key;
/// `paraph migrate`: the schema.
pub mod migrate;
/// `paraph recover`: lets an admin in again.
pub mod recover;
/// `paraph run`: a source, now.
pub mod run;
