//! How each version of Outlook does.

use super::clients::platform_words;
use crate::api::console::{get, path, with_query};
use crate::console::pages::{at, page, tenant_crumb};
use crate::ui::{Cell, Choose, Column, Icon, Listing, Loaded, Query, Row, Table, Tone, time::grouped};
use ::api::console::pages::Outlook;
use ::api::console::{PlatformCount, Times, VersionWeather, Weather, WeatherQuery, paths};
use leptos::prelude::*;

/// `/console/tenants/TENANT/weather`.
pub(crate) fn weather(tenant: &str) -> AnyView {
    let query = Query::new(&["days", "platform"]).unsearched();
    let own = path(paths::WEATHER, &[tenant]);
    let id = tenant.to_owned();
    let platforms = RwSignal::new(Vec::<PlatformCount>::new());
    let rows = Loaded::new(move || {
        let days = query.filter("days").get();
        let asked = WeatherQuery {
            days: days.parse().ok(),
            platform: Some(query.filter("platform").get()).filter(|platform| !platform.is_empty()),
            offset: query.offset.get(),
            limit: Some(query.limit.get()),
        };
        let (path, id) = (with_query(&own, &asked), id.clone());
        async move {
            let found = get::<Weather>(&path).await?;
            platforms.set(found.platforms);
            let rows = found.versions.iter().map(|version| row(&id, &days, version)).collect();
            Ok(Listing { total: found.total, rows })
        }
    });
    let options = Signal::derive(move || {
        let one = |found: PlatformCount| {
            let words = platform_words(&found.platform) + " (" + &grouped(found.clients) + ")";
            (found.platform, words)
        };
        let mut options = vec![(String::new(), "All".to_owned())];
        options.extend(platforms.get().into_iter().map(one));
        options
    });
    let filters = view! {
        {period(query)}
        <Choose label="Platform" value=query.filter("platform") options />
    };
    let columns = vec![
        Column::new("name", "Outlook"),
        Column::new("events", "Events"),
        Column::new("whole", "Time per event"),
        Column::new("slowest", "Slowest call"),
        Column::new("failures", "Failed calls"),
        Column::new("unread", "Recipients unread"),
        Column::new("unseen", "Not in the draft"),
        Column::new("kept", "Kept copy used"),
        Column::new("late", "Out of time").hidden(),
    ];
    let content = view! {
        <p class="lead">
            "How quickly Outlook’s calls answer and how often they fail, by version, as the add-in measured it. Nothing \
             here names a person or a message."
        </p>
        <Table
            id="weather"
            what="versions"
            columns=Signal::stored(columns)
            rows
            query
            filters=filters.into_any()
            icon=Icon::WEATHER
            hint="Each event’s measurements arrive with the next one, so write two mails with the add-in to see the first row."
        />
    };
    page(&tenant_crumb(tenant), "Outlook weather", ().into_any(), content.into_any())
}

/// Which days.
pub(super) fn period(query: Query) -> AnyView {
    let options = [("1", "Today (UTC)"), ("", "Last 7 days"), ("30", "Last 30 days"), ("90", "Last 90 days")];
    let options: Vec<_> = options.map(|(days, words)| (days.to_owned(), words.to_owned())).into();
    view! { <Choose label="Period" value=query.filter("days") options=Signal::stored(options) /> }.into_any()
}

fn row(tenant: &str, days: &str, version: &VersionWeather) -> Row {
    let slowest = match &version.slowest {
        Some(slowest) => Cell::Twice(slowest.call.clone(), times_words(slowest.times)),
        None => Cell::Text(String::new()),
    };
    let id = version.platform.clone() + " " + &version.version;
    let days = if days.is_empty() { String::new() } else { "?days=".to_owned() + days };
    let of_events = |part: u64| Cell::Text(share(part, version.events));
    let cells = vec![
        ("name", Cell::Twice(platform_words(&version.platform), version_words(&version.version))),
        ("events", Cell::Text(grouped(version.events))),
        ("whole", Cell::Text(times_words(version.whole))),
        ("slowest", slowest),
        ("failures", Cell::Pills(vec![failed(version)])),
        ("unread", of_events(version.unread)),
        ("unseen", of_events(version.unseen)),
        ("kept", of_events(version.kept)),
        ("late", of_events(version.late)),
    ];
    let cells = cells.into_iter().map(|(key, cell)| (key.to_owned(), cell)).collect();
    Row { href: at(tenant, Outlook::Version(id.clone())) + &days, key: id, cells }
}

/// The share of failed calls, with its urgency: more than one in a hundred is unusual, more than one in twenty is bad.
pub(super) fn failed(version: &VersionWeather) -> (String, Tone) {
    let tone = match version.failures {
        failures if failures * 20 > version.calls => Tone::Error,
        failures if failures * 100 > version.calls => Tone::Warning,
        _ => Tone::Success,
    };
    (share(version.failures, version.calls), tone)
}

/// The version, or words where there is none.
pub(super) fn version_words(version: &str) -> String {
    match version {
        "" => "Version not reported",
        "other" => "Other versions",
        version => version,
    }
    .to_owned()
}

/// Median and 95th percentile.
pub(super) fn times_words(times: Times) -> String {
    if times == Times::default() {
        return String::new();
    }
    "median ≤ ".to_owned() + &milliseconds(times.median_ms) + ", p95 ≤ " + &milliseconds(times.p95_ms)
}

/// A time in the unit that is short.
pub(super) fn milliseconds(ms: u32) -> String {
    match ms {
        2_500 => "2.5 s".to_owned(),
        ms if ms >= 1_000 => (ms / 1_000).to_string() + " s",
        ms => ms.to_string() + " ms",
    }
}

/// A part of a whole, in percent.
pub(super) fn share(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "None".to_owned();
    }
    let tenths = (part * 1_000 + whole / 2) / whole;
    match tenths {
        0 => "< 0.1 %".to_owned(),
        1..100 => (tenths / 10).to_string() + "." + &(tenths % 10).to_string() + " %",
        tenths => ((tenths + 5) / 10).to_string() + " %",
    }
}
