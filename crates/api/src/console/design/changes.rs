//! What was changed and is not published.

use email_signature::Part;
use serde::{Deserialize, Serialize};

/// Every unpublished change. Its `ETag` is what `If-Match` names when they are published, so that nothing is published
/// that nobody looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changes {
    /// Templates, by name.
    pub templates: Vec<ChangedTemplate>,
    /// The rules, when they are changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<ChangedRules>,
}

/// A template with unpublished changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangedTemplate {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its part.
    pub part: Part,
    /// Whether it was never published.
    pub new: bool,
    /// When it was changed last, in milliseconds UTC.
    pub changed_ms: i64,
    /// Who changed it last.
    pub changed_by: String,
    /// When it will be published, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_ms: Option<i64>,
    /// Why it will not be published then: whoever planned it could not publish any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Why it cannot be published as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// Unpublished changes of the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangedRules {
    /// Names of new rules.
    pub added: Vec<String>,
    /// Names of rules that say something else.
    pub changed: Vec<String>,
    /// Names of rules that are gone.
    pub removed: Vec<String>,
    /// Whether the rules that stay stand in another order.
    pub moved: bool,
    /// When they were changed last, in milliseconds UTC.
    pub changed_ms: i64,
    /// Who changed them last.
    pub changed_by: String,
    /// When they will be published, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_ms: Option<i64>,
    /// Why they will not be published then: whoever planned it could not publish any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Why they cannot be published by themselves, such as for a template that was never published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// Which unpublished changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Picked {
    /// Templates by id.
    #[serde(default)]
    pub templates: Vec<String>,
    /// The rules.
    #[serde(default)]
    pub rules: bool,
}

/// Publishes changes together: all or none. With `If-Match`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// Which.
    pub changes: Picked,
    /// When, in milliseconds UTC; absent: now. A time that is past is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<i64>,
}
