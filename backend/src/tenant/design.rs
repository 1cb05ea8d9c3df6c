//! A tenant's compiled rules, templates, images and fields, shared by all snapshots until they change.

use super::blocks::SharedBlocks;
use super::lists::{Asked, Lists, Outsiders};
use super::made::Made;
use super::trial::{BRAND, Changes};
use crate::store::{DesignRecord, FieldDefinition, ImageRecord, TemplateRecord};
use email_signature::{
    Address, Brands, CompiledTemplate, ImageMode, ImageUrls, Organisation, Part, Problem, Rules, SenderCondition,
    Template, blocks_of,
};
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
    /// Without blocks.
    pub(super) templates: BTreeMap<String, Arc<Prepared>>,
    pub(super) blocks: Arc<SharedBlocks>,
    pub(super) brands: Arc<Brands>,
    pub(super) urls: ImageUrls,
    /// Hashes of images, by name.
    images: BTreeMap<String, String>,
    /// Files of attached images, by hash.
    pub(super) files: Files,
    /// What rules ask about recipients: looking it up unnecessarily costs more than `select`.
    pub(super) asked: Asked,
    pub(super) lists: Lists,
    pub(super) outsiders: Outsiders,
    pub(super) made: Made,
}

/// Version of an unpublished template in a trial; published ones are positive.
const TRIED: i64 = -1;

/// A template, compiled once per version and versions of its blocks.
#[derive(Debug)]
pub(crate) struct Prepared {
    version: i64,
    /// The blocks that it uses with their versions; `None`: there is no such block.
    blocks: Vec<(String, Option<i64>)>,
    /// The template itself, if it uses blocks.
    source: Option<Arc<Template>>,
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
        let DesignRecord {
            fields,
            groups,
            group_addresses,
            group_outsiders,
            templates,
            rules,
            brands,
            images,
            count_clicks: _,
        } = record;
        let organisation = Organisation { domains, groups };
        let mut lists = Lists::new();
        for (group, address) in group_addresses {
            lists.entry(address).or_default().push(group);
        }
        let mut outsiders = Outsiders::new();
        for (group, address) in group_outsiders {
            outsiders.entry(group).or_default().extend(Address::parse(&address).ok());
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
        let (blocks, templates) = split(templates);
        let blocks = Arc::new(SharedBlocks::new(blocks));
        let preparing = Preparing { urls: &urls, fields: &fields, blocks: &blocks, before };
        let templates = templates.into_iter().map(|record| preparing.prepare(record)).collect();
        Self {
            organisation,
            fields,
            rules,
            rule_problems,
            templates,
            blocks,
            brands: Arc::new(Brands::compile(brands)),
            urls,
            images: images.into_iter().map(|image| (image.name, image.hash)).collect(),
            files,
            asked,
            lists,
            outsiders,
            made,
        }
    }

    /// The same design with other templates, rules and brands; unchanged parts are shared. Templates that use changed blocks are
    /// changed, too.
    pub(super) fn trying(&self, changes: Changes) -> Self {
        let mut templates = self.templates.clone();
        let tried = |template| TemplateRecord { version: TRIED, template };
        let (blocks, others) = split(changes.templates.into_iter().map(tried).collect());
        for block in &blocks {
            templates.remove(&block.template.id);
        }
        let ids: BTreeSet<String> = blocks.iter().map(|block| block.template.id.clone()).collect();
        let blocks = if ids.is_empty() { Arc::clone(&self.blocks) } else { Arc::new(self.blocks.with(blocks)) };
        let preparing = Preparing { urls: &self.urls, fields: &self.fields, blocks: &blocks, before: None };
        let using = |prepared: &Arc<Prepared>| {
            let source = prepared.source.as_ref().filter(|_| prepared.uses_any(&ids))?;
            Some(TemplateRecord { version: prepared.version, template: Template::clone(source) })
        };
        let again: Vec<TemplateRecord> = templates.values().filter_map(using).collect();
        templates.extend(again.into_iter().chain(others).map(|record| preparing.prepare(record)));
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
            blocks,
            brands: changes.brands.map_or_else(|| Arc::clone(&self.brands), |brands| Arc::new(Brands::compile(brands))),
            urls: self.urls.clone(),
            images: self.images.clone(),
            files: self.files.clone(),
            asked,
            lists: self.lists.clone(),
            outsiders: self.outsiders.clone(),
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
    let all = || record.templates.iter().map(|record| &record.template);
    let blocks: BTreeMap<&str, &Template> =
        all().filter(|one| one.part == Part::Block).map(|block| (block.id.as_str(), block)).collect();
    let logos: Vec<&str> = record.brands.iter().flat_map(|brand| [&*brand.logo.image, &*brand.logo.dark]).collect();
    // A block's and a brand's images are sent as those of the template around it.
    let mut sources: Vec<&str> = Vec::new();
    for template in all().filter(|one| one.part != Part::Block && wanted(one.images)) {
        sources.push(&template.html);
        sources.extend(blocks_of(template).iter().filter_map(|id| Some(blocks.get(id.as_str())?.html.as_str())));
    }
    let shows_logos = sources.iter().any(|source| source.contains(BRAND));
    let is_used =
        |name: &str| sources.iter().any(|source| source.contains(name)) || shows_logos && logos.contains(&name);
    record.images.iter().filter(|image| is_used(&image.name)).map(|image| image.hash.clone()).collect()
}

/// Blocks, and templates of a signature's parts.
fn split(records: Vec<TemplateRecord>) -> (Vec<TemplateRecord>, Vec<TemplateRecord>) {
    records.into_iter().partition(|record| record.template.part == Part::Block)
}

/// What templates are compiled with.
struct Preparing<'a> {
    urls: &'a ImageUrls,
    fields: &'a [FieldDefinition],
    blocks: &'a SharedBlocks,
    before: Option<&'a Design>,
}

impl Preparing<'_> {
    /// A template, taken from the design before if neither it nor its blocks have changed.
    fn prepare(&self, TemplateRecord { version, template }: TemplateRecord) -> (String, Arc<Prepared>) {
        let blocks = self.blocks.used_by(&template);
        let same = self.before.and_then(|before| before.templates.get(&template.id));
        let same = same.filter(|before| before.version == version && before.blocks == blocks);
        let prepared = same.cloned().unwrap_or_else(|| {
            let (compiled, _) = CompiledTemplate::compile_with(&template, self.blocks.blocks(), self.urls);
            let compiled = compiled.knowing(self.fields.iter().map(|field| field.token.as_str()));
            let offered_to = template.offered_to.clone();
            let source = (!blocks.is_empty()).then(|| Arc::new(template.clone()));
            Arc::new(Prepared { version, blocks, source, compiled, offered_to })
        });
        (template.id, prepared)
    }
}

impl Prepared {
    /// Whether it uses one of these blocks.
    fn uses_any(&self, blocks: &BTreeSet<String>) -> bool {
        self.blocks.iter().any(|(id, _)| blocks.contains(id))
    }

    /// The template itself, if it uses this block.
    pub(crate) fn using(&self, block: &str) -> Option<&Template> {
        self.source.as_deref().filter(|_| self.blocks.iter().any(|(id, _)| id == block))
    }
}
