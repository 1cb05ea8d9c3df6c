//! All rules in words: as JSON for the console's page, as CSV, as PDF.

use crate::design::changes::Names;
use crate::design::report;
use crate::http::AppState;
use crate::http::Error;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadDesign};
use crate::http::request::io::{Csv, Query};
use ::api::console::{ReportQuery, RuleReport, paths};
use aide::OperationOutput;
use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, Response as Answer};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Rules";
    ApiRouter::new()
        .api_route(paths::RULES_REPORT, get_with(page, doc(tag, "All rules in words")))
        .api_route(paths::RULES_REPORT_CSV, get_with(table, doc(tag, "All rules in words, as CSV")))
        .api_route(paths::RULES_REPORT_PDF, get_with(document, doc(tag, "All rules in words, as PDF")))
}

/// A PDF file to save.
struct Pdf(Vec<u8>);

impl IntoResponse for Pdf {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
            (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"rules.pdf\"")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        (headers, self.0).into_response()
    }
}

impl OperationOutput for Pdf {
    type Inner = Self;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Answer)> {
        let content = [("application/pdf".to_owned(), MediaType::default())].into_iter().collect();
        vec![(Some(200), Answer { description: "A PDF file, A4.".to_owned(), content, ..Answer::default() })]
    }
}

async fn page(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDesign>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<RuleReport>, Error> {
    made(&app, access, query, |report| Ok(Json(report))).await
}

async fn table(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDesign>,
    Query(query): Query<ReportQuery>,
) -> Result<Csv, Error> {
    made(&app, access, query, |report| Ok(Csv { name: "rules.csv".into(), body: report::to_csv(&report).into() })).await
}

async fn document(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDesign>,
    Query(query): Query<ReportQuery>,
) -> Result<Pdf, Error> {
    let write = |report: RuleReport| {
        report::to_pdf(&report).map(Pdf).ok_or_else(|| {
            tracing::error!("the report of rules cannot be written as PDF");
            Error::Internal
        })
    };
    made(&app, access, query, write).await
}

/// The report, written by `write`; a thousand rules take a while.
async fn made<T: Send + 'static>(
    app: &AppState,
    access: Access<ReadDesign>,
    query: ReportQuery,
    write: impl FnOnce(RuleReport) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let tenant = access.tenant;
    let state = app.store.design_state(&tenant.id).await?;
    let now_ms = app.clock.now_ms();
    let report = app.work.run(move || {
        let names = Names::new(&tenant, &state);
        let rules = if query.unpublished { state.current_rules() } else { &state.rules };
        write(report::report(&tenant.name, rules, &names.known(&tenant), now_ms, query.unpublished))
    });
    report.await?
}
