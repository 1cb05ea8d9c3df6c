//! Colours as they are written, and their contrast.

/// The sixteen names that HTML has had from the start, and what they are.
const NAMES: &[(&str, u32)] = &[
    ("aqua", 0x00_ffff),
    ("black", 0x00_0000),
    ("blue", 0x00_00ff),
    ("fuchsia", 0xff_00ff),
    ("gray", 0x80_8080),
    ("green", 0x00_8000),
    ("lime", 0x00_ff00),
    ("maroon", 0x80_0000),
    ("navy", 0x00_0080),
    ("olive", 0x80_8000),
    ("purple", 0x80_0080),
    ("red", 0xff_0000),
    ("silver", 0xc0_c0c0),
    ("teal", 0x00_8080),
    ("white", 0xff_ffff),
    ("yellow", 0xff_ff00),
];

/// A colour that every mail program knows, as 0xrrggbb.
pub fn read(text: &str) -> Option<u32> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix('#') {
        let hexadecimal = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        return u32::from_str_radix(digits, 16).ok().filter(|_| hexadecimal);
    }
    NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|&(_, colour)| colour)
}

/// From 1 (none) to 21 (black on white), as WCAG computes it.
pub(super) fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: u32) -> f64 {
    let channel = |shift: u32| {
        let value = f64::from((colour >> shift) & 0xff) / 255.0;
        if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read() {
        assert_eq!(read("#0A0b0C"), Some(0x0a_0b0c));
        assert_eq!(read(" White "), Some(0xff_ffff));
        for other in ["#fff", "#ffffffff", "#gggggg", "#+12345", "rgb(0,0,0)", "transparent", "rebeccapurple", ""] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((contrast(0, 0xff_ffff) - 21.0).abs() < 0.01);
        assert!((contrast(0x76_7676, 0xff_ffff) - 4.54).abs() < 0.01);
    }
}
