//! One rule in the list. Its buttons say what they do in `data-act`; the list around it hears of them, so that hundreds of
//! rows cost little.

use crate::console::pages::rules::at;
use crate::console::pages::rules::editing::Editing;
use crate::ui::{Icon, Pill, Tone, changing, icon, text, when};
use ::api::console::pages::Rules;
use ::api::console::{RuleAdvice, RuleChange, RuleOddity};
use email_signature::Rule;
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A rule as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Counts from 1.
    pub(crate) place: usize,
    /// The rule.
    pub(crate) rule: Rule,
    /// It in words.
    pub(crate) words: Vec<String>,
    /// How it differs from the published one.
    pub(crate) change: Option<RuleChange>,
    /// What is odd about it, with the other rule's name.
    pub(crate) advice: Vec<(RuleAdvice, String)>,
}

/// Every rule as it stands here, with what the server says of it.
pub(crate) fn lines(editing: Editing) -> Memo<Vec<Arc<Line>>> {
    Memo::new(move |_| {
        let said = editing.said.read();
        let mut entries = BTreeMap::new();
        let mut advice: BTreeMap<&str, Vec<&RuleAdvice>> = BTreeMap::new();
        if let Some(said) = said.as_ref() {
            entries = said.rules.iter().map(|entry| (entry.rule.id.as_str(), entry)).collect();
            for one in &said.advice {
                advice.entry(one.rule.as_str()).or_default().push(one);
            }
        }
        let names = editing.names.read();
        let line = |(at, rule): (usize, &Rule)| {
            let entry = entries.get(rule.id.as_str());
            // What the server has not seen yet is said as it will say it.
            let words = entry.filter(|entry| same_meaning(&entry.rule, rule)).map(|entry| entry.words.clone());
            let other = |one: &RuleAdvice| {
                let other = one.other.as_deref().and_then(|id| entries.get(id));
                other.map(|entry| entry.rule.name.clone()).unwrap_or_default()
            };
            let advice = advice.get(rule.id.as_str()).into_iter().flatten();
            Arc::new(Line {
                place: at + 1,
                words: words.unwrap_or_else(|| names.rule(rule)),
                change: entry.and_then(|entry| entry.change),
                advice: advice.map(|one| ((*one).clone(), other(one))).collect(),
                rule: rule.clone(),
            })
        };
        editing.rules.with(|rules| rules.iter().enumerate().map(line).collect())
    })
}

/// Whether both say the same, whatever they are called and whether they are on.
fn same_meaning(a: &Rule, b: &Rule) -> bool {
    let bare = |rule: &Rule| Rule { name: String::new(), folder: String::new(), enabled: true, ..rule.clone() };
    bare(a) == bare(b)
}

/// What the list shows of one.
pub(crate) fn row(id: String, lines: Memo<BTreeMap<String, Arc<Line>>>, editing: Editing) -> AnyView {
    let own = id.clone();
    let line = Memo::new(move |_| lines.with(|lines| lines.get(&own).cloned()));
    let name = text(move || line.get().map(|line| line.rule.name.clone()).unwrap_or_default());
    let on = when(move || line.get().is_some_and(|line| line.rule.enabled));
    let may = editing.may;
    let href = editing.tenant.with_value(|tenant| at(tenant, Rules::Rule(id.clone())));
    let controls = may.then(|| {
        view! {
            <button type="button" class="subtle square grip" data-act="grip" aria-describedby="rule-keys" title="Drag, or Alt and an arrow key">
                <span class="hidden">"Move " {name}</span>
                {icon(Icon::GRIP)}
            </button>
        }
    });
    let more = may.then(|| {
        view! {
            <button type="button" class="subtle square" data-act="more" title="More" aria-haspopup="true">
                <span class="hidden">"More for " {name}</span>
                {icon(Icon::MORE)}
            </button>
        }
    });
    view! {
        <li class="rule" class:off=when(move || !on.get()) data-rule=id draggable=may.to_string()>
            {controls}
            <span class="place" aria-hidden="true">
                {text(move || line.get().map(|line| line.place.to_string()).unwrap_or_default())}
            </span>
            <div class="grow">
                <div class="row wrap">
                    <a class="name" href=href>
                        {name}
                    </a>
                    {changing(move || line.get().map(|line| pills(&line)))}
                </div>
                {changing(move || line.get().map(|line| said(&line)))}
            </div>
            <input
                type="checkbox"
                role="switch"
                class="switch"
                data-act="toggle"
                aria-label=text(move || name.get() + " is on")
                aria-disabled=(!may).then_some("true")
                prop:checked=on
            />
            {more}
        </li>
    }
    .into_any()
}

fn pills(line: &Line) -> AnyView {
    let folder = line.rule.folder.clone();
    let change = line.change.map(|change| match change {
        RuleChange::Added => "New",
        RuleChange::Changed => "Changed",
    });
    view! {
        {(!folder.is_empty()).then(|| view! { <Pill text=folder /> })}
        {change.map(|words| view! { <Pill text=words tone=Tone::Info /> })}
        {line.advice.iter().map(|(one, _)| view! { <Pill text=oddity_words(one.kind) tone=Tone::Warning /> }).collect_view()}
        {(!line.rule.enabled).then(|| view! { <Pill text="Off" /> })}
    }
    .into_any()
}

fn said(line: &Line) -> AnyView {
    let odd = |(one, other): &(RuleAdvice, String)| {
        let jump = one.other.clone().filter(|_| !other.is_empty()).map(|id| {
            view! {
                <button type="button" class="link" data-act="jump" data-to=id>
                    {"Go to “".to_owned() + other + "”"}
                </button>
            }
        });
        view! {
            <li>
                {icon(Icon::WARNING)} <p>{one.detail.clone()} " " {jump}</p>
            </li>
        }
    };
    view! {
        <p class="quiet words">{line.words.join(" ")}</p>
        {(!line.advice.is_empty())
            .then(|| view! { <ul class="odd">{line.advice.iter().map(odd).collect_view()}</ul> })}
    }
    .into_any()
}

/// A word or two about an oddity.
pub(crate) fn oddity_words(kind: RuleOddity) -> &'static str {
    match kind {
        RuleOddity::Never => "Never applies",
        RuleOddity::Shadowed => "Another decides first",
        RuleOddity::Conflict => "Contradicts another",
        RuleOddity::Missing => "Something is missing",
    }
}
