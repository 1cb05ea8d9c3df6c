//! One person: everything about them, changes, and the signature that they get now.

use crate::directory::check_value;
use crate::http::AppState;
use crate::http::addin::signature;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadPeople, WritePeople};
use crate::http::request::io::{IfMatch, Query, Tagged, etag_of};
use crate::http::{Body, Error};
use crate::signing::{read_draft, select_for};
use crate::store::{ByHand, ChangeError, FieldDefinition, LinkData, PersonChange, PersonData, PersonKey, Role};
use ::api::console::{
    FieldDetail, Group, PersonChanges, PersonDetail, PersonKind, PersonLink, PersonSignature, SignatureQuery,
    SourceValue, paths,
};
use ::api::{BodyFormat, Draft, Kind, Recipient, RecipientType};
use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use axum::response::NoContent;
use email_signature::Address;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most other addresses of one person: what Exchange Online allows.
const MAX_ALIASES: usize = 400;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "People";
    ApiRouter::new()
        .api_route(
            paths::PERSON,
            get_with(show, doc(tag, "Everything about a person"))
                .patch_with(change, doc(tag, "Changes a person"))
                .delete_with(delete, doc(tag, "Deletes a person")),
        )
        .api_route(paths::PERSON_SIGNATURE, get_with(signature_now, doc(tag, "The signature that a person gets now")))
}

async fn show(State(app): State<Arc<AppState>>, access: Access<ReadPeople>) -> Result<Tagged<PersonDetail>, Error> {
    let data = app.store.person_data(&access.tenant.id, access.part("person")).await?.ok_or(Error::NotFound)?;
    Ok(tagged(data, access.role))
}

/// With the `ETag` of what can be changed here.
fn tagged(data: PersonData, role: Role) -> Tagged<PersonDetail> {
    let tag = tag(&data);
    Tagged::by(to_wire(data, role), &tag)
}

/// What the `ETag` is made from: other people's changes, such as a group's size, do not count.
fn tag(data: &PersonData) -> impl Serialize + use<> {
    let values = data.values.iter().map(|value| (value.token.clone(), value.source, value.value.clone(), value.locked));
    let groups = data.groups.iter().map(|group| group.id.clone());
    let senders = data.senders.iter().map(|link| link.id.clone());
    (
        (data.id.clone(), data.oid.clone(), data.addresses.clone()),
        values.collect::<Vec<_>>(),
        groups.collect::<Vec<_>>(),
        senders.collect::<Vec<_>>(),
    )
}

async fn change(
    State(app): State<Arc<AppState>>,
    access: Access<WritePeople>,
    version: IfMatch,
    Body(changes): Body<PersonChanges>,
) -> Result<Tagged<PersonDetail>, Error> {
    let key = PersonKey { tenant: &access.tenant.id, person: access.part("person") };
    let role = access.role;
    let change = parse(changes)?;
    let check = |data: &PersonData| {
        if !version.names(&etag_of(&tag(data))) {
            return Err(Error::Changed);
        }
        let values = |value: &ByHand| value.value.clone();
        change.fields.iter().try_for_each(|(token, value)| {
            check_field(&data.fields, role, token, value.as_ref().map(values).as_deref())
        })
    };
    app.store.change_person(key, &change, check, access.by(&app)).await?;
    app.tenants.forget(&access.tenant);
    let data = app.store.person_data(key.tenant, key.person).await?.ok_or(Error::NotFound)?;
    Ok(tagged(data, role))
}

fn parse(changes: PersonChanges) -> Result<PersonChange, Error> {
    let aliases = changes.aliases.map(|aliases| {
        if aliases.len() > MAX_ALIASES {
            return Err(Error::invalid("aliases", format!("write at most {MAX_ALIASES} addresses")));
        }
        let mut seen = BTreeSet::new();
        let parse = |(at, text): (usize, &String)| {
            let wrong = |detail: String| Error::invalid(format!("aliases[{at}]"), detail);
            let address = Address::parse(text).map_err(|error| wrong(error.to_string()))?;
            if !seen.insert(address.as_str().to_owned()) {
                return Err(wrong("this address occurs twice: remove one".into()));
            }
            Ok(address)
        };
        aliases.iter().enumerate().map(parse).collect::<Result<Vec<_>, Error>>()
    });
    Ok(PersonChange {
        fields: changes.fields.into_iter().map(|(token, value)| (token, value.map(Into::into))).collect(),
        aliases: aliases.transpose()?,
        senders: changes.senders,
        groups: changes.groups,
    })
}

/// That a field is there, that a role may edit it, and that it can hold the value.
pub(in crate::http::console) fn check_field(
    fields: &[FieldDefinition],
    role: Role,
    token: &str,
    value: Option<&str>,
) -> Result<(), Error> {
    let at = format!("fields.{token}");
    let Some(field) = fields.iter().find(|field| field.token == token) else {
        return Err(Error::invalid(at, "there is no such field: GET the fields to see the list"));
    };
    if !field.may_edit(role) {
        let detail = format!("only admins may edit {}: ask one", field.label);
        return Err(Error::Forbidden { detail, field: Some(at) });
    }
    value.map_or(Ok(()), check_value).map_err(|detail| Error::invalid(at, detail))
}

async fn delete(State(app): State<Arc<AppState>>, access: Access<WritePeople>) -> Result<NoContent, Error> {
    let key = PersonKey { tenant: &access.tenant.id, person: access.part("person") };
    app.store.delete_person(key, access.by(&app)).await?;
    app.tenants.forget(&access.tenant);
    Ok(NoContent)
}

/// What somebody is.
pub(in crate::http::console) fn kind(shared: bool) -> PersonKind {
    if shared { PersonKind::SharedMailbox } else { PersonKind::Person }
}

/// A person as the console shows them to somebody with this role.
pub(in crate::http::console) fn to_wire(data: PersonData, role: Role) -> PersonDetail {
    let field = |field: &FieldDefinition| {
        let effective = data.effective(&field.token).filter(|value| !value.value.is_empty());
        let values = data.values_of(&field.token);
        FieldDetail {
            token: field.token.clone(),
            label: field.label.clone(),
            value: effective.map(|value| value.value.clone()).unwrap_or_default(),
            source: effective.map(|value| value.source.into()),
            values: values
                .map(|value| SourceValue { source: value.source.into(), value: value.value.clone() })
                .collect(),
            locked: data.values_of(&field.token).any(|value| value.locked),
            may_edit: field.may_edit(role),
        }
    };
    let fields = data.fields.iter().map(field).collect();
    let link = |link: LinkData| PersonLink { id: link.id, name: link.name, address: link.address };
    let name = data.name().to_owned();
    let mut addresses = data.addresses.into_iter();
    PersonDetail {
        id: data.id,
        name,
        address: addresses.next().unwrap_or_default(),
        kind: kind(data.shared),
        aliases: addresses.collect(),
        oid: data.oid,
        groups: data
            .groups
            .into_iter()
            .map(|group| Group {
                id: group.id,
                name: group.name,
                addresses: Vec::new(),
                members: u64::try_from(group.members).unwrap_or(0),
            })
            .collect(),
        may_send_as: data.may_send_as.into_iter().map(link).collect(),
        senders: data.senders.into_iter().map(link).collect(),
        fields,
    }
}

impl From<ChangeError> for Error {
    fn from(error: ChangeError) -> Self {
        let detail = error.to_string();
        match error {
            ChangeError::Taken { .. } => Self::Taken { detail, field: "aliases".into() },
            ChangeError::NoGroup(_) => Self::invalid("groups", detail),
            ChangeError::NoSender(_) => Self::invalid("senders", detail),
            ChangeError::Store(error) => error.into(),
        }
    }
}

async fn signature_now(
    State(app): State<Arc<AppState>>,
    access: Access<ReadPeople>,
    Query(query): Query<SignatureQuery>,
) -> Result<Json<PersonSignature>, Error> {
    let tenant = &access.tenant;
    let person = tenant.record(access.part("person")).ok_or(Error::NotFound)?.person();
    let recipient = |address| Recipient { address, kind: RecipientType::default() };
    let draft = Draft {
        kind: query.kind.unwrap_or(Kind::New),
        from: None,
        recipients: query.to.filter(|to| !to.is_empty()).map(recipient).into_iter().collect(),
        recipients_unread: false,
        format: query.format.unwrap_or(BodyFormat::Html),
        subject: String::new(),
        time_zone: None,
        platform: None,
        version: None,
        choice: None,
        explain: true,
        weather: Vec::new(),
    };
    let draft = read_draft(tenant, &person, &draft).map_err(|mut errors| {
        for error in &mut errors {
            error.field = Some("to".into());
        }
        Error::Invalid(errors)
    })?;
    let signed = select_for(tenant, &person, &draft, None, app.clock.now_ms())?.fill_explained();
    let problems = signed.signature.problems.clone();
    Ok(Json(PersonSignature { signature: signature::to_wire(signed), problems }))
}
