//! Picking one or many by searching: a combobox with a list, as the ARIA Authoring Practices describe it.

use super::field::Frame;
use super::pick_list::panel;
use super::picker::Picker;
use crate::api::console::Failure;
use crate::ui::{Button, Icon, Look, changing, icon, text};
use leptos::prelude::*;
use std::pin::Pin;
use std::sync::Arc;

/// What can be picked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Names it among all others.
    pub id: String,
    /// What people know it by.
    pub name: String,
    /// What tells it from others of the same name, such as an address.
    pub hint: String,
}

/// What was found for some words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The first of them.
    pub choices: Vec<Choice>,
    /// How many there are.
    pub total: u64,
}

type Finding = Pin<Box<dyn Future<Output = Result<Found, Failure>>>>;

/// Finds what matches words; all of it where there are none.
#[derive(Clone)]
pub struct Finder(pub(crate) Arc<dyn Fn(String) -> Finding + Send + Sync>);

impl Finder {
    /// That asks so.
    pub fn new<F>(find: impl Fn(String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Found, Failure>> + 'static,
    {
        Self(Arc::new(move |words| Box::pin(find(words))))
    }
}

/// How many may be picked, and where they go.
#[derive(Clone, Copy)]
pub enum Picks {
    /// One; its name stands in the field.
    One(RwSignal<Option<Choice>>),
    /// Any number; each stands above the field until it is taken away.
    Many(RwSignal<Vec<Choice>>),
    /// One after the other, to do something with; the field is empty again after each.
    Each(Callback<Choice>),
}

impl Picks {
    /// Whether it is picked now; follows changes.
    pub(crate) fn has(self, id: &str) -> bool {
        match self {
            Self::One(chosen) => chosen.with(|chosen| chosen.as_ref().is_some_and(|one| one.id == id)),
            Self::Many(chosen) => chosen.with(|chosen| chosen.iter().any(|one| one.id == id)),
            Self::Each(_) => false,
        }
    }

    /// What stands in the field while nobody types.
    pub(crate) fn name(self) -> String {
        match self {
            Self::One(chosen) => chosen.try_get_untracked().flatten().map(|chosen| chosen.name).unwrap_or_default(),
            Self::Many(_) | Self::Each(_) => String::new(),
        }
    }
}

/// A field that one types into to find what is to be picked.
#[component]
pub fn Pick(
    /// What is picked.
    #[prop(into)]
    label: String,
    /// Finds it.
    find: Finder,
    /// How many, and where they go.
    picks: Picks,
    /// What helps to pick.
    #[prop(optional, into)]
    hint: String,
    /// What can be typed, such as `Name or address`.
    #[prop(default = "Search")]
    placeholder: &'static str,
    /// What is wrong with what is picked.
    #[prop(optional, into)]
    error: Signal<String>,
    /// Whether nothing need be picked.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let picker = Picker::new(find, picks);
    let named = label.clone();
    let frame = Frame::new(label, hint, error, optional);
    let (id, described, invalid) = (frame.id.clone(), frame.described(), frame.invalid());
    let list = picker.list.get_value();
    let active = move || picker.active.get().map(|at| picker.option_id(at));
    let clear = {
        let label = "Clear ".to_owned() + &named;
        move || {
            let Picks::One(chosen) = picks else { return None };
            let clear = move |()| {
                chosen.set(None);
                picker.focus();
            };
            let label = label.clone();
            chosen.read().is_some().then(|| {
                view! { <Button look=Look::Subtle icon=Icon::CLOSE label on_press=clear /> }
            })
        }
    };
    let input = view! {
        {chips(picker, &named)}
        <div class="pick">
            {icon(Icon::SEARCH)}
            <input
                node_ref=picker.input
                id=id
                type="text"
                role="combobox"
                dir="auto"
                autocomplete="off"
                spellcheck="false"
                maxlength="200"
                placeholder=placeholder
                aria-autocomplete="list"
                aria-controls=list
                aria-expanded=text(move || picker.open.get().to_string())
                aria-activedescendant=active
                aria-invalid=invalid
                aria-describedby=described
                prop:value=picker.typed
                on:input=move |event| picker.type_in(event_target_value(&event))
                on:click=move |_| picker.show()
                on:focus=move |_| picker.select()
                on:blur=move |_| picker.leave()
                on:keydown=move |event| picker.press(&event)
            />
            {clear}
        </div>
        {panel(picker, named)}
        <p class="hidden" role="status">
            {picker.said}
        </p>
    };
    frame.around(input.into_any())
}

/// What is picked of many.
fn chips(picker: Picker, label: &str) -> AnyView {
    let Picks::Many(chosen) = picker.picks else { return ().into_any() };
    let one = move |choice: Choice| {
        let (label, name) = ("Remove ".to_owned() + &choice.name, choice.name.clone());
        let remove = move |()| {
            picker.take_away(chosen, &choice);
            picker.focus();
        };
        view! {
            <li class="chip">
                <span class="clip">{name}</span>
                <Button look=Look::Subtle icon=Icon::CLOSE label on_press=remove />
            </li>
        }
    };
    view! {
            <ul class="chips" aria-label=label.to_owned()>
    {changing(move || chosen.get().into_iter().map(one).collect_view())}
            </ul>
        }
    .into_any()
}
