//! A tenant in memory: its people, rules, compiled templates and images, kept up to date with the database.

mod blocks;
mod cache;
mod design;
mod images;
mod index;
mod lists;
mod made;
mod order;
mod snapshot;
mod stale;
mod trial;

pub use cache::Tenants;
pub use index::{Page, PeopleIndex, Search};
pub use order::fold;
pub use snapshot::Tenant;
pub use stale::Staleness;
pub use trial::Changes;

pub(crate) use design::Prepared;
pub(crate) use made::VCARD_QR;
pub(crate) use trial::BRAND;
