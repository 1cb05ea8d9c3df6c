//! Form fields: a label, a hint, what is wrong, and the input that all three belong to.

use crate::ui::{Notice, Tone, changing, new_id, text, when};
use ::api::ErrorDetail;
use leptos::prelude::*;

/// What was typed, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// What was typed.
    pub text: RwSignal<String>,
    /// What is wrong with it; empty when nothing is.
    pub error: RwSignal<String>,
}

impl Value {
    /// Typed already.
    pub fn new(text: &str) -> Self {
        Self { text: RwSignal::new(text.to_owned()), error: RwSignal::new(String::new()) }
    }

    /// What was typed, without spaces around it.
    pub fn trimmed(self) -> String {
        self.text.with_untracked(|text| text.trim().to_owned())
    }

    /// Whether something was typed; says that it is missing where nothing was.
    pub fn required(self, what: &str) -> bool {
        let missing = self.trimmed().is_empty();
        self.error.set(if missing { what.to_owned() } else { String::new() });
        !missing
    }
}

/// Puts each error under its field, and gives back those that belong to none.
pub fn place_errors(errors: Vec<ErrorDetail>, fields: &[(&str, Value)]) -> String {
    let mut rest = Vec::new();
    for (_, value) in fields {
        value.error.set(String::new());
    }
    for error in errors {
        let named = |name: &str| {
            let rest = error.field.as_deref().and_then(|field| field.strip_prefix(name));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        match fields.iter().find(|(name, _)| named(name)) {
            Some((_, value)) => value.error.set(error.detail),
            None => rest.push(error.detail),
        }
    }
    rest.join(" ")
}

/// What went wrong with a whole form.
pub fn form_error(error: Signal<String>) -> AnyView {
    changing(move || {
        let error = error.get();
        (!error.is_empty()).then(|| view! { <Notice tone=Tone::Error>{error}</Notice> })
    })
}

/// Something to be typed in one line, or with `rows` in several.
#[component]
pub fn TextField(
    /// What it is.
    #[prop(into)]
    label: String,
    /// What was typed.
    value: Value,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: String,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// What a browser or password manager fills in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What a keyboard on a screen offers, such as `numeric`.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// How many characters at most.
    #[prop(optional, into)]
    longest: Option<usize>,
    /// How many lines; 1 unless said.
    #[prop(default = 1)]
    rows: u32,
    /// Whether it gets the focus when it appears.
    #[prop(optional)]
    focus: bool,
    /// Whether it may be left empty.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let frame = Frame::new(label, hint, value.error.into(), optional);
    let (id, described, invalid) = (frame.id.clone(), frame.described(), frame.invalid());
    let typed = move |event| {
        value.text.set(event_target_value(&event));
        value.error.set(String::new());
    };
    let longest = longest.map(|longest| longest.to_string());
    let input = if rows > 1 {
        view! {
            <textarea
                id=id
                rows=rows.to_string()
                dir="auto"
                maxlength=longest
                aria-invalid=invalid
                aria-describedby=described
                prop:value=value.text
                on:input=typed
            ></textarea>
        }
        .into_any()
    } else {
        view! {
            <input
                id=id
                type=kind
                dir="auto"
                maxlength=longest
                autocomplete=autocomplete
                inputmode=inputmode
                spellcheck=(kind == "password" || kind == "email").then_some("false")
                autofocus=focus
                aria-invalid=invalid
                aria-describedby=described
                aria-required=(!optional).to_string()
                prop:value=value.text
                on:input=typed
            />
        }
        .into_any()
    };
    frame.around(input)
}

/// One of a few, in a list that opens.
#[component]
pub fn Select(
    /// What it is.
    #[prop(into)]
    label: String,
    /// What is chosen.
    value: Value,
    /// Value and words of each.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: String,
) -> impl IntoView {
    let frame = Frame::new(label, hint, value.error.into(), false);
    let (id, described, invalid) = (frame.id.clone(), frame.described(), frame.invalid());
    let input = view! {
        <select
            id=id
            aria-invalid=invalid
            aria-describedby=described
            on:change=move |event| {
                value.text.set(event_target_value(&event));
                value.error.set(String::new());
            }
        >
            {choices(value.text, options)}
        </select>
    };
    frame.around(input.into_any())
}

/// Yes or no.
#[component]
pub fn Check(
    /// What is true when it is ticked.
    #[prop(into)]
    label: String,
    /// Whether it is.
    checked: RwSignal<bool>,
    /// What follows from it.
    #[prop(optional, into)]
    hint: String,
) -> impl IntoView {
    let choose = Callback::new(move |now| checked.set(now));
    ticked(Tick { kind: "checkbox", name: None, label, hint }, checked.into(), choose)
}

/// One of a few, all in sight.
#[component]
pub fn Radios(
    /// What is chosen between.
    #[prop(into)]
    label: String,
    /// What is chosen.
    value: RwSignal<String>,
    /// Value, words and hint of each.
    options: Vec<(&'static str, &'static str, &'static str)>,
) -> impl IntoView {
    let name = new_id("radios");
    let one = |(own, words, hint): (&'static str, &'static str, &'static str)| {
        let is_chosen = when(move || value.with(|value| value == own));
        let choose = Callback::new(move |_| value.set(own.to_owned()));
        let (label, hint) = (words.to_owned(), hint.to_owned());
        ticked(Tick { kind: "radio", name: Some(name.clone()), label, hint }, is_chosen, choose)
    };
    view! {
        <fieldset class="radios">
            <legend>{label}</legend>
            {options.into_iter().map(one).collect_view()}
        </fieldset>
    }
    .into_any()
}

/// A small list that opens, with its label inside the line: for filters.
#[component]
pub fn Choose(
    /// What it is.
    #[prop(into)]
    label: String,
    /// What is chosen.
    value: RwSignal<String>,
    /// Value and words of each.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// Whether the label is only for who does not see what stands around it.
    #[prop(optional)]
    unlabelled: bool,
) -> impl IntoView {
    let id = new_id("filter");
    view! {
        <div class="choose">
            <label for=id.clone() class:hidden=unlabelled>
                {label}
            </label>
            <select id=id on:change=move |event| value.set(event_target_value(&event))>
                {choices(value, options)}
            </select>
        </div>
    }
    .into_any()
}

/// What every field that is typed into or chosen from has around its input.
pub(crate) struct Frame {
    /// The input's id.
    pub(crate) id: String,
    label: String,
    hint: String,
    error: Signal<String>,
    optional: bool,
}

impl Frame {
    pub(crate) fn new(label: String, hint: String, error: Signal<String>, optional: bool) -> Self {
        Self { id: new_id("field"), label, hint, error, optional }
    }

    /// The ids of what describes the input.
    pub(crate) fn described(&self) -> String {
        let error = self.id.clone() + "-error";
        if self.hint.is_empty() { error } else { self.id.clone() + "-hint " + &error }
    }

    /// Whether what is in the input is wrong.
    pub(crate) fn invalid(&self) -> Signal<String> {
        let error = self.error;
        text(move || (!error.with(String::is_empty)).to_string())
    }

    pub(crate) fn around(self, input: AnyView) -> AnyView {
        let Self { id, label, hint, error, optional } = self;
        let (hint_id, error_id) = (id.clone() + "-hint", id.clone() + "-error");
        view! {
            <div class="field">
                <label for=id>{label} {optional.then(|| view! { <span class="quiet">" (optional)"</span> })}</label>
                {(!hint.is_empty()).then(|| view! { <p id=hint_id class="quiet">{hint}</p> })}
                {input}
                <p id=error_id class="wrong" aria-live="polite">
                    {error}
                </p>
            </div>
        }
        .into_any()
    }
}

/// A box or a circle.
struct Tick {
    /// The input's type.
    kind: &'static str,
    /// What the circles of one choice have in common.
    name: Option<String>,
    label: String,
    hint: String,
}

/// A box or a circle, with its label and hint beside it.
fn ticked(tick: Tick, checked: Signal<bool>, on_change: Callback<bool>) -> AnyView {
    let Tick { kind, name, label, hint } = tick;
    let id = new_id("field");
    let hint_id = id.clone() + "-hint";
    view! {
        <div class="check">
            <input
                id=id.clone()
                type=kind
                name=name
                aria-describedby=hint_id.clone()
                prop:checked=checked
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
            <div>
                <label for=id>{label}</label>
                <p id=hint_id class="quiet">
                    {hint}
                </p>
            </div>
        </div>
    }
    .into_any()
}

/// What a list that opens offers.
fn choices(chosen: RwSignal<String>, options: Signal<Vec<(String, String)>>) -> AnyView {
    changing(move || {
        let chosen = chosen.get();
        let option = |(name, words): (String, String)| {
            let selected = name == chosen;
            view! {
                <option value=name prop:selected=selected>
                    {words}
                </option>
            }
        };
        options.get().into_iter().map(option).collect_view()
    })
}
