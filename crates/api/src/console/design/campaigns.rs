//! Campaigns: rules that give a banner, and how often its links were followed.

use email_signature::Schedule;
use serde::{Deserialize, Serialize};

/// Every campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Campaigns {
    /// In the order of the rules; published ones, then those that are not.
    pub campaigns: Vec<Campaign>,
    /// Whether followed links are counted.
    pub count_clicks: bool,
}

/// A rule that gives a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Campaign {
    /// The rule's id.
    pub rule: String,
    /// The rule's name.
    pub name: String,
    /// The rule's folder.
    pub folder: String,
    /// How it stands.
    pub state: CampaignState,
    /// When it runs; absent: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// Who gets it, in words.
    pub words: Vec<String>,
    /// Its banners.
    pub banners: Vec<Banner>,
}

/// How a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// It is not published.
    Unpublished,
    /// It is switched off.
    Off,
    /// Its schedule has not begun.
    Planned,
    /// Its schedule lets it run now.
    Running,
    /// Its schedule is over.
    Over,
}

/// A banner of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Banner {
    /// The template's id.
    pub template: String,
    /// The template's name; its id where it does not exist.
    pub name: String,
    /// Its weight among the campaign's banners.
    pub weight: u32,
    /// How often its links were followed, ever.
    pub clicks: u64,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CampaignSettings {
    /// Whether links of campaigns lead through this server, which counts how often they are followed.
    pub count_clicks: bool,
}

/// Which days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ClicksQuery {
    /// First day, `2026-12-01` (UTC); absent: 29 days before the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last day; absent: today. At most 366 days after the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// How often a campaign's links were followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Clicks {
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// By banner, day and link; without those that are zero.
    pub clicks: Vec<Clicked>,
}

/// How often one link was followed on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Clicked {
    /// The day, `2026-12-01` (UTC).
    pub day: String,
    /// The banner's template, by id.
    pub template: String,
    /// Where the link leads.
    pub url: String,
    /// How often.
    pub count: u64,
}
