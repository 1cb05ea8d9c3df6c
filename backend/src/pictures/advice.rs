//! What would make an image better.

/// From this size on an image is worth making smaller: mails with more than 100 KB of pictures are slow on phones.
const LARGE: usize = 100_000;

/// What would make an image better, a sentence each. `shown`: the widths at which templates show it, in pixels.
pub fn advice(name: &str, (width, height): (u32, u32), size: usize, shown: &[u32]) -> Vec<String> {
    let mut advice = Vec::new();
    let widest = shown.iter().copied().max();
    match widest {
        Some(widest) if widest > 0 && width > widest * 2 => advice.push(format!(
            "It is {width} pixels wide and shown at {widest}: {} are enough, even for high-resolution screens. Upload \
             it again with that width.",
            widest * 2
        )),
        Some(widest) if width > 0 && width < widest => advice.push(format!(
            "It is {width} pixels wide and shown at {widest}, so it looks blurred: upload it with {} pixels.",
            widest * 2
        )),
        _ => {}
    }
    if size > LARGE {
        advice.push(format!(
            "It is {} KB, which every mail carries or loads: under {} KB is better. Make it narrower, or save photos \
             as JPEG.",
            size / 1000,
            LARGE / 1000
        ));
    }
    if width == 1 && height == 1 {
        advice.push("It is a single pixel, and mail filters treat such images as trackers: remove it.".into());
    }
    if is_meaningless(name) {
        advice.push(
            "Its name says nothing, and people see it when they save the image or the mail: name it after what it shows."
                .into(),
        );
    }
    advice
}

/// Names that cameras, programs and mails give by themselves.
fn is_meaningless(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_ascii_lowercase();
    let letters: String = stem.chars().filter(char::is_ascii_alphabetic).collect();
    let usual = [
        "",
        "image",
        "img",
        "dsc",
        "dscn",
        "pic",
        "picture",
        "photo",
        "screenshot",
        "unnamed",
        "untitled",
        "unbenannt",
        "download",
        "file",
        "bild",
        "clipboard",
        "scan",
    ];
    let made_up = stem.len() >= 20 && stem.chars().all(|c| c.is_ascii_hexdigit() || c == '-' || c == '_');
    usual.contains(&letters.as_str()) || made_up
}

/// The widths at which `html` shows the image of this name, from its `width` attributes and styles.
pub fn shown_widths(html: &str, name: &str) -> Vec<u32> {
    let address = format!("image:{name}");
    let mut widths = Vec::new();
    for (at, found) in html.match_indices(&address) {
        let ends = html[at + found.len()..].starts_with(['"', '\'', ' ', '>', '\n']);
        let Some(start) = html[..at].rfind('<').filter(|_| ends) else { continue };
        let end = html[at..].find('>').map_or(html.len(), |end| at + end);
        widths.extend(width(&html[start..end]));
    }
    widths
}

/// The width that a tag says, in pixels.
fn width(tag: &str) -> Option<u32> {
    let mut rest = tag;
    while let Some(at) = rest.find("width") {
        let before = rest[..at].chars().next_back();
        rest = &rest[at + "width".len()..];
        // Neither `max-width` nor `border-width`.
        if before.is_some_and(|before| before == '-' || before.is_ascii_alphanumeric()) {
            continue;
        }
        let value = rest.trim_start().strip_prefix(['=', ':'])?.trim_start().trim_start_matches(['"', '\'']);
        let digits = value.len() - value.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = value.split_at(digits);
        if !unit.trim_start().starts_with('%')
            && let Ok(number) = number.parse()
        {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_read_from_attributes_and_styles() {
        for (html, expected) in [
            (r#"<img src="image:logo.png" width="120">"#, vec![120]),
            ("<img width=80 src='image:logo.png'>", vec![80]),
            (r#"<img src="image:logo.png" style="max-width:100%; width: 60px">"#, vec![60]),
            (r#"<img src="image:logo.png" width="100%">"#, vec![]),
            (r#"<img src="image:logo.png.png" width="120">"#, vec![]),
            (r#"<td width="600"><img src="image:logo.png"></td>"#, vec![]),
            (r#"<img src="image:logo.png" width="1"><img src="image:logo.png" width="2">"#, vec![1, 2]),
        ] {
            assert_eq!(shown_widths(html, "logo.png"), expected, "{html}");
        }
    }

    #[test]
    fn names_that_say_nothing_are_told() {
        for name in ["image001.png", "IMG_1234.jpg", "unnamed.png", "1.png", "0123456789abcdef0123456789abcdef.png"] {
            assert_eq!(advice(name, (100, 50), 10, &[]).len(), 1, "{name}");
        }
        for name in ["logo.png", "banner-field-days.png", "photo-ada.jpg", "facade.png"] {
            assert_eq!(advice(name, (100, 50), 10, &[]), Vec::<String>::new(), "{name}");
        }
        assert_eq!(advice("logo.png", (600, 50), 200_000, &[100]).len(), 2);
        assert_eq!(advice("logo.png", (200, 50), 10, &[100]), Vec::<String>::new());
        assert_eq!(advice("logo.png", (90, 50), 10, &[100]).len(), 1);
    }
}
