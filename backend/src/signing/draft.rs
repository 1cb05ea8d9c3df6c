//! A draft from a request: what the core needs to know about it, and its sender.

use super::Refusal;
use crate::tenant::Tenant;
use email_signature::{Address, AddressError, Draft, Person, Recipient, RecipientType};
use std::borrow::Cow;

/// Longest platform, and longest version, as `api::Draft` says.
const MAX_PLATFORM: usize = 40;
/// Longest id of a template that is looked at.
const MAX_CHOICE: usize = 200;

/// What the core needs to know of a draft from the wire: From filled in, addresses parsed, recipients' groups
/// and the members of distribution lists looked up.
///
/// # Errors
/// Every field at fault, named as in the body: `recipients[3].address`.
pub fn read_draft(tenant: &Tenant, user: &Person, draft: &api::Draft) -> Result<Draft, Vec<api::ErrorDetail>> {
    let mut errors = Vec::new();
    let mut wrong = |field: String, detail: String| errors.push(api::ErrorDetail { detail, field: Some(field) });
    let mut too_long = |field: &str, text: Option<&str>, limit: usize| {
        if text.is_some_and(|text| text.chars().count() > limit) {
            wrong(field.to_owned(), format!("at most {limit} characters"));
        }
    };
    too_long("subject", Some(&draft.subject), api::MAX_SUBJECT);
    too_long("time_zone", draft.time_zone.as_deref(), api::MAX_TIME_ZONE);
    too_long("platform", draft.platform.as_deref(), MAX_PLATFORM);
    too_long("version", draft.version.as_deref(), MAX_PLATFORM);
    too_long("choice", draft.choice.as_deref(), MAX_CHOICE);
    if draft.recipients.len() > api::MAX_RECIPIENTS {
        let detail = format!("at most {} recipients, not {}", api::MAX_RECIPIENTS, draft.recipients.len());
        wrong("recipients".to_owned(), detail);
        return Err(errors);
    }
    let from = draft.from.as_deref().map_or_else(|| Ok(user.address.clone()), Address::parse);
    let mut recipients = Vec::with_capacity(draft.recipients.len());
    for (at, recipient) in draft.recipients.iter().enumerate() {
        match Address::parse(&recipient.address) {
            Ok(address) => recipients.extend(tenant.recipients(&address, recipient.kind)),
            Err(error) => wrong(format!("recipients[{at}].address"), error.to_string()),
        }
    }
    if draft.recipients_unread {
        let side = if tenant.unread_external { RecipientType::ExternalUser } else { RecipientType::User };
        recipients.push(Recipient::unread(side));
    }
    let from = from.map_err(|error: AddressError| wrong("from".to_owned(), error.to_string()));
    match from {
        Ok(from) if errors.is_empty() => Ok(Draft {
            kind: draft.kind,
            from,
            recipients,
            format: draft.format,
            subject: draft.subject.clone(),
            time_zone: draft.time_zone.clone(),
        }),
        _ => Err(errors),
    }
}

/// Whom a draft of `user` comes from: themselves, or the mailbox in From when it lets them. With the draft as it is to
/// be signed: an address that is not ours, such as their private account in the same Outlook, counts as their own one,
/// for what a client claims must not end up in a signature of ours.
pub(super) fn sender_of<'a>(
    tenant: &'a Tenant,
    user: &'a Person,
    draft: &'a Draft,
) -> Result<(Cow<'a, Person>, Cow<'a, Draft>), Refusal> {
    if draft.from == user.address || user.aliases.contains(&draft.from) {
        return Ok((Cow::Borrowed(user), Cow::Borrowed(draft)));
    }
    let Some(owner) = tenant.record_by_address(draft.from.as_str()) else {
        if tenant.is_ours(draft.from.domain()) {
            return Err(Refusal::NotYours);
        }
        let draft = Draft { from: user.address.clone(), ..draft.clone() };
        return Ok((Cow::Borrowed(user), Cow::Owned(draft)));
    };
    if tenant.may_send_as(user, &owner.id) {
        Ok((Cow::Owned(owner.person()), Cow::Borrowed(draft)))
    } else {
        Err(Refusal::NotYours)
    }
}
