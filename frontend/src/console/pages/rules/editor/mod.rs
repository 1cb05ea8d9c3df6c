//! One rule being written: said in words at the top, saved as one goes.

mod condition_list;
pub(crate) mod conditions;
pub(crate) mod gives;
mod recipients;
pub(crate) mod schedule;
pub(crate) mod senders;
pub(crate) mod whom;

use self::gives::gives;
use self::recipients::recipients;
use self::schedule::{kinds, schedule, subject};
use self::senders::senders;
use self::whom::{WHOM, whom};
use super::compare::compare;
use super::editing::Editing;
use super::list::menu::folders;
use super::list::name_all;
use super::list::row::oddity_words;
use super::list::standing::standing;
use super::{at, crumbs, page};
use crate::console::{router, shell};
use crate::ui::{Button, Check, Empty, Icon, Loaded, Notice, TextField, Tone, Value, changing, effect, icon, text};
use ::api::console::pages::Rules;
use ::api::console::{RuleAdvice, Templates};
use email_signature::Rule;
use leptos::prelude::*;

/// A rule of a list that is being edited.
#[derive(Clone, Copy)]
pub(crate) struct Edit {
    /// The list.
    pub(crate) editing: Editing,
    /// The rule's id.
    pub(crate) id: StoredValue<String>,
    /// The rule as it stands here.
    pub(crate) rule: Memo<Option<Rule>>,
    /// Every template.
    pub(crate) templates: Loaded<Templates>,
    /// Whether the address was looked at for what it asks.
    asked: StoredValue<bool>,
}

impl Edit {
    /// Something of the rule; follows changes.
    pub(crate) fn read<R: Default>(self, read: impl FnOnce(&Rule) -> R) -> R {
        self.rule.with(|rule| rule.as_ref().map(read).unwrap_or_default())
    }

    /// As [`Self::read`], once.
    pub(crate) fn peek<R: Default>(self, read: impl FnOnce(&Rule) -> R) -> R {
        self.rule.with_untracked(|rule| rule.as_ref().map(read).unwrap_or_default())
    }

    /// Changes the rule; nothing is sent where that changes nothing.
    pub(crate) fn change(self, edit: impl FnOnce(&mut Rule)) {
        let Some(before) = self.rule.get_untracked() else { return };
        let mut after = before.clone();
        edit(&mut after);
        if after != before {
            self.editing.type_in(|rules| {
                if let Some(rule) = rules.iter_mut().find(|rule| rule.id == after.id) {
                    *rule = after;
                }
            });
        }
    }

    /// A field whose text goes into the rule as it is typed.
    pub(crate) fn typed(self, value: Value, put: impl Fn(&mut Rule, String) + Copy + 'static) {
        let before = StoredValue::new(value.text.get_untracked());
        effect(move || {
            let now = value.text.get();
            if before.with_value(|before| *before != now) {
                before.set_value(now.clone());
                self.change(|rule| put(rule, now));
            }
        });
    }
}

/// The page of a rule.
pub(crate) fn editor(tenant: &str, id: &str) -> AnyView {
    let editing = Editing::new(tenant);
    let templates = name_all(editing);
    let id = StoredValue::new(id.to_owned());
    let rule = Memo::new(move |_| id.with_value(|id| editing.rule(id)));
    let edit = Edit { editing, id, rule, templates, asked: StoredValue::new(false) };
    let there = Memo::new(move |_| rule.with(Option::is_some));
    let name = move || match edit.read(|rule| rule.name.clone()) {
        name if name.trim().is_empty() => "Rule".to_owned(),
        name => name,
    };
    let tenant_ = tenant.to_owned();
    effect(move || shell::name_page(&name(), Some(&tenant_)));
    let list = StoredValue::new(at(tenant, Rules::Rules));
    let remove = {
        move |()| {
            let words = "“".to_owned() + &edit.peek(|rule| rule.name.clone()) + "” was deleted.";
            id.with_value(|id| editing.change(words, |rules| rules.retain(|rule| rule.id != *id)));
            router::go(&list.get_value());
        }
    };
    let actions = changing(move || {
        (editing.may && there.get()).then(|| view! { <Button icon=Icon::DELETE on_press=remove>"Delete"</Button> })
    });
    let body = move || {
        if !there.get() {
            return view! {
                <Empty title="There is no such rule" icon=Icon::RULES>
                    <p>"Another user may have deleted it or restored an earlier version."</p>
                    <a class="button" href=list.get_value()>
                        "All rules"
                    </a>
                </Empty>
            }
            .into_any();
        }
        editing.replaced.track();
        form(edit)
    };
    let content = view! {
        {editing.found.view(move || changing(body))}
        {compare(editing.differences, move |keep| editing.resolve(&keep))}
    };
    page(&crumbs(tenant), text(name), actions, content.into_any())
}

fn form(edit: Edit) -> AnyView {
    // Once: a reload does not ask again.
    let asking = RwSignal::new(edit.editing.may && !edit.asked.get_value() && !router::once(WHOM).is_empty());
    edit.asked.set_value(true);
    let fields = view! { {about(edit)} {senders(edit)} {recipients(edit)} {kinds(edit)} {subject(edit)} {schedule(edit)} {gives(edit)} };
    view! {
        {standing(edit.editing)}
        <div class="rule-editor">
            {summary(edit, asking)}
            // Who may not change it sees what it says, and cannot press anything.
            <fieldset class="stack" disabled=!edit.editing.may>
                <legend class="hidden">"The rule"</legend>
                {fields}
            </fieldset>
        </div>
        {whom(edit, asking)}
    }
    .into_any()
}

fn summary(edit: Edit, asking: RwSignal<bool>) -> AnyView {
    let words = move || {
        let names = edit.editing.names.read();
        edit.rule.with(|rule| rule.as_ref().map(|rule| names.rule(rule)).unwrap_or_default())
    };
    let words = Memo::new(move |_| words());
    let odd = Memo::new(move |_| {
        let said = edit.editing.said.read();
        let mine = |one: &&RuleAdvice| edit.id.with_value(|id| one.rule == *id);
        said.as_ref().map(|said| said.advice.iter().filter(mine).cloned().collect::<Vec<_>>()).unwrap_or_default()
    });
    let place = move || {
        let at = edit.editing.rules.with(|rules| {
            edit.id.with_value(|id| rules.iter().position(|rule| rule.id == *id)).map(|at| (at + 1, rules.len()))
        });
        at.map(|(at, of)| "Number ".to_owned() + &at.to_string() + " of " + &of.to_string()).unwrap_or_default()
    };
    let state = Memo::new(move |_| {
        edit.read(|rule| (!rule.enabled, rule.senders.any_of.is_empty() && rule.senders.except.is_empty()))
    });
    let off = move || {
        let (off, for_nobody) = state.get();
        off.then(|| {
            let ask = (for_nobody && edit.editing.may).then(|| {
                view! { <Button on_press=move |()| asking.set(true)>"Choose who it is for …"</Button> }
            });
            view! {
                <p>"This rule is switched off and has no effect."</p>
                {ask}
            }
        })
    };
    let one = move |advice: RuleAdvice| {
        let other = advice.other.clone().map(|id| {
            let href = edit.editing.tenant.with_value(|tenant| at(tenant, Rules::Rule(id)));
            view! { <a href=href>"Go to the other rule"</a> }
        });
        view! {
            <Notice tone=Tone::Warning>
                <p>
                    <strong>{oddity_words(advice.kind)} ". "</strong>
                    {advice.detail}
                    " "
                    {other}
                </p>
            </Notice>
        }
    };
    view! {
        <aside class="card in-words" aria-label="The rule in words">
            <h2>"In words"</h2>
            <div class="stack" aria-live="polite">
                {changing(move || words.get().into_iter().map(|line| view! { <p>{line}</p> }).collect_view())}
                {changing(off)}
            </div>
            <p class="quiet">{text(place)}</p>
            {changing(move || odd.get().into_iter().map(one).collect_view())}
        </aside>
    }
    .into_any()
}

fn about(edit: Edit) -> AnyView {
    let (name, folder) = edit.peek(|rule| (rule.name.clone(), rule.folder.clone()));
    let (name, folder) = (Value::new(&name), Value::new(&folder));
    let on = RwSignal::new(edit.peek(|rule| rule.enabled));
    edit.typed(name, |rule, text| {
        if !text.trim().is_empty() {
            rule.name = text;
        }
    });
    edit.typed(folder, |rule, text| rule.folder = text);
    effect(move || {
        let missing = name.text.with(|text| text.trim().is_empty());
        name.error.set(if missing { "Enter a name.".into() } else { String::new() });
    });
    effect(move || {
        let on = on.get();
        edit.change(|rule| rule.enabled = on);
    });
    view! {
        <section class="card">
            <TextField label="Name" value=name longest=100usize />
            <Check label="On" checked=on hint="A rule that is off is never applied." />
            <details>
                <summary>
                    {text(move || match folder.text.get() {
                        none if none.is_empty() => "In no folder".to_owned(),
                        some => "In the folder “".to_owned() + &some + "”",
                    })}
                    {icon(Icon::CHEVRON)}
                </summary>
                <div class="stack">
                    <TextField label="Folder" value=folder longest=100usize optional=true hint="Such as Campaigns or \
                         Disclaimers. Folders only group the list." />
                    {folders(edit.editing, folder)}
                </div>
            </details>
        </section>
    }
    .into_any()
}

/// A heading with what is below it.
pub(crate) fn section(title: &'static str, hint: &'static str, content: AnyView) -> AnyView {
    let id = crate::ui::new_id("section");
    let labelled = id.clone();
    view! {
        <section class="card" aria-labelledby=labelled>
            <div>
                <h2 id=id>{title}</h2>
                {(!hint.is_empty()).then(|| view! { <p class="quiet">{hint}</p> })}
            </div>
            {content}
        </section>
    }
    .into_any()
}
