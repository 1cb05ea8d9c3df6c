//! One campaign: how it stands, when it runs, who gets it, its banners.

use super::clicks::clicks;
use super::{at, pill};
use crate::api::console::{get, path};
use crate::ui::{Loaded, Pill, Preview, Query, changing, count, icon, text};
use ::api::console::pages::{Designs, Rules};
use ::api::console::{Banner, Campaign, TemplatePreview, paths};
use email_signature::Schedule;
use leptos::prelude::*;

/// The card.
pub(crate) fn card(one: Campaign, query: Query, counted: bool, tenant: StoredValue<String>) -> AnyView {
    let href = tenant.with_value(|tenant| at(tenant, Rules::Rule(one.rule.clone())));
    let when = schedule_words(one.schedule.as_ref());
    let total: u32 = one.banners.iter().map(|banner| banner.weight).sum();
    let several = one.banners.len() > 1;
    let banners = one.banners.clone();
    let picture = move |own: Banner| banner(own, if several { Some(total) } else { None }, counted, tenant);
    let opened = RwSignal::new(false);
    let (rule, names) = (one.rule.clone(), one.banners.clone());
    let followed = counted.then(|| {
        view! {
            <details on:toggle=move |_| opened.set(true)>
                <summary>"Followed links by day" {icon(crate::ui::Icon::CHEVRON)}</summary>
                {changing(move || opened.get().then(|| clicks(&rule, names.clone(), query, tenant)))}
            </details>
        }
    });
    view! {
        <li class="card campaign">
            <div class="row wrap">
                <h2>
                    <a href=href>{one.name}</a>
                </h2>
                {pill(one.state)}
                {(!one.folder.is_empty()).then(|| view! { <Pill text=one.folder /> })}
            </div>
            <dl class="parts">
                <dt>"When"</dt>
                <dd>{when}</dd>
                <dt>"Who"</dt>
                <dd>{one.words.join(" ")}</dd>
            </dl>
            <ul class="banners">{banners.into_iter().map(picture).collect_view()}</ul>
            {followed}
        </li>
    }
    .into_any()
}

fn schedule_words(schedule: Option<&Schedule>) -> String {
    let Some(schedule) = schedule else { return "Always".to_owned() };
    let shown = |bound: &str| bound.replace('T', " ");
    let mut words = match (&schedule.from, &schedule.to) {
        (Some(from), Some(to)) => "From ".to_owned() + &shown(from) + " to " + &shown(to),
        (Some(from), None) => "From ".to_owned() + &shown(from) + " on",
        (None, Some(to)) => "Until ".to_owned() + &shown(to),
        (None, None) => "At any time".to_owned(),
    };
    if !schedule.weekdays.is_empty() {
        let days: Vec<&str> =
            schedule.weekdays.iter().map(|day| crate::console::pages::rules::words::weekday(*day)).collect();
        words = words + ", on " + &days.join(", ");
    }
    words + " (" + &schedule.time_zone + ")"
}

fn banner(one: Banner, total: Option<u32>, counted: bool, tenant: StoredValue<String>) -> AnyView {
    let (own, href) = tenant.with_value(|tenant| {
        (path(paths::TEMPLATE_PREVIEW, &[tenant, &one.template]), at(tenant, Designs::Template(one.template.clone())))
    });
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<TemplatePreview>(&path).await }
    });
    let there = Memo::new(move |_| found.value.with(Option::is_some));
    let html = text(move || found.read(|preview| preview.html.clone()));
    let title = "The banner ".to_owned() + &one.name;
    let share = total.map(|total| {
        let percent = (one.weight * 100).checked_div(total).unwrap_or_default();
        percent.to_string() + " % of the people"
    });
    let followed = counted.then(|| count(one.clicks, "link followed/links followed"));
    let said: Vec<String> = share.into_iter().chain(followed).collect();
    view! {
        <li class="banner">
            {changing(move || {
                let title = title.clone();
                there.get().then(|| view! { <Preview html title /> })
            })}
            <a href=href>{one.name}</a>
            <p class="quiet">{said.join(" · ")}</p>
        </li>
    }
    .into_any()
}
