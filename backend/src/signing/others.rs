//! What templates use besides the sender's own values: the person signed in, the manager, the brand, and what day it is.

use super::Selected;
use crate::tenant::{BRAND, Tenant};
use email_signature::{Address, CompiledTemplate, PHONE_NUMBERS, Person, numbers_of};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::borrow::Cow;

/// The field with the name of the IANA time zone in which a person's day begins.
const TIME_ZONE: &str = "time_zone";

/// The sender with the values that these templates use, as the core has them: `sender.title`, `manager.title`, `today`.
pub(super) fn with_others<'a>(
    selected: &Selected<'_>,
    sender: Cow<'a, Person>,
    templates: &[&CompiledTemplate],
) -> Cow<'a, Person> {
    let Selected { tenant, user, draft, now_ms, .. } = selected;
    let uses = |name: &str| templates.iter().any(|template| template.uses(name));
    let [is_sender, is_manager, is_brand, is_today] = ["sender", "manager", BRAND, "today"].map(uses);
    if !(is_sender || is_manager || is_brand || is_today) {
        return sender;
    }
    let mut filled = sender.into_owned();
    if is_sender {
        add_sender(tenant, &mut filled, user);
    }
    if is_manager {
        add_manager(tenant, &mut filled);
    }
    if is_brand {
        add_brand(tenant, &mut filled, &draft.from);
    }
    if is_today {
        add_today(&mut filled, *now_ms);
    }
    Cow::Owned(filled)
}

/// A person with everything that any template may use, for templates that are filled elsewhere: for a browser, which has no
/// numbering plans, their phone numbers too.
pub fn preview_person(tenant: &Tenant, person: &Person, now_ms: i64) -> Person {
    let mut filled = tenant.with_made_values(person);
    filled.fields.insert(PHONE_NUMBERS.to_owned(), numbers_of(person));
    add_sender(tenant, &mut filled, person);
    add_manager(tenant, &mut filled);
    add_brand(tenant, &mut filled, &person.address);
    add_today(&mut filled, now_ms);
    filled
}

/// Nobody, where a shared mailbox itself is signed in: who writes from it is not known.
fn add_sender(tenant: &Tenant, to: &mut Person, user: &Person) {
    if !tenant.is_shared(user) {
        add(to, "sender", user);
    }
}

fn add_manager(tenant: &Tenant, to: &mut Person) {
    if let Some(manager) = tenant.manager(to) {
        add(to, "manager", &manager.person());
    }
}

fn add(to: &mut Person, namespace: &str, other: &Person) {
    let values = other.fields.iter().filter(|(token, _)| *token != "email");
    to.fields.extend(values.map(|(token, value)| (format!("{namespace}.{token}"), value.clone())));
    to.fields.insert(format!("{namespace}.email"), other.address.to_string());
}

/// Adds the values of the sender's brand.
fn add_brand(tenant: &Tenant, to: &mut Person, from: &Address) {
    if let Some(brand) = tenant.brands().choose(to, from) {
        to.fields.extend(brand.values().iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}

/// A tenant's own field of that name stays.
fn add_today(to: &mut Person, now_ms: i64) {
    let zone = to.fields.get(TIME_ZONE).and_then(|name| TimeZone::get(name.trim()).ok()).unwrap_or(TimeZone::UTC);
    let now = Timestamp::from_millisecond(now_ms).unwrap_or_default();
    to.fields.entry("today".to_owned()).or_insert_with(|| now.to_zoned(zone).date().to_string());
}
