//! The changes, one by one: picked or left out, discarded, a planned publishing called off.

use super::{BRANDS, Publishing, RULES, at};
use crate::api::console::{delete, path, send};
use crate::console::pages::rules::put;
use crate::console::session;
use crate::ui::{
    Button, Confirm, Icon, Look, Notice, Pill, Tone, ago, changing, count, moment, new_id, tell, tell_error, when,
};
use ::api::console::pages::{Brands, Designs, Rules};
use ::api::console::{ChangedBrands, ChangedRules, ChangedTemplate, Changes, Picked, paths};
use email_signature::Part;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What the list says of one change.
#[derive(Clone)]
struct Entry {
    id: String,
    title: String,
    href: String,
    what: Vec<String>,
    changed_ms: i64,
    by: String,
    publish_ms: Option<i64>,
    trouble: Option<String>,
    refused: Option<String>,
    /// Whether one may publish or discard it; viewers see all as if they could.
    mine: bool,
}

/// The list.
pub(crate) fn list(publishing: Publishing) -> AnyView {
    let discarding = RwSignal::new(None::<(String, String)>);
    let entries = move || {
        let tenant = publishing.tenant.get_value();
        publishing.found.read(|found| {
            let templates = found.value.templates.iter().map(|one| template(one, &tenant));
            let rules = found.value.rules.iter().map(|one| rules(one, &tenant));
            let brands = found.value.brands.iter().map(|one| brands(one, &tenant));
            templates.chain(rules).chain(brands).collect::<Vec<_>>()
        })
    };
    view! {
        <section class="card" aria-labelledby="changes-heading">
            <h2 id="changes-heading">"Changes"</h2>
            <ul class="change-list">
                {changing(move || entries().into_iter().map(|one| entry(one, publishing, discarding)).collect_view())}
            </ul>
        </section>
        {discard(publishing, discarding)}
    }
    .into_any()
}

fn template(one: &ChangedTemplate, tenant: &str) -> Entry {
    let noun = one.part.noun().to_owned();
    let mut what = vec![if one.new { "A new ".to_owned() + &noun } else { "A changed ".to_owned() + &noun }];
    if !one.used_in.is_empty() {
        let names: Vec<String> = one.used_in.iter().map(|user| "“".to_owned() + &user.name + "”").collect();
        what.push("Changes ".to_owned() + &count(names.len() as u64, "template") + ": " + &names.join(", "));
    }
    let title = if one.part == Part::Block { "Block “" } else { "Template “" };
    Entry {
        id: one.id.clone(),
        title: title.to_owned() + &one.name + "”",
        href: at(tenant, Designs::Template(one.id.clone())),
        what,
        changed_ms: one.changed_ms,
        by: one.changed_by.clone(),
        publish_ms: one.publish_ms,
        trouble: one.trouble.clone(),
        refused: one.refused.clone(),
        mine: session::folders(tenant).is_none() || session::may_change(tenant, &one.folder),
    }
}

/// What was done with things of a sort, such as `2 rules added: …`.
fn named(noun: &str, words: &str, names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| {
        let few: Vec<String> = names.iter().take(5).map(|name| "“".to_owned() + name + "”").collect();
        let more = if names.len() > few.len() { " …" } else { "" };
        count(names.len() as u64, noun) + " " + words + ": " + &few.join(", ") + more
    })
}

fn brands(one: &ChangedBrands, tenant: &str) -> Entry {
    let named = |words: &str, names: &[String]| named("brand", words, names);
    let mut what: Vec<String> =
        [named("added", &one.added), named("changed", &one.changed), named("deleted", &one.removed)]
            .into_iter()
            .flatten()
            .collect();
    if one.moved {
        what.push("The order".to_owned());
    }
    Entry {
        id: BRANDS.to_owned(),
        title: "The brands".to_owned(),
        href: at(tenant, Brands::Brands),
        what,
        changed_ms: one.changed_ms,
        by: one.changed_by.clone(),
        publish_ms: one.publish_ms,
        trouble: one.trouble.clone(),
        refused: None,
        mine: super::may_publish_brands(tenant),
    }
}

fn rules(one: &ChangedRules, tenant: &str) -> Entry {
    let named = |words: &str, names: &[String]| named("rule", words, names);
    let mut what: Vec<String> =
        [named("added", &one.added), named("changed", &one.changed), named("deleted", &one.removed)]
            .into_iter()
            .flatten()
            .collect();
    if one.moved {
        what.push("The order".to_owned());
    }
    Entry {
        id: RULES.to_owned(),
        title: "The rules".to_owned(),
        href: at(tenant, Rules::Rules),
        what,
        changed_ms: one.changed_ms,
        by: one.changed_by.clone(),
        publish_ms: one.publish_ms,
        trouble: one.trouble.clone(),
        refused: one.refused.clone(),
        mine: session::folders(tenant).is_none(),
    }
}

fn entry(one: Entry, publishing: Publishing, discarding: RwSignal<Option<(String, String)>>) -> AnyView {
    let Entry { id, title, href, what, changed_ms, by, publish_ms, trouble, refused, mine } = one;
    let (own, tick) = (id.clone(), id.clone());
    let is_picked = when(move || publishing.picked.with(|picked| picked.contains(&own)));
    let change = move |event| {
        let on = event_target_checked(&event);
        publishing.picked.update(|picked| {
            if on {
                picked.insert(tick.clone());
            } else {
                picked.remove(&tick);
            }
        });
    };
    let (input, named) = (new_id("change"), new_id("change"));
    let label = named.clone();
    let planned = publish_ms.map(|at| {
        let id = id.clone();
        let call_off = move |()| call_off(publishing, id.clone());
        view! {
            <div class="row wrap">
                <Pill text="To be published on ".to_owned() + &moment(at) tone=Tone::Info />
                {(publishing.may && mine).then(|| view! { <Button on_press=call_off>"Cancel"</Button> })}
            </div>
        }
    });
    let words = title.clone();
    let acts = (publishing.may && mine).then(|| {
        let label = "Discard: ".to_owned() + &title;
        let ask = move |()| discarding.set(Some((id.clone(), words.clone())));
        view! { <Button look=Look::Subtle icon=Icon::UNDO label on_press=ask /> }
    });
    view! {
        <li>
            <div class="check">
                <input id=input type="checkbox" aria-labelledby=label disabled=!mine prop:checked=is_picked on:change=change />
                <div>
                    <a id=named href=href>
                        {title}
                    </a>
                    {(!mine).then(|| view! { <p class="quiet">"You can only publish what is in your folders and brands."</p> })}
                    {what.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
                    <p class="quiet">{ago(changed_ms)} " by " {by}</p>
                    {planned}
                    {trouble.map(|why| view! { <Notice tone=Tone::Warning>{"Will not be published then: ".to_owned() + &why + "."}</Notice> })}
                    {refused.map(|why| view! { <Notice tone=Tone::Warning>{"Cannot be published yet: ".to_owned() + &why}</Notice> })}
                </div>
            </div>
            {acts}
        </li>
    }
    .into_any()
}

fn call_off(publishing: Publishing, id: String) {
    let own = publishing.tenant.with_value(|tenant| path(paths::CALL_OFF, &[tenant]));
    let picked = match id.as_str() {
        RULES => Picked { rules: true, ..Picked::default() },
        BRANDS => Picked { brands: true, ..Picked::default() },
        _ => Picked { templates: vec![id], ..Picked::default() },
    };
    spawn_local(async move {
        match send::<Changes>("POST", &own, &picked).await {
            Ok(_) => tell("The planned publishing is cancelled."),
            Err(failure) => tell_error(failure.text()),
        }
        publishing.found.retry();
    });
}

fn discard(publishing: Publishing, asked: RwSignal<Option<(String, String)>>) -> AnyView {
    let open = RwSignal::new(false);
    crate::ui::effect(move || put(open, asked.with(Option::is_some)));
    crate::ui::effect(move || {
        if !open.get() {
            put(asked, None);
        }
    });
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let title = crate::ui::text(move || {
        asked.with(|asked| {
            asked.as_ref().map(|(_, title)| "Discard changes of ".to_owned() + title + "?").unwrap_or_default()
        })
    });
    let confirm = move |()| {
        let Some((id, title)) = asked.get_untracked() else { return };
        let tenant = publishing.tenant.get_value();
        busy.set(true);
        spawn_local(async move {
            let own = match id.as_str() {
                RULES => path(paths::UNPUBLISHED_RULES, &[&tenant]),
                BRANDS => path(paths::UNPUBLISHED_BRANDS, &[&tenant]),
                _ => path(paths::UNPUBLISHED_TEMPLATE, &[&tenant, &id]),
            };
            match delete(&own).await {
                Ok(()) => {
                    open.set(false);
                    tell(title + ": unpublished changes are discarded.");
                    publishing.found.retry();
                }
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    view! {
        <Confirm open title action="Discard" busy error on_confirm=confirm>
            <p>"Changes since it was last published are lost. A template that was never published is deleted."</p>
        </Confirm>
    }
    .into_any()
}
