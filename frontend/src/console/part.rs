//! Parts of the console that are loaded when one of their pages is first opened.

use super::pages::{page as frame, tenant_crumb};
use super::shell;
use crate::api::console::{Failure, get_open};
use crate::ui::{Button, Icon, Look, Skeleton, changing, icon};
use ::api::console::pages::Page;
use ::api::console::{Session, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
pub use leptos::wasm_split::SplitLoaderError;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Builds a page that is there.
pub type Build = Arc<dyn Fn() -> AnyView + Send + Sync>;

/// Loads the part that has the page.
pub type Loading = Pin<Box<dyn Future<Output = Result<Build, SplitLoaderError>>>>;

/// How far a page's part is.
#[derive(Clone)]
enum State {
    Loading,
    Here(Build),
    /// The server does not answer.
    Away,
    /// The server answers, but no longer has the part: it was updated.
    Gone,
}

/// The page, at once where its part is there, else as soon as it is.
pub fn part(tenant: &str, page: &Page, load: impl Fn() -> Loading + Send + Sync + 'static) -> AnyView {
    let mut loading = load();
    if let Poll::Ready(Ok(build)) = loading.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        return build();
    }
    let state = RwSignal::new_local(State::Loading);
    wait_for(loading, state);
    let load = Arc::new(load);
    let retry = Callback::new(move |()| {
        state.set(State::Loading);
        // The button that was pressed is gone.
        request_animation_frame(|| shell::focus("main h1"));
        wait_for(load(), state);
    });
    let (title, crumbs) = (page.about().title, tenant_crumb(tenant));
    changing(move || {
        let instead = match state.get() {
            State::Here(build) => return untrack(|| build()),
            State::Loading => view! { <Skeleton /> }.into_any(),
            State::Away => away(retry),
            State::Gone => gone(retry),
        };
        frame(&crumbs, title, ().into_any(), instead)
    })
}

fn wait_for(loading: Loading, state: RwSignal<State, LocalStorage>) {
    spawn_local(async move {
        let next = match loading.await {
            Ok(build) => State::Here(build),
            Err(_) if get_open::<Session>(paths::SESSION).await.err() == Some(Failure::Away) => State::Away,
            Err(_) => State::Gone,
        };
        // The heading that has the focus is about to be replaced by another.
        let focused = document().active_element();
        let has_focus = focused.is_some_and(|element| element.closest("#main").ok().flatten().is_some());
        let is_left = state.try_set(next).is_some();
        if has_focus && !is_left {
            request_animation_frame(|| shell::focus("main h1"));
        }
    });
}

fn away(retry: Callback<()>) -> AnyView {
    let buttons = view! {
        <Button look=Look::Primary icon=Icon::REFRESH on_press=retry>
            "Retry"
        </Button>
    };
    message(
        Icon::UNPLUGGED,
        "The server does not answer",
        "This page could not be loaded. Check the connection, then try again.",
        buttons.into_any(),
    )
}

fn gone(retry: Callback<()>) -> AnyView {
    let reload = |()| drop(window().location().reload());
    let buttons = view! {
        <div class="row wrap">
            <Button look=Look::Primary icon=Icon::REFRESH on_press=reload>
                "Reload the console"
            </Button>
            <Button on_press=retry>"Retry"</Button>
        </div>
    };
    message(
        Icon::WARNING,
        "The console has been updated",
        "The server was updated after you opened the console and no longer has this version of the page. Reload the \
         console to continue.",
        buttons.into_any(),
    )
}

fn message(drawn: Icon, title: &'static str, words: &'static str, buttons: AnyView) -> AnyView {
    view! {
        <div class="card message" role="alert">
            <div class="badge">{icon(drawn)}</div>
            <h2>{title}</h2>
            <p>{words}</p>
            {buttons}
        </div>
    }
    .into_any()
}
