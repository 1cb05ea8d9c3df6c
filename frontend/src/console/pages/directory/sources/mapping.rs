//! Which attribute of a source goes into which field. No field comes twice.

use crate::console::shell;
use crate::ui::{Button, Choose, Icon, Look, changing, new_id, when};
use ::api::console::{Attribute, Mapped};
use leptos::prelude::*;

/// One pair, as it is being chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    id: String,
    attribute: RwSignal<String>,
    field: RwSignal<String>,
    /// Whether the attribute is typed rather than chosen.
    is_own: bool,
}

impl Line {
    fn new(attribute: &str, field: &str) -> Self {
        let signal = |text: &str| RwSignal::new(text.to_owned());
        Self { id: new_id("line"), attribute: signal(attribute), field: signal(field), is_own: false }
    }
}

/// A table as lines.
pub(crate) fn lines(mapping: &[Mapped]) -> Vec<Line> {
    mapping.iter().map(|one| Line::new(&one.attribute, &one.field)).collect()
}

/// Lines as a table; those that are not chosen to the end are left out.
pub(crate) fn mapped(lines: &[Line]) -> Vec<Mapped> {
    let one = |line: &Line| Mapped { attribute: line.attribute.get().trim().to_owned(), field: line.field.get() };
    untrack(|| lines.iter().map(one).filter(|one| !one.attribute.is_empty() && !one.field.is_empty()).collect())
}

/// What a line can lead from and to.
pub(crate) struct Ends {
    /// The source's attributes.
    pub(crate) attributes: Vec<Attribute>,
    /// An example of an attribute of the company's own, where the source has such.
    pub(crate) own: Option<String>,
    /// Token and label of each field.
    pub(crate) fields: Vec<(String, String)>,
}

/// [`Ends`] as every line of the table shares them.
#[derive(Clone, Copy)]
struct Shared {
    attributes: StoredValue<Vec<Attribute>>,
    example: StoredValue<String>,
    fields: StoredValue<Vec<(String, String)>>,
}

/// The table; `nothing` is said where there is no line.
pub(crate) fn mapping(lines: RwSignal<Vec<Line>>, ends: Ends, nothing: &'static str) -> AnyView {
    let Ends { attributes, own, fields } = ends;
    let (attributes, fields) = (StoredValue::new(attributes), StoredValue::new(fields));
    let shared = Shared { attributes, example: StoredValue::new(own.clone().unwrap_or_default()), fields };
    let usual = Memo::new(move |_| missing(lines, &attributes.get_value(), &fields.get_value()));
    let add = move |is_own: bool| {
        let line = Line { is_own, ..Line::new("", "") };
        let to = "#".to_owned() + &line.id + " :is(input, select)";
        lines.update(|all| all.push(line));
        request_animation_frame(move || shell::focus(&to));
    };
    let suggest = move |()| {
        let pairs = usual.get_untracked();
        lines.update(|all| all.extend(pairs.iter().map(|(attribute, field)| Line::new(attribute, field))));
    };
    view! {
        <fieldset class="radios">
            <legend>"Which attribute goes into which field"</legend>
            <ul class="plain-list mapping">
                <For
                    each=move || lines.get()
                    key=|line| line.id.clone()
                    children=move |line| row(line, lines, shared)
                />
            </ul>
            {changing(move || lines.with(Vec::is_empty).then(|| view! { <p class="quiet">{nothing}</p> }))}
            <div class="row wrap">
                <Button icon=Icon::ADD on_press=move |()| add(false)>
                    "Add a line"
                </Button>
                {own
                    .is_some()
                    .then(|| {
                        view! {
                            <Button look=Look::Subtle on_press=move |()| add(true)>
                                "Add an attribute of your own"
                            </Button>
                        }
                    })}
                <span hidden=when(move || usual.with(Vec::is_empty))>
                    <Button look=Look::Subtle on_press=suggest>
                        "Add those with the same name"
                    </Button>
                </span>
            </div>
        </fieldset>
    }
    .into_any()
}

fn row(line: Line, lines: RwSignal<Vec<Line>>, shared: Shared) -> AnyView {
    let Shared { attributes, example, fields } = shared;
    let Line { id, attribute, field, is_own } = line;
    let own = id.clone();
    let at = Memo::new(move |_| lines.with(|all| all.iter().position(|line| line.id == own).unwrap_or(0) + 1));
    let number = at.get_untracked().to_string();
    let known = Signal::derive(move || {
        let mut options = vec![(String::new(), "Choose an attribute".to_owned())];
        attributes.with_value(|all| options.extend(all.iter().map(|one| (one.name.clone(), one.label.clone()))));
        with_own(&mut options, attribute.get());
        options
    });
    let free = Signal::derive(move || {
        let own = field.get();
        let taken: Vec<String> = lines.with(|all| all.iter().map(|line| line.field.get()).collect());
        let mut options = vec![(String::new(), "Choose a field".to_owned())];
        let is_free = |token: &String| *token == own || !taken.contains(token);
        fields.with_value(|all| options.extend(all.iter().filter(|(token, _)| is_free(token)).cloned()));
        with_own(&mut options, own);
        options
    });
    // Whoever chose an attribute mostly wants the field of the same name.
    Effect::new(move |before: Option<String>| {
        let now = attribute.get();
        if before.is_some_and(|before| before != now) && field.with_untracked(String::is_empty) {
            let same = pairs(&attributes.get_value(), &fields.get_value()).into_iter().find(|(name, _)| *name == now);
            let is_free = |token: &str| {
                untrack(|| lines.with(|all| !all.iter().any(|line| line.field.with(|field| field == token))))
            };
            if let Some((_, token)) = same.filter(|(_, token)| is_free(token)) {
                field.set(token);
            }
        }
        now
    });
    let (gone, key) = (id.clone(), id.clone());
    let remove = move |()| {
        lines.update(|all| all.retain(|line| line.id != gone));
        request_animation_frame(|| shell::focus(".mapping ~ .row button"));
    };
    let label = "Attribute ".to_owned() + &number;
    let what = if is_own {
        typed(label, attribute, example)
    } else {
        view! { <Choose label value=attribute options=known unlabelled=true /> }.into_any()
    };
    view! {
        <li id=key class="row">
            {what}
            <span aria-hidden="true">"→"</span>
            <Choose label="Field ".to_owned() + &number value=field options=free unlabelled=true />
            <Button look=Look::Subtle icon=Icon::DELETE label="Remove line ".to_owned() + &number on_press=remove />
        </li>
    }
    .into_any()
}

/// An attribute that is typed.
fn typed(label: String, attribute: RwSignal<String>, example: StoredValue<String>) -> AnyView {
    let id = new_id("own");
    let hint = id.clone() + "-hint";
    view! {
        <div class="choose own">
            <label for=id.clone() class="hidden">
                {label}
            </label>
            <input
                id=id
                type="text"
                maxlength="120"
                autocomplete="off"
                spellcheck="false"
                aria-describedby=hint.clone()
                prop:value=attribute
                on:input=move |event| attribute.set(event_target_value(&event))
            />
            <p class="quiet" id=hint>
                "Such as "
                {example.get_value()}
            </p>
        </div>
    }
    .into_any()
}

/// What is chosen stays in sight, also where the server does not know it any more.
fn with_own(options: &mut Vec<(String, String)>, own: String) {
    if !options.iter().any(|(value, _)| *value == own) {
        options.push((own.clone(), own));
    }
}

/// Attributes and fields of the same name that are in no line.
fn missing(lines: RwSignal<Vec<Line>>, attributes: &[Attribute], fields: &[(String, String)]) -> Vec<(String, String)> {
    let used: Vec<(String, String)> =
        lines.with(|all| all.iter().map(|line| (line.attribute.get(), line.field.get())).collect());
    let is_new = |(attribute, field): &(String, String)| !used.iter().any(|(a, f)| a == attribute || f == field);
    pairs(attributes, fields).into_iter().filter(is_new).collect()
}

/// Attributes and fields of the same name.
fn pairs(attributes: &[Attribute], fields: &[(String, String)]) -> Vec<(String, String)> {
    let same = |attribute: &Attribute| {
        let names = [bare(&attribute.name), bare(&attribute.label)];
        let field =
            fields.iter().find(|(token, label)| [bare(token), bare(label)].iter().any(|name| names.contains(name)));
        field.map(|(token, _)| (attribute.name.clone(), token.clone()))
    };
    attributes.iter().filter_map(same).collect()
}

/// Letters and digits alone, in lower case.
fn bare(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
