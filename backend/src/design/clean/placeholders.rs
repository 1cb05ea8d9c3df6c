//! Other vendors' placeholders, and ours in their place.

use email_signature::BUILT_IN_FIELDS;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Our fields by what others call them, folded: letters and digits alone, in lower case.
const ALIASES: &[(&str, &[&str])] = &[
    ("display_name", &["fullname", "displayname", "name", "cn", "sendername", "employeename", "anzeigename"]),
    ("given_name", &["firstname", "givenname", "forename", "vorname", "prenom"]),
    ("surname", &["lastname", "surname", "sn", "familyname", "nachname", "nom"]),
    (
        "email",
        &["email", "mail", "emailaddress", "primarysmtpaddress", "windowsemailaddress", "smtpaddress", "senderemail"],
    ),
    ("title", &["title", "jobtitle", "position", "jobrole", "role", "funktion", "designation"]),
    ("department", &["department", "dept", "departmentname", "abteilung"]),
    ("company", &["company", "companyname", "organization", "organisation", "firma"]),
    ("office", &["office", "officelocation", "physicaldeliveryofficename", "officename"]),
    (
        "phone",
        &[
            "phone",
            "telephone",
            "tel",
            "phonenumber",
            "telephonenumber",
            "businessphone",
            "businessphones",
            "workphone",
            "officephone",
            "directphone",
            "telefon",
        ],
    ),
    ("mobile", &["mobile", "mobilephone", "cell", "cellphone", "mobilenumber", "mobilephonenumber", "mobil"]),
    ("fax", &["fax", "faxnumber", "facsimiletelephonenumber"]),
    ("website", &["website", "web", "url", "homepage", "wwwhomepage", "webpage", "companywebsite", "webaddress"]),
    ("street", &["street", "streetaddress", "address", "address1", "strasse"]),
    ("city", &["city", "town", "locality", "ort"]),
    ("state", &["state", "stateorprovince", "province", "region", "county"]),
    ("postal_code", &["postalcode", "zip", "zipcode", "postcode", "plz"]),
    ("country", &["country", "co", "countryorregion", "land"]),
    ("pronouns", &["pronouns"]),
    ("photo", &["photo", "picture", "userphoto", "thumbnailphoto", "profilepicture", "profilephoto", "avatar"]),
];

/// What stands around others' placeholders; the last: whether a name that nobody knows is one all the same.
const MARKS: &[(&str, &str, bool)] = &[
    ("{{", "}}", true),
    ("%%", "%%", true),
    ("[[", "]]", true),
    ("«", "»", true),
    ("&laquo;", "&raquo;", true),
    ("&lt;&lt;", "&gt;&gt;", true),
    ("${", "}", true),
    ("{", "}", false),
    ("[", "]", false),
];

/// Longest name of a placeholder, in bytes.
const MAX_NAME: usize = 60;
/// How many names are looked up: comparing each with every field takes work, and no signature has so many.
const MAX_LOOKED_UP: usize = 2_000;
/// What stands for a placeholder while the HTML is tidied: it may stand in a host, and nobody writes it.
const START: &str = "xparaphq";
const END: char = 'q';

/// Placeholders that were found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What each is in a template of ours.
    ours: Vec<String>,
    /// Others' names and ours.
    pub(super) renamed: BTreeSet<(String, String)>,
    /// Names that are no field here.
    pub(super) unknown: BTreeSet<String>,
    /// Conditions of others that were turned into ours, or taken out.
    pub(super) conditions: bool,
    /// How many names were looked up.
    looked_up: usize,
}

/// The HTML with a word for each placeholder. `fields`: tokens of the tenant's fields.
pub(super) fn take(html: &str, fields: &BTreeSet<String>, found: &mut Found) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(c) = rest.chars().next() {
        if matches!(c, '{' | '%' | '[' | '«' | '&' | '$')
            && let Some((length, written)) = placeholder(rest, fields, found)
        {
            if let Some(written) = written {
                // Writing into a string cannot fail.
                let _ = write!(out, "{START}{}{END}", found.ours.len());
                found.ours.push(written);
            }
            rest = &rest[length..];
            continue;
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Puts our placeholders where the words are.
pub(super) fn put(html: &str, found: &Found) -> String {
    let mut out = String::with_capacity(html.len() * 2);
    let mut rest = html;
    while let Some(at) = rest.find(START) {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let behind = &behind[START.len()..];
        let digits = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let known = behind[..digits].parse().ok().and_then(|number: usize| found.ours.get(number));
        if let Some(ours) = known.filter(|_| behind[digits..].starts_with(END)) {
            let ours = in_place(&out, ours);
            out.push_str(&ours);
            rest = &behind[digits + END.len_utf8()..];
        } else {
            out.push_str(START);
            rest = behind;
        }
    }
    out.push_str(rest);
    out
}

/// With the filter that its place asks for.
fn in_place(before: &str, ours: &str) -> String {
    let Some(name) = ours.strip_prefix("{{ ").and_then(|rest| rest.strip_suffix(" }}")) else { return ours.to_owned() };
    match name {
        "website" if before.ends_with("href=\"") => "{{ website|url }}".into(),
        "phone" | "mobile" | "fax" if before.ends_with("tel:") => format!("{{{{ {name}|tel }}}}"),
        "photo" if before.ends_with("src=\"") => "image:{{ photo }}".into(),
        _ => ours.to_owned(),
    }
}

/// A placeholder at the beginning of `text`: its length, and what it is here; no text: it goes.
fn placeholder(text: &str, fields: &BTreeSet<String>, found: &mut Found) -> Option<(usize, Option<String>)> {
    if text.starts_with("{%") {
        // One of our own conditions.
        let text = &text[..text.floor_char_boundary(MAX_NAME * 4)];
        let end = text.find("%}")? + 2;
        return (!text[..end].contains('<')).then(|| (end, Some(text[..end].to_owned())));
    }
    for (open, close, always) in MARKS {
        let Some(inside) = text.strip_prefix(open) else { continue };
        let inside = &inside[..inside.floor_char_boundary(MAX_NAME)];
        let Some(end) = inside.find(close) else { continue };
        let name = inside[..end].trim();
        let length = open.len() + end + close.len();
        if name.is_empty() || name.contains(['<', '>', '"', ':', ';', '=']) {
            continue;
        }
        found.looked_up += 1;
        if found.looked_up > MAX_LOOKED_UP {
            return None;
        }
        if let Some(condition) = condition(name, fields) {
            found.conditions = true;
            return Some((length, Some(condition).filter(|condition| !condition.is_empty())));
        }
        if let Some(ours) = known(name, fields) {
            if ours != name {
                found.renamed.insert((text[..length].to_owned(), ours.clone()));
            }
            return Some((length, Some(format!("{{{{ {ours} }}}}"))));
        }
        if *open == "{{" && name.split_once('|').is_some_and(|(field, _)| is_field(field.trim(), fields)) {
            return Some((length, Some(format!("{{{{ {name} }}}}"))));
        }
        let wordy =
            name.chars().all(|c| c.is_alphanumeric() || " _-.".contains(c)) && name.contains(char::is_alphabetic);
        if *always && wordy {
            let ours = token(name);
            found.unknown.insert(ours.clone());
            found.renamed.insert((text[..length].to_owned(), ours.clone()));
            return Some((length, Some(format!("{{{{ {ours} }}}}"))));
        }
    }
    None
}

/// Conditions as others write them, `{{#if Title}}`, `{{/if}}`, `{rt}`, in our words; empty: it is not needed.
fn condition(name: &str, fields: &BTreeSet<String>) -> Option<String> {
    let lower = name.to_lowercase();
    match &*lower {
        // Rows without values are left out by themselves.
        "rt" | "/rt" => return Some(String::new()),
        "/if" | "end" | "endif" => return Some("{% endif %}".into()),
        "else" => return Some("{% else %}".into()),
        _ => {}
    }
    let asked = lower.strip_prefix("#if ").or(lower.strip_prefix("if "))?.trim();
    let ours = known(asked, fields).unwrap_or_else(|| token(asked));
    Some(format!("{{% if {ours} %}}"))
}

/// Our field of that name, or of one that others give it.
fn known(name: &str, fields: &BTreeSet<String>) -> Option<String> {
    if is_field(name, fields) {
        return Some(name.to_owned());
    }
    let name = ["user.", "sender.", "contact.", "employee.", "person.", "ad.", "field."]
        .into_iter()
        .find_map(|start| {
            name.get(..start.len()).filter(|found| found.eq_ignore_ascii_case(start)).map(|_| &name[start.len()..])
        })
        .unwrap_or(name);
    let folded: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let alias = ALIASES.iter().find(|(_, names)| names.contains(&&*folded)).map(|(token, _)| (*token).to_owned());
    alias.or_else(|| fields.iter().find(|field| field.replace('_', "") == folded).cloned())
}

fn is_field(name: &str, fields: &BTreeSet<String>) -> bool {
    let name = name.strip_prefix("manager.").unwrap_or(name);
    fields.contains(name)
        || matches!(name, "vcard_qr" | "today")
        || BUILT_IN_FIELDS.iter().any(|(token, _)| *token == name)
}

/// What a field of that name could have as its token.
fn token(name: &str) -> String {
    let mut token = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && token.ends_with(|before: char| before.is_ascii_lowercase()) {
            token.push('_');
        }
        if c.is_ascii_alphanumeric() {
            token.push(c.to_ascii_lowercase());
        } else if !token.is_empty() && !token.ends_with('_') {
            token.push('_');
        }
    }
    let token = token.trim_matches('_');
    let starts_well = token.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts_well { token.to_owned() } else { format!("field_{token}") }
}
