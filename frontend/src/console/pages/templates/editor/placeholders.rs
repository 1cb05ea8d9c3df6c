//! Placeholders and conditions, put into the template without typing them.

use super::document::{Editing, Placeholder};
use super::views::Views;
use crate::ui::{
    Button, Choose, Dialog, Icon, Look, Radios, Select, TextField, Value, changing, icon, new_id, text, when,
};
use leptos::prelude::*;

/// The core's filters that need nothing more: name and words.
const FILTERS: [(&str, &str); 11] = [
    ("", "Unchanged"),
    ("upper", "LARGE LETTERS"),
    ("lower", "small letters"),
    ("title", "Each Word’s First Letter Large"),
    ("capitalize", "The first letter large"),
    ("phone", "Phone number as people read it"),
    ("phone('national')", "Phone number without its country"),
    ("tel", "Phone number for a tel: link"),
    ("date", "Date in the person’s language"),
    ("url", "Address for a link"),
    ("default('…')", "Another text if it is empty"),
];

/// The button, and the dialog in which a placeholder is picked.
pub(crate) fn placeholders(editing: Editing, views: Views) -> AnyView {
    let (open, search) = (RwSignal::new(false), RwSignal::new(String::new()));
    let filter = RwSignal::new(String::new());
    let insert = Callback::new(move |token: String| {
        let filter = filter.get_untracked();
        let filter = if filter.is_empty() { String::new() } else { "|".to_owned() + &filter };
        open.set(false);
        let placeholder = "{{ ".to_owned() + &token + &filter + " }}";
        request_animation_frame(move || views.insert(&placeholder, ""));
    });
    let filters = FILTERS.map(|(name, words)| (name.to_owned(), words.to_owned())).to_vec();
    let id = new_id("search");
    view! {
        <Button look=Look::Subtle icon=Icon::ADD on_press=move |()| open.set(true)>
            "Placeholder"
        </Button>
        <Dialog open title="Insert a placeholder">
            <p class="quiet">
                {text(move || {
                    let name = editing.person.with(|shown| {
                        shown.as_ref().and_then(|one| one.person.fields.get("display_name").cloned())
                    });
                    "A placeholder stands for each person's own value. Shown with the values of ".to_owned()
                        + &name.unwrap_or_else(|| "nobody".into()) + "."
                })}
            </p>
            <div class="row wrap">
                <div class="search grow" role="search">
                    <label class="hidden" for=id.clone()>
                        "Search placeholders"
                    </label>
                    {icon(Icon::SEARCH)}
                    <input
                        id=id.clone()
                        type="search"
                        autofocus
                        placeholder="Search placeholders"
                        autocomplete="off"
                        prop:value=search
                        on:input=move |event| search.set(event_target_value(&event))
                    />
                </div>
                <Choose label="Shown" value=filter options=Signal::stored(filters.clone()) />
            </div>
            <ul class="pickable">{changing(move || found(editing, search, insert))}</ul>
        </Dialog>
    }
    .into_any()
}

fn found(editing: Editing, search: RwSignal<String>, insert: Callback<String>) -> Vec<AnyView> {
    let words = search.get().to_lowercase();
    let fits = |one: &Placeholder| {
        [&one.token, &one.label, &one.value].iter().any(|text| text.to_lowercase().contains(&words))
    };
    let one = |Placeholder { token, label, value }: Placeholder| {
        let own = token.clone();
        view! {
            <li>
                <button type="button" on:click=move |_| insert.run(own.clone())>
                    <span class="grow">{label}</span>
                    <span class="quiet clip">{value}</span>
                    <code>{token}</code>
                </button>
            </li>
        }
        .into_any()
    };
    editing.placeholders().into_iter().filter(fits).map(one).collect()
}

/// The button, and the dialog in which a condition is put around what is selected.
pub(crate) fn conditions(editing: Editing, views: Views) -> AnyView {
    let open = RwSignal::new(false);
    let (field, value, how) = (Value::new("title"), Value::new(""), RwSignal::new("filled".to_owned()));
    let options = Signal::derive(move || {
        editing.placeholders().into_iter().map(|one| (one.token, one.label)).collect::<Vec<_>>()
    });
    let compares = when(move || how.with(|how| how != "equal" && how != "other"));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let token = field.trimmed();
        let wanted = value.trimmed().replace(['"', '\\', '%', '{', '}'], "");
        let condition = match how.get_untracked().as_str() {
            "empty" => "not ".to_owned() + &token,
            "equal" => token + " is same(\"" + &wanted + "\")",
            "other" => token + " is not same(\"" + &wanted + "\")",
            _ => token,
        };
        open.set(false);
        request_animation_frame(move || views.insert(&("{% if ".to_owned() + &condition + " %}"), "{% endif %}"));
    };
    view! {
        <Button look=Look::Subtle icon=Icon::FILTER on_press=move |()| open.set(true)>
            "Show only if …"
        </Button>
        <Dialog open title="Show only if …">
            <p class="quiet">
                "Your selection is left out of a mail unless this condition holds. You need no condition for a row, \
                 line or link whose placeholders are all empty: it is left out automatically."
            </p>
            <form novalidate on:submit=submit>
                <Select label="Field" value=field options />
                <Radios
                    label="Condition"
                    value=how
                    options=vec![
                        ("filled", "It is filled", ""),
                        ("empty", "It is empty", ""),
                        ("equal", "It is", "Upper and lower case are treated the same."),
                        ("other", "It is not", "Upper and lower case are treated the same."),
                    ]
                />
                <div hidden=compares>
                    <TextField label="Value" value />
                </div>
                <div class="row end">
                    <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                    <Button look=Look::Primary>"Apply to the selection"</Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
