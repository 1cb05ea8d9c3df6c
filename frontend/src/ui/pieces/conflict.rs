//! What happens when two people changed the same: both versions are shown, and the person says which one stays.

use crate::api::console::Tagged;
use crate::ui::{Button, Dialog, Look, changing, effect};
use leptos::prelude::*;

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Names it.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// What somebody else saved.
    pub theirs: String,
    /// What was typed here.
    pub mine: String,
}

/// What differs between two versions, each given as labels with what they say, in order.
pub fn differences(theirs: &[(String, String)], mine: &[(String, String)]) -> Vec<Difference> {
    let of = |version: &[(String, String)], label: &str| {
        let found = version.iter().find(|(own, _)| own == label);
        found.map_or_else(|| "(not there)".to_owned(), |(_, said)| said.clone())
    };
    let only_theirs = theirs.iter().filter(|(label, _)| !mine.iter().any(|(own, _)| own == label));
    let labels = mine.iter().chain(only_theirs).map(|(label, _)| label);
    labels
        .map(|label| Difference {
            key: label.clone(),
            label: label.clone(),
            theirs: of(theirs, label),
            mine: of(mine, label),
        })
        .filter(|one| one.theirs != one.mine)
        .collect()
}

/// What somebody else saved, and what differs between that and what was typed here.
type Both<T> = Option<(Tagged<T>, Vec<Difference>)>;

/// A change that came too late, because somebody else saved theirs first. What was typed stays until the person decides.
pub struct Conflict<T: Send + Sync + 'static>(RwSignal<Both<T>>);

impl<T: Send + Sync + 'static> Clone for Conflict<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Conflict<T> {}

impl<T: Send + Sync + 'static> Default for Conflict<T> {
    fn default() -> Self {
        Self(RwSignal::new(None))
    }
}

impl<T: Send + Sync + 'static> Conflict<T> {
    /// Shows both versions. Where they say the same, nothing has to be decided, and theirs comes back.
    #[must_use]
    pub fn meet(self, theirs: Tagged<T>, differences: Vec<Difference>) -> Option<Tagged<T>> {
        if differences.is_empty() {
            return Some(theirs);
        }
        // Nobody decides anything on a page that was left.
        let _ = self.0.try_set(Some((theirs, differences)));
        None
    }

    /// The dialog. `reload` takes their version in the place of what was typed; `overwrite` saves what was typed in the place
    /// of theirs.
    pub fn view(
        self,
        reload: impl Fn(Tagged<T>) + Send + Sync + 'static,
        overwrite: impl Fn(Tagged<T>) + Send + Sync + 'static,
    ) -> AnyView {
        // No memo: the same differences are shown again when they come again.
        let differences = Signal::derive(move || {
            self.0.with(|both| both.as_ref().map(|(_, differences)| differences.clone())).unwrap_or_default()
        });
        let theirs = move || self.0.try_update(Option::take).flatten().map(|(theirs, _)| theirs);
        let reload = Callback::new(move |()| theirs().into_iter().for_each(&reload));
        let overwrite = Callback::new(move |()| theirs().into_iter().for_each(&overwrite));
        dialog(differences, reload, overwrite)
    }
}

fn dialog(differences: Signal<Vec<Difference>>, reload: Callback<()>, overwrite: Callback<()>) -> AnyView {
    let open = RwSignal::new(false);
    effect(move || open.set(differences.with(|all| !all.is_empty())));
    let version = |words: &'static str, said: String| {
        let said = if said.is_empty() { "(empty)".to_owned() } else { said };
        view! {
            <div class="version">
                <span>
                    <span class="quiet">{words}</span>
                    <span class="said">{said}</span>
                </span>
            </div>
        }
    };
    let one = move |one: Difference| {
        view! {
            <section class="difference">
                <h3>{one.label}</h3>
                {version("Saved by another user", one.theirs)}
                {version("Yours, not saved", one.mine)}
            </section>
        }
    };
    view! {
        <Dialog open title="Changed in the meantime" wide=true>
            <p>
                "Another user saved a change after you opened this. None of your changes are lost or saved until you \
                 decide."
            </p>
            <div class="compare">{changing(move || differences.get().into_iter().map(one).collect_view())}</div>
            <div class="row wrap end">
                <Button on_press=move |()| reload.run(())>"Discard mine and reload"</Button>
                <Button on_press=move |()| overwrite.run(())>"Save mine instead"</Button>
                <Button look=Look::Primary on_press=move |()| open.set(false)>
                    "Keep editing"
                </Button>
            </div>
        </Dialog>
    }
    .into_any()
}
