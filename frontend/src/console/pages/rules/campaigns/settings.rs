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
                <li>"Links of campaign templates lead through this server, which sends whoever follows them on at once."</li>
                <li>"Counted are the campaign, the template, the link and the day (UTC), each with a number."</li>
                <li>
                    "Not kept are who followed a link, whose mail it stood in, from which address or device, and at what time."
                </li>
                <li>
                    "Programs that check links in mail follow them, too, and count: the numbers compare banners, they do not count people."
                </li>
                <li>"Links with placeholders, and those of plain-text mail, stay as they are and are not counted."</li>
                <li>"When this server is away, links that lead through it do not work until it is back."</li>
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
                        "Followed links are not counted any more."
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
                    view! { <p>"Links lead straight to where they point again. What was counted stays. Mail that was sent already keeps its links, which go on working."</p> }.into_any()
                } else {
                    view! {
                        {note()}
                        <Notice>"Ask whoever looks after data protection in your organisation first."</Notice>
                    }
                    .into_any()
                }
            }}
        </Confirm>
    }
    .into_any()
}
