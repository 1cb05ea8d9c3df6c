//! Who gets what on this date, and why; and what unpublished changes would change for whom.

use crate::console::Picked;
use crate::{BodyFormat, Kind, Signature};
use email_signature::Problem;
use serde::{Deserialize, Serialize};

/// The draft to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Occasion {
    /// New, reply, forward or appointment.
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
    /// When, in milliseconds UTC; absent: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<i64>,
}

/// Asks what somebody gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Simulate {
    /// The person, by id.
    pub person: String,
    /// The address in From; absent: their primary one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The draft.
    pub occasion: Occasion,
    /// With these unpublished changes.
    #[serde(default)]
    pub changes: Picked,
}

/// What somebody gets, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Simulated {
    /// With hosted images.
    pub signature: Signature,
    /// The templates that it is made of.
    pub parts: PartNames,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// The templates of a signature; absent: the part is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PartNames {
    /// The signature's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The campaign's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// The disclaimer's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclaimer: Option<String>,
}

/// Asks what everybody gets, and what unpublished changes would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Compare {
    /// The draft that everybody is taken to write.
    pub occasion: Occasion,
    /// The changes; none: only what everybody gets as it is published.
    #[serde(default)]
    pub changes: Picked,
}

/// A comparison, which runs on the server. A tenant's last four are kept, for a day at most. Its outcome is that of the
/// templates, rules and people as they were when it ran, which it does again where nobody has looked at it for half an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Comparison {
    /// Its id.
    pub id: String,
    /// How many people and mailboxes were looked at.
    pub done: u64,
    /// How many there are.
    pub total: u64,
    /// Whether it is finished.
    pub finished: bool,
    /// How many get something else afterwards.
    pub affected: u64,
    /// How many get problems afterwards that they did not have.
    pub new_problems: u64,
    /// Which templates how many people get, the most first; at most 100.
    pub combinations: Vec<Combination>,
    /// The affected ones' groups with how many they are in each, the most first; at most 100.
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

/// How many of a group are affected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AffectedGroup {
    /// The group, by id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many of its members are affected.
    pub affected: u64,
}

/// Which of a comparison's people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ComparedQuery {
    /// Only those who get something else.
    pub affected: bool,
    /// Only members of this group, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Only those who get these templates afterwards: the place in [`Comparison::combinations`], from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gets: Option<u32>,
    /// Words that must all occur in the name or address. At most 200 characters.
    pub search: String,
    /// How many to skip.
    pub offset: u32,
    /// How many to give, 50 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = crate::console::MAX_PAGE)))]
    pub limit: Option<u32>,
}

/// A page of a comparison's people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ComparedPeople {
    /// By name.
    pub people: Vec<Compared>,
    /// How many there are with these filters.
    pub total: u64,
}

/// Somebody in a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Compared {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their address.
    pub address: String,
    /// What they get now.
    pub before: PartNames,
    /// What they get afterwards.
    pub after: PartNames,
    /// Whether they get something else, if only another text of the same templates.
    pub affected: bool,
}

/// What somebody gets, now and afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BeforeAfter {
    /// Now.
    pub before: Simulated,
    /// With the changes.
    pub after: Simulated,
}
