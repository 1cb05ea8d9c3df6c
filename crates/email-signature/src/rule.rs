//! Who gets which templates when.

use crate::{Address, Kind, Part};
use serde::{Deserialize, Serialize};

/// One rule. Rules are evaluated in priority order. Of the rules that apply, the first that has a template for a part
/// decides that part; a rule with [`Flow::Stop`] ends the search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable id within the tenant.
    pub id: String,
    /// Name that admins see, and the person under *why this one*.
    pub name: String,
    /// Folder for admins' order; empty: none. It has no other effect.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub folder: String,
    /// A disabled rule never applies.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Senders that the rule is for.
    #[serde(default)]
    pub senders: Senders,
    /// Recipients that the rule is for.
    #[serde(default)]
    pub recipients: Recipients,
    /// Kinds of draft; empty: every kind.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// Words or phrases, one of which must be in the subject, in any case; empty: any subject.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// How the keywords are looked for.
    #[serde(default, skip_serializing_if = "is_whole")]
    pub keyword_match: KeywordMatch,
    /// When the rule applies; absent: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// Templates that the rule adds.
    pub gives: Choice,
    /// Other campaigns, which a share of the people get instead of `gives.campaign`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// Weight of `gives.campaign` among the variants.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub weight: u32,
    /// Whether later rules are still evaluated.
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_whole(how: &KeywordMatch) -> bool {
    *how == KeywordMatch::Whole
}

/// How a keyword has to stand in the subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeywordMatch {
    /// As whole words: `offer` does not stand in `offers`.
    #[default]
    Whole,
    /// Where a word begins: `offer` stands in `offers`, not in `coffers`.
    Prefix,
    /// Anywhere: `offer` stands in `coffers`.
    Part,
}

/// Largest weight of a variant.
pub const MAX_WEIGHT: u32 = 1000;

/// Another campaign of a rule. Each person always gets the same one of a rule's campaigns, as long as the weights stay
/// the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// The template's id.
    pub template: String,
    /// Weight: the variant's share of the people is this divided by the sum of all the rule's weights; 0: nobody.
    #[cfg_attr(feature = "schema", schemars(range(max = MAX_WEIGHT)))]
    pub weight: u32,
}

/// Senders whose drafts a rule applies to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Senders {
    /// At least one of these must match; empty: everyone.
    #[serde(default)]
    pub any_of: Vec<SenderCondition>,
    /// None of these may match.
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
    /// Anyone in the group.
    Group {
        /// The group's id.
        id: String,
    },
    /// The comparison of a field holds, in any case.
    Field {
        /// The field's token.
        field: String,
        /// How to compare.
        comparison: Comparison,
        /// Value to compare with; unused by `is_empty` and `is_not_empty`.
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

/// Recipients that a rule is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Recipients {
    /// Whether any recipient or every recipient must meet one of the conditions.
    #[serde(default)]
    pub matching: Matching,
    /// Conditions; empty: any recipients, or none at all.
    #[serde(default)]
    pub of: Vec<RecipientCondition>,
    /// No recipient may meet one of these.
    #[serde(default)]
    pub except: Vec<RecipientCondition>,
}

/// Whether any or all recipients must match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    /// One recipient is enough.
    #[default]
    Any,
    /// Every recipient must match, and there must be at least one.
    All,
}

/// One condition on a recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum RecipientCondition {
    /// In one of the tenant's domains, or a mailbox of its Exchange organisation.
    Internal,
    /// Anyone else.
    External,
    /// Exactly this address.
    Address {
        /// The address.
        address: Address,
    },
    /// A member of the group.
    Group {
        /// The group's id.
        id: String,
    },
    /// Anyone in this domain.
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
    /// First moment, `2026-12-01` or `2026-12-01T08:00`; absent: no start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last moment; a date without a time includes that whole day; absent: no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Days of the week; empty: every day.
    #[serde(default)]
    pub weekdays: Vec<Weekday>,
    /// First minute of each day, `08:00`; absent: from midnight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_from: Option<String>,
    /// The minute with which each day ends, `17:30`; absent: midnight. When it is not later than `day_from`, it is one of the
    /// next day, and the hours behind midnight belong to the weekday on which they began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_to: Option<String>,
    /// IANA time zone, such as `Europe/Paris`.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// Whether the sender's own time zone takes the place of `time_zone` where their Outlook tells it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub own_time_zone: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !*value
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

/// Templates that a rule adds, by id; later rules can fill an absent part.
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
            Part::Block => None,
        }
    }

    /// The place of one part's template; a block, which is no part of a signature, takes the signature's.
    pub fn part_mut(&mut self, part: Part) -> &mut Option<String> {
        match part {
            Part::Signature | Part::Block => &mut self.signature,
            Part::Campaign => &mut self.campaign,
            Part::Disclaimer => &mut self.disclaimer,
        }
    }
}

/// What happens after a rule has applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Later rules are ignored.
    #[default]
    Stop,
    /// Later rules can fill the remaining parts.
    Continue,
}

impl Rule {
    /// The template that `person` (their id) gets for one part. If a campaign has variants, the choice depends only on
    /// the rule and the person, so it stays the same from draft to draft.
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

    /// The rule's campaigns with their weights.
    pub fn campaigns(&self) -> impl Iterator<Item = (&str, u32)> {
        let first = self.gives.campaign.as_deref().map(|template| (template, self.weight));
        first.into_iter().chain(self.variants.iter().map(|variant| (variant.template.as_str(), variant.weight)))
    }

    /// Every template that the rule can add for a part.
    pub fn templates(&self, part: Part) -> impl Iterator<Item = &str> {
        let variants = self.variants.iter().filter(move |_| part == Part::Campaign);
        self.gives.part(part).into_iter().chain(variants.map(|variant| variant.template.as_str()))
    }
}
