//! Icons, drawn on a 20 x 20 grid with strokes, so that they take the text's colour, in high contrast too.

use leptos::prelude::*;

/// The product's logo: the add-in's icon, as Outlook shows it.
#[cfg(feature = "console")]
pub fn logo() -> AnyView {
    view! { <img src="/assets/icons/icon.svg" alt="" width="24" height="24" /> }.into_any()
}

/// One icon: its path. Not an enum, so that each page holds the paths of those alone that it draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icon(pub &'static str);

#[expect(missing_docs, reason = "the names say it")]
impl Icon {
    pub const BRACES: Self = Self(
        "M8 3.5c-2 0-2.5 1-2.5 2.5v2c0 1.2-.6 2-2 2 1.4 0 2 .8 2 2v2c0 1.5.5 2.5 2.5 2.5M12 3.5c2 0 2.5 1 2.5 2.5v2c0 1.2.6 2 2 2-1.4 0-2 .8-2 2v2c0 1.5-.5 2.5-2.5 2.5",
    );
    pub const CHECK: Self = Self("M4 10.5l4 4 8-9");
    pub const CHEVRON: Self = Self("M5 8l5 5 5-5");
    pub const COPY: Self = Self("M7 6.5V4h9v10h-2.5M4 6.5h9.5V16H4z");
    pub const CURSOR: Self =
        Self("M7 3.5c2 0 3 .5 3 2v9c0 1.5-1 2-3 2M13 3.5c-2 0-3 .5-3 2M13 16.5c-2 0-3-.5-3-2M8 10h4");
    pub const DASH: Self = Self("M5 10h10");
    pub const INSERT: Self = Self("M3 15.5c3-8 5-10 6-9.5 1.5 1-2.5 8-1 8.5 1 .3 2-3 3-3s.5 2.5 1.5 2.5 1.5-1 4.5-1");
    pub const MAIL: Self = Self("M3 5h14v10.5H3zM3 5.5l7 5.5 7-5.5");
    pub const PAUSE: Self = Self("M7 4.5v11M13 4.5v11");
    pub const PERSON: Self = Self("M10 10a3.2 3.2 0 100-6.4 3.2 3.2 0 000 6.4zM4 16.5c.5-3 3-4.3 6-4.3s5.5 1.3 6 4.3");
    pub const REFRESH: Self = Self("M16 5v3.5h-3.5M4 15v-3.5h3.5M15.5 8.5A6 6 0 005 6.5M4.5 11.5A6 6 0 0015 13.5");
    pub const UNDO: Self = Self("M7 4L3.5 7.5 7 11M4 7.5h7.5a4 4 0 010 8H8");
    pub const UNPLUGGED: Self =
        Self("M3 3l14 14M5.5 8A8 8 0 018 6.5M3 11l1-1M12 8c1.5.5 2.5 1.2 3.5 2.2M8 12a3 3 0 014 0M10 15h.01");
    pub const ADD: Self = Self("M10 4v12M4 10h12");
    pub const BACK: Self = Self("M12 4.5L6.5 10l5.5 5.5");
    pub const BOOK: Self =
        Self("M4 4.5h4.5a2 2 0 011.5.8 2 2 0 011.5-.8H16v11h-4.5a2 2 0 00-1.5.8 2 2 0 00-1.5-.8H4zM10 5.5v10");
    pub const BUILDING: Self = Self("M4.5 16.5v-13h7v13M11.5 8h4v8.5M2.5 16.5h15M7 6.5h2M7 9.5h2M7 12.5h2");
    pub const CLOSE: Self = Self("M5 5l10 10M15 5L5 15");
    pub const COLUMNS: Self = Self("M3.5 4.5h13v11h-13zM8 4.5v11M12.2 4.5v11");
    pub const DATABASE: Self = Self(
        "M4 5.5C4 4.1 6.7 3 10 3s6 1.1 6 2.5S13.3 8 10 8 4 6.9 4 5.5zM4 5.5v9C4 15.9 6.7 17 10 17s6-1.1 6-2.5v-9M4 10c0 1.4 2.7 2.5 6 2.5s6-1.1 6-2.5",
    );
    pub const DELETE: Self = Self("M4 6h12M8 6V4h4v2M5.5 6l.8 10h7.4l.8-10M8.5 9v4.5M11.5 9v4.5");
    pub const DEVICE: Self = Self("M3.5 4.5h13v8.5h-13zM7 16h6M10 13v3");
    pub const WEATHER: Self = Self(
        "M6 15.5a3.2 3.2 0 01.2-6.4 4.5 4.5 0 018.6 1.2 2.7 2.7 0 01-.5 5.2zM6.5 5.5V3.5M3.3 6.8L2 5.5M9.7 6.5L11 5.2",
    );
    pub const DOWN: Self = Self("M10 4v12M5 11l5 5 5-5");
    pub const DOWNLOAD: Self = Self("M10 3.5v9M6 9l4 4 4-4M4 16.5h12");
    pub const EDIT: Self = Self("M4 16l.8-3.4L13 4.4l2.6 2.6-8.2 8.2zM11.3 6.1l2.6 2.6");
    pub const FILTER: Self = Self("M3.5 5h13M6 10h8M8.5 15h3");
    pub const FIRST: Self = Self("M14.5 4.5L9 10l5.5 5.5M5.5 4.5v11");
    pub const FOLDER: Self = Self("M3 5.5h5l1.5 2H17v8.5H3z");
    pub const FORWARD: Self = Self("M8 4.5l5.5 5.5L8 15.5");
    pub const GRIP: Self = Self("M7.5 5h.01M12.5 5h.01M7.5 10h.01M12.5 10h.01M7.5 15h.01M12.5 15h.01");
    pub const GROUP: Self = Self(
        "M7.5 9.5a2.7 2.7 0 100-5.4 2.7 2.7 0 000 5.4zM2.5 15.5c.4-2.6 2.4-3.8 5-3.8s4.6 1.2 5 3.8M12.5 4.4a2.6 2.6 0 010 4.9M14 12c1.9.5 3.1 1.6 3.5 3.5",
    );
    pub const HISTORY: Self = Self("M4.3 7A6.3 6.3 0 113.7 10.5M4 3.5V7h3.5M10 6.5V10l2.5 2");
    pub const HOME: Self = Self("M3.5 9.5L10 4l6.5 5.5M5.5 8.5v7.5h9V8.5");
    pub const IMAGE: Self = Self("M3.5 4.5h13v11h-13zM3.5 13l4-4 3.5 3.5 2-2 3.5 3.5M12.5 8h.01");
    pub const IMPORT: Self = Self("M10 12.5V3.5M6 7.5l4-4 4 4M4 16.5h12");
    pub const INFO: Self = Self("M10 17a7 7 0 100-14 7 7 0 000 14zM10 9v4.5M10 6.5h.01");
    pub const KEY: Self = Self("M12.5 9.5a3 3 0 100-6 3 3 0 000 6zM10.3 8.7L4 15v1.5h2.5V15H8v-1.5");
    pub const LAST: Self = Self("M5.5 4.5L11 10l-5.5 5.5M14.5 4.5v11");
    pub const LIST: Self = Self("M7.5 5.5h9M7.5 10h9M7.5 14.5h9M3.8 5.5h.01M3.8 10h.01M3.8 14.5h.01");
    pub const LOCK: Self = Self("M5 9h10v7.5H5zM7 9V6.5a3 3 0 016 0V9");
    pub const MENU: Self = Self("M3.5 5.5h13M3.5 10h13M3.5 14.5h13");
    pub const MEGAPHONE: Self = Self("M4 8.5v3h2.5l7 3.5V5l-7 3.5zM6.5 11.5l1 4.5h2l-.8-3.4M15.5 8.5v3");
    pub const MORE: Self = Self("M4.5 10h.01M10 10h.01M15.5 10h.01");
    pub const PLUG: Self = Self("M7.5 3v4M12.5 3v4M5.5 7h9v2.5a4.5 4.5 0 01-9 0zM10 14v3");
    pub const PLAY: Self = Self("M6 4l10 6-10 6z");
    pub const PUBLISH: Self = Self("M10 13V6M6.8 9L10 5.8 13.2 9M6 16.5h8M3.5 10a6.5 6.5 0 0113 0");
    pub const RULES: Self = Self("M10 3.5v3.2M10 6.7H5v3.5M10 6.7h5v3.5M3 10.2h4v4H3zM13 10.2h4v4h-4z");
    pub const SEARCH: Self = Self("M8.8 13.6a4.8 4.8 0 100-9.6 4.8 4.8 0 000 9.6zM12.3 12.3L16.5 16.5");
    pub const SETTINGS: Self =
        Self("M3.5 6h6M13.5 6h3M3.5 14h3M10.5 14h6M11.5 8a2 2 0 100-4 2 2 0 000 4zM8.5 16a2 2 0 100-4 2 2 0 000 4z");
    pub const UP: Self = Self("M10 16V4M5 9l5-5 5 5");
    pub const WARNING: Self = Self("M10 3.5l7.5 13h-15zM10 8.5v3.5M10 14.3h.01");
}

/// Draws the icon; decoration only, the words beside it carry the meaning.
pub fn icon(icon: Icon) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d=icon.0 />
        </svg>
    }
}

/// Draws an icon that may change.
pub fn icon_of(icon: impl Fn() -> Icon + Send + 'static) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d=move || icon().0 />
        </svg>
    }
}
