//! The gallery: ready designs that survive Outlook's Word engine, built into the program.

use email_signature::{Address, ImageMode, Part, Person, Template};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

#[derive(rust_embed::Embed)]
#[folder = "$CARGO_MANIFEST_DIR/gallery"]
#[allow_missing = true]
struct Files;

/// A ready design.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Design {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is good for, one sentence.
    pub description: String,
    /// Part of the signature that the design is for.
    pub part: Part,
    /// What it has, such as `photo` or `right to left`.
    pub tags: Vec<String>,
    /// HTML with placeholders; in the gallery's document the name of its file.
    pub html: String,
    /// Plain text with placeholders; in the gallery's document the name of its file.
    #[serde(default)]
    pub text: Option<String>,
    /// The images that it names, which have to come along with it.
    #[serde(skip)]
    pub images: Vec<String>,
}

impl Design {
    /// It as a template.
    pub fn template(&self) -> Template {
        Template {
            id: self.id.clone(),
            name: self.name.clone(),
            folder: String::new(),
            part: self.part,
            html: self.html.clone(),
            text: self.text.clone(),
            images: ImageMode::Hosted,
            offered_to: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    designs: Vec<Design>,
}

/// Every design in the order in which they are shown; none when the program was built without them.
pub fn designs() -> &'static [Design] {
    static DESIGNS: OnceLock<Vec<Design>> = OnceLock::new();
    DESIGNS.get_or_init(|| read().unwrap_or_default())
}

/// The design of that id.
pub fn design(id: &str) -> Option<&'static Design> {
    designs().iter().find(|design| design.id == id)
}

/// An image of the gallery, PNG.
pub fn image(name: &str) -> Option<Cow<'static, [u8]>> {
    if name.contains('/') {
        return None;
    }
    Files::get(&format!("images/{name}")).map(|file| file.data)
}

/// The names of every image of the gallery.
pub fn images() -> Vec<String> {
    Files::iter().filter_map(|path| path.strip_prefix("images/").map(str::to_owned)).collect()
}

/// A made-up person to fill a design for, with the gallery's pictures; `url` gives the full address of a picture.
pub fn sample(design: &Design, url: impl Fn(&str) -> String) -> Option<Person> {
    let from_right = design.tags.iter().any(|tag| tag == RIGHT_TO_LEFT);
    let (address, own) =
        if from_right { ("layla.alkhatib@example.com", LAYLA) } else { ("amara.lindqvist@example.com", AMARA) };
    let fields = own.iter().chain(SHARED).map(|(token, value)| ((*token).to_owned(), (*value).to_owned()));
    let mut fields: BTreeMap<String, String> = fields.collect();
    fields.insert("vcard_qr".into(), url("sample-qr.png"));
    let address = Address::parse(address).ok()?;
    Some(Person { id: "sample".into(), address, aliases: Vec::new(), groups: Vec::new(), fields })
}

/// The tag of designs that begin on the right.
const RIGHT_TO_LEFT: &str = "right to left";
const SHARED: &[(&str, &str)] = &[("website", "www.example.com"), ("photo", "sample-photo.png")];
const AMARA: &[(&str, &str)] = &[
    ("display_name", "Amara Lindqvist"),
    ("given_name", "Amara"),
    ("surname", "Lindqvist"),
    ("title", "Head of Partnerships"),
    ("department", "Partnerships"),
    ("company", "Example Ltd"),
    ("office", "London"),
    ("phone", "+44 20 7946 0123"),
    ("mobile", "+44 7700 900123"),
    ("street", "12 Sample Street"),
    ("postal_code", "EC1A 1AA"),
    ("city", "London"),
    ("country", "United Kingdom"),
    ("pronouns", "she/her"),
];
const LAYLA: &[(&str, &str)] = &[
    ("display_name", "ليلى الخطيب"),
    ("given_name", "ليلى"),
    ("surname", "الخطيب"),
    ("title", "مديرة الشراكات"),
    ("department", "الشراكات"),
    ("company", "شركة المثال"),
    ("office", "عمّان"),
    ("phone", "+962 6 555 0123"),
    ("mobile", "+962 7 9555 0123"),
    ("street", "شارع النموذج ١٢"),
    ("postal_code", "11118"),
    ("city", "عمّان"),
    ("country", "الأردن"),
];

fn read() -> Option<Vec<Design>> {
    let text = |name: &str| String::from_utf8(Files::get(name)?.data.into_owned()).ok();
    let document: Document = serde_json::from_str(&text("gallery.json")?).ok()?;
    let fill = |mut design: Design| {
        design.html = text(&design.html)?;
        design.text = match &design.text {
            Some(name) => Some(text(name)?),
            None => None,
        };
        design.images = named(&design.html);
        Some(design)
    };
    document.designs.into_iter().map(fill).collect()
}

/// The images that HTML names literally.
fn named(html: &str) -> Vec<String> {
    let names = html.match_indices("\"image:").filter_map(|(at, start)| html[at + start.len()..].split('"').next());
    let names: BTreeSet<&str> = names.filter(|name| !name.contains('{')).collect();
    names.into_iter().map(str::to_owned).collect()
}
