//! Blocks that templates share: templates in all but where they are used.

use super::gives;
use crate::design::changes::used_in;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadDesign};
use crate::http::{AppState, Error};
use crate::store::{DesignState, TemplateEntry};
use crate::tenant::{Changes, Tenant};
use ::api::console::{Blocks, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use email_signature::{Part, Rule, Template, blocks_of};
use std::sync::Arc;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    ApiRouter::new().api_route(paths::BLOCKS, get_with(list, doc("Templates", "Every block with its HTML")))
}

async fn list(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Json<Blocks>, Error> {
    let state = app.store.design_state(&access.tenant.id).await?;
    let current = state.templates.iter().filter_map(TemplateEntry::current);
    let mut blocks: Vec<Template> = current.filter(|template| template.part == Part::Block).cloned().collect();
    blocks.sort_by(|a, b| (a.name.to_lowercase(), &a.id).cmp(&(b.name.to_lowercase(), &b.id)));
    Ok(Json(Blocks { blocks }))
}

/// That a block is one: it uses no others, and is offered to nobody.
pub(super) fn check_block(template: &Template) -> Result<(), Error> {
    if template.part != Part::Block {
        return Ok(());
    }
    if !blocks_of(template).is_empty() {
        let detail = "a block cannot use other blocks: remove them, and let the template use both";
        return Err(Error::invalid("html", detail));
    }
    if template.offered_to.is_some() {
        return Err(Error::invalid("offered_to", "a block is part of templates: only signatures can be offered"));
    }
    Ok(())
}

/// That rules and templates that use it do so for its part.
pub(super) fn check_part(template: &Template, state: &DesignState) -> Result<(), Error> {
    let other_part = |rule: &&Rule| gives(rule, &template.id).is_some_and(|part| part != template.part);
    if let Some(rule) = state.all_rules().find(other_part) {
        let detail = format!("the rule “{}” uses it for another part: change the rule first", rule.name);
        return Err(Error::invalid("part", detail));
    }
    match used_in(state, &template.id).first() {
        Some(user) if template.part != Part::Block => {
            let detail = format!("the template “{}” uses it as a block: change that template first", user.name);
            Err(Error::invalid("part", detail))
        }
        _ => Ok(()),
    }
}

/// The tenant with its blocks' unpublished changes, if the template uses any.
pub(super) async fn with_blocks(
    app: &AppState,
    tenant: Arc<Tenant>,
    template: &Template,
) -> Result<Arc<Tenant>, Error> {
    let used = blocks_of(template);
    if used.is_empty() {
        return Ok(tenant);
    }
    let state = app.store.design_state(&tenant.id).await?;
    let unpublished = state.templates.iter().filter_map(|entry| Some(entry.unpublished.as_ref()?.document.clone()));
    let templates = unpublished.filter(|one| one.part == Part::Block && used.contains(&one.id)).collect();
    Ok(Arc::new(tenant.trying(Changes { templates, ..Changes::default() })))
}
