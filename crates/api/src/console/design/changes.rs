//! Unpublished changes.

use super::templates::TemplateLink;
use email_signature::Part;
use serde::{Deserialize, Serialize};

/// Every unpublished change. Publishing names this answer's `ETag` in `If-Match`, so that nothing is published that
/// nobody has looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changes {
    /// Changed templates, sorted by name.
    pub templates: Vec<ChangedTemplate>,
    /// Changes of the rules, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<ChangedRules>,
    /// Changes of the brands, if there are any; an editor who is limited to some brands sees the changes of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brands: Option<ChangedBrands>,
}

impl Changes {
    /// Whether everything is published.
    pub fn is_empty(&self) -> bool {
        self.templates.is_empty() && self.rules.is_none() && self.brands.is_none()
    }
}

/// A template with unpublished changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangedTemplate {
    /// Template id.
    pub id: String,
    /// Name of the template.
    pub name: String,
    /// Folder of the template; empty: none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub folder: String,
    /// Part of the signature.
    pub part: Part,
    /// Whether the template was never published.
    pub new: bool,
    /// When the template was last changed, in milliseconds UTC.
    pub changed_ms: i64,
    /// Who last changed the template.
    pub changed_by: String,
    /// When the template will be published, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_ms: Option<i64>,
    /// Why the template will not be published then: the person who planned it can no longer publish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Why the template cannot be published in its present state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Templates that use the block, published or not: publishing it changes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_in: Vec<TemplateLink>,
}

/// Unpublished changes of the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangedRules {
    /// Names of new rules.
    pub added: Vec<String>,
    /// Names of changed rules.
    pub changed: Vec<String>,
    /// Names of removed rules.
    pub removed: Vec<String>,
    /// Whether the remaining rules are in a different order.
    pub moved: bool,
    /// When the rules were last changed, in milliseconds UTC.
    pub changed_ms: i64,
    /// Who last changed the rules.
    pub changed_by: String,
    /// When the rules will be published, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_ms: Option<i64>,
    /// Why the rules will not be published then: the person who planned it can no longer publish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Why the rules cannot be published alone, for example because they use a template that was never published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// Unpublished changes of the brands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangedBrands {
    /// Names of new brands.
    pub added: Vec<String>,
    /// Names of changed brands.
    pub changed: Vec<String>,
    /// Names of removed brands.
    pub removed: Vec<String>,
    /// Whether the remaining brands are in a different order.
    pub moved: bool,
    /// When the brands were last changed, in milliseconds UTC.
    pub changed_ms: i64,
    /// Who last changed the brands.
    pub changed_by: String,
    /// When the brands will be published, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_ms: Option<i64>,
    /// Why the brands will not be published then: the person who planned it can no longer publish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// A choice of unpublished changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Picked {
    /// Ids of templates.
    #[serde(default)]
    pub templates: Vec<String>,
    /// Whether to include the rules.
    #[serde(default)]
    pub rules: bool,
    /// Whether to include the brands; of an editor who is limited to some brands, the changes of these.
    #[serde(default)]
    pub brands: bool,
}

/// Publishes changes together, all or none. With `If-Match`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// The changes to publish.
    pub changes: Picked,
    /// When to publish, in milliseconds UTC; absent: now. A time in the past is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<i64>,
    /// The fingerprint of the warnings that the publisher has seen and accepts, as the check before publishing gives it; needed
    /// only if there are warnings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
}
