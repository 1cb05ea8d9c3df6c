//! Icons, drawn on a 20 x 20 grid with strokes, so that they take the text's colour, in high contrast too.

use leptos::prelude::*;

/// One icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Icon {
    Check,
    Chevron,
    Copy,
    Cursor,
    Dash,
    Insert,
    Mail,
    Person,
    Refresh,
    Undo,
    Unplugged,
    Warning,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Check => "M4 10.5l4 4 8-9",
            Self::Chevron => "M5 8l5 5 5-5",
            Self::Copy => "M7 6.5V4h9v10h-2.5M4 6.5h9.5V16H4z",
            Self::Cursor => "M7 3.5c2 0 3 .5 3 2v9c0 1.5-1 2-3 2M13 3.5c-2 0-3 .5-3 2M13 16.5c-2 0-3-.5-3-2M8 10h4",
            Self::Dash => "M5 10h10",
            Self::Insert => "M3 15.5c3-8 5-10 6-9.5 1.5 1-2.5 8-1 8.5 1 .3 2-3 3-3s.5 2.5 1.5 2.5 1.5-1 4.5-1",
            Self::Mail => "M3 5h14v10.5H3zM3 5.5l7 5.5 7-5.5",
            Self::Person => "M10 10a3.2 3.2 0 100-6.4 3.2 3.2 0 000 6.4zM4 16.5c.5-3 3-4.3 6-4.3s5.5 1.3 6 4.3",
            Self::Refresh => "M16 5v3.5h-3.5M4 15v-3.5h3.5M15.5 8.5A6 6 0 005 6.5M4.5 11.5A6 6 0 0015 13.5",
            Self::Undo => "M7 4L3.5 7.5 7 11M4 7.5h7.5a4 4 0 010 8H8",
            Self::Unplugged => {
                "M3 3l14 14M5.5 8A8 8 0 018 6.5M3 11l1-1M12 8c1.5.5 2.5 1.2 3.5 2.2M8 12a3 3 0 014 0M10 15h.01"
            }
            Self::Warning => "M10 3.5l7.5 13h-15zM10 8.5v3.5M10 14.3h.01",
        }
    }
}

/// Draws the icon; decoration only, the words beside it carry the meaning.
pub fn icon(icon: Icon) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d=icon.path() />
        </svg>
    }
}

/// Draws an icon that may change.
pub fn icon_of(icon: impl Fn() -> Icon + Send + 'static) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d=move || icon().path() />
        </svg>
    }
}
