//! Unpublished changes: which there are, what would become of the tenant with them, and why some cannot be published.

use crate::store::{DesignState, Limits, Picked, PublishPlan, RulesDiff, TemplateEntry, all_fields};
use crate::tenant::{self, Tenant};
use ::api::console::{ChangedBrands, ChangedRules, ChangedTemplate, Changes, TemplateLink};
use email_signature::{Address, Blocks, Brand, CompiledTemplate, ImageUrls, Known, Part, Rule, Template, blocks_of};
use std::collections::{BTreeMap, BTreeSet};

/// Every unpublished change; of brands, only those `within` an editor's limits.
pub fn list(state: &DesignState, within: Option<&Limits>) -> Changes {
    let mut users = users(state);
    let mut changed = |entry: &TemplateEntry| {
        Some(ChangedTemplate {
            used_in: users.remove(&entry.id).unwrap_or_default(),
            ..changed_template(state, entry)?
        })
    };
    let mut templates: Vec<_> = state.templates.iter().filter_map(&mut changed).collect();
    templates.sort_by(|a, b| (a.name.to_lowercase(), &a.id).cmp(&(b.name.to_lowercase(), &b.id)));
    Changes { templates, rules: changed_rules(state), brands: changed_brands(state, within) }
}

fn changed_template(state: &DesignState, entry: &TemplateEntry) -> Option<ChangedTemplate> {
    let unpublished = entry.unpublished.as_ref()?;
    let alone = Picked { templates: vec![entry.id.clone()], ..Picked::default() };
    Some(ChangedTemplate {
        id: entry.id.clone(),
        name: unpublished.document.name.clone(),
        folder: unpublished.document.folder.clone(),
        part: unpublished.document.part,
        new: entry.published.is_none(),
        changed_ms: unpublished.changed_ms,
        changed_by: unpublished.by.clone(),
        publish_ms: unpublished.publish.as_ref().map(|planned| planned.at_ms),
        trouble: unpublished.publish.as_ref().and_then(PublishPlan::trouble),
        refused: check_template(state, &unpublished.document, &blocks_after(state, &alone)).err(),
        used_in: Vec::new(),
    })
}

fn changed_rules(state: &DesignState) -> Option<ChangedRules> {
    let unpublished = state.unpublished_rules.as_ref()?;
    let diff = RulesDiff::new(&state.rules, &unpublished.document);
    let names = |rules: &[&Rule]| rules.iter().map(|rule| rule.name.clone()).collect();
    Some(ChangedRules {
        added: names(&diff.added),
        changed: diff.changed.iter().map(|(_, rule)| rule.name.clone()).collect(),
        removed: names(&diff.removed),
        moved: diff.moved(),
        changed_ms: unpublished.changed_ms,
        changed_by: unpublished.by.clone(),
        publish_ms: unpublished.publish.as_ref().map(|planned| planned.at_ms),
        trouble: unpublished.publish.as_ref().and_then(PublishPlan::trouble),
        refused: check_rules(&unpublished.document, &parts(state, &Picked { rules: true, ..Picked::default() })).err(),
    })
}

fn changed_brands(state: &DesignState, within: Option<&Limits>) -> Option<ChangedBrands> {
    let unpublished = state.brands.unpublished.as_ref()?;
    let all = Picked { brands: true, within: within.cloned(), ..Picked::default() };
    let (before, after) = (&state.brands.published, &state.picked_brands(&all)?);
    let find = |brands: &[Brand], id: &str| brands.iter().find(|brand| brand.id == id).cloned();
    let names = |brands: Vec<&Brand>| brands.into_iter().map(|brand| brand.name.clone()).collect();
    let (known, added): (Vec<&Brand>, Vec<&Brand>) = after.iter().partition(|brand| find(before, &brand.id).is_some());
    let changed: Vec<&Brand> =
        known.iter().filter(|brand| find(before, &brand.id).as_ref() != Some(**brand)).copied().collect();
    let removed: Vec<&Brand> = before.iter().filter(|brand| find(after, &brand.id).is_none()).collect();
    let ids = |brands: Vec<&Brand>| brands.into_iter().map(|brand| brand.id.clone()).collect::<Vec<_>>();
    let stayed: Vec<&Brand> = before.iter().filter(|brand| find(after, &brand.id).is_some()).collect();
    Some(ChangedBrands {
        moved: ids(known) != ids(stayed),
        added: names(added),
        changed: names(changed),
        removed: names(removed),
        changed_ms: unpublished.changed_ms,
        changed_by: unpublished.by.clone(),
        publish_ms: unpublished.publish.as_ref().map(|planned| planned.at_ms),
        trouble: unpublished.publish.as_ref().and_then(PublishPlan::trouble),
    })
}

/// Whether these changes can be published together.
///
/// # Errors
/// Why the change cannot be published, and what to do.
pub fn check(state: &DesignState, picked: &Picked) -> Result<(), String> {
    if picked.templates.is_empty() && !picked.rules && !picked.brands {
        return Err("nothing is picked: pick at least one change".into());
    }
    let blocks = blocks_after(state, picked);
    for id in &picked.templates {
        let unpublished = state.template(id).and_then(|entry| entry.unpublished.as_ref());
        let unpublished = unpublished
            .ok_or_else(|| format!("the template {id:?} has no unpublished changes: remove it from the request"))?;
        check_template(state, &unpublished.document, &blocks)?;
    }
    // Templates that stay as they are, with changed blocks.
    for (_, template) in state.templates.iter().filter_map(|entry| entry.published.as_ref()) {
        let is_changed = |id: &String| picked.templates.contains(id);
        if !is_changed(&template.id) && blocks_of(template).iter().any(is_changed) {
            usable(template, &blocks)?;
        }
    }
    if picked.rules && state.unpublished_rules.is_none() {
        return Err("the rules have no unpublished changes: remove them from the request".into());
    }
    if picked.brands && state.picked_brands(picked).is_none() {
        return Err("the brands have no unpublished changes: remove them from the request".into());
    }
    let rules = if picked.rules { state.current_rules() } else { &state.rules };
    check_rules(rules, &parts(state, picked))
}

/// That a template can be filled, with blocks that are published with it or before.
fn check_template(state: &DesignState, template: &Template, blocks: &Blocks) -> Result<(), String> {
    let name = &template.name;
    for id in blocks_of(template) {
        if blocks.get(&id).is_some() {
            continue;
        }
        let block = state.template(&id).and_then(TemplateEntry::current).filter(|block| block.part == Part::Block);
        return Err(match block {
            Some(block) => format!(
                "the template “{name}” uses the block “{}”, which is not published: publish it too, or remove it from \
                 the template",
                block.name
            ),
            None => format!("the template “{name}” uses the block “{id}”, which does not exist: remove it first"),
        });
    }
    usable(template, blocks)
}

fn usable(template: &Template, blocks: &Blocks) -> Result<(), String> {
    let noun = if template.part == Part::Block { "block" } else { "template" };
    CompiledTemplate::compile_with(template, blocks, &ImageUrls::default())
        .0
        .usable()
        .map_err(|detail| format!("the {noun} “{}” cannot be used: {detail}. Correct it first", template.name))
}

/// The blocks as they are once these changes are published.
fn blocks_after(state: &DesignState, picked: &Picked) -> Blocks {
    Blocks::new(state.templates.iter().filter_map(|entry| after(entry, picked)))
}

/// Every block with its unpublished changes.
pub fn current_blocks(state: &DesignState) -> Blocks {
    Blocks::new(state.templates.iter().filter_map(TemplateEntry::current))
}

/// The templates that use a block, published or not, sorted by name.
pub fn used_in(state: &DesignState, block: &str) -> Vec<TemplateLink> {
    users(state).remove(block).unwrap_or_default()
}

/// The same of every block.
pub fn users(state: &DesignState) -> BTreeMap<String, Vec<TemplateLink>> {
    let mut users: BTreeMap<String, Vec<TemplateLink>> = BTreeMap::new();
    for entry in &state.templates {
        let used: BTreeSet<String> = entry.versions().flat_map(blocks_of).collect();
        let Some(current) = entry.current() else { continue };
        for block in used {
            let link = TemplateLink { id: entry.id.clone(), name: current.name.clone() };
            users.entry(block).or_default().push(link);
        }
    }
    for links in users.values_mut() {
        links.sort_by(|a, b| (a.name.to_lowercase(), &a.id).cmp(&(b.name.to_lowercase(), &b.id)));
    }
    users
}

/// A template as it is once these changes are published.
fn after<'a>(entry: &'a TemplateEntry, picked: &Picked) -> Option<&'a Template> {
    let unpublished = entry.unpublished.as_ref().filter(|_| picked.templates.contains(&entry.id));
    let published = entry.published.as_ref().map(|(_, published)| published);
    unpublished.map(|unpublished| &unpublished.document).or(published)
}

/// The parts of all templates that are published once these changes are.
fn parts<'a>(state: &'a DesignState, picked: &Picked) -> BTreeMap<&'a str, Part> {
    let part = |entry: &'a TemplateEntry| Some((entry.id.as_str(), after(entry, picked)?.part));
    state.templates.iter().filter_map(part).collect()
}

/// That rules give templates that will be there, each for its part.
fn check_rules(rules: &[Rule], parts: &BTreeMap<&str, Part>) -> Result<(), String> {
    for rule in rules {
        for part in Part::ALL {
            for id in rule.templates(part) {
                match parts.get(id) {
                    Some(actual) if *actual == part => {}
                    Some(actual) => {
                        return Err(format!(
                            "the rule “{}” uses a {} as the {}: choose a template for that part",
                            rule.name,
                            actual.noun(),
                            part.noun()
                        ));
                    }
                    None => {
                        return Err(format!(
                            "the rule “{}” uses a template that is not published: publish it too, or change the rule",
                            rule.name
                        ));
                    }
                }
            }
        }
    }
    Ok(())
}

/// The picked changes, to be tried; those that are not there count for nothing.
pub fn picked(state: &DesignState, picked: &Picked) -> tenant::Changes {
    let unpublished = |entry: &TemplateEntry| {
        let unpublished = entry.unpublished.as_ref().filter(|_| picked.templates.contains(&entry.id))?;
        Some(unpublished.document.clone())
    };
    tenant::Changes {
        templates: state.templates.iter().filter_map(unpublished).collect(),
        rules: state
            .unpublished_rules
            .as_ref()
            .filter(|_| picked.rules)
            .map(|unpublished| unpublished.document.clone()),
        brands: state.picked_brands(picked),
    }
}

/// What rules can name, with unpublished templates.
pub struct Names<'a> {
    templates: BTreeMap<String, (String, Part)>,
    fields: BTreeSet<String>,
    has_address: Box<dyn Fn(&Address) -> bool + Sync + 'a>,
}

impl<'a> Names<'a> {
    /// Of a tenant.
    pub fn new(tenant: &'a Tenant, state: &DesignState) -> Self {
        let template = |entry: &TemplateEntry| {
            let template = entry.current()?;
            Some((entry.id.clone(), (template.name.clone(), template.part)))
        };
        Self {
            templates: state.templates.iter().filter_map(template).collect(),
            fields: all_fields(tenant.fields()).into_iter().map(|field| field.token).collect(),
            has_address: Box::new(|address| tenant.record_by_address(address.as_str()).is_some()),
        }
    }

    /// As the core asks for them.
    pub fn known(&'a self, tenant: &'a Tenant) -> Known<'a> {
        Known {
            organisation: tenant.organisation(),
            templates: &self.templates,
            fields: &self.fields,
            has_address: &*self.has_address,
        }
    }
}
