//! Addresses of the console's pages in the browser's own encoding.

use crate::api::console::encode;
use crate::ui::address::Arrival;
use ::api::console::pages::{Page, Place};

/// The place at that address, with its code; [`Place::Missing`] where there is none.
pub fn of(address: &Arrival) -> Place {
    match read(&address.path) {
        Place::Setup(_) => Place::Setup(address.code.clone()),
        Place::Invitation(_) => Place::Invitation(address.code.clone()),
        other => other,
    }
}

/// The place at that path; [`Place::Missing`] where there is none.
pub fn read(path: &str) -> Place {
    Place::read(path, |segment| js_sys::decode_uri_component(segment).map(String::from).unwrap_or_default())
}

/// The path of a place.
pub fn path(place: &Place) -> String {
    place.path(encode)
}

/// The path of a tenant's page.
pub fn at(tenant: &str, page: impl Into<Page>) -> String {
    path(&Place::In(tenant.to_owned(), page.into()))
}
