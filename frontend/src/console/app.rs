//! What every page of the console knows: who is signed in, where one is, which theme.

use super::place;
use crate::api::console::Failure;
use crate::ui::address::Arrival;
use ::api::console::Session;
use ::api::console::pages::Place;
use leptos::prelude::*;
use std::cell::{Cell, OnceCell};

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

/// The console as a program: how it comes to its pages, which are linked into no other program.
#[derive(Clone, Copy)]
pub struct Program {
    /// Its pages.
    pub page: fn(&Place) -> AnyView,
}

/// Signals that live as long as the page.
#[derive(Clone, Copy)]
pub struct App {
    /// How it comes to its pages.
    pub program: Program,
    /// What the console as a whole shows.
    pub phase: RwSignal<Phase>,
    /// Who is signed in.
    pub session: RwSignal<Option<Session>>,
    /// Whether the session ended while somebody was at work.
    pub lost: RwSignal<bool>,
    /// The address as it was when somebody came to this page. Pages read it here and never from the address bar, so
    /// that what is built again, or built late, finds the same.
    pub arrival: RwSignal<Arrival>,
    /// Where one is.
    pub place: Memo<Place>,
    /// Whether something was typed that is not saved.
    pub unsaved: RwSignal<bool>,
    /// `light`, `dark` or, for the system's, empty.
    pub theme: RwSignal<String>,
}

thread_local! {
    static PROGRAM: Cell<Program> = const { Cell::new(Program { page: nothing }) };
    static APP: OnceCell<App> = const { OnceCell::new() };
    static OWNER: Owner = Owner::new();
}

fn nothing(_: &Place) -> AnyView {
    ().into_any()
}

/// Says how the console comes to its pages, before it shows one.
pub fn set_program(program: Program) {
    PROGRAM.set(program);
}

/// The console's state.
pub fn app() -> App {
    APP.with(|app| *app.get_or_init(|| OWNER.with(|owner| owner.with(App::new))))
}

impl App {
    fn new() -> Self {
        let arrival = RwSignal::new(Arrival::now());
        Self {
            program: PROGRAM.get(),
            phase: RwSignal::new(Phase::Starting),
            session: RwSignal::new(None),
            lost: RwSignal::new(false),
            arrival,
            place: Memo::new(move |_| arrival.with(place::of)),
            unsaved: RwSignal::new(false),
            theme: RwSignal::new(crate::ui::kept("theme").unwrap_or_default()),
        }
    }
}
