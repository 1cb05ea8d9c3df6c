//! Images that templates use.

use serde::{Deserialize, Serialize};

/// Largest upload in bytes.
pub const MAX_UPLOAD: usize = 10 * 1024 * 1024;
/// Largest image in bytes after re-encoding: it travels with, or is fetched for, every mail.
pub const MAX_IMAGE: usize = 1024 * 1024;
/// Widest and highest image in pixels.
pub const MAX_PIXELS: u32 = 4_000;
/// Most images of a tenant.
pub const MAX_IMAGES: usize = 1_000;

/// Every image, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Images {
    /// The tenant's.
    pub images: Vec<ImageInfo>,
}

/// An image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageInfo {
    /// The name behind `image:` in templates.
    pub name: String,
    /// Its hosted address.
    pub url: String,
    /// `image/png`, `image/jpeg` or `image/gif`.
    pub content_type: String,
    /// In pixels; 0: unknown.
    pub width: u32,
    /// In pixels; 0: unknown.
    pub height: u32,
    /// In bytes.
    pub size: u64,
    /// Templates that use it, by name, published or not.
    pub used_by: Vec<String>,
    /// What would make it better, such as a smaller size; for a new one also what was done to it.
    pub advice: Vec<String>,
}

/// The name of an upload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ImageQuery {
    /// Letters, digits, `.`, `_` and `-`; its ending becomes that of the format. At most 100 characters.
    pub name: String,
    /// Whether it may take the place of one of this name; mails that were sent keep the old one.
    pub replace: bool,
    /// Make it at most this wide, in pixels, keeping its shape.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_width: Option<u32>,
}
