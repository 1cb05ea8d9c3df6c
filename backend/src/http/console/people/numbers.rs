//! Phone numbers that cannot be dialled, a page at a time.

use super::directory::page_size;
use crate::directory::{BadNumber, bad_numbers};
use crate::http::AppState;
use crate::http::Error;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadPeople};
use crate::http::request::io::Query;
use ::api::console::{BadNumbers, NumbersQuery, PersonLink, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let list = get_with(list, doc("People", "Phone numbers that cannot be dialled, a page at a time"));
    ApiRouter::new().api_route(paths::PHONE_NUMBERS, list)
}

async fn list(
    State(app): State<Arc<AppState>>,
    access: Access<ReadPeople>,
    Query(query): Query<NumbersQuery>,
) -> Result<Json<BadNumbers>, Error> {
    let limit = page_size(query.limit)?;
    let tenant = access.tenant;
    let found = app.work.run(move || {
        let bad = bad_numbers(&tenant);
        let total = bad.len() as u64;
        let page = bad.into_iter().skip(query.offset as usize).take(limit);
        BadNumbers { numbers: page.map(number).collect(), total }
    });
    Ok(Json(found.await?))
}

fn number(bad: BadNumber) -> ::api::console::BadNumber {
    let BadNumber { person, token, label, value, dialled, fault } = bad;
    let (id, name, address) = (person.id.to_string(), person.name().to_owned(), person.address().to_owned());
    let person = PersonLink { id, name, address };
    ::api::console::BadNumber { person, token, label, value, dialled, problem: fault.to_string() }
}
