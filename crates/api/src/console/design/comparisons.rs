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

/// Asks what everyone gets, and what unpublished changes would change: in every cell of the matrix, or for one draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Compare {
    /// The only draft to evaluate for everyone; absent: one for each cell of the matrix, with an empty subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occasion: Option<Occasion>,
    /// Time at which rules are evaluated for the matrix, in milliseconds UTC; absent: now. With an occasion, its own time is
    /// used and this one is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<i64>,
    /// Unpublished changes to include; none: only what everyone gets from what is published.
    #[serde(default)]
    pub changes: Picked,
}

/// One of the drafts that a comparison evaluates for everyone: a kind, and recipients who are all internal or all
/// external. There are eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MatrixCell {
    /// Kind of draft.
    pub kind: Kind,
    /// The recipients' side.
    pub recipients: RecipientSide,
}

/// The side of a draft's recipients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecipientSide {
    /// Of the organisation.
    Internal,
    /// Anyone else.
    External,
}

impl MatrixCell {
    /// Every cell, in the order in which they are listed.
    pub const ALL: [Self; 8] = {
        const fn cell(kind: Kind, recipients: RecipientSide) -> MatrixCell {
            MatrixCell { kind, recipients }
        }
        use Kind::{Appointment, Forward, New, Reply};
        use RecipientSide::{External, Internal};
        [
            cell(New, Internal),
            cell(New, External),
            cell(Reply, Internal),
            cell(Reply, External),
            cell(Forward, Internal),
            cell(Forward, External),
            cell(Appointment, Internal),
            cell(Appointment, External),
        ]
    };

    /// These cells in words, such as "replies; forwards to external recipients".
    pub fn in_words(cells: &[Self]) -> String {
        let sides = |kind: Kind| {
            let has = |recipients| cells.contains(&Self { kind, recipients });
            (has(RecipientSide::Internal), has(RecipientSide::External))
        };
        let phrase = |wanted: (bool, bool), to: &str| {
            let kinds: Vec<&str> =
                KINDS.into_iter().filter(|(kind, _)| sides(*kind) == wanted).map(|(_, words)| words).collect();
            let kinds = match kinds.as_slice() {
                [] => return None,
                all if all.len() == KINDS.len() => "all messages".to_owned(),
                [one] => (*one).to_owned(),
                [first @ .., last] => first.join(", ") + " and " + last,
            };
            Some(kinds + to)
        };
        let phrases = [
            phrase((true, true), ""),
            phrase((true, false), " to internal recipients"),
            phrase((false, true), " to external recipients"),
        ];
        phrases.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

/// The kinds of draft in the order of the matrix, with their names.
const KINDS: [(Kind, &str); 4] = [
    (Kind::New, "new mails"),
    (Kind::Reply, "replies"),
    (Kind::Forward, "forwards"),
    (Kind::Appointment, "appointments"),
];

/// How many people something holds for, in one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CellCount {
    /// Kind of draft.
    pub kind: Kind,
    /// The recipients' side.
    pub recipients: RecipientSide,
    /// Number of people and mailboxes.
    pub people: u64,
}

impl CellCount {
    /// The cell.
    pub fn cell(self) -> MatrixCell {
        MatrixCell { kind: self.kind, recipients: self.recipients }
    }
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
    /// How many get something different afterwards, in at least one cell.
    pub affected: u64,
    /// How many get new problems afterwards, in at least one cell.
    pub new_problems: u64,
    /// How many are affected in each cell of the matrix, all eight cells; empty when one draft is compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<CellCount>,
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
    /// How many people get them now, in at least one cell.
    pub before: u64,
    /// How many get them afterwards, in at least one cell.
    pub after: u64,
    /// The cells in which people get them afterwards, with how many; empty when one draft is compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<CellCount>,
}

/// How many members of a group are affected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AffectedGroup {
    /// Group id.
    pub id: String,
    /// Name of the group.
    pub name: String,
    /// How many members of the group are affected, in at least one cell.
    pub affected: u64,
    /// The cells in which members are affected, with how many; empty when one draft is compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<CellCount>,
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
    /// Only people who get this combination of templates afterwards, in at least one cell: its index in
    /// the comparison's combinations, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gets: Option<u32>,
    /// Only people who get something different in drafts of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Only people who get something different in drafts to recipients of this side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipients: Option<RecipientSide>,
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
    /// Templates that the person gets now: in the first cell that changes, or else in the first of all.
    pub before: PartNames,
    /// Templates that the person gets afterwards, in the same cell.
    pub after: PartNames,
    /// Whether the person gets something different in at least one cell, even if only the text of the same templates changes.
    pub affected: bool,
    /// What the person gets in which cells; those with the same outcome are listed once. One without cells when one draft is
    /// compared.
    pub outcomes: Vec<ComparedOutcome>,
}

/// What a person gets in some cells of the matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ComparedOutcome {
    /// The cells; empty when one draft is compared.
    pub cells: Vec<MatrixCell>,
    /// Templates that the person gets in them now.
    pub before: PartNames,
    /// Templates that the person gets in them afterwards.
    pub after: PartNames,
    /// Whether the person gets something different in them.
    pub affected: bool,
}

/// The cell to show, of a comparison of the matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ComparedCellQuery {
    /// Kind of draft; absent: that of the first cell that changes for the person, or else of the first of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The recipients' side; absent: as with `kind`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipients: Option<RecipientSide>,
}

/// What a person gets, now and afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BeforeAfter {
    /// The cell that is shown; absent when one draft is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<MatrixCell>,
    /// What the person gets in which cells, as in the list of people; empty until the comparison is finished.
    pub outcomes: Vec<ComparedOutcome>,
    /// Signature now.
    pub before: Simulated,
    /// Signature with the changes.
    pub after: Simulated,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_said_by_kind_and_side() {
        use Kind::{Appointment, Forward, New, Reply};
        use RecipientSide::{External, Internal};
        let both = |kind| [(kind, Internal), (kind, External)];
        for (cells, expected) in [
            ([New, Reply, Forward, Appointment].map(both).concat(), "all messages"),
            (
                [New, Reply, Forward, Appointment].map(|kind| (kind, External)).to_vec(),
                "all messages to external recipients",
            ),
            (both(Reply).to_vec(), "replies"),
            ([both(Reply), both(Forward), both(Appointment)].concat(), "replies, forwards and appointments"),
            (vec![(New, Internal)], "new mails to internal recipients"),
            (
                [&both(Reply)[..], &[(Forward, External), (New, Internal)]].concat(),
                "replies; new mails to internal recipients; forwards to external recipients",
            ),
            (Vec::new(), ""),
        ] {
            let cells: Vec<_> = cells.into_iter().map(|(kind, recipients)| MatrixCell { kind, recipients }).collect();
            assert_eq!(MatrixCell::in_words(&cells), expected);
        }
    }
}
