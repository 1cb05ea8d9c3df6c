//! Something that comes from the server: not yet there, there, or refused.

use crate::api::console::Failure;
use crate::ui::{Failed, Skeleton, changing, effect};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Something from the server. What was there stays in sight while it is asked for again.
pub struct Loaded<T: Send + Sync + 'static> {
    /// What it is.
    pub value: RwSignal<Option<T>>,
    /// Why it is not there.
    pub failure: RwSignal<Option<Failure>>,
    /// Whether it is being asked for.
    pub busy: RwSignal<bool>,
    again: RwSignal<u32>,
}

impl<T: Send + Sync + 'static> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loaded<T> {}

impl<T: Send + Sync + 'static> Loaded<T> {
    /// Asks now, and again whenever a signal changes that `source` read.
    pub fn new<F>(source: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let loaded = Self {
            value: RwSignal::new(None),
            failure: RwSignal::new(None),
            busy: RwSignal::new(true),
            again: RwSignal::new(0),
        };
        // A late answer never replaces a newer one.
        let turn = StoredValue::new(0_u32);
        effect(move || {
            loaded.again.track();
            let answer = source();
            let mine = turn.get_value().wrapping_add(1);
            turn.set_value(mine);
            loaded.busy.set(true);
            spawn_local(async move {
                let answer = answer.await;
                if turn.try_get_value() == Some(mine) {
                    loaded.take(answer);
                }
            });
        });
        loaded
    }

    fn take(self, answer: Result<T, Failure>) {
        match answer {
            Ok(value) => {
                self.failure.set(None);
                self.value.set(Some(value));
            }
            Err(failure) => self.failure.set(Some(failure)),
        }
        self.busy.set(false);
    }

    /// Asks again.
    pub fn retry(self) {
        self.again.update(|again| *again = again.wrapping_add(1));
    }

    /// Reads something of it; the default while it is not there.
    pub fn read<R: Default>(self, read: impl FnOnce(&T) -> R) -> R {
        self.value.with(|value| value.as_ref().map(read).unwrap_or_default())
    }

    /// As [`Self::read`], without following changes, and also after the page is left.
    pub fn peek<R: Default>(self, read: impl FnOnce(&T) -> R) -> R {
        self.value.try_with_untracked(|value| value.as_ref().map(read)).flatten().unwrap_or_default()
    }

    /// The same in another form, which follows it.
    #[must_use]
    pub fn map<R: Send + Sync + 'static>(self, form: impl Fn(&T) -> R + 'static) -> Loaded<R> {
        let other = Loaded { value: RwSignal::new(None), failure: self.failure, busy: self.busy, again: self.again };
        effect(move || other.value.set(self.value.with(|value| value.as_ref().map(&form))));
        other
    }

    /// Shows `content` once it is there, until then grey shapes, or why it will not be. `content` is built once, and reads
    /// what may change.
    pub fn view(self, content: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
        self.view_or(content, move |failure| view! { <Failed failure retry=move |()| self.retry() /> }.into_any())
    }

    /// The same with another way to say why it will not be there.
    pub fn view_or(
        self,
        content: impl Fn() -> AnyView + Send + Sync + 'static,
        refused: impl Fn(Failure) -> AnyView + Send + Sync + 'static,
    ) -> AnyView {
        let there = Memo::new(move |_| self.value.with(Option::is_some));
        // A refusal to ask again changes nothing about what is in sight.
        let failure = Memo::new(move |_| if there.get() { None } else { self.failure.get() });
        changing(move || match (there.get(), failure.get()) {
            (true, _) => content(),
            (false, None) => view! { <Skeleton /> }.into_any(),
            (false, Some(failure)) => refused(failure),
        })
    }
}
