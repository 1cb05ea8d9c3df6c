//! Ready designs to begin with.

use super::thumbnail::thumbnail;
use super::{crumbs, page, part_options, part_words};
use crate::api::console::{get, path, send};
use crate::console::pages::at;
use crate::console::{router, session};
use crate::ui::{
    Button, Choose, Dialog, Icon, Loaded, Look, Notice, Pill, Preview, TextField, Tone, Value, changing, effect,
    form_error, place_errors, text,
};
use ::api::console::pages::Designs;
use ::api::console::{Design, Gallery, MAX_NAME, NewTemplate, TemplateDetail, paths};
use email_signature::ImageMode;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// `/console/tenants/TENANT/gallery`.
pub(crate) fn gallery(tenant: &str) -> AnyView {
    let found = Loaded::new(|| get::<Gallery>(paths::GALLERY));
    let (part, tag) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let chosen = RwSignal::new(None::<Design>);
    let content = view! {
        <p class="lead">
            "Every design works in Outlook, on phones and in plain text. The design that you choose becomes your own \
             template: you can change everything about it."
        </p>
        {found.view(move || designs(found, part, tag, chosen))}
        {taking(chosen, tenant)}
    };
    page(&crumbs(tenant), "Gallery", ().into_any(), content.into_any())
}

fn designs(
    found: Loaded<Gallery>,
    part: RwSignal<String>,
    tag: RwSignal<String>,
    chosen: RwSignal<Option<Design>>,
) -> AnyView {
    let all = (String::new(), "All".to_owned());
    let mut parts = vec![all.clone()];
    parts.extend(part_options());
    let mut tags: Vec<String> =
        found.peek(|found| found.designs.iter().flat_map(|design| design.tags.clone()).collect());
    tags.sort();
    tags.dedup();
    let tags: Vec<_> = std::iter::once(all).chain(tags.into_iter().map(|tag| (tag.clone(), tag))).collect();
    let shown = move || {
        let (part, tag) = (part.get(), tag.get());
        let fits = |design: &&Design| {
            (part.is_empty() || design.part.noun() == part) && (tag.is_empty() || design.tags.contains(&tag))
        };
        let shown = found.read(|found| found.designs.iter().filter(fits).cloned().collect::<Vec<_>>());
        if shown.is_empty() {
            return view! { <p>"No design matches all of these."</p> }.into_any();
        }
        view! { <ul class="gallery">{shown.into_iter().map(|design| card(design, chosen)).collect_view()}</ul> }
            .into_any()
    };
    view! {
        <div class="listing">
            <div class="toolbar">
                <Choose label="Part" value=part options=Signal::stored(parts) />
                <Choose label="With" value=tag options=Signal::stored(tags) />
            </div>
            {changing(shown)}
        </div>
    }
    .into_any()
}

fn card(design: Design, chosen: RwSignal<Option<Design>>) -> AnyView {
    let preview = design.preview.clone();
    let picture = thumbnail(move || {
        let preview = preview.clone();
        async move { Some(preview) }
    });
    let tags = design.tags.iter().map(|tag| view! { <Pill text=tag.clone() /> }).collect_view();
    let (name, description) = (design.name.clone(), design.description.clone());
    view! {
        <li class="design">
            {picture}
            <div class="about">
                <h2>
                    <button type="button" class="link whole" on:click=move |_| chosen.set(Some(design.clone()))>
                        {name}
                    </button>
                </h2>
                <p class="description">{description}</p>
                <div class="row wrap">{tags}</div>
            </div>
        </li>
    }
    .into_any()
}

fn taking(chosen: RwSignal<Option<Design>>, tenant: &str) -> AnyView {
    let tenant = StoredValue::new(tenant.to_owned());
    let folder = StoredValue::new(session::folder_to_make_in(&tenant.get_value()));
    let may = folder.with_value(Option::is_some);
    let open = RwSignal::new(false);
    let name = Value::new("");
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    effect(move || {
        let design = chosen.get();
        if let Some(design) = &design {
            name.text.set(design.name.clone());
            error.set(String::new());
        }
        open.set(design.is_some());
    });
    effect(move || {
        if !open.get() && chosen.with_untracked(Option::is_some) {
            chosen.set(None);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(design) = chosen.get_untracked() else { return };
        if !name.required("Enter a name.") || busy.get_untracked() {
            return;
        }
        let body = NewTemplate {
            name: name.trimmed(),
            folder: folder.get_value().unwrap_or_default(),
            design: Some(design.id),
            part: design.part,
            html: String::new(),
            text: None,
            images: ImageMode::Hosted,
        };
        busy.set(true);
        spawn_local(async move {
            let tenant = tenant.get_value();
            match send::<TemplateDetail>("POST", &path(paths::TEMPLATES, &[&tenant]), &body).await {
                Ok(made) => router::go(&at(&tenant, Designs::Template(made.template.id))),
                Err(failure) => {
                    error.set(place_errors(failure.errors(), &[("name", name)]));
                    busy.set(false);
                }
            }
        });
    };
    let of = move |read: fn(&Design) -> String| {
        text(move || chosen.with(|design| design.as_ref().map(read).unwrap_or_default()))
    };
    view! {
        <Dialog open title=of(|design| design.name.clone()) wide=true>
            <p>{of(|design| design.description.clone())}</p>
            <p class="quiet">{of(|design| part_words(design.part).to_owned())}</p>
            <Preview html=of(|design| design.preview.clone()) title="The design" />
            <form novalidate on:submit=submit>
                {may.then(|| view! { <TextField label="Name of your template" value=name longest=MAX_NAME /> })}
                {(!may).then(|| view! { <Notice tone=Tone::Info>"Your role can view templates but not create them."</Notice> })}
                {form_error(error.into())}
                <div class="row end">
                    <Button on_press=move |()| open.set(false)>"Back to the gallery"</Button>
                    {may
                        .then(|| {
                            view! {
                                <Button look=Look::Primary icon=Icon::ADD busy>
                                    "Use this design"
                                </Button>
                            }
                        })}
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
