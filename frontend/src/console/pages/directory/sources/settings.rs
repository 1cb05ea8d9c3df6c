//! How a source runs: how often, when it stops and asks, what it brings, and into which fields.

use super::mapping::{Ends, Line, lines, mapped, mapping};
use super::saving::save;
use super::{Ask, Desk, opened, words};
use crate::api::console::{Tagged, get, get_tagged, path};
use crate::ui::{Button, Check, Conflict, Dialog, Loaded, Look, TextField, Value, form_error, text};
use ::api::console::{Attribute, EVERY_MINUTES, Fields, Source, SourceDetail, SourceSettings, SourceState, paths};
use leptos::prelude::*;

/// The settings as they are being edited, and what became of them.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) desk: Desk,
    pub(crate) source: Source,
    /// As the server has them.
    pub(crate) found: Loaded<Tagged<SourceDetail>>,
    pub(crate) every: Value,
    pub(crate) guard: Value,
    switches: StoredValue<Switches>,
    /// Which attribute goes where.
    pub(crate) lines: RwSignal<Vec<Line>>,
    pub(crate) busy: RwSignal<bool>,
    pub(crate) error: RwSignal<String>,
    /// Both versions, where somebody else changed them meanwhile.
    pub(crate) conflict: Conflict<SourceDetail>,
}

#[derive(Clone, Copy)]
struct Switches {
    guests: RwSignal<bool>,
    shared: RwSignal<bool>,
    photos: RwSignal<bool>,
    groups: RwSignal<bool>,
    add: RwSignal<bool>,
}

impl Form {
    fn new(desk: Desk, source: Source) -> Self {
        let own = desk.path(paths::SOURCE, source);
        let found = Loaded::new(move || {
            let path = own.clone();
            async move { get_tagged::<SourceDetail>(&path).await }
        });
        let off = || RwSignal::new(false);
        Self {
            desk,
            source,
            found,
            every: Value::new(""),
            guard: Value::new(""),
            switches: StoredValue::new(Switches {
                guests: off(),
                shared: off(),
                photos: off(),
                groups: off(),
                add: off(),
            }),
            lines: RwSignal::new(Vec::new()),
            busy: off(),
            error: RwSignal::new(String::new()),
            conflict: Conflict::default(),
        }
    }

    /// Shows these.
    pub(crate) fn show(self, settings: &SourceSettings) {
        self.every.text.set(settings.every_minutes.to_string());
        self.guard.text.set(settings.guard_percent.to_string());
        let Switches { guests, shared, photos, groups, add } = self.switches.get_value();
        let switched = [settings.guests, settings.shared, settings.photos, settings.groups, settings.add];
        for (switch, is_on) in [guests, shared, photos, groups, add].into_iter().zip(switched) {
            switch.set(is_on);
        }
        self.lines.set(lines(&settings.mapping));
    }

    /// What stands in the form; `None` where that is no number, which is said there.
    pub(crate) fn typed(self) -> Option<SourceSettings> {
        let (first, last) = EVERY_MINUTES.into_inner();
        let every = number(self.every, first, last);
        let guard = number(self.guard, 1, 100);
        let switches = self.switches.get_value();
        let settings = SourceSettings {
            every_minutes: every?,
            guard_percent: guard?,
            mapping: self.lines.with_untracked(|lines| mapped(lines)),
            guests: switches.guests.get_untracked(),
            shared: switches.shared.get_untracked(),
            photos: switches.photos.get_untracked(),
            groups: switches.groups.get_untracked(),
            add: switches.add.get_untracked(),
        };
        Some(settings)
    }
}

fn number(value: Value, least: u32, most: u32) -> Option<u32> {
    let number = value.trimmed().parse().ok().filter(|number| (least..=most).contains(number));
    let wrong = || "Enter a number from ".to_owned() + &least.to_string() + " to " + &most.to_string() + ".";
    value.error.set(if number.is_none() { wrong() } else { String::new() });
    number
}

/// The dialog.
pub(crate) fn settings(desk: Desk) -> AnyView {
    let open = opened(desk, |ask, _| ask == Ask::Settings);
    let source = move || desk.open.get().map(|(_, source)| source);
    let title = text(move || source().map_or("", words::name).to_owned() + ": settings");
    view! {
        <Dialog open title wide=true>
            {untrack(source).map(|source| inside(desk, source))}
        </Dialog>
    }
    .into_any()
}

fn inside(desk: Desk, source: Source) -> AnyView {
    let form = Form::new(desk, source);
    let own = desk.tenant.with_value(|tenant| path(paths::FIELDS, &[tenant]));
    let fields = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Fields>(&path).await }
    });
    // Once: what is being edited here must not be replaced by an answer that comes later.
    Effect::new(move |done: Option<bool>| {
        let there = form.found.value.with(Option::is_some);
        if there && done != Some(true) {
            let settings = form.found.peek(|found| Some(found.value.settings.clone()));
            form.show(&settings.unwrap_or_default());
        }
        there
    });
    form.found.view(move || fields.view(move || body(form, fields)))
}

fn body(form: Form, fields: Loaded<Fields>) -> AnyView {
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !form.busy.get_untracked() {
            save(form);
        }
    };
    let attributes = form.found.peek(|found| found.value.attributes.clone());
    view! {
        <form novalidate on:submit=submit>
            {when_it_runs(form)}
            {what_it_brings(form)}
            {has_mapping(form.source).then(|| which_fields(form, attributes, fields))}
            {form_error(form.error.into())}
            <div class="row end">
                <Button on_press=move |()| form.desk.open.set(None)>"Cancel"</Button>
                <Button look=Look::Primary busy=form.busy>
                    "Save"
                </Button>
            </div>
        </form>
        {form
            .conflict
            .view(
                move |theirs| {
                    form.show(&theirs.value.settings);
                    form.found.value.set(Some(theirs));
                },
                move |theirs| {
                    form.found.value.set(Some(theirs));
                    save(form);
                },
            )}
    }
    .into_any()
}

fn has_mapping(source: Source) -> bool {
    matches!(source, Source::Entra | Source::Google)
}

fn when_it_runs(form: Form) -> AnyView {
    // The connector's own settings say it for a database.
    let every = has_mapping(form.source).then(|| {
        view! {
            <TextField
                label="Minutes between runs"
                value=form.every
                inputmode="numeric"
                longest=4_usize
                hint="From 15 to 1,440 (once a day)."
            />
        }
    });
    view! {
        <div class="columns bottoms">
            {every}
            <TextField
                label="Guard, in percent"
                value=form.guard
                inputmode="numeric"
                longest=3_usize
                hint="A run that would remove more than this share of the source's own people, or take values or \
                      groups from them, changes nothing until someone confirms it. Losses of the last 7 days count \
                      too. A source that returns none of its people always waits."
            />
        </div>
    }
    .into_any()
}

fn what_it_brings(form: Form) -> AnyView {
    let Switches { guests, shared, photos, groups, add } = form.switches.get_value();
    let inside = match form.source {
        Source::Database => view! {
            <Check
                label="Add people who are only in the database"
                checked=add
                hint="Otherwise rows with unknown addresses are skipped and counted."
            />
        }
        .into_any(),
        Source::Entra => view! {
            <Check label="Groups and their members" checked=groups hint="Rules can use them." />
            <Check
                label="Shared mailboxes"
                checked=shared
                hint="Accounts that nobody can sign in to become shared mailboxes; otherwise they are skipped."
            />
            <Check label="Guests" checked=guests hint="People from other organisations who were invited to yours." />
            <Check label="Photos" checked=photos hint="They are stored in the field photo. The first run takes longer." />
        }
        .into_any(),
        _ => view! {
            <Check label="Groups and their members" checked=groups hint="Rules can use them." />
        }
        .into_any(),
    };
    view! {
        <fieldset class="radios">
            <legend>"What to fetch"</legend>
            {inside}
        </fieldset>
    }
    .into_any()
}

fn which_fields(form: Form, attributes: Vec<Attribute>, fields: Loaded<Fields>) -> AnyView {
    let fields = fields.peek(|found| {
        let all = found.fields.iter();
        all.map(|field| (field.token.clone(), field.label.clone())).collect::<Vec<_>>()
    });
    let is_off = form.found.peek(|found| found.value.state == SourceState::Off);
    let nothing = if is_off {
        "Nothing is mapped yet. The usual attributes are added when the source is connected."
    } else {
        "No attribute is mapped: people lose the values from this source."
    };
    let own = form.found.peek(|found| found.value.own_attribute.clone());
    mapping(form.lines, Ends { attributes, own, fields }, nothing)
}
