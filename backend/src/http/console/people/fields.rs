//! Fields: which there are, in which order, who edits them, whose value wins.

use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadFields, WriteFields};
use crate::http::request::io::{IfMatch, Tagged, etag_of};
use crate::http::{Body, Error, Place};
use crate::store::{self, Source, all_fields, check_token, is_built_in};
use crate::tenant::Tenant;
use ::api::console::{FieldDefinition, Fields, MAX_FIELDS, MAX_NAME, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use email_signature::BUILT_IN_FIELDS;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Longest token.
const MAX_TOKEN: usize = 60;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Fields";
    ApiRouter::new().api_route(
        paths::FIELDS,
        get_with(show, doc(tag, "Every field, in the admin's order"))
            .put_with(replace, doc(tag, "Replaces the list; a removed field's values stay stored but are not used")),
    )
}

async fn show(State(app): State<Arc<AppState>>, access: Access<ReadFields>) -> Result<Tagged<Fields>, Error> {
    describe(access.tenant, app.work.place()?).await
}

async fn describe(tenant: Arc<Tenant>, place: Place) -> Result<Tagged<Fields>, Error> {
    let fields = place.run(move || {
        let counts = tenant.index().values();
        let wire = |field: store::FieldDefinition| FieldDefinition {
            built_in: is_built_in(&field.token),
            people: counts.get(&field.token).copied().unwrap_or_default(),
            token: field.token,
            label: field.label,
            edited_by: field.edited_by.into(),
            precedence: field.precedence.into_iter().map(Into::into).collect(),
        };
        let fields = all_fields(tenant.fields());
        let tag = tag(&fields);
        Tagged::by(Fields { fields: fields.into_iter().map(wire).collect() }, &tag)
    });
    fields.await
}

/// What the `ETag` is made from: how many people have a value does not count.
fn tag(fields: &[store::FieldDefinition]) -> impl Serialize + use<> {
    let one = |field: &store::FieldDefinition| {
        (field.token.clone(), field.label.clone(), field.edited_by.as_str(), field.precedence.clone())
    };
    fields.iter().map(one).collect::<Vec<_>>()
}

async fn replace(
    State(app): State<Arc<AppState>>,
    access: Access<WriteFields>,
    version: IfMatch,
    Body(wanted): Body<Fields>,
) -> Result<Tagged<Fields>, Error> {
    let wanted = checked(wanted)?;
    let is_current = |before: &[store::FieldDefinition]| {
        if version.names(&etag_of(&tag(before))) { Ok(()) } else { Err(Error::Changed) }
    };
    let place = app.work.place()?;
    app.store.replace_fields(&access.tenant.id, &wanted, is_current, access.by(&app)).await?;
    app.tenants.forget(&access.tenant);
    let tenant = app.tenants.get(&access.tenant.id).await?.ok_or(Error::NotFound)?;
    describe(tenant, place).await
}

fn checked(wanted: Fields) -> Result<Vec<store::FieldDefinition>, Error> {
    let tokens: BTreeSet<&str> = wanted.fields.iter().map(|field| field.token.as_str()).collect();
    if let Some((token, label)) =
        BUILT_IN_FIELDS.iter().find(|(token, _)| is_built_in(token) && !tokens.contains(token))
    {
        return Err(Error::invalid(
            "fields",
            format!("{label} ({token}) is built in and cannot be removed: add it again"),
        ));
    }
    if wanted.fields.iter().filter(|field| !is_built_in(&field.token)).count() > MAX_FIELDS {
        return Err(Error::invalid("fields", format!("write at most {MAX_FIELDS} custom fields")));
    }
    let mut seen = BTreeSet::new();
    let mut checked = Vec::with_capacity(wanted.fields.len());
    for (at, field) in wanted.fields.into_iter().enumerate() {
        let wrong = |part: &str, detail: &str| Error::invalid(format!("fields[{at}].{part}"), detail);
        check_token(&field.token).map_err(|detail| wrong("token", detail))?;
        if ["name", "address", "kind"].contains(&field.token.as_str()) {
            return Err(wrong("token", "this name already has another meaning: write a different one"));
        }
        if field.token.len() > MAX_TOKEN {
            return Err(wrong("token", &format!("write at most {MAX_TOKEN} characters")));
        }
        if !seen.insert(field.token.clone()) {
            return Err(wrong("token", "another field already has this token: write a different one"));
        }
        let label = field.label.trim().to_owned();
        if label.is_empty() || label.chars().count() > MAX_NAME || label.contains(char::is_control) {
            return Err(wrong("label", &format!("write 1 to {MAX_NAME} characters")));
        }
        let sources: BTreeSet<_> = field.precedence.iter().collect();
        if sources.len() != Source::ALL.len() || field.precedence.len() != Source::ALL.len() {
            return Err(wrong("precedence", "write every source once, the highest precedence first"));
        }
        let store = store::FieldDefinition {
            token: field.token,
            label,
            edited_by: field.edited_by.into(),
            precedence: field.precedence.into_iter().map(Into::into).collect(),
        };
        checked.push(store);
    }
    Ok(checked)
}
