//! Blocks in a template: put into it, and which it uses; of a block, which templates use it.

use super::document::Editing;
use super::views::Views;
use crate::console::pages::at;
use crate::ui::{Button, Dialog, Icon, Look, Notice, changing, when};
use ::api::console::TemplateLink;
use ::api::console::pages::Designs;
use email_signature::Template;
use leptos::prelude::*;

/// How a template names a block.
fn include(id: &str) -> String {
    "{% include \"".to_owned() + id + "\" %}"
}

/// Whether HTML names a block, with either sort of quotes.
fn names(html: &str, id: &str) -> bool {
    ['"', '\'']
        .iter()
        .any(|quote| html.contains(&("include ".to_owned() + &quote.to_string() + id + &quote.to_string())))
}

/// The button, and the dialog in which a block is picked.
pub(crate) fn blocks(editing: Editing, views: Views) -> AnyView {
    let open = RwSignal::new(false);
    let insert = Callback::new(move |id: String| {
        open.set(false);
        request_animation_frame(move || views.insert(&include(&id), ""));
    });
    let all = move || {
        let blocks = editing.usable_blocks();
        if blocks.is_empty() {
            let templates = at(&editing.tenant.get_value(), Designs::Templates);
            return view! {
                <p>
                    "There are no blocks yet. A block is a piece that templates share, such as a footer: change it once, \
                     and every template that uses it changes, too. "
                    <a href=templates>"Create one in the list of templates"</a> ", under Other ways."
                </p>
            }
            .into_any();
        }
        let one = move |block: Template| {
            view! {
                <li>
                    <button type="button" on:click=move |_| insert.run(block.id.clone())>
                        <span class="grow">{block.name.clone()}</span>
                        <span class="quiet clip">{block.folder.clone()}</span>
                    </button>
                </li>
            }
        };
        view! { <ul class="pickable">{blocks.into_iter().map(one).collect_view()}</ul> }.into_any()
    };
    view! {
        <div hidden=when(move || editing.is_block())>
            <Button look=Look::Subtle icon=Icon::COLUMNS on_press=move |()| open.set(true)>
                "Block"
            </Button>
        </div>
        <Dialog open title="Insert a block">
            {changing(all)}
        </Dialog>
    }
    .into_any()
}

/// The blocks that it uses; of a block, the templates that use it.
pub(crate) fn uses(editing: Editing) -> AnyView {
    changing(move || {
        let link = |id: String, name: String| {
            let href = at(&editing.tenant.get_value(), Designs::Template(id));
            view! {
                <li>
                    <a href=href>{name}</a>
                </li>
            }
        };
        if editing.is_block() {
            let users: Vec<TemplateLink> = editing.found.read(|found| found.value.used_in.clone());
            if users.is_empty() {
                return view! {
                    <Notice>
                        <p>"No template uses it yet. Open a template, and choose Block in its tools."</p>
                    </Notice>
                }
                .into_any();
            }
            let links = users.into_iter().map(|one| link(one.id, one.name)).collect_view();
            return view! {
                <Notice>
                    <p>"Publishing it changes every template that uses it:"</p>
                    <ul class="inline-list">{links}</ul>
                </Notice>
            }
            .into_any();
        }
        let used = move |block: &Template| {
            editing
                .doc
                .with(|doc| names(&doc.html, &block.id) || doc.text.as_ref().is_some_and(|text| names(text, &block.id)))
        };
        let blocks: Vec<Template> = editing.usable_blocks().into_iter().filter(used).collect();
        if blocks.is_empty() {
            return ().into_any();
        }
        view! {
            <div class="row wrap">
                <p class="quiet">"Blocks in it:"</p>
                <ul class="inline-list">{blocks.into_iter().map(|one| link(one.id, one.name)).collect_view()}</ul>
            </div>
        }
        .into_any()
    })
}
