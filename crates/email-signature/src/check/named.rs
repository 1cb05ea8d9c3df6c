//! What is wrong with the blocks that a template uses.

use super::{MAX_FINDINGS, check_own};
use crate::lint::source;
use crate::render::blocks::{self, Include};
use crate::render::html::{bulk, measure};
use crate::render::language::Program;
use crate::{Blocks, Finding, ImageUrls, Level, Part, Template};
use std::collections::BTreeMap;

/// What is wrong with the blocks that a template names, and with the whole if it is not with the template itself.
pub(super) fn findings<'s>(
    template: &'s Template,
    known: &Blocks,
    images: &ImageUrls,
    fields: &[&str],
) -> Vec<Finding> {
    let is_block = template.part == Part::Block;
    let detail = |id: &str| {
        if is_block {
            let detail = "A block cannot use other blocks: remove this one, and let the template use both.";
            return Some(detail.to_owned());
        }
        known.fault(id).or_else(|| inside(known.get(id)?, images, fields))
    };
    let mut findings = Vec::new();
    // A template can name the same block many times.
    let mut told: BTreeMap<&str, Option<String>> = BTreeMap::new();
    let mut one = |include: Include<'s>, in_text: bool| {
        let detail = told.entry(include.id).or_insert_with(|| detail(include.id)).clone();
        findings.extend(detail.map(|detail| Finding { in_text, ..Finding::problem(detail, Some(include.at)) }));
    };
    let includes = blocks::includes(&template.html).take(MAX_FINDINGS);
    includes.for_each(|include| one(include, false));
    let in_text = template.text.as_deref().into_iter().flat_map(blocks::includes).take(MAX_FINDINGS);
    in_text.for_each(|include| one(include, true));
    let first = blocks::includes(&template.html).next().map(|include| include.at);
    if first.is_some() && Program::compile(&blocks::without(&template.html)).is_ok() {
        let whole = known.expand(template).template.html;
        let masked = || measure::measure(&bulk::stripped(&source::mask(&whole).text));
        if let Some(clause) = Program::compile(&whole).err().or_else(|| masked().err()) {
            findings.push(Finding::problem(format!("With its blocks, it cannot be used: {clause}."), first));
        }
    }
    findings
}

/// How much is wrong inside a block.
fn inside(block: &Template, images: &ImageUrls, fields: &[&str]) -> Option<String> {
    let found = check_own(block, images, fields);
    let count = found.iter().filter(|finding| finding.level == Level::Problem).count();
    let problems = if count == 1 { "a problem".to_owned() } else { format!("{count} problems") };
    (count > 0).then(|| format!("The block “{}” has {problems}: open it to see more.", block.name))
}
