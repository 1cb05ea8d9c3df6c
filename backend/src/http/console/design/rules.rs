//! Rules: the ordered list, warnings about it, its versions.

use super::templates::{folder, list_versions, version_in};
use crate::design::changes::Names;
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::console::account::session::checked_text;
use crate::http::request::access::{Access, ReadDesign, WriteDesign};
use crate::http::request::io::{IfMatch, Tagged, etag_of};
use crate::http::{Body, Error, Place};
use crate::store::DesignState;
use crate::tenant::Tenant;
use ::api::console::{
    MAX_CONDITIONS, MAX_RULES, PlaceRule, RuleAdvice, RuleBeside, RuleChange, RuleEntry, RuleList, RuleOddity,
    RulePlacement, RulesVersion, UnpublishedRules, Versions, paths,
};
use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with};
use axum::Json;
use axum::extract::State;
use email_signature::{
    Beside, DomainPattern, MAX_WEIGHT, Oddity, OddityKind, Others, Part, Person, Rule, Rules, SenderCondition,
    describe, place, propose_place, review,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Longest id of a rule.
const MAX_ID: usize = 100;
/// Longest keyword, value or domain in a condition, in characters.
const MAX_TEXT: usize = 300;
/// Most people whose senders' conditions are looked at to place a rule.
const MAX_PEOPLE: usize = 20_000;
/// The same, times the number of rules.
const MAX_LOOKED_AT: usize = 2_000_000;
/// Most versions that are listed.
const MAX_VERSIONS: u32 = 200;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Rules";
    ApiRouter::new()
        .api_route(
            paths::RULES,
            get_with(show, doc(tag, "The rules with their unpublished changes"))
                .put_with(save, doc(tag, "Saves the rules' unpublished version")),
        )
        .api_route(
            paths::RULE_PLACEMENT,
            post_with(placement, doc(tag, "Where to put a new rule, and what that changes")),
        )
        .api_route(paths::UNPUBLISHED_RULES, delete_with(discard, doc(tag, "Discards unpublished changes")))
        .api_route(paths::RULES_VERSIONS, get_with(versions, doc(tag, "Published versions of the rules")))
        .api_route(paths::RULES_VERSION, get_with(version, doc(tag, "A published version of the rules")))
}

async fn show(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Tagged<RuleList>, Error> {
    list(&app, &access.tenant, app.work.place()?).await
}

async fn list(app: &AppState, tenant: &Arc<Tenant>, place: Place) -> Result<Tagged<RuleList>, Error> {
    let state = app.store.design_state(&tenant.id).await?;
    let (tenant, now_ms) = (Arc::clone(tenant), app.clock.now_ms());
    let listed = place.run(move || {
        let list = to_wire(&tenant, &state, now_ms);
        Tagged::by(list, &tag(&state))
    });
    listed.await
}

/// What the `ETag` is made from.
fn tag(state: &DesignState) -> (Vec<Rule>, Option<i64>) {
    let publish = state.unpublished_rules.as_ref().and_then(|unpublished| unpublished.publish.as_ref());
    (state.current_rules().to_vec(), publish.map(|planned| planned.at_ms))
}

fn to_wire(tenant: &Tenant, state: &DesignState, now_ms: i64) -> RuleList {
    let names = Names::new(tenant, state);
    let known = names.known(tenant);
    let rules = state.current_rules();
    let changes = changes_of(&state.rules, rules);
    let entry = |rule: &Rule| {
        let words = describe(rule, &known);
        RuleEntry {
            words: words.conditions.into_iter().chain(words.gives).collect(),
            change: changes.get(rule.id.as_str()).copied(),
            rule: rule.clone(),
        }
    };
    let unpublished = state.unpublished_rules.as_ref();
    let stamp = state.rules_stamp.as_ref();
    RuleList {
        rules: rules.iter().map(entry).collect(),
        advice: review(rules, &known, now_ms).into_iter().map(advice).collect(),
        version: stamp.map_or(0, |stamp| stamp.version),
        changed: unpublished.is_some(),
        publish_ms: unpublished.and_then(|unpublished| unpublished.publish.as_ref()).map(|planned| planned.at_ms),
        changed_ms: unpublished.map(|unpublished| unpublished.changed_ms).or(stamp.map(|stamp| stamp.at_ms)),
        changed_by: unpublished.map(|unpublished| unpublished.by.clone()).or(stamp.map(|stamp| stamp.by.clone())),
    }
}

/// An oddity as the wire has it.
pub(in crate::http::console) fn advice(oddity: Oddity) -> RuleAdvice {
    let kind = match oddity.kind {
        OddityKind::Never => RuleOddity::Never,
        OddityKind::Shadowed => RuleOddity::Shadowed,
        OddityKind::Conflict => RuleOddity::Conflict,
        OddityKind::Missing => RuleOddity::Missing,
    };
    RuleAdvice { rule: oddity.rule, kind, detail: oddity.detail, other: oddity.other }
}

/// How rules differ from the published ones. Of rules in another order, as few as possible count as moved.
fn changes_of<'a>(before: &[Rule], after: &'a [Rule]) -> BTreeMap<&'a str, RuleChange> {
    let places: BTreeMap<&str, usize> = before.iter().enumerate().map(|(at, rule)| (rule.id.as_str(), at)).collect();
    let shared: Vec<(&str, usize)> =
        after.iter().filter_map(|rule| Some((rule.id.as_str(), *places.get(rule.id.as_str())?))).collect();
    let kept = longest_rising(&shared);
    let change = |rule: &'a Rule| {
        let Some(place) = places.get(rule.id.as_str()) else { return Some((rule.id.as_str(), RuleChange::Added)) };
        let changed = before[*place] != *rule || !kept.contains(rule.id.as_str());
        changed.then_some((rule.id.as_str(), RuleChange::Changed))
    };
    after.iter().filter_map(change).collect()
}

/// The longest selection of rules whose old places rise.
fn longest_rising<'a>(rules: &[(&'a str, usize)]) -> BTreeSet<&'a str> {
    // For each length the place (in `rules`) of the lowest end, and for each rule the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous = vec![None; rules.len()];
    for (at, (_, place)) in rules.iter().enumerate() {
        let length = ends.partition_point(|end| rules[*end].1 < *place);
        previous[at] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    std::iter::successors(ends.last().copied(), |at| previous[*at]).map(|at| rules[at].0).collect()
}

async fn save(
    State(app): State<Arc<AppState>>,
    access: Access<WriteDesign>,
    version: IfMatch,
    Body(wanted): Body<UnpublishedRules>,
) -> Result<Tagged<RuleList>, Error> {
    let rules = app.work.run(move || checked(wanted.rules)).await??;
    let check = |state: &DesignState| {
        if !version.names(&etag_of(&tag(state))) {
            return Err(Error::Changed);
        }
        check_templates(&rules, state)
    };
    let place = app.work.place()?;
    app.store.save_rules(&access.tenant.id, &rules, check, &access.by(&app)).await?;
    list(&app, &access.tenant, place).await
}

/// Rules whose every part is within its limits.
fn checked(mut rules: Vec<Rule>) -> Result<Vec<Rule>, Error> {
    if rules.len() > MAX_RULES {
        return Err(Error::invalid("rules", format!("write at most {MAX_RULES} rules")));
    }
    let mut ids = BTreeSet::new();
    for (at, rule) in rules.iter_mut().enumerate() {
        let wrong = |part: &str, detail: String| Error::invalid(format!("rules[{at}].{part}"), detail);
        let is_id = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if rule.id.is_empty() || rule.id.len() > MAX_ID || !rule.id.chars().all(is_id) {
            return Err(wrong("id", format!("write 1 to {MAX_ID} letters, digits, - and _")));
        }
        if !ids.insert(rule.id.clone()) {
            return Err(wrong("id", "another rule already has this id: write a different one".into()));
        }
        rule.name = checked_text(&format!("rules[{at}].name"), &rule.name)?;
        rule.folder = folder(&format!("rules[{at}].folder"), &rule.folder)?;
        check_sizes(rule).and_then(|()| check_domains(rule)).map_err(|(part, detail)| wrong(part, detail))?;
        if rule.weight > MAX_WEIGHT || rule.variants.iter().any(|variant| variant.weight > MAX_WEIGHT) {
            return Err(wrong("variants", format!("write weights of at most {MAX_WEIGHT}")));
        }
        if let Some(problem) = Rules::compile(vec![rule.clone()]).1.into_iter().next() {
            return Err(wrong("schedule", problem.detail));
        }
    }
    Ok(rules)
}

/// [`checked`] for a rule that stands alone in the body.
fn checked_one(rule: Rule) -> Result<Rule, Error> {
    let alone = |field: String| field.replacen("rules[0]", "rule", 1);
    match checked(vec![rule]) {
        Ok(mut rules) => Ok(rules.remove(0)),
        Err(Error::Invalid(mut errors)) => {
            for error in &mut errors {
                error.field = error.field.take().map(alone);
            }
            Err(Error::Invalid(errors))
        }
        Err(error) => Err(error),
    }
}

fn check_sizes(rule: &Rule) -> Result<(), (&'static str, String)> {
    use email_signature::RecipientCondition;
    let lengths = [
        ("senders.any_of", rule.senders.any_of.len()),
        ("senders.except", rule.senders.except.len()),
        ("recipients.of", rule.recipients.of.len()),
        ("recipients.except", rule.recipients.except.len()),
        ("kinds", rule.kinds.len()),
        ("keywords", rule.keywords.len()),
        ("variants", rule.variants.len()),
    ];
    if let Some((part, _)) = lengths.into_iter().find(|(_, length)| *length > MAX_CONDITIONS) {
        return Err((part, format!("write at most {MAX_CONDITIONS}")));
    }
    let is_long = |text: &String| text.chars().count() > MAX_TEXT;
    let recipient = |condition: &RecipientCondition| match condition {
        RecipientCondition::Group { id } => is_long(id),
        RecipientCondition::Domain { domain } => is_long(domain),
        _ => false,
    };
    let checks = [
        ("senders", rule.senders.any_of.iter().chain(&rule.senders.except).any(is_long_sender)),
        ("recipients", rule.recipients.of.iter().chain(&rule.recipients.except).any(recipient)),
        ("keywords", rule.keywords.iter().any(is_long)),
    ];
    match checks.into_iter().find(|(_, long)| *long) {
        Some((part, _)) => Err((part, format!("write at most {MAX_TEXT} characters in each"))),
        None => Ok(()),
    }
}

fn is_long_sender(condition: &SenderCondition) -> bool {
    let is_long = |text: &String| text.chars().count() > MAX_TEXT;
    match condition {
        SenderCondition::Person { .. } => false,
        SenderCondition::Group { id } => is_long(id),
        SenderCondition::Field { field, value, .. } => is_long(field) || is_long(value),
        SenderCondition::Domain { domain } => is_long(domain),
    }
}

/// That conditions on senders that stand alone are within their limits.
pub(super) fn check_sender_sizes(conditions: &[SenderCondition]) -> Result<(), String> {
    let is_long = conditions.iter().any(is_long_sender);
    if is_long { Err(format!("write at most {MAX_TEXT} characters in each")) } else { Ok(()) }
}

/// Brings domains of conditions on senders into the one form in which they are kept.
pub(super) fn tidy_domains(conditions: &mut [SenderCondition]) -> Result<(), String> {
    domains_of(conditions).try_for_each(tidy_domain)
}

fn domains_of(conditions: &mut [SenderCondition]) -> impl Iterator<Item = &mut String> {
    conditions.iter_mut().filter_map(|condition| match condition {
        SenderCondition::Domain { domain } => Some(domain),
        _ => None,
    })
}

/// Brings domains into the one form in which they are kept.
fn check_domains(rule: &mut Rule) -> Result<(), (&'static str, String)> {
    use email_signature::RecipientCondition;
    let (senders, recipients) = (&mut rule.senders, &mut rule.recipients);
    let senders = domains_of(&mut senders.any_of).chain(domains_of(&mut senders.except));
    let senders = senders.map(|domain| ("senders", domain));
    let recipients = recipients.of.iter_mut().chain(&mut recipients.except).filter_map(|condition| match condition {
        RecipientCondition::Domain { domain } => Some(("recipients", domain)),
        _ => None,
    });
    for (part, domain) in senders.chain(recipients) {
        tidy_domain(domain).map_err(|detail| (part, detail))?;
    }
    Ok(())
}

fn tidy_domain(domain: &mut String) -> Result<(), String> {
    let read = DomainPattern::read(domain);
    if !read.is_valid() {
        return Err(format!(
            "“{domain}” is not a mail domain: write one such as example.com, or *.example.com for its subdomains as well"
        ));
    }
    *domain = read.to_string();
    Ok(())
}

/// That rules give templates that are there, published or not, each for its part.
fn check_templates(rules: &[Rule], state: &DesignState) -> Result<(), Error> {
    let parts: BTreeMap<&str, Part> =
        state.templates.iter().filter_map(|entry| Some((entry.id.as_str(), entry.current()?.part))).collect();
    for (at, rule) in rules.iter().enumerate() {
        // What was published so stays as it is: an import may know templates that come later.
        if state.rules.contains(rule) {
            continue;
        }
        for part in Part::ALL {
            for id in rule.templates(part) {
                let detail = match parts.get(id) {
                    Some(actual) if *actual == part => continue,
                    Some(actual) => format!("this template is a {}: choose a {}", actual.noun(), part.noun()),
                    None => "there is no such template: choose another one".to_owned(),
                };
                return Err(Error::invalid(format!("rules[{at}].gives.{}", part.noun()), detail));
            }
        }
    }
    Ok(())
}

async fn placement(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDesign>,
    Body(mut wanted): Body<PlaceRule>,
) -> Result<Json<RulePlacement>, Error> {
    let place = app.work.place()?;
    let state = app.store.design_state(&access.tenant.id).await?;
    let (tenant, now_ms) = (Arc::clone(&access.tenant), app.clock.now_ms());
    let found = place.run(move || {
        wanted.rule = checked_one(wanted.rule)?;
        Ok(placed(&tenant, &state, &wanted, now_ms))
    });
    found.await?.map(Json)
}

fn placed(tenant: &Tenant, state: &DesignState, wanted: &PlaceRule, now_ms: i64) -> RulePlacement {
    let rule = &wanted.rule;
    let names = Names::new(tenant, state);
    let known = names.known(tenant);
    let rules: Vec<Rule> = state.current_rules().iter().filter(|other| other.id != rule.id).cloned().collect();
    let most = (MAX_LOOKED_AT / (rules.len() + 1)).min(MAX_PEOPLE);
    let people: Vec<Person> = tenant.people().take(most).collect();
    let others = Others { rules: &rules, people: &people, known: &known, now_ms };
    let proposed = propose_place(rule, &others);
    let placement = place(rule, wanted.at.map_or(proposed, |at| at as usize), &others);
    let number = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
    let beside =
        |one: Beside| RuleBeside { id: one.rule, name: one.name, people: one.people as u64, entirely: one.entirely };
    RulePlacement {
        proposed: number(proposed),
        at: number(placement.at),
        people: placement.people as u64,
        compared: people.len() as u64,
        total: tenant.records().len() as u64,
        first: placement.first.into_iter().map(beside).collect(),
        replaced: placement.replaced.into_iter().map(beside).collect(),
        warning: Some(placement.warning).filter(|warning| !warning.is_empty()),
    }
}

async fn discard(State(app): State<Arc<AppState>>, access: Access<WriteDesign>) -> Result<Tagged<RuleList>, Error> {
    let place = app.work.place()?;
    app.store.discard_rules(&access.tenant.id).await?;
    list(&app, &access.tenant, place).await
}

async fn versions(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Json<Versions>, Error> {
    Ok(Json(list_versions(app.store.list_rule_versions(&access.tenant.id, MAX_VERSIONS).await?)))
}

async fn version(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Json<RulesVersion>, Error> {
    let version = version_in(&access)?;
    let rules = app.store.rules_version(&access.tenant.id, version).await?.ok_or(Error::NotFound)?;
    Ok(Json(RulesVersion { version, rules }))
}
