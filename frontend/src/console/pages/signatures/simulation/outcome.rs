//! What somebody gets: the signature as it looks, the templates that it is made of, and why.

use super::at;
use super::night::night;
use crate::ui::{Choose, Icon, Loaded, Notice, Pill, Preview, Tone, changing, icon, text, with_hosted_images};
use ::api::Because;
use ::api::console::pages::{Brands, Designs, Rules};
use ::api::console::{PartNames, Simulated, TemplateRow, Templates};
use email_signature::Part;
use leptos::prelude::*;

/// The signature alone, on white or as Outlook's dark mode shows it.
pub(in crate::console::pages) fn signature(
    outcome: Signal<Option<Simulated>>,
    plain: Signal<bool>,
    look: RwSignal<String>,
    title: &'static str,
) -> AnyView {
    let html = text(move || {
        let found = outcome.read();
        found.as_ref().map(|one| with_hosted_images(&one.signature.html, &one.signature.images)).unwrap_or_default()
    });
    let said = text(move || outcome.read().as_ref().map(|one| one.signature.text.clone()).unwrap_or_default());
    let words = text(move || if plain.get() { said.get() } else { String::new() });
    let state = Memo::new(move |_| {
        let empty =
            outcome.read().as_ref().is_none_or(|one| one.signature.html.is_empty() && one.signature.text.is_empty());
        (empty, look.with(|look| look == "dark") && !plain.get())
    });
    changing(move || match state.get() {
        (true, _) => view! { <Notice>"No rule adds anything here."</Notice> }.into_any(),
        (false, true) => night(html, title),
        (false, false) => view! { <Preview html text=words title /> }.into_any(),
    })
}

/// Light or dark.
pub(in crate::console::pages) fn looks(look: RwSignal<String>) -> AnyView {
    let options = [("", "Light"), ("dark", "Dark")];
    let options = options.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    view! { <Choose label="Outlook’s theme" value=look options=Signal::stored(options) /> }.into_any()
}

/// The templates by part, each with the way to it where its name says which it is.
pub(in crate::console::pages) fn parts(names: &PartNames, tenant: &str, templates: Loaded<Templates>) -> AnyView {
    let one = |(part, label): (Part, &'static str)| {
        let name = name_of(names, part)?.to_owned();
        let found: Vec<String> = templates.read(|all| {
            let fits = |row: &&TemplateRow| row.part == part && row.name == name;
            all.templates.iter().filter(fits).map(|row| row.id.clone()).collect()
        });
        let linked = match found.as_slice() {
            [id] => view! { <a href=at(tenant, Designs::Template(id.clone()))>{name}</a> }.into_any(),
            _ => name.into_any(),
        };
        Some(view! {
            <dt>{label}</dt>
            <dd>{linked}</dd>
        })
    };
    let all = [(Part::Signature, "Signature"), (Part::Campaign, "Campaign"), (Part::Disclaimer, "Disclaimer")];
    view! { <dl class="parts">{all.into_iter().filter_map(one).collect_view()}</dl> }.into_any()
}

fn name_of(names: &PartNames, part: Part) -> Option<&str> {
    match part {
        Part::Signature => names.signature.as_deref(),
        Part::Campaign => names.campaign.as_deref(),
        Part::Disclaimer => names.disclaimer.as_deref(),
        Part::Block => None,
    }
}

/// The templates in one line.
pub(in crate::console::pages) fn in_a_line(names: &PartNames) -> String {
    let all: Vec<&str> = Part::ALL.into_iter().filter_map(|part| name_of(names, part)).collect();
    if all.is_empty() { "Nothing".to_owned() } else { all.join(" · ") }
}

/// Why, rule by rule.
pub(in crate::console::pages) fn trace(because: Vec<Because>, tenant: &str) -> AnyView {
    // What has no rule is about the brand.
    let (because, brand): (Vec<Because>, Vec<Because>) = because.into_iter().partition(|one| !one.rule.is_empty());
    if because.is_empty() {
        return view! { <Notice>"There are no rules, so nobody gets anything."</Notice> }.into_any();
    }
    let applied = because.iter().filter(|one| one.applied).count();
    let total = because.len();
    let brands = at(tenant, Brands::Brands);
    let brand = brand.into_iter().map(|one| {
        view! {
            <p>
                <a href=brands.clone()>{one.name}</a> ": " {one.reason}
            </p>
        }
    });
    let brand = brand.collect_view();
    let one = |(at_, because): (usize, Because)| {
        let href = at(tenant, Rules::Rule(because.rule));
        view! {
            <li class:applied=because.applied>
                {icon(if because.applied { Icon::CHECK } else { Icon::DASH })}
                <div class="grow">
                    <div class="row wrap">
                        <span class="quiet">{at_ + 1} "."</span>
                        <a href=href>{because.name}</a>
                        {because.applied.then(|| view! { <Pill text="Applies" tone=Tone::Success /> })}
                    </div>
                    <p>{because.reason}</p>
                </div>
            </li>
        }
    };
    view! {
        <p class="quiet">{applied} " of " {total} " rules apply."</p>
        <ol class="trace">{because.into_iter().enumerate().map(one).collect_view()}</ol>
        {brand}
    }
    .into_any()
}

/// What is wrong with it.
pub(in crate::console::pages) fn problems(outcome: &Simulated) -> AnyView {
    outcome
        .problems
        .iter()
        .map(|one| one.detail.clone())
        .map(|words| view! { <Notice tone=Tone::Warning>{words}</Notice> })
        .collect_view()
        .into_any()
}
