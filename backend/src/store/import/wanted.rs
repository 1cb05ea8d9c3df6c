//! Converts a company document to rows and checks it for mistakes. Pure.

use super::document::People;
use crate::config::is_guid;
use crate::store::design::images;
use crate::store::people::values;
use crate::store::rows::{Cell, Rows};
use crate::store::{Company, CompanyGroup, CompanyPerson, CompanyTemplate};
use crate::store::{Error, Source};
use email_signature::{Address, BUILT_IN_FIELDS, DomainPattern, Part, Template};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Why nothing was imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The document has a mistake; the text names the entry and says what to do.
    #[error("{0}")]
    Document(String),
    /// An error of the database.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Minimum similarity (Jaro-Winkler, 0 to 1) for which one token is probably a misspelling of the other.
const LIKELY: f64 = 0.85;

/// Maximum size of an image file, which is sent with or fetched for every mail.
const MAX_IMAGE: usize = 1024 * 1024;

/// The document's rows by table, except those of people.
pub(in crate::store) struct DocumentRows {
    pub(in crate::store) entra_id: Option<String>,
    pub(in crate::store) domains: Vec<String>,
    pub(in crate::store) fields: Rows,
    pub(in crate::store) groups: Rows,
    pub(in crate::store) group_addresses: Rows,
    pub(in crate::store) named: Named,
    pub(in crate::store) templates: Vec<Template>,
    pub(in crate::store) rules: Rows,
    pub(in crate::store) images: Rows,
    pub(in crate::store) files: BTreeMap<String, (&'static str, Vec<u8>)>,
}

/// Ids of the document's people, and their unique object ids and addresses.
#[derive(Default)]
pub(in crate::store) struct Named {
    pub(in crate::store) ids: HashSet<Box<str>>,
    /// Person id by object id.
    pub(in crate::store) oids: HashMap<Box<str>, Box<str>>,
    pub(in crate::store) addresses: HashSet<Box<str>>,
}

/// The rows of a batch of people.
#[derive(Default)]
pub(in crate::store) struct PeopleRows {
    pub(in crate::store) people: Rows,
    pub(in crate::store) addresses: Rows,
    pub(in crate::store) memberships: Rows,
    pub(in crate::store) values: Rows,
}

type Checked<T = ()> = Result<T, ImportError>;

fn wrong<T>(text: String) -> Checked<T> {
    Err(ImportError::Document(text))
}

/// Converts the document to rows, or returns its first mistake.
pub(in crate::store) fn rows_of<P: People>(
    company: &Company<P>,
    read: impl Fn(&str) -> Option<Vec<u8>>,
) -> Checked<DocumentRows> {
    let tenant = &company.tenant;
    if let Some(entra_id) = &tenant.entra_id
        && !is_guid(entra_id)
    {
        return wrong(format!(
            "tenant.entra_id is {entra_id:?}: enter the Entra tenant id, a GUID such as \
             11111111-2222-4333-8444-555555555555, or leave it out if the company has none"
        ));
    }
    if tenant.domains.is_empty() {
        return wrong(
            "tenant.domains is empty: add the organisation's mail domains, which tell internal recipients from \
             external ones"
                .into(),
        );
    }
    let (images, files) = plan_images(company, &read)?;
    Ok(DocumentRows {
        entra_id: tenant.entra_id.as_deref().map(str::to_lowercase),
        domains: tenant.domains.iter().map(|domain| DomainPattern::read(domain).to_string()).collect(),
        fields: plan_fields(company)?,
        groups: unique(
            "groups",
            company.groups.iter().map(|group| (group.id.as_str(), vec![group.name.as_str().into()])),
        )?,
        group_addresses: group_addresses(&company.groups),
        named: check_people(company)?,
        templates: plan_templates(company, &read)?,
        rules: plan_rules(company)?,
        images,
        files,
    })
}

fn group_addresses(groups: &[CompanyGroup]) -> Rows {
    let all = groups.iter().flat_map(|group| group.addresses.iter().map(|address| (group.id.as_str(), address)));
    all.map(|(group, address)| (vec![group.into(), address.as_str().into()], Vec::new())).collect()
}

/// Converts entries to rows with their id as key, which must exist and be unique.
fn unique<'a>(list: &str, entries: impl Iterator<Item = (&'a str, Vec<Cell>)>) -> Checked<Rows> {
    let mut rows = Rows::new();
    for (at, (id, values)) in entries.enumerate() {
        if id.trim().is_empty() {
            return wrong(no_id(list, at));
        }
        if rows.insert(vec![id.into()], values).is_some() {
            return wrong(id_twice(list, at, id));
        }
    }
    Ok(rows)
}

fn no_id(list: &str, at: usize) -> String {
    format!("{list}[{at}] has no id: add one that never changes")
}

fn id_twice(list: &str, at: usize, id: &str) -> String {
    format!("{list}[{at}]: {id:?} occurs twice: remove one, or give it another id")
}

/// Checks that templates can use a text as a field's token.
///
/// # Errors
/// What to do instead.
pub fn check_token(token: &str) -> Result<(), &'static str> {
    let mut letters = token.chars();
    let starts = letters.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_');
    if !starts || !letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_') {
        return Err("use only lower-case letters, digits and _, such as cost_centre");
    }
    if token == "email" {
        return Err("this is the address that a message is sent from, which cannot be edited. Remove it");
    }
    Ok(())
}

fn plan_fields<P>(company: &Company<P>) -> Checked<Rows> {
    for (at, field) in company.fields.iter().enumerate() {
        if let Err(detail) = check_token(&field.token) {
            return wrong(format!("fields[{at}].token is {:?}: {detail}", field.token));
        }
    }
    let rows = (0_i64..).zip(&company.fields).map(|(at, field)| {
        let edited_by = if field.editable { "person" } else { "editor" };
        let values = vec![field.label.as_str().into(), Cell::Int(at), edited_by.into(), Cell::Int(0)];
        (field.token.as_str(), values)
    });
    unique("fields", rows)
}

/// Checks that people have unique ids and addresses, and known fields.
fn check_people<P: People>(company: &Company<P>) -> Checked<Named> {
    let custom = company.fields.iter().map(|field| field.token.as_str());
    let known: BTreeSet<&str> = BUILT_IN_FIELDS.iter().map(|(token, _)| *token).chain(custom).collect();
    let (mut named, mut at) = (Named::default(), 0);
    for pack in company.people.packs() {
        for person in &*pack? {
            named.add(at, person)?;
            if let Some(unknown) = person.fields.keys().find(|token| !known.contains(token.as_str())) {
                return wrong(unknown_field(&person.id, unknown, &known));
            }
            at += 1;
        }
    }
    Ok(named)
}

impl Named {
    fn add(&mut self, at: usize, person: &CompanyPerson) -> Checked {
        let id = person.id.as_str();
        if id.trim().is_empty() {
            return wrong(no_id("people", at));
        }
        if !self.ids.insert(id.into()) {
            return wrong(id_twice("people", at, id));
        }
        if let Some(oid) = &person.oid
            && self.oids.insert(oid.to_lowercase().into(), id.into()).is_some()
        {
            return wrong(format!("people {id:?}: the oid {oid} occurs twice: every person has their own"));
        }
        for address in addresses(person) {
            if !self.addresses.insert(address.into()) {
                return wrong(format!(
                    "people {id:?}: the address {address} occurs twice: every address belongs to one person or mailbox"
                ));
            }
        }
        Ok(())
    }
}

fn addresses(person: &CompanyPerson) -> impl Iterator<Item = &str> {
    std::iter::once(&person.address).chain(&person.aliases).map(Address::as_str)
}

impl PeopleRows {
    /// The rows of these people, who have been checked by [`rows_of`].
    pub(in crate::store) fn of(people: &[CompanyPerson]) -> Self {
        let mut rows = Self::default();
        for person in people {
            let id = || Cell::from(person.id.as_str());
            let oid = person.oid.as_ref().map_or(Cell::Null, |oid| oid.to_lowercase().into());
            rows.people.insert(vec![id()], vec![oid, Cell::Int(i64::from(person.shared))]);
            for (position, address) in (0_i64..).zip(addresses(person)) {
                rows.addresses.insert(vec![address.into()], vec![id(), Cell::Int(position)]);
            }
            for group in &person.groups {
                rows.memberships.insert(vec![id(), group.as_str().into()], Vec::new());
            }
            if let Some(values) = values::to_json(&person.fields) {
                rows.values.insert(vec![id(), Source::Entra.as_str().into()], vec![values.into()]);
            }
        }
        rows
    }
}

fn unknown_field(person: &str, token: &str, known: &BTreeSet<&str>) -> String {
    let similar = known.iter().map(|known| (strsim::jaro_winkler(known, token), known));
    let nearest = similar.max_by(|one, other| one.0.total_cmp(&other.0)).filter(|(likeness, _)| *likeness > LIKELY);
    let meant = nearest.map(|(_, known)| format!("use {known:?} if you meant that field, or ")).unwrap_or_default();
    format!("people {person:?}: there is no field {token:?}: {meant}add it to \"fields\"")
}

fn plan_templates<P>(company: &Company<P>, read: &impl Fn(&str) -> Option<Vec<u8>>) -> Checked<Vec<Template>> {
    unique("templates", company.templates.iter().map(|template| (template.id.as_str(), Vec::new())))?;
    company.templates.iter().map(|entry| plan_template(entry, read)).collect()
}

fn plan_template(entry: &CompanyTemplate, read: &impl Fn(&str) -> Option<Vec<u8>>) -> Checked<Template> {
    let text = |file: &str| match read(file).map(String::from_utf8) {
        Some(Ok(text)) => Ok(text),
        Some(Err(_)) => wrong(format!("templates {:?}: the file {file} is not UTF-8: save it as UTF-8", entry.id)),
        None => wrong(format!(
            "templates {:?}: the file {file} cannot be read: put it next to the document, or correct its name",
            entry.id
        )),
    };
    Ok(Template {
        id: entry.id.clone(),
        name: entry.name.clone(),
        folder: entry.folder.clone(),
        part: entry.part,
        html: text(&entry.html)?,
        text: entry.text.as_deref().map(text).transpose()?,
        images: entry.images,
        offered_to: entry.offered_to.clone(),
    })
}

fn plan_rules<P>(company: &Company<P>) -> Checked<Rows> {
    let rows = (0_i64..).zip(&company.rules).map(|(priority, rule)| {
        let document = serde_json::to_string(rule).unwrap_or_default();
        (rule.id.as_str(), vec![Cell::Int(priority), document.into()])
    });
    unique("rules", rows)
}

/// Checks that the templates in rules exist and are of the right part. `parts`: the parts of all templates, by id.
pub(in crate::store) fn check_rules<P>(company: &Company<P>, parts: &BTreeMap<String, Part>) -> Checked {
    for rule in &company.rules {
        let given = [
            (Part::Signature, "signature", &rule.gives.signature),
            (Part::Campaign, "campaign", &rule.gives.campaign),
            (Part::Disclaimer, "disclaimer", &rule.gives.disclaimer),
        ];
        for (part, name, template) in given {
            let Some(template) = template else { continue };
            match parts.get(template) {
                None => {
                    return wrong(format!(
                        "rules {:?}: there is no template {template:?} to use as {name}: add it, or correct the id",
                        rule.id
                    ));
                }
                Some(found) if *found != part => {
                    return wrong(format!(
                        "rules {:?}: the template {template:?} is a {1}, not a {name}: use a template of the right \
                         part",
                        rule.id,
                        format!("{found:?}").to_lowercase()
                    ));
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}

type Files = BTreeMap<String, (&'static str, Vec<u8>)>;

fn plan_images<P>(company: &Company<P>, read: &impl Fn(&str) -> Option<Vec<u8>>) -> Checked<(Rows, Files)> {
    let (mut rows, mut files) = (Rows::new(), Files::new());
    for image in &company.images {
        let (name, file) = (&image.name, &image.file);
        if name.is_empty() || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter)) {
            return wrong(format!("images {name:?}: use only letters, digits, dots and hyphens, such as logo.png"));
        }
        let Some(bytes) = read(file) else {
            return wrong(format!(
                "images {name:?}: the file {file} cannot be read: put it next to the document, or correct its name"
            ));
        };
        let Some(content_type) = images::content_type(&bytes) else {
            return wrong(format!(
                "images {name:?}: {file} is not a PNG, JPEG or GIF file, the only formats that Outlook shows everywhere"
            ));
        };
        if bytes.len() > MAX_IMAGE {
            return wrong(format!(
                "images {name:?}: {file} has {} bytes, more than {MAX_IMAGE}: use a smaller file",
                bytes.len()
            ));
        }
        let hash = images::hash(&bytes);
        if rows.insert(vec![name.as_str().into()], vec![hash.as_str().into()]).is_some() {
            return wrong(format!("images {name:?} occurs twice: remove one, or give it another name"));
        }
        files.insert(hash, (content_type, bytes));
    }
    Ok((rows, files))
}
