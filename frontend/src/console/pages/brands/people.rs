//! Who gets a brand.

use super::Branding;
use crate::console::pages::at;
use crate::ui::{Dialog, Skeleton, changing, effect, text};
use ::api::console::BrandPerson;
use ::api::console::pages::Directory;
use leptos::prelude::*;

/// The dialog.
pub(crate) fn people(branding: Branding) -> AnyView {
    let open = RwSignal::new(false);
    effect(move || open.set(branding.listed.with(|brand| !brand.is_empty())));
    effect(move || {
        if !open.get() && branding.listed.with_untracked(|brand| !brand.is_empty()) {
            branding.listed.set(String::new());
        }
    });
    let title = text(move || {
        let id = branding.listed.get();
        let named = branding
            .found
            .read(|found| found.value.brands.iter().find(|one| one.brand.id == id).map(|one| one.brand.name.clone()));
        "Who gets ".to_owned() + &named.unwrap_or_default()
    });
    view! {
        <Dialog open title>
            {changing(move || list(branding))}
        </Dialog>
    }
    .into_any()
}

fn list(branding: Branding) -> AnyView {
    if branding.people.busy.get() {
        return view! { <Skeleton lines=4 /> }.into_any();
    }
    if let Some(failure) = branding.people.failure.get() {
        return view! { <p>{failure.text()}</p> }.into_any();
    }
    let id = branding.listed.get();
    let (people, total) = branding.people.read(|found| {
        let count = found.counts.iter().find(|one| one.brand == id).map_or(0, |one| one.people);
        (found.people.clone(), count)
    });
    if people.is_empty() {
        return view! { <p>"Nobody by their main address. Mail from another address can still get it if a condition names that domain."</p> }
            .into_any();
    }
    let more = total.saturating_sub(people.len() as u64);
    let one = move |person: BrandPerson| {
        let href = branding.tenant.with_value(|tenant| at(tenant, Directory::Person(person.id)));
        let also =
            (!person.also.is_empty()).then(|| view! { <p class="quiet">"Also fits: " {person.also.join(", ")}</p> });
        view! {
            <li>
                <a href=href>{person.name}</a>
                " "
                <span class="quiet">{person.address}</span>
                {also}
            </li>
        }
    };
    view! {
        <ul class="plain-list">{people.into_iter().map(one).collect_view()}</ul>
        {(more > 0).then(|| view! { <p class="quiet">"And " {crate::ui::time::grouped(more)} " more."</p> })}
    }
    .into_any()
}
