//! Whether followed links are counted, with all that has to be known before one says yes.

use crate::api::console::{path, send};
use crate::console::session;
use crate::ui::{Button, Confirm, Loaded, Notice, Pill, Tone, changing, icon, tell};
use ::api::console::{CampaignSettings, Campaigns, Role, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The card.
pub(crate) fn settings(found: Loaded<Campaigns>, tenant: StoredValue<String>) -> AnyView {
    let on = Memo::new(move |_| found.read(|found| found.count_clicks));
    let may = tenant.with_value(|tenant| session::may(tenant, Role::Admin));
    let asking = RwSignal::new(false);
    let button = move || {
        if may {
            let words = if on.get() { "Stop counting" } else { "Count followed links …" };
            view! { <Button on_press=move |()| asking.set(true)>{words}</Button> }.into_any()
        } else {
            view! { <span class="quiet">"Admins can change this."</span> }.into_any()
        }
    };
    let state = move || {
        let (words, tone) = if on.get() { ("Counted", Tone::Success) } else { ("Not counted", Tone::Info) };
        view! { <Pill text=words tone /> }
    };
    view! {
        <section class="card" aria-labelledby="counting-heading">
            <div class="row wrap">
                <h2 id="counting-heading">"Followed links"</h2>
                {changing(state)}
                <span class="grow"></span>
                {changing(button)}
            </div>
            <details>
                <summary>"What is counted, and what is not" {icon(crate::ui::Icon::CHEVRON)}</summary>
                {note()}
            </details>
        </section>
        {ask(found, tenant, asking, on)}
    }
    .into_any()
}

fn note() -> AnyView {
    view! {
        <div class="prose">
            <ul>
                <li>"Links in campaign templates lead through this server, which redirects people immediately."</li>
                <li>"Clicks are counted by campaign, template, link and day (UTC)."</li>
                <li>
                    "Nothing is kept about who followed a link, whose mail it was in, the address or device, or the \
                     time."
                </li>
                <li>
                    "Programs that check links in mail also follow them and are counted: use the numbers to compare \
                     banners, not to count people."
                </li>
                <li>"Links with placeholders and links in plain-text mail stay unchanged and are not counted."</li>
                <li>"While this server is down, links that lead through it do not work."</li>
            </ul>
        </div>
    }
    .into_any()
}

fn ask(found: Loaded<Campaigns>, tenant: StoredValue<String>, open: RwSignal<bool>, on: Memo<bool>) -> AnyView {
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let title = crate::ui::text(move || {
        if on.get() { "Stop counting followed links?" } else { "Count followed links?" }.to_owned()
    });
    let confirm = move |()| {
        let own = tenant.with_value(|tenant| path(paths::CAMPAIGN_SETTINGS, &[tenant]));
        let body = CampaignSettings { count_clicks: !on.get_untracked() };
        busy.set(true);
        spawn_local(async move {
            match send::<Campaigns>("PATCH", &own, &body).await {
                Ok(now) => {
                    open.set(false);
                    tell(if now.count_clicks {
                        "Followed links are counted from now on."
                    } else {
                        "Followed links are no longer counted."
                    });
                    found.value.set(Some(now));
                }
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    view! {
        <Confirm open title action="Yes, change it" busy error on_confirm=confirm>
            {move || {
                if on.get_untracked() {
                    view! { <p>"Links lead straight to their targets again. Existing counts are kept. Mail that was \
                                already sent keeps its links, which still work."</p> }.into_any()
                } else {
                    view! {
                        {note()}
                        <Notice>"First ask the person responsible for data protection in your organisation."</Notice>
                    }
                    .into_any()
                }
            }}
        </Confirm>
    }
    .into_any()
}
