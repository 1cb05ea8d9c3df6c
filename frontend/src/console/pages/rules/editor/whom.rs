//! Whom a new rule is for, and its place: it stays off until somebody is chosen, and the dialog says what would change.

use super::Edit;
use crate::api::console::{path, send};
use crate::console::pages::finders;
use crate::console::pages::rules::put;
use crate::ui::{
    Button, Choice, Dialog, Loaded, Look, Notice, Pick, Picks, Radios, Select, Tone, Value, changing, count, effect,
    time, when,
};
use ::api::console::{PersonKind, PlaceRule, RuleBeside, RulePlacement, paths};
use email_signature::{Address, Rule, SenderCondition};
use leptos::prelude::*;

/// Asks for the dialog, in a rule's address.
pub(crate) const WHOM: &str = "whom";

/// What is chosen.
#[derive(Clone, Copy)]
struct Asked {
    edit: Edit,
    open: RwSignal<bool>,
    /// `everyone`, `groups` or `people`; empty until somebody chose.
    whom: RwSignal<String>,
    groups: RwSignal<Vec<Choice>>,
    people: RwSignal<Vec<Choice>>,
    /// How many rules come before it; empty: as proposed.
    place: Value,
}

/// The dialog.
pub(crate) fn whom(edit: Edit, open: RwSignal<bool>) -> AnyView {
    view! {
        <Dialog open title="Who is it for?" wide=true>
            {move || form(edit, open)}
        </Dialog>
    }
    .into_any()
}

fn form(edit: Edit, open: RwSignal<bool>) -> AnyView {
    let asked = Asked {
        edit,
        open,
        whom: RwSignal::new(String::new()),
        groups: RwSignal::new(Vec::new()),
        people: RwSignal::new(Vec::new()),
        place: Value::new(""),
    };
    let senders = Memo::new(move |_| asked.senders());
    let somebody = Memo::new(move |_| senders.with(Option::is_some));
    effect(move || {
        // Somebody else, another proposal.
        senders.track();
        put(asked.place.text, String::new());
    });
    let own = edit.editing.tenant.with_value(|tenant| path(paths::RULE_PLACEMENT, &[tenant]));
    let found = Loaded::new(move || {
        let at = asked.place.text.with(|place| place.parse().ok());
        let wanted = senders.get().and_then(|senders| Some(PlaceRule { rule: asked.rule(senders)?, at }));
        let path = own.clone();
        async move {
            match wanted {
                Some(wanted) => send::<RulePlacement>("POST", &path, &wanted).await.map(Some),
                None => Ok(None),
            }
        }
    });
    let known = move || found.value.with(|found| found.as_ref().is_some_and(Option::is_some));
    let none = when(move || senders.with(Option::is_none) || !known());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !none.get_untracked() && !found.busy.get_untracked() {
            asked.switch_on(senders.get_untracked(), found.value.get_untracked().flatten());
        }
    };
    view! {
        <form novalidate on:submit=submit>
            <Radios
                label="Whose mail"
                value=asked.whom
                options=vec![
                    ("groups", "Groups", "Everyone in one of them."),
                    ("people", "Certain people", ""),
                    ("everyone", "Everyone", ""),
                ]
            />
            {changing(move || asked.picks())}
            {changing(move || {
                somebody.get()
                    .then(|| view! { <Select label="Place" value=asked.place options=asked.places(found) /> })
            })}
            <div class="stack" aria-live="polite">
                {changing(move || {
                    found.failure.get().map(|failure| view! { <Notice tone=Tone::Error>{failure.text()}</Notice> })
                })}
                {changing(move || found.value.get().flatten().map(|found| effects(&found)))}
            </div>
            <div class="row end wrap">
                <Button on_press=move |()| open.set(false)>"Leave it off"</Button>
                <Button look=Look::Primary idle=none busy=found.busy>
                    "Switch on"
                </Button>
            </div>
        </form>
    }
    .into_any()
}

impl Asked {
    /// The conditions on senders; `None` while nobody is chosen.
    fn senders(self) -> Option<Vec<SenderCondition>> {
        let some = match self.whom.get().as_str() {
            "everyone" => return Some(Vec::new()),
            "groups" => self.groups.get().into_iter().map(|one| SenderCondition::Group { id: one.id }).collect(),
            "people" => {
                let address = |one: Choice| Address::parse(&one.hint).ok();
                let all = self.people.get().into_iter().filter_map(address);
                all.map(|address| SenderCondition::Person { address }).collect()
            }
            _ => Vec::new(),
        };
        Some(some).filter(|some| !some.is_empty())
    }

    /// The rule as it would be.
    fn rule(self, senders: Vec<SenderCondition>) -> Option<Rule> {
        let mut rule = self.edit.rule.get_untracked()?;
        rule.senders.any_of = senders;
        Some(rule)
    }

    fn picks(self) -> Option<AnyView> {
        let tenant = self.edit.editing.tenant.get_value();
        let (label, find, picks, placeholder) = match self.whom.get().as_str() {
            "groups" => ("Which groups", finders::groups(&tenant), Picks::Many(self.groups), "Name of a group"),
            "people" => (
                "Which people",
                finders::people(&tenant, PersonKind::Person),
                Picks::Many(self.people),
                "Name or address",
            ),
            _ => return None,
        };
        Some(view! { <Pick label find picks placeholder /> }.into_any())
    }

    /// Every place in the list, the proposed one first.
    fn places(self, found: Loaded<Option<RulePlacement>>) -> Signal<Vec<(String, String)>> {
        let proposed = Memo::new(move |_| found.value.with(|found| Some(found.as_ref()?.as_ref()?.proposed)));
        Signal::derive(move || {
            let names: Vec<String> = self.edit.editing.rules.with(|rules| {
                let others = rules.iter().filter(|rule| self.edit.id.with_value(|id| rule.id != *id));
                others.map(|rule| rule.name.clone()).collect()
            });
            let words = |at: usize| {
                let number = "Number ".to_owned() + &(at + 1).to_string();
                match at.checked_sub(1).and_then(|before| names.get(before)) {
                    Some(before) => number + ", after “" + before + "”",
                    None => number,
                }
            };
            let first =
                proposed.get().map_or_else(|| "As proposed".to_owned(), |at| words(at as usize) + " (proposed)");
            let rest = (0..=names.len()).filter(|at| proposed.get() != u32::try_from(*at).ok());
            let rest = rest.map(|at| (at.to_string(), words(at)));
            std::iter::once((String::new(), first)).chain(rest).collect()
        })
    }

    fn switch_on(self, senders: Option<Vec<SenderCondition>>, found: Option<RulePlacement>) {
        let (Some(mut rule), Some(found)) = (senders.and_then(|senders| self.rule(senders)), found) else { return };
        rule.enabled = true;
        let words = "“".to_owned()
            + &rule.name
            + "” is on, as number "
            + &(found.at + 1).to_string()
            + ". It is used once you publish it.";
        let editing = self.edit.editing;
        self.open.set(false);
        editing.change(words, |rules| {
            rules.retain(|other| other.id != rule.id);
            rules.insert(rules.len().min(found.at as usize), rule);
        });
        // The fields of the page show what they were before.
        editing.replaced.update(|count| *count += 1);
    }
}

/// What would change.
fn effects(found: &RulePlacement) -> AnyView {
    let mut people = "It is for ".to_owned() + &count(found.people, "person or mailbox/people and mailboxes");
    if found.compared < found.total {
        people = people + " of the first " + &time::grouped(found.compared) + " that were looked at";
    }
    let replaced = found.replaced.iter().map(|one| {
        let end = if one.entirely { ", which is all that it is for." } else { "." };
        "It comes before “".to_owned() + &one.name + "” for " + &who(one) + end
    });
    let first = found.first.iter().map(|one| {
        let end = if one.entirely { "." } else { ", for the mail that it is for." };
        "“".to_owned() + &one.name + "” still comes first for " + &who(one) + end
    });
    let nothing = found.replaced.is_empty().then(|| "It takes nothing from other rules.".to_owned());
    let lines: Vec<String> = std::iter::once(people + ".").chain(replaced).chain(nothing).chain(first).collect();
    view! {
        <h3>"What would change"</h3>
        <ul class="plain-list">{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
        {found.warning.clone().map(|words| view! { <Notice tone=Tone::Warning>{words}</Notice> })}
    }
    .into_any()
}

fn who(one: &RuleBeside) -> String {
    count(one.people, "person or mailbox/people and mailboxes")
}
