//! How Outlook does, by version: what event handlers measured.

use crate::clock::DAY_MS;
use crate::http::AppState;
use crate::http::Error;
use crate::http::api::doc;
use crate::http::console::people::directory::page_size;
use crate::http::request::access::{Access, ReadDeployment, noted};
use crate::http::request::io::Query;
use crate::outlook::weather::{CALLS, EVENT, meaning, percentile};
use crate::store::{BUCKETS, ByVersion, CallCounts, WeatherCounts};
use ::api::console::{
    CallFailure, CallWeather, MAX_WEATHER_DAYS, PlatformCount, SlowestCall, Times, VersionDetail, VersionQuery,
    VersionWeather, Weather, WeatherQuery, paths,
};
use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Deployment";
    ApiRouter::new()
        .api_route(paths::WEATHER, get_with(list, doc(tag, "How Outlook does, by version, a page at a time")))
        .api_route(paths::WEATHER_VERSION, get_with(show, doc(tag, "How one version of Outlook does, call by call")))
}

async fn list(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDeployment>,
    Query(query): Query<WeatherQuery>,
) -> Result<Json<Weather>, Error> {
    let limit = page_size(query.limit)?;
    let all = measured(&app, &access.tenant.id, query.days).await?;
    let mut platforms = BTreeMap::<String, u64>::new();
    for (platform, _) in all.keys() {
        *platforms.entry(platform.clone()).or_default() += 1;
    }
    let wanted = |platform: &String| query.platform.as_ref().is_none_or(|wanted| wanted == platform);
    let found = all.iter().filter(|((platform, _), _)| wanted(platform));
    let mut versions: Vec<VersionWeather> =
        found.map(|((platform, version), counts)| summary(platform, version, counts)).collect();
    versions.sort_by_key(|one| Reverse(one.events));
    let total = versions.len() as u64;
    let versions = versions.into_iter().skip(query.offset as usize).take(limit).collect();
    let platforms = platforms.into_iter().map(|(platform, clients)| PlatformCount { platform, clients }).collect();
    Ok(Json(Weather { versions, total, platforms }))
}

async fn show(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDeployment>,
    Query(query): Query<VersionQuery>,
) -> Result<Json<VersionDetail>, Error> {
    let mut all = measured(&app, &access.tenant.id, query.days).await?;
    let (platform, version) = (query.platform, query.version);
    let counts = all.remove(&(platform.clone(), version.clone())).ok_or(Error::NotFound)?;
    let mut calls: Vec<CallWeather> = counts.calls.iter().map(|(call, counts)| described(call, counts)).collect();
    calls.sort_by_key(|call| Reverse((call.call == EVENT, call.times.p95_ms, call.times.median_ms)));
    Ok(Json(VersionDetail { version: summary(&platform, &version, &counts), calls }))
}

async fn measured(app: &AppState, tenant: &str, days: Option<u32>) -> Result<ByVersion, Error> {
    let days = days.unwrap_or(7);
    if !(1..=MAX_WEATHER_DAYS).contains(&days) {
        return Err(Error::invalid("days", format!("write 1 to {MAX_WEATHER_DAYS}")));
    }
    // What this node was told a moment ago belongs to it, too.
    noted(app.weather.write(&app.store).await);
    let today = app.clock.now_ms().div_euclid(DAY_MS);
    Ok(app.store.list_weather(tenant, today - i64::from(days) + 1).await?)
}

fn summary(platform: &str, version: &str, counts: &WeatherCounts) -> VersionWeather {
    let calls = || counts.calls.iter().filter(|(call, _)| *call != EVENT);
    let slowest = calls()
        .map(|(call, counts)| SlowestCall { call: call.clone(), times: times(&counts.times) })
        .max_by_key(|one| (one.times.p95_ms, one.times.median_ms));
    VersionWeather {
        platform: platform.to_owned(),
        version: version.to_owned(),
        events: number(counts.events.events),
        unread: number(counts.events.unread),
        unseen: number(counts.events.unseen),
        kept: number(counts.events.kept),
        late: number(counts.events.late),
        calls: calls().map(|(_, counts)| total(counts)).sum(),
        failures: calls().flat_map(|(_, counts)| counts.failures.values()).map(|count| number(*count)).sum(),
        whole: counts.calls.get(EVENT).map(|event| times(&event.times)).unwrap_or_default(),
        slowest,
    }
}

fn described(call: &str, counts: &CallCounts) -> CallWeather {
    let purpose = CALLS
        .iter()
        .find(|(known, _)| *known == call)
        .map_or("Calls that this version does not know", |(_, purpose)| *purpose);
    let mut failures: Vec<CallFailure> = counts
        .failures
        .iter()
        .map(|(error, count)| CallFailure {
            error: error.clone(),
            count: number(*count),
            meaning: meaning(call, error),
        })
        .collect();
    failures.sort_by_key(|failure| Reverse(failure.count));
    CallWeather {
        call: call.to_owned(),
        purpose: purpose.to_owned(),
        count: total(counts),
        times: times(&counts.times),
        failures,
    }
}

fn times(times: &[i64; BUCKETS]) -> Times {
    let at = |share| percentile(times, share).unwrap_or_default();
    Times { median_ms: at(0.5), p95_ms: at(0.95) }
}

fn total(counts: &CallCounts) -> u64 {
    number(counts.times.iter().sum())
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
