//! A person's vCard as a QR code: phones that read it offer to keep the contact.

use email_signature::{Person, phone_number};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use qrcode::{Color, EcLevel, QrCode};
use std::io::{Read as _, Write as _};

/// Longest vCard in bytes. A code of this is 69 modules wide at most, which phones read from a screen at 2 cm.
const MAX_CARD: usize = 400;
/// Longest value in characters: the rest of the card is worth more than the end of one line.
const MAX_VALUE: usize = 80;
/// Pixels of a module: sharp at every size at which a signature shows it.
const SCALE: usize = 6;
/// Modules of white around the code (ISO/IEC 18004 asks for four).
const QUIET: usize = 4;

/// A person's vCard 3.0 (RFC 2426, which every phone reads), in UTF-8. Values that do not fit are left out, the least
/// important first. `address` is the address that the person writes from.
pub fn vcard(person: &Person, address: &str) -> String {
    let value = |token: &str| person.fields.get(token).map_or("", |value| value.trim());
    let both = [value("given_name"), value("surname")].into_iter().filter(|name| !name.is_empty());
    let full = match value("display_name") {
        "" => both.collect::<Vec<_>>().join(" "),
        name => name.to_owned(),
    };
    let full = if full.is_empty() { address } else { &full };
    let company = [value("company"), value("department")];
    let place = ["", "", value("street"), value("city"), value("state"), value("postal_code"), value("country")];
    let names = match [value("surname"), value("given_name")] {
        ["", ""] => ["", full, "", "", ""],
        [surname, given] => [surname, given, "", "", ""],
    };
    let [mobile, phone] = ["mobile", "phone"].map(|token| phone_number(value(token), value("country")));
    let mut card = String::from("BEGIN:VCARD\r\nVERSION:3.0\r\n");
    let end = "END:VCARD";
    for (name, values) in [
        ("N", &names[..]),
        ("FN", &[full]),
        ("EMAIL", &[address]),
        ("TEL;TYPE=CELL", &[&mobile.shown]),
        ("TEL;TYPE=WORK", &[&phone.shown]),
        ("ORG", if company[1].is_empty() { &company[..1] } else { &company }),
        ("TITLE", &[value("title")]),
        ("URL", &[value("website")]),
        ("ADR;TYPE=WORK", &place),
    ] {
        if values.iter().all(|value| value.is_empty()) {
            continue;
        }
        let line = format!("{name}:{}\r\n", values.iter().map(|value| escaped(value)).collect::<Vec<_>>().join(";"));
        if card.len() + line.len() + end.len() <= MAX_CARD {
            card.push_str(&line);
        }
    }
    card.push_str(end);
    card
}

/// As RFC 2426 §4 has it (and RFC 6350 §3.4 too), on one line.
fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars().take(MAX_VALUE) {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// The card as addresses hold it.
pub fn packed(card: &str) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    // Memory gives no errors.
    let _ = encoder.write_all(card.as_bytes());
    encoder.finish().unwrap_or_default()
}

/// The card that was packed; `None`: there was none.
pub fn unpacked(payload: &[u8]) -> Option<String> {
    let mut card = String::new();
    // Only ours come here; all the same nothing grows beyond what a card can be.
    DeflateDecoder::new(payload).take(MAX_CARD as u64 + 1).read_to_string(&mut card).ok()?;
    (card.len() <= MAX_CARD).then_some(card)
}

/// The QR code of `text` as a black and white PNG; `None`: it is too long for one.
pub fn png(text: &str) -> Option<Vec<u8>> {
    // What a screen shows is neither torn nor stained, so larger modules are worth more than more correction.
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let modules = code.width();
    let colors = code.to_colors();
    let side = (modules + 2 * QUIET) * SCALE;
    let dark = |x: usize, y: usize| {
        let inside = |at: usize| (at / SCALE).checked_sub(QUIET).filter(|at| *at < modules);
        matches!((inside(x), inside(y)), (Some(x), Some(y)) if colors[y * modules + x] == Color::Dark)
    };
    let row = |y: usize| {
        (0..side.div_ceil(8))
            .map(move |byte| (0..8).fold(0_u8, |bits, bit| bits << 1 | u8::from(!dark(byte * 8 + bit, y))))
    };
    let pixels: Vec<u8> = (0..side).flat_map(row).collect();
    let mut bytes = Vec::new();
    let length = u32::try_from(side).ok()?;
    let mut encoder = png::Encoder::new(&mut bytes, length, length);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use email_signature::Address;

    fn person(fields: &[(&str, &str)]) -> Person {
        Person {
            id: "ada".into(),
            address: Address::parse("ada@example.com").unwrap(),
            aliases: vec![],
            groups: vec![],
            fields: fields.iter().map(|(token, value)| ((*token).to_owned(), (*value).to_owned())).collect(),
        }
    }

    #[test]
    fn a_card_has_what_the_directory_has() {
        let ada = person(&[
            ("display_name", "Ada King, Countess"),
            ("given_name", "Ada"),
            ("surname", "King; Lovelace"),
            ("mobile", "+44 20 7946 0001"),
            ("company", "Analytical\\Engines"),
            ("department", "Notes"),
            ("title", "Analyst\r\nEND:VCARD"),
            ("city", "London"),
        ]);
        let german = person(&[("phone", "0761 5550-120"), ("country", "Deutschland")]);
        assert!(vcard(&german, "x@example.com").contains("TEL;TYPE=WORK:+49 761 5550120\r\n"), "as the world dials it");
        assert_eq!(
            vcard(&ada, "ada@example.com"),
            "BEGIN:VCARD\r\nVERSION:3.0\r\nN:King\\; Lovelace;Ada;;;\r\nFN:Ada King\\, Countess\r\n\
             EMAIL:ada@example.com\r\nTEL;TYPE=CELL:+44 20 7946 0001\r\nORG:Analytical\\\\Engines;Notes\r\n\
             TITLE:Analyst\\nEND:VCARD\r\nADR;TYPE=WORK:;;;London;;;\r\nEND:VCARD"
        );
        assert_eq!(
            vcard(&person(&[]), "ada@example.com"),
            "BEGIN:VCARD\r\nVERSION:3.0\r\nN:;ada@example.com;;;\r\nFN:ada@example.com\r\nEMAIL:ada@example.com\r\nEND:VCARD"
        );
    }

    #[test]
    fn whatever_the_values_are_there_is_a_code() {
        let long = "长名字".repeat(200);
        let all: Vec<(&str, &str)> =
            email_signature::BUILT_IN_FIELDS.iter().map(|(token, _)| (*token, long.as_str())).collect();
        for person in [person(&[]), person(&all), person(&[("display_name", "\u{0}\u{1f}\r\n"), ("title", "📇")])] {
            let card = vcard(&person, "ada@example.com");
            assert!(card.len() <= MAX_CARD && card.ends_with("END:VCARD"), "{card}");
            assert_eq!(unpacked(&packed(&card)).as_deref(), Some(card.as_str()));
            let image = image::load_from_memory(&png(&card).unwrap()).unwrap();
            assert!(image.width() <= (69 + 8) * 6 && image.width() == image.height(), "{}", image.width());
        }
        assert_eq!(unpacked(&packed(&"x".repeat(100_000))), None);
    }
}
