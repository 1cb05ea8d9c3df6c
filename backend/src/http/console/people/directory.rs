//! People: a page at a time, all as CSV, and adding one.

use super::person;
use crate::directory::guard;
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadPeople, WritePeople};
use crate::http::request::io::{Created, Csv, Query};
use crate::http::{Body, Error};
use crate::random;
use crate::store::{self, ChangeError, PersonRecord, all_fields};
use crate::tenant::{Page, Search, Tenant};
use ::api::console::{MAX_PAGE, NewPerson, People, PeopleQuery, PersonDetail, PersonKind, PersonRow, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use email_signature::Address;
use futures_util::stream;
use std::convert::Infallible;
use std::sync::Arc;

/// Longest search, in characters.
const MAX_SEARCH: usize = 200;
/// Rows on a page unless said.
const USUAL_PAGE: u32 = 50;
/// Rows of an export that are written at once.
const PORTION: usize = 500;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    ApiRouter::new()
        .api_route(
            paths::PEOPLE,
            get_with(list, doc("People", "People, a page at a time")).post_with(add, doc("People", "Adds a person")),
        )
        .api_route(paths::PEOPLE_EXPORT, get_with(export, doc("People", "People as CSV")))
}

async fn list(
    State(app): State<Arc<AppState>>,
    access: Access<ReadPeople>,
    Query(query): Query<PeopleQuery>,
) -> Result<Json<People>, Error> {
    let limit = page_size(query.limit)?;
    let tenant = access.tenant;
    let page = search(&app, Arc::clone(&tenant), query, limit).await?;
    let people = page.people.iter().map(|record| row(&tenant, record)).collect();
    Ok(Json(People { people, total: page.total as u64 }))
}

/// How many rows to give.
pub(in crate::http::console) fn page_size(limit: Option<u32>) -> Result<usize, Error> {
    let limit = limit.unwrap_or(USUAL_PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Error::invalid("limit", format!("write 1 to {MAX_PAGE}")));
    }
    Ok(limit as usize)
}

/// That a search is not longer than anything it could find.
pub(in crate::http::console) fn check_search(search: &str) -> Result<(), Error> {
    if search.chars().count() > MAX_SEARCH {
        return Err(Error::invalid("search", format!("write at most {MAX_SEARCH} characters")));
    }
    Ok(())
}

async fn search(app: &AppState, tenant: Arc<Tenant>, query: PeopleQuery, limit: usize) -> Result<Page, Error> {
    check_search(&query.search)?;
    let sort = query.sort.as_deref().unwrap_or("name");
    let known = matches!(sort, "name" | "address");
    if !known && all_fields(tenant.fields()).iter().all(|field| field.token != sort) {
        return Err(Error::invalid("sort", "write name, address or a field's token"));
    }
    // The first search after a change makes an index, which takes a while with 100,000 people.
    let found = app.work.run(move || {
        tenant.index().search(&Search {
            words: &query.search,
            group: query.group.as_deref(),
            kind: query.kind,
            sort: query.sort.as_deref().unwrap_or_default(),
            descending: query.descending,
            offset: query.offset as usize,
            limit,
        })
    });
    found.await
}

fn row(tenant: &Tenant, record: &PersonRecord) -> PersonRow {
    let mut groups: Vec<_> = record.groups.iter().filter_map(|id| tenant.group_name(id)).map(str::to_owned).collect();
    groups.sort();
    PersonRow {
        id: record.id.to_string(),
        name: record.name().to_owned(),
        address: record.address().to_owned(),
        kind: person::kind(record.shared),
        fields: record.fields.iter().map(|(token, value)| (token.to_owned(), value.to_owned())).collect(),
        groups,
    }
}

async fn add(
    State(app): State<Arc<AppState>>,
    access: Access<WritePeople>,
    Body(new): Body<NewPerson>,
) -> Result<Created<PersonDetail>, Error> {
    let address = Address::parse(&new.address).map_err(|error| Error::invalid("address", error.to_string()))?;
    let fields = all_fields(access.tenant.fields());
    for (token, value) in &new.fields {
        person::check_field(&fields, access.role, token, Some(value))?;
    }
    let (tenant, id) = (&access.tenant.id, random::id());
    let shared = new.kind == PersonKind::SharedMailbox;
    let somebody = store::NewPerson { id: &id, address: &address, shared, fields: &new.fields };
    let added = app.store.add_person(tenant, somebody, access.by(&app)).await;
    added.map_err(|error| match error {
        taken @ ChangeError::Taken { .. } => Error::Taken { detail: taken.to_string(), field: "address".into() },
        other => other.into(),
    })?;
    app.tenants.forget(&access.tenant);
    let data = app.store.person_data(tenant, &id).await?.ok_or(Error::NotFound)?;
    Ok(Created(person::to_wire(data, access.role)))
}

async fn export(
    State(app): State<Arc<AppState>>,
    access: Access<ReadPeople>,
    Query(query): Query<PeopleQuery>,
) -> Result<Csv, Error> {
    let tenant = access.tenant;
    let query = PeopleQuery { offset: 0, ..query };
    let page = search(&app, Arc::clone(&tenant), query, usize::MAX).await?;
    let tokens: Vec<String> = all_fields(tenant.fields()).into_iter().map(|field| field.token).collect();
    let head = csv_lines(std::iter::once(std::iter::once("address").chain(tokens.iter().map(String::as_str))));
    let mut first = "\u{feff}".as_bytes().to_vec();
    first.extend(head);
    let people = Arc::new(page.people);
    let portions = (0..people.len()).step_by(PORTION).map(move |start| {
        let end = people.len().min(start + PORTION);
        csv_lines(people[start..end].iter().map(|record| {
            let values = tokens.iter().map(|token| record.fields.get(token).unwrap_or_default());
            std::iter::once(record.address()).chain(values)
        }))
    });
    let lines = std::iter::once(first).chain(portions).map(Ok::<_, Infallible>);
    Ok(Csv { name: "people.csv".into(), body: axum::body::Body::from_stream(stream::iter(lines)) })
}

/// RFC 4180, and nothing that a spreadsheet would run.
pub(in crate::http::console) fn csv_lines<'a>(lines: impl Iterator<Item = impl Iterator<Item = &'a str>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for line in lines {
        // Memory gives no errors.
        let _ = writer.write_record(line.map(|cell| guard(cell).into_owned()));
    }
    writer.into_inner().unwrap_or_default()
}
