//! A tenant in memory.

use super::Refusal;
use crate::store::{FieldDefinition, PersonRecord, TemplateRecord, TenantRecord};
use email_signature::{
    Address, AddressError, CompiledTemplate, Draft, ImageMode, ImageUrls, Organisation, Person, Problem, Recipient,
    RecipientCondition, Rules, SenderCondition,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything of one tenant that signatures need, ready to use.
#[derive(Debug)]
pub struct Tenant {
    /// Our id: what image addresses and the store use.
    pub id: String,
    /// The Entra tenant id, lower case.
    pub entra_id: String,
    /// The organisation's name.
    pub name: String,
    /// Its mail domains, lower case.
    pub domains: Vec<String>,
    /// The version of the tenant that this is.
    pub version: i64,
    organisation: Organisation,
    fields: Vec<FieldDefinition>,
    /// Sorted by id. The indexes below hold positions instead of texts, which saves megabytes at 10,000 people.
    people: Vec<Entry>,
    /// Positions in `people`, sorted by object id.
    by_oid: Vec<u32>,
    /// (position in `people`, 0 or 1 + position of the alias), sorted by address.
    by_address: Vec<(u32, u32)>,
    rules: Rules,
    /// What is wrong with the rules.
    problems: Vec<Problem>,
    templates: BTreeMap<String, Arc<Prepared>>,
    urls: ImageUrls,
    /// Hashes of images, by name.
    images: BTreeMap<String, String>,
    /// Files of images that some template attaches, by hash.
    files: BTreeMap<String, Arc<[u8]>>,
    /// Whether any rule asks for recipients' groups: looking them up for nothing costs more than `select`.
    asks_groups: bool,
}

/// Somebody, as compact as 10,000 of them should be.
#[derive(Debug)]
struct Entry {
    person: Person,
    oid: Option<Box<str>>,
    shared: bool,
    own: BTreeMap<String, String>,
    /// Positions of the mailboxes that they may send from.
    may_send_as: Box<[u32]>,
}

/// A template, compiled once per version.
#[derive(Debug)]
pub(super) struct Prepared {
    version: i64,
    pub(super) compiled: CompiledTemplate,
    pub(super) offered_to: Option<Vec<SenderCondition>>,
}

impl Tenant {
    /// Makes a record ready. `files`: the images that [`Tenant::attached`] names; `before`: where compiled templates that
    /// did not change are taken from.
    pub(super) fn new(
        record: TenantRecord,
        files: BTreeMap<String, Arc<[u8]>>,
        origin: &str,
        before: Option<&Tenant>,
    ) -> Self {
        let TenantRecord { tenant, fields, groups, people, templates, rules, images } = record;
        let url = |hash: &str, name: &str| format!("{origin}/images/{}/{hash}/{name}", tenant.id);
        let urls = ImageUrls(images.iter().map(|image| (image.name.clone(), url(&image.hash, &image.name))).collect());
        let before = before.filter(|before| before.urls == urls);
        let templates = templates.into_iter().map(|record| prepare(record, &urls, before)).collect();
        let asks_groups = rules.iter().any(|rule| {
            let recipients = &rule.recipients;
            recipients
                .of
                .iter()
                .chain(&recipients.except)
                .any(|condition| matches!(condition, RecipientCondition::Group { .. }))
        });
        let (rules, problems) = Rules::compile(rules);
        let people = entries(people);
        Self {
            organisation: Organisation { domains: tenant.domains.clone(), groups },
            id: tenant.id,
            entra_id: tenant.entra_id,
            name: tenant.name,
            domains: tenant.domains,
            version: tenant.version,
            fields,
            by_oid: index_oids(&people),
            by_address: index_addresses(&people),
            people,
            rules,
            problems,
            templates,
            urls,
            images: images.into_iter().map(|image| (image.name, image.hash)).collect(),
            files,
            asks_groups,
        }
    }

    /// Hashes of the images that some template attaches: hosted ones are not kept in memory.
    pub(super) fn attached(record: &TenantRecord) -> BTreeSet<String> {
        let attaching = || record.templates.iter().map(|r| &r.template).filter(|t| t.images == ImageMode::Cid);
        let used = |name: &str| attaching().any(|template| template.html.contains(name));
        record.images.iter().filter(|image| used(&image.name)).map(|image| image.hash.clone()).collect()
    }

    /// Who signed in with this Entra object id. Shared mailboxes do not sign in.
    pub fn person_by_oid(&self, oid: &str) -> Option<&Person> {
        let oid = oid.to_lowercase();
        let found = self.by_oid.binary_search_by(|at| self.entry(*at).oid.as_deref().cmp(&Some(oid.as_str()))).ok()?;
        let entry = self.entry(self.by_oid[found]);
        (!entry.shared).then_some(&entry.person)
    }

    /// Who, or which shared mailbox, has this primary or alias address; any case.
    pub fn person_by_address(&self, address: &str) -> Option<&Person> {
        self.entry_by_address(&address.to_lowercase()).map(|entry| &entry.person)
    }

    /// The person with this primary address who has no Entra object id yet, for the first sign-in by address.
    pub fn unlinked_person_by_address(&self, address: &str) -> Option<&Person> {
        let address = address.to_lowercase();
        let entry = self.entry_by_address(&address)?;
        let primary = entry.person.address.as_str() == address;
        (primary && !entry.shared && entry.oid.is_none()).then_some(&entry.person)
    }

    /// Everybody and every shared mailbox, sorted by id.
    pub fn people(&self) -> impl ExactSizeIterator<Item = &Person> {
        self.people.iter().map(|entry| &entry.person)
    }

    /// Whether this is a shared mailbox.
    pub fn is_shared(&self, person: &Person) -> bool {
        self.entry_of(person).is_some_and(|entry| entry.shared)
    }

    /// The Entra object id, once they are linked.
    pub fn oid(&self, person: &Person) -> Option<&str> {
        self.entry_of(person)?.oid.as_deref()
    }

    /// Name of a group.
    pub fn group_name(&self, id: &str) -> Option<&str> {
        self.organisation.groups.get(id).map(String::as_str)
    }

    /// Every address that they may send from: their own, their aliases, mailboxes that let them.
    pub fn senders(&self, person: &Person) -> Vec<Address> {
        let mut senders = vec![person.address.clone()];
        senders.extend(person.aliases.iter().cloned());
        if let Some(entry) = self.entry_of(person) {
            senders.extend(entry.may_send_as.iter().map(|at| self.entry(*at).person.address.clone()));
        }
        senders
    }

    /// Fields that are custom or editable, in the admin's order.
    pub fn fields(&self) -> &[FieldDefinition] {
        &self.fields
    }

    /// The person's own value (source `self`) of a field, which removing would undo.
    pub fn own_value(&self, person: &Person, token: &str) -> Option<&str> {
        self.entry_of(person)?.own.get(token).map(String::as_str)
    }

    /// Bytes of an image that some template attaches.
    pub fn image_bytes(&self, hash: &str) -> Option<Arc<[u8]>> {
        self.files.get(hash).cloned()
    }

    /// What is wrong with templates and rules, for an admin.
    pub fn problems(&self) -> Vec<Problem> {
        let templates = self.templates.values().flat_map(|template| template.compiled.problems());
        templates.chain(&self.problems).cloned().collect()
    }

    /// How many templates there are.
    pub fn template_count(&self) -> usize {
        self.templates.len()
    }

    /// What the core needs to know of a draft from the wire: From filled in, addresses parsed, recipients' groups looked up.
    ///
    /// # Errors
    /// Every field at fault, named as in the body: `recipients[3].address`.
    pub fn draft(&self, user: &Person, draft: &api::Draft) -> Result<Draft, Vec<api::ErrorDetail>> {
        let mut errors = Vec::new();
        let mut wrong = |field: String, detail: String| errors.push(api::ErrorDetail { detail, field: Some(field) });
        let mut too_long = |field: &str, text: Option<&str>, limit: usize| {
            if text.is_some_and(|text| text.chars().count() > limit) {
                wrong(field.to_owned(), format!("at most {limit} characters"));
            }
        };
        too_long("subject", Some(&draft.subject), api::MAX_SUBJECT);
        too_long("platform", draft.platform.as_deref(), MAX_PLATFORM);
        too_long("choice", draft.choice.as_deref(), MAX_CHOICE);
        if draft.recipients.len() > api::MAX_RECIPIENTS {
            let detail = format!("at most {} recipients, not {}", api::MAX_RECIPIENTS, draft.recipients.len());
            wrong("recipients".to_owned(), detail);
            return Err(errors);
        }
        let from = draft.from.as_deref().map_or_else(|| Ok(user.address.clone()), Address::parse);
        let mut recipients = Vec::with_capacity(draft.recipients.len());
        for (at, recipient) in draft.recipients.iter().enumerate() {
            match Address::parse(&recipient.address) {
                Ok(address) => {
                    let groups = self.groups_of(&address);
                    recipients.push(Recipient { address, kind: recipient.kind, groups });
                }
                Err(error) => wrong(format!("recipients[{at}].address"), error.to_string()),
            }
        }
        let from = from.map_err(|error: AddressError| wrong("from".to_owned(), error.to_string()));
        match from {
            Ok(from) if errors.is_empty() => {
                Ok(Draft { kind: draft.kind, from, recipients, format: draft.format, subject: draft.subject.clone() })
            }
            _ => Err(errors),
        }
    }

    /// Whom a draft of `user` comes from: themselves, or the mailbox in From when it lets them.
    pub(super) fn sender<'a>(&'a self, user: &'a Person, draft: &Draft) -> Result<&'a Person, Refusal> {
        if draft.from == user.address || user.aliases.contains(&draft.from) {
            return Ok(user);
        }
        // An address that nobody has is no secret to keep: their private account, say, in the same Outlook.
        let Some(owner) = self.entry_by_address(draft.from.as_str()) else { return Ok(user) };
        let allowed = self
            .entry_of(user)
            .is_some_and(|entry| entry.may_send_as.iter().any(|at| self.entry(*at).person.id == owner.person.id));
        if allowed { Ok(&owner.person) } else { Err(Refusal::NotYours) }
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(super) fn organisation(&self) -> &Organisation {
        &self.organisation
    }

    pub(super) fn template(&self, id: &str) -> Option<&Prepared> {
        self.templates.get(id).map(Arc::as_ref)
    }

    pub(super) fn templates(&self) -> impl Iterator<Item = &Prepared> {
        self.templates.values().map(Arc::as_ref)
    }

    /// The file of an image that some template attaches, by name.
    pub(super) fn image_file(&self, name: &str) -> Option<Arc<[u8]>> {
        self.image_bytes(self.images.get(name)?)
    }

    fn groups_of(&self, address: &Address) -> Vec<String> {
        let known = self.asks_groups.then(|| self.entry_by_address(address.as_str())).flatten();
        known.map(|entry| entry.person.groups.clone()).unwrap_or_default()
    }

    fn entry(&self, at: u32) -> &Entry {
        &self.people[at as usize]
    }

    fn entry_of(&self, person: &Person) -> Option<&Entry> {
        let at = self.people.binary_search_by(|entry| entry.person.id.as_str().cmp(&person.id)).ok()?;
        self.people.get(at)
    }

    /// `address` in lower case.
    fn entry_by_address(&self, address: &str) -> Option<&Entry> {
        let found = self.by_address.binary_search_by(|at| address_at(&self.people, *at).cmp(address)).ok()?;
        Some(self.entry(self.by_address[found].0))
    }
}

/// Longest platform, as `api::Draft` says.
const MAX_PLATFORM: usize = 40;
/// Longest id of a template that is looked at.
const MAX_CHOICE: usize = 200;

fn prepare(record: TemplateRecord, urls: &ImageUrls, before: Option<&Tenant>) -> (String, Arc<Prepared>) {
    let TemplateRecord { version, template } = record;
    let same = before.and_then(|before| before.templates.get(&template.id)).filter(|before| before.version == version);
    let prepared = same.cloned().unwrap_or_else(|| {
        let (compiled, _) = CompiledTemplate::compile(&template, urls);
        Arc::new(Prepared { version, compiled, offered_to: template.offered_to.clone() })
    });
    (template.id, prepared)
}

fn entries(records: Vec<PersonRecord>) -> Vec<Entry> {
    let position = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let mut mailboxes: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for (mailbox, record) in records.iter().enumerate() {
        for id in &record.send_as {
            if let Ok(person) = records.binary_search_by(|other| other.person.id.cmp(id)) {
                mailboxes.entry(person).or_default().push(position(mailbox));
            }
        }
    }
    let entry = |(at, record): (usize, PersonRecord)| Entry {
        person: record.person,
        oid: record.oid.map(String::into_boxed_str),
        shared: record.shared,
        own: record.own,
        may_send_as: mailboxes.remove(&at).unwrap_or_default().into(),
    };
    records.into_iter().enumerate().map(entry).collect()
}

fn index_oids(people: &[Entry]) -> Vec<u32> {
    let mut index: Vec<u32> = (0..).zip(people).filter(|(_, entry)| entry.oid.is_some()).map(|(at, _)| at).collect();
    index.sort_by(|a, b| people[*a as usize].oid.cmp(&people[*b as usize].oid));
    index
}

fn index_addresses(people: &[Entry]) -> Vec<(u32, u32)> {
    let of_one = |(at, entry): (u32, &Entry)| (0..).take(1 + entry.person.aliases.len()).map(move |which| (at, which));
    let mut index: Vec<_> = (0..).zip(people).flat_map(of_one).collect();
    index.sort_by(|a, b| address_at(people, *a).cmp(address_at(people, *b)));
    index
}

fn address_at(people: &[Entry], (at, which): (u32, u32)) -> &str {
    let person = &people[at as usize].person;
    match which {
        0 => person.address.as_str(),
        alias => person.aliases[alias as usize - 1].as_str(),
    }
}
