//! Groups, with how many are in each.

use super::directory::{check_search, page_size};
use crate::http::AppState;
use crate::http::Error;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadPeople};
use crate::http::request::io::Query;
use crate::tenant::fold;
use ::api::console::{Group, Groups, GroupsQuery, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    ApiRouter::new().api_route(paths::GROUPS, get_with(list, doc("People", "Groups, a page at a time")))
}

async fn list(
    State(app): State<Arc<AppState>>,
    access: Access<ReadPeople>,
    Query(query): Query<GroupsQuery>,
) -> Result<Json<Groups>, Error> {
    let limit = page_size(query.limit)?;
    check_search(&query.search)?;
    let tenant = access.tenant;
    let found = app.work.run(move || {
        let words = fold(query.search.trim());
        let named = tenant.groups().iter().map(|(id, name)| (fold(name), id, name));
        let has_address = |id: &str| tenant.group_addresses(id).any(|address| address.contains(&words));
        let mut found: Vec<_> = named.filter(|(folded, id, _)| folded.contains(&words) || has_address(id)).collect();
        found.sort();
        let total = found.len() as u64;
        let page = found.into_iter().skip(query.offset as usize).take(limit);
        let group = |(_, id, name): (String, &String, &String)| Group {
            id: id.clone(),
            name: name.clone(),
            addresses: tenant.group_addresses(id).map(str::to_owned).collect(),
            members: tenant.index().members(id) as u64,
        };
        Groups { groups: page.map(group).collect(), total }
    });
    Ok(Json(found.await?))
}
