//! Unpublished changes: which there are, and publishing them.

use super::ready::Found;
use crate::clock::DAY_MS;
use crate::design::changes;
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadDesign, WriteWithinLimits};
use crate::http::request::io::{IfMatch, Tagged, etag_of};
use crate::http::{Body, Error, Place};
use crate::store::{self, DesignState, Publishing};
use ::api::console::{Changes, Picked, Publish, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::extract::State;
use serde::Serialize;
use std::sync::Arc;

/// Longest time ahead that publishing can be planned for.
const MAX_AHEAD_MS: i64 = 366 * DAY_MS;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Publishing";
    ApiRouter::new()
        .api_route(paths::CHANGES, get_with(list, doc(tag, "Every unpublished change")))
        .api_route(paths::PUBLISH, post_with(publish, doc(tag, "Publishes changes together, now or at a set time")))
        .api_route(paths::CALL_OFF, post_with(call_off, doc(tag, "Cancels planned publishing; the changes stay")))
}

async fn list(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Tagged<Changes>, Error> {
    show(&app, &access, app.work.place()?).await
}

async fn show<P>(app: &AppState, access: &Access<P>, place: Place) -> Result<Tagged<Changes>, Error> {
    let state = app.store.design_state(&access.tenant.id).await?;
    let limits = access.limits.clone();
    place.run(move || Tagged::by(changes::list(&state, limits.as_ref()), &tag(&state))).await
}

/// What the `ETag` is made from: all that publishing could change.
fn tag(state: &DesignState) -> impl Serialize + use<> {
    let unpublished = state.templates.iter().filter_map(|entry| entry.unpublished.as_ref());
    let templates: Vec<_> =
        unpublished.map(|unpublished| (unpublished.document.clone(), unpublished.publish.clone())).collect();
    (
        templates,
        state.unpublished_rules.as_ref().map(|unpublished| (unpublished.document.clone(), unpublished.publish.clone())),
        state
            .brands
            .unpublished
            .as_ref()
            .map(|unpublished| (unpublished.document.clone(), unpublished.publish.clone())),
    )
}

async fn publish(
    State(app): State<Arc<AppState>>,
    access: Access<WriteWithinLimits>,
    version: IfMatch,
    Body(wanted): Body<Publish>,
) -> Result<Tagged<Changes>, Error> {
    check_time(wanted.at_ms, app.clock.now_ms())?;
    let picked = access.picked(wanted.changes.clone());
    let check = |state: &DesignState| {
        may_publish(&access, state, &picked)?;
        if wanted.at_ms.is_some() {
            may_plan(&access, state, &picked)?;
        }
        if !version.names(&etag_of(&tag(state))) {
            return Err(Error::Changed);
        }
        changes::check(state, &picked).map_err(|detail| Error::invalid("changes", detail))
    };
    check(&app.store.design_state(&access.tenant.id).await?)?;
    let found = Found::new(&app, &access.tenant, &picked, wanted.at_ms).await?;
    // Once more inside the transaction: what was looked at is what is published.
    let check = |state: &DesignState| {
        check(state)?;
        found.gate(state, &picked, wanted.accepted.as_deref())
    };
    let place = app.work.place()?;
    let publishing = Publishing { picked: &picked, at_ms: wanted.at_ms };
    app.store.publish(&access.tenant.id, publishing, check, access.by(&app)).await?;
    app.tenants.forget(&access.tenant);
    show(&app, &access, place).await
}

/// Refuses changes outside an editor's limits.
fn may_publish(access: &Access<WriteWithinLimits>, state: &DesignState, picked: &store::Picked) -> Result<(), Error> {
    if picked.rules {
        access.may_change_all()?;
    }
    picked.templates.iter().filter_map(|id| state.template(id)).try_for_each(|entry| access.may_change(entry.folders()))
}

/// Refuses plans for brands outside an editor's limits: a plan is for all changes of brands.
fn may_plan(access: &Access<WriteWithinLimits>, state: &DesignState, picked: &store::Picked) -> Result<(), Error> {
    if picked.brands {
        access.may_change_brands(&state.brands.published, state.brands.current())?;
    }
    Ok(())
}

/// That a time is one for which publishing can be planned.
pub(super) fn check_time(at_ms: Option<i64>, now_ms: i64) -> Result<(), Error> {
    match at_ms {
        Some(at_ms) if !(now_ms..=now_ms + MAX_AHEAD_MS).contains(&at_ms) => {
            Err(Error::invalid("at_ms", "choose a time from now to a year ahead"))
        }
        _ => Ok(()),
    }
}

async fn call_off(
    State(app): State<Arc<AppState>>,
    access: Access<WriteWithinLimits>,
    Body(picked): Body<Picked>,
) -> Result<Tagged<Changes>, Error> {
    let place = app.work.place()?;
    let picked = access.picked(picked);
    let check = |state: &DesignState| {
        may_publish(&access, state, &picked)?;
        may_plan(&access, state, &picked)
    };
    if !app.store.call_off(&access.tenant.id, &picked, check, access.by(&app)).await? {
        let detail = "none of these changes is planned for publishing: GET the changes to see which are";
        return Err(Error::invalid("", detail));
    }
    show(&app, &access, place).await
}
