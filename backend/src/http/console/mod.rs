//! What the console asks, and programs with an API token.

mod account;
mod attempts;
mod audit;
mod campaigns;
mod changes;
mod clean;
mod comparisons;
pub(super) mod connections;
mod deployment;
mod device;
mod fields;
mod gallery;
mod groups;
mod images;
mod imports;
mod members;
pub(super) mod oidc;
mod overview;
mod people;
mod person;
mod proof;
mod provider;
mod rules;
mod report;
mod runs;
mod session;
mod sign_in;
mod sources;
mod template_files;
mod templates;
mod tenants;
mod tokens;

use crate::http::AppState;
use aide::axum::ApiRouter;
use std::sync::Arc;

pub(super) fn routes() -> ApiRouter<Arc<AppState>> {
    ApiRouter::new()
        .merge(sign_in::routes())
        .merge(session::routes())
        .merge(account::routes())
        .merge(provider::routes())
        .merge(tenants::routes())
        .merge(overview::routes())
        .merge(members::routes())
        .merge(tokens::routes())
        .merge(people::routes())
        .merge(person::routes())
        .merge(groups::routes())
        .merge(fields::routes())
        .merge(imports::routes())
        .merge(runs::routes())
        .merge(sources::routes())
        .merge(connections::routes())
        .merge(templates::routes())
        .merge(template_files::routes())
        .merge(gallery::routes())
        .merge(rules::routes())
        .merge(images::routes())
        .merge(changes::routes())
        .merge(campaigns::routes())
        .merge(report::routes())
        .merge(clean::routes())
        .merge(comparisons::routes())
        .merge(audit::routes())
        .merge(deployment::routes())
}
