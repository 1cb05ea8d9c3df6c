//! `POST /api/v1/signature`: the signature for a draft.

use super::ascii::references;
use crate::http::AppState;
use crate::http::request::io::Large;
use crate::http::{Body, Error, User};
use crate::outlook::clients::Call;
use crate::signing::{Signed, read_draft, select_for};
use crate::telemetry::series::PLATFORMS;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use email_signature::Person;
use std::sync::Arc;
use std::time::Instant;

pub(in crate::http) async fn handle(
    State(app): State<Arc<AppState>>,
    user: User,
    Body(draft): Body<api::Draft>,
) -> Result<Large<api::Signature>, Error> {
    let started = Instant::now();
    let person = user.person();
    let signed = sign(&app, &user, &person, &draft);
    let call = Call {
        tenant: &user.tenant.id,
        person: &person.id,
        platform: platform(draft.platform.as_deref().unwrap_or_default()),
        version: draft.version.as_deref().unwrap_or_default(),
        event: draft.kind.as_str(),
    };
    app.clients.saw(call, signed.as_ref().err().map(ToString::to_string), app.clock.now_ms());
    let signed = signed?;
    // Only now: the handler sends again what was refused.
    app.weather.note(call.tenant, call.platform, &draft.weather, app.clock.now_ms());
    count(&draft, &signed, started);
    let value = to_wire(signed);
    let bytes = room(&value);
    Ok(Large { value, bytes })
}

fn sign(app: &AppState, user: &User, person: &Person, draft: &api::Draft) -> Result<Signed, Error> {
    let wanted = read_draft(&user.tenant, person, draft).map_err(Error::Invalid)?;
    let choice = draft.choice.as_deref();
    let selected = select_for(&user.tenant, person, &wanted, choice, app.clock.now_ms())?;
    Ok(if draft.explain { selected.fill_explained() } else { selected.fill() })
}

/// A signature as the add-in gets it.
pub(in crate::http) fn to_wire(signed: Signed) -> api::Signature {
    let images = signed.images.into_iter().map(|image| api::Image {
        cid: image.cid,
        url: image.url,
        content: STANDARD.encode(&image.bytes),
    });
    api::Signature {
        images: images.collect(),
        html: references(signed.signature.html),
        text: signed.signature.text,
        fingerprint: signed.signature.fingerprint,
        name: signed.name,
        because: signed.signature.because,
    }
}

/// About how many bytes the answer has as JSON. A quarter of the HTML's length is for what JSON escapes.
fn room(answer: &api::Signature) -> usize {
    let images: usize = answer.images.iter().map(|image| image.content.len() + image.url.len() + 128).sum();
    answer.html.len() * 5 / 4 + answer.text.len() * 9 / 8 + images + 1024
}

fn count(draft: &api::Draft, signed: &Signed, started: Instant) {
    let outcome = if signed.signature.html.is_empty() { "none" } else { "signed" };
    let platform = platform(draft.platform.as_deref().unwrap_or_default());
    metrics::counter!("paraph_signatures_total", "kind" => draft.kind.as_str(), "platform" => platform, "outcome" => outcome)
        .increment(1);
    metrics::histogram!("paraph_signature_seconds").record(started.elapsed().as_secs_f64());
    if !signed.signature.problems.is_empty() {
        metrics::counter!("paraph_problems_total").increment(signed.signature.problems.len() as u64);
    }
}

/// `Office.PlatformType` as a label; whatever else a client sends is one label, so that they stay few.
fn platform(text: &str) -> &'static str {
    PLATFORMS.into_iter().find(|known| text.eq_ignore_ascii_case(known)).unwrap_or("other")
}
