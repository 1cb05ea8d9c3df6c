//! A tenant's compiled rules, templates, images and fields, shared by all snapshots until they change.

use super::lists::{Asked, Lists};
use super::made::Made;
use super::trial::Changes;
use crate::store::{DesignRecord, FieldDefinition, ImageRecord, TemplateRecord};
use email_signature::{CompiledTemplate, ImageMode, ImageUrls, Organisation, Problem, Rules, SenderCondition};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Files of images, by hash.
pub(super) type Files = BTreeMap<String, Arc<[u8]>>;

/// Rules, templates, images and fields.
#[derive(Debug)]
pub(super) struct Design {
    pub(super) organisation: Organisation,
    pub(super) fields: Vec<FieldDefinition>,
    pub(super) rules: Rules,
    /// Problems with the rules.
    rule_problems: Vec<Problem>,
    pub(super) templates: BTreeMap<String, Arc<Prepared>>,
    pub(super) urls: ImageUrls,
    /// Hashes of images, by name.
    images: BTreeMap<String, String>,
    /// Files of attached images, by hash.
    pub(super) files: Files,
    /// What rules ask about recipients: looking it up unnecessarily costs more than `select`.
    pub(super) asked: Asked,
    pub(super) lists: Lists,
    pub(super) made: Made,
}

/// Version of an unpublished template in a trial; published ones are positive.
const TRIED: i64 = -1;

/// A template, compiled once per version.
#[derive(Debug)]
pub(crate) struct Prepared {
    version: i64,
    pub(crate) compiled: CompiledTemplate,
    pub(crate) offered_to: Option<Vec<SenderCondition>>,
}

/// A design as it is stored.
pub(super) struct Stored {
    /// The tenant's mail domains.
    pub(super) domains: Vec<String>,
    pub(super) record: DesignRecord,
    /// The images that [`attached`] names.
    pub(super) files: Files,
}

impl Design {
    /// Compiles a stored design. Unchanged templates are taken from `before`.
    pub(super) fn new(stored: Stored, made: Made, before: Option<&Design>) -> Self {
        let Stored { domains, record, files } = stored;
        let DesignRecord { fields, groups, group_addresses, templates, rules, images, count_clicks: _ } = record;
        let organisation = Organisation { domains, groups };
        let mut lists = Lists::new();
        for (group, address) in group_addresses {
            lists.entry(address).or_default().push(group);
        }
        let url = |image: &ImageRecord| made.image(&image.hash, &image.name);
        let urls = ImageUrls(images.iter().map(|image| (image.name.clone(), url(image))).collect());
        let same_tokens = |before: &&Design| {
            let tokens =
                |fields: &[FieldDefinition]| fields.iter().map(|field| field.token.clone()).collect::<Vec<_>>();
            tokens(&before.fields) == tokens(&fields)
        };
        let before = before.filter(|before| before.urls == urls).filter(same_tokens);
        let asked = Asked::of(&rules);
        let (rules, rule_problems) = Rules::compile(rules);
        let prepare = |record| prepare(record, &urls, &fields, before);
        let templates = templates.into_iter().map(prepare).collect();
        Self {
            organisation,
            fields,
            rules,
            rule_problems,
            templates,
            urls,
            images: images.into_iter().map(|image| (image.name, image.hash)).collect(),
            files,
            asked,
            lists,
            made,
        }
    }

    /// The same design with other templates and rules; unchanged parts are shared.
    pub(super) fn trying(&self, changes: Changes) -> Self {
        let mut templates = self.templates.clone();
        let prepare = |template| prepare(TemplateRecord { version: TRIED, template }, &self.urls, &self.fields, None);
        templates.extend(changes.templates.into_iter().map(prepare));
        let (rules, rule_problems, asked) = match changes.rules {
            Some(rules) => {
                // Drafts are read once for both designs.
                let asked = Asked::of(&rules).or(&self.asked);
                let (rules, problems) = Rules::compile(rules);
                (rules, problems, asked)
            }
            None => (self.rules.clone(), self.rule_problems.clone(), self.asked.clone()),
        };
        Self {
            organisation: self.organisation.clone(),
            fields: self.fields.clone(),
            rules,
            rule_problems,
            templates,
            urls: self.urls.clone(),
            images: self.images.clone(),
            files: self.files.clone(),
            asked,
            lists: self.lists.clone(),
            made: self.made.clone(),
        }
    }

    /// Problems with templates and rules.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let templates = self.templates.values().flat_map(|template| template.compiled.problems());
        templates.chain(&self.rule_problems).cloned().collect()
    }

    /// The file of an attached image, by name.
    pub(super) fn image_file(&self, name: &str) -> Option<Arc<[u8]>> {
        self.files.get(self.images.get(name)?).cloned()
    }
}

/// Hashes of attached images.
pub(super) fn attached(record: &DesignRecord) -> BTreeSet<String> {
    used(record, |mode| mode == ImageMode::Cid)
}

/// Hashes of linked images.
pub(super) fn linked(record: &DesignRecord) -> BTreeSet<String> {
    used(record, |mode| mode != ImageMode::Cid)
}

fn used(record: &DesignRecord, wanted: impl Fn(ImageMode) -> bool) -> BTreeSet<String> {
    let templates = || record.templates.iter().map(|record| &record.template).filter(|one| wanted(one.images));
    let is_used = |name: &str| templates().any(|template| template.html.contains(name));
    record.images.iter().filter(|image| is_used(&image.name)).map(|image| image.hash.clone()).collect()
}

fn prepare(
    record: TemplateRecord,
    urls: &ImageUrls,
    fields: &[FieldDefinition],
    before: Option<&Design>,
) -> (String, Arc<Prepared>) {
    let TemplateRecord { version, template } = record;
    let same = before.and_then(|before| before.templates.get(&template.id)).filter(|before| before.version == version);
    let prepared = same.cloned().unwrap_or_else(|| {
        let (compiled, _) = CompiledTemplate::compile(&template, urls);
        let compiled = compiled.knowing(fields.iter().map(|field| field.token.as_str()));
        Arc::new(Prepared { version, compiled, offered_to: template.offered_to.clone() })
    });
    (template.id, prepared)
}
