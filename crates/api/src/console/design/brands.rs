//! Brands: the list, its versions, and who gets which.

use crate::console::RuleChange;
use email_signature::Brand;
use serde::{Deserialize, Serialize};

/// Most brands of a tenant, the default included.
pub const MAX_BRANDS: usize = 100;
/// Most values of one brand.
pub const MAX_BRAND_VALUES: usize = 50;
/// Longest value or legal text of a brand, in characters.
pub const MAX_BRAND_TEXT: usize = 2_000;
/// Widest and highest logo in pixels.
pub const MAX_LOGO: u32 = 1_000;

/// The brands, with their unpublished changes. A change names this answer's `ETag` in `If-Match`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrandList {
    /// Brands in order; the last one is the default.
    pub brands: Vec<BrandEntry>,
    /// Version in use; 0: none was ever published.
    pub version: i64,
    /// Whether there are unpublished changes.
    pub changed: bool,
    /// When the changes will be published, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_ms: Option<i64>,
    /// When the brands were last changed, in milliseconds UTC; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_ms: Option<i64>,
    /// Who last changed the brands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<String>,
}

/// A brand in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrandEntry {
    /// The brand.
    pub brand: Brand,
    /// How the brand differs from the published list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<RuleChange>,
    /// What is missing or hard to read, in sentences.
    pub advice: Vec<String>,
}

/// Saves the brands' unpublished version. With `If-Match`; cancels planned publishing of the brands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UnpublishedBrands {
    /// Brands in order. The last one is the default and has no conditions; every other has at least one. A new brand has a
    /// unique id of letters, digits, `-` and `_`.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_BRANDS)))]
    pub brands: Vec<Brand>,
}

/// A published version of the brands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrandsVersion {
    /// Version number.
    pub version: i64,
    /// Brands in order.
    pub brands: Vec<Brand>,
}

/// Whose brands to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct BrandPeopleQuery {
    /// Brand whose people to list; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
}

/// How many people and mailboxes get each brand in mail from their own address, with unpublished changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrandPeople {
    /// In the order of the brands.
    pub counts: Vec<BrandCount>,
    /// The first 100 of the brand that was asked for, by name.
    pub people: Vec<BrandPerson>,
}

/// How many people get a brand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrandCount {
    /// Brand id.
    pub brand: String,
    /// Number of people and shared mailboxes.
    pub people: u64,
}

/// Somebody who gets a brand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrandPerson {
    /// Person id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Primary address.
    pub address: String,
    /// Names of other brands that fit the person, too, and come later in the order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}
