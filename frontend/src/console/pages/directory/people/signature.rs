//! The signature that somebody gets now, and why.

use super::person::Person;
use crate::api::console::{get, path, with_query};
use crate::ui::{
    Choose, Icon, Loaded, Notice, Preview, Tabs, TextField, Tone, Value, changing, icon, text, with_hosted_images,
};
use ::api::console::{PersonSignature, SignatureQuery, paths};
use ::api::{Because, BodyFormat, Kind};
use leptos::prelude::*;

/// The card that shows it, for each kind and format.
pub(crate) fn signature(tenant: &str, id: &str, person: Person) -> AnyView {
    let own = path(paths::PERSON_SIGNATURE, &[tenant, id]);
    let kind = RwSignal::new("new".to_owned());
    let format = RwSignal::new("html".to_owned());
    let to = Value::new("");
    let found = Loaded::new(move || {
        // What they get depends on what their fields say.
        person.value.track();
        let recipient = to.text.get();
        let query = SignatureQuery {
            kind: kind.with(|kind| read_kind(kind)),
            format: (format.get() == "text").then_some(BodyFormat::Text),
            to: Some(recipient.trim().to_owned()).filter(|to| to.contains('@') && !to.ends_with('@')),
        };
        let path = with_query(&own, &query);
        async move { get::<PersonSignature>(&path).await }
    });
    let tabs = [("new", "New mail"), ("reply", "Reply"), ("forward", "Forward"), ("appointment", "Appointment")];
    let tabs = tabs.map(|(name, words)| (name.to_owned(), words.to_owned())).to_vec();
    let formats = vec![("html".to_owned(), "HTML".to_owned()), ("text".to_owned(), "Plain text".to_owned())];
    view! {
        <section class="card" aria-labelledby="signature-heading">
            <div class="row wrap">
                <h2 id="signature-heading" class="grow">
                    "Signature now"
                </h2>
                <Choose label="Format" value=format options=Signal::stored(formats) />
            </div>
            <Tabs label="Kind of message" tabs chosen=kind>
                {found.view(move || shown(found, format))}
            </Tabs>
            <TextField label="To" value=to kind="email" optional=true hint="A recipient, if rules depend on one." />
        </section>
    }
    .into_any()
}

fn read_kind(kind: &str) -> Option<Kind> {
    match kind {
        "reply" => Some(Kind::Reply),
        "forward" => Some(Kind::Forward),
        "appointment" => Some(Kind::Appointment),
        _ => None,
    }
}

fn shown(found: Loaded<PersonSignature>, format: RwSignal<String>) -> AnyView {
    let html = text(move || found.read(|found| with_hosted_images(&found.signature.html, &found.signature.images)));
    let plain = move || format.with(|format| format == "text");
    let words = text(move || if plain() { found.read(|found| found.signature.text.clone()) } else { String::new() });
    let empty =
        Memo::new(move |_| found.read(|found| found.signature.html.is_empty() && found.signature.text.is_empty()));
    let because = move || {
        let all = found.read(|found| found.signature.because.clone());
        let (applied, others): (Vec<Because>, Vec<Because>) = all.into_iter().partition(|one| one.applied);
        let number = others.len();
        view! {
            <ul class="rules applied">{applied.into_iter().map(rule).collect_view()}</ul>
            {(number > 0)
                .then(|| {
                    view! {
                        <details>
                            <summary>
                                {crate::ui::count(number as u64, "rule")} " did not apply" {icon(Icon::CHEVRON)}
                            </summary>
                            <ul class="rules">{others.into_iter().map(rule).collect_view()}</ul>
                        </details>
                    }
                })}
        }
    };
    let problems = move || {
        let all = found.read(|found| found.problems.clone());
        all.into_iter().map(|one| view! { <Notice tone=Tone::Warning>{one.detail}</Notice> }).collect_view()
    };
    view! {
        {changing(move || {
            if empty.get() {
                view! { <Notice>"No rule gives a signature here."</Notice> }.into_any()
            } else {
                view! { <Preview html text=words title="The signature" /> }.into_any()
            }
        })}
        <h3>"Why"</h3>
        {because}
        {problems}
    }
    .into_any()
}

fn rule(because: Because) -> AnyView {
    view! {
        <li>
            {icon(if because.applied { Icon::CHECK } else { Icon::DASH })}
            <div>
                <strong>{because.name}</strong>
                <p>{because.reason}</p>
            </div>
        </li>
    }
    .into_any()
}
