//! Published versions: to look at beside the unpublished one, and to go back to.

use super::document::{Editing, content};
use crate::api::console::{Failure, get, path, send_tagged};
use crate::console::pages::templates::thumbnail::sheet;
use crate::ui::{Button, Confirm, Dialog, Icon, Loaded, Look, changing, moment, tell, text};
use ::api::console::{TemplateDetail, TemplateVersion, UnpublishedTemplate, Versions, paths};
use email_signature::Template;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The button, the list of versions, and one beside the unpublished one.
pub(crate) fn versions(editing: Editing) -> AnyView {
    let open = RwSignal::new(false);
    view! {
        <Button icon=Icon::HISTORY on_press=move |()| open.set(true)>
            "Versions"
        </Button>
        <Dialog open title="Versions" wide=true>
            {inside(editing, open)}
        </Dialog>
        {discard(editing)}
    }
    .into_any()
}

fn inside(editing: Editing, open: RwSignal<bool>) -> AnyView {
    let ids = (editing.tenant.get_value(), editing.id.get_value());
    let own = path(paths::TEMPLATE_VERSIONS, &[&ids.0, &ids.1]);
    let list = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Versions>(&path).await }
    });
    let chosen = RwSignal::new(None::<i64>);
    let shown = Loaded::new(move || {
        let (ids, version) = (ids.clone(), chosen.get());
        async move {
            let Some(version) = version else { return Ok(None) };
            let path = path(paths::TEMPLATE_VERSION, &[&ids.0, &ids.1, &version.to_string()]);
            Ok(Some(get::<TemplateVersion>(&path).await?))
        }
    });
    let rows = move || {
        let rows = list.read(|list| list.versions.clone());
        if rows.is_empty() {
            return view! { <p>"This template was never published. There are no earlier versions."</p> }.into_any();
        }
        let one = |row: ::api::console::VersionRow| {
            let version = row.version;
            let pressed = text(move || (chosen.get() == Some(version)).to_string());
            view! {
                <li>
                    <button type="button" aria-pressed=pressed on:click=move |_| chosen.set(Some(version))>
                        <strong>{"Version ".to_owned() + &version.to_string()}</strong>
                        <span class="grow">{moment(row.at_ms)}</span>
                        <span class="quiet clip">{row.by}</span>
                    </button>
                </li>
            }
        };
        view! { <ul class="pickable short">{rows.into_iter().map(one).collect_view()}</ul> }.into_any()
    };
    let beside = move || {
        let version = shown.read(Clone::clone)?;
        Some(compared(editing, version, open))
    };
    view! {
        {list.view(move || changing(rows))}
        {changing(beside)}
    }
    .into_any()
}

fn compared(editing: Editing, version: TemplateVersion, open: RwSignal<bool>) -> AnyView {
    let doc = editing.doc.get_untracked();
    let title = "Version ".to_owned() + &version.version.to_string();
    let restore = move |template: Template| {
        editing.replace(|doc| {
            doc.part = template.part;
            doc.html = template.html;
            doc.text = template.text;
            doc.images = template.images;
        });
        open.set(false);
        tell("The version is restored, but not published yet.");
    };
    let (old, new) = (version.template.html.clone(), doc.html.clone());
    let template = version.template;
    view! {
        <div class="beside">
            <section>
                <h3>{title}</h3>
                {sheet(editing, template.html.clone())}
            </section>
            <section>
                <h3>"Unpublished version"</h3>
                {sheet(editing, doc.html)}
            </section>
        </div>
        <h3>"What changed in the HTML"</h3>
        {difference(&old, &new)}
        <div class="row end">
            <Button on_press=move |()| open.set(false)>"Close"</Button>
            <Button
                look=Look::Primary
                idle=Signal::stored(!editing.may || old == new)
                on_press=move |()| restore(template.clone())
            >
                "Restore this version"
            </Button>
        </div>
    }
    .into_any()
}

/// Lines that one of the two has and the other has not.
fn difference(old: &str, new: &str) -> AnyView {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let lines = differing(&old, &new);
    if lines.is_empty() {
        return view! { <p class="quiet">"Nothing: they are the same."</p> }.into_any();
    }
    let one = |(added, line): (bool, &str)| {
        let (class, sign, word) = if added {
            ("after", "+ ", "In the unpublished version: ")
        } else {
            ("before", "− ", "In the version: ")
        };
        view! {
            <li class=class>
                <span class="hidden">{word}</span>
                <span aria-hidden="true">{sign}</span>
                {line.to_owned()}
            </li>
        }
    };
    view! { <ul class="code difference" tabindex="0">{lines.into_iter().map(one).collect_view()}</ul> }.into_any()
}

/// The longest lines in common stay out; templates have a few hundred lines.
fn differing<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(bool, &'a str)> {
    const MOST: usize = 2_000;
    let (old, new) = (&old[..old.len().min(MOST)], &new[..new.len().min(MOST)]);
    let width = new.len() + 1;
    let mut common = vec![0_u16; (old.len() + 1) * width];
    for (i, left) in old.iter().enumerate().rev() {
        for (j, right) in new.iter().enumerate().rev() {
            common[i * width + j] = if left == right {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[(i + 1) * width + j] >= common[i * width + j + 1] {
            lines.push((false, old[i]));
            i += 1;
        } else {
            lines.push((true, new[j]));
            j += 1;
        }
    }
    lines
}

/// Discards unpublished changes.
fn discard(editing: Editing) -> AnyView {
    let (open, busy, error) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(String::new()));
    let confirmed = move |()| {
        let path = path(paths::UNPUBLISHED_TEMPLATE, &[&editing.tenant.get_value(), &editing.id.get_value()]);
        busy.set(true);
        spawn_local(async move {
            match send_tagged::<TemplateDetail>("DELETE", &path, &None::<()>, "").await {
                Ok(found) => {
                    let published: UnpublishedTemplate = content(&found.value);
                    editing.take(&found);
                    open.set(false);
                    tell(published.name + " is back to its published version.");
                }
                Err(Failure::Changed) => error.set(Failure::Changed.text()),
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    let there = move || {
        let can = editing.may && editing.state.with(|state| state.changed && state.version.is_some());
        can.then(|| {
            view! {
                <Button icon=Icon::UNDO on_press=move |()| open.set(true)>
                    "Discard unpublished changes"
                </Button>
            }
        })
    };
    view! {
        {changing(there)}
        <Confirm
            open
            title=Signal::stored("Discard unpublished changes?".to_owned())
            action="Discard"
            busy
            error
            on_confirm=confirmed
        >
            <p>"The template returns to its published version. Changes made since then are lost."</p>
        </Confirm>
    }
    .into_any()
}
