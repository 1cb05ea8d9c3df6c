//! The draft to look at: kind, recipients, subject, format, and when; for everyone also all kinds at once.

use crate::console::pages::rules::editor::conditions::conditions;
use crate::console::pages::rules::editor::schedule::own_zone;
use crate::console::pages::rules::put;
use crate::ui::{Button, Query, Radios, Select, TextField, Value, changing, effect};
use ::api::console::{Compare, Occasion, Picked};
use ::api::{BodyFormat, Kind};
use leptos::prelude::*;
use std::time::Duration;

/// How long somebody must have stopped typing before it is asked for.
const PAUSE: Duration = Duration::from_millis(350);

/// One message is compared for everyone, as described.
const ONE: &str = "one";

/// What stands between recipients in the address.
const BETWEEN: char = ',';

/// The draft, as the page's address says.
#[derive(Clone, Copy)]
pub(in crate::console::pages) struct Asked {
    /// What is compared for everyone: [`ONE`], or every cell of the matrix.
    scope: RwSignal<String>,
    kind: Value,
    to: RwSignal<String>,
    subject: Value,
    format: Value,
    at: Value,
    /// The subject and the time once somebody stopped typing them.
    settled: RwSignal<(String, String)>,
}

impl Asked {
    /// As the address says, and it follows.
    pub(in crate::console::pages) fn new(query: Query) -> Self {
        let value = |name: &'static str, usual: &str| {
            let kept = query.filter(name);
            let value = Value::new(&kept.get_untracked());
            if value.text.with_untracked(String::is_empty) {
                value.text.set(usual.to_owned());
            }
            let usual = usual.to_owned();
            effect(move || {
                let text = value.text.get();
                put(kept, if text == usual { String::new() } else { text });
            });
            value
        };
        let (subject, at) = (value("subject", ""), value("at", ""));
        let now = move || (subject.text.get(), at.text.get());
        let asked = Self {
            scope: query.filter("scope"),
            kind: value("kind", "new"),
            to: query.filter("to"),
            subject,
            format: value("format", "html"),
            at,
            settled: RwSignal::new(untrack(now)),
        };
        effect(move || {
            let wanted = now();
            let settle = move || {
                // Only what is still there is asked for.
                if subject.text.try_get_untracked() == Some(wanted.0.clone())
                    && at.text.try_get_untracked() == Some(wanted.1.clone())
                {
                    asked.settled.set(wanted);
                }
            };
            if asked.settled.get_untracked() != now() {
                set_timeout(settle, PAUSE);
            }
        });
        asked
    }

    /// As it is sent; follows changes.
    pub(in crate::console::pages) fn occasion(self) -> Occasion {
        let (subject, at) = self.settled.get();
        Occasion {
            kind: kind(&self.kind.text.get()),
            recipients: self.recipients(),
            subject,
            format: if self.format.text.with(|format| format == "text") { BodyFormat::Text } else { BodyFormat::Html },
            at_ms: local_ms(&at),
        }
    }

    /// What is compared for everyone with these changes; follows changes.
    pub(in crate::console::pages) fn compare(self, changes: Picked) -> Compare {
        if self.is_one() {
            return Compare { occasion: Some(self.occasion()), at_ms: None, changes };
        }
        Compare { occasion: None, at_ms: self.settled.with(|(_, at)| local_ms(at)), changes }
    }

    /// Whether one message alone is compared.
    fn is_one(self) -> bool {
        self.scope.with(|scope| scope == ONE)
    }

    /// Whether plain text is compared for everyone.
    pub(in crate::console::pages) fn is_one_text(self) -> bool {
        self.is_one() && self.is_text()
    }

    /// Whether plain text is asked for.
    pub(in crate::console::pages) fn is_text(self) -> bool {
        self.format.text.with(|format| format == "text")
    }

    fn recipients(self) -> Vec<String> {
        self.to.with(|to| to.split(BETWEEN).filter(|one| !one.is_empty()).map(str::to_owned).collect())
    }

    fn add(self, address: &str) {
        let mut all = untrack(move || self.recipients());
        if !all.iter().any(|own| own == address) {
            all.push(address.to_owned());
        }
        self.to.set(all.join(","));
    }
}

/// The moment that `2026-12-01T08:00` is on this computer's clock.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are whole numbers")]
pub(in crate::console::pages) fn local_ms(text: &str) -> Option<i64> {
    let at = js_sys::Date::new(&text.into()).get_time();
    (!text.is_empty() && !at.is_nan()).then_some(at as i64)
}

fn kind(name: &str) -> Kind {
    let all = [Kind::New, Kind::Reply, Kind::Forward, Kind::Appointment];
    all.into_iter().find(|kind| kind.as_str() == name).unwrap_or(Kind::New)
}

/// What to compare for everyone: all kinds of messages, or one.
pub(in crate::console::pages) fn messages(asked: Asked) -> AnyView {
    let all = "New mails, replies, forwards and appointments, each to internal and to external recipients.";
    let one = "To check a rule about a subject, certain recipients or plain text.";
    let options = vec![("", "All messages", all), (ONE, "One message", one)];
    let is_one = Memo::new(move |_| asked.is_one());
    view! {
        <Radios label="Compare" value=asked.scope options />
        {changing(move || {
            if is_one.get() { occasion(asked, Signal::stored(String::new())) } else { time(asked) }
        })}
    }
    .into_any()
}

fn time(asked: Asked) -> AnyView {
    let zone = "In the time zone ".to_owned() + &own_zone().replace('_', " ") + ". If empty: now.";
    view! { <TextField label="Date and time" value=asked.at kind="datetime-local" optional=true hint=zone /> }
        .into_any()
}

/// The fields. `domain` is the organisation's own, for somebody who is internal.
pub(in crate::console::pages) fn occasion(asked: Asked, domain: Signal<String>) -> AnyView {
    let options = |all: &[(&str, &str)]| {
        let all: Vec<_> = all.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect();
        Signal::stored(all)
    };
    let kinds = [("new", "New mail"), ("reply", "Reply"), ("forward", "Forward"), ("appointment", "Appointment")];
    let formats = [("html", "HTML"), ("text", "Plain text")];
    view! {
        <div class="pair">
            <Select label="Kind" value=asked.kind options=options(&kinds) />
            <Select label="Format" value=asked.format options=options(&formats) />
        </div>
        {recipients(asked, domain)}
        <TextField label="Subject" value=asked.subject optional=true longest=255usize />
        {time(asked)}
    }
    .into_any()
}

fn recipients(asked: Asked, domain: Signal<String>) -> AnyView {
    let items = Signal::derive(move || asked.recipients());
    let remove = Callback::new(move |at: usize| {
        let mut all = untrack(move || asked.recipients());
        if at < all.len() {
            all.remove(at);
        }
        asked.to.set(all.join(","));
    });
    let value = Value::new("");
    let add = move || {
        let typed = value.trimmed();
        if !typed.contains('@') || typed.ends_with('@') || typed.contains([' ', BETWEEN]) {
            value.error.set("Enter one whole address.".to_owned());
            return;
        }
        value.text.set(String::new());
        asked.add(&typed);
    };
    let internal = move |()| {
        let domain = domain.get_untracked();
        let domain = if domain.is_empty() { "example.com".to_owned() } else { domain };
        asked.add(&("a.colleague@".to_owned() + &domain));
    };
    let adding = view! {
        <form
            class="add-line"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                add();
            }
        >
            <TextField label="Address" value kind="email" longest=254usize optional=true />
            <Button on_press=move |()| add()>"Add"</Button>
        </form>
        <div class="row wrap">
            <Button on_press=move |()| asked.add("a.customer@elsewhere.example")>"Someone external"</Button>
            <Button on_press=internal>"A colleague"</Button>
        </div>
    };
    conditions("Recipients", "None yet.", items, remove, adding.into_any())
}
