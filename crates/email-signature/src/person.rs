//! Somebody in the directory, as rules and templates see them.

use crate::Address;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A person in the directory, or a shared mailbox: anyone a mail can come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Person {
    /// Stable id within the tenant.
    pub id: String,
    /// Primary address.
    pub address: Address,
    /// Other addresses that the person may send from.
    #[serde(default)]
    pub aliases: Vec<Address>,
    /// Ids of the person's groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Effective value of each field by token, built-in ([`BUILT_IN_FIELDS`]) and custom alike; an absent field and an
    /// empty one are the same. `email` is not kept here: templates see the address that the draft is sent from.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// Tokens and labels of the built-in fields. Every other token is a custom field.
pub const BUILT_IN_FIELDS: &[(&str, &str)] = &[
    ("display_name", "Display name"),
    ("given_name", "Given name"),
    ("surname", "Surname"),
    ("email", "E-mail"),
    ("title", "Job title"),
    ("department", "Department"),
    ("company", "Company"),
    ("office", "Office"),
    ("phone", "Phone"),
    ("mobile", "Mobile"),
    ("fax", "Fax"),
    ("website", "Website"),
    ("street", "Street"),
    ("city", "City"),
    ("state", "State"),
    ("postal_code", "Postal code"),
    ("country", "Country"),
    ("pronouns", "Pronouns"),
    ("photo", "Photo"),
];
