//! What every page of the console knows: who is signed in, where one is, which theme.

use super::place::Place;
use crate::api::console::Failure;
use ::api::console::Session;
use leptos::prelude::*;
use std::cell::OnceCell;

/// What the console as a whole shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nobody knows yet who is signed in.
    Starting,
    /// Nobody is.
    SignedOut,
    /// Somebody is.
    In,
    /// The server does not say.
    Failed(Failure),
}

/// Signals that live as long as the page.
#[derive(Clone, Copy)]
pub struct App {
    /// What the console as a whole shows.
    pub phase: RwSignal<Phase>,
    /// Who is signed in.
    pub session: RwSignal<Option<Session>>,
    /// Whether the session ended while somebody was at work.
    pub lost: RwSignal<bool>,
    /// The path of the address.
    pub path: RwSignal<String>,
    /// Where one is.
    pub place: Memo<Place>,
    /// Whether something was typed that is not saved.
    pub unsaved: RwSignal<bool>,
    /// `light`, `dark` or, for the system's, empty.
    pub theme: RwSignal<String>,
}

thread_local! {
    static APP: OnceCell<App> = const { OnceCell::new() };
    static OWNER: Owner = Owner::new();
}

/// The console's state.
pub fn app() -> App {
    APP.with(|app| *app.get_or_init(|| OWNER.with(|owner| owner.with(App::new))))
}

impl App {
    fn new() -> Self {
        let path = RwSignal::new(window().location().pathname().unwrap_or_default());
        Self {
            phase: RwSignal::new(Phase::Starting),
            session: RwSignal::new(None),
            lost: RwSignal::new(false),
            path,
            place: Memo::new(move |_| path.with(|path| Place::read(path))),
            unsaved: RwSignal::new(false),
            theme: RwSignal::new(crate::ui::kept("theme").unwrap_or_default()),
        }
    }
}
