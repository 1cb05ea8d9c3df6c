//! What a company document says, as rows: pure, and where mistakes in the document are found.

use crate::config::is_guid;
use crate::store::design::images;
use crate::store::people::values;
use crate::store::rows::{Cell, Rows};
use crate::store::{Company, CompanyTemplate};
use crate::store::{Error, Source};
use email_signature::{BUILT_IN_FIELDS, Part, Template};
use std::collections::{BTreeMap, BTreeSet};

/// Why nothing was imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The document is wrong; the text names the entry and says what to do.
    #[error("{0}")]
    Document(String),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] Error),
}

/// From this likeness on (Jaro-Winkler, 0 to 1) one token is probably the other, mistyped.
const LIKELY: f64 = 0.85;

/// Largest image file: it travels with, or is fetched for, every mail.
const MAX_IMAGE: usize = 1024 * 1024;

/// The document's rows, by table.
pub(in crate::store) struct DocumentRows {
    pub(in crate::store) entra_id: String,
    pub(in crate::store) domains: Vec<String>,
    pub(in crate::store) fields: Rows,
    pub(in crate::store) groups: Rows,
    pub(in crate::store) people: Rows,
    pub(in crate::store) addresses: Rows,
    pub(in crate::store) memberships: Rows,
    pub(in crate::store) values: Rows,
    /// Who may send from a mailbox, by primary address until the database is asked who that is.
    pub(in crate::store) send_as: BTreeSet<(String, String)>,
    pub(in crate::store) templates: Vec<Template>,
    pub(in crate::store) rules: Rows,
    pub(in crate::store) images: Rows,
    pub(in crate::store) files: BTreeMap<String, (&'static str, Vec<u8>)>,
}

type Checked<T = ()> = Result<T, ImportError>;

fn wrong<T>(text: String) -> Checked<T> {
    Err(ImportError::Document(text))
}

/// The document's rows, or what is wrong with it by itself.
pub(in crate::store) fn rows_of(company: &Company, read: impl Fn(&str) -> Option<Vec<u8>>) -> Checked<DocumentRows> {
    let tenant = &company.tenant;
    if !is_guid(&tenant.entra_id) {
        return wrong(format!(
            "tenant.entra_id is {:?}: write the Entra tenant id, a GUID such as 11111111-2222-4333-8444-555555555555",
            tenant.entra_id
        ));
    }
    if tenant.domains.is_empty() {
        return wrong(
            "tenant.domains is empty: write the organisation's mail domains, so that it is known who is internal"
                .into(),
        );
    }
    let (images, files) = plan_images(company, &read)?;
    Ok(DocumentRows {
        entra_id: tenant.entra_id.to_lowercase(),
        domains: tenant.domains.iter().map(|domain| domain.to_lowercase()).collect(),
        fields: plan_fields(company)?,
        groups: unique(
            "groups",
            company.groups.iter().map(|group| (group.id.as_str(), vec![group.name.as_str().into()])),
        )?,
        people: plan_people(company)?,
        addresses: plan_addresses(company)?,
        memberships: plan_memberships(company),
        values: plan_values(company)?,
        send_as: company
            .people
            .iter()
            .flat_map(|mailbox| mailbox.send_as.iter().map(|who| (mailbox.id.clone(), who.to_string())))
            .collect(),
        templates: plan_templates(company, &read)?,
        rules: plan_rules(company)?,
        images,
        files,
    })
}

/// Rows with an id as their key, which must be there and there once.
fn unique<'a>(list: &str, entries: impl Iterator<Item = (&'a str, Vec<Cell>)>) -> Checked<Rows> {
    let mut rows = Rows::new();
    for (at, (id, values)) in entries.enumerate() {
        if id.trim().is_empty() {
            return wrong(format!("{list}[{at}] has no id: give it one that stays the same"));
        }
        if rows.insert(vec![id.into()], values).is_some() {
            return wrong(format!("{list}[{at}]: {id:?} is there twice: remove one, or give it another id"));
        }
    }
    Ok(rows)
}

/// Whether templates can use a text as a field's token.
///
/// # Errors
/// What to do instead.
pub fn check_token(token: &str) -> Result<(), &'static str> {
    let mut letters = token.chars();
    let starts = letters.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_');
    if !starts || !letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_') {
        return Err("write lower-case letters, digits and _ only, such as cost_centre");
    }
    if token == "email" {
        return Err("this cannot be edited: it is the address that a draft is sent from. Remove it");
    }
    Ok(())
}

fn plan_fields(company: &Company) -> Checked<Rows> {
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

fn plan_people(company: &Company) -> Checked<Rows> {
    let mut oids = BTreeSet::new();
    for person in &company.people {
        if let Some(oid) = &person.oid
            && !oids.insert(oid.to_lowercase())
        {
            return wrong(format!("people {:?}: the oid {oid} is there twice: every person has their own", person.id));
        }
    }
    let rows = company.people.iter().map(|person| {
        let oid = person.oid.as_ref().map_or(Cell::Null, |oid| oid.to_lowercase().into());
        (person.id.as_str(), vec![oid, Cell::Int(i64::from(person.shared))])
    });
    unique("people", rows)
}

fn plan_addresses(company: &Company) -> Checked<Rows> {
    let mut rows = Rows::new();
    for person in &company.people {
        let all = std::iter::once(&person.address).chain(&person.aliases);
        for (position, address) in (0_i64..).zip(all) {
            let values = vec![person.id.as_str().into(), Cell::Int(position)];
            if rows.insert(vec![address.as_str().into()], values).is_some() {
                return wrong(format!(
                    "people {:?}: the address {address} is there twice: every address belongs to one person or mailbox",
                    person.id
                ));
            }
        }
    }
    Ok(rows)
}

fn plan_memberships(company: &Company) -> Rows {
    let keys = company
        .people
        .iter()
        .flat_map(|person| person.groups.iter().map(|group| vec![person.id.as_str().into(), group.as_str().into()]));
    keys.map(|key| (key, Vec::new())).collect()
}

/// What the directory says of everybody.
fn plan_values(company: &Company) -> Checked<Rows> {
    let custom = company.fields.iter().map(|field| field.token.as_str());
    let known: BTreeSet<&str> = BUILT_IN_FIELDS.iter().map(|(token, _)| *token).chain(custom).collect();
    for person in &company.people {
        if let Some(unknown) = person.fields.keys().find(|token| !known.contains(token.as_str())) {
            return wrong(unknown_field(&person.id, unknown, &known));
        }
    }
    let values = company.people.iter().filter_map(|person| {
        let values = values::to_json(&person.fields)?;
        Some((vec![person.id.as_str().into(), Source::Entra.as_str().into()], vec![values.into()]))
    });
    Ok(values.collect())
}

fn unknown_field(person: &str, token: &str, known: &BTreeSet<&str>) -> String {
    let similar = known.iter().map(|known| (strsim::jaro_winkler(known, token), known));
    let nearest = similar.max_by(|one, other| one.0.total_cmp(&other.0)).filter(|(likeness, _)| *likeness > LIKELY);
    let meant = nearest.map(|(_, known)| format!("write {known:?} if that is meant, or ")).unwrap_or_default();
    format!("people {person:?}: there is no field {token:?}: {meant}add it to \"fields\"")
}

fn plan_templates(company: &Company, read: &impl Fn(&str) -> Option<Vec<u8>>) -> Checked<Vec<Template>> {
    unique("templates", company.templates.iter().map(|template| (template.id.as_str(), Vec::new())))?;
    company.templates.iter().map(|entry| plan_template(entry, read)).collect()
}

fn plan_template(entry: &CompanyTemplate, read: &impl Fn(&str) -> Option<Vec<u8>>) -> Checked<Template> {
    let text = |file: &str| match read(file).map(String::from_utf8) {
        Some(Ok(text)) => Ok(text),
        Some(Err(_)) => wrong(format!("templates {:?}: the file {file} is not UTF-8: save it as UTF-8", entry.id)),
        None => wrong(format!(
            "templates {:?}: the file {file} cannot be read: put it beside the document, or correct its name",
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

fn plan_rules(company: &Company) -> Checked<Rows> {
    let rows = (0_i64..).zip(&company.rules).map(|(priority, rule)| {
        let document = serde_json::to_string(rule).unwrap_or_default();
        (rule.id.as_str(), vec![Cell::Int(priority), document.into()])
    });
    unique("rules", rows)
}

/// That every template which a rule gives is there and of the right part. `parts`: those of all templates, by id.
pub(in crate::store) fn check_rules(company: &Company, parts: &BTreeMap<String, Part>) -> Checked {
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
                        "rules {:?}: there is no template {template:?} to give as {name}: add it, or correct the id",
                        rule.id
                    ));
                }
                Some(found) if *found != part => {
                    return wrong(format!(
                        "rules {:?}: the template {template:?} is no {name} but a {}: give one of that part",
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

fn plan_images(company: &Company, read: &impl Fn(&str) -> Option<Vec<u8>>) -> Checked<(Rows, Files)> {
    let (mut rows, mut files) = (Rows::new(), Files::new());
    for image in &company.images {
        let (name, file) = (&image.name, &image.file);
        if name.is_empty() || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter)) {
            return wrong(format!("images {name:?}: write letters, digits, dots and hyphens only, such as logo.png"));
        }
        let Some(bytes) = read(file) else {
            return wrong(format!(
                "images {name:?}: the file {file} cannot be read: put it beside the document, or correct its name"
            ));
        };
        let Some(content_type) = images::content_type(&bytes) else {
            return wrong(format!(
                "images {name:?}: {file} is neither PNG, JPEG nor GIF: Outlook shows only these everywhere"
            ));
        };
        if bytes.len() > MAX_IMAGE {
            return wrong(format!(
                "images {name:?}: {file} has {} bytes, more than {MAX_IMAGE}: make it smaller",
                bytes.len()
            ));
        }
        let hash = images::hash(&bytes);
        if rows.insert(vec![name.as_str().into()], vec![hash.as_str().into()]).is_some() {
            return wrong(format!("images {name:?} is there twice: remove one, or give it another name"));
        }
        files.insert(hash, (content_type, bytes));
    }
    Ok((rows, files))
}
