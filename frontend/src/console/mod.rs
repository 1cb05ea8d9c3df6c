//! The console: what admins see of Paraph.

pub mod app;
pub mod invitation;
pub mod pages;
pub mod part;
pub mod password;
pub mod place;
pub mod router;
pub mod session;
pub mod setup;
pub mod shell;
pub mod sign_in;

use crate::api::console::Failure;
use crate::ui::{Failed, Skeleton, Toasts, changing, effect};
use ::api::console::pages::Place;
pub use app::Program;
use app::{Phase, app};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Replaces the page's skeleton by the console.
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
    let alone = Memo::new(move |_| Alone::of(app.place.get(), phase.get()));
    view! {
        {changing(move || alone.get().view())}
        {changing(move || inside.get().then(shell::shell))}
        {sign_in::again()}
        <Toasts />
    }
}

/// What stands in the place of the shell. It is built anew only where it is another one: neither what was typed nor what
/// the address said may go because the server answers who is signed in.
#[derive(Clone, PartialEq)]
enum Alone {
    /// Nothing: the shell is there.
    Nothing,
    Starting,
    /// A page that is there for everybody.
    Page(Place),
    SignIn,
    /// Goes to the sign-in page.
    SignedOut,
    /// Goes from the sign-in page to where somebody wanted to go.
    SignedIn,
    Failed(Failure),
}

impl Alone {
    fn of(place: Place, phase: Phase) -> Self {
        match (place, phase) {
            (place @ Place::Setup(_), _) => Self::Page(place),
            (_, Phase::Starting) => Self::Starting,
            (place @ Place::Invitation(_), _) => Self::Page(place),
            (_, Phase::Failed(failure)) => Self::Failed(failure),
            (Place::SignIn, Phase::In) => Self::SignedIn,
            (Place::SignIn, Phase::SignedOut) => Self::SignIn,
            (_, Phase::SignedOut) => Self::SignedOut,
            (_, Phase::In) => Self::Nothing,
        }
    }

    fn view(self) -> AnyView {
        let page = |place: &Place| (app().program.page)(place);
        match self {
            Self::Nothing => ().into_any(),
            Self::Starting => view! { <div class="boot"><Skeleton /></div> }.into_any(),
            Self::Page(place) => untrack(|| page(&place)),
            Self::SignIn => untrack(sign_in::sign_in),
            Self::SignedOut => {
                router::to_sign_in();
                ().into_any()
            }
            Self::SignedIn => sign_in::enter(),
            Self::Failed(failure) => {
                let retry = move |()| drop(window().location().reload());
                view! { <main class="alone"><Failed failure retry /></main> }.into_any()
            }
        }
    }
}
