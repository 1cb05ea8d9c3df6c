//! What the pane says: notices above everything, and a card where there is no signature to show.

use super::actions;
use super::state::{Phase, State, Tone};
use crate::office;
use crate::ui::{Icon, Preview, icon, with_hosted_images};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The last notice. The region is always there, so that screen readers notice what comes into it.
#[component]
pub fn Notices(state: State) -> impl IntoView {
    let close = move |_| state.notice.set(None);
    view! {
        <div role="status" aria-live="polite">
            {move || state.notice.get().map(|notice| {
                let (class, sign) = match notice.tone {
                    Tone::Success => ("notice success", Icon::Check),
                    Tone::Warning => ("notice warning", Icon::Warning),
                    Tone::Error => ("notice error", Icon::Warning),
                };
                view! {
                    <div class=class>
                        {icon(sign)}
                        <p class="grow">{notice.text}</p>
                        <button type="button" class="subtle small" aria-label="Dismiss" on:click=close>"×"</button>
                    </div>
                }
            })}
        </div>
    }
}

/// The card for a phase without a signature.
pub fn phase(state: State, phase: Phase) -> AnyView {
    let retry = move |_| spawn_local(actions::load(state));
    match phase {
        Phase::Outside => card(
            Icon::Mail,
            "Nothing is being written",
            "Open this pane from a mail or an appointment that you are writing, and its signature shows here.".into(),
            ().into_any(),
        ),
        Phase::SignedOut(reason) => card(
            Icon::Person,
            "Sign in to see your signature",
            "Paraph uses your work account, the one that you use for Outlook.".into(),
            view! {
                <button
                    type="button"
                    class="primary"
                    disabled=move || state.busy.get()
                    on:click=move |_| spawn_local(actions::sign_in(state))
                >
                    "Sign in"
                </button>
                {(!reason.is_empty()).then(|| view! { <p class="quiet">{reason}</p> })}
            }
            .into_any(),
        ),
        Phase::Away => view! {
            {card(
                Icon::Unplugged,
                "Paraph’s server does not answer",
                "You can go on writing and send as usual: a signature that is in your draft stays there. \
                 Check your connection, then try again."
                    .into(),
                again(retry),
            )}
            {kept(state)}
        }
        .into_any(),
        Phase::Failed(reason) => card(Icon::Warning, "There is no signature to show", reason, again(retry)),
        Phase::Loading | Phase::Ready => ().into_any(),
    }
}

fn again(retry: impl FnMut(leptos::ev::MouseEvent) + 'static) -> AnyView {
    view! { <button type="button" class="primary" on:click=retry>"Try again"</button> }.into_any()
}

fn card(sign: Icon, heading: &'static str, text: String, more: AnyView) -> AnyView {
    view! {
        <section class="card message">
            <span class="badge">{icon(sign)}</span>
            <h2>{heading}</h2>
            <p>{text}</p>
            {more}
        </section>
    }
    .into_any()
}

/// What the handler would insert while the server is away.
fn kept(state: State) -> AnyView {
    let Some(kept) = state.draft.with_untracked(|draft| draft.as_ref().and_then(office::kept)) else {
        return ().into_any();
    };
    let html = with_hosted_images(&kept.html, &kept.images);
    view! {
        <section class="card">
            <h2>"Your last signature"</h2>
            <p class="quiet">"Outlook keeps this copy and inserts it while the server is away."</p>
            <Preview html title="Your last signature" />
        </section>
    }
    .into_any()
}
