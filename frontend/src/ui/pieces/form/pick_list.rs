//! The list below a field that one picks from: in the browser's top layer, so that no dialog cuts it off.

use super::pick::{Choice, Picks};
use super::picker::{Answer, Picker};
use crate::ui::time::grouped;
use crate::ui::{Button, Icon, changing, icon, text, when};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Room between field and list, and between the list and the window's edge.
const GAP: f64 = 4.0;
/// As high as the list gets.
const HEIGHT: f64 = 320.0;
/// With less room than this below the field the list opens above it.
const LEAST: f64 = 200.0;

/// The list and what is to be said of it.
pub(crate) fn panel(picker: Picker, label: String) -> AnyView {
    let options = move || {
        let all = picker.found.read(|answer| answer.found.choices.clone());
        all.into_iter().enumerate().map(|(at, choice)| option(picker, at, choice)).collect_view()
    };
    let many = matches!(picker.picks, Picks::Many(_)).then_some("true");
    view! {
        <div
            node_ref=picker.panel
            class="choices"
            popover="manual"
            // The focus stays in the field.
            on:mousedown=|event| event.prevent_default()
        >
            <ul
                id=picker.list.get_value()
                role="listbox"
                aria-label=label
                aria-multiselectable=many
                aria-busy=text(move || picker.found.busy.get().to_string())
                class:stale=when(move || picker.waits())
            >
                {options}
            </ul>
            {changing(move || words(picker))}
        </div>
    }
    .into_any()
}

fn option(picker: Picker, at: usize, choice: Choice) -> AnyView {
    let (id, own) = (picker.option_id(at), choice.id.clone());
    let chosen = Memo::new(move |_| picker.picks.has(&own));
    let Choice { name, hint, .. } = choice.clone();
    view! {
        <li
            id=id
            role="option"
            aria-selected=text(move || chosen.get().to_string())
            class:active=when(move || picker.active.get() == Some(at))
            on:click=move |_| picker.pick(choice.clone())
        >
            <span class="twice grow">
                <span class="clip">{name}</span>
                {(!hint.is_empty()).then(|| view! { <span class="quiet clip">{hint}</span> })}
            </span>
            {changing(move || chosen.get().then(|| icon(Icon::CHECK)))}
        </li>
    }
    .into_any()
}

/// What is below the choices, or there instead of them.
fn words(picker: Picker) -> AnyView {
    if let Some(failure) = picker.found.failure.get() {
        return view! {
            <div class="row wrap">
                <p class="grow wrong">{failure.text()}</p>
                <Button on_press=move |()| picker.found.retry()>"Try again"</Button>
            </div>
        }
        .into_any();
    }
    let (shown, total, asked) = picker
        .found
        .read(|answer: &Answer| (answer.found.choices.len() as u64, answer.found.total, answer.words.is_some()));
    let words = if !asked || (shown == 0 && picker.waits()) {
        "Searching …".to_owned()
    } else if shown == 0 {
        "No match".to_owned()
    } else if shown < total {
        "The first ".to_owned() + &grouped(shown) + " of " + &grouped(total) + ". Type to find more."
    } else {
        return ().into_any();
    };
    view! { <p class="quiet">{words}</p> }.into_any()
}

/// Keeps the list at its field while it is open, wherever the field goes: pages scroll, and what is picked makes room above.
pub(crate) fn follow(picker: Picker) {
    if picker.open.try_get_untracked() != Some(true) {
        return;
    }
    if let (Some(input), Some(panel)) = (picker.input.get_untracked(), picker.panel.get_untracked()) {
        place(&input, &panel);
    }
    request_animation_frame(move || follow(picker));
}

fn place(input: &HtmlElement, panel: &HtmlElement) {
    let at = input.get_bounding_client_rect();
    let window = document().document_element().map_or(0.0, |root| f64::from(root.client_height()));
    let (below, above) = (window - at.bottom() - 2.0 * GAP, at.top() - 2.0 * GAP);
    let up = below < LEAST && above > below;
    let height = if up { above } else { below }.min(HEIGHT);
    let (top, bottom) = if up { (None, Some(window - at.top() + GAP)) } else { (Some(at.bottom() + GAP), None) };
    let pixels = |number: f64| number.to_string() + "px";
    let style = panel.style();
    let pairs = [("left", Some(at.left())), ("width", Some(at.width())), ("max-height", Some(height))];
    for (name, value) in pairs.into_iter().chain([("top", top), ("bottom", bottom)]) {
        drop(style.set_property(name, &value.map_or_else(|| "auto".to_owned(), pixels)));
    }
}

/// Scrolls the list so that this choice is in sight.
pub(crate) fn reveal(picker: Picker, at: usize) {
    let Some(panel) = picker.panel.get_untracked() else { return };
    let option = document().get_element_by_id(&picker.option_id(at));
    let Some(option) = option.and_then(|option| option.dyn_into::<HtmlElement>().ok()) else { return };
    let (top, bottom) = (option.offset_top(), option.offset_top() + option.offset_height());
    if top < panel.scroll_top() {
        panel.set_scroll_top(top);
    } else if bottom > panel.scroll_top() + panel.client_height() {
        panel.set_scroll_top(bottom - panel.client_height());
    }
}
