//! A box to search in.

use crate::ui::{Icon, icon, new_id};
use leptos::prelude::*;

/// A box to search for `what`, such as `rules`; `typed` gets what stands in it after each letter.
pub fn search(what: &str, value: RwSignal<String>, typed: Callback<String>) -> AnyView {
    let (id, words) = (new_id("search"), "Search ".to_owned() + what);
    view! {
        <div class="search" role="search">
            <label class="hidden" for=id.clone()>
                {words.clone()}
            </label>
            {icon(Icon::SEARCH)}
            <input
                id=id
                type="search"
                maxlength="200"
                autocomplete="off"
                placeholder=words
                prop:value=value
                on:input=move |event| typed.run(event_target_value(&event))
            />
        </div>
    }
    .into_any()
}
