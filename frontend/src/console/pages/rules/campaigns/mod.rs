//! Campaigns: rules that give a banner, and how often its links were followed.

mod card;
mod chart;
mod clicks;
mod create;
mod settings;

use crate::api::console::{get, path};
use crate::console::pages::{at, page, tenant_crumb};
use crate::console::session;
use crate::ui::{Button, Choose, Empty, Icon, Loaded, Look, Pill, Query, Tone, changing};
use ::api::console::{CampaignState, Campaigns, Role, paths};
use leptos::prelude::*;

/// Every state, in the order in which they are shown.
const STATES: [(CampaignState, &str, &str, Tone); 5] = [
    (CampaignState::Running, "running", "Running", Tone::Success),
    (CampaignState::Planned, "planned", "Planned", Tone::Info),
    (CampaignState::Unpublished, "unpublished", "Not published", Tone::Warning),
    (CampaignState::Off, "off", "Off", Tone::Info),
    (CampaignState::Over, "over", "Over", Tone::Info),
];

/// `/console/tenants/TENANT/campaigns`.
pub(crate) fn campaigns(tenant: &str) -> AnyView {
    let own = path(paths::CAMPAIGNS, &[tenant]);
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Campaigns>(&path).await }
    });
    let query = Query::new(&["state", "from", "to"]);
    let creating = RwSignal::new(false);
    let may = session::may(tenant, Role::Editor);
    let actions = may.then(|| {
        view! {
            <Button look=Look::Primary icon=Icon::ADD on_press=move |()| creating.set(true)>
                "New campaign"
            </Button>
        }
    });
    let kept = StoredValue::new(tenant.to_owned());
    let content = view! {
        <p class="lead">
            "Banners between the signature and the disclaimer, for certain people and for a limited time. A campaign \
             is a rule that adds a banner; edit it under Rules."
        </p>
        {found.view(move || listing(found, query, kept))}
        {create::create(creating, tenant)}
    };
    page(&tenant_crumb(tenant), "Campaigns", actions.into_any(), content.into_any())
}

fn listing(found: Loaded<Campaigns>, query: Query, tenant: StoredValue<String>) -> AnyView {
    let state = query.filter("state");
    let shown = Memo::new(move |_| {
        let wanted = state.get();
        let order = |state: CampaignState| STATES.iter().position(|(own, ..)| *own == state);
        let mut all = found.read(|found| found.campaigns.clone());
        all.retain(|one| {
            wanted.is_empty() || STATES.iter().any(|(own, name, ..)| *own == one.state && *name == wanted)
        });
        all.sort_by_key(|one| order(one.state));
        all
    });
    let counted = Memo::new(move |_| found.read(|found| found.count_clicks));
    let none = Memo::new(move |_| found.read(|found| found.campaigns.is_empty()));
    let mut options = vec![(String::new(), "All".to_owned())];
    options.extend(STATES.map(|(_, name, words, _)| (name.to_owned(), words.to_owned())));
    let options = StoredValue::new(options);
    let list = move || {
        let all = shown.get();
        if none.get() {
            view! {
                <Empty title="No campaigns yet" icon=Icon::MEGAPHONE>
                    <p>"Create a campaign from a banner template: choose who gets it, and when."</p>
                </Empty>
            }
            .into_any()
        } else if all.is_empty() {
            view! {
                <Empty title="Nothing found" icon=Icon::SEARCH>
                    <p>"No campaign is in this state."</p>
                    <Button on_press=move |()| state.set(String::new())>"Show all"</Button>
                </Empty>
            }
            .into_any()
        } else {
            let one = |one| card::card(one, query, counted.get(), tenant);
            view! { <ul class="campaign-list">{all.into_iter().map(one).collect_view()}</ul> }.into_any()
        }
    };
    view! {
        {settings::settings(found, tenant)}
        <div class="toolbar">
            <Choose label="State" value=state options=Signal::stored(options.get_value()) />
            {clicks::days(query)}
        </div>
        {changing(list)}
    }
    .into_any()
}

/// A state in a word.
fn pill(state: CampaignState) -> AnyView {
    let found = STATES.iter().find(|(own, ..)| *own == state);
    found.map(|(_, _, words, tone)| view! { <Pill text=*words tone=*tone /> }).into_any()
}
