//! Text that looks like a placeholder of ours, of another vendor or of Word, and was not filled.
//!
//! What people write between such marks for its own sake (`[he/him]`, «a quotation», 100 %, `{smile}`) must not be taken for
//! one: marks that are used for other things count only around names that are a field's, or look like a program's.

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Text,
    /// In an attribute. Percent signs there are escapes.
    Address,
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

/// Marks, and what makes a text between them a placeholder; longer marks first.
const MARKS: &[(&str, &str, Inside)] = &[
    ("{{", "}}", Inside::Anything),
    ("{%", "%}", Inside::Anything),
    ("%%", "%%", Inside::Words),
    ("##", "##", Inside::Name),
    ("@@", "@@", Inside::Name),
    ("[[", "]]", Inside::Words),
    ("<<", ">>", Inside::Words),
    ("${", "}", Inside::Words),
    ("{", "}", Inside::Words),
    ("«", "»", Inside::Known),
    ("[", "]", Inside::Field),
    ("<", ">", Inside::Field),
    ("$", "$", Inside::Name),
    ("%", "%", Inside::Name),
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
    // In other languages of companies that have asked.
    "abteilung",
    "anzeigename",
    "cargo",
    "firma",
    "funktion",
    "mobil",
    "nachname",
    "nom",
    "nombre",
    "prenom",
    "strasse",
    "telefon",
    "telefonnummer",
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
    let decoded = if place == Place::Address && text.contains('%') { Some(braces(text)) } else { None };
    let text = decoded.as_deref().unwrap_or(text);
    let mut add = |one: &str| {
        if !found.iter().any(|known| known == one) {
            found.push(one.to_owned());
        }
    };
    let mut rest = text;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let length = if matches!(c, '{' | '%' | '#' | '@' | '[' | '<' | '«' | '$') {
            marked(rest, before, place)
        } else {
            None
        };
        if let Some(length) = length {
            add(&rest[..length]);
        }
        let length = length.unwrap_or(c.len_utf8());
        before = rest[..length].chars().next_back().unwrap_or(' ');
        rest = &rest[length..];
    }
    if place == Place::Text
        && let Some(words) = filler(text)
    {
        add(words);
    }
}

/// The length of the placeholder that a text begins with.
fn marked(text: &str, before: char, place: Place) -> Option<usize> {
    for (open, close, inside) in MARKS {
        let Some(behind) = text.strip_prefix(open) else { continue };
        let window = &behind[..behind.floor_char_boundary(MAX_LENGTH)];
        let Some(end) = window.find(close) else { continue };
        let (inner, length) = (&window[..end], open.len() + end + close.len());
        let after = text[length..].chars().next().unwrap_or(' ');
        // One sign that opens and closes stands in prices and shares, too: there nothing is beside it.
        let single = open == close && open.len() == 1;
        let stands_alone = !before.is_alphanumeric() && !after.is_alphanumeric();
        if single && (!stands_alone || place == Place::Address && *open == "%") {
            continue;
        }
        if fits(inner, *inside) {
            return Some(length);
        }
    }
    None
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
    match inside {
        Inside::Anything => true,
        Inside::Words => {
            let words = inner.trim_start_matches(['/', '#', '^']);
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

/// An address with its braces as they are: browsers and the sanitiser write them as escapes.
fn braces(address: &str) -> String {
    let mut out = address.to_owned();
    for (escape, c) in
        [("%7B", "{"), ("%7b", "{"), ("%7D", "}"), ("%7d", "}"), ("%5B", "["), ("%5D", "]"), ("%20", " ")]
    {
        if out.contains(escape) {
            out = out.replace(escape, c);
        }
    }
    out
}
