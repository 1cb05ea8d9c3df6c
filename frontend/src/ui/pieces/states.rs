//! What a page shows instead of, or beside, its content: notices, pills, nothing there, an error, still loading.

use crate::api::console::Failure;
use crate::ui::{Button, Icon, icon};
use leptos::prelude::*;

/// How urgent something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// To know.
    #[default]
    Info,
    /// Something worked, or is as it should be.
    Success,
    /// To be looked at.
    Warning,
    /// Wrong.
    Error,
}

impl Tone {
    /// The class that colours it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// Its icon.
    pub fn icon(self) -> Icon {
        match self {
            Self::Info => Icon::INFO,
            Self::Success => Icon::CHECK,
            Self::Warning | Self::Error => Icon::WARNING,
        }
    }
}

/// A message that stays.
#[component]
pub fn Notice(
    /// How urgent it is.
    #[prop(optional)]
    tone: Tone,
    /// What it says.
    children: Children,
) -> impl IntoView {
    let class = "notice ".to_owned() + tone.class();
    view! {
        <div class=class role=if tone == Tone::Error { "alert" } else { "note" }>
            {icon(tone.icon())} <div class="grow">{children()}</div>
        </div>
    }
    .into_any()
}

/// A word or two about something.
#[component]
pub fn Pill(
    /// What it says.
    #[prop(into)]
    text: String,
    /// How urgent it is.
    #[prop(optional)]
    tone: Tone,
) -> impl IntoView {
    view! { <span class="pill ".to_owned() + tone.class()>{text}</span> }.into_any()
}

/// Nothing there, and what to do about it.
#[component]
pub fn Empty(
    /// What is not there.
    #[prop(into)]
    title: String,
    /// A picture of it.
    icon: Icon,
    /// What to do.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="card message">
            <div class="badge">{crate::ui::icon(icon)}</div>
            <h2>{title}</h2>
            {children()}
        </div>
    }
    .into_any()
}

/// Something could not be loaded.
#[component]
pub fn Failed(
    /// Why.
    #[prop(into)]
    failure: Signal<Failure>,
    /// Tries again.
    #[prop(into)]
    retry: Callback<()>,
) -> impl IntoView {
    let failure = failure.get_untracked();
    let (drawn, title) = match &failure {
        Failure::Away => (Icon::UNPLUGGED, "The server does not answer"),
        failure if failure.is_missing() => (Icon::SEARCH, "Nothing here"),
        Failure::Refused(403, _) => (Icon::LOCK, "Not for your role"),
        _ => (Icon::WARNING, "This could not be loaded"),
    };
    view! {
        <div class="card message" role="alert">
            <div class="badge">{icon(drawn)}</div>
            <h2>{title}</h2>
            <p>{failure.text()}</p>
            <Button icon=Icon::REFRESH on_press=retry>
                "Retry"
            </Button>
        </div>
    }
    .into_any()
}

/// Grey shapes where something is being loaded.
#[component]
pub fn Skeleton(
    /// How many lines.
    #[prop(default = 4)]
    lines: usize,
) -> impl IntoView {
    view! {
        <div class="card skeleton" role="status">
            <p class="hidden">"Loading"</p>
            {(0..lines).map(|_| view! { <i></i> }).collect_view()}
        </div>
    }
    .into_any()
}
