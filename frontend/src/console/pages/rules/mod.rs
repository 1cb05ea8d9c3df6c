//! The area of rules: the list, one of them being written, their versions, the report; and campaigns.

mod campaigns;
mod compare;
mod concerns;
mod editing;
pub(crate) mod editor;
pub(crate) mod list;
mod merge;
mod report;
mod versions;
pub(crate) mod words;

use crate::console::pages::{at, page, tenant_crumb};
use ::api::console::pages::Rules;
use leptos::prelude::*;

/// Stands for the report in the address.
const REPORT: &str = "report";

/// A page of this area.
pub fn draw(tenant: &str, page: &Rules) -> AnyView {
    match page {
        Rules::Rules => list::rules(tenant),
        Rules::Rule(id) => rule(tenant, id),
        Rules::Campaigns => campaigns::campaigns(tenant),
    }
}

/// One rule, or the report of all.
fn rule(tenant: &str, id: &str) -> AnyView {
    if id == REPORT { report::report(tenant) } else { editor::editor(tenant, id) }
}

/// Sets what is something else by now: two signals that follow each other come to rest.
pub(crate) fn put<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|now| *now != value) {
        signal.set(value);
    }
}

/// The way to a page below the list.
fn crumbs(tenant: &str) -> Vec<(String, &'static str)> {
    let mut crumbs = tenant_crumb(tenant);
    crumbs.push((at(tenant, Rules::Rules), "Rules"));
    crumbs
}
