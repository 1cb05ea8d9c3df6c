//! Every placeholder of the other program in one table, and what each becomes.

use super::Desk;
use crate::api::console::{get, path};
use crate::ui::{Loaded, Pill, Tone, changing, count, new_id, text};
use ::api::console::{Confidence, FieldDefinition, Fields, ForeignPlaceholder, PlaceholderUse, paths};
use email_signature::BUILT_IN_FIELDS;
use leptos::prelude::*;

/// In a select: left out, and kept as text.
const REMOVE: &str = "-";
const TEXT: &str = "=";

/// The table.
pub(super) fn placeholders(desk: Desk) -> AnyView {
    let fields = path(paths::FIELDS, &[&desk.tenant.get_value()]);
    let fields = Loaded::new(move || {
        let path = fields.clone();
        async move { Ok(get::<Fields>(&path).await?.fields) }
    });
    let options = Signal::derive(move || fields.read(|fields| options(fields)));
    // Which there are changes with the signature alone: a select that somebody uses stays where it is.
    let rows = Memo::new(move |_| {
        desk.read(|plan| {
            let fixed = |row: &ForeignPlaceholder| ForeignPlaceholder { becomes: None, ..row.clone() };
            plan.placeholders.iter().map(fixed).collect::<Vec<_>>()
        })
    });
    let open = Memo::new(move |_| {
        desk.read(|plan| {
            plan.placeholders.iter().filter(|row| row.becomes.is_none() && row.condition.is_none()).count()
        })
    });
    let table = move || {
        let rows = rows.get();
        if rows.is_empty() {
            return view! { <p>"It has no placeholders: everyone would get the same text. Add placeholders in the editor."</p> }
                .into_any();
        }
        view! {
            <div class="scroll">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Placeholder"</th>
                            <th scope="col">"Where"</th>
                            <th scope="col">"Becomes"</th>
                            <th scope="col">"Why"</th>
                        </tr>
                    </thead>
                    <tbody>{rows.iter().map(|row| line(desk, row, options)).collect_view()}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="stack">
            <h2 class="row">
                <span>"Placeholders"</span>
                {changing(move || (open.get() > 0).then(|| {
                    view! { <Pill text=open.get().to_string() + " not mapped" tone=Tone::Warning /> }
                }))}
            </h2>
            {changing(table)}
        </section>
    }
    .into_any()
}

fn line(desk: Desk, row: &ForeignPlaceholder, options: Signal<Vec<(String, String)>>) -> AnyView {
    let often = (row.count > 1).then(|| count(u64::from(row.count), "time"));
    let places = row.places.join(" · ");
    let why = match (&row.condition, &row.suggestion) {
        (Some(condition), _) => condition.clone(),
        (None, Some(suggestion)) => suggestion.reason.clone(),
        (None, None) => "Nothing fits this name.".to_owned(),
    };
    let sure = row.suggestion.as_ref().map(|suggestion| match suggestion.confidence {
        Confidence::Sure => ("Certain", Tone::Success),
        Confidence::Likely => ("Likely", Tone::Info),
        Confidence::Guess => ("A guess", Tone::Warning),
    });
    let is_condition = row.condition.is_some();
    let becomes = if is_condition {
        view! { <span class="quiet">"A condition"</span> }.into_any()
    } else {
        select(desk, row, options)
    };
    view! {
        <tr>
            <th scope="row">
                <span class="twice">
                    <code>{row.written.clone()}</code>
                    <span class="quiet">{often}</span>
                </span>
            </th>
            <td class="quiet">{places}</td>
            <td>{becomes}</td>
            <td>
                <span class="twice">
                    <span>{why}</span>
                    {sure.map(|(text, tone)| view! { <span><Pill text tone /></span> })}
                </span>
            </td>
        </tr>
    }
    .into_any()
}

fn select(desk: Desk, row: &ForeignPlaceholder, options: Signal<Vec<(String, String)>>) -> AnyView {
    let id = new_id("becomes");
    let written = StoredValue::new(row.written.clone());
    let chosen = Memo::new(move |_| {
        let becomes = desk.mapping.with(|mapping| mapping.get(&written.get_value()).cloned()).or_else(|| {
            desk.read(|plan| {
                let row = plan.placeholders.iter().find(|row| written.with_value(|written| row.written == *written));
                row.and_then(|row| row.becomes.clone())
            })
        });
        match becomes {
            Some(PlaceholderUse::Field(field)) => field,
            Some(PlaceholderUse::Remove) => REMOVE.to_owned(),
            Some(PlaceholderUse::Text) => TEXT.to_owned(),
            None => String::new(),
        }
    });
    let changed = move |event: leptos::ev::Event| {
        let becomes = match event_target_value(&event).as_str() {
            "" => None,
            REMOVE => Some(PlaceholderUse::Remove),
            TEXT => Some(PlaceholderUse::Text),
            field => Some(PlaceholderUse::Field(field.to_owned())),
        };
        desk.mapping.update(|mapping| {
            match becomes {
                Some(becomes) => mapping.insert(written.get_value(), becomes),
                None => mapping.remove(&written.get_value()),
            };
        });
    };
    let choices = move || {
        let chosen = chosen.get();
        let option = |(value, words): (String, String)| {
            let selected = value == chosen;
            view! { <option value=value prop:selected=selected>{words}</option> }
        };
        // Whoever chose something chooses something else instead.
        let offered = options.get().into_iter().filter(|(value, _)| !value.is_empty() || chosen.is_empty());
        offered.map(option).collect_view()
    };
    view! {
        <label class="hidden" for=id.clone()>{text(move || "What becomes of ".to_owned() + &written.get_value())}</label>
        <select id=id on:change=changed>{changing(choices)}</select>
    }
    .into_any()
}

/// Everything that a placeholder can become.
fn options(fields: &[FieldDefinition]) -> Vec<(String, String)> {
    let mut all = vec![(String::new(), "Not mapped".to_owned())];
    all.extend(fields.iter().map(|field| (field.token.clone(), field.label.clone())));
    let built_in = BUILT_IN_FIELDS.iter().map(|(token, label)| ((*token).to_owned(), (*label).to_owned()));
    let built_in: Vec<_> = built_in.filter(|(token, _)| !all.iter().any(|(known, _)| known == token)).collect();
    all.extend(built_in);
    all.push(("today".to_owned(), "Today’s date".to_owned()));
    for (of, words) in [("manager", "Manager: "), ("sender", "Person signed in: ")] {
        let own = BUILT_IN_FIELDS.iter();
        all.extend(own.map(|(token, label)| (of.to_owned() + "." + token, words.to_owned() + &label.to_lowercase())));
    }
    all.push((REMOVE.to_owned(), "Leave it out".to_owned()));
    all.push((TEXT.to_owned(), "Keep it as text".to_owned()));
    all
}
