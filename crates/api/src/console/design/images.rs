//! Images that templates use.

use serde::{Deserialize, Serialize};

/// Largest upload in bytes.
pub const MAX_UPLOAD: usize = 10 * 1024 * 1024;
/// Largest image in bytes after re-encoding. Every mail carries or loads it.
pub const MAX_IMAGE: usize = 1024 * 1024;
/// Largest width and height of an image, in pixels.
pub const MAX_PIXELS: u32 = 4_000;
/// Most images of a tenant.
pub const MAX_IMAGES: usize = 1_000;

/// Every image, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Images {
    /// The tenant's images.
    pub images: Vec<ImageInfo>,
}

/// An image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageInfo {
    /// Name that follows `image:` in templates.
    pub name: String,
    /// Hosted address of the image.
    pub url: String,
    /// `image/png`, `image/jpeg` or `image/gif`.
    pub content_type: String,
    /// In pixels; 0: unknown.
    pub width: u32,
    /// In pixels; 0: unknown.
    pub height: u32,
    /// In bytes.
    pub size: u64,
    /// Names of templates that use the image, published or not.
    pub used_by: Vec<String>,
    /// Suggestions for a better image, such as a smaller size; for a new image also what was changed in it.
    pub advice: Vec<String>,
}

/// The name of an upload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ImageQuery {
    /// Name of letters, digits, `.`, `_` and `-`; the extension is changed to match the format. At most 100 characters.
    pub name: String,
    /// Whether to replace an image of the same name. Mails that were sent keep the old image.
    pub replace: bool,
    /// Scale the image down to at most this width in pixels, keeping its proportions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_width: Option<u32>,
}
