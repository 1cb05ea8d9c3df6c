//! Phone numbers that cannot be dialled.

use crate::store::{FieldDefinition, PersonRecord, all_fields};
use crate::tenant::Tenant;
use email_signature::{PhoneFault, phone_number};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The built-in fields with phone numbers.
const FIELDS: [&str; 3] = ["phone", "mobile", "fax"];

/// A person's number, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct BadNumber {
    /// The person.
    pub person: Arc<PersonRecord>,
    /// The field's token.
    pub token: String,
    /// The field's label.
    pub label: String,
    /// The number as it was typed.
    pub value: String,
    /// What `tel:` links dial; empty: nothing.
    pub dialled: String,
    /// What is wrong.
    pub fault: PhoneFault,
}

/// The numbers that cannot be dialled, or not from everywhere: in the built-in fields, and in those that a published template
/// writes as phone numbers. Sorted by the person's name. New numbers take some 50 µs each.
pub fn bad_numbers(tenant: &Tenant) -> Vec<BadNumber> {
    let fields = number_fields(tenant);
    let mut bad: Vec<BadNumber> = tenant.records().flat_map(|record| of_person(record, &fields)).collect();
    bad.sort_by_cached_key(|one| (one.person.name().to_lowercase(), one.person.id.clone()));
    bad
}

/// The fields with phone numbers, in the admin's order.
fn number_fields(tenant: &Tenant) -> Vec<FieldDefinition> {
    let written: BTreeSet<&str> = tenant.number_fields().chain(FIELDS).collect();
    all_fields(tenant.fields()).into_iter().filter(|field| written.contains(&*field.token)).collect()
}

fn of_person(record: &Arc<PersonRecord>, fields: &[FieldDefinition]) -> Vec<BadNumber> {
    let country = record.fields.get("country").unwrap_or_default();
    let bad = fields.iter().filter_map(|field| {
        let value = record.fields.get(&field.token).filter(|value| !value.trim().is_empty())?;
        let number = phone_number(value, country);
        Some(BadNumber {
            fault: number.fault.clone()?,
            person: Arc::clone(record),
            token: field.token.clone(),
            label: field.label.clone(),
            value: value.to_owned(),
            dialled: number.dialled.clone(),
        })
    });
    bad.collect()
}
