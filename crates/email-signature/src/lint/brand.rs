//! What is missing in a brand, or hard to read.

use super::colour::{contrast, read};
use crate::Brand;

/// Lowest contrast of text, as WCAG 2.1 (1.4.3) wants it.
const TEXT: f64 = 4.5;

/// What is missing in a brand and its default, or hard to read, in sentences.
pub fn brand_advice(brand: &Brand, default: &Brand) -> Vec<String> {
    let values = brand.effective(default);
    let colour = |token: &str| values.get(token).and_then(|value| read(value));
    let mut advice = Vec::new();
    // A mail is white where nothing else is said.
    let background = colour("background").unwrap_or(0xff_ffff);
    let behind = if values.contains_key("background") { "its background" } else { "white" };
    for (token, noun) in [("text", "text"), ("primary", "primary"), ("accent", "accent")] {
        let Some(front) = colour(token) else { continue };
        let found = contrast(front, background);
        if found < TEXT {
            advice.push(format!(
                "Text in its {noun} colour is hard to read on {behind}: the contrast is {found:.1} to 1, and 4.5 to 1 is needed."
            ));
        }
    }
    let missing = |token: &str| !values.contains_key(token);
    if missing("logo") {
        advice.push("It has no logo, and neither has the default brand.".into());
    } else if missing("logo_width") {
        advice.push("The size of its logo is not known: Outlook shows it as large as its file is.".into());
    }
    advice
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BrandColours, BrandLogo};

    #[test]
    fn colours_that_cannot_be_read_are_told_with_their_contrast() {
        let brand = |text: &str, background: &str| Brand {
            colours: BrandColours { text: text.into(), background: background.into(), ..BrandColours::default() },
            logo: BrandLogo { image: "x.png".into(), width: 10, height: 10, ..BrandLogo::default() },
            ..Brand::default()
        };
        for (text, background, count) in
            [("#767676", "", 0), ("#777777", "", 1), ("white", "navy", 0), ("white", "", 1), ("", "", 0)]
        {
            let brand = brand(text, background);
            assert_eq!(brand_advice(&brand, &brand).len(), count, "{text} on {background}");
        }
        let default = brand("black", "");
        assert!(brand_advice(&Brand::default(), &default).is_empty());
        assert_eq!(brand_advice(&Brand::default(), &Brand::default()).len(), 1);
    }
}
