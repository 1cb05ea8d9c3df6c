//! People and groups.

use crate::console::Source;
use crate::{BodyFormat, Kind, Signature};
use email_signature::Problem;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Filter and order for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PeopleQuery {
    /// Words that must all occur in a name, an address or a value, in any case. At most 200 characters.
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
    /// Whether to sort in descending order.
    pub descending: bool,
    /// How many to skip.
    pub offset: u32,
    /// How many to return, 50 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = crate::console::MAX_PAGE)))]
    pub limit: Option<u32>,
}

/// Kind of mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PersonKind {
    /// A person who signs in.
    Person,
    /// A mailbox that people send from.
    SharedMailbox,
}

/// A page of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct People {
    /// People, at most the limit.
    pub people: Vec<PersonRow>,
    /// Number of people with this search and these filters.
    pub total: u64,
}

/// A person in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonRow {
    /// Person id.
    pub id: String,
    /// Display name; the address if there is none.
    pub name: String,
    /// Primary address.
    pub address: String,
    /// Person or shared mailbox.
    pub kind: PersonKind,
    /// Values in effect, by the field's token.
    pub fields: BTreeMap<String, String>,
    /// Names of the person's groups, sorted.
    pub groups: Vec<String>,
}

/// Adds a person by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// Primary address.
    pub address: String,
    /// Person or shared mailbox.
    pub kind: PersonKind,
    /// Values of source `manual`, by the field's token.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// Everything about a person. A change names this answer's `ETag` in `If-Match`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonDetail {
    /// Person id.
    pub id: String,
    /// Display name; the address if there is none.
    pub name: String,
    /// Primary address.
    pub address: String,
    /// Person or shared mailbox.
    pub kind: PersonKind,
    /// Other addresses of the person.
    pub aliases: Vec<String>,
    /// Entra object id, once the person is linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oid: Option<String>,
    /// Groups of the person, sorted by name.
    pub groups: Vec<Group>,
    /// Mailboxes that the person may send from.
    pub may_send_as: Vec<PersonLink>,
    /// Who may send from this mailbox.
    pub senders: Vec<PersonLink>,
    /// Every field, in the admin's order, with every source's value.
    pub fields: Vec<FieldDetail>,
}

/// A link to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonLink {
    /// Person id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Primary address.
    pub address: String,
}

/// A field of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldDetail {
    /// The field's token.
    pub token: String,
    /// Label that people see.
    pub label: String,
    /// Value in effect; empty if there is none.
    pub value: String,
    /// Source of the value in effect; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Values of every source, the highest precedence first.
    pub values: Vec<SourceValue>,
    /// Whether an admin's value is locked and so also overrides the person's own value.
    pub locked: bool,
    /// Whether the requesting account may edit the field.
    pub may_edit: bool,
}

/// The value from one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceValue {
    /// The source.
    pub source: Source,
    /// Value from the source.
    pub value: String,
}

/// Changes to a person by an admin or editor; absent properties stay unchanged. With `If-Match`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonChanges {
    /// Values by the field's token; `null` removes the value, so that those of the other sources apply.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Option<Override>>,
    /// Other addresses of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliases: Option<Vec<String>>,
    /// Ids of people who may send from this mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub senders: Option<Vec<String>>,
    /// Ids of the person's groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
}

/// An admin's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The value; an empty value shows nothing.
    #[cfg_attr(feature = "schema", schemars(length(max = crate::MAX_FIELD)))]
    pub value: String,
    /// Whether the value also overrides the person's own value.
    #[serde(default)]
    pub locked: bool,
}

/// The draft for which to show the signature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SignatureQuery {
    /// Kind of draft, `new` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Format of the body, `html` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<BodyFormat>,
    /// A recipient's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// The signature that a person gets now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonSignature {
    /// The signature as the add-in would get it.
    pub signature: Signature,
    /// Problems with the signature.
    pub problems: Vec<Problem>,
}

/// Which phone numbers to return.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct NumbersQuery {
    /// How many to skip.
    pub offset: u32,
    /// How many to return, 50 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = crate::console::MAX_PAGE)))]
    pub limit: Option<u32>,
}

/// A page of phone numbers that cannot be dialled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BadNumbers {
    /// Numbers, sorted by the person's name.
    pub numbers: Vec<BadNumber>,
    /// Number of phone numbers that cannot be dialled.
    pub total: u64,
}

/// A phone number that cannot be dialled, or only from some places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BadNumber {
    /// The person whose number it is.
    pub person: PersonLink,
    /// Token of the field.
    pub token: String,
    /// Label of the field.
    pub label: String,
    /// The number as it was typed.
    pub value: String,
    /// What links dial now; empty: nothing.
    pub dialled: String,
    /// What is wrong, in one sentence.
    pub problem: String,
}

/// Filter for groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct GroupsQuery {
    /// Text that occurs in the name, in any case. At most 200 characters.
    pub search: String,
    /// How many to skip.
    pub offset: u32,
    /// How many to return, 50 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = crate::console::MAX_PAGE)))]
    pub limit: Option<u32>,
}

/// A page of groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Groups {
    /// Groups, sorted by name.
    pub groups: Vec<Group>,
    /// Number of groups with this search.
    pub total: u64,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Group {
    /// Group id.
    pub id: String,
    /// Name of the group.
    pub name: String,
    /// Mail addresses of the group: a recipient with one of them counts as its members. Absent if there are none, and in the
    /// groups of one person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// Number of members.
    pub members: u64,
}
