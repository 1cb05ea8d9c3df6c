//! Rules: the list, one of them being written, their versions, the report.

mod acts;
mod concerns;
mod condition_list;
pub(super) mod conditions;
mod draft;
mod editor;
pub(super) mod gives;
pub(super) mod list;
mod menu;
mod merge;
mod narrowing;
mod recipients;
mod report;
mod row;
pub(super) mod schedule;
mod senders;
mod standing;
mod versions;
pub(super) mod words;

use super::{at, page, tenant_crumb};
use crate::console::place::Page;
use leptos::prelude::*;

pub use list::rules;

/// Stands for the report in the address.
const REPORT: &str = "report";

/// `/console/tenants/TENANT/rules/RULE`.
pub fn rule(tenant: &str, id: &str) -> AnyView {
    if id == REPORT { report::report(tenant) } else { editor::editor(tenant, id) }
}

/// Sets what is something else by now: two signals that follow each other come to rest.
pub(super) fn put<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|now| *now != value) {
        signal.set(value);
    }
}

/// The way to a page below the list.
fn crumbs(tenant: &str) -> Vec<(String, &'static str)> {
    let mut crumbs = tenant_crumb(tenant);
    crumbs.push((at(tenant, Page::Rules), "Rules"));
    crumbs
}
