//! Campaigns: the list, their status, and how often their links were followed.

use crate::clock::DAY_MS;
use crate::design::changes::Names;
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::{Access, ManageTenant, ReadDesign, noted};
use crate::http::request::io::Query;
use crate::http::{Body, Error};
use crate::store::DesignState;
use crate::tenant::Tenant;
use ::api::console::{
    Banner, Campaign, CampaignSettings, CampaignState, Campaigns, Clicked, Clicks, ClicksQuery, paths,
};
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, patch_with};
use axum::Json;
use axum::extract::State;
use email_signature::{Known, Part, Rule, ScheduleState, describe, schedule_state};
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Days before the last one unless said.
const USUAL_DAYS: i64 = 29;
/// Most days behind the first one.
const MAX_DAYS: i64 = 366;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Campaigns";
    ApiRouter::new()
        .api_route(paths::CAMPAIGNS, get_with(list, doc(tag, "Rules that add a campaign, with their banners")))
        .api_route(
            paths::CAMPAIGN_SETTINGS,
            patch_with(change, doc(tag, "Turns the counting of campaign links on or off; nobody is identified")),
        )
        .api_route(paths::CAMPAIGN_CLICKS, get_with(clicks, doc(tag, "How often a campaign's links were followed")))
}

/// How often each banner's links were followed, by campaign and template.
type Sums = BTreeMap<(String, String), i64>;

async fn list(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Json<Campaigns>, Error> {
    all(&app, &access.tenant).await
}

async fn all(app: &AppState, tenant: &Tenant) -> Result<Json<Campaigns>, Error> {
    // So that what was followed a moment ago is there.
    noted(app.clicks.write(&app.store).await);
    let state = app.store.design_state(&tenant.id).await?;
    let sums = app.store.sum_clicks(&tenant.id).await?;
    let count_clicks = app.store.counts_clicks(&tenant.id).await?;
    let names = Names::new(tenant, &state);
    let known = names.known(tenant);
    let now_ms = app.clock.now_ms();
    let published = state.rules.iter().map(|rule| (rule, rule_state(rule, now_ms)));
    let campaigns = published.chain(unpublished(&state).map(|rule| (rule, CampaignState::Unpublished)));
    let campaigns = campaigns
        .filter(|(rule, _)| rule.templates(Part::Campaign).next().is_some())
        .map(|(rule, state)| campaign(rule, state, &known, &sums))
        .collect();
    Ok(Json(Campaigns { campaigns, count_clicks }))
}

/// Rules that are to come and are not published yet.
fn unpublished(state: &DesignState) -> impl Iterator<Item = &Rule> {
    let unpublished = state.unpublished_rules.iter().flat_map(|unpublished| &unpublished.document);
    unpublished.filter(|rule| state.rules.iter().all(|published| published.id != rule.id))
}

fn rule_state(rule: &Rule, now_ms: i64) -> CampaignState {
    match rule.schedule.as_ref().map(|schedule| schedule_state(schedule, now_ms)) {
        _ if !rule.enabled => CampaignState::Off,
        None | Some(ScheduleState::Running) => CampaignState::Running,
        Some(ScheduleState::Planned) => CampaignState::Planned,
        Some(ScheduleState::Over) => CampaignState::Over,
        Some(ScheduleState::Unreadable) => CampaignState::Off,
    }
}

fn campaign(rule: &Rule, state: CampaignState, known: &Known<'_>, sums: &Sums) -> Campaign {
    let banner = |(template, weight): (&str, u32)| Banner {
        template: template.to_owned(),
        name: known.templates.get(template).map_or(template, |(name, _)| name).to_owned(),
        weight,
        clicks: sums.get(&(rule.id.clone(), template.to_owned())).map_or(0, |sum| u64::try_from(*sum).unwrap_or(0)),
    };
    Campaign {
        rule: rule.id.clone(),
        name: rule.name.clone(),
        folder: rule.folder.clone(),
        state,
        schedule: rule.schedule.clone(),
        words: describe(rule, known).conditions,
        banners: rule.campaigns().map(banner).collect(),
    }
}

async fn change(
    State(app): State<Arc<AppState>>,
    access: Access<ManageTenant>,
    Body(settings): Body<CampaignSettings>,
) -> Result<Json<Campaigns>, Error> {
    // What was counted until now counts.
    noted(app.clicks.write(&app.store).await);
    app.store.set_counts_clicks(&access.tenant.id, settings.count_clicks, access.by(&app)).await?;
    app.tenants.forget(&access.tenant);
    all(&app, &access.tenant).await
}

async fn clicks(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDesign>,
    Query(query): Query<ClicksQuery>,
) -> Result<Json<Clicks>, Error> {
    let today = epoch().saturating_add(app.clock.now_ms().div_euclid(DAY_MS).days());
    let to = query.to.as_deref().map(|text| date(text, "to")).transpose()?.unwrap_or(today);
    let from = query.from.as_deref().map(|text| date(text, "from")).transpose()?;
    let from = from.unwrap_or_else(|| to.saturating_sub(USUAL_DAYS.days()));
    let (first, last) = (day(from), day(to));
    if last < first || last - first > MAX_DAYS {
        let detail = format!("choose a day at most {MAX_DAYS} days before the last one, {to}");
        return Err(Error::invalid("from", detail));
    }
    // So that what was followed a moment ago is there.
    noted(app.clicks.write(&app.store).await);
    let (tenant, rule) = (&access.tenant.id, access.part("rule"));
    let clicked = app.store.list_clicks(tenant, rule, first..=last).await?;
    if clicked.is_empty() && !is_rule(&app, tenant, rule).await? {
        return Err(Error::NotFound);
    }
    let clicks = clicked.into_iter().map(|clicked| Clicked {
        day: epoch().saturating_add(clicked.day.days()).to_string(),
        template: clicked.template,
        url: clicked.url,
        count: u64::try_from(clicked.count).unwrap_or_default(),
    });
    Ok(Json(Clicks { from: from.to_string(), to: to.to_string(), clicks: clicks.collect() }))
}

/// Whether a rule of this id is there, published or not.
async fn is_rule(app: &AppState, tenant: &str, rule: &str) -> Result<bool, Error> {
    let state = app.store.design_state(tenant).await?;
    Ok(state.rules.iter().chain(unpublished(&state)).any(|found| found.id == rule))
}

fn date(text: &str, field: &str) -> Result<Date, Error> {
    let written = (text.len() == "2026-12-01".len()).then(|| text.parse().ok()).flatten();
    written.ok_or_else(|| Error::invalid(field, "write a day such as 2026-12-01"))
}

fn epoch() -> Date {
    jiff::civil::date(1970, 1, 1)
}

/// Days since 1970-01-01.
fn day(date: Date) -> i64 {
    date.duration_since(epoch()).as_hours() / 24
}
