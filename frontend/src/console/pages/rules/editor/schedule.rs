//! For which kinds of message, which subjects, and when.

use super::conditions::{conditions, typing};
use super::{Edit, section};
use crate::console::pages::rules::words::{KINDS, WEEKDAYS, weekday};
use crate::ui::{Check, Radios, Select, TextField, Value, changing, effect, new_id};
use email_signature::{KeywordMatch, Kind, Schedule, Weekday};
use js_sys::{Array, Function, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// Most keywords that one rule has (`MAX_CONDITIONS` of the wire).
const MOST_KEYWORDS: usize = 200;

/// Which kinds of message.
pub(crate) fn kinds(edit: Edit) -> AnyView {
    let chosen = Signal::derive(move || edit.read(|rule| rule.kinds.clone()));
    let one = move |(kind, words): (Kind, &'static str)| {
        let change = move |on: bool| {
            edit.change(|rule| {
                // Said in one order, however they were ticked.
                let had = std::mem::take(&mut rule.kinds);
                let wanted = |own: Kind| if own == kind { on } else { had.contains(&own) };
                rule.kinds = KINDS.into_iter().map(|(own, _)| own).filter(|own| wanted(*own)).collect();
            });
        };
        toggle(words, Signal::derive(move || chosen.with(|chosen| chosen.contains(&kind))), Callback::new(change))
    };
    let content = view! { <div class="toggles" role="group" aria-label="Kinds of message">{KINDS.map(one).into_iter().collect_view()}</div> };
    section("Kinds of message", "If you select none, every kind.", content.into_any())
}

/// How keywords are found: as a radio button has it, its label and a hint.
const MATCHES: [(KeywordMatch, &str, &str, &str); 3] = [
    (KeywordMatch::Whole, "whole", "As whole words", "“offer” is not found in “offers”."),
    (KeywordMatch::Prefix, "prefix", "At the start of a word", "“offer” is found in “offers”, not in “coffers”."),
    (KeywordMatch::Part, "part", "Anywhere", "“offer” is found in “coffers”."),
];

fn written(how: KeywordMatch) -> &'static str {
    MATCHES.iter().find(|(own, ..)| *own == how).map_or("whole", |(_, written, ..)| written)
}

/// Words in the subject.
pub(crate) fn subject(edit: Edit) -> AnyView {
    let items = Signal::derive(move || edit.read(|rule| rule.keywords.clone()));
    let remove = Callback::new(move |at: usize| {
        edit.change(|rule| {
            if at < rule.keywords.len() {
                rule.keywords.remove(at);
            }
        });
    });
    let add = Callback::new(move |typed: String| {
        if typed.is_empty() {
            return Err("Enter a word or a phrase.");
        }
        edit.change(|rule| {
            let known = rule.keywords.iter().any(|own| own.to_lowercase() == typed.to_lowercase());
            if !known && rule.keywords.len() < MOST_KEYWORDS {
                rule.keywords.push(typed);
            }
        });
        Ok(())
    });
    let add = typing("Word or phrase", "text", 300, add);
    let list = conditions("With one of these in the subject", "Any subject.", items, remove, add);
    let how = RwSignal::new(edit.peek(|rule| written(rule.keyword_match)).to_owned());
    effect(move || {
        let wanted = how.with(|how| MATCHES.iter().find(|(_, written, ..)| written == how).map(|(wanted, ..)| *wanted));
        edit.change(|rule| rule.keyword_match = wanted.unwrap_or_default());
    });
    let options = MATCHES.map(|(_, written, label, hint)| (written, label, hint)).to_vec();
    let content = view! {
        {list}
        <Radios label="How they are found" value=how options />
    };
    section(
        "Subject",
        "Upper and lower case are treated the same. Outlook reports the subject when the cursor leaves it.",
        content.into_any(),
    )
}

/// A day and a time of it.
#[derive(Clone, Copy)]
struct Bound {
    day: Value,
    time: Value,
}

impl Bound {
    fn read(text: Option<String>) -> Self {
        let text = text.unwrap_or_default();
        let (day, time) = text.trim().split_once(['T', 't', ' ']).unwrap_or((text.trim(), ""));
        Self { day: Value::new(day), time: Value::new(time.get(..5).unwrap_or(time)) }
    }

    fn text(self) -> Option<String> {
        let (day, time) = (self.day.text.get(), self.time.text.get());
        if day.is_empty() {
            return None;
        }
        Some(if time.is_empty() { day } else { day + "T" + &time })
    }
}

/// When it applies.
pub(crate) fn schedule(edit: Edit) -> AnyView {
    let had = edit.peek(|rule| rule.schedule.clone());
    let zones = zones();
    let usual = Schedule {
        from: None,
        to: None,
        weekdays: Vec::new(),
        day_from: None,
        day_to: None,
        time_zone: zones[0].clone(),
        own_time_zone: false,
    };
    let on = RwSignal::new(had.is_some());
    let had = had.unwrap_or(usual);
    let (from, to, zone) = (Bound::read(had.from.clone()), Bound::read(had.to.clone()), Value::new(&had.time_zone));
    let days = RwSignal::new(had.weekdays);
    let hours = [had.day_from, had.day_to].map(|time| Value::new(time.as_deref().unwrap_or_default()));
    let [day_from, day_to] = hours;
    let own_zone = RwSignal::new(had.own_time_zone);
    let time = |value: Value| Some(value.text.get()).filter(|time| !time.is_empty());
    effect(move || {
        let wanted = on.get().then(|| Schedule {
            from: from.text(),
            to: to.text(),
            weekdays: days.get(),
            day_from: time(day_from),
            day_to: time(day_to),
            time_zone: zone.text.get(),
            own_time_zone: own_zone.get(),
        });
        let turned = |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a > b);
        let wrong = wanted.as_ref().is_some_and(|wanted| turned(&wanted.from, &wanted.to));
        to.day.error.set(if wrong {
            "This is before the first day: choose a later one.".into()
        } else {
            String::new()
        });
        let no_time =
            wanted.as_ref().is_some_and(|wanted| wanted.day_from.is_some() && wanted.day_from == wanted.day_to);
        day_to.error.set(if no_time { "Choose another time, or leave both out.".into() } else { String::new() });
        edit.change(|rule| rule.schedule = wanted);
    });
    let mut all = zones;
    if !all.contains(&had.time_zone) {
        all.insert(0, had.time_zone);
    }
    let options: Vec<(String, String)> = all.into_iter().map(|zone| (zone.clone(), zone.replace('_', " "))).collect();
    let options = StoredValue::new(options);
    let inside = move || {
        on.get().then(|| {
            view! {
                <div class="bounds">
                    <TextField label="First day" value=from.day kind="date" optional=true />
                    <TextField label="From" value=from.time kind="time" optional=true />
                    <TextField label="Last day" value=to.day kind="date" optional=true />
                    <TextField label="Until" value=to.time kind="time" optional=true />
                </div>
                <p class="quiet">"Without a time: the whole day."</p>
                {weekdays(days)}
                <div class="bounds">
                    <TextField label="Each day from" value=day_from kind="time" optional=true />
                    <TextField label="Each day until" value=day_to kind="time" optional=true />
                </div>
                <p class="quiet">"Without these: at any hour. Hours may pass midnight, such as 22:00 to 06:00."</p>
                <Select
                    label="Time zone"
                    value=zone
                    options=Signal::stored(options.get_value())
                    hint="The time zone of these times; daylight saving time is taken into account."
                />
                <Check
                    label="In the sender’s own time zone"
                    checked=own_zone
                    hint="As their computer has it. Where Outlook does not tell, the time zone above."
                />
            }
        })
    };
    let content = view! {
        <Check label="Only at certain times" checked=on />
        {changing(inside)}
    };
    section("When", "", content.into_any())
}

fn weekdays(days: RwSignal<Vec<Weekday>>) -> AnyView {
    let one = move |day: Weekday| {
        let change = move |on: bool| {
            days.update(|days| {
                let had = std::mem::take(days);
                *days = WEEKDAYS.into_iter().filter(|own| if *own == day { on } else { had.contains(own) }).collect();
            });
        };
        let is_on = Signal::derive(move || days.with(|days| days.contains(&day)));
        toggle(&weekday(day)[..3], is_on, Callback::new(change))
    };
    view! {
        <fieldset class="toggles">
            <legend>"Days of the week"</legend>
            {WEEKDAYS.map(one).into_iter().collect_view()}
            <span class="quiet">"If you select none, every day."</span>
        </fieldset>
    }
    .into_any()
}

/// A small box with its words.
fn toggle(words: &'static str, on: Signal<bool>, change: Callback<bool>) -> AnyView {
    let id = new_id("toggle");
    let named = id.clone();
    view! {
        <label class="tick" for=named>
            <input id=id type="checkbox" prop:checked=on on:change=move |event| change.run(event_target_checked(&event)) />
            {words}
        </label>
    }
    .into_any()
}

/// Every time zone that the browser knows, its own first.
pub(in crate::console::pages) fn zones() -> Vec<String> {
    let mut zones = vec![own_zone()];
    if zones[0] != "UTC" {
        zones.push("UTC".to_owned());
    }
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).unwrap_or_default();
    let known = Reflect::get(&intl, &"supportedValuesOf".into())
        .ok()
        .and_then(|all| all.dyn_into::<Function>().ok())
        .and_then(|all| all.call1(&intl, &"timeZone".into()).ok())
        .and_then(|all| all.dyn_into::<Array>().ok());
    let known = known.into_iter().flat_map(|all| all.to_vec()).filter_map(|zone| zone.as_string());
    let other: Vec<String> = known.filter(|zone| !zones.contains(zone)).collect();
    zones.extend(other);
    zones
}

/// The browser's time zone, such as `Europe/Paris`.
pub(in crate::console::pages) fn own_zone() -> String {
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    let zone = Reflect::get(&options, &JsValue::from_str("timeZone")).ok().and_then(|zone| zone.as_string());
    zone.filter(|zone| !zone.is_empty()).unwrap_or_else(|| "UTC".to_owned())
}
