//! The template as somebody's mails would have it, and what is wrong with it.

use super::document::{Editing, Finding, brand};
use super::parts::Parts;
use crate::console::pages::finders;
use crate::ui::{
    Button, Choice, Choose, Icon, Look, Pick, Picks, Pill, Tone, changing, effect, icon, new_id, text, when,
};
use ::api::console::PersonKind;
use ::api::{BodyFormat, Kind};
use email_signature::{Address, Person, Problem, Template};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use web_sys::HtmlIFrameElement;

/// The longest HTML that Outlook takes.
const MAX_HTML: u32 = 30_000;
/// Looking a template over may wait for a moment; the preview does not.
const PAUSE: Duration = Duration::from_millis(200);

/// A page to draw on.
pub(crate) const BLANK: &str =
    "<!doctype html><html lang=en><head><meta name=color-scheme content=light></head><body></body></html>";

/// What the core is asked.
#[derive(Serialize)]
struct Wanted {
    templates: Vec<Template>,
    person: Person,
    kind: Kind,
    format: BodyFormat,
    images: BTreeMap<String, String>,
    fields: Vec<String>,
    blocks: Vec<Template>,
}

/// What the core is asked to look over.
#[derive(Serialize)]
struct Checked {
    template: Template,
    images: BTreeMap<String, String>,
    fields: Vec<String>,
    blocks: Vec<Template>,
}

#[derive(Deserialize)]
struct Findings {
    #[serde(default)]
    findings: Vec<Finding>,
}

/// What the core made of it, without what was drawn already.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Filled {
    #[serde(default)]
    length: u32,
    #[serde(default)]
    problems: Vec<Problem>,
}

/// The preview with its choices, the length, and the problems; `go` leads to a place in the HTML.
pub(crate) fn shown(editing: Editing, go: Callback<(u32, u32)>) -> AnyView {
    let frame = NodeRef::<leptos::html::Iframe>::new();
    let (kind, look) = (RwSignal::new("new".to_owned()), RwSignal::new("light".to_owned()));
    let (drawn, ready) = (RwSignal::new(Filled::default()), RwSignal::new(false));
    effect(move || {
        let (Some(Some(parts)), true, Some(frame)) = (editing.parts.get(), ready.get(), frame.get()) else { return };
        let Some(wanted) = wanted(editing, template(editing), &kind.get(), &look.get()) else { return };
        drawn.set(parts.show(&frame, &wanted, &look.get()).unwrap_or_default());
    });
    look_over(editing);
    view! {
        <section class="shown" aria-label="Preview">
            {choices(editing, kind, look)}
            <div class="sheet" class:phone=when(move || look.with(|look| look == "phone")) class:night=when(move || look.with(|look| look == "dark"))>
                <iframe
                    node_ref=frame
                    sandbox="allow-same-origin"
                    referrerpolicy="no-referrer"
                    tabindex="-1"
                    title="Preview"
                    srcdoc=BLANK
                    on:load=move |_| ready.set(true)
                ></iframe>
            </div>
            {meter(drawn)}
            {problems(editing, drawn, go)}
        </section>
    }
    .into_any()
}

fn wanted(editing: Editing, template: Template, kind: &str, look: &str) -> Option<Wanted> {
    Some(Wanted {
        templates: vec![template],
        person: editing.person.get().map(|one| one.person).or_else(made_up)?,
        kind: kind_named(kind),
        format: if look == "text" { BodyFormat::Text } else { BodyFormat::Html },
        images: editing.image_urls(),
        fields: tokens(editing),
        blocks: editing.usable_blocks(),
    })
}

/// Draws other HTML of the template for the same person.
pub(crate) fn draw_in(editing: Editing, parts: &Parts, frame: &HtmlIFrameElement, html: String) {
    let template = Template { html, ..untrack(|| template(editing)) };
    if let Some(wanted) = wanted(editing, template, "new", "light") {
        let _: Option<Filled> = parts.show(frame, &wanted, "light");
    }
}

/// The template as the core takes it.
fn template(editing: Editing) -> Template {
    let doc = editing.doc.get();
    Template {
        id: editing.id.get_value(),
        name: doc.name,
        folder: String::new(),
        part: doc.part,
        html: doc.html,
        text: doc.text,
        images: doc.images,
        offered_to: None,
    }
}

fn tokens(editing: Editing) -> Vec<String> {
    let mut all: Vec<String> = editing.fields.read(|fields| fields.iter().map(|field| field.token.clone()).collect());
    editing.person.with(|shown| all.extend(shown.iter().flat_map(|one| &one.brand_tokens).map(|token| brand(token))));
    all
}

/// Looks the template over a moment after something changed.
fn look_over(editing: Editing) {
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(Some(timer)) = timer.try_update_value(Option::take) {
            timer.clear();
        }
    };
    effect(move || {
        let (Some(Some(parts)), template) = (editing.parts.get(), template(editing)) else { return };
        // Until they are there, each would be missing.
        if editing.blocks.value.with(Option::is_none) && editing.blocks.failure.with(Option::is_none) {
            return;
        }
        let (images, blocks) = (editing.image_urls(), editing.usable_blocks());
        let checked = Checked { template, images, fields: tokens(editing), blocks };
        stop();
        let look = move || {
            if let Some(found) = parts.check::<Findings>(&checked) {
                let _ = editing.findings.try_set(found.findings);
            }
        };
        timer.set_value(set_timeout_with_handle(look, PAUSE).ok());
    });
    on_cleanup(stop);
}

fn choices(editing: Editing, kind: RwSignal<String>, look: RwSignal<String>) -> AnyView {
    let person = RwSignal::new(None::<Choice>);
    effect(move || {
        let shown = editing.person.with(|shown| {
            shown.as_ref().map(|shown| Choice {
                id: shown.person.id.clone(),
                name: shown
                    .person
                    .fields
                    .get("display_name")
                    .cloned()
                    .unwrap_or_else(|| shown.person.address.to_string()),
                hint: shown.person.address.to_string(),
            })
        });
        if person.with_untracked(|person| person.as_ref().map(|one| &one.id) != shown.as_ref().map(|one| &one.id)) {
            person.set(shown);
        }
    });
    effect(move || {
        let Some(chosen) = person.get() else { return };
        let is_shown =
            editing.person.with_untracked(|shown| shown.as_ref().is_some_and(|one| one.person.id == chosen.id));
        if !is_shown {
            editing.show_for(&chosen.id);
        }
    });
    let kinds = [("new", "New mail"), ("reply", "Reply"), ("forward", "Forward"), ("appointment", "Appointment")];
    let kinds = kinds.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    let find = finders::people(&editing.tenant.get_value(), PersonKind::Person);
    view! {
        <div class="choices-row">
            <Pick label="Shown for" find picks=Picks::One(person) placeholder="Name or address" />
            <Choose label="Kind" value=kind options=Signal::stored(kinds) />
            {looks(look)}
        </div>
    }
    .into_any()
}

fn looks(look: RwSignal<String>) -> AnyView {
    let name = new_id("look");
    let one = move |(value, words): (&'static str, &'static str)| {
        view! {
            <label>
                <input
                    type="radio"
                    class="hidden"
                    name=name.clone()
                    prop:checked=when(move || look.with(|look| look == value))
                    on:change=move |_| look.set(value.to_owned())
                />
                <span>{words}</span>
            </label>
        }
    };
    let all = [("light", "Light"), ("dark", "Dark"), ("phone", "Phone"), ("text", "Plain text")];
    view! {
        <fieldset class="segments">
            <legend class="hidden">"Shown as in"</legend>
            {all.map(one).into_iter().collect_view()}
        </fieldset>
    }
    .into_any()
}

fn meter(drawn: RwSignal<Filled>) -> AnyView {
    let length = Memo::new(move |_| drawn.with(|drawn| drawn.length));
    let tone = move || match length.get() {
        length if length > MAX_HTML => "bad",
        length if length > MAX_HTML / 10 * 8 => "warn",
        _ => "",
    };
    let words = move || {
        let length = length.get();
        crate::ui::time::grouped(u64::from(length))
            + " of 30,000 characters"
            + if length > MAX_HTML { ": more than Outlook accepts" } else { "" }
    };
    view! {
        <div class=text(move || "meter ".to_owned() + tone())>
            <progress
                max=MAX_HTML.to_string()
                aria-label="Length"
                prop:value=move || f64::from(length.get().min(MAX_HTML))
            ></progress>
            <p class="quiet">{text(words)}</p>
        </div>
    }
    .into_any()
}

fn problems(editing: Editing, drawn: RwSignal<Filled>, go: Callback<(u32, u32)>) -> AnyView {
    let all = Memo::new(move |_| {
        let mut all = editing.findings.get();
        let known: Vec<String> = all.iter().map(|one| one.detail.clone()).collect();
        for problem in drawn.get().problems {
            if !known.contains(&problem.detail) {
                all.push(Finding { level: "value".into(), rule: "value".into(), detail: problem.detail, at: None });
            }
        }
        all.sort_by_key(|one| match one.level.as_str() {
            "problem" => 0,
            "value" => 1,
            _ => 2,
        });
        all
    });
    let one = move |finding: Finding| {
        let (tone, word) = match finding.level.as_str() {
            "problem" => (Tone::Error, "Problem"),
            "value" => (Tone::Warning, "For this person"),
            _ => (Tone::Info, "Advice"),
        };
        let jump = finding.at.map(|at| {
            let label = "Go to: ".to_owned() + &finding.detail;
            view! {
                <Button look=Look::Subtle icon=Icon::FORWARD label on_press=move |()| go.run(at) />
            }
        });
        view! {
            <li class=tone.class()>
                {icon(tone.icon())}
                <p class="grow">
                    <span class="hidden">{word.to_owned() + ": "}</span>
                    {finding.detail}
                </p>
                {jump}
            </li>
        }
    };
    let count = move || {
        let advice = all.with(|all| all.iter().filter(|one| one.level == "advice").count());
        let wrong = all.with(Vec::len) - advice;
        let tone = if wrong > 0 { Tone::Warning } else { Tone::Success };
        let words = match (wrong, advice) {
            (0, 0) => "No problems".to_owned(),
            (0, some) => crate::ui::count(some as u64, "piece of advice/pieces of advice"),
            (some, 0) => crate::ui::count(some as u64, "problem"),
            (some, more) => crate::ui::count(some as u64, "problem") + ", " + &more.to_string() + " of advice",
        };
        view! { <Pill text=words tone /> }
    };
    view! {
        <section class="problems" aria-label="Problems">
            <h2 class="row">
                <span>"Problems"</span>
                {changing(count)}
            </h2>
            <ul>{changing(move || all.get().into_iter().map(one).collect_view())}</ul>
        </section>
    }
    .into_any()
}

fn kind_named(name: &str) -> Kind {
    [Kind::New, Kind::Reply, Kind::Forward, Kind::Appointment]
        .into_iter()
        .find(|kind| kind.as_str() == name)
        .unwrap_or(Kind::New)
}

/// For a tenant without people.
fn made_up() -> Option<Person> {
    const VALUES: [(&str, &str); 9] = [
        ("display_name", "Ada Lovelace"),
        ("given_name", "Ada"),
        ("surname", "Lovelace"),
        ("title", "Chief analyst"),
        ("department", "Engines"),
        ("company", "Example Ltd"),
        ("phone", "+44 20 7946 0000"),
        ("mobile", "+44 7700 900000"),
        ("website", "www.example.com"),
    ];
    Some(Person {
        id: "made-up".to_owned(),
        address: Address::parse("ada.lovelace@example.com").ok()?,
        aliases: Vec::new(),
        groups: Vec::new(),
        fields: VALUES.into_iter().map(|(token, value)| (token.to_owned(), value.to_owned())).collect(),
    })
}
