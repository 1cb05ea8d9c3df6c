//! One brand in the list.

use super::Branding;
use super::edit::Form;
use super::look::sample;
use crate::console::pages::rules::words::Names;
use crate::console::session;
use crate::ui::{Button, Confirm, Icon, Look, Notice, Pill, Tone, changing, count, text};
use ::api::console::{BrandEntry, RuleChange};
use email_signature::{Brand, SenderCondition};
use leptos::prelude::*;

/// The brand at this place; the one at `last` is the default.
pub(crate) fn card(branding: Branding, entry: BrandEntry, at: usize, last: usize) -> AnyView {
    let BrandEntry { brand, change, advice } = entry;
    let change = change.map(|change| {
        let words = if change == RuleChange::Added { "New" } else { "Changed" };
        view! { <Pill text=words tone=Tone::Info /> }
    });
    let is_default = at == last;
    let default = is_default.then(|| view! { <Pill text="Default" /> });
    let conditions = brand.senders.clone();
    let whom = text(move || branding.names.with(|names| audience(&conditions, names)) + ".");
    let id = brand.id.clone();
    let number = text(move || {
        let people = branding.people.value.with(|found| {
            found.as_ref().and_then(|found| found.counts.iter().find(|one| one.brand == id).map(|one| one.people))
        });
        people.map(|people| count(people, "person or mailbox/people and mailboxes")).unwrap_or_default()
    });
    let listed = brand.id.clone();
    let label = "Who gets ".to_owned() + &brand.name;
    let advice = advice.into_iter().map(|words| view! { <Notice tone=Tone::Warning>{words}</Notice> }).collect_view();
    view! {
        <li class="card brand">
            <div class="row wrap">
                <span class="quiet">{at + 1} "."</span>
                <h2 class="grow">{brand.name.clone()}</h2>
                {default}
                {change}
                {acts(branding, &brand, at, last)}
            </div>
            <p>{whom}</p>
            {sample(branding, brand.clone())}
            <div class="row wrap">
                <Button look=Look::Subtle icon=Icon::PERSON label on_press=move |()| branding.listed.set(listed.clone())>
                    {number}
                </Button>
            </div>
            {advice}
        </li>
    }
    .into_any()
}

/// The senders that a brand is for. The default has no conditions.
pub(crate) fn audience(conditions: &[SenderCondition], names: &Names) -> String {
    let senders: Vec<String> = conditions.iter().map(|condition| names.sender(condition)).collect();
    if senders.is_empty() { "For everyone else".to_owned() } else { "For ".to_owned() + &senders.join(" or ") }
}

/// The id of a brand's button, so that it has the focus again when the list is drawn anew.
fn button_id(act: &str, brand: &str) -> String {
    "brand-".to_owned() + act + "-" + brand
}

fn acts(branding: Branding, brand: &Brand, at: usize, last: usize) -> AnyView {
    if !branding.may {
        let may = branding.tenant.with_value(|tenant| session::may_change_brand(tenant, &brand.id));
        return may.then(|| edit(branding, brand, at == last)).into_any();
    }
    let name = brand.name.clone();
    let step = |act: &'static str, icon: Icon, by: isize, idle: bool| {
        let label = "Move ".to_owned() + &name + " " + act;
        let (id, words) = (brand.id.clone(), name.clone() + " moved " + act + ".");
        let press = move |()| {
            let (id, focus) = (id.clone(), "#".to_owned() + &button_id(act, &id) + " button");
            branding.change(words.clone(), focus, move |brands| moved(brands, &id, by));
        };
        view! {
            <span id=button_id(act, &brand.id)>
                <Button look=Look::Subtle icon label idle=Signal::stored(idle) on_press=press />
            </span>
        }
    };
    // The default is always the last.
    let movable = (at != last).then(|| {
        view! {
            {step("up", Icon::UP, -1, at == 0)}
            {step("down", Icon::DOWN, 1, at + 1 >= last)}
        }
    });
    view! {
        {movable}
        {edit(branding, brand, at == last)}
        {remove(branding, brand, at == last && last > 0)}
    }
    .into_any()
}

fn edit(branding: Branding, brand: &Brand, is_default: bool) -> AnyView {
    let edited = brand.clone();
    let press = move |()| branding.form.set(Some(Form::of(&edited, is_default)));
    let label = "Edit ".to_owned() + &brand.name;
    view! {
        <Button icon=Icon::EDIT label on_press=press>
            "Edit"
        </Button>
    }
    .into_any()
}

/// Moves a brand by one place, but not behind the default.
fn moved(brands: &mut [Brand], id: &str, by: isize) {
    let Some(from) = brands.iter().position(|brand| brand.id == id) else { return };
    if let Some(to) = from.checked_add_signed(by).filter(|to| from.max(*to) + 1 < brands.len()) {
        brands.swap(from, to);
    }
}

fn remove(branding: Branding, brand: &Brand, is_needed: bool) -> AnyView {
    let open = RwSignal::new(false);
    let (id, name) = (brand.id.clone(), brand.name.clone());
    let title = "Delete ".to_owned() + &name + "?";
    let confirmed = move |()| {
        open.set(false);
        let id = id.clone();
        branding.change(
            name.clone() + " is deleted. It is used until you publish that.",
            String::new(),
            move |brands| {
                brands.retain(|brand| brand.id != id);
            },
        );
    };
    let label = "Delete ".to_owned() + &brand.name;
    view! {
        <Button look=Look::Subtle icon=Icon::DELETE label idle=Signal::stored(is_needed) on_press=move |()| open.set(true) />
        <Confirm open title=Signal::stored(title) action="Delete" on_confirm=confirmed>
            {changing(|| view! { <p>"Its people get the next brand that fits them, or the default."</p> })}
        </Confirm>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_stays_the_last() {
        let brand = |id: &str| Brand { id: id.into(), ..Brand::default() };
        let ids = |brands: &[Brand]| brands.iter().map(|brand| brand.id.clone()).collect::<String>();
        let mut brands = vec![brand("a"), brand("b"), brand("c")];
        for (id, by, expected) in
            [("a", 1, "bac"), ("a", 1, "bac"), ("a", -1, "abc"), ("a", -1, "abc"), ("c", -1, "abc"), ("x", 1, "abc")]
        {
            moved(&mut brands, id, by);
            assert_eq!(ids(&brands), expected, "{id} {by}");
        }
    }
}
