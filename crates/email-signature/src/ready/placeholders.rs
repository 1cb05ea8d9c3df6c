//! Text that looks like a placeholder of ours, of another vendor or of Word, and was not filled.
//!
//! What people write between such marks for its own sake (`[he/him]`, «a quotation», 100 %, `{smile}`) must not be taken for
//! one: marks that are used for other things count only around names that are a field's, or look like a program's.

use std::ops::Range;

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Text,
    /// In an address. Percent signs there may be escapes.
    Address,
    /// In a style, where single braces mean something else.
    Style,
}

/// A placeholder in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placeholder {
    /// With its marks.
    pub(super) at: Range<usize>,
    /// Between its marks.
    pub(super) inside: Range<usize>,
}

/// What may stand between marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// Anything on one line.
    Anything,
    /// Words of letters and digits, with the marks of conditions: `rt`, `/rt`, `Desk Phone`.
    Words,
    /// One word that a program could use as a name.
    Name,
    /// A field's name, or what asks for one: `Job title`, `Your name`, `FirstName`, `first_name`.
    Field,
    /// The same without what asks: between quotation marks, sentences begin like that.
    Known,
}

/// How Word writes the field of a mail merge between its braces.
const MERGE: &str = "MERGEFIELD";

/// Marks, and what makes a text between them a placeholder; longer marks first.
const MARKS: &[(&str, &str, Inside)] = &[
    ("{{{", "}}}", Inside::Words),
    ("{{", "}}", Inside::Anything),
    ("{%", "%}", Inside::Anything),
    ("<%", "%>", Inside::Anything),
    ("*|", "|*", Inside::Words),
    ("[%", "%]", Inside::Words),
    ("[#", "#]", Inside::Words),
    ("{#", "#}", Inside::Name),
    ("%%", "%%", Inside::Words),
    ("$$", "$$", Inside::Name),
    ("##", "##", Inside::Name),
    ("@@", "@@", Inside::Name),
    ("__", "__", Inside::Known),
    ("[[", "]]", Inside::Words),
    ("<<", ">>", Inside::Words),
    ("${", "}", Inside::Words),
    ("#{", "}", Inside::Words),
    ("%{", "}", Inside::Words),
    ("@{", "}", Inside::Words),
    ("$(", ")", Inside::Name),
    ("$[", "]", Inside::Words),
    ("%[", "]%", Inside::Words),
    ("{", "}", Inside::Words),
    ("«", "»", Inside::Known),
    ("‹", "›", Inside::Known),
    ("[", "]", Inside::Field),
    ("<", ">", Inside::Field),
    ("$", "$", Inside::Name),
    ("%", "%", Inside::Name),
    ("#", "#", Inside::Name),
    ("@", "@", Inside::Known),
];

/// Longest placeholder in bytes, with its marks.
const MAX_LENGTH: usize = 80;
/// Most words of a placeholder.
const MAX_WORDS: usize = 4;

/// Names of fields as people and programs write them, folded: letters and digits alone, in lower case.
const FIELDS: &[&str] = &[
    "address",
    "businessphone",
    "cell",
    "cellphone",
    "city",
    "company",
    "companyname",
    "country",
    "countryorregion",
    "department",
    "designation",
    "deskphone",
    "direct",
    "directphone",
    "displayname",
    "email",
    "emailaddress",
    "employeeid",
    "fax",
    "faxnumber",
    "firstname",
    "forename",
    "fullname",
    "givenname",
    "jobtitle",
    "lastname",
    "linkedin",
    "logo",
    "mail",
    "manager",
    "middlename",
    "mobile",
    "mobilenumber",
    "mobilephone",
    "name",
    "office",
    "officelocation",
    "organisation",
    "organization",
    "phone",
    "phonenumber",
    "photo",
    "position",
    "postalcode",
    "postcode",
    "pronouns",
    "state",
    "street",
    "streetaddress",
    "surname",
    "telephone",
    "telephonenumber",
    "title",
    "url",
    "userphoto",
    "webpage",
    "website",
    "workphone",
    "yourname",
    "zip",
    "zipcode",
    // In other languages.
    "abteilung",
    "afdeling",
    "anzeigename",
    "apellido",
    "apellidos",
    "azienda",
    "bedrijf",
    "cargo",
    "cognome",
    "correo",
    "département",
    "durchwahl",
    "empresa",
    "entreprise",
    "firma",
    "fonction",
    "functie",
    "funktion",
    "imię",
    "jméno",
    "mobil",
    "mobiltelefon",
    "mobilnummer",
    "móvil",
    "nachname",
    "nazwisko",
    "nom",
    "nombre",
    "nome",
    "numérodetéléphone",
    "plz",
    "postleitzahl",
    "poste",
    "prenom",
    "prénom",
    "puesto",
    "rufnummer",
    "société",
    "stanowisko",
    "strasse",
    "straße",
    "telefon",
    "telefonnummer",
    "telefono",
    "teléfono",
    "telefoon",
    "téléphone",
    "unternehmen",
    "voornaam",
    "vorname",
];

/// How names in one word end that programs give to fields: `FirstName`. Brands and degrees are written like that, too.
const HUMPS: &[&str] = &[
    "Address",
    "Attribute",
    "City",
    "Code",
    "Company",
    "Country",
    "Department",
    "Email",
    "Fax",
    "Field",
    "Mail",
    "Mobile",
    "Name",
    "Number",
    "Office",
    "Phone",
    "Photo",
    "Position",
    "State",
    "Street",
    "Title",
    "Url",
    "Website",
];

/// What a text begins with that asks its writer for something.
const ASKS: &[&str] = &["add ", "enter ", "insert ", "type ", "your ", "ihr ", "ihre ", "votre "];

/// Adds what looks like a placeholder in `text` to those that were found before.
pub(super) fn find(text: &str, place: Place, found: &mut Vec<String>) {
    let mut add = |one: &str| {
        if !found.iter().any(|known| known == one) {
            found.push(one.to_owned());
        }
    };
    for placeholder in placeholders(text, place) {
        add(&text[placeholder.at]);
    }
    if place == Place::Text
        && let Some(words) = filler(text)
    {
        add(words);
    }
}

/// What looks like a placeholder in `text`, in its order.
pub(super) fn placeholders(text: &str, place: Place) -> Vec<Placeholder> {
    let mut found = Vec::new();
    let (mut at, mut before) = (0, ' ');
    while let Some(c) = text[at..].chars().next() {
        let one = if matches!(c, '{' | '%' | '#' | '@' | '[' | '<' | '«' | '‹' | '$' | '*' | '_') {
            marked(&text[at..], before, place)
        } else {
            None
        };
        let length = one.as_ref().map_or(c.len_utf8(), |one| one.at.end);
        if let Some(Placeholder { inside, .. }) = one {
            found.push(Placeholder { at: at..at + length, inside: at + inside.start..at + inside.end });
        }
        before = text[at..at + length].chars().next_back().unwrap_or(' ');
        at += length;
    }
    found
}

/// The placeholder that a text begins with.
fn marked(text: &str, before: char, place: Place) -> Option<Placeholder> {
    for (open, close, inside) in MARKS {
        let Some(behind) = text.strip_prefix(open) else { continue };
        if place == Place::Style && !matches!(*open, "{{{" | "{{" | "{%" | "%%") {
            continue;
        }
        let window = &behind[..behind.floor_char_boundary(MAX_LENGTH)];
        let Some(end) = window.find(close) else { continue };
        let (inner, length) = (&window[..end], open.len() + end + close.len());
        let after = text[length..].chars().next().unwrap_or(' ');
        // One sign that opens and closes stands in prices and shares, too: there nothing is beside it.
        let single = open == close && open.len() == 1;
        let stands_alone = !before.is_alphanumeric() && !after.is_alphanumeric();
        if single && !stands_alone || place == Place::Address && !fits_address(open, inner) {
            continue;
        }
        if fits(inner, *inside) {
            let name = inner.trim_start_matches(['$', '=', '-', '!']).trim();
            let name = name.strip_prefix(MERGE).map_or(name, |rest| rest.split('\\').next().unwrap_or_default().trim());
            let name = name.trim_matches('"');
            let starts = open.len() + (name.as_ptr() as usize - inner.as_ptr() as usize);
            return Some(Placeholder { at: 0..length, inside: starts..starts + name.len() });
        }
    }
    None
}

/// Whether marks of one sign mean a placeholder in an address, where they are escapes, anchors and parts of names, too.
fn fits_address(open: &str, inner: &str) -> bool {
    match open {
        // Two hexadecimal digits behind it make an escape of it.
        "%" => is_field(inner) || inner.len() > 2 && !inner.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()),
        "#" | "@" | "__" | "*|" => is_field(inner),
        _ => true,
    }
}

fn fits(inner: &str, inside: Inside) -> bool {
    // Programs write no space behind a bracket, unlike people.
    let is_spaced = inner.trim() != inner;
    if is_spaced && matches!(inside, Inside::Field | Inside::Known) {
        return false;
    }
    let inner = inner.trim();
    if inner.is_empty() || inner.contains('\n') {
        return false;
    }
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    if let Some(merged) = inner.strip_prefix(MERGE) {
        return merged.starts_with(' ') && merged.contains(char::is_alphabetic);
    }
    match inside {
        Inside::Anything => true,
        Inside::Words => {
            let words = inner.trim_start_matches(['/', '#', '^', '$', '=', '!', '?', ':', '@', '-']);
            words.starts_with(char::is_alphabetic)
                && words.chars().all(|c| is_word(c) || c == ' ')
                && words.split_whitespace().count() <= MAX_WORDS
        }
        Inside::Name => {
            inner.starts_with(|c: char| c.is_ascii_alphabetic())
                && inner.len() >= 2
                && inner.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        }
        Inside::Field => is_field(inner) || ASKS.iter().any(|ask| inner.to_lowercase().starts_with(ask)),
        Inside::Known => is_field(inner),
    }
}

/// Whether a text is a field's name, or looks like one of a program's.
fn is_field(text: &str) -> bool {
    let folded: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let letters = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_camel = letters && HUMPS.iter().any(|hump| text.ends_with(hump) && text.len() > hump.len());
    let is_snake =
        letters && text.trim_matches('_').contains('_') && text.starts_with(|c: char| c.is_ascii_alphabetic());
    FIELDS.contains(&folded.as_str()) || is_camel || is_snake
}

/// The text with which printers fill a page, if it is there.
fn filler(text: &str) -> Option<&str> {
    ["lorem ipsum", "dolor sit amet"].iter().find_map(|words| {
        let at = text.to_ascii_lowercase().find(words)?;
        Some(&text[at..at + words.len()])
    })
}
