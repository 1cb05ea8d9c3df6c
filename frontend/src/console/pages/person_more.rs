//! Somebody's other addresses, shared mailboxes and groups.

use super::at;
use super::person::Person;
use crate::api::console::{Failure, get, get_tagged, path, send_tagged, with_query};
use crate::console::place::Page;
use crate::console::session;
use crate::ui::{
    Button, Check, Dialog, Icon, Loaded, Look, Notice, TextField, Tone, Value, form_error, place_errors, tell, text,
    when,
};
use ::api::console::{Group, Groups, PersonChanges, PersonDetail, PersonKind, PersonLink, Role, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;

/// One list of somebody's that is edited as a whole.
#[derive(Clone, Copy)]
struct Edited {
    person: Person,
    path: StoredValue<String>,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
    /// That somebody else changed the person meanwhile: what is there now is shown beside.
    changed: RwSignal<bool>,
}

impl Edited {
    fn new(person: Person, tenant: &str, id: &str) -> Self {
        Self {
            person,
            path: StoredValue::new(path(paths::PERSON, &[tenant, id])),
            open: RwSignal::new(false),
            busy: RwSignal::new(false),
            error: RwSignal::new(String::new()),
            changed: RwSignal::new(false),
        }
    }

    fn save(self, changes: PersonChanges, field: (&'static str, Value)) {
        let etag = self.person.peek(|found| found.etag.clone());
        self.busy.set(true);
        spawn_local(async move {
            let path = self.path.get_value();
            match send_tagged::<PersonDetail>("PATCH", &path, &changes, &etag).await {
                Ok(now) => {
                    self.person.value.set(Some(now));
                    self.changed.set(false);
                    self.open.set(false);
                    tell("Saved.");
                }
                Err(Failure::Changed) => {
                    if let Ok(now) = get_tagged::<PersonDetail>(&path).await {
                        self.person.value.set(Some(now));
                        self.changed.set(true);
                    }
                }
                Err(failure) => self.error.set(place_errors(failure.errors(), &[field])),
            }
            self.busy.set(false);
        });
    }

    /// What is saved now, where somebody else saved it while this was being edited.
    fn theirs(self, now: impl Fn() -> String + Send + Sync + 'static) -> AnyView {
        let now = text(now);
        (move || {
            self.changed.get().then(|| {
                view! {
                    <Notice tone=Tone::Warning>
                        <p>"Somebody else changed this in the meantime. Saved now:"</p>
                        <p class="said">{now}</p>
                        <p>"Below is yours. Saving once more puts yours in its place."</p>
                    </Notice>
                }
            })
        })
        .into_any()
    }
}

/// Other addresses.
pub(super) fn addresses(person: Person, tenant: &str, id: &str) -> AnyView {
    let edited = Edited::new(person, tenant, id);
    let may = session::may(tenant, Role::Editor);
    let typed = Value::new("");
    let aliases = move || person.read(|found| found.value.aliases.clone());
    let begin = move |()| {
        typed.text.set(person.peek(|found| found.value.aliases.join("\n")));
        edited.open.set(true);
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let aliases = typed.text.with_untracked(|text| {
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        });
        edited.save(PersonChanges { aliases: Some(aliases), ..PersonChanges::default() }, ("aliases", typed));
    };
    let list = move || {
        let all = aliases();
        if all.is_empty() {
            return view! { <p class="quiet">"None."</p> }.into_any();
        }
        let one = |alias: String| view! { <li>{alias}</li> };
        view! { <ul class="plain-list">{all.into_iter().map(one).collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="card">
            <div class="row">
                <h2 class="grow">"Aliases"</h2>
                {may
                    .then(|| {
                        view! { <Button look=Look::Subtle icon=Icon::EDIT label="Edit aliases" on_press=begin /> }
                    })}
            </div>
            {list}
            <Dialog open=edited.open title="Aliases">
                <form novalidate on:submit=submit>
                    {edited.theirs(move || person.read(|found| found.value.aliases.join("\n")))}
                    <TextField label="Other addresses" value=typed rows=5 optional=true hint="One a line." />
                    {form_error(edited.error.into())}
                    <div class="row end">
                        <Button on_press=move |()| edited.open.set(false)>"Cancel"</Button>
                        <Button look=Look::Primary busy=edited.busy>
                            "Save"
                        </Button>
                    </div>
                </form>
            </Dialog>
        </section>
    }
    .into_any()
}

/// Shared mailboxes and groups.
pub(super) fn membership(person: Person, tenant: &str, id: &str) -> AnyView {
    let links = {
        let tenant = tenant.to_owned();
        move |all: Vec<PersonLink>| {
            if all.is_empty() {
                return view! { <p class="quiet">"None."</p> }.into_any();
            }
            let one = |link: PersonLink| {
                view! {
                    <li>
                        <a href=at(&tenant, Page::Person(link.id))>{link.name}</a>
                        " "
                        <span class="quiet">{link.address}</span>
                    </li>
                }
            };
            view! { <ul class="plain-list">{all.into_iter().map(one).collect_view()}</ul> }.into_any()
        }
    };
    let is_shared = when(move || person.read(|found| found.value.kind == PersonKind::SharedMailbox));
    let mailboxes = move || {
        let (title, all) = if is_shared.get() {
            ("Who may send from it", person.read(|found| found.value.senders.clone()))
        } else {
            ("Shared mailboxes", person.read(|found| found.value.may_send_as.clone()))
        };
        view! {
            <h2>{title}</h2>
            {links(all)}
        }
    };
    view! {
        <section class="card">{mailboxes}</section>
        {groups(person, tenant, id)}
    }
    .into_any()
}

fn groups(person: Person, tenant: &str, id: &str) -> AnyView {
    let edited = Edited::new(person, tenant, id);
    let may = session::may(tenant, Role::Editor);
    let everything = with_query(&path(paths::GROUPS, &[tenant]), &BTreeMap::from([("limit", 200)]));
    let href = {
        let people = at(tenant, Page::People);
        move |group: &Group| people.clone() + "?group=" + &crate::api::console::encode(&group.id)
    };
    let list = move || {
        let all = person.read(|found| found.value.groups.clone());
        if all.is_empty() {
            return view! { <p class="quiet">"None."</p> }.into_any();
        }
        let one = |group: Group| {
            let href = href(&group);
            view! {
                <li>
                    <a href=href>{group.name}</a>
                </li>
            }
        };
        view! { <ul class="plain-list">{all.into_iter().map(one).collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="card">
            <div class="row">
                <h2 class="grow">"Groups"</h2>
                {may
                    .then(|| {
                        view! {
                            <Button
                                look=Look::Subtle
                                icon=Icon::EDIT
                                label="Edit groups"
                                on_press=move |()| edited.open.set(true)
                            />
                        }
                    })}
            </div>
            {list}
            <Dialog open=edited.open title="Groups">
                {edited
                    .theirs(move || {
                        person
                            .read(|found| {
                                found.value.groups.iter().map(|one| one.name.clone()).collect::<Vec<_>>().join(", ")
                            })
                    })}
                {choice(edited, everything.clone())}
            </Dialog>
        </section>
    }
    .into_any()
}

fn choice(edited: Edited, everything: String) -> AnyView {
    let found = Loaded::new(move || {
        let path = everything.clone();
        async move { get::<Groups>(&path).await }
    });
    found.view(move || {
        let own = edited.person.peek(|found| found.value.groups.clone());
        let all = found.peek(|found| found.groups.clone());
        let is_own = |group: &Group| own.iter().any(|one| one.id == group.id);
        let ticks: Vec<(Group, RwSignal<bool>)> =
            all.into_iter().map(|group| (group.clone(), RwSignal::new(is_own(&group)))).collect();
        // Groups beyond the first page stay as they are.
        let kept: Vec<String> = own
            .iter()
            .filter(|one| !ticks.iter().any(|(group, _)| group.id == one.id))
            .map(|one| one.id.clone())
            .collect();
        let chosen = ticks.clone();
        let submit = move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            let ticked = chosen.iter().filter(|(_, tick)| tick.get_untracked()).map(|(group, _)| group.id.clone());
            let groups = Some(kept.iter().cloned().chain(ticked).collect());
            edited.save(PersonChanges { groups, ..PersonChanges::default() }, ("groups", Value::new("")));
        };
        let one = |(group, checked): (Group, RwSignal<bool>)| {
            let hint = crate::ui::count(group.members, "member");
            view! { <Check label=group.name checked hint /> }
        };
        view! {
            <form novalidate on:submit=submit>
                {ticks.into_iter().map(one).collect_view()}
                {form_error(edited.error.into())}
                <div class="row end">
                    <Button on_press=move |()| edited.open.set(false)>"Cancel"</Button>
                    <Button look=Look::Primary busy=edited.busy>
                        "Save"
                    </Button>
                </div>
            </form>
        }
        .into_any()
    })
}
