//! What a rule gives: a template for each part, several campaigns by weight, and whether it ends the search.

use super::{Edit, section};
use crate::api::console::{Failure, get, path};
use crate::console::pages::at;
use crate::console::pages::rules::words::shares;
use crate::ui::{
    Button, Choice, Finder, Found, Icon, Loaded, Look, Pick, Picks, Preview, Radios, TextField, Value, changing,
    effect, text,
};
use ::api::console::pages::Designs;
use ::api::console::{TemplatePreview, TemplateRow, paths};
use email_signature::{Flow, MAX_WEIGHT, Part, Variant};
use leptos::prelude::*;

/// The section.
pub(crate) fn gives(edit: Edit) -> AnyView {
    let flow = RwSignal::new(if edit.peek(|rule| rule.flow == Flow::Stop) { "stop" } else { "continue" }.to_owned());
    effect(move || {
        let stop = flow.with(|flow| flow == "stop");
        edit.change(|rule| rule.flow = if stop { Flow::Stop } else { Flow::Continue });
    });
    let content = view! {
        {part(edit, Part::Signature)}
        {part(edit, Part::Campaign)}
        {changing(move || variants(edit))}
        {part(edit, Part::Disclaimer)}
        <Radios
            label="And then"
            value=flow
            options=vec![
                ("continue", "Continue with later rules", "Later rules can fill the remaining parts."),
                ("stop", "Stop here", "Later rules are ignored."),
            ]
        />
    };
    section("What it gives", "Later rules can fill a part that you leave out.", content.into_any())
}

/// Templates of one part, by name.
pub(in crate::console::pages) fn templates_of(edit: Loaded<::api::console::Templates>, part: Part) -> Finder {
    Finder::new(move |words| {
        let words = words.to_lowercase();
        let fits = |row: &&TemplateRow| {
            row.part == part && (row.name.to_lowercase().contains(&words) || row.folder.to_lowercase().contains(&words))
        };
        let found: Vec<Choice> = edit.peek(|all| all.templates.iter().filter(fits).map(choice).collect());
        let (total, failure) = (found.len() as u64, edit.failure.get_untracked());
        async move {
            match failure {
                Some(failure) if total == 0 => Err::<Found, Failure>(failure),
                _ => Ok(Found { choices: found, total }),
            }
        }
    })
}

fn choice(row: &TemplateRow) -> Choice {
    let state = match row.state.version {
        None => "Never published",
        Some(_) if row.state.changed => "Changed since it was published",
        Some(_) => "Published",
    };
    let hint = if row.folder.is_empty() { state.to_owned() } else { row.folder.clone() + " · " + state };
    Choice { id: row.id.clone(), name: row.name.clone(), hint }
}

/// The template as it is picked, with its name as soon as that is known.
fn picked(edit: Edit, id: Option<String>) -> Option<Choice> {
    let id = id?;
    let known = edit.templates.read(|all| all.templates.iter().find(|row| row.id == id).map(choice));
    Some(known.unwrap_or_else(|| Choice { name: id.clone(), hint: String::new(), id }))
}

fn part(edit: Edit, part: Part) -> AnyView {
    let own = Memo::new(move |_| edit.read(|rule| rule.gives.part(part).map(str::to_owned)));
    let chosen = RwSignal::new(picked(edit, own.get_untracked()));
    // Names come after the rule does.
    effect(move || chosen.set(picked(edit, own.get())));
    effect(move || {
        let id = chosen.get().map(|one| one.id);
        if id != own.get_untracked() {
            edit.change(|rule| {
                *rule.gives.part_mut(part) = id;
                if part == Part::Campaign && rule.gives.campaign.is_none() && !rule.variants.is_empty() {
                    let first = rule.variants.remove(0);
                    rule.gives.campaign = Some(first.template);
                    rule.weight = first.weight;
                }
            });
        }
    });
    let label = match part {
        Part::Signature => "Signature",
        Part::Campaign => "Campaign",
        Part::Disclaimer | Part::Block => "Disclaimer",
    };
    let find = templates_of(edit.templates, part);
    view! {
        <div class="gives-part">
            <Pick label find picks=Picks::One(chosen) optional=true placeholder="Left to later rules" />
            {changing(move || own.get().map(|id| shown(edit, id)))}
        </div>
    }
    .into_any()
}

/// How the template looks, and the way to it.
fn shown(edit: Edit, id: String) -> AnyView {
    let tenant = edit.editing.tenant.get_value();
    let own = path(paths::TEMPLATE_PREVIEW, &[&tenant, &id]);
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<TemplatePreview>(&path).await }
    });
    let html = text(move || found.read(|preview| preview.html.clone()));
    let there = Memo::new(move |_| found.value.with(Option::is_some));
    view! {
        <div class="given">
            {changing(move || there.get().then(|| view! { <Preview html title="How it looks" /> }))}
            <a href=at(&tenant, Designs::Template(id))>"Open the template"</a>
        </div>
    }
    .into_any()
}

/// Other campaigns beside the first, with weights.
fn variants(edit: Edit) -> Option<AnyView> {
    let (has_one, number) = {
        let read = Memo::new(move |_| edit.read(|rule| (rule.gives.campaign.is_some(), rule.variants.len())));
        read.get()
    };
    if !has_one {
        return None;
    }
    let add = Callback::new(move |choice: Choice| {
        edit.change(|rule| {
            let known = rule.gives.campaign.as_ref() == Some(&choice.id)
                || rule.variants.iter().any(|one| one.template == choice.id);
            if !known {
                rule.variants.push(Variant { template: choice.id, weight: 1 });
            }
        });
    });
    let find = templates_of(edit.templates, Part::Campaign);
    let rows = (number > 0).then(|| {
        view! {
            <ul class="variants">
                {weighted(edit, None)}
                {(0..number).map(|at| weighted(edit, Some(at))).collect_view()}
            </ul>
        }
    });
    Some(
        view! {
            <div class="conditions" role="group" aria-label="Several campaigns">
                {rows}
                <Pick
                    label="Give another campaign to a share of the people"
                    find
                    picks=Picks::Each(add)
                    optional=true
                    placeholder="Name of a campaign"
                    hint="Each person always gets the same one, so that you can compare two banners."
                />
            </div>
        }
        .into_any(),
    )
}

/// One of several campaigns: the rule's own, or a variant by its place.
fn weighted(edit: Edit, at: Option<usize>) -> AnyView {
    let now = edit.peek(|rule| at.map_or(Some(rule.weight), |at| rule.variants.get(at).map(|one| one.weight)));
    let value = Value::new(&now.unwrap_or(1).to_string());
    edit.typed(value, move |rule, typed| {
        let Some(weight) = typed.trim().parse::<u32>().ok().filter(|weight| *weight <= MAX_WEIGHT) else { return };
        match at {
            None => rule.weight = weight,
            Some(at) => rule.variants.iter_mut().skip(at).take(1).for_each(|one| one.weight = weight),
        }
    });
    effect(move || {
        let fits = value.text.with(|typed| typed.trim().parse::<u32>().is_ok_and(|weight| weight <= MAX_WEIGHT));
        let words = "Enter a number from 0 to ".to_owned() + &MAX_WEIGHT.to_string() + ".";
        value.error.set(if fits { String::new() } else { words });
    });
    let place = at.map_or(0, |at| at + 1);
    let share = move || edit.read(|rule| shares(rule).get(place).cloned());
    let name = move || {
        let id = share().map(|(id, _)| id).unwrap_or_default();
        edit.editing.names.with(|names| names.templates.get(&id).cloned()).unwrap_or(id)
    };
    let remove = at.map(|at| {
        let run = move |()| {
            edit.change(|rule| {
                if at < rule.variants.len() {
                    rule.variants.remove(at);
                }
            });
        };
        view! { <Button look=Look::Subtle icon=Icon::CLOSE label="Remove this campaign" on_press=run /> }
    });
    view! {
        <li>
            <span class="grow">{text(name)}</span>
            <strong>{text(move || share().map(|(_, share)| share).unwrap_or_default())}</strong>
            <TextField label="Weight" value inputmode="numeric" longest=4usize />
            {remove}
        </li>
    }
    .into_any()
}
