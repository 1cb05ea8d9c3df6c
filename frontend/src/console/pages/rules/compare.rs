//! Two versions of the same rules side by side, after two people changed them at once.

use crate::ui::{Button, Dialog, Difference, Look, changing, effect, new_id, text, when};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Which version stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// What was typed here.
    Mine,
    /// What somebody else saved.
    Theirs,
}

/// Asks, for each difference, which version stays; nothing is chosen for the person, and closing loses nothing. `on_choose`
/// takes the choice, by key.
pub(crate) fn compare(
    differences: RwSignal<Vec<Difference>>,
    on_choose: impl Fn(BTreeMap<String, Keep>) + Send + Sync + 'static,
) -> AnyView {
    let on_choose = Callback::new(on_choose);
    let open = RwSignal::new(false);
    let chosen = RwSignal::new(BTreeMap::<String, Keep>::new());
    effect(move || {
        let any = differences.with(|all| !all.is_empty());
        chosen.set(BTreeMap::new());
        open.set(any);
    });
    let idle = when(move || differences.with(|all| chosen.with(|chosen| chosen.len() < all.len())));
    let all = move |keep: Keep| {
        chosen.set(differences.with_untracked(|all| all.iter().map(|one| (one.key.clone(), keep)).collect()));
    };
    view! {
        <Dialog open title="Another user changed this, too" wide=true>
            <p>"Choose which version to keep for each. Nothing is lost or saved until you have chosen."</p>
            <div class="row wrap">
                <Button on_press=move |()| all(Keep::Theirs)>"Take all of theirs"</Button>
                <Button on_press=move |()| all(Keep::Mine)>"Keep all of mine"</Button>
            </div>
            <div class="compare">
                {changing(move || differences.get().into_iter().map(|one| difference(one, chosen)).collect_view())}
            </div>
            <div class="row end">
                <Button on_press=move |()| open.set(false)>"Decide later"</Button>
                <Button
                    look=Look::Primary
                    idle
                    on_press=move |()| {
                        open.set(false);
                        on_choose.run(chosen.get_untracked());
                    }
                >
                    "Save my choice"
                </Button>
            </div>
        </Dialog>
    }
    .into_any()
}

fn difference(one: Difference, chosen: RwSignal<BTreeMap<String, Keep>>) -> AnyView {
    let group = new_id("difference");
    let version = {
        let key = one.key.clone();
        move |keep: Keep, words: &'static str, value: String| {
            let (key, read) = (key.clone(), key.clone());
            let is_chosen = move || chosen.with(|chosen| chosen.get(&read) == Some(&keep));
            let shown = if value.is_empty() { "(empty)".to_owned() } else { value };
            view! {
                <label class="version">
                    <input
                        type="radio"
                        name=group.clone()
                        prop:checked=is_chosen
                        on:change=move |_| {
                            chosen.update(|chosen| {
                                chosen.insert(key.clone(), keep);
                            });
                        }
                    />
                    <span>
                        <span class="quiet">{words}</span>
                        <span class="said">{shown}</span>
                    </span>
                </label>
            }
        }
    };
    view! {
        <fieldset>
            <legend>{text(move || one.label.clone())}</legend>
            {version(Keep::Theirs, "Theirs, saved now", one.theirs)}
            {version(Keep::Mine, "Mine, not saved", one.mine)}
        </fieldset>
    }
    .into_any()
}
