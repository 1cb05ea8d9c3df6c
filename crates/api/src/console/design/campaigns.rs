//! Campaigns: rules that add a banner, and how often the banner's links were followed.

use email_signature::Schedule;
use serde::{Deserialize, Serialize};

/// Every campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Campaigns {
    /// Campaigns in the order of the rules, the published ones first.
    pub campaigns: Vec<Campaign>,
    /// Whether followed links are counted.
    pub count_clicks: bool,
}

/// A rule that adds a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Campaign {
    /// The rule's id.
    pub rule: String,
    /// The rule's name.
    pub name: String,
    /// The rule's folder.
    pub folder: String,
    /// Status of the campaign.
    pub state: CampaignState,
    /// When the campaign runs; absent: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// Who gets the campaign, in words.
    pub words: Vec<String>,
    /// Banners of the campaign.
    pub banners: Vec<Banner>,
}

/// Status of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// The campaign is not published.
    Unpublished,
    /// The campaign is switched off.
    Off,
    /// The schedule has not begun.
    Planned,
    /// The campaign is running.
    Running,
    /// The schedule is over.
    Over,
}

/// A banner of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Banner {
    /// The template's id.
    pub template: String,
    /// The template's name; its id if the template does not exist.
    pub name: String,
    /// Weight among the campaign's banners.
    pub weight: u32,
    /// How often the banner's links were followed in total.
    pub clicks: u64,
}

/// Whether links are counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CampaignSettings {
    /// Whether campaign links lead through this server, which counts how often they are followed.
    pub count_clicks: bool,
}

/// Range of days.
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
    /// Counts by banner, day and link, without zeros.
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
    /// Number of times.
    pub count: u64,
}
