//! How one version of Outlook does, call by call.

use super::clients::platform_words;
use super::weather::{failed, milliseconds, period, share, version_words};
use crate::api::console::{get, path, with_query};
use crate::console::pages::{at, page, tenant_crumb};
use crate::ui::{Loaded, Notice, Pill, Query, changing, count, sheet, time::grouped};
use ::api::console::pages::Outlook;
use ::api::console::{CallWeather, VersionDetail, VersionQuery, VersionWeather, paths};
use leptos::prelude::*;

/// `/console/tenants/TENANT/weather/VERSION`.
pub(crate) fn version(tenant: &str, id: &str) -> AnyView {
    let query = Query::new(&["days"]).unsearched();
    let own = path(paths::WEATHER_VERSION, &[tenant]);
    let (platform, version) = id.split_once(' ').unwrap_or((id, ""));
    let (platform, version) = (platform.to_owned(), version.to_owned());
    let title = platform_words(&platform) + ", " + &version_words(&version);
    let found = Loaded::new(move || {
        let days = query.filter("days").get().parse().ok();
        let asked = VersionQuery { days, platform: platform.clone(), version: version.clone() };
        let path = with_query(&own, &asked);
        async move { get::<VersionDetail>(&path).await }
    });
    let content = view! {
        <div class="row wrap">{period(query)}</div>
        {found.view(move || changing(move || found.value.get().map(|found| shown(&found))))}
    };
    let mut crumbs = tenant_crumb(tenant);
    crumbs.push((at(tenant, Outlook::Weather), "Outlook weather"));
    page(&crumbs, title, ().into_any(), content.into_any())
}

fn shown(found: &VersionDetail) -> AnyView {
    let calls = found.calls.iter().map(|call| {
        vec![
            view! {
                <span class="twice">
                    <code>{call.call.clone()}</code>
                    <span class="quiet">{call.purpose.clone()}</span>
                </span>
            }
            .into_any(),
            grouped(call.count).into_any(),
            milliseconds(call.times.median_ms).into_any(),
            milliseconds(call.times.p95_ms).into_any(),
            share(call.failures.iter().map(|failure| failure.count).sum(), call.count).into_any(),
        ]
    });
    let columns = ["Call", "Made", "Median up to", "95 of 100 within", "Failed"];
    view! {
        {facts(&found.version)} {sheet("calls", &columns, calls.collect())}
        <section class="card" aria-labelledby="failures-heading">
            <h2 id="failures-heading">"What failed"</h2>
            {failures(&found.calls)}
        </section>
    }
    .into_any()
}

fn facts(version: &VersionWeather) -> AnyView {
    let (failures, tone) = failed(version);
    let events = count(version.events, "event");
    let notes = [
        (version.unread, "without all recipients in time: rules took the side that the tenant’s settings name"),
        (version.unseen, "after which the signature was not in the draft although Outlook had taken it"),
        (version.kept, "with the signature kept on the device, because the server did not answer in time"),
        (version.late, "that ended because their time was over"),
    ];
    let notes = notes.into_iter().filter(|(number, _)| *number > 0).map(|(number, words)| {
        let words = count(number, "event") + " (" + &share(number, version.events) + ") " + words + ".";
        view! { <p>{words}</p> }
    });
    let notes = notes.collect_view();
    view! {
        <section class="card" aria-label="Summary">
            <p class="row wrap">
                <strong>{events}</strong>
                <span>"Failed calls:"</span>
                <Pill text=failures tone />
            </p>
            {notes}
        </section>
    }
    .into_any()
}

fn failures(calls: &[CallWeather]) -> AnyView {
    let rows: Vec<_> = calls
        .iter()
        .flat_map(|call| call.failures.iter().map(move |failure| (call, failure)))
        .map(|(call, failure)| {
            vec![
                view! {
                    <span class="twice">
                        <code>{failure.error.clone()}</code>
                        <code class="quiet">{call.call.clone()}</code>
                    </span>
                }
                .into_any(),
                grouped(failure.count).into_any(),
                failure.meaning.clone().into_any(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return view! { <Notice>"Nothing failed."</Notice> }.into_any();
    }
    sheet("failures", &["Error", "How often", "What it means and what to do"], rows)
}
