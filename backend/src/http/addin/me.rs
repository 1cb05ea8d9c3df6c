//! `GET /api/v1/me`: the signed-in person.

use crate::http::{Error, User};
use axum::Json;

pub(in crate::http) async fn handle(user: User) -> Result<Json<api::Me>, Error> {
    Ok(Json(to_wire(&user)))
}

pub(in crate::http) fn to_wire(user: &User) -> api::Me {
    let (tenant, person) = (&user.tenant, user.person());
    let value = |token: &str| person.fields.get(token).filter(|value| !value.is_empty()).cloned();
    let address = person.address.as_str().to_owned();
    let fields = tenant.fields().iter().filter(|field| field.editable()).map(|field| api::Field {
        token: field.token.clone(),
        label: field.label.clone(),
        value: value(&field.token).unwrap_or_default(),
        own: tenant.own_value(&person, &field.token).is_some(),
    });
    api::Me {
        name: value("display_name").unwrap_or_else(|| address.clone()),
        address,
        senders: tenant.senders(&person).into_iter().map(String::from).collect(),
        fields: fields.collect(),
    }
}
