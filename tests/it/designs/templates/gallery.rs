//! The gallery: every design for twenty people, as whom anybody may turn out.

use email_signature::{
    Address, BodyFormat, CompiledTemplate, Draft, ImageUrls, Kind, MAX_HTML, Person, Signature, check, lint, render,
};
use paraph::design::gallery::{self, Design};
use std::collections::BTreeSet;

fn url(name: &str) -> String {
    format!("https://signatures.example.com/images/{name}")
}

fn images() -> ImageUrls {
    ImageUrls(gallery::images().into_iter().map(|name| (name.clone(), url(&name))).collect())
}

/// The sample with these fields instead of its own; empty ones are missing.
fn sample(id: &str, changes: &[(&str, &str)]) -> Person {
    let mut person = gallery::sample(gallery::design("plain").unwrap(), url).unwrap();
    id.clone_into(&mut person.id);
    for (token, value) in changes {
        person.fields.insert((*token).to_owned(), (*value).to_owned());
    }
    person.fields.retain(|_, value| !value.is_empty());
    person
}

fn only(id: &str, address: &str, fields: &[(&str, &str)]) -> Person {
    let mut person = sample(id, fields);
    person.fields.retain(|token, _| fields.iter().any(|(kept, _)| kept == token));
    person.address = Address::parse(address).unwrap();
    person
}

fn people() -> Vec<Person> {
    let long = "x".repeat(1000);
    let ampersands = "<b>R&D</b> & \"Co\"";
    vec![
        sample("everything", &[]),
        only("nothing", "nobody@example.com", &[]),
        only("name-alone", "ada@example.com", &[("display_name", "Ada")]),
        only("no-name", "desk@example.com", &[("title", "Front desk"), ("phone", "+1 416 555 0100")]),
        sample("no-photo", &[("photo", "")]),
        sample("photo-by-address", &[("photo", "https://people.example.com/amara.jpg")]),
        sample("no-phones", &[("phone", ""), ("mobile", "")]),
        sample("mobile-alone", &[("phone", "")]),
        sample("phone-in-words", &[("phone", "ask reception"), ("mobile", "")]),
        sample("no-address", &[("street", ""), ("postal_code", ""), ("city", ""), ("country", "")]),
        sample("no-company", &[("company", ""), ("website", ""), ("department", "")]),
        sample("no-title", &[("title", ""), ("pronouns", "")]),
        sample("no-code", &[("vcard_qr", "")]),
        sample(
            "long",
            &[
                (
                    "display_name",
                    "Dr. Maximiliana-Theodora Wolfeschlegelsteinhausenbergerdorff von und zu Hohenlohe-Langenburg",
                ),
                (
                    "title",
                    "Deputy Assistant Vice President for Cross-Regional Infrastructure Programmes and Special Projects",
                ),
                ("department", "Directorate-General for Long-Range Planning, Coordination and Institutional Affairs"),
                ("company", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH"),
                (
                    "street",
                    "Taumatawhakatangihangakoauauotamateaturipukakapikimaungahoronukupokaiwhenuakitanatahu Road 1000",
                ),
            ],
        ),
        sample("longest", &[("display_name", &long), ("title", &long), ("company", &long), ("website", &long)]),
        sample(
            "arabic",
            &[
                ("display_name", "ليلى عبد الرحمن الخطيب"),
                ("title", "مديرة المشاريع"),
                ("department", "التخطيط"),
                ("company", "شركة المثال المحدودة"),
                ("street", "شارع النموذج ١٢"),
                ("city", "عمّان"),
                ("country", "الأردن"),
                ("pronouns", ""),
            ],
        ),
        sample(
            "hebrew",
            &[
                ("display_name", "נועה בן־דוד"),
                ("title", "ראש צוות"),
                ("department", "פיתוח"),
                ("company", "דוגמה בע״מ"),
                ("city", "תל אביב"),
                ("country", "ישראל"),
            ],
        ),
        sample(
            "chinese",
            &[
                ("display_name", "欧阳明慧"),
                ("title", "市场部总监"),
                ("department", "市场部"),
                ("company", "示例有限公司"),
                ("street", "示例路88号"),
                ("city", "上海市"),
                ("country", "中国"),
                ("phone", "+86 21 5555 0100"),
            ],
        ),
        sample(
            "thai",
            &[("display_name", "กัญญารัตน์ วงศ์สุวรรณ"), ("title", "ผู้จัดการฝ่ายขาย"), ("company", "บริษัท ตัวอย่าง จำกัด")],
        ),
        sample("markup", &[("display_name", ampersands), ("title", ampersands), ("company", ampersands)]),
    ]
}

fn signature(design: &Design, person: &Person, images: &ImageUrls) -> Signature {
    let (compiled, _) = CompiledTemplate::compile(&design.template(), images);
    let compiled = compiled.knowing(["vcard_qr"]);
    let draft = Draft {
        kind: Kind::New,
        from: person.address.clone(),
        recipients: Vec::new(),
        format: BodyFormat::Html,
        subject: String::new(),
        time_zone: None,
    };
    render(&[&compiled], person, &draft)
}

/// What makes a plain text look unfinished.
fn blemish(text: &str) -> Option<String> {
    let stray =
        ["{{", "}}", "{%", "()", "( ", " )", "[]", "· ·", "| |", ", ,", ",,", "  ·", "image:", "&nbsp;", "\u{a0}"];
    if let Some(stray) = stray.into_iter().find(|stray| text.contains(stray)) {
        return Some(format!("it holds “{stray}”"));
    }
    if text.contains("\n\n\n") || text.starts_with('\n') || text.ends_with('\n') {
        return Some("it has empty lines where nothing is set apart".into());
    }
    let dangling = ["·", "|", ",", ":", "-", "–", " in", " at"];
    let starts = ["·", "|", ",", "in ", "at "];
    text.lines().find_map(|line| {
        // A colon announces the address on the next line.
        let announces = line.ends_with(':') && text.contains(&format!("{line}\nhttps://"));
        let bad = line != line.trim_end()
            || (dangling.iter().any(|sign| line.ends_with(sign)) && !announces)
            || starts.iter().any(|sign| line.trim_start().starts_with(sign));
        bad.then(|| format!("“{line}” begins or ends with a sign that sets nothing apart"))
    })
}

#[test]
fn there_are_designs_for_every_part_and_occasion() {
    let designs = gallery::designs();
    assert!(designs.len() >= 14);
    let ids: BTreeSet<&str> = designs.iter().map(|design| design.id.as_str()).collect();
    assert_eq!(ids.len(), designs.len());
    let tags: BTreeSet<&str> = designs.iter().flat_map(|design| &design.tags).map(String::as_str).collect();
    for tag in [
        "minimal",
        "corporate",
        "photo",
        "centred",
        "replies",
        "right to left",
        "banner",
        "social icons",
        "QR code",
        "pronouns",
        "certifications",
        "legal",
        "dark",
        "addresses",
    ] {
        assert!(tags.contains(tag), "no design is tagged {tag}");
    }
    for design in designs {
        assert!(design.description.ends_with('.') && !design.name.is_empty(), "{}", design.id);
    }
}

#[test]
fn each_design_passes_the_lint_and_has_no_problems() {
    let images = images();
    for design in gallery::designs() {
        assert_eq!(lint(&design.html), [], "{}", design.id);
        assert_eq!(check(&design.template(), &images, &[]), [], "{}", design.id);
    }
}

#[test]
fn each_design_suits_each_of_twenty_people() {
    let images = images();
    let people = people();
    assert_eq!(people.len(), 20);
    for design in gallery::designs() {
        for person in &people {
            let signature = signature(design, person, &images);
            let case = format!("{} for {}", design.id, person.id);
            assert_eq!(signature.problems, [], "{case}");
            let units = signature.html.encode_utf16().count();
            assert!(units <= MAX_HTML && !signature.html.is_empty(), "{case}: {units} characters");
            assert!(!signature.html.contains("{{") && !signature.html.contains("image:"), "{case}");
            assert!(!signature.text.is_empty(), "{case}");
            assert_eq!(blemish(&signature.text), None, "{case}:\n{}", signature.text);
        }
    }
}

#[test]
fn what_somebody_has_is_in_their_text_too() {
    let images = images();
    let person = &people()[0];
    for design in gallery::designs().iter().filter(|design| design.part == email_signature::Part::Signature) {
        let text = signature(design, person, &images).text;
        assert!(text.contains(&person.fields["display_name"]), "{}", design.id);
        assert!(text.contains("+44 20 7946 0123") || text.contains(person.address.as_str()), "{}", design.id);
    }
}

#[test]
fn each_design_has_somebody_to_be_shown_for() {
    let images = images();
    for design in gallery::designs() {
        let person = gallery::sample(design, url).unwrap();
        assert_eq!(signature(design, &person, &images).problems, [], "{}", design.id);
    }
}

#[test]
fn every_image_is_used_small_and_drawn_at_twice_its_size() {
    let mut used: BTreeSet<String> = ["sample-photo.png", "sample-qr.png"].map(str::to_owned).into();
    for design in gallery::designs() {
        for name in &design.images {
            let bytes = gallery::image(name).unwrap_or_else(|| panic!("{}: no {name}", design.id));
            assert!(bytes.len() < 40_000 && bytes.starts_with(b"\x89PNG"), "{name}: {} bytes", bytes.len());
            let pixels = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
            let shown = format!("\"image:{name}\" width=\"{}\" height=\"{}\"", pixels(16) / 2, pixels(20) / 2);
            assert!(design.html.contains(&shown), "{}: {shown}", design.id);
            used.insert(name.clone());
        }
    }
    let all: BTreeSet<String> = gallery::images().into_iter().collect();
    assert_eq!(all, used);
    assert!(gallery::image("../gallery.json").is_none() && gallery::image("nothing.png").is_none());
}

/// Writes what each design looks like for a few people to `$GALLERY_SHEET`, for a browser to be looked at.
#[test]
#[ignore = "writes files for people to look at"]
fn contact_sheet() {
    use std::fmt::Write as _;
    let folder = std::path::PathBuf::from(std::env::var("GALLERY_SHEET").unwrap());
    for name in gallery::images() {
        std::fs::write(folder.join(&name), gallery::image(&name).unwrap()).unwrap();
    }
    let images = images();
    for design in gallery::designs() {
        let mut sheet = String::from("<!doctype html><meta charset=\"utf-8\"><body>");
        for person in gallery::sample(design, url).into_iter().chain(people()) {
            let signature = signature(design, &person, &images);
            let html = signature
                .html
                .replace(&url(""), "")
                .replace("https://people.example.com/amara.jpg", "sample-photo.png");
            let text = signature.text.replace('&', "&amp;").replace('<', "&lt;");
            let _ = write!(sheet, "<section><h2>{} · {}</h2>{html}<pre>{text}</pre></section>", design.id, person.id);
        }
        std::fs::write(folder.join(format!("{}.html", design.id)), sheet).unwrap();
    }
}
