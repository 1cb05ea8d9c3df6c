//! What makes signatures of one template look like those of different companies.

use crate::SenderCondition;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A brand: a name, a logo, colours and texts. A tenant's brands are a list in order; the last one is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Brand {
    /// Stable id within the tenant.
    pub id: String,
    /// Name of the company or brand: `{{ brand.name }}`.
    pub name: String,
    /// Whose mail it is for: one of these must hold. The default has none: it is for everyone whom no other brand fits.
    #[serde(default)]
    pub senders: Vec<SenderCondition>,
    /// The logo: `<img src="image:{{ brand.logo }}" width="{{ brand.logo_width }}" height="{{ brand.logo_height }}">`.
    #[serde(default)]
    pub logo: BrandLogo,
    /// Colours: `style="color: {{ brand.primary }}"`.
    #[serde(default)]
    pub colours: BrandColours,
    /// Legal text, such as the registered office: `{{ brand.legal }}`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub legal: String,
    /// Further values by token: `{{ brand.TOKEN }}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

/// A brand's logo.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrandLogo {
    /// Name of the image, such as `contoso.png`; empty: that of the default brand.
    #[serde(default)]
    pub image: String,
    /// Name of the image for dark mode, of the same size; empty: none. `{{ brand.dark_logo }}`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub dark: String,
    /// Width in pixels at which it is shown; 0: not known.
    #[serde(default)]
    pub width: u32,
    /// Height in pixels at which it is shown; 0: not known.
    #[serde(default)]
    pub height: u32,
}

/// A brand's colours, as `#rrggbb` or by their CSS names. One that is empty is that of the default brand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrandColours {
    /// For names, lines and buttons: `{{ brand.primary }}`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub primary: String,
    /// For links and details: `{{ brand.accent }}`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub accent: String,
    /// For text: `{{ brand.text }}`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Behind text: `{{ brand.background }}`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub background: String,
}

/// Tokens and labels that every brand has, as templates ask for them: `{{ brand.TOKEN }}`.
pub const BRAND_TOKENS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("logo", "Logo"),
    ("logo_width", "Width of the logo"),
    ("logo_height", "Height of the logo"),
    ("dark_logo", "Logo for dark mode"),
    ("primary", "Primary colour"),
    ("accent", "Accent colour"),
    ("text", "Text colour"),
    ("background", "Background colour"),
    ("legal", "Legal text"),
];

impl Brand {
    /// What it gives templates for each of [`BRAND_TOKENS`] and its own tokens; `default` fills what it lacks. Empty
    /// values are left out.
    pub fn effective(&self, default: &Self) -> BTreeMap<String, String> {
        let logo = if self.logo.image.is_empty() { &default.logo } else { &self.logo };
        let size = |pixels: u32| if pixels == 0 { String::new() } else { pixels.to_string() };
        let or = |own: &String, other: &String| if own.trim().is_empty() { other.clone() } else { own.clone() };
        let (own, other) = (&self.colours, &default.colours);
        let mut all = default.values.clone();
        all.extend(
            self.values.iter().filter(|(_, value)| !value.trim().is_empty()).map(|(k, v)| (k.clone(), v.clone())),
        );
        all.extend(
            [
                ("name", self.name.clone()),
                ("logo", logo.image.clone()),
                ("logo_width", size(logo.width)),
                ("logo_height", size(logo.height)),
                ("dark_logo", logo.dark.clone()),
                ("primary", or(&own.primary, &other.primary)),
                ("accent", or(&own.accent, &other.accent)),
                ("text", or(&own.text, &other.text)),
                ("background", or(&own.background, &other.background)),
                ("legal", or(&self.legal, &default.legal)),
            ]
            .map(|(token, value)| (token.to_owned(), value)),
        );
        all.retain(|_, value| !value.trim().is_empty());
        all
    }
}
