//! A tenant at a glance: who gets signatures, and which problems there are.

use super::deployment::deployment;
use crate::checks;
use crate::http::AppState;
use crate::http::Error;
use crate::http::api::doc;
use crate::http::console::design::comparisons;
use crate::http::request::access::{Access, ReadTenant, noted};
use crate::tenant::Tenant;
use ::api::Kind;
use ::api::console::{Certificate, Coverage, DesignProblem, MAX_OVERVIEW_PROBLEMS, Occasion, Overview, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use email_signature::Problem;
use std::sync::Arc;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    ApiRouter::new().api_route(
        paths::OVERVIEW,
        get_with(show, doc("Tenants", "Who gets signatures in a tenant, and what is wrong")),
    )
}

async fn show(
    State(app): State<Arc<AppState>>,
    access: Access<ReadTenant>,
    parts: Parts,
) -> Result<Json<Overview>, Error> {
    let tenant = access.tenant;
    let problems = tenant.problems();
    // What this node has seen a moment ago belongs into the count, too.
    noted(app.clients.write(&app.store).await);
    let (clients, failing) = app.store.count_clients(&tenant.id).await?;
    let proven = app.proofs.lately().await;
    let checks = deployment(&app, &parts, &proven).await?.checks;
    let now_ms = app.clock.now_ms();
    let certificate =
        |one: checks::Certificate| Certificate { late: one.is_late(now_ms), host: one.host, until_ms: one.until_ms };
    Ok(Json(Overview {
        problem_count: problems.len() as u64,
        problems: problems.into_iter().take(MAX_OVERVIEW_PROBLEMS).map(|one| described(&tenant, one)).collect(),
        failed_checks: checks.into_iter().filter(|check| !check.passed).collect(),
        certificates: proven.certificates.into_iter().map(certificate).collect(),
        clients: u64::try_from(clients).unwrap_or_default(),
        failing_clients: u64::try_from(failing).unwrap_or_default(),
        coverage: coverage(app, tenant).await?,
    }))
}

async fn coverage(app: Arc<AppState>, tenant: Arc<Tenant>) -> Result<Coverage, Error> {
    let Some(anybody) = tenant.records().next().map(|record| record.person()) else { return Ok(Coverage::default()) };
    // The draft that "Who gets what" begins with.
    let occasion = Occasion {
        kind: Kind::New,
        recipients: Vec::new(),
        subject: String::new(),
        format: ::api::BodyFormat::default(),
        at_ms: None,
    };
    let draft = comparisons::draft(&tenant, &anybody, occasion, None)?;
    let now_ms = app.clock.now_ms();
    let counting = Arc::clone(&app);
    app.work.run(move || counting.coverages.count(&tenant, &draft, now_ms)).await
}

fn described(tenant: &Tenant, problem: Problem) -> DesignProblem {
    let Problem { source: id, detail } = problem;
    let template = tenant.template_name(&id);
    let name = template.or_else(|| tenant.rule_name(&id)).unwrap_or(&id).to_owned();
    DesignProblem { template: template.is_some(), id, name, detail }
}
