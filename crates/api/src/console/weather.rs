//! How Outlook does: what its event handlers measured, by version.

use super::PlatformCount;
use serde::{Deserialize, Serialize};

/// Most days that can be asked for: older ones are deleted.
pub const MAX_WEATHER_DAYS: u32 = 90;

/// Which days and platforms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct WeatherQuery {
    /// How many days, the current one (UTC) included; 7 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_WEATHER_DAYS)))]
    pub days: Option<u32>,
    /// Only this platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// How many to skip.
    pub offset: u32,
    /// How many to return, 50 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = super::MAX_PAGE)))]
    pub limit: Option<u32>,
}

/// A page of versions, those with most events first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Weather {
    /// The versions.
    pub versions: Vec<VersionWeather>,
    /// Number of versions with these filters.
    pub total: u64,
    /// Number of versions per platform, regardless of the platform filter.
    pub platforms: Vec<PlatformCount>,
}

/// What one version of Outlook did on one platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionWeather {
    /// The platform.
    pub platform: String,
    /// Version that the client reports; empty if it reports none, `other` for those beyond the limit per day.
    pub version: String,
    /// Number of events.
    pub events: u64,
    /// Events in which Outlook did not give all recipients in time.
    pub unread: u64,
    /// Events after which the signature was not in the draft although Outlook had taken it.
    pub unseen: u64,
    /// Events in which a signature kept on the device was inserted.
    pub kept: u64,
    /// Events that ended because their time was over.
    pub late: u64,
    /// Number of calls of all kinds.
    pub calls: u64,
    /// How many of them failed or got no answer.
    pub failures: u64,
    /// How long events took from start to end.
    pub whole: Times,
    /// The call with the highest 95th percentile; absent without calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slowest: Option<SlowestCall>,
}

/// The slowest kind of call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SlowestCall {
    /// The method.
    pub call: String,
    /// How long it took.
    pub times: Times,
}

/// How long something took. The times are upper bounds: 10, 25, 50, 100, 250, 500, 1,000, 2,500 or 5,000 ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Times {
    /// Half of them took no longer, in milliseconds.
    pub median_ms: u32,
    /// 95 of 100 took no longer, in milliseconds.
    pub p95_ms: u32,
}

/// Which version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionQuery {
    /// How many days, the current one (UTC) included; 7 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_WEATHER_DAYS)))]
    pub days: Option<u32>,
    /// The platform.
    pub platform: String,
    /// The version.
    pub version: String,
}

/// One version in detail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionDetail {
    /// The version.
    pub version: VersionWeather,
    /// Its calls, the slowest first.
    pub calls: Vec<CallWeather>,
}

/// One kind of call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallWeather {
    /// The method, such as `to.getAsync`; `server` and `token` are the request for the signature and for a token.
    pub call: String,
    /// What the call is for.
    pub purpose: String,
    /// How often it was made.
    pub count: u64,
    /// How long it took.
    pub times: Times,
    /// How it failed, the most frequent error first.
    pub failures: Vec<CallFailure>,
}

/// One way in which a call failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallFailure {
    /// Code and name of the error as Outlook gave them, or `no answer`.
    pub error: String,
    /// How often.
    pub count: u64,
    /// What it means and what to do about it.
    pub meaning: String,
}
