//! The signature before and after, its images, what was lost, and what is still wrong.

use super::Desk;
use crate::console::pages::finders;
use crate::ui::{Choose, Notice, Pick, Picks, Pill, Preview, Tone, changing, text, when};
use ::api::console::{ImageFound, MigratedImage, PersonKind};
use leptos::prelude::*;

/// Which HTML file, and for whom the template is shown.
pub(super) fn choices(desk: Desk) -> AnyView {
    let pages = Signal::derive(move || {
        desk.read(|plan| plan.pages.iter().map(|page| (page.clone(), page.clone())).collect::<Vec<_>>())
    });
    let page = RwSignal::new(desk.read(|plan| plan.page.clone().unwrap_or_default()));
    crate::ui::effect(move || {
        let chosen = page.get();
        let shown = desk.plan.value.with_untracked(|plan| plan.as_ref()?.as_ref()?.page.clone());
        if shown.is_some_and(|shown| shown != chosen) {
            desk.page.set(chosen);
        }
    });
    let find = finders::people(&desk.tenant.get_value(), PersonKind::Person);
    view! {
        <div class="choices-row">
            <div hidden=when(move || pages.with(|pages| pages.len() < 2))>
                <Choose label="HTML file" value=page options=pages />
            </div>
            <Pick label="Shown for" find picks=Picks::One(desk.person) placeholder="Name or address" />
        </div>
    }
    .into_any()
}

/// Before and after.
pub(super) fn beside(desk: Desk) -> AnyView {
    let before = Memo::new(move |_| desk.read(|plan| plan.before.clone()));
    let after = Memo::new(move |_| desk.read(|plan| plan.after.clone()));
    let shown_for = text(move || match desk.read(|plan| plan.shown_for.clone()) {
        Some(name) => "After, for ".to_owned() + &name,
        None => "After".to_owned(),
    });
    let nobody = when(move || desk.read(|plan| plan.shown_for.is_some()));
    view! {
        <div class="columns">
            <section class="stack">
                <h2>"Before"</h2>
                <Preview html=before title="The signature as it was" />
            </section>
            <section class="stack">
                <h2>{shown_for}</h2>
                <Preview html=after title="The template" />
                <p class="quiet" hidden=nobody>"There are no people yet to show it for."</p>
            </section>
        </div>
    }
    .into_any()
}

/// Every image.
pub(super) fn images(desk: Desk) -> AnyView {
    let images = Memo::new(move |_| desk.read(|plan| plan.images.clone()));
    let none = when(move || images.with(Vec::is_empty));
    view! {
        <section class="stack" hidden=none>
            <h2>"Images"</h2>
            <div class="scroll">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Name here"</th>
                            <th scope="col">"In the signature"</th>
                            <th scope="col">"Size"</th>
                            <th scope="col">"State"</th>
                        </tr>
                    </thead>
                    <tbody>{changing(move || images.get().into_iter().map(image).collect_view())}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn image(image: MigratedImage) -> AnyView {
    let (state, tone) = match (image.found, image.problem.is_some()) {
        (ImageFound::Missing, _) => ("Not found", Tone::Error),
        (_, true) => ("Cannot be used", Tone::Error),
        (ImageFound::Remote, false) => ("Stays on its server", Tone::Warning),
        (ImageFound::Embedded, false) => ("Embedded in the HTML, will be uploaded", Tone::Success),
        (ImageFound::File, false) => ("Is uploaded", Tone::Success),
    };
    let more = image.problem.map(|problem| crate::ui::sentence(&problem)).or_else(|| {
        (image.found == ImageFound::Remote)
            .then(|| "It disappears if that server does. Upload it in the editor.".to_owned())
    });
    let size = image.width.zip(image.height).map(|(width, height)| {
        let kilobytes = image.size.unwrap_or_default().div_ceil(1000);
        width.to_string() + " × " + &height.to_string() + ", " + &kilobytes.to_string() + " KB"
    });
    let name = if image.found == ImageFound::Remote { "—".to_owned() } else { image.name };
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td class="quiet">{image.reference}</td>
            <td>{size}</td>
            <td>
                <span class="twice">
                    <span><Pill text=state tone /></span>
                    <span class="quiet">{more}</span>
                </span>
            </td>
        </tr>
    }
    .into_any()
}

/// What was changed or lost, and what is wrong.
pub(super) fn notes(desk: Desk) -> AnyView {
    let list = |lines: Vec<String>| {
        view! { <ul class="plain-list">{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul> }
    };
    let notes = Memo::new(move |_| desk.read(|plan| plan.notes.clone()));
    let problems = Memo::new(move |_| desk.read(|plan| plan.problems.clone()));
    view! {
        <section class="stack">
            <div aria-live="polite">
                {changing(move || {
                    let problems = problems.get();
                    (!problems.is_empty())
                        .then(|| {
                            view! {
                                <Notice tone=Tone::Warning>
                                    <p>"Problems that remain:"</p>
                                    {list(problems)}
                                </Notice>
                            }
                        })
                })}
            </div>
            {changing(move || {
                let notes = notes.get();
                (!notes.is_empty())
                    .then(|| {
                        view! {
                            <Notice tone=Tone::Info>
                                <p>"Changed and lost:"</p>
                                {list(notes)}
                            </Notice>
                        }
                    })
            })}
        </section>
    }
    .into_any()
}
