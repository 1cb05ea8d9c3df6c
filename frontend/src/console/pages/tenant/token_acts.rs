//! What an admin can do with a token that is there: take it over from somebody who left, or revoke it.

use crate::api::console::{ask, delete, path};
use crate::console::session;
use crate::ui::{Button, Cell, Confirm, Icon, Look, Pill, Tone, effect, sentence, tell, text};
use ::api::console::{Role, Token, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The tokens that somebody is asked about, in the dialogs of a page.
#[derive(Clone, Copy)]
pub(crate) struct TokenActs {
    /// Reads again what the page shows, after a change.
    changed: Callback<()>,
    revoking: RwSignal<Option<Token>>,
    taking: RwSignal<Option<Token>>,
}

impl TokenActs {
    /// `changed`: reads again what the page shows.
    pub(crate) fn new(changed: impl Fn() + Send + Sync + 'static) -> Self {
        Self { changed: Callback::new(move |()| changed()), revoking: RwSignal::new(None), taking: RwSignal::new(None) }
    }

    /// The buttons of a token's row.
    pub(crate) fn buttons(self, token: &Token) -> Cell {
        let token = token.clone();
        Cell::view(move || {
            let (to_revoke, to_take) = (token.clone(), token.clone());
            let take_over = token.trouble.is_some().then(|| {
                let label = "Take over ".to_owned() + &token.name;
                let press = move |()| self.taking.set(Some(to_take.clone()));
                view! {
                    <Button label on_press=press>
                        "Take over"
                    </Button>
                }
            });
            let label = "Revoke ".to_owned() + &token.name;
            let press = move |()| self.revoking.set(Some(to_revoke.clone()));
            view! {
                <span class="row">{take_over} <Button look=Look::Subtle icon=Icon::DELETE label on_press=press /></span>
            }
            .into_any()
        })
    }

    /// The dialogs that ask first.
    pub(crate) fn dialogs(self, tenant: &str) -> AnyView {
        view! {
            {revoke(Asking::new(self.revoking, "Revoke ", self.changed), tenant.to_owned())}
            {take_over(Asking::new(self.taking, "Take over ", self.changed), tenant.to_owned())}
        }
        .into_any()
    }
}

/// A token's name, the beginning of its secret, and whether it is refused.
pub(crate) fn named(token: &Token) -> Cell {
    let token = token.clone();
    Cell::view(move || {
        let partly = token.lost.len() < token.scopes.len();
        let refused = token.trouble.as_deref().map(|trouble| {
            view! {
                <span class="row wrap">
                    <Pill text=if partly { "Partly refused" } else { "Refused" } tone=Tone::Error />
                    <span class="quiet">{sentence(trouble)}</span>
                </span>
            }
        });
        view! {
            <span class="twice">
                <span>{token.name.clone()}</span>
                <span class="quiet">{token.start.clone() + "…"}</span>
            </span>
            {refused}
        }
        .into_any()
    })
}

fn revoke(asking: Asking, tenant: String) -> AnyView {
    let confirmed = move |()| {
        let Some(token) = asking.about.get_untracked() else { return };
        let path = path(paths::TOKEN, &[&tenant, &token.id]);
        asking.busy.set(true);
        spawn_local(async move {
            let outcome = delete(&path).await.map_err(|failure| failure.text());
            asking.done(outcome.map(|()| token.name + " no longer works."));
        });
    };
    let Asking { open, busy, error, title, .. } = asking;
    view! {
        <Confirm open title action="Revoke" busy error on_confirm=confirmed>
            <p>"Programs that use it are refused from now on. This cannot be undone."</p>
        </Confirm>
    }
    .into_any()
}

fn take_over(asking: Asking, tenant: String) -> AnyView {
    let role = session::role(&tenant).map(Role::as_str).unwrap_or_default();
    let confirmed = move |()| {
        let Some(token) = asking.about.get_untracked() else { return };
        let path = path(paths::TAKE_OVER_TOKEN, &[&tenant, &token.id]);
        asking.busy.set(true);
        spawn_local(async move {
            let outcome = ask::<Token>("POST", &path).await.map_err(|failure| failure.text());
            asking.done(outcome.map(|token| token.name + " works again, with your role behind it."));
        });
    };
    let Asking { open, busy, error, title, .. } = asking;
    view! {
        <Confirm open title action="Take over" busy error on_confirm=confirmed>
            <p>
                "It works again immediately, as long as you are "
                {role} " here or higher. Its secret stays the same, so programs that use it need no change."
            </p>
            <p>"If the person who created it may have kept a copy of the secret, create a new one instead and revoke \
                this one."</p>
        </Confirm>
    }
    .into_any()
}

/// A question about a token.
#[derive(Clone, Copy)]
struct Asking {
    about: RwSignal<Option<Token>>,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
    title: Signal<String>,
    changed: Callback<()>,
}

impl Asking {
    /// Open while there is a token that it is about. `verb`: how the question begins.
    fn new(about: RwSignal<Option<Token>>, verb: &'static str, changed: Callback<()>) -> Self {
        let (open, busy, error) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(String::new()));
        effect(move || open.set(about.with(Option::is_some)));
        effect(move || {
            if !open.get() && about.with_untracked(Option::is_some) {
                about.set(None);
                error.set(String::new());
            }
        });
        let title = text(move || {
            about.with(|token| token.as_ref().map(|token| verb.to_owned() + &token.name + "?")).unwrap_or_default()
        });
        Self { about, open, busy, error, title, changed }
    }

    /// It is done, with what to say of it, or not, with why.
    fn done(self, outcome: Result<String, String>) {
        match outcome {
            Ok(words) => {
                tell(words);
                self.about.set(None);
                self.changed.run(());
            }
            Err(why) => self.error.set(why),
        }
        self.busy.set(false);
    }
}
