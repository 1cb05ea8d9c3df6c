//! Every template.

use super::delete::delete;
use super::made::{Making, making};
use super::thumbnail::thumbnail;
use super::{page, part_options, part_words, state_words, tenant_crumb};
use crate::api::console::{get, path, send};
use crate::console::pages::at;
use crate::console::{router, session};
use crate::ui::search;
use crate::ui::{
    Button, Choose, Empty, Icon, Loaded, Menu, Pill, Query, changing, count, icon, tell_error, text, when,
};
use ::api::console::pages::Designs;
use ::api::console::{NewTemplate, TemplateDetail, TemplatePreview, TemplateRow, Templates, paths};
use email_signature::Part;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// `/console/tenants/TENANT/templates`.
pub(crate) fn templates(tenant: &str) -> AnyView {
    let own = path(paths::TEMPLATES, &[tenant]);
    let may = session::folder_to_make_in(tenant).is_some();
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Templates>(&path).await }
    });
    let (deleting, how) = (RwSignal::new(None::<TemplateRow>), RwSignal::new(None::<Making>));
    let (gallery, migrate) = (at(tenant, Designs::Gallery), at(tenant, Designs::Migration));
    let actions = may.then(|| {
        let face = view! {
            {icon(Icon::ADD)}
            <span>"Other ways"</span>
        };
        view! {
            <Menu label="New template" class="" face=face.into_any()>
                <ul>{Making::ALL.map(|one| way(one, how)).collect_view()}</ul>
            </Menu>
            <a class="button" href=migrate.clone()>
                {icon(Icon::IMPORT)}
                "Migrate a signature"
            </a>
            <a class="button primary" href=gallery.clone()>
                {icon(Icon::ADD)}
                "New from the gallery"
            </a>
        }
    });
    let own = StoredValue::new(tenant.to_owned());
    let content = view! {
        <p class="lead">
            "What signatures, campaigns and disclaimers look like, and blocks that they share. Your changes affect no mail \
             until you publish them."
        </p>
        {found.view(move || listing(found, own, deleting))}
        {delete(deleting, found, tenant.to_owned())}
        {making(how, tenant)}
    };
    page(&tenant_crumb(tenant), "Templates", actions.into_any(), content.into_any())
}

fn way(one: Making, how: RwSignal<Option<Making>>) -> AnyView {
    view! {
        <li>
            <button type="button" on:click=move |_| how.set(Some(one))>
                {icon(one.icon())}
                <span>{one.words()}</span>
            </button>
        </li>
    }
    .into_any()
}

fn listing(found: Loaded<Templates>, tenant: StoredValue<String>, deleting: RwSignal<Option<TemplateRow>>) -> AnyView {
    let query = Query::new(&["folder", "part", "state"]);
    let (folder, part, state) = (query.filter("folder"), query.filter("part"), query.filter("state"));
    let shown = move || {
        let words = query.search.get().to_lowercase();
        let (folder, part, state) = (folder.get(), part.get(), state.get());
        let fits = |row: &&TemplateRow| {
            (folder.is_empty() || row.folder == folder)
                && (part.is_empty() || row.part.noun() == part)
                && match state.as_str() {
                    "changed" => row.state.changed && row.state.version.is_some(),
                    "never" => row.state.version.is_none(),
                    "published" => row.state.version.is_some() && !row.state.changed,
                    "unused" => row.used_by.is_empty() && row.used_in.is_empty() && row.offered_to.is_none(),
                    _ => true,
                }
                && (words.is_empty()
                    || [&row.name, &row.folder].iter().any(|text| text.to_lowercase().contains(&words)))
        };
        found.read(|found| found.templates.iter().filter(fits).cloned().collect::<Vec<_>>())
    };
    let shown = Memo::new(move |_| shown());
    let body = move || {
        if found.read(|found| found.templates.is_empty()) {
            return view! {
                <Empty title="No templates yet" icon=Icon::INSERT>
                    <p>"Choose a design from the gallery and adapt it, or bring a signature that you already have."</p>
                </Empty>
            }
            .into_any();
        }
        if shown.with(Vec::is_empty) {
            return view! {
                <Empty title="Nothing found" icon=Icon::SEARCH>
                    <p>"No templates match this search and these filters."</p>
                    <Button on_press=move |()| query.widen()>"Show all"</Button>
                </Empty>
            }
            .into_any();
        }
        let (blocks, templates): (Vec<_>, Vec<_>) = shown.get().into_iter().partition(|row| row.part == Part::Block);
        let cards = |rows: Vec<TemplateRow>| {
            let cards = rows.into_iter().map(|row| card(&row, tenant, deleting)).collect_view();
            view! { <ul class="gallery">{cards}</ul> }
        };
        let templates = (!templates.is_empty()).then(|| cards(templates));
        let blocks = (!blocks.is_empty()).then(|| {
            view! {
                <section aria-labelledby="blocks-heading">
                    <h2 id="blocks-heading">"Blocks"</h2>
                    <p class="quiet">
                        "Pieces that templates share, such as a footer. Change a block, and every template that uses it \
                         changes, too."
                    </p>
                    {cards(blocks)}
                </section>
            }
        });
        view! {
            {templates}
            {blocks}
        }
        .into_any()
    };
    view! {
        <div class="listing">
            {toolbar(found, query)}
            <p class="hidden" role="status">{text(move || count(shown.with(Vec::len) as u64, "template") + " found")}</p>
            {changing(body)}
        </div>
    }
    .into_any()
}

fn toolbar(found: Loaded<Templates>, query: Query) -> AnyView {
    let folders = Signal::derive(move || {
        let mut all: Vec<String> = found.read(|found| found.templates.iter().map(|row| row.folder.clone()).collect());
        all.retain(|folder| !folder.is_empty());
        all.sort();
        all.dedup();
        let all = all.into_iter().map(|folder| (folder.clone(), folder));
        std::iter::once((String::new(), "All".to_owned())).chain(all).collect::<Vec<_>>()
    });
    let mut parts = vec![(String::new(), "All".to_owned())];
    parts.extend(part_options());
    parts.push((Part::Block.noun().to_owned(), part_words(Part::Block).to_owned()));
    let states = [
        ("", "All"),
        ("published", "Published"),
        ("changed", "Changed"),
        ("never", "Never published"),
        ("unused", "Not used"),
    ];
    let states = states.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    let typed = Callback::new(move |words| query.search.set(words));
    view! {
        <div class="toolbar">
            {search("templates", query.search, typed)}
            <Choose label="Part" value=query.filter("part") options=Signal::stored(parts) />
            <div hidden=when(move || folders.with(|all| all.len() < 2))>
                <Choose label="Folder" value=query.filter("folder") options=folders />
            </div>
            <Choose label="State" value=query.filter("state") options=Signal::stored(states) />
        </div>
    }
    .into_any()
}

fn card(row: &TemplateRow, tenant: StoredValue<String>, deleting: RwSignal<Option<TemplateRow>>) -> AnyView {
    let tenant = tenant.get_value();
    let href = at(&tenant, Designs::Template(row.id.clone()));
    let preview = path(paths::TEMPLATE_PREVIEW, &[&tenant, &row.id]);
    let picture = thumbnail(move || {
        let path = preview.clone();
        async move { get::<TemplatePreview>(&path).await.ok().map(|preview| preview.html) }
    });
    let pills = state_words(&row.state).into_iter().map(|(text, tone)| view! { <Pill text tone /> }).collect_view();
    let problems = (row.problems > 0)
        .then(|| view! { <Pill text=count(u64::from(row.problems), "problem") tone=crate::ui::Tone::Error /> });
    let used = match row.used_by.as_slice() {
        [] if row.part == Part::Block => match row.used_in.as_slice() {
            [] => "Not used in any template".to_owned(),
            [one] => "Used in ".to_owned() + &one.name,
            templates => "Used in ".to_owned() + &count(templates.len() as u64, "template"),
        },
        [] if row.offered_to.is_some() => "Offered in the pane".to_owned(),
        [] => "Not used by any rule".to_owned(),
        [one] => "Used by ".to_owned() + &one.name,
        rules => "Used by ".to_owned() + &count(rules.len() as u64, "rule"),
    };
    let rules = row.used_by.iter().map(|rule| rule.name.as_str());
    let used_by: Vec<&str> = rules.chain(row.used_in.iter().map(|template| template.name.as_str())).collect();
    let place = part_words(row.part).to_owned() + if row.folder.is_empty() { "" } else { " · " } + &row.folder;
    view! {
        <li class="design">
            {picture}
            <div class="about">
                <div class="row">
                    <h2 class="grow clip">
                        <a class="whole" href=href>{row.name.clone()}</a>
                    </h2>
                    {more(row, &tenant, deleting)}
                </div>
                <p class="quiet">{place}</p>
                <div class="row wrap">{pills} {problems}</div>
                <p class="quiet" title=used_by.join(", ")>{used}</p>
            </div>
        </li>
    }
    .into_any()
}

fn more(row: &TemplateRow, tenant: &str, deleting: RwSignal<Option<TemplateRow>>) -> AnyView {
    let may = session::may_change(tenant, &row.folder);
    let export = path(paths::TEMPLATE_EXPORT, &[tenant, &row.id]);
    let file = row.name.clone() + ".paraph.json";
    let (tenant, id) = (tenant.to_owned(), row.id.clone());
    let duplicate = move |_| spawn_local(copy(tenant.clone(), id.clone()));
    let row_ = row.clone();
    let changes = may.then(|| {
        view! {
            <li>
                <button type="button" on:click=duplicate>
                    {icon(Icon::COPY)}
                    <span>"Duplicate"</span>
                </button>
            </li>
            <li>
                <button type="button" on:click=move |_| deleting.set(Some(row_.clone()))>
                    {icon(Icon::DELETE)}
                    <span>"Delete"</span>
                </button>
            </li>
        }
    });
    view! {
        <Menu label="More for ".to_owned() + &row.name class="subtle square" face=icon(Icon::MORE).into_any()>
            <ul>
                <li>
                    <a href=export download=file data-done="">
                        {icon(Icon::DOWNLOAD)}
                        <span>"Export as a file"</span>
                    </a>
                </li>
                {changes}
            </ul>
        </Menu>
    }
    .into_any()
}

/// Makes another one like it, and goes there.
async fn copy(tenant: String, id: String) {
    let copied = async {
        let found = get::<TemplateDetail>(&path(paths::TEMPLATE, &[&tenant, &id])).await?.template;
        let body = NewTemplate {
            name: "Copy of ".to_owned() + &found.name,
            folder: found.folder,
            design: None,
            part: found.part,
            html: found.html,
            text: found.text,
            images: found.images,
        };
        send::<TemplateDetail>("POST", &path(paths::TEMPLATES, &[&tenant]), &body).await
    };
    match copied.await {
        Ok(made) => router::go(&at(&tenant, Designs::Template(made.template.id))),
        Err(failure) => tell_error(failure.text()),
    }
}
