//! People and groups.

use crate::console::Source;
use crate::{BodyFormat, Kind, Signature};
use email_signature::Problem;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which people, in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PeopleQuery {
    /// Words that must all occur in a name, an address or a value; any case. At most 200 characters.
    pub search: String,
    /// Only members of this group, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Only people, or only shared mailboxes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<PersonKind>,
    /// What to sort by: `name`, `address`, or a field's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Whether the last comes first.
    pub descending: bool,
    /// How many to skip.
    pub offset: u32,
    /// How many to give, 50 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = crate::console::MAX_PAGE)))]
    pub limit: Option<u32>,
}

/// What somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PersonKind {
    /// Somebody who signs in.
    Person,
    /// A mailbox that people send from.
    SharedMailbox,
}

/// A page of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct People {
    /// At most the limit.
    pub people: Vec<PersonRow>,
    /// How many there are with this search and these filters.
    pub total: u64,
}

/// Somebody in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonRow {
    /// Their id.
    pub id: String,
    /// Display name; the address where there is none.
    pub name: String,
    /// Primary address.
    pub address: String,
    /// What they are.
    pub kind: PersonKind,
    /// The values in effect, by token.
    pub fields: BTreeMap<String, String>,
    /// Names of their groups, by name.
    pub groups: Vec<String>,
}

/// Adds somebody by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// Primary address.
    pub address: String,
    /// What they are.
    pub kind: PersonKind,
    /// Values of source `manual`, by token.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// Everything about somebody. Its `ETag` is what `If-Match` names in a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonDetail {
    /// Their id.
    pub id: String,
    /// Display name; the address where there is none.
    pub name: String,
    /// Primary address.
    pub address: String,
    /// What they are.
    pub kind: PersonKind,
    /// Other addresses of theirs.
    pub aliases: Vec<String>,
    /// The Entra object id, once they are linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oid: Option<String>,
    /// Their groups, by name.
    pub groups: Vec<Group>,
    /// Mailboxes that they may send from.
    pub may_send_as: Vec<PersonLink>,
    /// Who may send from this mailbox.
    pub senders: Vec<PersonLink>,
    /// Every field, in the admin's order, with every source's value.
    pub fields: Vec<FieldDetail>,
}

/// Somebody, to go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonLink {
    /// Their id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Primary address.
    pub address: String,
}

/// A field of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldDetail {
    /// The field's token.
    pub token: String,
    /// What people see.
    pub label: String,
    /// The value in effect; empty when there is none.
    pub value: String,
    /// Where it comes from; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Every source's value, the highest precedence first.
    pub values: Vec<SourceValue>,
    /// Whether an admin's value is locked: then it wins over the person's own, too.
    pub locked: bool,
    /// Whether the asking account may edit it.
    pub may_edit: bool,
}

/// What one source says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceValue {
    /// The source.
    pub source: Source,
    /// Its value.
    pub value: String,
}

/// Changes of somebody by an admin or editor; what is absent stays. With `If-Match`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonChanges {
    /// By token; `null` restores what the other sources say.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Option<Override>>,
    /// Other addresses of theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliases: Option<Vec<String>>,
    /// Ids of who may send from this mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub senders: Option<Vec<String>>,
    /// Ids of their groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
}

/// An admin's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The value; empty means: show nothing.
    #[cfg_attr(feature = "schema", schemars(length(max = crate::MAX_FIELD)))]
    pub value: String,
    /// Whether it wins over the person's own value, too.
    #[serde(default)]
    pub locked: bool,
}

/// For which draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SignatureQuery {
    /// `new` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// `html` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<BodyFormat>,
    /// A recipient's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// The signature that somebody gets now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonSignature {
    /// As the add-in would get it.
    pub signature: Signature,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// Which groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct GroupsQuery {
    /// Occurs in the name; any case. At most 200 characters.
    pub search: String,
    /// How many to skip.
    pub offset: u32,
    /// How many to give, 50 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = crate::console::MAX_PAGE)))]
    pub limit: Option<u32>,
}

/// A page of groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Groups {
    /// By name.
    pub groups: Vec<Group>,
    /// How many there are.
    pub total: u64,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many are in it.
    pub members: u64,
}
