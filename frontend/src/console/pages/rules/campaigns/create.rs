//! A new campaign, step by step: its banner, who gets it, when. It ends in a rule in the folder Campaigns.

use super::at;
use crate::api::console::{Failure, get, get_tagged, path, send_tagged};
use crate::console::pages::finders;
use crate::console::pages::rules::editor::gives::templates_of;
use crate::console::pages::rules::editor::schedule::{own_zone, zones};
use crate::console::pages::rules::list::blank;
use crate::console::router;
use crate::ui::{
    Button, Check, Choice, Dialog, Loaded, Look, Pick, Picks, Radios, Select, Stepper, TextField, Value, changing,
    form_error, tell, text,
};
use ::api::console::pages::{Designs, Rules};
use ::api::console::{RuleList, Templates, UnpublishedRules, paths};
use email_signature::{MAX_WEIGHT, Part, RecipientCondition, Rule, Schedule, SenderCondition, Variant};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The folder that it is put into.
const FOLDER: &str = "Campaigns";
const STEPS: [&str; 3] = ["Banner", "Who", "When"];
/// How often it is tried again when somebody else changes the rules at the same time.
const ATTEMPTS: u32 = 3;

/// What is filled in.
#[derive(Clone, Copy)]
struct Made {
    tenant: StoredValue<String>,
    open: RwSignal<bool>,
    step: RwSignal<usize>,
    templates: Loaded<Templates>,
    name: Value,
    banner: RwSignal<Option<Choice>>,
    other: RwSignal<Option<Choice>>,
    weights: [Value; 2],
    whom: RwSignal<String>,
    groups: RwSignal<Vec<Choice>>,
    outside: RwSignal<bool>,
    from: Value,
    to: Value,
    zone: Value,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
}

/// The dialog.
pub(crate) fn create(open: RwSignal<bool>, tenant: &str) -> AnyView {
    let tenant = StoredValue::new(tenant.to_owned());
    view! {
        <Dialog open title="New campaign" wide=true>
            {move || steps(open, tenant)}
        </Dialog>
    }
    .into_any()
}

fn steps(open: RwSignal<bool>, tenant: StoredValue<String>) -> AnyView {
    let own = tenant.with_value(|tenant| path(paths::TEMPLATES, &[tenant]));
    let made = Made {
        tenant,
        open,
        step: RwSignal::new(0),
        templates: Loaded::new(move || {
            let path = own.clone();
            async move { get::<Templates>(&path).await }
        }),
        name: Value::new(""),
        banner: RwSignal::new(None),
        other: RwSignal::new(None),
        weights: [Value::new("1"), Value::new("1")],
        whom: RwSignal::new(String::new()),
        groups: RwSignal::new(Vec::new()),
        outside: RwSignal::new(true),
        from: Value::new(""),
        to: Value::new(""),
        zone: Value::new(&own_zone()),
        busy: RwSignal::new(false),
        error: RwSignal::new(String::new()),
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        made.next();
    };
    let step = move || match made.step.get() {
        0 => made.banner_step(),
        1 => made.who_step(),
        _ => made.when_step(),
    };
    let next = move || if made.step.get() + 1 == STEPS.len() { "Create the campaign" } else { "Next" };
    view! {
        <Stepper steps=STEPS.to_vec() at=made.step />
        <form novalidate on:submit=submit>
            {changing(step)}
            {form_error(made.error.into())}
            <div class="row end">
                {changing(move || {
                    (made.step.get() > 0)
                        .then(|| {
                            view! { <Button on_press=move |()| made.step.update(|step| *step -= 1)>"Back"</Button> }
                        })
                })}
                <Button look=Look::Primary busy=made.busy>
                    {text(move || next().to_owned())}
                </Button>
            </div>
        </form>
    }
    .into_any()
}

impl Made {
    fn banner_step(self) -> AnyView {
        let find = || templates_of(self.templates, Part::Campaign);
        let none = Memo::new(move |_| {
            self.templates
                .read(|all| !all.templates.is_empty() && !all.templates.iter().any(|one| one.part == Part::Campaign))
        });
        let gallery = self.tenant.with_value(|tenant| at(tenant, Designs::Gallery));
        let weights = move || {
            self.other.get().map(|_| {
                view! {
                    <div class="pair">
                        <TextField label="Weight of the banner" value=self.weights[0] inputmode="numeric" longest=4usize />
                        <TextField label="Weight of the other" value=self.weights[1] inputmode="numeric" longest=4usize />
                    </div>
                }
            })
        };
        view! {
            <TextField label="Name of the campaign" value=self.name longest=100usize focus=true />
            {changing(move || {
                let gallery = gallery.clone();
                none.get()
                    .then(|| {
                        view! {
                            <p>
                                "There is no banner yet. Choose one from the " <a href=gallery>"gallery"</a>
                                ", adapt it, then come back."
                            </p>
                        }
                    })
            })}
            <Pick label="Banner" find=find() picks=Picks::One(self.banner) placeholder="Name of a campaign template" />
            <Pick
                label="A second banner, to see which one gets more clicks"
                find=find()
                picks=Picks::One(self.other)
                optional=true
                placeholder="Name of a campaign template"
                hint="Each person always gets the same one of the two."
            />
            {changing(weights)}
        }
        .into_any()
    }

    fn who_step(self) -> AnyView {
        let find = StoredValue::new(self.tenant.with_value(|tenant| finders::groups(tenant)));
        let groups = move || {
            self.whom.with(|whom| whom == "groups").then(|| {
                view! { <Pick label="Groups" find=find.get_value() picks=Picks::Many(self.groups) placeholder="Name of a group" /> }
            })
        };
        view! {
            <Radios
                label="Whose mail"
                value=self.whom
                options=vec![("everyone", "Everyone’s", ""), ("groups", "Mail from people in certain groups", "")]
            />
            {changing(groups)}
            <Check label="Only in mail to external recipients" checked=self.outside />
        }
        .into_any()
    }

    fn when_step(self) -> AnyView {
        let zones: Vec<_> = zones().into_iter().map(|zone| (zone.clone(), zone.replace('_', " "))).collect();
        view! {
            <div class="pair">
                <TextField label="First day" value=self.from kind="date" optional=true hint="Empty: as soon as it is published." />
                <TextField label="Last day" value=self.to kind="date" optional=true hint="Empty: until you switch it off." />
            </div>
            <Select label="Time zone" value=self.zone options=Signal::stored(zones) />
        }
        .into_any()
    }

    /// Whether this step is filled in; says what is missing.
    fn is_filled(self) -> bool {
        let fits = |value: Value| {
            let fits = value.trimmed().parse::<u32>().is_ok_and(|weight| weight <= MAX_WEIGHT);
            let words = "Enter a number from 0 to ".to_owned() + &MAX_WEIGHT.to_string() + ".";
            value.error.set(if fits { String::new() } else { words });
            fits
        };
        let missing = match self.step.get_untracked() {
            0 if !self.name.required("Enter a name.") => "Enter a name.",
            0 if self.banner.with_untracked(Option::is_none) => "Choose a banner.",
            0 if self.other.with_untracked(Option::is_some) && !self.weights.into_iter().all(fits) => {
                "Correct the weights."
            }
            1 if self.whom.with_untracked(|whom| whom != "everyone") && self.groups.with_untracked(Vec::is_empty) => {
                "Choose a group, or everyone."
            }
            2 if !self.to.trimmed().is_empty() && self.to.trimmed() < self.from.trimmed() => {
                "The last day is before the first one: choose a later one."
            }
            _ => "",
        };
        self.error.set(missing.to_owned());
        missing.is_empty()
    }

    fn next(self) {
        if !self.is_filled() || self.busy.get_untracked() {
            return;
        }
        if self.step.get_untracked() + 1 < STEPS.len() {
            self.step.update(|step| *step += 1);
            return;
        }
        self.busy.set(true);
        let (rule, tenant) = (self.rule(), self.tenant.get_value());
        spawn_local(async move {
            match save(&tenant, &rule).await {
                Ok(()) => {
                    tell("The campaign is created but not published yet. It is the first of the rules.");
                    self.open.set(false);
                    router::go(&at(&tenant, Rules::Rule(rule.id)));
                }
                Err(failure) => self.error.set(failure.text()),
            }
            let _ = self.busy.try_set(false);
        });
    }

    fn rule(self) -> Rule {
        let mut rule = blank(&self.name.trimmed(), FOLDER);
        // The steps before have asked whom it is for.
        rule.enabled = true;
        rule.gives.campaign = self.banner.get_untracked().map(|one| one.id);
        if let Some(other) = self.other.get_untracked() {
            let weight = |at: usize| self.weights[at].trimmed().parse().unwrap_or(1);
            rule.weight = weight(0);
            rule.variants = vec![Variant { template: other.id, weight: weight(1) }];
        }
        if self.whom.with_untracked(|whom| whom == "groups") {
            let groups = self.groups.get_untracked().into_iter();
            rule.senders.any_of = groups.map(|one| SenderCondition::Group { id: one.id }).collect();
        }
        if self.outside.get_untracked() {
            rule.recipients.of = vec![RecipientCondition::External];
        }
        let day = |value: Value| Some(value.trimmed()).filter(|day| !day.is_empty());
        let (from, to) = (day(self.from), day(self.to));
        if from.is_some() || to.is_some() {
            rule.schedule = Some(Schedule {
                from,
                to,
                weekdays: Vec::new(),
                day_from: None,
                day_to: None,
                time_zone: self.zone.trimmed(),
                own_time_zone: false,
            });
        }
        rule
    }
}

/// Puts it before all other rules.
async fn save(tenant: &str, rule: &Rule) -> Result<(), Failure> {
    let list = path(paths::RULES, &[tenant]);
    for _ in 0..ATTEMPTS {
        let now = get_tagged::<RuleList>(&list).await?;
        let mut rules = vec![rule.clone()];
        rules.extend(now.value.rules.into_iter().map(|entry| entry.rule));
        match send_tagged::<RuleList>("PUT", &list, &UnpublishedRules { rules }, &now.etag).await {
            Err(Failure::Changed) => {}
            answer => return answer.map(drop),
        }
    }
    Err(Failure::Changed)
}
