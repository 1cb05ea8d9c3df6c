//! What people type into their own fields, tried out before it is saved.

use super::signature_for;
use crate::tenant::Tenant;
use email_signature::{BodyFormat, Draft, Kind, NO_ADDRESS, Person, Recipient, RecipientType};

/// Whether a signature of `person` has a link that leads to the value of the field `token`, and `value` is no address that a
/// link can lead to: then the link would be missing.
pub fn breaks_link(tenant: &Tenant, person: &Person, token: &str, value: &str, now_ms: i64) -> bool {
    let mut changed = person.clone();
    changed.fields.insert(token.to_owned(), value.to_owned());
    let broken = |person: &Person, draft: &Draft| {
        let signed = signature_for(tenant, person, draft, None, now_ms);
        let problems = signed.map(|signed| signed.signature.problems).unwrap_or_default();
        problems.into_iter().filter(|problem| problem.detail.contains(NO_ADDRESS)).collect::<Vec<_>>()
    };
    occasions(person).iter().any(|draft| {
        let before = broken(person, draft);
        broken(&changed, draft).iter().any(|problem| !before.contains(problem))
    })
}

/// Every kind of draft, to nobody yet and to somebody outside.
fn occasions(person: &Person) -> Vec<Draft> {
    let kinds = [Kind::New, Kind::Reply, Kind::Forward, Kind::Appointment];
    let draft = |kind, recipients| Draft {
        kind,
        from: person.address.clone(),
        recipients,
        format: BodyFormat::Html,
        subject: String::new(),
        time_zone: None,
    };
    let outside = || vec![Recipient::unread(RecipientType::ExternalUser)];
    kinds.into_iter().flat_map(|kind| [draft(kind, Vec::new()), draft(kind, outside())]).collect()
}
