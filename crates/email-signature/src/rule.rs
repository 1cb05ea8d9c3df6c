//! Who gets which templates when.

use crate::{Address, Kind, Part};
use serde::{Deserialize, Serialize};

/// One rule. Rules are looked at in priority order; of the rules that apply, the first that names a template for a part
/// decides that part, and a rule with [`Flow::Stop`] ends the search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable id within the tenant.
    pub id: String,
    /// What admins, and the person in *why this one*, see.
    pub name: String,
    /// The folder that admins keep it in; empty: none. Nothing depends on it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub folder: String,
    /// A disabled rule never applies.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Whose drafts.
    #[serde(default)]
    pub senders: Senders,
    /// To whom.
    #[serde(default)]
    pub recipients: Recipients,
    /// Kinds of draft; empty: every kind.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// Words or phrases of which one must stand in the subject, without regard to case; empty: any subject.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// When; absent: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// The templates that it gives.
    pub gives: Choice,
    /// Other campaigns, given instead of `gives.campaign` to a share of the people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// The weight of `gives.campaign` beside the variants'.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub weight: u32,
    /// Whether rules behind it are still looked at.
    #[serde(default)]
    pub flow: Flow,
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_one(weight: &u32) -> bool {
    *weight == 1
}

/// Largest weight of a variant.
pub const MAX_WEIGHT: u32 = 1000;

/// Another campaign of a rule. Everybody always gets the same one of a rule's campaigns, as long as their weights stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// The template's id.
    pub template: String,
    /// Its share of the people is this over the sum of all the rule's weights; 0: nobody.
    #[cfg_attr(feature = "schema", schemars(range(max = MAX_WEIGHT)))]
    pub weight: u32,
}

/// Whose drafts a rule applies to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Senders {
    /// One of these must hold; empty: everyone.
    #[serde(default)]
    pub any_of: Vec<SenderCondition>,
    /// None of these may hold.
    #[serde(default)]
    pub except: Vec<SenderCondition>,
}

/// One condition on the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum SenderCondition {
    /// The person with this address, primary or alias.
    Person {
        /// The address.
        address: Address,
    },
    /// Anybody in the group.
    Group {
        /// The group's id.
        id: String,
    },
    /// A field compares so, without regard to case.
    Field {
        /// The field's token.
        field: String,
        /// How to compare.
        comparison: Comparison,
        /// What to compare with; unused by `is_empty` and `is_not_empty`.
        #[serde(default)]
        value: String,
    },
    /// The draft is sent from an address in this domain.
    Domain {
        /// The domain, without `@`.
        domain: String,
    },
}

/// How a field is compared with a value, without regard to case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equals,
    NotEquals,
    Contains,
    StartsWith,
    EndsWith,
    IsEmpty,
    IsNotEmpty,
}

/// To whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Recipients {
    /// Whether any recipient or every recipient must meet one of the conditions.
    #[serde(default)]
    pub matching: Matching,
    /// The conditions; empty: whoever the recipients are, and none at all.
    #[serde(default)]
    pub of: Vec<RecipientCondition>,
    /// No recipient may meet one of these.
    #[serde(default)]
    pub except: Vec<RecipientCondition>,
}

/// Any or all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    /// One recipient is enough.
    #[default]
    Any,
    /// Every recipient, and at least one.
    All,
}

/// One condition on a recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum RecipientCondition {
    /// In one of the tenant's domains, or a mailbox of its Exchange organisation.
    Internal,
    /// Anybody else.
    External,
    /// Exactly this address.
    Address {
        /// The address.
        address: Address,
    },
    /// Somebody in the group.
    Group {
        /// The group's id.
        id: String,
    },
    /// Anybody in this domain.
    Domain {
        /// The domain, without `@`.
        domain: String,
    },
}

/// When a rule applies, in the wall-clock time of `time_zone`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// First moment, `2026-12-01` or `2026-12-01T08:00`; absent: since ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last moment; a date without a time means to the end of that day; absent: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Days of the week; empty: every day.
    #[serde(default)]
    pub weekdays: Vec<Weekday>,
    /// IANA name, such as `Europe/Paris`.
    #[serde(default = "utc")]
    pub time_zone: String,
}

fn utc() -> String {
    "UTC".into()
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// The templates that a rule gives, by id; an absent part is left to the rules behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Choice {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclaimer: Option<String>,
}

impl Choice {
    /// The template for one part.
    pub fn part(&self, part: Part) -> Option<&str> {
        match part {
            Part::Signature => self.signature.as_deref(),
            Part::Campaign => self.campaign.as_deref(),
            Part::Disclaimer => self.disclaimer.as_deref(),
        }
    }

    /// The place of one part's template.
    pub fn part_mut(&mut self, part: Part) -> &mut Option<String> {
        match part {
            Part::Signature => &mut self.signature,
            Part::Campaign => &mut self.campaign,
            Part::Disclaimer => &mut self.disclaimer,
        }
    }
}

/// What follows a rule that applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// No rule behind it is looked at.
    #[default]
    Stop,
    /// Rules behind it may fill the parts that are still open.
    Continue,
}

impl Rule {
    /// The template that `person` (their id) gets for one part. Whom a campaign with variants gives which one depends on the
    /// rule and the person alone, so that it stays the same from draft to draft.
    #[cfg(feature = "engine")]
    pub fn template(&self, part: Part, person: &str) -> Option<&str> {
        if part != Part::Campaign || self.variants.is_empty() {
            return self.gives.part(part);
        }
        let total: u64 = self.campaigns().map(|(_, weight)| u64::from(weight)).sum();
        let mut hash = xxhash_rust::xxh3::Xxh3::new();
        for bytes in [self.id.as_bytes(), &[0], person.as_bytes()] {
            hash.update(bytes);
        }
        let mut place = hash.digest().checked_rem(total)?;
        self.campaigns()
            .find(|&(_, weight)| {
                let here = place < u64::from(weight);
                place = place.saturating_sub(u64::from(weight));
                here
            })
            .map(|(template, _)| template)
    }

    /// Its campaigns with their weights.
    pub fn campaigns(&self) -> impl Iterator<Item = (&str, u32)> {
        let first = self.gives.campaign.as_deref().map(|template| (template, self.weight));
        first.into_iter().chain(self.variants.iter().map(|variant| (variant.template.as_str(), variant.weight)))
    }

    /// Every template that it can give for a part.
    pub fn templates(&self, part: Part) -> impl Iterator<Item = &str> {
        let variants = self.variants.iter().filter(move |_| part == Part::Campaign);
        self.gives.part(part).into_iter().chain(variants.map(|variant| variant.template.as_str()))
    }
}
