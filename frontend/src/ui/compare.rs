//! Two versions of the same thing side by side, after two people changed it at once.

use super::{Button, Dialog, Look, changing, effect, new_id, text};
use leptos::prelude::*;
use std::collections::BTreeMap;

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

/// Which version stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// What was typed here.
    Mine,
    /// What somebody else saved.
    Theirs,
}

/// Asks, for each difference, which version stays; nothing is chosen for the person, and closing loses nothing.
#[component]
pub fn Compare(
    /// What differs; empty: nothing is asked.
    differences: RwSignal<Vec<Difference>>,
    /// Takes the choice, by key.
    #[prop(into)]
    on_choose: Callback<BTreeMap<String, Keep>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let chosen = RwSignal::new(BTreeMap::<String, Keep>::new());
    effect(move || {
        let any = differences.with(|all| !all.is_empty());
        chosen.set(BTreeMap::new());
        open.set(any);
    });
    let idle = super::when(move || differences.with(|all| chosen.with(|chosen| chosen.len() < all.len())));
    let all = move |keep: Keep| {
        chosen.set(differences.with_untracked(|all| all.iter().map(|one| (one.key.clone(), keep)).collect()));
    };
    view! {
        <Dialog open title="Somebody else changed this, too" wide=true>
            <p>"Choose for each what stays. Nothing is lost or saved until you have chosen."</p>
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
