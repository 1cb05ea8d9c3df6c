//! How often a campaign's links were followed: by banner and day, and by link.

use super::chart::{Series, chart};
use crate::api::console::{get, path, with_query};
use crate::ui::{Loaded, Notice, Query, changing, new_id, sheet};
use ::api::console::{Banner, Clicks, ClicksQuery, paths};
use leptos::prelude::*;
use std::collections::BTreeMap;

const DAY_MS: f64 = 86_400_000.0;
/// More days than these are not drawn one by one.
const MOST_DAYS: usize = 367;

/// Which days, for all charts.
pub(crate) fn days(query: Query) -> AnyView {
    let day = |name: &'static str, label: &'static str| {
        let id = new_id("day");
        let (value, named) = (query.filter(name), id.clone());
        view! {
            <div class="choose">
                <label for=named>{label}</label>
                <input
                    id=id
                    type="date"
                    prop:value=value
                    on:change=move |event| value.set(event_target_value(&event))
                />
            </div>
        }
    };
    view! {
        {day("from", "Links followed from")}
        {day("to", "to")}
    }
    .into_any()
}

/// The chart, with the table behind it.
pub(crate) fn clicks(rule: &str, banners: Vec<Banner>, query: Query, tenant: StoredValue<String>) -> AnyView {
    let own = tenant.with_value(|tenant| path(paths::CAMPAIGN_CLICKS, &[tenant, rule]));
    let given = move |name: &str| Some(query.filter(name).get()).filter(|day| !day.is_empty());
    let found = Loaded::new(move || {
        let path = with_query(&own, &ClicksQuery { from: given("from"), to: given("to") });
        async move { get::<Clicks>(&path).await }
    });
    let banners = StoredValue::new(banners);
    found.view(move || changing(move || found.value.get().map(|found| banners.with_value(|all| shown(&found, all)))))
}

fn shown(found: &Clicks, banners: &[Banner]) -> AnyView {
    if found.clicks.is_empty() {
        let words = "Nobody followed a link from ".to_owned() + &found.from + " to " + &found.to + ".";
        return view! { <Notice>{words}</Notice> }.into_any();
    }
    let days = all_days(&found.from, &found.to);
    let name =
        |id: &str| banners.iter().find(|one| one.template == id).map_or_else(|| id.to_owned(), |one| one.name.clone());
    let mut by_banner: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    let mut by_link: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for one in &found.clicks {
        *by_banner.entry(&one.template).or_default().entry(&one.day).or_default() += one.count;
        *by_link.entry((&one.url, &one.template)).or_default() += one.count;
    }
    let series: Vec<Series> = by_banner
        .iter()
        .map(|(template, counts)| Series {
            name: name(template),
            values: days.iter().map(|day| counts.get(day.as_str()).copied().unwrap_or_default()).collect(),
        })
        .collect();
    let mut links: Vec<_> = by_link.into_iter().collect();
    links.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let row = |((url, template), count): ((&str, &str), u64)| {
        vec![url.to_owned().into_any(), name(template).into_any(), crate::ui::time::grouped(count).into_any()]
    };
    view! {
        {chart(&days, &series)}
        {sheet("Followed links by link", &["Link", "Banner", "Followed"], links.into_iter().map(row).collect())}
    }
    .into_any()
}

/// Every day from the first to the last, as `2026-12-01`.
fn all_days(from: &str, to: &str) -> Vec<String> {
    let at = |day: &str| js_sys::Date::parse(day);
    let (mut now, last) = (at(from), at(to));
    let mut days = Vec::new();
    while now <= last && days.len() < MOST_DAYS {
        let text = String::from(js_sys::Date::new(&now.into()).to_iso_string());
        days.push(text.get(..10).unwrap_or_default().to_owned());
        now += DAY_MS;
    }
    days
}
