//! One template, being edited: what it looks like, its HTML, and for whom it is shown.

mod blocks;
pub(crate) mod document;
mod images;
pub(crate) mod parts;
mod placeholders;
mod said;
mod settings;
pub(crate) mod shown;
mod versions;
mod views;

use self::blocks::{blocks, uses};
use self::document::{Editing, Saving};
use self::images::images;
use self::placeholders::{conditions, placeholders};
use self::settings::settings;
use self::shown::shown;
use self::versions::versions;
use self::views::Views;
use super::{crumbs, page, state_words};
use crate::api::console::{get, path};
use crate::console::pages::at;
use crate::console::pages::rules::list::GIVE;
use crate::console::{router, session, shell};
use crate::ui::{
    Button, Icon, Loaded, Look, Notice, Pill, Tabs, address, changing, effect, icon, keep, kept, text, when,
};
use ::api::console::pages::{Rules, Signatures};
use ::api::console::{Role, TemplateDetail, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// `/console/tenants/TENANT/templates/TEMPLATE`.
pub(crate) fn template(tenant: &str, id: &str) -> AnyView {
    if session::folders(tenant).is_none() {
        return editor(tenant, id, session::may(tenant, Role::Editor));
    }
    // Whether an editor who is limited to folders may change it is known once its folder is.
    let own = path(paths::TEMPLATE, &[tenant, id]);
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<TemplateDetail>(&path).await }
    });
    let (tenant, id) = (tenant.to_owned(), id.to_owned());
    found.view(move || {
        let folder = found.read(|found| found.template.folder.clone());
        editor(&tenant, &id, session::may_change(&tenant, &folder))
    })
}

fn editor(tenant: &str, id: &str, may: bool) -> AnyView {
    let editing = Editing::new(tenant, id, may);
    router::keep(editing.unsaved());
    let name = text(move || {
        editing.doc.with(|doc| if doc.name.is_empty() { "Template".to_owned() } else { doc.name.clone() })
    });
    let own = session::tenant_name(tenant);
    effect(move || {
        if editing.found.value.with(Option::is_some) {
            shell::name_page(&name.get(), Some(&own));
        }
    });
    let content = editing.found.view(move || inside(editing));
    page(&crumbs(tenant), name, actions(editing), content)
}

fn actions(editing: Editing) -> AnyView {
    let changes = at(&editing.tenant.get_value(), Signatures::Changes);
    let there = when(move || editing.found.value.with(Option::is_none));
    view! {
        <div class="row wrap" hidden=there>
            {saved(editing)} {versions(editing)} {settings(editing)}
            {changing(move || {
                let state = editing.state.get();
                state_words(&state).into_iter().map(|(text, tone)| view! { <Pill text tone /> }).collect_view()
            })}
            <a class="button primary" href=changes hidden=when(move || !editing.state.with(|state| state.changed))>
                {icon(Icon::PUBLISH)}
                "Publish …"
            </a>
        </div>
    }
    .into_any()
}

fn saved(editing: Editing) -> AnyView {
    if !editing.may {
        return view! { <Pill text="Read-only" /> }.into_any();
    }
    let again = move || match editing.saving.get() {
        Saving::Refused(_) => Some(view! { <Button on_press=move |()| editing.save()>"Try again"</Button> }.into_any()),
        Saving::Conflict => {
            Some(view! { <Button on_press=move |()| editing.ask_again()>"Compare"</Button> }.into_any())
        }
        _ => None,
    };
    let wrong = when(move || !matches!(editing.saving.get(), Saving::Saved | Saving::Busy));
    view! {
        <p class="saving" role="status" class:wrong=wrong>
            {editing.saving_words()}
        </p>
        {changing(again)}
    }
    .into_any()
}

fn inside(editing: Editing) -> AnyView {
    let first = Some(address::query("view")).filter(|view| !view.is_empty()).or_else(|| kept("template-view"));
    let chosen = RwSignal::new(
        first.filter(|view| ["visual", "html", "shown"].contains(&view.as_str())).unwrap_or_else(|| "visual".into()),
    );
    let which = RwSignal::new(if chosen.with_untracked(|view| view == "html") { "html" } else { "visual" }.to_owned());
    let views = Views::new(editing, which);
    effect(move || {
        let chosen = chosen.get();
        keep("template-view", &chosen);
        if chosen != "shown" {
            which.set(chosen);
        }
    });
    // Whoever goes to a place wants to see it.
    effect(move || {
        let which = which.get();
        if chosen.with_untracked(|chosen| *chosen != which && chosen != "shown") {
            chosen.set(which);
        }
    });
    let go = Callback::new(move |(from, to)| {
        chosen.set("html".into());
        views.go(from, to);
    });
    let tabs = [("visual", "Visual"), ("html", "HTML"), ("shown", "Preview")];
    let tabs = tabs.map(|(name, words)| (name.to_owned(), words.to_owned())).to_vec();
    let only_shown = when(move || chosen.with(|chosen| chosen == "shown"));
    view! {
        {unused(editing)} {uses(editing)}
        <div class="template-editor" class:only-shown=only_shown>
            <Tabs label="View" tabs chosen>
                <div class="edit" hidden=only_shown>
                    {tools(editing, views)} {views.view()}
                </div>
            </Tabs>
            {shown(editing, go)}
        </div>
        {editing.conflict.view(move |theirs| editing.take(&theirs), move |theirs| editing.overwrite(theirs))}
    }
    .into_any()
}

/// What is missing before anybody gets it: a rule, or that people may choose it.
fn unused(editing: Editing) -> AnyView {
    let make = at(&editing.tenant.get_value(), Rules::Rules) + "?" + GIVE + "=" + &editing.id.get_value();
    let may_rule = session::may(&editing.tenant.get_value(), Role::Editor);
    changing(move || {
        let given = editing.found.read(|found| !found.value.used_by.is_empty());
        (may_rule && !given && !editing.is_block() && editing.doc.with(|doc| doc.offered_to.is_none())).then(|| {
            let make = make.clone();
            view! {
                <Notice>
                    <p>"No rule uses it yet, so nobody gets it. " <a href=make>"Create a rule"</a></p>
                </Notice>
            }
        })
    })
}

fn tools(editing: Editing, views: Views) -> AnyView {
    let busy = RwSignal::new(false);
    let format = move |()| {
        let Some(Some(parts)) = editing.parts.get_untracked() else { return };
        busy.set(true);
        spawn_local(async move {
            let html = editing.doc.with_untracked(|doc| doc.html.clone());
            if let Some(formatted) = parts.format(&html).await {
                editing.replace(|doc| doc.html = formatted);
            }
            busy.set(false);
        });
    };
    let in_html = when(move || views.which.with(|which| which != "html"));
    view! {
        <div class="toolbar" role="group" aria-label="Tools" hidden=!editing.may>
            {placeholders(editing, views)} {conditions(editing, views)} {images(editing, views)}
            {blocks(editing, views)}
            <div hidden=in_html>
                <Button look=Look::Subtle busy icon=Icon::BRACES on_press=format>
                    "Format"
                </Button>
            </div>
        </div>
    }
    .into_any()
}
