//! Who gets what on a date, and why; and what unpublished changes would change for each person.

use crate::console::Picked;
use crate::{BodyFormat, Kind, Signature};
use email_signature::Problem;
use serde::{Deserialize, Serialize};

/// The draft to evaluate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Occasion {
    /// Kind of draft: new, reply, forward or appointment.
    pub kind: Kind,
    /// Addresses in To, Cc and Bcc, at most 100.
    #[serde(default)]
    pub recipients: Vec<String>,
    /// The subject.
    #[serde(default)]
    pub subject: String,
    /// The body's format.
    #[serde(default)]
    pub format: BodyFormat,
    /// Time at which rules are evaluated, in milliseconds UTC; absent: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<i64>,
}

/// Asks what a person gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Simulate {
    /// Person id.
    pub person: String,
    /// Address in From; absent: the person's primary address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The draft.
    pub occasion: Occasion,
    /// Unpublished changes to include.
    #[serde(default)]
    pub changes: Picked,
}

/// What a person gets, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Simulated {
    /// The signature, with hosted images.
    pub signature: Signature,
    /// Templates that the signature is made of.
    pub parts: PartNames,
    /// Problems with the signature.
    pub problems: Vec<Problem>,
}

/// The templates of a signature; an absent part is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PartNames {
    /// Name of the signature template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Name of the campaign template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// Name of the disclaimer template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclaimer: Option<String>,
}

/// Asks what everyone gets, and what unpublished changes would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Compare {
    /// The draft to evaluate for everyone.
    pub occasion: Occasion,
    /// Unpublished changes to include; none: only what everyone gets from what is published.
    #[serde(default)]
    pub changes: Picked,
}

/// A comparison, which runs on the server. A tenant's last 20 are kept, for two days at most. The result reflects the
/// templates, rules and people at the time it ran. It runs again on a server that does not have the result in memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Comparison {
    /// Comparison id.
    pub id: String,
    /// How many people and mailboxes have been compared.
    pub done: u64,
    /// Total number of people and mailboxes.
    pub total: u64,
    /// Whether the comparison is finished.
    pub finished: bool,
    /// How many get something different afterwards.
    pub affected: u64,
    /// How many get new problems afterwards.
    pub new_problems: u64,
    /// How many people get which templates, the most frequent first; at most 100.
    pub combinations: Vec<Combination>,
    /// Groups of the affected people, with the number of them in each, the largest first; at most 100.
    pub groups: Vec<AffectedGroup>,
}

/// Templates that people get together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Combination {
    /// The templates.
    pub parts: PartNames,
    /// How many people get them now.
    pub before: u64,
    /// How many get them afterwards.
    pub after: u64,
}

/// How many members of a group are affected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AffectedGroup {
    /// Group id.
    pub id: String,
    /// Name of the group.
    pub name: String,
    /// How many members of the group are affected.
    pub affected: u64,
}

/// Filter for a comparison's people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ComparedQuery {
    /// Only people who get something different.
    pub affected: bool,
    /// Only members of this group, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Only people who get this combination of templates afterwards: its index in [`Comparison::combinations`], from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gets: Option<u32>,
    /// Words that must all occur in the name or address. At most 200 characters.
    pub search: String,
    /// How many to skip.
    pub offset: u32,
    /// How many to return, 50 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = crate::console::MAX_PAGE)))]
    pub limit: Option<u32>,
}

/// A page of a comparison's people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ComparedPeople {
    /// People, sorted by name.
    pub people: Vec<Compared>,
    /// Number of people with these filters.
    pub total: u64,
}

/// A person in a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Compared {
    /// Person id.
    pub id: String,
    /// Name of the person.
    pub name: String,
    /// Address of the person.
    pub address: String,
    /// Templates that the person gets now.
    pub before: PartNames,
    /// Templates that the person gets afterwards.
    pub after: PartNames,
    /// Whether the person gets something different, even if only the text of the same templates changes.
    pub affected: bool,
}

/// What a person gets, now and afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BeforeAfter {
    /// Signature now.
    pub before: Simulated,
    /// Signature with the changes.
    pub after: Simulated,
}
