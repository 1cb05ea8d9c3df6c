//! Buttons.

use crate::ui::{Icon, text};
use leptos::prelude::*;

/// How a button looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// One of several.
    #[default]
    Plain,
    /// What most people want here; one on a page or dialog.
    Primary,
    /// Beside something.
    Subtle,
    /// Takes something away.
    Danger,
}

impl Look {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Primary => "primary",
            Self::Subtle => "subtle",
            Self::Danger => "danger",
        }
    }
}

/// A button. While it is busy or unavailable it keeps the focus and does nothing: a disabled one would lose the focus of
/// whoever just pressed it.
#[component]
pub fn Button(
    /// How it looks.
    #[prop(optional)]
    look: Look,
    /// Drawn before the words.
    #[prop(optional, into)]
    icon: Option<Icon>,
    /// What it does, for who does not see the icon, where there are no words or they do not say enough.
    #[prop(optional, into)]
    label: String,
    /// Whether it is at work.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Whether there is nothing to do.
    #[prop(optional, into)]
    idle: Signal<bool>,
    /// What it does; without it the button sends its form.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
    /// The words.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let submits = on_press.is_none();
    let press = move |event: leptos::ev::MouseEvent| {
        if busy.get_untracked() || idle.get_untracked() {
            event.prevent_default();
        } else if let Some(on_press) = on_press {
            on_press.run(());
        }
    };
    let wordless = children.is_none();
    let labelled = Some(label).filter(|label| !label.is_empty());
    view! {
        <button
            type=if submits { "submit" } else { "button" }
            class=look.class()
            class:busy=busy
            class:square=wordless
            title=labelled.clone().filter(|_| wordless)
            aria-label=labelled
            aria-disabled=text(move || (busy.get() || idle.get()).to_string())
            aria-busy=text(move || busy.get().to_string())
            on:click=press
        >
            {icon.map(crate::ui::icon)}
            {children.map(|children| children())}
        </button>
    }
    .into_any()
}
