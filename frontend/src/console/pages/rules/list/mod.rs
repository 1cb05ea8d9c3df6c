//! The rules in priority order.

mod acts;
pub(crate) mod menu;
mod narrowing;
pub(crate) mod row;
pub(crate) mod standing;

use self::acts::Acts;
use self::menu::menu;
use self::narrowing::{Narrowing, toolbar};
use self::row::{Line, lines, row};
use self::standing::standing;
use super::compare::compare;
use super::editing::Editing;
use super::editor::whom::WHOM;
use super::versions::versions;
use super::{REPORT, at, page, tenant_crumb};
use crate::api::console::{get, path, with_query};
use crate::console::router;
use crate::ui::{Button, Empty, Icon, Loaded, Look, Menu, changing, count, effect, icon, text};
use ::api::console::pages::Rules;
use ::api::console::{Fields, Groups, GroupsQuery, MAX_PAGE, ReportQuery, Templates, paths};
use email_signature::{Choice, Flow, KeywordMatch, Recipients, Rule, Senders};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most groups whose names are asked for.
const MOST_GROUPS: u32 = 5_000;

/// The template that a new rule shall give, in the list's address.
pub(in crate::console::pages) const GIVE: &str = "give";

/// `/console/tenants/TENANT/rules`.
pub(crate) fn rules(tenant: &str) -> AnyView {
    let editing = Editing::new(tenant);
    let templates = name_all(editing);
    let looking_back = RwSignal::new(false);
    let may = editing.may;
    give_wanted(editing, templates);
    let actions = view! {
        {reports(tenant)}
        <Button icon=Icon::HISTORY on_press=move |()| looking_back.set(true)>
            "Versions"
        </Button>
        {may
            .then(|| {
                view! {
                    <Button look=Look::Primary icon=Icon::ADD on_press=move |()| add(editing, blank("New rule", ""))>
                        "New rule"
                    </Button>
                }
            })}
    };
    let content = view! {
        <p class="lead">
            "Who gets which signature, campaign and disclaimer. Rules are evaluated from the top: for each part, the \
             first matching rule that has one decides. Your changes affect no mail until you publish them."
        </p>
        {editing.found.view(move || listing(editing, templates))}
        {compare(editing.differences, move |keep| editing.resolve(&keep))}
        {versions(looking_back, editing)}
    };
    page(&tenant_crumb(tenant), "Rules", actions.into_any(), content.into_any())
}

/// A rule that does nothing yet, and is off until somebody is chosen: others are still looked at behind it.
pub(in crate::console::pages) fn blank(name: &str, folder: &str) -> Rule {
    let random = window().crypto().map(|crypto| crypto.random_uuid()).unwrap_or_default();
    Rule {
        id: "rule-".to_owned() + &random,
        name: name.to_owned(),
        folder: folder.to_owned(),
        enabled: false,
        senders: Senders::default(),
        recipients: Recipients::default(),
        kinds: Vec::new(),
        keywords: Vec::new(),
        keyword_match: KeywordMatch::Whole,
        schedule: None,
        gives: Choice::default(),
        variants: Vec::new(),
        weight: 1,
        flow: Flow::Continue,
    }
}

fn add(editing: Editing, made: Rule) {
    let page = Rules::Rule(made.id.clone());
    editing.change_quietly(|rules| rules.insert(0, made));
    router::go(&at(&editing.tenant.get_value(), page));
}

/// Makes a rule that gives a template, where the address asks for one: `?give=TEMPLATE`. It is off, behind all others, until
/// the dialog on its page has asked whom it is for.
fn give_wanted(editing: Editing, templates: Loaded<Templates>) {
    // Once: whoever comes back to this page wants no second one.
    let mut wanted = Some(router::once(GIVE)).filter(|id| !id.is_empty() && editing.may);
    effect(move || {
        let find = |found: &Templates| found.templates.iter().find(|one| Some(&one.id) == wanted.as_ref()).cloned();
        let (Some(template), true) = (templates.read(find), editing.said.with(Option::is_some)) else { return };
        wanted = None;
        let mut made = blank(&template.name, "");
        *made.gives.part_mut(template.part) = Some(template.id);
        let page = at(&editing.tenant.get_value(), Rules::Rule(made.id.clone())) + "?" + WHOM + "=ask";
        untrack(|| editing.change_quietly(|rules| rules.push(made)));
        router::go(&page);
    });
}

fn reports(tenant: &str) -> AnyView {
    let csv = with_query(&path(paths::RULES_REPORT_CSV, &[tenant]), &ReportQuery { unpublished: true });
    let page = at(tenant, Rules::Rule(REPORT.to_owned()));
    let face = view! {
        {icon(Icon::BOOK)}
        <span>"Report"</span>
    };
    view! {
        <Menu label="All rules in words" class="" face=face.into_any()>
            <ul>
                <li>
                    <a href=page>
                        {icon(Icon::BOOK)} <span>"As a page, to print or save as PDF"</span>
                    </a>
                </li>
                <li>
                    <a href=csv download="rules.csv">
                        {icon(Icon::DOWNLOAD)} <span>"CSV"</span>
                    </a>
                </li>
            </ul>
        </Menu>
    }
    .into_any()
}

/// Asks for the names of what rules name.
pub(crate) fn name_all(editing: Editing) -> Loaded<Templates> {
    let tenant = editing.tenant.get_value();
    let own = path(paths::TEMPLATES, &[&tenant]);
    let templates = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Templates>(&path).await }
    });
    effect(move || {
        let named = templates.read(|found| {
            found.templates.iter().map(|one| (one.id.clone(), one.name.clone())).collect::<BTreeMap<_, _>>()
        });
        editing.names.update(|names| names.templates = named);
    });
    let (groups, fields) = (path(paths::GROUPS, &[&tenant]), path(paths::FIELDS, &[&tenant]));
    spawn_local(async move {
        if let Ok(found) = get::<Fields>(&fields).await {
            let named = found.fields.into_iter().map(|field| (field.token, field.label)).collect();
            let _ = editing.names.try_update(|names| names.fields = named);
        }
        let mut offset = 0;
        while offset < MOST_GROUPS {
            let query = GroupsQuery { offset, limit: Some(MAX_PAGE), ..GroupsQuery::default() };
            let Ok(found) = get::<Groups>(&with_query(&groups, &query)).await else { return };
            let last = found.groups.len() < MAX_PAGE as usize;
            let named = found.groups.into_iter().map(|group| (group.id, group.name));
            if editing.names.try_update(|names| names.groups.extend(named)).is_none() || last {
                return;
            }
            offset += MAX_PAGE;
        }
    });
    templates
}

fn listing(editing: Editing, templates: Loaded<Templates>) -> AnyView {
    let narrowing = Narrowing::new(editing);
    let lines = lines(editing);
    let shown = Memo::new(move |_| lines.with(|lines| narrowing.shown(lines)));
    let acts = Acts::new(editing, shown);
    let by_id = Memo::new(move |_| {
        let all = lines.get();
        all.into_iter().map(|line| (line.rule.id.clone(), line)).collect::<BTreeMap<String, Arc<Line>>>()
    });
    let (none, hidden) =
        (Memo::new(move |_| editing.rules.with(Vec::is_empty)), Memo::new(move |_| shown.with(Vec::is_empty)));
    let one = move |id: String| row(id, by_id, editing);
    view! {
        {standing(editing)}
        {toolbar(narrowing, editing, templates)}
        <p class="hidden" role="status">
            {text(move || count(shown.with(Vec::len) as u64, "rule"))}
        </p>
        {changing(move || {
            if none.get() {
                view! {
                    <Empty title="No rules yet" icon=Icon::RULES>
                        <p>"Without rules, nobody gets a signature. Create the first one, for everyone or for a group."</p>
                    </Empty>
                }
                    .into_any()
            } else if hidden.get() {
                view! {
                    <Empty title="Nothing found" icon=Icon::SEARCH>
                        <p>"No rules match this search and these filters."</p>
                        <Button on_press=move |()| narrowing.query.widen()>"Show all"</Button>
                    </Empty>
                }
                    .into_any()
            } else {
                ().into_any()
            }
        })}
        <p class="hidden" id="rule-keys">
            "Alt and the arrow up or down moves the rule."
        </p>
        {acts
            .around(
                view! { <For each=move || shown.get() key=|id| id.clone() children=one /> }.into_any(),
            )}
        {menu(acts)}
    }
    .into_any()
}
