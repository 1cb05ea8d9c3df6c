//! What one person gets, and why.

use super::Simulation;
use super::occasion::occasion;
use super::outcome::{looks, parts, problems, signature, trace};
use crate::api::console::{get, path, send};
use crate::console::pages::finders;
use crate::console::pages::rules::put;
use crate::ui::{Choice, Empty, Icon, Loaded, Pick, Picks, Select, Value, changing, effect, text, when};
use ::api::console::{PersonKind, PreviewPerson, Simulate, Simulated, Templates, paths};
use leptos::prelude::*;

/// The form and, beside it, the outcome.
pub(crate) fn somebody(simulation: Simulation) -> AnyView {
    let Simulation { tenant, query, asked, .. } = simulation;
    let asked = asked.get_value();
    let (id, from) = (query.filter("person"), query.filter("from"));
    let person = Loaded::new(move || {
        let id = id.get();
        let path = path(paths::PREVIEW_PERSON, &[&tenant.get_value(), &id]);
        async move { if id.is_empty() { Ok(None) } else { get::<PreviewPerson>(&path).await.map(Some) } }
    });
    let outcome = Loaded::new(move || {
        let (person, picked, from) = (id.get(), simulation.picked(), from.get());
        let wanted = picked.map(|changes| Simulate {
            person: person.clone(),
            from: Some(from).filter(|from| !from.is_empty()),
            occasion: asked.occasion(),
            changes,
        });
        let path = path(paths::SIMULATION, &[&tenant.get_value()]);
        async move {
            match wanted {
                Some(wanted) if !person.is_empty() => send::<Simulated>("POST", &path, &wanted).await.map(Some),
                _ => Ok(None),
            }
        }
    });
    let domain = text(move || {
        let address =
            person.read(|person| person.as_ref().map(|one| one.person.address.to_string()).unwrap_or_default());
        address.rsplit_once('@').map(|(_, domain)| domain.to_owned()).unwrap_or_default()
    });
    view! {
        <div class="simulator">
            <section class="card asked" aria-label="The draft">
                {who(simulation, person)} {senders(person, from)} {occasion(asked, domain)}
            </section>
            <section class="result" aria-label="The outcome" class:stale=when(move || outcome.busy.get() && !id.with(String::is_empty))>
                {result(simulation, outcome)}
            </section>
        </div>
    }
    .into_any()
}

fn who(simulation: Simulation, person: Loaded<Option<PreviewPerson>>) -> AnyView {
    let (id, from) = (simulation.query.filter("person"), simulation.query.filter("from"));
    let chosen = RwSignal::new(None::<Choice>);
    let was_chosen = StoredValue::new(false);
    effect(move || {
        let known = person.read(|person| {
            person.as_ref().map(|one| {
                let address = one.person.address.to_string();
                let name = one.person.fields.get("display_name").cloned().unwrap_or_else(|| address.clone());
                Choice { id: one.person.id.clone(), name, hint: address }
            })
        });
        // The address names somebody by id alone.
        if let Some(known) = known
            && id.with_untracked(|id| *id == known.id)
            && chosen.with_untracked(|chosen| chosen.as_ref().is_none_or(|one| one.id != known.id))
        {
            chosen.set(Some(known));
        }
    });
    effect(move || match chosen.get() {
        Some(one) => {
            was_chosen.set_value(true);
            if id.with_untracked(|id| *id != one.id) {
                from.set(String::new());
                id.set(one.id);
            }
        }
        None if was_chosen.get_value() => id.set(String::new()),
        None => {}
    });
    let find = finders::people(&simulation.tenant.get_value(), PersonKind::Person);
    view! { <Pick label="Person" find picks=Picks::One(chosen) placeholder="Name or address" /> }.into_any()
}

/// Addresses to send from, where there are several.
fn senders(person: Loaded<Option<PreviewPerson>>, from: RwSignal<String>) -> AnyView {
    let all =
        Memo::new(move |_| person.read(|person| person.as_ref().map(|one| one.senders.clone()).unwrap_or_default()));
    let value = Value::new(&from.get_untracked());
    effect(move || put(from, value.text.get()));
    effect(move || put(value.text, from.get()));
    let options = Signal::derive(move || {
        let name = |(at, address): (usize, String)| (if at == 0 { String::new() } else { address.clone() }, address);
        all.get().into_iter().enumerate().map(name).collect::<Vec<_>>()
    });
    view! {
        <div hidden=when(move || all.with(|all| all.len() < 2))>
            <Select label="From" value options />
        </div>
    }
    .into_any()
}

fn result(simulation: Simulation, outcome: Loaded<Option<Simulated>>) -> AnyView {
    let tenant = simulation.tenant;
    let id = simulation.query.filter("person");
    let own = tenant.with_value(|tenant| path(paths::TEMPLATES, &[tenant]));
    let templates = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Templates>(&path).await }
    });
    let look = simulation.query.filter("look");
    let plain = when(move || simulation.asked.get_value().is_text());
    let found = Signal::derive(move || outcome.value.get().flatten());
    let none = Memo::new(move |_| id.with(String::is_empty));
    let shown = move || {
        let there = Memo::new(move |_| found.with(Option::is_some));
        let body = move || {
            there.get().then(|| {
                view! {
                    <section class="card" aria-labelledby="gets-heading">
                        <div class="row wrap">
                            <h2 id="gets-heading" class="grow">
                                "Gets"
                            </h2>
                            {looks(look)}
                        </div>
                        {signature(found, plain, look, "The signature")}
                        {changing(move || found.get().map(|one| tenant.with_value(|tenant| parts(&one.parts, tenant, templates))))}
                        {changing(move || found.get().map(|one| problems(&one)))}
                    </section>
                    <section class="card" aria-labelledby="why-heading">
                        <h2 id="why-heading">"Why, rule by rule"</h2>
                        {changing(move || found.get().map(|one| tenant.with_value(|tenant| trace(one.signature.because, tenant))))}
                    </section>
                }
            })
        };
        changing(body)
    };
    changing(move || {
        if none.get() {
            view! {
                <Empty title="Whose signature?" icon=Icon::PERSON>
                    <p>"Choose a person to see what they get for this kind of message, these recipients and this \
                        time, and why each rule applies or not."</p>
                </Empty>
            }
            .into_any()
        } else {
            view! {
                {changing(move || outcome.failure.get().map(|failure| view! { <crate::ui::Notice tone=crate::ui::Tone::Error>{failure.text()}</crate::ui::Notice> }))}
                {outcome.view(shown)}
            }
            .into_any()
        }
    })
}
