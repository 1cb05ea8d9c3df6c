//! The menu of a rule in the list, and what it asks for: a place, a folder.

use super::acts::{Acts, Asked, focus};
use crate::console::pages::rules::editing::Editing;
use crate::console::pages::rules::put;
use crate::ui::{Button, Dialog, Icon, Look, TextField, Value, icon, new_id, when};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

/// The menu and the dialogs.
pub(crate) fn menu(acts: Acts) -> AnyView {
    let one = |(act, drawn, words): (&'static str, Icon, &'static str)| {
        view! {
            <li>
                <button type="button" on:click=move |_| acts.choose(act)>
                    {icon(drawn)}
                    <span>{words}</span>
                </button>
            </li>
        }
    };
    let all = [
        ("up", Icon::UP, "Move up"),
        ("down", Icon::DOWN, "Move down"),
        ("first", Icon::UP, "Move to the top"),
        ("last", Icon::DOWN, "Move to the end"),
        ("place", Icon::LIST, "Move to a place …"),
        ("folder", Icon::FOLDER, "Put into a folder …"),
        ("duplicate", Icon::COPY, "Duplicate"),
        ("delete", Icon::DELETE, "Delete"),
    ];
    let open = RwSignal::new(false);
    let title = move || match acts.asked.get() {
        Some(Asked::Folder) => "Put into a folder",
        _ => "Move to a place",
    };
    crate::ui::effect(move || put(open, acts.asked.get().is_some()));
    crate::ui::effect(move || {
        if !open.get() {
            put(acts.asked, None);
        }
    });
    view! {
        <div node_ref=acts.menu class="menu" popover="auto" role="group" aria-label="The rule">
            <ul>{all.map(one).into_iter().collect_view()}</ul>
        </div>
        <p class="hidden" role="status" aria-live="assertive">
            {acts.said}
        </p>
        <Dialog open title=crate::ui::text(move || title().to_owned())>
            {move || asking(acts, open)}
        </Dialog>
    }
    .into_any()
}

fn asking(acts: Acts, open: RwSignal<bool>) -> AnyView {
    let (Some(asked), Some(id)) = (acts.asked.get_untracked(), acts.of.get_untracked()) else { return ().into_any() };
    let rules = acts.editing.rules;
    let now = match asked {
        Asked::Place => acts.place(&id).map_or(1, |at| at + 1).to_string(),
        Asked::Folder => rules
            .with_untracked(|rules| rules.iter().find(|rule| rule.id == id).map(|rule| rule.folder.clone()))
            .unwrap_or_default(),
    };
    let (value, total) = (Value::new(&now), rules.with_untracked(Vec::len));
    let own = id.clone();
    let done = move |event: SubmitEvent| {
        event.prevent_default();
        match asked {
            Asked::Place => {
                let Some(place) = value.trimmed().parse::<usize>().ok().filter(|place| (1..=total).contains(place))
                else {
                    value.error.set("Enter a number from 1 to ".to_owned() + &total.to_string() + ".");
                    return;
                };
                open.set(false);
                acts.move_to(&own, Some(place - 1));
            }
            Asked::Folder => {
                open.set(false);
                let (folder, name) = (value.trimmed(), acts.name(&own));
                let words = if folder.is_empty() {
                    "“".to_owned() + &name + "” is in no folder."
                } else {
                    "“".to_owned() + &name + "” is in “" + &folder + "”."
                };
                acts.editing.change(words, |rules| {
                    rules.iter_mut().filter(|rule| rule.id == own).for_each(|rule| rule.folder.clone_from(&folder));
                });
                focus(&own, "more");
            }
        }
    };
    let field = match asked {
        Asked::Place => {
            let label = "Place, 1 to ".to_owned() + &total.to_string();
            view! { <TextField label value inputmode="numeric" focus=true /> }.into_any()
        }
        Asked::Folder => view! {
            <TextField label="Folder" value optional=true longest=100usize focus=true hint="Such as Campaigns or \
                 Disclaimers. Folders only group this list." />
            {folders(acts.editing, value)}
        }
        .into_any(),
    };
    view! {
        <form novalidate on:submit=done>
            {field}
            <div class="row end">
                <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                <Button look=Look::Primary>"Move"</Button>
            </div>
        </form>
    }
    .into_any()
}

/// Folders that there are already.
pub(crate) fn folders(editing: Editing, value: Value) -> AnyView {
    let mut all: Vec<String> =
        editing.rules.with_untracked(|rules| rules.iter().map(|rule| rule.folder.clone()).collect());
    all.extend(["Campaigns".to_owned(), "Disclaimers".to_owned()]);
    all.retain(|folder| !folder.is_empty());
    all.sort();
    all.dedup();
    let one = move |folder: String| {
        let own = folder.clone();
        view! {
            <Button
                idle=when({
                    let own = own.clone();
                    move || value.text.with(|text| *text == own)
                })
                on_press=move |()| value.text.set(own.clone())
            >
                {folder}
            </Button>
        }
    };
    let label = new_id("folders");
    let labelled = label.clone();
    view! {
        <div class="row wrap" role="group" aria-labelledby=labelled>
            <span id=label class="quiet">"Folders: "</span>
            {all.into_iter().map(one).collect_view()}
        </div>
    }
    .into_any()
}
