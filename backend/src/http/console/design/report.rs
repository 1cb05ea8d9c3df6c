//! All rules in words: as JSON for the console's page, and as CSV.

use crate::design::changes::Names;
use crate::design::report;
use crate::http::AppState;
use crate::http::Error;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadDesign};
use crate::http::request::io::{Csv, Query};
use ::api::console::{ReportQuery, RuleReport, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Rules";
    ApiRouter::new()
        .api_route(paths::RULES_REPORT, get_with(page, doc(tag, "All rules in words")))
        .api_route(paths::RULES_REPORT_CSV, get_with(table, doc(tag, "All rules in words, as CSV")))
}

async fn page(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDesign>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<RuleReport>, Error> {
    made(&app, access, query).await.map(Json)
}

async fn table(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDesign>,
    Query(query): Query<ReportQuery>,
) -> Result<Csv, Error> {
    let report = made(&app, access, query).await?;
    Ok(Csv { name: "rules.csv".into(), body: report::to_csv(&report).into() })
}

/// The report; of a thousand rules it takes a while.
async fn made(app: &AppState, access: Access<ReadDesign>, query: ReportQuery) -> Result<RuleReport, Error> {
    let tenant = access.tenant;
    let state = app.store.design_state(&tenant.id).await?;
    let now_ms = app.clock.now_ms();
    let report = app.work.run(move || {
        let names = Names::new(&tenant, &state);
        let rules = if query.unpublished { state.current_rules() } else { &state.rules };
        report::report(&tenant.name, rules, &names.known(&tenant), now_ms, query.unpublished)
    });
    report.await
}
