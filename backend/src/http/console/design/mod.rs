//! Templates, rules and images, and what changing them would change.

mod blocks;
mod brands;
mod campaigns;
mod changes;
mod clean;
pub(super) mod comparisons;
mod gallery;
mod images;
mod migrations;
mod ready;
mod report;
mod rules;
mod template_files;
mod templates;
mod wire;

use crate::http::AppState;
use aide::axum::ApiRouter;
use std::sync::Arc;

pub(super) fn routes() -> ApiRouter<Arc<AppState>> {
    ApiRouter::new()
        .merge(templates::routes())
        .merge(template_files::routes())
        .merge(blocks::routes())
        .merge(brands::routes())
        .merge(gallery::routes())
        .merge(images::routes())
        .merge(rules::routes())
        .merge(report::routes())
        .merge(campaigns::routes())
        .merge(changes::routes())
        .merge(ready::routes())
        .merge(comparisons::routes())
        .merge(clean::routes())
        .merge(migrations::routes())
}
