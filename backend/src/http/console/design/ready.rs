//! Whether unpublished changes are ready to publish, and corrections that need no decision.

use super::templates;
use crate::design::changes;
use crate::design::ready::{self, Refused, Run, Wanted};
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadDesign, WriteWithinLimits};
use crate::http::request::io::Tagged;
use crate::http::{Body, Error};
use crate::store::{DesignState, Picked, TemplateEntry};
use crate::tenant::Tenant;
use ::api::console::{CheckReady, FixTemplate, Readiness, TemplateDetail, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::post_with;
use axum::Json;
use axum::extract::State;
use email_signature::{Template, fixed};
use std::sync::Arc;
use std::time::Duration;

/// How long publishing waits until everybody has been looked at: 100,000 people take some seconds.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    ApiRouter::new()
        .api_route(
            paths::READY,
            post_with(check, doc("Publishing", "Whether changes are ready to publish: asked again, its progress")),
        )
        .api_route(
            paths::TEMPLATE_FIX,
            post_with(fix, doc("Templates", "Corrects something in a template's unpublished version")),
        )
}

async fn check(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDesign>,
    Body(wanted): Body<CheckReady>,
) -> Result<Json<Readiness>, Error> {
    let state = app.store.design_state(&access.tenant.id).await?;
    let picked = access.picked(wanted.changes);
    Ok(Json(start(&app, &access.tenant, &state, &picked, wanted.at_ms)?.describe()))
}

/// The check of changes, at their time.
fn start(
    app: &AppState,
    tenant: &Arc<Tenant>,
    state: &DesignState,
    picked: &Picked,
    at_ms: Option<i64>,
) -> Result<Arc<Run>, Error> {
    super::changes::check_time(at_ms, app.clock.now_ms())?;
    changes::check(state, picked).map_err(|detail| Error::invalid("changes", detail))?;
    let wanted = Wanted { before: Arc::clone(tenant), changes: changes::picked(state, picked), at_ms };
    Ok(app.readies.check(wanted, app.clock.now_ms()))
}

/// What was found in changes that are about to be published, and what it was found in.
pub(super) struct Found {
    readiness: Readiness,
    content: String,
}

impl Found {
    /// Looks at everybody whom the changes concern.
    pub(super) async fn new(
        app: &AppState,
        tenant: &Arc<Tenant>,
        picked: &Picked,
        at_ms: Option<i64>,
    ) -> Result<Self, Error> {
        let state = app.store.design_state(&tenant.id).await?;
        let run = start(app, tenant, &state, picked, at_ms)?;
        let _ = tokio::time::timeout(LONGEST_WAIT, run.ended()).await;
        if !run.is_finished() {
            return Err(Error::Unavailable(
                "the changes are still being rendered for everyone: send the request again in a few seconds",
            ));
        }
        Ok(Self { readiness: run.describe(), content: ready::content(&state, picked) })
    }

    /// Lets changes through that were looked at, and whose warnings are accepted.
    pub(super) fn gate(&self, state: &DesignState, picked: &Picked, accepted: Option<&str>) -> Result<(), Error> {
        if ready::content(state, picked) != self.content {
            return Err(Error::Changed);
        }
        ready::gate(&self.readiness, accepted).map_err(|refused| match refused {
            Refused::Blocked(detail) => Error::invalid("changes", detail),
            Refused::Unseen(detail) => Error::Taken { detail, field: "accepted".into() },
        })
    }
}

async fn fix(
    State(app): State<Arc<AppState>>,
    access: Access<WriteWithinLimits>,
    Body(wanted): Body<FixTemplate>,
) -> Result<Tagged<TemplateDetail>, Error> {
    let id = access.part("template");
    let entry = app.store.template_entry(&access.tenant.id, id).await?.ok_or(Error::NotFound)?;
    access.may_change(entry.folders())?;
    let before = entry.current().ok_or(Error::NotFound)?.clone();
    let html = before.html.clone();
    let html = app.work.run(move || fixed(&html, &wanted.fix)).await?;
    let nothing = "there is nothing of this kind to correct in the template";
    let after = Template { html: html.ok_or_else(|| Error::invalid("fix", nothing))?, ..before.clone() };
    let unchanged = |entry: &TemplateEntry, _: &DesignState| {
        if entry.current() == Some(&before) { Ok(()) } else { Err(Error::Changed) }
    };
    let place = app.work.place()?;
    app.store.save_template(&access.tenant.id, &after, unchanged, &access.by(&app)).await?;
    templates::detail(&app, &access.tenant, id, place).await
}
