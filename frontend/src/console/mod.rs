//! The console: what admins see of Paraph. Two programs share it, each with its own pages.

pub mod app;
pub mod invitation;
pub mod pages;
pub mod password;
pub mod place;
pub mod router;
pub mod session;
pub mod setup;
pub mod shell;
pub mod sign_in;

use crate::ui::{Failed, Skeleton, Toasts, changing, effect};
pub use app::Program;
use app::{Phase, app};
use leptos::prelude::*;
use leptos::task::spawn_local;
use place::Place;

/// Replaces the page's skeleton by one of the console's programs.
pub fn start(program: Program) {
    app::set_program(program);
    // The words cost 10 KB, so who is not at work on the console learns only that it stopped.
    std::panic::set_hook(Box::new(|bug| {
        if cfg!(debug_assertions) {
            leptos::logging::error!("{bug}");
        }
        if let Some(note) = document().get_element_by_id("boot-note") {
            drop(note.remove_attribute("hidden"));
        }
    }));
    router::start();
    if let Some(place) = document().get_element_by_id("app") {
        place.set_inner_html("");
        leptos::mount::mount_to(leptos::wasm_bindgen::JsCast::unchecked_into(place), Console).forget();
        spawn_local(session::open());
    }
}

/// All of it: the pages before somebody is signed in, and the shell with the pages behind that.
#[component]
pub fn Console() -> impl IntoView {
    let app = app();
    // Whoever signs in again while at work must find the page as it was: only real changes build anything anew.
    let phase = Memo::new(move |_| app.phase.get());
    let inside = Memo::new(move |_| phase.get() == Phase::In && !app.place.with(Place::is_outside));
    effect(move || shell::set_title(&app.place.get()));
    let outside = move || match (app.place.get(), phase.get()) {
        (place @ Place::Setup, _) => (app.program.page)(&place),
        (_, Phase::Starting) => view! { <div class="boot"><Skeleton /></div> }.into_any(),
        (place @ Place::Invitation, _) => (app.program.page)(&place),
        (place @ Place::Pieces, Phase::SignedOut | Phase::Failed(_)) => {
            view! { <main class="alone wide">{(app.program.page)(&place)}</main> }.into_any()
        }
        (_, Phase::Failed(failure)) => {
            let retry = move |()| drop(window().location().reload());
            view! { <main class="alone"><Failed failure retry /></main> }.into_any()
        }
        (Place::SignIn, _) => sign_in::sign_in(),
        (_, Phase::SignedOut) => {
            router::to_sign_in();
            ().into_any()
        }
        (_, Phase::In) => ().into_any(),
    };
    view! {
        {outside}
        {changing(move || inside.get().then(shell::shell))}
        {sign_in::again()}
        <Toasts />
    }
}
