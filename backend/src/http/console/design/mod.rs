//! Templates, rules and images, and what changing them would change.

mod brands;
mod campaigns;
mod changes;
pub(super) mod comparisons;
mod images;
mod ready;
mod report;
mod rules;
mod templates;

use crate::http::AppState;
use aide::axum::ApiRouter;
use std::sync::Arc;

pub(super) fn routes() -> ApiRouter<Arc<AppState>> {
    ApiRouter::new()
        .merge(templates::routes())
        .merge(brands::routes())
        .merge(images::routes())
        .merge(rules::routes())
        .merge(report::routes())
        .merge(campaigns::routes())
        .merge(changes::routes())
        .merge(ready::routes())
        .merge(comparisons::routes())
}
